"""Handles and ids where vendors tell them in passing: in a profile's address, or at the end of an id of their own."""

import re
from urllib.parse import parse_qs, unquote, urlsplit

from services.vendors._fields import LONGEST_ID

_PROFILE = re.compile(r"https?://|(//)?[\w-]+(\.[\w-]+)+/", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_ENDING = re.compile(r"[_:]([0-9]{5,})\Z")
_LEADING = {
    "linkedin": frozenset({"company", "school", "showcase", "in", "pub", "groups"}),
    "youtube": frozenset({"channel", "c", "user"}),
    "facebook": frozenset({"pages", "people", "groups", "pg"}),
    "reddit": frozenset({"r", "u", "user"}),
    "snapchat": frozenset({"add"}),
    "bsky": frozenset({"profile"}),
    "instagram": frozenset({"stories"}),
    "tiktok": frozenset[str](),
    "pinterest": frozenset[str](),
    "twitter": frozenset({"#!"}),
    "x": frozenset[str](),
    "threads": frozenset[str](),
}
"""What stands before the name in a profile's address, by platform."""
FEWEST_DIGITS = 5
FEWEST_OF_EITHER = 10
"""Digits of a number that may be handle or id before it is taken for an id (decision 0012)."""
_ANY_LEADING = frozenset[str]().union(*_LEADING.values())
_NO_NAMES = frozenset({
    "about", "p", "reel", "reels", "explore", "watch", "posts", "videos", "photos", "feed", "home", "login", "share",
})  # fmt: skip


def web_address(username: str | None) -> str | None:
    """Give the profile's address when the username is one; the scheme may be missing."""
    given = (username or "").strip()
    if not _PROFILE.match(given):
        return None
    return given if "://" in given else f"https://{given.removeprefix('//')}"


def handle_in(username: str | None) -> str | None:
    """Take the handle out of what may be a handle, with or without its @, or a profile's address."""
    given = (username or "").strip()
    address = web_address(given)
    if address is not None:
        given = _named_in(address) or ""
    elif _SCHEME.match(given):
        return None
    given = given.removeprefix("@").strip()
    return given if 0 < len(given) <= LONGEST_ID else None


def shown(handle: str | None) -> str | None:
    """Give a handle as people write it, with its @; what holds a space is a name, and stays one."""
    return handle if not handle or handle.startswith("@") or " " in handle else f"@{handle}"


def _named_in(address: str) -> str | None:
    """Give the account that a profile's address names, by the habit of its platform; None when it names none."""
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").split(".")
    except ValueError:
        return None
    path = [part for part in map(unquote, parts.path.split("/")) if part.strip() and part.isprintable()]
    if path and path[0] == "profile.php":
        return next(iter(parse_qs(parts.query).get("id", [])), None)
    if len(path) > 3 and [part.lower() for part in path[:2]] == ["pages", "category"]:  # noqa: PLR2004 - its name is 4th
        path = path[3:]
    habit = next((words for name, words in _LEADING.items() if name in host), _ANY_LEADING)
    path = path[1:] if path and path[0].lower() in habit else path
    return path[0] if path and path[0].lower() not in _NO_NAMES else None


def own_id(listed: str) -> str | None:
    """Give the platform's own id at the end of a list's id: 5 or more digits after its last `_` or `:`."""
    found = _ENDING.search(listed)
    return found[1] if found else None


def platform_id(told: str | None, *, fewest: int = FEWEST_DIGITS) -> str | None:
    """Give what a vendor tells as an id when it is the platform's own number: digits alone, and enough of them."""
    if told is None or len(told) < fewest or not told.isascii():
        return None
    return told if told.isdigit() else None


def handle_key(handle: str | None, url: str | None) -> str | None:
    """Give the form in which handles are compared: without address, @ and, where they are ASCII, case.

    No other folding: letters of another alphabet that look alike are other accounts. A number, or nothing, is replaced
    by the name in the profile's address, when there is one.
    """
    named = handle_in(handle)
    if named is None or named.isdigit():
        named = handle_in(web_address(url)) or named
    if named is None:
        return None
    return named.lower() if named.isascii() else named
