"""Which account of HighLevel an answer is about: its ids, its page and its handle, against what a reconnect expects."""

from data.models import Attempt
from services.connecting.highlevel_words import label
from services.handles import handle_key
from services.vendors.highlevel import AttachedAccount


def expected_id(attempt: Attempt) -> str | None:
    """Give the list's id of the account that a reconnect expects."""
    return None if attempt.reconnects is None else str((attempt.expects or {}).get("vendor_id"))


def is_expected(attempt: Attempt, given: set[str | None]) -> bool:
    """Tell whether any id, page or handle of an account is one that is known of the expected account."""
    known = attempt.expects or {}
    ours = {known.get(name) for name in ("vendor_id", "external_id", "platform_id", "page_id", "oauth_id")}
    ours.add(handle_key(known.get("handle"), None))
    return bool((ours & given) - {None, ""})


def marks(record: AttachedAccount) -> set[str | None]:
    """Give all by which an account of the account call may be known: ids, page and handle."""
    meta = record.meta or {}
    username = meta.get("username")
    told = [record.id, record.oauth_id, record.old_id, record.origin_id, meta.get("pageId")]
    handle = handle_key(username, None) if isinstance(username, str) else None
    return {each for each in [*told, handle] if isinstance(each, str)}


def location(record: AttachedAccount) -> str | None:
    """Give the location that an account belongs to, if it is told."""
    told = record.location_id or (record.meta or {}).get("locationId")
    return told if isinstance(told, str) else None


def called(record: AttachedAccount) -> str:
    """Name an account of the account call."""
    return label(record.name, (record.meta or {}).get("username"))
