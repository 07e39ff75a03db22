"""Exports: what somebody sees, or everything, as a file; the audit trail knows it before the first row leaves."""

from array import array
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from data.queries import export, export_past
from data.queries.export import Columns, Holds
from data.queries.filters import Filter
from data.queries.orders import Order
from data.store import Session
from services import audit, sheets
from services.access import Actor, Permission, requires
from services.desk import Desk
from services.failures import Misuse

ACTION = "export.connections"
MOST_CHOSEN = 200
"""Rows that can be chosen one by one: their ids travel in an address."""
_IDS_TOLD = 20


class Form(StrEnum):
    """The kinds of file, by the ending of their names."""

    CSV = "csv"
    PARQUET = "parquet"
    JSON_LINES = "jsonl"


@dataclass(frozen=True)
class Question:
    """Which connections to export, and in which order; with `ids` those alone, whatever the filter.

    With `accounts` each id stands for its whole account, and the health asked for is that of accounts. With `at` they
    are those of that instant, when each connection stood for itself.
    """

    filter: Filter = field(default_factory=Filter)
    order: Order = Order.WORST_HEALTH
    ids: Sequence[str] = ()
    accounts: bool = False
    at: datetime | None = None

    def told(self) -> dict[str, Any]:
        """Give it for the audit trail: what differs from asking for everything."""
        if self.ids:
            chosen = {"chosen": len(self.ids), "ids": list(self.ids[:_IDS_TOLD]), "order": self.order.value}
            return chosen | ({"accounts": True} if self.accounts else {}) | self._then()
        narrowing = {item.name: getattr(self.filter, item.name) for item in fields(Filter)}
        set_ones = {item.name: narrowing[item.name] for item in fields(Filter) if narrowing[item.name] != item.default}
        return {"filter": set_ones, "order": self.order.value} | self._then()

    def _then(self) -> dict[str, Any]:
        return {"as_of": self.at.isoformat()} if self.at else {}

    def numbers(self, session: Session) -> "array[int]":
        """Give the numbers of what is asked for, in order."""
        if self.at is not None:
            if self.ids:
                return export_past.numbers_of(session, self.ids, self.order, self.at)
            return export_past.numbers(session, self.filter, self.order, self.at)
        if self.ids:
            return export.numbers_of(session, self.ids, self.order, accounts=self.accounts)
        return export.numbers(session, self.filter, self.order, accounts=self.accounts)

    def cells(self, session: Session, some: Sequence[int]) -> Columns:
        """Give the cells of some of them; of what is, without those that no longer match."""
        if self.at is not None:
            return export_past.cells(session, some, self.at)
        return export.cells(session, some, Filter() if self.ids else self.filter, accounts=self.accounts)


@dataclass(frozen=True)
class About:
    """What a file is of: its columns, and how the audit trail names it, with what was asked for."""

    action: str
    subject: str
    asked: dict[str, Any]
    columns: Mapping[str, Holds]
    day: date | None = None
    """The past day that it is of; None for now."""


class Export:
    """A file on its way: how many rows it should have, how many were written, and its pieces."""

    def __init__(
        self, desk: Desk, actor: Actor, form: Form, about: About, *, expected: int, stretches: Iterator[Columns]
    ) -> None:
        self._desk = desk
        self._actor = actor
        self._form = form
        self._about = about
        self._stretches = stretches
        self.expected = expected
        self.rows = 0

    @property
    def day(self) -> date | None:
        """Give the past day that the file is of; None for now."""
        return self._about.day

    def record(self, outcome: str) -> None:
        """Write down how it stands: "started", and later "done" or "broken off"."""
        told = self._about.asked | {"rows": self.rows if outcome != "started" else self.expected}
        with self._desk.store.writing() as session:
            audit.record(session, self._actor, self._about.action, self._about.subject, after=told, outcome=outcome)

    def pieces(self, *, mark: bool = False) -> Generator[bytes, None, None]:
        """Give the file in pieces, once; `mark` puts a byte order mark before a CSV. Raises DatabaseProblem."""
        rows, columns = self._counted(), self._about.columns
        outcome = "broken off"
        try:
            if self._form is Form.PARQUET:
                yield from sheets.as_parquet(rows, columns)
            elif self._form is Form.JSON_LINES:
                yield from sheets.as_json_lines(rows, columns)
            else:
                yield from sheets.as_csv(rows, columns, mark=mark)
            outcome = "done"
        finally:
            self.record(outcome)

    def _counted(self) -> Iterator[Columns]:
        for columns in self._stretches:
            self.rows += len(columns[0]) if columns else 0
            yield columns


@requires(Permission.LOOK, ACTION, "connections as {}")
def connections(desk: Desk, actor: Actor, form: Form, question: Question) -> Export:
    """Begin an export of connections. Raises Misuse for more chosen rows than an address holds."""
    if len(question.ids) > MOST_CHOSEN:
        advice = "Choose fewer, or filter the list and export all that match."
        raise Misuse(f"At most {MOST_CHOSEN} rows can be chosen one by one.", advice)
    with desk.store.reading() as session:
        numbers = question.numbers(session)
    about = About(ACTION, f"connections as {form}", question.told(), export.COLUMNS, question.at and question.at.date())
    begun = Export(desk, actor, form, about, expected=len(numbers), stretches=_stretches(desk, question, numbers))
    begun.record("started")
    return begun


def _stretches(desk: Desk, question: Question, numbers: "array[int]") -> Iterator[Columns]:
    """Read a stretch at a time, each in a read of its own."""
    for start in range(0, len(numbers), export.STRETCH):
        with desk.store.reading() as session:
            columns = question.cells(session, numbers[start : start + export.STRETCH])
        yield columns
