"""An account as a person types it in, because no source reports it: what each field may hold, and its one form."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from services.extra import is_web
from services.failures import Misuse
from services.handles import handle_in

LONGEST_NAME = 200
LONGEST_PLATFORM = 40
LONGEST_URL = 2_000
MOST_FOLLOWERS = 10**12


@dataclass(frozen=True)
class Account:
    """An account as a person types it in."""

    platform: str
    handle: str
    url: str
    followers: int | None = None
    category: str | None = None

    def __str__(self) -> str:
        return f"account {self.handle} on {self.platform}"


def checked(account: Account) -> Account:
    """Give a typed-in account in its one form. Raises Misuse that names the field and its rule."""
    return Account(**{name: _CHECKS[name](given) for name, given in asdict(account).items()})


def faults(account: Account) -> dict[str, Misuse]:
    """Give what is wrong with each field of a typed-in account; nothing when it can be taken."""
    found: dict[str, Misuse] = {}
    for name, given in asdict(account).items():
        try:
            _CHECKS[name](given)
        except Misuse as wrong:
            found[name] = wrong
    return found


def _platform(given: str) -> str:
    name = given.strip().lower()
    if not name.isascii() or not name.replace("_", "").isalnum() or len(name) > LONGEST_PLATFORM:
        raise Misuse("platform is one word, for example instagram.", "Name the platform of the account.")
    return "twitter" if name == "x" else name


def _handle(given: str) -> str:
    handle = handle_in(unicodedata.normalize("NFC", given))
    if handle is None or not handle.isprintable() or any(sign.isspace() for sign in handle):
        raise Misuse("handle is the account's own name at its platform.", "For example: nova.coffee")
    return handle


def _url(given: str) -> str:
    url = given.strip()
    if len(url) > LONGEST_URL or not is_web(url):
        raise Misuse("url is the profile's address, with https:// or http:// in front.", "Copy it from the browser.")
    return url


def _followers(given: int | None) -> int | None:
    if given is not None and not 0 <= given <= MOST_FOLLOWERS:
        most = f"{MOST_FOLLOWERS:,}"
        raise Misuse(f"followers is a whole number from 0 to {most}.", "Leave it out when it is not known.")
    return given


def _category(given: str | None) -> str | None:
    category = " ".join((given or "").split()) or None
    if category is not None and (len(category) > LONGEST_NAME or not category.isprintable()):
        raise Misuse(f"category has at most {LONGEST_NAME} characters.", "Say it shorter.")
    return category


_CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "platform": _platform,
    "handle": _handle,
    "url": _url,
    "followers": _followers,
    "category": _category,
}
