"""How what a vendor listed becomes the cache: set-based statements, one transaction a batch.

Each record has a fingerprint of all it says (figures and status included). One that equals the stored fingerprint says
nothing new and is not written; any other is compared field by field in a temporary table, so that only real differences
are written and each becomes a change row.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import JSON, ColumnElement, String, and_, case, cast, func, insert, literal, null, or_, select, update
from sqlalchemy import Connection as Link
from sqlmodel import SQLModel

from data import arrivals, changes, growth, points, reasons, suspicion
from data.models import Connection, MetricPoint
from data.staging import (
    FIELDS,
    KEPT_FIGURES,
    Columns,
    Observation,
    add,
    ahead,
    among,
    changed,
    chunks,
    empty,
    incoming,
)
from data.types import UtcDateTime

_connections = SQLModel.metadata.tables[Connection.__tablename__]
_points = SQLModel.metadata.tables[MetricPoint.__tablename__]


class Record(NamedTuple):
    """One record of a list: its id here, a fingerprint of all it says, and what it said.

    `columns` makes rows of what several records of a list said, once they are needed.
    """

    id: str
    fingerprint: int
    said: Any
    columns: Callable[[Sequence[Any]], Columns]


@dataclass(frozen=True)
class Counts:
    """What a batch did to the cache, in connections."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            self.created + other.created,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
        )


def apply(link: Link, observation: Observation, records: Iterable[Record], *, seen: set[str] | None = None) -> Counts:
    """Take a batch of records over into connections, changes and metric points, a chunk at a time.

    Their ids are added to `seen`.
    """
    total, taken, first = Counts(), set[str](), not _any(link, observation.source_id)

    def ready(chunk: list[Record]) -> tuple[dict[str, Record], Columns | None]:
        by_id = {record.id: record for record in chunk}
        return by_id, arrivals.rows(link, observation, _said(list(by_id.values()))) if first else None

    with closing(ahead(ready, chunks(records))) as prepared:
        for by_id, rows in prepared:
            if rows is not None and taken.isdisjoint(by_id):  # only this list itself can have told one of them before
                arrivals.insert(link, observation, rows)
                total += Counts(created=len(by_id))
            else:
                total += _apply_chunk(link, observation, by_id)
            taken.update(by_id)
    if seen is not None:
        seen |= taken
    return total


def _any(link: Link, source_id: int) -> bool:
    """Tell whether a source has any connection yet."""
    query = select(_connections.c.number).where(_connections.c.source_id == source_id)
    return link.execute(query.limit(1)).first() is not None


def _apply_chunk(link: Link, observation: Observation, records: dict[str, Record]) -> Counts:
    known = _known(link, observation, list(records))
    fresh = [record for record in records.values() if record.id not in known]
    moved = [record for record in records.values() if record.id in known and known[record.id][0] != record.fingerprint]
    if fresh:
        arrivals.insert(link, observation, arrivals.rows(link, observation, _said(fresh)))
    updated = _update_moved(link, observation, moved) if moved else 0
    changed = {record.id for record in moved}
    to_keep = [number for number, (_, kept) in known.items() if number in changed or not kept]
    if to_keep:
        points.record(link, observation, among(link, _connections.c.id, to_keep))
        growth.refresh(link, observation, among(link, _connections.c.id, to_keep))
    return Counts(len(fresh), updated, len(records) - len(fresh) - updated)


def _known(link: Link, observation: Observation, ids: list[str]) -> dict[str, tuple[int, bool]]:
    """Give fingerprint, and whether the figures of the day are kept already or are none, of the known connections."""
    here = _connections.c
    none = and_(here.followers.is_(None), here.engagement_rate.is_(None))
    query = (
        select(here.id, here.fingerprint, or_(_points.c.day.is_not(None), none))
        .join(_points, points.today(observation), isouter=True)
        .where(among(link, _connections.c.id, ids))
    )
    return {row[0]: (row[1], bool(row[2])) for row in link.execute(query)}


def _said(records: list[Record]) -> Columns:
    """Give what records of one list said as columns, with their fingerprints."""
    columns = records[0].columns([record.said for record in records])
    return columns | {"fingerprint": [record.fingerprint for record in records]}


def _update_moved(link: Link, observation: Observation, moved: list[Record]) -> int:
    """Compare what moved field by field; gives how many differ in a field that is kept."""
    empty(link, incoming)
    add(link, incoming, _said(moved))
    empty(link, changed)
    link.execute(insert(changed).from_select(["id"], _differing()))
    updated: int = link.execute(select(func.count()).select_from(changed)).scalar_one()
    suspicion.compare(link, observation, _effective("followers"), _effective("engagement_rate"))
    _record_changes(link, observation)
    here = and_(changed.c.id == _connections.c.id, incoming.c.id == _connections.c.id)
    reasons.keep(link, observation, incoming.c.health_reason, where=here)
    _update_changed(link, observation)
    return updated


def apply_details(
    link: Link, observation: Observation, connection_id: str, values: dict[str, Any], *, negative: bool = False
) -> None:
    """Take over figures that a vendor told of one connection outside its list; `negative` engagement is none."""
    here = _connections.c.id == connection_id
    if "engagement_rate" in values:
        suspicion.compare_rate(link, observation, connection_id, values["engagement_rate"], negative=negative)
    kept = {
        f"last_{name}": points.told_last(name) if values[name] is None else None for name in points.LAST & values.keys()
    }
    link.execute(update(_connections).where(here).values(values | kept | {"details_at": observation.at}))
    points.record(link, observation, here)


def _effective(name: str) -> ColumnElement[Any]:
    """What a field becomes: what the record says, or what we knew where the list does not tell it.

    A key that a record no longer tells stays until another is told: an unreadable field parts no account.
    """
    if name in KEPT_FIGURES:
        return case((incoming.c[f"keep_{name}"], _connections.c[name]), else_=incoming.c[name])
    if name == "handle_key":
        return func.coalesce(incoming.c.handle_key, _connections.c.handle_key)
    if name == "platform_id":
        same = incoming.c.handle_key.is_(None) | (incoming.c.handle_key == _connections.c.handle_key)
        return func.coalesce(incoming.c.platform_id, case((same, _connections.c.platform_id)))
    return incoming.c[name]


def _compared(name: str) -> ColumnElement[bool]:
    """Tell whether a field differs; JSON is compared as the text it is kept as."""
    if isinstance(_connections.c[name].type, JSON):
        return cast(_connections.c[name], String).is_distinct_from(cast(incoming.c[name], String))
    return _connections.c[name].is_distinct_from(_effective(name))


def _differing() -> Any:
    different = or_(_connections.c.vanished_at.is_not(None), *(_compared(name) for name in FIELDS))
    return select(incoming.c.id).join(_connections, _connections.c.id == incoming.c.id).where(different)


def _record_changes(link: Link, observation: Observation) -> None:
    """Read before and after of what differs in one question, and keep a row for each field that changed."""
    pairs = [(_connections.c[name], _effective(name)) for name in changes.EVENTS]
    back = _connections.c.vanished_at.is_not(None)
    query = (
        select(_connections.c.id, back, *(column for pair in pairs for column in pair))
        .join(changed, changed.c.id == _connections.c.id)
        .join(incoming, incoming.c.id == _connections.c.id)
        .where(or_(back, *(before.is_distinct_from(after) for before, after in pairs)))
    )
    rows = []
    for number, returned, *values in link.execute(query):
        rows += [(number, "vanished", "vanished", "listed")] if returned else []
        told = zip(changes.EVENTS, values[::2], values[1::2], strict=True)
        rows += [(number, name, before, after) for name, before, after in told if before != after]
    changes.keep(link, observation, rows)


def _update_changed(link: Link, observation: Observation) -> None:
    values: dict[str, Any] = {name: _effective(name) for name in FIELDS}
    moved = _connections.c.health.is_distinct_from(_effective("health"))
    at, followers = literal(observation.at, UtcDateTime()), _effective("followers")
    since, told_last = _connections.c.followers_since, points.told_last("followers")
    values["followers_since"] = case(
        (followers.is_(None), since), (followers == told_last, func.coalesce(since, at)), else_=at
    )
    for name in points.LAST:
        values[f"last_{name}"] = case((_effective(name).is_(None), points.told_last(name)))
    values["fingerprint"] = incoming.c.fingerprint
    values["health_since"] = case((moved, at), else_=_connections.c.health_since)
    values["vanished_at"] = null()
    values["last_seen_at"] = at
    link.execute(update(_connections).where(_connections.c.id == incoming.c.id).values(values))
