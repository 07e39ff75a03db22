"""Sent messages for a file: which columns, and the rows a stretch at a time, the oldest first."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from data.queries import message_filters
from data.queries._tables import messages, sources
from data.queries.export import Columns, Holds
from data.queries.message_filters import Filter
from data.store import Session

STRETCH = 1_000
_here = messages.c

COLUMNS: dict[str, Holds] = {
    "id": Holds.WHOLE,
    **dict.fromkeys(("source", "to", "igsid", "family", "state", "transid", "correlation_id"), Holds.TEXT),
    **dict.fromkeys(("code", "reason", "person"), Holds.TEXT),
    **dict.fromkeys(
        (
            *("created_at", "posting_at", "answered_at", "submitted_at", "delivered_at", "read_at", "failed_at"),
            "heard_at",
        ),
        Holds.INSTANT,
    ),
    "attempt_of": Holds.WHOLE,
    "sending_id": Holds.WHOLE,
    "payload": Holds.TEXT,
}
"""What is exported of a message: how it stands, each instant of its way, and the JSON that left.

`to` is the recipient's name, as `messages --json` has it; the address that the vendor knows is `igsid`.
"""
_KEPT_AS = {"source": sources.c.name, "to": _here.recipient, "igsid": _here.to}
"""Where a column is kept that has another name here."""


def highest(session: Session) -> int:
    """Give the newest number, 0 when there is no message."""
    return int(session.connection().execute(select(func.coalesce(func.max(_here.id), 0))).scalar_one())


def number_of(session: Session, wanted: Filter, *, upto: int) -> int:
    """Count the messages that match, up to a number."""
    conditions = message_filters.conditions(session, wanted)
    query = select(func.count()).select_from(messages).where(_here.id <= upto, *conditions)
    return int(session.connection().execute(query).scalar_one())


def cells(session: Session, wanted: Filter, *, above: int, upto: int) -> tuple[Columns, int]:
    """Give the next messages above a number, by columns, and the number of the last one."""
    shown = (_KEPT_AS[name].label(name) if name in _KEPT_AS else _here[name] for name in COLUMNS)
    query = select(*shown).select_from(messages.join(sources, sources.c.id == _here.source_id))
    query = query.where(_here.id > above, _here.id <= upto, *message_filters.conditions(session, wanted))
    rows = session.connection().execute(query.order_by(_here.id).limit(STRETCH)).all()
    columns: Columns = [list(map(_cell, column)) for column in zip(*rows, strict=True)]
    return columns, int(rows[-1].id) if rows else upto


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
