"""Puts a small, known cache into a database, straight through Core: sources, connections, figures, changes."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from data import arrivals, incidents, rollups
from data.models import SQLModel
from data.queries.filters import folded
from data.store import Store, now

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
_tables = SQLModel.metadata.tables
BLANK_SOURCE: dict[str, Any] = {
    "contract": "current",
    "base_url": "http://127.0.0.1:1",
    "options": {},
    "origin": "added",
    "enabled": True,
}


def source(store: Store, name: str, **values: Any) -> int:
    """Add a source and give its number."""
    row = BLANK_SOURCE | {"name": name, "vendor": "late", "created_at": now(), "failures": 0} | values
    with store.bulk() as link:
        return int(link.execute(insert(_tables["sources"]).values(row)).inserted_primary_key[0])


def connection(store: Store, source_id: int, number: int, **values: Any) -> str:
    """Add a connection and give its id; names and handles carry the number unless given."""
    row: dict[str, Any] = {
        "id": f"c{number:05d}",
        "source_id": source_id,
        "kind": "network",
        "platform": "instagram",
        "vendor_id": str(number),
        "handle": f"handle.{number}",
        "name": f"Name {number}",
        "status": "accepted",
        "health": "healthy",
        "fingerprint": number,
        "first_seen_at": now() - timedelta(days=100),
        "last_seen_at": now() - timedelta(days=1),
    } | values
    name, handle = row["name"] or "", row["handle"] or ""
    row["sort_name"] = (name or handle).casefold()
    row.setdefault("handle_key", handle.lower() or None)
    row["search_text"] = folded(name) + "\n" + folded(handle)
    with store.bulk() as link:
        last = arrivals.highest(link)
        link.execute(insert(_tables["connections"]).values(row))
        arrivals.index(link, above=last)
    return str(row["id"])


def points(store: Store, connection_id: str, followers: dict[date, int | None]) -> None:
    """Add a connection's followers by day."""
    rows = [{"connection_id": connection_id, "day": day, "followers": number} for day, number in followers.items()]
    with store.bulk() as link:
        link.execute(insert(_tables["metric_points"]), rows)


def change(store: Store, connection_id: str, at: datetime, field: str, values: tuple[str | None, str | None]) -> None:
    """Add a change of one field from the first value to the second."""
    row = {"connection_id": connection_id, "at": at, "field": field, "before": values[0], "after": values[1]}
    with store.bulk() as link:
        link.execute(insert(_tables["changes"]).values(row))


def incident(store: Store, source_id: int | None, cause: str, message: str, **values: Any) -> int:
    """Add an open incident, of a source or of Patchbay itself; gives its id."""
    row = {"source_id": source_id, "cause": cause, "message": message, "advice": "Look."} | {"at": now()} | values
    with store.bulk() as link:
        return incidents.begin(link, **row)


def notice(store: Store, incident_id: int, what: str, state: str = "sent", **values: Any) -> None:
    """Add what was told of an incident, by e-mail unless given."""
    row = {"incident_id": incident_id, "what": str(what), "channel": "email", "state": str(state), "tries": 1}
    with store.bulk() as link:
        link.execute(insert(_tables["notices"]).values(row | {"created_at": now()} | values))


def case(store: Store, number: int, state: str = "requested", **values: Any) -> None:
    """Add a case; its handle and its instants carry the number unless given."""
    row: dict[str, Any] = {
        "id": number,
        "kind": "network",
        "platform": "instagram",
        "handle": f"shop.{number}",
        "handle_key": f"shop.{number}",
        "account_key": f"instagram:shop.{number}",
        "search_text": f"shop\nshop.{number}",
        "state": state,
        "version": 1,
        "requested_by": "marek",
        "requested_at": NOON + timedelta(minutes=number),
        "changed_at": NOON,
        "note": "",
        "evidence": {},
        "sent_by": "",
        "sent_until": 0.0,
    }
    with store.bulk() as link:
        link.execute(insert(_tables["cases"]).values(row | values))


def step(store: Store, number: int, action: str, states: tuple[str | None, str], **values: Any) -> None:
    """Add a step of a case from the first state to the second, by ingrid and now unless given."""
    row = {"case_id": number, "at": now(), "actor": "ingrid", "action": action, "version": 1}
    with store.bulk() as link:
        link.execute(insert(_tables["case_events"]).values(row | {"before": states[0], "after": states[1]} | values))


def run(store: Store, source_id: int, state: str, **values: Any) -> None:
    """Add a sync run."""
    row = {"source_id": source_id, "state": state, "trigger": "hand", "observed_at": now(), "started_at": now()}
    blank = {
        column.name: column.default.arg
        for column in _tables["sync_runs"].c
        if column.default is not None and not column.primary_key
    }
    with store.bulk() as link:
        link.execute(insert(_tables["sync_runs"]).values(blank | row | values))


def count(store: Store, day: date | None = None) -> None:
    """Make the totals of every source for a day, today unless told."""
    with store.bulk() as link:
        for number in link.execute(_tables["sources"].select().with_only_columns(_tables["sources"].c.id)).scalars():
            rollups.refresh(link, number, day or now().date())
