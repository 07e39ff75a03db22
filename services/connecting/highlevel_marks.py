"""Which account of HighLevel an answer is about: its ids, its page and its handle, against what a reconnect expects."""

from data.models import Attempt
from services.connecting.highlevel_words import label
from services.handles import handle_key
from services.vendors.highlevel import AttachedAccount


def expected_id(attempt: Attempt) -> str | None:
    """Give the list's id of the account that a reconnect expects."""
    return None if attempt.reconnects is None else str((attempt.expects or {}).get("vendor_id"))


def is_expected(attempt: Attempt, given: set[str | None]) -> bool:
    """Tell whether any id or page of an account is one that is known of the expected account."""
    known = attempt.expects or {}
    ours = {known.get(name) for name in ("vendor_id", "external_id", "platform_id", "page_id", "oauth_id")}
    return bool((ours & given) - {None, ""})


def is_the_expected(attempt: Attempt, record: AttachedAccount) -> bool:
    """Tell whether an account of the account call is the expected one: by its ids, by its handle only without them."""
    known, meta = attempt.expects or {}, record.meta or {}
    page = meta.get("pageId")
    told = {record.id, record.oauth_id, record.old_id, record.origin_id, page if isinstance(page, str) else None}
    if is_expected(attempt, told):
        return True
    if record.origin_id and known.get("platform_id"):  # two ids of the platform: a handle can move to another account
        return False
    username = meta.get("username")
    handle = handle_key(username, None) if isinstance(username, str) else None
    return handle is not None and handle == handle_key(known.get("handle"), None)


def location(record: AttachedAccount) -> str | None:
    """Give the location that an account belongs to, if it is told."""
    told = record.location_id or (record.meta or {}).get("locationId")
    return told if isinstance(told, str) else None


def called(record: AttachedAccount) -> str:
    """Name an account of the account call."""
    return label(record.name, (record.meta or {}).get("username"))
