"""Receipts of disconnects, as pages and commands ask for them: what was sent, by whom, and what each source said."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from data.queries._tables import disconnects, sources
from data.store import Session


@dataclass(frozen=True)
class Receipt:
    """One disconnect: what was sent where, when and by whom, and how it stands."""

    id: int
    connection_id: str
    source: str
    account: str
    sent_as: str
    person: str
    state: str
    began_at: datetime
    changed_at: datetime
    asked_at: datetime | None
    plan: dict[str, Any]
    proof: list[dict[str, Any]]
    problem: str | None
    message: str
    advice: str

    def document(self) -> dict[str, Any]:
        """Give it as `--json` prints it."""
        return asdict(self)


def some(session: Session, numbers: Iterable[int]) -> list[Receipt]:
    """Give these receipts, the first one first."""
    return _read(session, _query().where(disconnects.c.id.in_(list(numbers))).order_by(disconnects.c.id))


def of_connections(
    session: Session, connection_ids: Sequence[str], *, until: datetime | None = None, limit: int = 50
) -> list[Receipt]:
    """Give the newest receipts of these connections, begun until an instant."""
    here = disconnects.c
    query = _query().where(here.connection_id.in_(list(connection_ids)))
    if until is not None:
        query = query.where(here.began_at <= until)
    return _read(session, query.order_by(here.id.desc()).limit(limit))


def _query() -> Select[Any]:
    here = disconnects.c
    names = [name for name in Receipt.__dataclass_fields__ if name != "source"]
    columns = [sources.c.name.label("source"), *(here[name] for name in names)]
    return select(*columns).select_from(disconnects.join(sources, sources.c.id == here.source_id))


def _read(session: Session, query: Select[Any]) -> list[Receipt]:
    return [Receipt(**row) for row in session.connection().execute(query).mappings()]
