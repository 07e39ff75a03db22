"""Drafts and templates: messages in the making, as the composer opens and lists them."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, select

from data.queries._tables import drafts, message_templates, recipients, sources
from data.store import Session

MOST = 200
"""Drafts that a list shows: the ones that were saved last."""


class Draft(NamedTuple):
    """One draft, with its source and its recipient by name (None while none is chosen).

    `press` is what the next press of its send button is known by. Of a source or a recipient that was removed since,
    or a source that is switched off, the name stays: `source_gone` and `recipient_gone` say so.
    """

    id: str
    owner: str
    body: dict[str, Any]
    version: int
    press: str
    created_at: datetime
    saved_at: datetime
    saved_by: str
    source: str | None
    source_gone: bool
    recipient: str | None
    recipient_gone: bool


class Template(NamedTuple):
    """One template: a message kept under a name for everybody who composes."""

    id: int
    name: str
    body: dict[str, Any]
    version: int
    created_by: str
    created_at: datetime
    saved_by: str
    saved_at: datetime


def one(session: Session, number: str) -> Draft | None:
    """Give a draft by its id, unless it was discarded."""
    row = session.connection().execute(_drafts().where(drafts.c.id == number)).one_or_none()
    return None if row is None else Draft._make(row)


def mine(session: Session, username: str, *, most: int = MOST) -> tuple[Draft, ...]:
    """Give a person's own drafts, the one saved last first."""
    return _listed(session, _drafts().where(drafts.c.owner == username), most)


def every(session: Session, *, most: int = MOST) -> tuple[Draft, ...]:
    """Give everybody's drafts, the one saved last first."""
    return _listed(session, _drafts(), most)


def template(session: Session, number: int) -> Template | None:
    """Give a template by its number, unless it was removed."""
    row = session.connection().execute(_templates().where(message_templates.c.id == number)).one_or_none()
    return None if row is None else Template._make(row)


def templates(session: Session) -> tuple[Template, ...]:
    """Give every template by name."""
    ordered = _templates().order_by(message_templates.c.name_key)
    return tuple(Template._make(row) for row in session.connection().execute(ordered))


def _listed(session: Session, query: Select[Any], most: int) -> tuple[Draft, ...]:
    ordered = query.order_by(drafts.c.saved_at.desc(), drafts.c.id).limit(most)
    return tuple(Draft._make(row) for row in session.connection().execute(ordered))


def _drafts() -> Select[Any]:
    told = ("id", "owner", "body", "version", "press", "created_at", "saved_at", "saved_by")
    gone = sources.c.removed_at.is_not(None) | sources.c.enabled.is_(False)
    named = (sources.c.name, gone, recipients.c.name, recipients.c.removed_at.is_not(None))
    joined = drafts.outerjoin(sources, sources.c.id == drafts.c.source_id)
    joined = joined.outerjoin(recipients, recipients.c.id == drafts.c.recipient_id)
    return select(*(drafts.c[name] for name in told), *named).select_from(joined).where(drafts.c.removed_at.is_(None))


def _templates() -> Select[Any]:
    told = (message_templates.c[name] for name in Template._fields)
    return select(*told).where(message_templates.c.removed_at.is_(None))
