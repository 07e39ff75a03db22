"""From a vendor's word to the end of an attempt: connected only once the connection stands in the cache."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

from data import attempts as table
from data import sources
from data.models import Attempt, Source
from data.refresh import Record
from data.store import Session
from data.types import AttemptState, Health, Kind, Status
from services import audit
from services.access import SYSTEM
from services.clients import Client, client_of
from services.connecting import attempts
from services.connecting.taking import take
from services.desk import Desk
from services.failures import Failure
from services.handles import handle_key, shown
from services.observations import connection_id
from services.reports import Report, Wish
from services.sync import sync_source
from services.vendors.errors import PASSING, Rejected, VendorError

ASKED_AGAIN: Final = "It is asked again by itself, and at once by the button beside “Cancel”."
_NOT_IN_USE: Final = frozenset({Status.REJECTED.value, Status.SUSPENDED.value})
BEGIN_AGAIN: Final = "Begin again in a few minutes. Nothing was connected."
_REJECTED: Final = (
    "See that the details of its source are right on the Sources page, then begin again. Nothing was connected."
)


@dataclass(frozen=True)
class Verdict:
    """What a vendor's own word makes of an attempt.

    With CONNECTED `vendor_id` is the vendor's id of the account, `account` its name, and `records` what the vendor said
    of it where it has no list to sync. With WAITING the attempt only says how it stands; `by` is
    who says so, where that is not who was asked.
    """

    state: AttemptState
    message: str
    advice: str = ""
    problem: str | None = None
    vendor_id: str = ""
    account: str | None = None
    records: tuple[Record, ...] = ()
    by: str | None = None


@dataclass(frozen=True)
class Minted:
    """What a vendor gave for the window: the address of its page, never shown in the repr, or None when it needs none.

    `before` is its list at that moment, to compare with; `told` is what it said instead of an address.
    """

    address: str | None = field(repr=False)
    before: dict[str, Any] | None = None
    told: dict[str, Any] = field(default_factory=dict)


def waits(message: str, advice: str = "", problem: str | None = None) -> Verdict:
    """Give the verdict that leaves an attempt waiting, in other words."""
    return Verdict(AttemptState.WAITING, message, advice, problem)


def refused(message: str, advice: str, problem: str) -> Verdict:
    """Give the verdict that ends an attempt without an account."""
    return Verdict(AttemptState.REFUSED, message, advice, problem)


def conclude(
    desk: Desk,
    attempt: Attempt,
    source: Source,
    verdict: Verdict,
    *,
    by: str,
    actor: audit.Named = SYSTEM,
    report: Report | None = None,
) -> Attempt:
    """Write a verdict down and give the attempt as it stands then; a connected one is synced first.

    `report` is that of a sync which was done for several attempts together.
    """
    if verdict.state is AttemptState.CONNECTED:
        verdict = _cached(desk, attempt, report or bring(desk, source, [verdict]), verdict)
    with desk.store.writing() as session:
        found = attempts.in_work(session, attempt.id or 0)
        if verdict.state is AttemptState.WAITING:
            teller = verdict.by or by
            attempts.say(session, found, verdict.message, verdict.advice, by=teller, problem=verdict.problem)
            return found
        if verdict.state is AttemptState.CONNECTED and _taken(session, found, verdict):
            return found
        attempts.move(
            session,
            found,
            verdict.state,
            by=by,
            message=verdict.message,
            advice=verdict.advice,
            problem=verdict.problem,
            connection_id=_id(found, verdict) if verdict.state is AttemptState.CONNECTED else None,
            account=verdict.account,
            actor=actor,
        )
    return found


def source_of(desk: Desk, attempt: Attempt) -> Source:
    """Give the source of an attempt. Raises Failure when it was removed or switched off meanwhile."""
    with desk.store.reading() as session:
        found = sources.by_id(session, attempt.source_id)
    if found is None or found.removed_at is not None or not found.enabled:
        raise Failure("source_off", "The source of this attempt is off.", "Switch it on under Sources, then go on.")
    return found


@contextmanager
def asking(desk: Desk, source: Source) -> Iterator[Client]:
    """Open the client of a source for the length of a block. Raises Failure when its secret is missing."""
    client = client_of(desk, source)
    try:
        yield client
    finally:
        client.close()


@contextmanager
def reading_a_list() -> Iterator[None]:
    """Let no error of a list end an attempt: what can't be read says nothing of its account.

    Raises VendorError for what passes by itself, Failure for anything else.
    """
    try:
        yield
    except VendorError as error:
        if error.kind in PASSING:
            raise
        words = f"Whether the account is connected can't be confirmed now. {sentence(error)}"
        raise Failure(error.kind, words, f"{error.advice} {ASKED_AGAIN}") from error


def claimed(desk: Desk, attempt: Attempt) -> set[str]:
    """Give the connections that other attempts ended with since this one began."""
    with desk.store.reading() as session:
        return table.claimed(session, attempt.source_id, attempt.began_at)


def sentence(error: VendorError) -> str:
    """Give a vendor's error as one sentence."""
    return f"{str(error).rstrip('. ')}."


def after_start(error: VendorError) -> str:
    """Say what to do after a vendor gave no page to sign in on: what it was sent are the details of its source."""
    if error.kind in PASSING:
        return BEGIN_AGAIN
    return _REJECTED if isinstance(error, Rejected) else error.advice


def names(accounts: Iterable[str | None]) -> str:
    """Name accounts in a sentence, a few of many."""
    told = [name[:80] for name in accounts if name]
    more = f" and {len(told) - 3} more" if len(told) > 3 else ""  # noqa: PLR2004 (a sentence, not a list)
    return ", ".join(told[:3]) + more or "an account without a name"


def bring(desk: Desk, source: Source, verdicts: Iterable[Verdict]) -> Report:
    """Sync a source, or take the records of verdicts over where it has no list. Raises DatabaseProblem."""
    records = [record for verdict in verdicts for record in verdict.records]
    return take(desk, source, records) if records else sync_source(desk, source, Wish("connect"))


def _cached(desk: Desk, attempt: Attempt, report: Report, verdict: Verdict) -> Verdict:
    """Keep a verdict only if the connection stands in the cache after the sync, with access that is not broken."""
    number = _id(attempt, verdict)
    with desk.store.reading() as session:
        found = table.listed(session, [number]).get(number)
    if found is None or found.status == Status.DISCONNECTED.value:
        return waits(*_not_cached(report))
    if found.status in _NOT_IN_USE:
        words = f"The vendor lists {verdict.account or 'the account'}, but calls it {found.status}."
        return waits(words, f"Ask the vendor why. {ASKED_AGAIN}", found.status)
    if found.health == Health.BROKEN.value:
        words = f"The vendor lists {verdict.account or 'the account'}, but says that its access is broken."
        return waits(words, f"Look at the connection for why. {ASKED_AGAIN}", "broken")
    return replace(verdict, message=f"{verdict.message}{_as_listed(attempt, found)}")


def _as_listed(attempt: Attempt, found: table.Known) -> str:
    """Say how the list names what a form connected, where that is not what was sent, and whether it waits there."""
    told, name = attempt.told or {}, shown(found.handle) or found.name
    known = {handle_key(each, None) for each in (told.get("own"), told.get("name"))}
    other = "own" in told and name is not None and handle_key(found.handle or found.name, None) not in known
    waits_for = " It waits for the vendor's approval." if found.status == Status.PENDING.value else ""
    return (f" It is listed as {name} on {found.platform}." if other else "") + waits_for


def _not_cached(report: Report) -> tuple[str, str]:
    problem = report.problem
    why = f" {problem.message}" if problem else " Its list does not hold it yet."
    return f"The vendor says that the account is connected, but the sync has not brought it.{why}", ASKED_AGAIN


def _taken(session: Session, attempt: Attempt, verdict: Verdict) -> bool:
    """Tell whether another attempt ended with this account meanwhile: what only came into the list made one of them."""
    named = attempt.reconnects is not None or {"own", "account_id"} & set(attempt.told or {})
    return not named and _id(attempt, verdict) in table.claimed(session, attempt.source_id, attempt.began_at)


def _id(attempt: Attempt, verdict: Verdict) -> str:
    return connection_id(attempt.source_id, Kind(attempt.kind), verdict.vendor_id)
