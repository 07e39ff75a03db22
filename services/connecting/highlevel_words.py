"""What is said at the end of an attempt at HighLevel: connected, renewed, another account, still dead, there before."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from data.models import Attempt
from data.store import now
from data.types import AttemptState
from services.connecting import attempts
from services.connecting.confirming import ASKED_AGAIN, Verdict, refused, waits
from services.handles import handle_in, shown

LISTED_AFTER: Final = timedelta(seconds=30)
"""How long HighLevel's list may lag behind a sign-in that is done."""
OURS: Final = "Nothing was changed here. Begin again, and sign in to an account of this location."
BY_ID: Final = "no_message"
"""The problem of an attempt that a person may finish by typing the id of the account."""


def connected(attempt: Attempt, vendor_id: str, name: str, **rest: Any) -> Verdict:
    """Say that an account is connected, or its access renewed; `records` come from a contract without a list."""
    if attempt.reconnects is not None:
        name = attempts.named(attempt.expects)
        words = f"The access of {name} is renewed, and HighLevel says that it works."
    else:
        words = f"{name} is connected, and HighLevel {'knows' if 'records' in rest else 'lists'} it."
    return Verdict(AttemptState.CONNECTED, words, vendor_id=vendor_id, account=name, **rest)


def wrong(attempt: Attempt, name: str) -> Verdict:
    """Say that another account than the expected one was signed in."""
    expected = attempts.named(attempt.expects)
    if name == expected:
        words = f"{name} was signed in, but another account of that name was expected. Both stay as they were."
        advice = "Sign out in that browser, then reconnect and sign in to the other account of that name."
    else:
        words = f"{name} was signed in, but {expected} was expected. Both stay as they were."
        advice = f"Sign out of {name} in that browser, then reconnect and sign in to {expected}."
    return Verdict(AttemptState.WRONG_ACCOUNT, words, advice, "wrong_account", account=name)


def unnamed(attempt: Attempt) -> Verdict:
    """Say, of a contract without a list, that nothing but the sign-in's message tells which account was signed in."""
    if (attempt.told or {}).get("closed_at"):
        words = "The sign-in was closed or can't be seen any more, and it did not say which account was signed in."
        advice = "If you finished it, enter the account's id. If not, sign in again by the button, or cancel."
    else:
        words = "Waiting for the sign-in's message: nothing else tells which account was signed in."
        advice = "Go on there. If you are done and nothing happens here, enter the account's id."
    return replace(waits(words, advice, BY_ID), by="Patchbay")


def unlisted() -> Verdict:
    """Say, of a list that could not be read when an attempt began, that nothing can be compared with it."""
    words = "HighLevel's list could not be read when this began: only the sign-in's message tells of the account."
    advice = "Go on there. If it is closed, sign in again by the button, or cancel and see to the list first."
    return replace(waits(words, advice, "no_list"), by="Patchbay")


def mistyped(attempt: Attempt, name: str) -> Verdict:
    """Say that an id which a person typed is another account's than the expected one's."""
    words = f"That id belongs to {name}, but {attempts.named(attempt.expects)} is expected. Both stay as they are."
    return refused(words, "Enter the id of the expected account.", "wrong_account")


def answers(verdict: Verdict, name: str) -> Verdict:
    """Say of a reconnect by a typed id what is proven, and what is not."""
    words = f"HighLevel's account call knows {name} and says nothing against it."
    rest = " That its access was renewed is the word of who entered its id: HighLevel told nothing of the sign-in."
    return replace(verdict, message=f"{words}{rest}")


def there_before(name: str) -> Verdict:
    """Say that nothing new came."""
    words = f"Nothing new was connected: {name} was connected before."
    return refused(words, "To renew its access, choose “Reconnect” at that account.", "there_before")


def dead(attempt: Attempt, name: str) -> Verdict:
    """Judge an account that still does not work: a list may lag for a moment, then it is the answer."""
    words = f"The sign-in is done, but HighLevel still says that {name} can't be used."
    if attempt.returned_at is None or now() - attempt.returned_at < LISTED_AFTER:
        return waits(words, ASKED_AGAIN, "still_expired")
    return refused(words, "Begin again, and allow everything that the sign-in asks for.", "still_expired")


def gone(attempt: Attempt) -> Verdict:
    """Judge an expected account that is listed no more: a list may lag for a moment, then it is the answer."""
    words = f"The sign-in is done, but HighLevel no longer lists {attempts.named(attempt.expects)}."
    if attempt.returned_at is None or now() - attempt.returned_at < LISTED_AFTER:
        return waits(words, ASKED_AGAIN, "not_listed")
    return refused(words, "Connect it anew.", "not_listed")


def label(name: Any, username: Any = None) -> str:
    """Name an account as people do: by its handle, else by its name."""
    handle = handle_in(username) if isinstance(username, str) else None
    return shown(handle) or str(name or "an account without a name")[:200]
