"""Files of sent messages: those that match, as CSV or Parquet; that one was taken stands in the audit trail."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from data.queries import message_cells
from data.queries.export import Columns
from data.queries.messages import Filter
from services.access import Actor, Permission, requires
from services.desk import Desk
from services.exports import About, Export, Form

ACTION = "export.messages"


@requires(Permission.SEE_MESSAGES, ACTION, "messages as {}")
def export(desk: Desk, actor: Actor, form: Form, wanted: Filter) -> Export:
    """Begin an export of the messages that there are now, the oldest first."""
    with desk.store.reading() as session:
        upto = message_cells.highest(session)
        expected = message_cells.number_of(session, wanted, upto=upto)
    about = About(ACTION, f"messages as {form}", {"filter": _told(wanted)}, message_cells.COLUMNS)
    begun = Export(desk, actor, form, about, expected=expected, stretches=_stretches(desk, wanted, upto))
    begun.record("started")
    return begun


def _told(wanted: Filter) -> dict[str, Any]:
    """Give a question for the audit trail: what was set."""
    given = {item.name: getattr(wanted, item.name) for item in fields(Filter)}
    told = {item.name: given[item.name] for item in fields(Filter) if given[item.name] != item.default}
    return {name: list(value) if isinstance(value, tuple) else str(value) for name, value in told.items()}


def _stretches(desk: Desk, wanted: Filter, upto: int) -> Iterator[Columns]:
    """Read a stretch at a time, each in a read of its own."""
    above = 0
    while above < upto:
        with desk.store.reading() as session:
            columns, above = message_cells.cells(session, wanted, above=above, upto=upto)
        yield columns
