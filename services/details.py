"""Asks Zocial's status endpoint for what its list does not tell: engagement and the last update of each network."""

import threading
from datetime import datetime, timedelta

from data import connections, refresh, rollups, sources
from data.models import Source
from data.staging import Observation
from data.store import now
from data.types import Kind, Vendor
from services import observations
from services.clients import client_of
from services.desk import Desk
from services.vendors.errors import NotFound, VendorError
from services.vendors.zocial import NetworkId, NetworkStatus, Zocial

EVERY = timedelta(hours=20)
AT_ONCE = 50
NO_RUN = 0


def ask_all(desk: Desk, names: list[str] | None = None, *, at: datetime | None = None) -> int:
    """Ask for every network of the named (or all) Zocial sources; gives how many answered. Raises VendorError."""
    moment = at or now()
    answered = 0
    for source in _zocial(desk, names):
        while asked := ask_some(desk, source, before=moment, at=moment, stop=threading.Event()):
            answered += asked
    return answered


def ask_oldest(desk: Desk, stop: threading.Event) -> None:
    """Ask for the networks whose details are oldest, a few a call and none within 20 hours. Raises VendorError."""
    moment = now()
    for source in _zocial(desk, None):
        if source.next_try_at is None or source.next_try_at <= moment:
            ask_some(desk, source, before=moment - EVERY, at=moment, stop=stop)


def ask_some(desk: Desk, source: Source, *, before: datetime, at: datetime, stop: threading.Event) -> int:
    """Ask for up to 50 networks not asked since `before`, and write what they answer in one transaction.

    Raises VendorError after that; the network it came from has had its turn, so that it does not hold up the others.
    """
    number = source.id or 0
    with desk.store.reading() as session:
        oldest = connections.longest_unasked(
            session.connection(), number, kind=Kind.NETWORK, before=before, limit=AT_ONCE
        )
    client = client_of(desk, source)
    if not oldest or not isinstance(client, Zocial):
        return 0
    told, trouble = _answers(client, oldest, stop)
    with desk.store.bulk() as link:
        for row, status in told.items():
            negative = status is not None and observations.below_zero(status.raw_bad.get("engagement_rate"))
            refresh.apply_details(link, Observation(NO_RUN, number, at), row, _values(status), negative=negative)
        rollups.refresh(link, number, at.date())
    if trouble is not None:
        raise trouble
    return len(told)


def _answers(
    client: Zocial, oldest: list[tuple[str, str]], stop: threading.Event
) -> tuple[dict[str, NetworkStatus | None], VendorError | None]:
    told: dict[str, NetworkStatus | None] = {}
    try:
        for row, vendor_id in oldest:
            if stop.is_set():
                break
            told[row] = None
            told[row] = _status(client, vendor_id)
    except VendorError as error:
        return told, error
    finally:
        client.close()
    return told, None


def _status(client: Zocial, vendor_id: str) -> NetworkStatus | None:
    try:
        return client.status(NetworkId(int(vendor_id)))
    except NotFound:
        return None


def _values(status: NetworkStatus | None) -> dict[str, object]:
    if status is None:
        return {}
    names = ("engagement_rate", "last_updated")
    return {name: getattr(status, name) for name in names if name in status.told}


def _zocial(desk: Desk, names: list[str] | None) -> list[Source]:
    with desk.store.reading() as session:
        found = sources.active(session)
    return [
        source
        for source in found
        if source.vendor == Vendor.ZOCIAL and source.enabled and (names is None or source.name in names)
    ]
