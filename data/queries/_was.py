"""Single connections as they were known at an instant."""

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import func, select

from data.queries import _undone
from data.queries._tables import changes, connections, installation, reasons, runs, sources
from data.staging import among
from data.store import Session
from data.types import RunState


class Was(NamedTuple):
    """A connection as it was known at an instant; None was not told, or is not known of then."""

    id: str
    source: str
    vendor: str
    kind: str
    platform: str
    vendor_id: str
    external_id: str | None
    handle: str | None
    name: str | None
    url: str | None
    status: str
    vendor_status: str | None
    verified: bool | None
    health: str
    followers: int | None
    engagement_rate: float | None
    category: str | None
    connected_at: datetime | None
    last_updated: datetime | None
    last_seen_at: datetime
    vanished_at: datetime | None
    number: int
    account: int | None
    suspect: str | None
    followers_since: datetime | None
    first_seen_at: datetime
    health_reason: str | None
    """Why the health was what it was; None also before such reasons were kept (`reasons_kept`)."""


class Gone(NamedTuple):
    """Since when a connection had vanished, and when its source had last answered completely before."""

    at: datetime
    answered_before: datetime | None


_ONLY_IF_OLDER = ("connected_at", "last_updated", "followers_since", "vanished_at")
"""Instants that say of then what they say today, if they were before it."""
_AT_ONCE = 2_000
_fields = itemgetter(*Was._fields)


def values(session: Session, ids: Sequence[str], at: datetime) -> dict[str, Was]:
    """Give these connections as they were known at an instant, without those that were not known yet."""
    complete, kept = answered(session, at), reasons_kept(session, at)
    batches = (list(ids[start : start + _AT_ONCE]) for start in range(0, len(ids), _AT_ONCE))
    found = (was for some in batches for was in _some(session, some, at, complete))
    return {was.id: was if kept else was._replace(health_reason=None) for was in found}


def reasons_kept(session: Session, at: datetime) -> bool:
    """Tell whether the reasons of that instant are kept: an older cache began to keep them with an update."""
    found = session.connection().execute(select(installation.c.reasons_since)).scalar_one_or_none()
    return found is None or at >= found


def _some(session: Session, ids: list[str], at: datetime, complete: dict[int, datetime]) -> list[Was]:
    undone, here = _later(session, ids, at), connections.c
    why = _reasons(session, ids, at)
    gone = _gone(session, [number for number, was in undone.items() if was.get("vanished") == "vanished"], at)
    own = [here[name] for name in Was._fields if name not in {"source", "vendor", "followers", "engagement_rate"}]
    figures = [_undone.newest(name, at.date()).label(name) for name in ("followers", "engagement_rate")]
    joined = connections.join(sources, sources.c.id == here.source_id)
    query = select(here.source_id, sources.c.name.label("source"), sources.c.vendor, *own, *figures)
    query = query.select_from(joined).where(among(session.connection(), here.id, ids), here.first_seen_at <= at)
    rows = session.connection().execute(query).mappings()
    return [
        _was(
            dict(row) | why.get(row["id"], {}),
            undone.get(row["id"], {}),
            complete.get(row["source_id"]),
            gone.get(row["id"]),
            at,
        )
        for row in rows
    ]


def _was(
    row: dict[str, Any], undone: dict[str, str | None], complete: datetime | None, gone: Gone | None, at: datetime
) -> Was:
    """Make a row of today one of then.

    When it was last seen is told by complete answers alone: a part of a list may have shown it later than that.
    """
    seen = row["last_seen_at"] if row["last_seen_at"] <= at else row["first_seen_at"]
    for name in _ONLY_IF_OLDER:
        if row[name] is not None and row[name] > at:
            row[name] = None
    row |= {field: before for field, before in undone.items() if field in _undone.PLAIN}
    if "vanished" in undone:
        row["vanished_at"] = gone and gone.at
    if "account" in undone:
        row["account"] = _integer(undone["account"])
    if isinstance(row["verified"], str):
        row["verified"] = row["verified"] == "1"
    answer = complete if row["vanished_at"] is None else gone and gone.answered_before
    row["last_seen_at"] = max(seen, answer) if answer else seen
    return Was._make(_fields(row))


def _integer(text: str | None) -> int | None:
    return None if text is None else int(text)


def _later(session: Session, ids: list[str], at: datetime) -> dict[str, dict[str, str | None]]:
    """Give what the later changes of these connections undone leave: the `before` of the first one of each field."""
    here, found = changes.c, dict[str, dict[str, str | None]]()
    query = select(here.connection_id, here.field, here.before)
    query = query.where(among(session.connection(), here.connection_id, ids), here.at > at)
    for number, field, before in session.connection().execute(query.order_by(here.id)):
        found.setdefault(number, {}).setdefault(field, before)
    return found


def _reasons(session: Session, ids: list[str], at: datetime) -> dict[str, dict[str, str | None]]:
    """Give the reasons of then that are other ones today: each is the first that ended later."""
    link, here = session.connection(), reasons.c
    query = select(here.connection_id, here.reason).where(among(link, here.connection_id, ids), here.until > at)
    latest_first = query.order_by(here.connection_id, here.until.desc())
    return {number: {"health_reason": reason} for number, reason in link.execute(latest_first)}


def _gone(session: Session, ids: list[str], at: datetime) -> dict[str, Gone]:
    """Tell since when these connections had vanished at an instant."""
    here = changes.c
    lost = (
        among(session.connection(), here.connection_id, ids),
        here.field == "vanished",
        here.after == "vanished",
        here.at <= at,
    )
    last = (
        select(here.connection_id, func.max(here.at).label("at")).where(*lost).group_by(here.connection_id).subquery()
    )
    own = (
        runs.c.source_id == connections.c.source_id,
        runs.c.state == RunState.OK.value,
        runs.c.observed_at < last.c.at,
    )
    answered_before = select(func.max(runs.c.observed_at)).where(*own).correlate(connections, last).scalar_subquery()
    query = select(last.c.connection_id, last.c.at, answered_before)
    query = query.join_from(last, connections, connections.c.id == last.c.connection_id)
    return {row[0]: Gone(*row[1:]) for row in session.connection().execute(query)} if ids else {}


def answered(session: Session, at: datetime) -> dict[int, datetime]:
    """Tell when each source had last answered completely."""
    here = (runs.c.state == RunState.OK.value, runs.c.observed_at <= at)
    query = select(runs.c.source_id, func.max(runs.c.observed_at)).where(*here).group_by(runs.c.source_id)
    return {row[0]: row[1] for row in session.connection().execute(query)}
