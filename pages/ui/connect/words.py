"""The words of the Connect page: how a state looks, what a vendor needs, and what will happen."""

from data.queries.accounts import Witness
from data.types import AttemptState, Kind, Vendor
from pages.ui import formats
from pages.ui.formats import Look
from pages.ui.text import plain, short
from services import handles
from services.connecting import attempts

STATES = {
    AttemptState.STARTED.value: Look("Ready", "blue", "start"),
    AttemptState.WAITING.value: Look("Waiting", "orange", "hourglass_top"),
    AttemptState.CONNECTED.value: Look("Connected", "green", "check_circle"),
    AttemptState.WRONG_ACCOUNT.value: Look("Wrong account", "red", "person_alert"),
    AttemptState.CANCELLED.value: Look("Cancelled", "gray", "cancel"),
    AttemptState.BLOCKED.value: Look("Blocked", "red", "block"),
    AttemptState.TIMED_OUT.value: Look("No answer", "orange", "timer_off"),
    AttemptState.REFUSED.value: Look("Refused", "red", "error"),
}
_NAME = 60
_NAMES = {"googlebusiness": "Google Business", "whatsapp": "WhatsApp"}
_WINDOW = "Somebody who can sign in to the account, here in a window of its own."
_ONCE = "What you type is sent once, and the tokens are kept nowhere."
NEEDS = {
    Vendor.HIGHLEVEL: _WINDOW,
    Vendor.LATE: _WINDOW,
    Vendor.GIPPER: "The Facebook token and user id of whoever manages the accounts, and each account's own token.",
    Vendor.ZOCIAL: "An access token and the user id at the platform; for pages, walls and channels their own details.",
}
HAPPENS = {
    Vendor.HIGHLEVEL: (
        "HighLevel leads to Instagram's own sign-in. Afterwards HighLevel is asked which account it got: "
        "only its answer counts."
    ),
    Vendor.LATE: (
        "Late leads to the platform's own sign-in. Afterwards its list is compared with what it was before: "
        "only an account that is new or works again counts."
    ),
    Vendor.GIPPER: f"Gipper answers for each account by itself, and some may be refused. {_ONCE}",
    Vendor.ZOCIAL: f"Zocial checks the access at the platform and adds the account. {_ONCE}",
}
ADDS = "Zocial adds it as it is described here, and lists it from then on. What you type is sent once."
"""What happens with a page, a wall or a channel, for which nobody signs in."""
NO_WAY = ("youtube", "tiktok", "linkedin", "pinterest")
"""Platforms that Zocial knows and has no way to connect: they are only submitted for approval."""


def state(word: str, problem: str | None = None) -> Look:
    """Give the look of an attempt's state; a vendor that was down has refused nothing."""
    if word == AttemptState.REFUSED.value and problem in formats.NO_ANSWER:
        return formats.UNANSWERED
    return STATES.get(word, Look(word, None, "help"))


def platform(word: str) -> str:
    """Name a platform, also one that none of our lists holds yet."""
    return plain(_NAMES.get(word) or formats.platform(word))


def about(word: str, kind: str, vendor: str) -> str:
    """Name what is connected: "Instagram through HighLevel", "a page on Facebook through Zocial"."""
    where = platform(word)
    what = where if kind == Kind.NETWORK.value else f"{kind.capitalize()} on {where}"
    return f"{what} through {formats.vendor(vendor)}"


def expected(expects: dict[str, str] | None) -> str:
    """Name the account that a reconnect expects, as its vendor writes it."""
    return attempts.named(expects)


def account(known: Witness) -> str:
    """Name an account that is to be reconnected, as Markdown: by its handle, else by what it has."""
    return plain(short(handles.shown(known.handle) or known.name or known.vendor_id, _NAME))
