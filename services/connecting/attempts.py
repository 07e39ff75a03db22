"""Attempts to connect (DESIGN.md section 6): begun once, moved in one place, ended in words that a person understands.

`started -> waiting -> connected | wrong_account | cancelled | blocked | timed_out | refused`. What a window, a message,
a return or a webhook says only moves an attempt after the vendor itself was asked; what comes after the end is kept as
an event and moves nothing.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from data import attempts as table
from data.models import Attempt, AttemptEvent
from data.store import Session, now
from data.types import OPEN_ATTEMPT, AttemptState
from services import audit
from services.access import SYSTEM, Actor, Permission, requires
from services.desk import Desk
from services.failures import Failure, Forbidden, Misuse
from services.handles import shown

_S = AttemptState
AT_VENDOR: Final = timedelta(minutes=10)
"""How long a person may take at the vendor once the window is open (FAULTS.md, row 86)."""
CONFIRMING: Final = timedelta(minutes=60)
"""How long what the window said may wait for the vendor's own word."""
LONGEST_WORDS: Final = 1_000
ALLOWED: Final[Mapping[AttemptState, frozenset[AttemptState]]] = {
    _S.STARTED: frozenset({_S.WAITING, _S.CANCELLED, _S.BLOCKED, _S.TIMED_OUT, _S.REFUSED}),
    _S.WAITING: frozenset({_S.CONNECTED, _S.WRONG_ACCOUNT, _S.CANCELLED, _S.TIMED_OUT, _S.REFUSED}),
}
"""Every step there is; an end has none."""
_COMES: Final = " What the vendor lists by now comes with the next sync."
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{20,128}", re.ASCII)


def open_of(desk: Desk, username: str) -> list[Attempt]:
    """Give the open attempts of a person, the newest first."""
    with desk.store.reading() as session:
        return table.open_of(session, username)


def by_key(desk: Desk, key: str) -> Attempt | None:
    """Give the attempt of a one-time key; None for an unknown one."""
    if not _KEY.fullmatch(key):
        return None
    with desk.store.reading() as session:
        return table.by_key(session, key)


def of_person(desk: Desk, actor: Actor, key: str) -> Attempt:
    """Give the attempt of a key that this person began. Raises Misuse for an unknown key, Forbidden for another's."""
    found = by_key(desk, key)
    if found is None:
        raise Misuse("There is no such attempt to connect.", "Begin again on the Connect page.")
    if found.person != actor.username and actor != SYSTEM:
        raise Forbidden("Somebody else began this attempt to connect.", "Begin your own on the Connect page.")
    return found


def is_open(attempt: Attempt) -> bool:
    """Tell whether an attempt is not at its end."""
    return AttemptState(attempt.state) in OPEN_ATTEMPT


def move(
    session: Session,
    attempt: Attempt,
    to: AttemptState,
    *,
    by: str,
    message: str,
    advice: str = "",
    problem: str | None = None,
    connection_id: str | None = None,
    account: str | None = None,
    actor: audit.Named = SYSTEM,
) -> bool:
    """Move an attempt, in the caller's transaction: its row, its story and the audit trail; the only place that does.

    `by` says what moved it: a person, "message", "return", "webhook", "list", "vendor" or "clock". An attempt that is
    at its end stays there: what came too late is kept as an event, and False is given.
    Raises Failure for a step that the machine does not have.
    """
    before = AttemptState(attempt.state)
    if not is_open(attempt):
        if (to, message[:LONGEST_WORDS]) != (before, attempt.message):  # the same end twice is one event
            _tell(session, attempt, before, by, f"Came too late and was ignored: {message}")
        return False
    if to is not before and to not in ALLOWED[before]:
        raise Failure("state", f"The attempt is {before.value}: it can't become {to.value}.", "Begin again.")
    old, at = standing(attempt), now()
    attempt.state, attempt.message, attempt.advice = to.value, message[:LONGEST_WORDS], advice[:LONGEST_WORDS]
    attempt.problem = problem
    attempt.account = account or attempt.account
    if to is not before:
        attempt.changed_at = at
    if to is _S.CONNECTED:
        attempt.connection_id = connection_id
    if to not in OPEN_ATTEMPT:
        attempt.ended_at, attempt.told = at, _without_address(attempt.told)
    table.keep(session, attempt)
    _tell(session, attempt, before, by, message)
    if to is not before:
        _record(session, attempt, old, actor)
    return True


def say(
    session: Session, attempt: Attempt, message: str, advice: str = "", *, by: str, problem: str | None = None
) -> None:
    """Say how an open attempt stands, without moving it; the same words twice are one event."""
    if is_open(attempt) and (attempt.message, attempt.advice) != (message[:LONGEST_WORDS], advice[:LONGEST_WORDS]):
        move(session, attempt, AttemptState(attempt.state), by=by, message=message, advice=advice, problem=problem)


def remember(attempt: Attempt, **told: Any) -> None:
    """Keep what was told of an attempt beside what was told before; None forgets."""
    merged = {**(attempt.told or {}), **told}
    attempt.told = {name: value for name, value in merged.items() if value is not None} or None


def note(session: Session, attempt: Attempt, by: str, words: str, *, first: bool = False) -> None:
    """Write what happened to an attempt into its story, the first when it is begun; nothing else changes."""
    table.keep(session, attempt)
    _tell(session, attempt, None if first else AttemptState(attempt.state), by, words)


@requires(Permission.CONNECT, "attempt.cancel", "an attempt to connect")
def cancel(desk: Desk, actor: Actor, key: str) -> Attempt:
    """Give an attempt up. What the vendor holds by then stays there and comes with the next sync."""
    number = of_person(desk, actor, key).id or 0
    with desk.store.writing() as session:
        found = in_work(session, number)
        if is_open(found):
            words, advice = _given_up(found)
            move(session, found, _S.CANCELLED, by=actor.username, message=words, advice=advice, actor=actor)
    return found


def expire(desk: Desk) -> int:
    """End the attempts whose time is over; gives how many. A job asks for it."""
    with desk.store.reading() as session:
        if not table.overdue(session, now()):
            return 0
    with desk.store.writing() as session:
        found = table.overdue(session, now())
        for attempt in found:
            _time_out(session, attempt)
    return len(found)


def in_work(session: Session, number: int) -> Attempt:
    """Give an attempt inside a unit of work, where nobody else changes it; one whose time is over ends here.

    Raises Misuse for an unknown number.
    """
    found = table.by_id(session, number)
    if found is None:
        raise Misuse(f"There is no attempt {number}.", "Begin again on the Connect page.")
    if is_open(found) and found.ends_at <= now():
        _time_out(session, found)
    return found


def subject(attempt: Attempt) -> str:
    """Name an attempt as the audit trail does: by its number, never by its key."""
    return f"attempt {attempt.id}"


def named(expects: Mapping[str, Any] | None) -> str:
    """Name the account that a reconnect expects."""
    known = expects or {}
    return str(shown(known.get("handle")) or known.get("name") or known.get("vendor_id") or "the account")


def _given_up(attempt: Attempt) -> tuple[str, str]:
    if "own" in (attempt.told or {}):  # the form of this account was sent
        words = "This attempt was given up before the vendor confirmed it."
        return words, "Nobody knows whether it connected the account: sync the source before you send it again."
    return "This attempt was cancelled, so nothing was connected here.", "Begin again whenever you like."


def _time_out(session: Session, attempt: Attempt) -> None:
    told = attempt.told or {}
    if attempt.state == _S.STARTED.value:
        words, advice = "Nobody went on with this attempt for an hour.", "Begin again whenever you like."
    elif told.get("closed_at") and attempt.returned_at is None:
        words, advice = _closed_for_good(attempt)
        move(session, attempt, _S.CANCELLED, by="clock", message=words, advice=advice, problem="closed")
        return
    elif attempt.returned_at is not None or "own" in told:
        words = f"The vendor did not confirm the account in time. {attempt.message}".strip()
        advice = "Sync the source: if the account is connected, it comes with the list. Otherwise begin again."
    else:
        words, advice = "No answer came from the sign-in in time.", f"Begin again.{_COMES if attempt.before else ''}"
    move(session, attempt, _S.TIMED_OUT, by="clock", message=words, advice=advice, problem="timeout")


def _closed_for_good(attempt: Attempt) -> tuple[str, str]:
    advice = "Begin again, and finish the sign-in in the window before it is closed."
    if attempt.before is None:
        return "The window was closed, and nobody said which account was signed in.", advice
    return "The window was closed, and the vendor lists nothing new.", advice


def prolong(attempt: Attempt, until: datetime) -> None:
    """Let an open attempt last until an instant."""
    attempt.ends_at = until


def _without_address(told: dict[str, Any] | None) -> dict[str, Any] | None:
    """Forget the sealed consent address: nobody opens it after the end."""
    return {name: value for name, value in (told or {}).items() if name != "address"} or None


def _tell(session: Session, attempt: Attempt, before: AttemptState | None, by: str, words: str) -> None:
    event = AttemptEvent(
        attempt_id=attempt.id or 0,
        at=now(),
        by=by,
        before=None if before is None else before.value,
        after=attempt.state,
        words=words[:LONGEST_WORDS],
    )
    table.keep(session, event)


def _record(session: Session, attempt: Attempt, old: dict[str, Any], actor: audit.Named) -> None:
    ended_well = attempt.state in {_S.STARTED.value, _S.WAITING.value, _S.CONNECTED.value}
    outcome = "done" if ended_well else "refused"
    audit.record(
        session,
        actor,
        f"attempt.{attempt.state}",
        subject(attempt),
        before=old,
        after=standing(attempt),
        outcome=outcome,
        reason=None if ended_well else attempt.message,
    )


def standing(attempt: Attempt) -> dict[str, Any]:
    """Give how an attempt stands as the audit trail keeps it."""
    names = ("state", "platform", "kind", "reconnects", "problem", "connection_id", "account")
    return {name: value for name in names if (value := getattr(attempt, name)) is not None}
