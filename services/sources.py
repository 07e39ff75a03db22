"""Sources: the credentials we hold, registered from the settings or added by an admin."""

from dataclasses import dataclass
from typing import Any

from data import incidents
from data import sources as table
from data.models import Source
from data.store import Store, now
from data.types import Contract, Origin, Vendor
from services.settings import Settings

SANDBOX_BASE = "sandbox:"  # the pretended vendors have no fixed port: their address is known only at run time

SENDING_OFF_BY = "sending_off_by"
"""The option that names who turned the sending of messages off: a person's word, which no settings give."""


@dataclass(frozen=True)
class Registered:
    """A source as the settings describe it."""

    name: str
    vendor: Vendor
    contract: Contract
    base_url: str
    options: dict[str, Any]
    origin: Origin


def register(store: Store, settings: Settings) -> None:
    """Bring the sources table in line with the settings: a vendor with a base URL is the source named after it.

    A source that is no longer configured is switched off, not removed: its connections and history stay.
    """
    wanted = _in_sandbox() if settings.demo else _configured(settings)
    with store.reading() as session:
        found = {source.name: source for source in table.every(session)}
        if all(_same(found.get(entry.name), entry) for entry in wanted) and not _stale(found, wanted):
            return
    with store.writing() as session:
        found = {source.name: source for source in table.every(session)}
        for entry in wanted:
            session.add(_updated(found.get(entry.name), entry))
        for source in _stale(found, wanted):
            source.enabled = False
            session.add(source)
            why = "The source is configured no more."
            incidents.end_of_source(session.connection(), source.id or 0, now(), why)


def _configured(settings: Settings) -> list[Registered]:
    rows = []
    for vendor in settings.configured:
        chosen = settings.vendor(vendor)
        contract = getattr(chosen, "contract", Contract.DOCUMENTED)
        base = chosen.base_url or ""
        rows.append(Registered(vendor.value, vendor, contract, base, chosen.options(), Origin.ENVIRONMENT))
    return rows


def _in_sandbox() -> list[Registered]:
    return [Registered(vendor.value, vendor, Contract.CURRENT, SANDBOX_BASE, {}, Origin.SANDBOX) for vendor in Vendor]


def _same(source: Source | None, entry: Registered) -> bool:
    if source is None or source.removed_at is not None or not source.enabled:
        return False
    options = {name: value for name, value in source.options.items() if name != SENDING_OFF_BY}
    told = (source.vendor, source.contract, source.base_url, options, source.origin)
    return told == (entry.vendor, entry.contract, entry.base_url, entry.options, entry.origin)


def _stale(found: dict[str, Source], wanted: list[Registered]) -> list[Source]:
    names = {entry.name for entry in wanted}
    ours = (source for source in found.values() if source.origin != Origin.ADDED and source.enabled)
    return [source for source in ours if source.name not in names]


def _updated(source: Source | None, entry: Registered) -> Source:
    row = source or Source(name=entry.name, created_at=now(), vendor="", contract="", base_url="", origin="")
    row.vendor, row.contract, row.base_url = entry.vendor.value, entry.contract.value, entry.base_url
    kept = {name: value for name, value in row.options.items() if name == SENDING_OFF_BY}
    row.options, row.origin, row.enabled, row.removed_at = entry.options | kept, entry.origin.value, True, None
    return row
