"""Extra data of a Zocial network (bio, website, category …), edited by admins and sent to Zocial once for each press.

A mark is written before the request and taken away when its outcome is known. One that stays (a time-out, a 5xx, a
crash) says that nobody knows; only reading the list again settles it, never a second request.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from data import extra as table
from data import rollups, sources
from data.extra import Held
from data.models import Source
from data.store import Session, now
from data.types import Kind, Vendor
from services import audit
from services.access import Actor, Permission, requires
from services.clients import Client, client_of
from services.desk import Desk
from services.failures import Failure, Misuse
from services.vendors.errors import OutcomeUnknown, VendorError
from services.vendors.zocial import NetworkId, Zocial

DOCUMENTED = ("bio", "website", "category", "engagement_rate")
"""The fields that zocial.txt names; any other is sent as well."""
LONGEST_VALUE = 2_000
LONGEST_KEY = 40
MOST_FIELDS = 20
ACTION = "extra.update"
_KEY = re.compile(rf"[A-Za-z0-9_]{{1,{LONGEST_KEY}}}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,3}(\.[0-9]{1,6})?", re.ASCII)
_COLUMNS = ("category", "engagement_rate")
Values = Mapping[str, str | None]


@dataclass(frozen=True)
class Outcome:
    """How an edit ended, in words: done, or unknown because the vendor did not confirm it."""

    state: Literal["done", "unknown"]
    message: str
    advice: str = ""


def editable(kind: str, vendor: str) -> bool:
    """Tell whether a connection has extra data that can be edited: Zocial documents it for networks alone."""
    return kind == Kind.NETWORK.value and vendor == Vendor.ZOCIAL.value


def told(extra: Mapping[str, Any] | None, category: str | None, engagement_rate: float | None) -> dict[str, str | None]:
    """Give the extra data that a person may edit, as text; what is documented and not told is None."""
    given = _given(extra)
    columns: dict[str, Any] = {"category": category, "engagement_rate": engagement_rate}
    values = {key: given.get(key, columns.get(key)) for key in dict.fromkeys((*DOCUMENTED, *given))}
    return {key: None if value is None else str(value) for key, value in values.items() if _is_plain(key, value)}


def fixed(extra: Mapping[str, Any] | None) -> dict[str, Any]:
    """Give the extra data that is no text and no number, or has an odd name: it is shown, and can't be edited."""
    return {key: value for key, value in _given(extra).items() if not _is_plain(key, value)}


def _given(extra: Mapping[str, Any] | None) -> dict[str, Any]:
    given = (extra or {}).get("extra_data")
    return {str(key): value for key, value in given.items()} if isinstance(given, Mapping) else {}


def _is_plain(key: str, value: Any) -> bool:
    text = value is None or (isinstance(value, str | int | float) and not isinstance(value, bool))
    return text and _KEY.fullmatch(key) is not None


def unconfirmed(desk: Desk, connection_id: str) -> datetime | None:
    """Tell when an edit was sent of which nobody knows whether it happened, until the list is read again."""
    with desk.store.reading() as session:
        return table.unconfirmed(session, connection_id)


def checked(values: Values) -> dict[str, str]:
    """Give the values as they are sent. Raises Misuse that names the field and its rule."""
    if not values or len(values) > MOST_FIELDS:
        raise Misuse(f"An edit changes 1 to {MOST_FIELDS} fields.", "Choose what is to change.")
    return {_checked_key(key): _checked(key, (value or "").strip()) for key, value in values.items()}


def _checked_key(key: str) -> str:
    if not _KEY.fullmatch(key):
        message = f"The field name {key[:60]!r} is not 1 to {LONGEST_KEY} letters, digits or underscores."
        raise Misuse(message, "For example: opening_hours")
    return key


def _checked(key: str, value: str) -> str:
    if len(value) > LONGEST_VALUE:
        raise Misuse(f"{key} has {len(value):,} characters; at most {LONGEST_VALUE:,} are sent.", "Shorten it.")
    if any(not (sign.isprintable() or sign in "\n\u200d") for sign in value):
        raise Misuse(f"{key} holds a control character.", "Type it again instead of pasting it.")
    if key == "engagement_rate" and value and not (_NUMBER.fullmatch(value) and float(value) <= 100):  # noqa: PLR2004 (percent)
        raise Misuse("engagement_rate is a number from 0 to 100, with a point.", "For example: 3.5")
    if key == "website" and value and not is_web(value):
        raise Misuse("website is an address that begins with https:// or http://.", "For example: https://example.com")
    return value


def is_web(value: str) -> bool:
    """Tell whether a text is a web address."""
    try:
        parts = urlsplit(value)
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return named and parts.scheme in {"http", "https"} and not re.search(r"\s", value)


@requires(Permission.EDIT_EXTRA, ACTION, "connection {}")
def update(desk: Desk, actor: Actor, connection_id: str, values: Values, *, seen: Values | None = None) -> Outcome:
    """Send new extra data of a network to Zocial, and keep it when Zocial confirms it; None empties a field.

    `seen` are the old values that the person looked at: when they are others now, nothing is sent. Raises Misuse for
    a wrong field or connection, and Failure when the source is off, an edit is unsettled, or Zocial refuses.
    """
    wanted = checked(values)
    client, found, number, wanted = _begin(desk, actor, connection_id, wanted, seen)
    try:
        client.update_extra(NetworkId(int(found.vendor_id)), wanted)
    except OutcomeUnknown as error:
        return _unknown(desk, actor, connection_id, wanted, error)
    except VendorError as error:
        with desk.store.writing() as session:
            table.unmark(session, number)
        raise Failure(error.kind, str(error), error.advice) from error
    finally:
        client.close()
    return _done(desk, actor, found, number, wanted)


def _begin(
    desk: Desk, actor: Actor, connection_id: str, wanted: dict[str, str], seen: Values | None
) -> tuple[Zocial, Held, int, dict[str, str]]:
    """Check all that may forbid the edit and write down the intent, in one transaction."""
    with desk.store.writing() as session:
        found, source = _found(session, connection_id)
        known = told(found.extra, found.category, found.engagement_rate)
        _refuse_stale(known, wanted, seen)
        _refuse_unsettled(session, found)
        locked = fixed(found.extra).keys() & wanted.keys()
        if locked:
            raise Misuse(f"{min(locked)} is neither text nor a number at Zocial.", "It is changed at Zocial itself.")
        changing = {key: value for key, value in wanted.items() if value != (known.get(key) or "")}
        if not changing:
            raise Misuse("Nothing differs from what Zocial told.", "Change a field first.")
        client = _zocial(client_of(desk, source))
        before = {key: known.get(key) for key in changing}
        number = table.mark(session, connection_id, now(), before=before, after=changing)
        about = f"connection {connection_id}"
        audit.record(session, actor, ACTION, about, before=before, after=changing, outcome="begun")
    return client, found, number, changing


def _found(session: Session, connection_id: str) -> tuple[Held, Source]:
    found = table.held(session, connection_id)
    source = sources.by_id(session, found.source_id) if found else None
    if found is None or source is None:
        raise Misuse(f"There is no connection {connection_id[:80]!r}.", "Choose it under Networks.")
    if not editable(found.kind, source.vendor):
        raise Misuse("Only networks of Zocial have extra data that can be edited.", "Edit it at the vendor itself.")
    if not source.enabled or source.removed_at is not None:
        raise Failure("source_off", f"The source {source.name} is off, so nothing was sent.", "Switch it on first.")
    if found.vanished_at is not None:
        raise Failure("vanished", "Zocial no longer lists this network, so nothing was sent.", "Sync the source.")
    return found, source


def _refuse_stale(known: Values, wanted: Values, seen: Values | None) -> None:
    moved = [key for key in wanted if seen is not None and (seen.get(key) or "") != (known.get(key) or "")]
    if moved and seen is not None:
        told = "; ".join(f"{key} was {_quoted(seen.get(key))}, is now {_quoted(known.get(key))}" for key in moved)
        message = f"It changed while you were writing: {told}. Nothing was sent."
        raise Failure("conflict", message, "Look at what stands there now, then decide again.")


def _quoted(value: str | None) -> str:
    return "not told" if value is None else f"“{value[:80]}”"


def _refuse_unsettled(session: Session, found: Held) -> None:
    at = table.unconfirmed(session, found.id)
    if at is not None:
        message = f"Zocial has not confirmed the edit of {at:%d %B, %H:%M} UTC, so no other one is sent yet."
        raise Failure("unsettled", message, "Sync the source: its list shows whether that edit happened.")


def _zocial(client: Client) -> Zocial:
    if not isinstance(client, Zocial):
        raise Misuse("Only networks of Zocial have extra data that can be edited.", "Edit it at the vendor itself.")
    return client


def _unknown(desk: Desk, actor: Actor, connection_id: str, wanted: dict[str, str], error: VendorError) -> Outcome:
    about = f"connection {connection_id}"
    with desk.store.writing() as session:
        audit.record(session, actor, ACTION, about, after=wanted, outcome="unknown", reason=str(error))
    advice = "It is not sent again by itself. Sync the source: its list shows whether the edit happened."
    return Outcome("unknown", str(error), advice)


def _done(desk: Desk, actor: Actor, found: Held, number: int, wanted: dict[str, str]) -> Outcome:
    """Take the confirmed values over, with the columns of the list that some of them stand for."""
    columns: dict[str, Any] = {key: wanted[key] or None for key in _COLUMNS if key in wanted}
    if columns.get("engagement_rate") is not None:
        columns["engagement_rate"] = float(columns["engagement_rate"])
    at = now()
    with desk.store.writing() as session:
        table.unmark(session, number)
        table.take(session, found.id, at, wanted, columns)
        if "engagement_rate" in columns:
            rollups.refresh(session.connection(), found.source_id, at.date())
        audit.record(session, actor, ACTION, f"connection {found.id}", after=wanted, outcome="done")
    return Outcome("done", f"Zocial confirmed {', '.join(wanted)}.")
