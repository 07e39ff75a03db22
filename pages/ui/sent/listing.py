"""The sent messages as a list of which a press opens one; it is made once, and again after any commit."""

from datetime import timedelta
from typing import Any, NamedTuple

from data import silence
from data.queries import messages
from data.queries.messages import Filter, MessageRow
from data.queries.newest import Stretch
from data.types import LEAVING
from pages.ui import choosing, formats, paging, resources
from pages.ui.sent import looks
from pages.ui.table import cells
from pages.ui.table.cells import Chip, Column
from pages.ui.table.draw import Parts, Sheet
from pages.ui.text import short
from services.messages_address import OPEN, SILENT, Asked

_SHOWN = 120
_HELP = f"{SILENT}: the vendor owes a word, and nothing was heard for {silence.AFTER // timedelta(minutes=1)} minutes"
_MOVING = frozenset({*LEAVING, *silence.AWAITED})
"""The states of a message of which more is about to be told."""


class Listed(NamedTuple):
    """A page of messages: its rows, the same as a table, and whether any of them moves."""

    rows: Stretch
    sheet: Sheet
    moving: bool


def asked(found: Asked) -> Listed:
    """Ask for the page that the address names."""
    after, before = paging.places()
    return resources.kept(_page, found.filter, after=after, before=before, oldest_first=found.oldest_first)


def table(found: Listed) -> None:
    """Draw the page."""
    label = f"Table of {formats.plural(len(found.sheet.ids), 'message')} with recipient, state and text"
    choosing.row(found.sheet, parameter=OPEN, label=label, required=False)


def _page(session: Any, wanted: Filter, *, after: int | None, before: int | None, oldest_first: bool) -> Listed:
    number = resources.kept(messages.counted, wanted)
    rows = messages.page(session, wanted, after=after, before=before, oldest_first=oldest_first, number=number)
    sheet = Sheet.of(_PARTS, rows.rows, [str(row.id) for row in rows.rows])
    return Listed(rows, sheet, any(row.state in _MOVING for row in rows.rows))


def _state(row: MessageRow) -> list[Chip]:
    return [cells.chip(looks.state(row.state)), *([(SILENT, "orange")] if looks.quiet(row) else [])]


_PARTS: Parts[MessageRow] = [
    (Column("at", "When", "ago", 88), lambda row: cells.instant(row.created_at)),
    (Column("to", "To", "link", 126), lambda row: cells.text(row.recipient)),
    (Column("state", "State", "chips", 148, _HELP), _state),
    (Column("says", "Message", "text", 212), lambda row: short(looks.summary(row.payload), _SHOWN)),
    (Column("kind", "Kind", "text", 70, later=True), lambda row: looks.family(row.family)),
    (Column("why", "Why", "text", 190), lambda row: cells.text(row.reason)),
    (Column("from", "As", "text", 86, later=True), lambda row: cells.text(row.source)),
    (Column("by", "By", "text", 74, later=True), lambda row: cells.text(row.person)),
    (Column("message", "Number", "number", 70, format="plain", later=True), lambda row: row.id),
]
