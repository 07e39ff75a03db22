"""The window in which a person consents: opened on a page of ours, which learns the vendor's address once.

The address holds a signed state: it is kept sealed until the attempt ends, so that a reload of the window, another
tab or a restart goes on where the first one was, and the vendor is never asked twice for one attempt.
"""

from datetime import timedelta
from typing import Final, NamedTuple

from data.models import Attempt
from data.store import now
from data.types import AttemptState
from services.access import Actor, Permission, requires
from services.connecting import attempts, flows
from services.connecting.confirming import BEGIN_AGAIN, Minted, Verdict, after_start, refused, sentence, source_of
from services.desk import Desk
from services.failures import Failure
from services.vendors.errors import VendorError

FETCHING: Final = timedelta(minutes=2)
"""How long the calls for the list and the address may take (75 s and 30 s), after which they were cut off."""
SUDDEN: Final = timedelta(seconds=5)
"""A window that seems closed so soon was parted from its opener by the vendor's page, and is still open."""
AFTER_CLOSING: Final = timedelta(minutes=2)
"""How long a vendor may still list what a person finished in a window that is closed."""
_S = AttemptState
_GO_ON = "The sign-in window is open: go on there."
_IF_CLOSED = "If it is closed, open it again, or cancel."


class Opened(NamedTuple):
    """What the window shows next: the vendor's page at an address, or how the attempt stands."""

    attempt: Attempt
    address: str | None = None
    fetching: bool = False


@requires(Permission.CONNECT, "attempt.open", "an attempt to connect")
def open_window(desk: Desk, actor: Actor, key: str) -> Opened:
    """Give the address of the vendor's page, asked for once for each attempt whatever is reloaded.

    Raises Misuse for an unknown key, Forbidden for another person's attempt.
    """
    number = attempts.of_person(desk, actor, key).id or 0
    first = _claim(desk, actor, number)
    return _standing(desk, actor, number) if first is None else _fetch(desk, actor, first)


@requires(Permission.CONNECT, "attempt.closed", "an attempt to connect")
def closed(desk: Desk, actor: Actor, key: str) -> Attempt:
    """Hear that the window seems closed, which is no failure: the vendor is asked whether something was connected."""
    number = attempts.of_person(desk, actor, key).id or 0
    with desk.store.writing() as session:
        found = attempts.in_work(session, number)
        if found.state != _S.WAITING.value or found.returned_at is not None or (found.told or {}).get("closed_at"):
            return found
        at = now()
        sudden = at - found.changed_at < SUDDEN
        attempts.remember(found, closed_at=at.isoformat())
        if found.before is None:  # there is no list to ask: a person may name the account, which takes its time
            attempts.note(session, found, "window", "The window was closed, or can't be seen any more.")
        else:
            attempts.prolong(found, found.ends_at if sudden else min(found.ends_at, at + AFTER_CLOSING))
            attempts.say(session, found, *_closing(sudden=sudden), by="window")
    return flows.settle(desk, found, by="list", actor=actor)


@requires(Permission.CONNECT, "attempt.blocked", "an attempt to connect")
def blocked(desk: Desk, actor: Actor, key: str) -> Attempt:
    """Hear that the browser let no window open; of an attempt whose window is open, that is ignored."""
    number = attempts.of_person(desk, actor, key).id or 0
    with desk.store.writing() as session:
        found = attempts.in_work(session, number)
        if found.state != _S.STARTED.value:
            attempts.note(session, found, "window", "The browser said that it blocked a window.")
            return found
        words = "The browser blocked the sign-in window, so nothing was asked of the vendor."
        advice = "Allow windows of Patchbay in the browser, or begin again and open the sign-in in a new tab."
        attempts.move(session, found, _S.BLOCKED, by="window", message=words, advice=advice, problem="blocked")
    return found


def _claim(desk: Desk, actor: Actor, number: int) -> Attempt | None:
    """Let one caller alone ask for the address; None for all who come after it."""
    with desk.store.writing() as session:
        found = attempts.in_work(session, number)
        if found.state != _S.STARTED.value:
            return None
        words = "The sign-in window is open, and the vendor is asked for its page."
        attempts.prolong(found, now() + attempts.AT_VENDOR)
        attempts.move(session, found, _S.WAITING, by=actor.username, message=words, actor=actor)
    return found


def _standing(desk: Desk, actor: Actor, number: int) -> Opened:
    """Give what a window shows that comes again: the page of the vendor if it is known, else how the attempt stands."""
    with desk.store.writing() as session:
        found = attempts.in_work(session, number)
        sealed = (found.told or {}).get("address")
        if attempts.is_open(found) and sealed and found.returned_at is None:
            attempts.remember(found, closed_at=None)
            attempts.prolong(found, now() + attempts.AT_VENDOR)
            attempts.say(session, found, _GO_ON, _IF_CLOSED, by=actor.username)
            return Opened(found, desk.vault.open(bytes.fromhex(sealed), row=attempts.subject(found))["url"])
        unanswered = attempts.is_open(found) and found.returned_at is None
        if unanswered and now() - found.changed_at < FETCHING:
            return Opened(found, fetching=True)
        if unanswered:
            words = "The request for the vendor's page was cut off, and it is made once only."
            attempts.move(session, found, _S.REFUSED, by="clock", message=words, advice=BEGIN_AGAIN, problem="cut_off")
    return Opened(found)


def _fetch(desk: Desk, actor: Actor, attempt: Attempt) -> Opened:
    """Ask the vendor for its page, once, and write down what it said."""
    try:
        source = source_of(desk, attempt)
        minted = flows.opener(source).mint(desk, attempt, source)
    except VendorError as error:
        return _ended(desk, attempt, refused(sentence(error), after_start(error), error.kind))
    except Failure as failure:
        return _ended(desk, attempt, refused(failure.message, failure.advice, failure.kind))
    return _minted(desk, actor, attempt, minted)


def _ended(desk: Desk, attempt: Attempt, verdict: Verdict) -> Opened:
    """End an attempt whose window has nowhere to go."""
    with desk.store.writing() as session:
        found = attempts.in_work(session, attempt.id or 0)
        attempts.move(
            session,
            found,
            verdict.state,
            by="vendor",
            message=verdict.message,
            advice=verdict.advice,
            problem=verdict.problem,
        )
    return Opened(found)


def _minted(desk: Desk, actor: Actor, attempt: Attempt, minted: Minted) -> Opened:
    """Keep the address, sealed; a vendor that says to be done at once is asked whether that is so."""
    with desk.store.writing() as session:
        found = attempts.in_work(session, attempt.id or 0)
        if not attempts.is_open(found):
            attempts.note(session, found, "vendor", "Its page was given after the attempt had ended.")
            return Opened(found)
        found.before = minted.before if found.before is None else found.before
        if minted.address is not None:
            sealed = desk.vault.seal({"url": minted.address}, row=attempts.subject(found)).hex()
            attempts.remember(found, address=sealed)
            attempts.say(session, found, _GO_ON, _IF_CLOSED, by="vendor")
            return Opened(found, minted.address)
        attempts.remember(found, **minted.told)
        found.returned_at = now()
        attempts.note(session, found, "vendor", "It answered as if the account were connected already.")
    return Opened(flows.settle(desk, found, by="vendor", actor=actor))


def _closing(*, sudden: bool) -> tuple[str, str]:
    if sudden:
        words = "Patchbay can't see the sign-in window any more, which a vendor's page may cause."
        return words, "Finish the sign-in there: the vendor is asked by itself, and “I have finished” asks at once."
    words = "The window was closed. The vendor is asked whether something was connected."
    return words, "If you did not finish, open it again, or cancel."
