"""Recipients: the named test recipients, as the page, the composer and the command line show them."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, func, or_, select

from data.names import key
from data.queries._tables import recipients
from data.queries.filters import folded
from data.store import Session

_COLUMNS = ("id", "name", "igsid", "variables", "consent", "created_by", "created_at", "changed_at")


class Listed(NamedTuple):
    """One recipient that was not removed."""

    id: int
    name: str
    igsid: str
    variables: dict[str, str]
    consent: str
    created_by: str
    created_at: datetime
    changed_at: datetime


class Found(NamedTuple):
    """Recipients by name, at most as many as were asked for, and how many there are."""

    total: int
    rows: tuple[Listed, ...]


class Names(NamedTuple):
    """Recipients by name, at most as many as were asked for, and how many there are."""

    total: int
    names: tuple[str, ...]


def find(session: Session, search: str = "", *, limit: int | None = None) -> Found:
    """Give the recipients whose name, id or consent note holds a text (all, without one), by name."""
    link, chosen = session.connection(), _chosen(search)
    total = link.execute(chosen.with_only_columns(func.count())).scalar_one()
    ordered = chosen.order_by(recipients.c.name_key, recipients.c.id).limit(limit)
    return Found(total, tuple(Listed(*row) for row in link.execute(ordered)))


def names(session: Session, search: str = "", *, limit: int | None = None) -> Names:
    """Give the names of whom `find` gives, without what is kept of them: quick for a choice among thousands."""
    link, chosen = session.connection(), _chosen(search)
    total = link.execute(chosen.with_only_columns(func.count())).scalar_one()
    ordered = chosen.with_only_columns(recipients.c.name).order_by(recipients.c.name_key, recipients.c.id)
    return Names(total, tuple(link.execute(ordered.limit(limit)).scalars()))


def one(session: Session, name: str) -> Listed | None:
    """Give the recipient of a name, unless removed."""
    row = session.connection().execute(_chosen("").where(recipients.c.name_key == key(name))).one_or_none()
    return None if row is None else Listed(*row)


def _chosen(search: str) -> Select[Any]:
    kept = select(*(recipients.c[name] for name in _COLUMNS)).where(recipients.c.removed_at.is_(None))
    text = folded(search)
    if not text:
        return kept
    named = recipients.c.name_key.contains(text, autoescape=True)
    told = (recipients.c[name].icontains(text, autoescape=True) for name in ("igsid", "consent"))
    return kept.where(or_(named, *told))
