"""Makes a vendor client for a source: where it is, with which secret, at which pace."""

import threading
from typing import Any, TypedDict

from data.models import Source
from data.types import Contract, Origin, Vendor
from services import pretended
from services.desk import Desk
from services.failures import Failure
from services.vendors._http import Pace, Timing
from services.vendors.gipper import Gipper
from services.vendors.highlevel import HighLevel
from services.vendors.imiconnect import Imiconnect
from services.vendors.late import Late
from services.vendors.zocial import Zocial

Client = HighLevel | Gipper | Late | Zocial | Imiconnect

IN_SANDBOX = 50
"""Messages a second that the pretended imiconnect takes."""
ON_THE_WAY = 0.1
"""Seconds by which two requests may come closer on their way: the vendor counts when they arrive."""

_paces: dict[tuple[str, int], Pace] = {}
_guard = threading.Lock()


class _How(TypedDict):
    pace: Pace
    timing: Timing


def pace_of(desk: Desk, source: Source) -> Pace:
    """Give the one pace of a source in this process: all its callers wait together."""
    with _guard:
        return _paces.setdefault((desk.store.url, source.id or 0), _new_pace(source))


def per_second(source: Source) -> int:
    """Give how many messages a second an imiconnect source may send: its tenant's limit."""
    return IN_SANDBOX if source.origin == Origin.SANDBOX else int(source.options.get("per_second", 20))


def client_of(desk: Desk, source: Source) -> Client:
    """Make the client of a source. Raises Failure when its secret or an option is missing or can't be opened."""
    vendor, contract = Vendor(source.vendor), Contract(source.contract)
    if source.origin == Origin.SANDBOX:
        base, given = pretended.address(vendor), dict(pretended.credentials(vendor))
    else:
        base, given = source.base_url, source.options | secrets_of(desk, source)
    how = _How(pace=pace_of(desk, source), timing=desk.timing)
    try:
        return _make(vendor, contract, base, given, how)
    except KeyError as missing:
        message = f"The source {source.name} lacks its {missing.args[0]}."
        raise Failure("settings", message, "Enter it on the Sources page or in the settings.") from missing
    except ValueError as unusable:
        message = f"The source {source.name} can't be asked: {unusable}."
        raise Failure("settings", message, "Correct it on the Sources page or in the settings.") from unusable


def secrets_of(desk: Desk, source: Source) -> dict[str, str]:
    """Open the secrets of a source: from the settings, or from its own row."""
    if source.origin == Origin.ENVIRONMENT:
        return desk.settings.vendor(Vendor(source.vendor)).secrets()
    return desk.vault.open(source.secret, row=sealed_row(source)) if source.secret else {}


def sealed_row(source: Source) -> str:
    """Name the row that a secret is bound to: its source, vendor and address, so that none can be exchanged."""
    return f"source {source.id} {source.vendor} {source.base_url}"


def _new_pace(source: Source) -> Pace:
    vendor, usual = Vendor(source.vendor), {Vendor.HIGHLEVEL: (100, 10.0), Vendor.LATE: (60, 60.0)}
    if vendor is Vendor.IMICONNECT:
        return Pace(per_second(source), 1.0 + ON_THE_WAY, apart=0.5 / per_second(source))
    return Pace(10_000, 1.0) if source.origin == Origin.SANDBOX else Pace(*usual.get(vendor, (20, 1.0)))


def _make(vendor: Vendor, contract: Contract, base: str, given: dict[str, Any], how: _How) -> Client:
    if vendor is Vendor.ZOCIAL:
        return Zocial(base, given["token"], **how)
    if vendor is Vendor.LATE:
        return Late(base, given["api_key"], profile_id=given.get("profile_id"), contract=contract.value, **how)
    if vendor is Vendor.GIPPER:
        return Gipper(base, given["token"], contract=contract.value, **how)
    if vendor is Vendor.HIGHLEVEL:
        location, user = given["location_id"], given.get("user_id", "")
        return HighLevel(base, given["token"], location_id=location, user_id=user, contract=contract.value, **how)
    keys = {name: given.get(name) for name in ("service_key", "jwt", "jwt_secret")}
    path = given.get("path", "/v1/instagram/messages")
    return Imiconnect(base, path=path, app_id=given["app_id"], **keys, **how)
