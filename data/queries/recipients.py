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


def find(session: Session, search: str = "", *, limit: int | None = None) -> Found:
    """Give the recipients whose name, id or consent note holds a text (all, without one), by name."""
    link, chosen = session.connection(), _chosen(search)
    total = link.execute(select(func.count()).select_from(chosen.subquery())).scalar_one()
    ordered = chosen.order_by(recipients.c.name_key, recipients.c.id).limit(limit)
    return Found(total, tuple(Listed(*row) for row in link.execute(ordered)))


def offered(session: Session, chosen: str | None, *, most: int) -> Found:
    """Give the first recipients by name, and behind them the one who is chosen, if that is none of them."""
    found = find(session, limit=most)
    if not chosen or any(each.name == chosen for each in found.rows):
        return found
    row = session.connection().execute(_chosen("").where(recipients.c.name_key == key(chosen))).one_or_none()
    return found if row is None else found._replace(rows=(*found.rows, Listed(*row)))


def _chosen(search: str) -> Select[Any]:
    kept = select(*(recipients.c[name] for name in _COLUMNS)).where(recipients.c.removed_at.is_(None))
    text = folded(search)
    if not text:
        return kept
    named = recipients.c.name_key.contains(text, autoescape=True)
    told = (recipients.c[name].icontains(text, autoescape=True) for name in ("igsid", "consent"))
    return kept.where(or_(named, *told))
