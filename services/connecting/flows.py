"""The vendors' flows by name: who gives the page of a window, and who asks the vendor what became of an attempt."""

import time
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final, Protocol

from data import attempts as table
from data.models import Attempt, Source
from data.store import now
from data.types import AttemptState, Vendor
from services import audit
from services.access import SYSTEM, Actor, Permission, requires
from services.connecting import attempts, gipper, highlevel, late, zocial
from services.connecting.confirming import ASKED_AGAIN, Minted, Verdict, conclude, refused, sentence, source_of, waits
from services.desk import Desk
from services.failures import Failure, Misuse
from services.vendors.errors import PASSING, OutcomeUnknown, Rejected, VendorError


class Opens(Protocol):
    """A flow with a window."""

    def mint(self, desk: Desk, attempt: Attempt, source: Source) -> Minted:
        """Ask the vendor once for the page that a person consents on. Raises VendorError or Failure."""
        ...


class Judges(Protocol):
    """A flow whose vendor can be asked what became of an attempt."""

    def judge(self, desk: Desk, attempt: Attempt, source: Source) -> Verdict | None:
        """Ask the vendor; None when it says nothing new. Raises VendorError or Failure."""
        ...


ATTENDED: Final = timedelta(minutes=5)
"""So long after the last step somebody is likely to look on."""
EVERY, LATER = 10.0, 60.0
"""Seconds between two questions about one attempt: while somebody looks on, and later."""
_UNREADABLE: Final = frozenset({"unexpected_answer", "too_large", "redirect"})
"""Kinds of answers that say nothing of an account: a page of a proxy, another shape."""
_NOT_BORNE_OUT: Final = "Begin again. If it stays, look at the account in the vendor's own console."
OPENS: Final[Mapping[Vendor, Opens]] = {Vendor.HIGHLEVEL: highlevel, Vendor.LATE: late}
JUDGES: Final[Mapping[Vendor, Judges]] = {
    Vendor.HIGHLEVEL: highlevel,
    Vendor.LATE: late,
    Vendor.GIPPER: gipper,
    Vendor.ZOCIAL: zocial,
}


def opener(source: Source) -> Opens:
    """Give the flow that opens a window for a source. Raises Misuse when its vendor has none."""
    found = OPENS.get(Vendor(source.vendor))
    if found is None:
        raise Misuse(f"{source.name} is connected by a form, not in a window.", "Fill in its form on the Connect page.")
    return found


def settle(desk: Desk, attempt: Attempt, *, by: str, actor: audit.Named = SYSTEM) -> Attempt:
    """Ask the vendor what became of an attempt that waits, and give it as it stands then."""
    if attempt.state != AttemptState.WAITING.value:
        return attempt
    try:
        source = source_of(desk, attempt)
        verdict = _judged(desk, attempt, source)
    except Failure as failure:
        return _told(desk, attempt, failure, by)
    if verdict is None:
        return attempts.by_key(desk, attempt.key) or attempt
    return conclude(desk, attempt, source, verdict, by=by, actor=actor)


def _judged(desk: Desk, attempt: Attempt, source: Source) -> Verdict | None:
    flow = JUDGES.get(Vendor(source.vendor))
    try:
        return None if flow is None else flow.judge(desk, attempt, source)
    except VendorError as error:
        return _unanswered(attempt, error)


@requires(Permission.CONNECT, "attempt.check", "an attempt to connect")
def check(desk: Desk, actor: Actor, key: str) -> Attempt:
    """Ask the vendor now what became of an attempt: “Check again”, “I have finished”, and the page's own asking."""
    return settle(desk, attempts.of_person(desk, actor, key), by="list", actor=actor)


def settle_waiting(desk: Desk) -> int:
    """Ask the vendors what became of everything that waits, also after a restart; gives how many ended.

    A job asks at each tick; each attempt has its own pace, and a source that can't be asked is asked once.
    """
    with desk.store.reading() as session:
        found = table.waiting(session)
    _asked.keep(each.key for each in found)
    ended, down = 0, set[int]()
    for attempt in found:
        if attempt.source_id in down or not _asked.is_due(attempt):
            continue
        after = settle(desk, attempt, by="list")
        ended += not attempts.is_open(after)
        down |= {attempt.source_id} if after.problem in PASSING else set()
    return ended


class _Asked:
    """When this process asked last about each attempt: often while somebody looks on, seldom later."""

    def __init__(self) -> None:
        self._last: dict[str, float] = {}

    def keep(self, keys: Iterable[str]) -> None:
        """Forget all but these attempts."""
        wanted = set(keys)
        self._last = {key: at for key, at in self._last.items() if key in wanted}

    def is_due(self, attempt: Attempt) -> bool:
        """Tell whether an attempt may be asked about now, and note that it is."""
        fresh = now() - (attempt.returned_at or attempt.changed_at) < ATTENDED
        moment = time.monotonic()
        last = self._last.get(attempt.key)
        if last is not None and moment - last < (EVERY if fresh else LATER):
            return False
        self._last[attempt.key] = moment
        return True


_asked = _Asked()


def _unanswered(attempt: Attempt, error: VendorError) -> Verdict:
    """Judge an error of the vendor: it passes, or nothing was said yet that it could refuse, or it is its answer."""
    if error.kind in PASSING:
        done = "The sign-in is done, but its outcome can't be confirmed now. " if attempt.returned_at else ""
        return waits(f"{done}{sentence(error)}", ASKED_AGAIN, error.kind)
    if isinstance(error, OutcomeUnknown):
        return waits(
            sentence(error), f"It is not sent a second time: the vendor's list tells. {ASKED_AGAIN}", error.kind
        )
    if attempt.returned_at is None or error.kind in _UNREADABLE:
        return waits(sentence(error), error.advice, error.kind)
    return refused(sentence(error), _NOT_BORNE_OUT if isinstance(error, Rejected) else error.advice, error.kind)


def _told(desk: Desk, attempt: Attempt, failure: Failure, by: str) -> Attempt:
    with desk.store.writing() as session:
        found = attempts.in_work(session, attempt.id or 0)
        attempts.say(session, found, failure.message, failure.advice, by=by, problem=failure.kind)
    return found
