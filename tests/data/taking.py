"""Takes what a Zocial lists over into a cache, as a sync does."""

from datetime import UTC, datetime
from typing import Any

from data import absences, growth, refresh, rollups, suspicion
from data.staging import Observation
from data.store import Store
from data.types import Kind
from services import observations
from services.vendors import _payload, zocial

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def take(store: Store, source: int, rows: list[dict[str, Any]], at: datetime = NOON) -> refresh.Counts:
    """Take over one batch of networks."""
    listing = _payload.listing([dict(row) for row in rows], zocial._NETWORK)
    records = observations.zocial_records(listing, source, Kind.NETWORK, observations.network)
    with store.bulk() as link:
        return refresh.apply(link, Observation(1, source, at), records)


def take_whole(store: Store, source: int, rows: list[dict[str, Any]], at: datetime) -> None:
    """Take over a complete list of networks, with what the first complete run of a day does at its end."""
    take(store, source, rows, at)
    observation = Observation(1, source, at)
    with store.bulk() as link:
        absences.remember_seen(link, [f"{source}-n-{row['id']}" for row in rows])
        absences.mark_vanished(link, observation, ["network"], at)
        suspicion.freeze(link, observation)
        growth.forget(link, observation)
        rollups.refresh(link, source, at.date())
