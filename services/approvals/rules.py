"""What approvals go by: two approvals above a number of followers, times, and who stands in for whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from data import cases, people
from data.models import Case, CaseRule, Delegation
from data.store import Session, now
from data.types import Role, Rule
from services import audit
from services.access import ALLOWED, Actor, Permission, requires
from services.approvals.evidence import Evidence
from services.desk import Desk
from services.failures import Failure, Misuse
from services.people import checked_username

SHADOW = timedelta(days=30)
_YEAR = 24 * 365
RANGES: Mapping[Rule, tuple[int, int]] = {
    Rule.TWO_ABOVE: (0, 10**12),
    Rule.DUE_HOURS: (1, _YEAR),
    Rule.REMIND_HOURS: (1, _YEAR),
    Rule.ESCALATE_HOURS: (0, _YEAR),
}
"""The least and the most that each rule may say."""
SAYS: Mapping[Rule, str] = {
    Rule.TWO_ABOVE: "Accounts with more followers than this need two approvals, by different people. "
    "An account whose followers nobody tells needs one.",
    Rule.DUE_HOURS: "A request that agrees on no time is to be decided within so many hours.",
    Rule.REMIND_HOURS: "So many hours before its agreed time a case that still waits is marked, in the queue and in "
    "its story. No mail is sent.",
    Rule.ESCALATE_HOURS: "A case that waits past its agreed time is flagged. So many hours later it is marked as "
    "escalated and taken from whom it was given to: it is for every admin then. No mail is sent.",
}
"""What each rule does, in words."""
LONGEST_AWAY = timedelta(days=366)


@dataclass(frozen=True)
class Shadow:
    """How a rule for two approvals would have acted on what was approved in the last 30 days."""

    above: int
    approved: int
    needing_two: int
    unknown: int
    """Cases whose followers were not told: the rule does not act on them."""


class Pace(NamedTuple):
    """How rules of time would have marked what was decided in the last 30 days, had each been due after those hours."""

    decided: int
    reminded: int
    flagged: int
    escalated: int


@dataclass(frozen=True)
class StandIn:
    """One person deciding in another one's place, from an instant to another."""

    id: int
    away: str
    delegate: str
    since: datetime
    until: datetime


def rules(desk: Desk) -> dict[Rule, int]:
    """Give the rules that are in force."""
    with desk.store.reading() as session:
        return in_force(session)


def in_force(session: Session) -> dict[Rule, int]:
    """Give the rules that are in force, within a session."""
    return cases.rules(session)


@requires(Permission.DECIDE_CASES, "case.rule", "rule {}")
def set_rule(desk: Desk, actor: Actor, rule: Rule, number: int | None) -> None:
    """Set a rule's number, or take the rule out of force with None. Raises Misuse for a number out of range."""
    least, most = RANGES[rule]
    if number is not None and not least <= number <= most:
        raise Misuse(f"{rule.value} is a number from {least} to {most:,}.", "Choose another one.")
    with desk.store.writing() as session:
        held = cases.rule(session, rule)
        before = held.number if held else None
        if number is not None:
            changed = held or CaseRule(name=rule.value, number=number, changed_by="", changed_at=now())
            changed.number, changed.changed_by, changed.changed_at = number, actor.username, now()
            cases.keep(session, changed)
        elif held is not None:
            cases.drop(session, held)
        audit.record(session, actor, "case.rule", f"rule {rule.value}", before=before, after=number)


def shadow(desk: Desk, above: int) -> Shadow:
    """Tell how many cases approved in the last 30 days would have needed two approvals; nothing is changed."""
    with desk.store.reading() as session:
        followers = [number for _, number in cases.decided_since(session, now() - SHADOW)]
    told = [number for number in followers if number is not None]
    return Shadow(above, len(followers), sum(number > above for number in told), len(followers) - len(told))


def pace(desk: Desk, due: int, *, remind: int | None = None, escalate: int | None = None) -> Pace:
    """Tell how many cases decided in the last 30 days rules of so many hours would have marked; nothing is changed.

    A case that was decided in time before its reminder is counted nowhere but among the decided ones.
    """
    with desk.store.reading() as session:
        taken = [decided - requested for requested, decided in cases.waited_since(session, now() - SHADOW)]

    def beyond(hours: int | None) -> int:
        return 0 if hours is None else sum(each > timedelta(hours=hours) for each in taken)

    reminded = None if remind is None else max(0, due - remind)
    return Pace(len(taken), beyond(reminded), beyond(due), beyond(None if escalate is None else due + escalate))


def needs_two(in_force: Mapping[Rule, int], evidence: Evidence) -> bool:
    """Tell whether an account has so many followers that two people have to approve; unknown ones are not many."""
    above, followers = in_force.get(Rule.TWO_ABOVE), evidence["followers"]
    return above is not None and followers is not None and followers > above


def first_by(case: Case, evidence: Evidence) -> str | None:
    """Name who approved first, while the account is still the one that this person saw: its handle and its owner."""
    was = case.evidence
    same = all(was[name] in {None, evidence[name]} for name in ("handle_key", "owner"))
    return case.first_by if same else None


def due(session: Session, wanted: datetime | None, at: datetime) -> datetime | None:
    """Give when a case is due: as agreed, else by the rule, else never. Raises Misuse for a time that is over."""
    if wanted is not None:
        if wanted <= at:
            raise Misuse("The agreed time is over already.", "Name a later one.")
        return wanted
    hours = cases.rules(session).get(Rule.DUE_HOURS)
    return None if hours is None else at + timedelta(hours=hours)


def persons(session: Session, username: str, at: datetime) -> frozenset[str]:
    """Name the person, and those in whose place they decide at an instant."""
    held = [row for row in cases.delegations(session, at) if row.delegate == username and row.since <= at]
    return frozenset({username, *(row.away for row in held)})


def persons_now(session: Session, username: str) -> frozenset[str]:
    """Name the person, and those in whose place they decide now."""
    return persons(session, username, now())


def stand_ins(desk: Desk) -> tuple[StandIn, ...]:
    """Give who stands in for whom, now and later."""
    with desk.store.reading() as session:
        return tuple(_stand_in(row) for row in cases.delegations(session, now()))


@requires(Permission.DECIDE_CASES, "case.delegate", "to {}")
def delegate(
    desk: Desk, actor: Actor, to: str, *, since: datetime, until: datetime, away: str | None = None
) -> StandIn:
    """Let another person who may decide see and decide one's cases while one is away. Raises Misuse."""
    person = checked_username(away or actor.username)
    other = checked_username(to)
    if person == other:
        raise Misuse("Nobody stands in for themselves.", "Name another person.")
    if until <= max(since, now()) or until - since > LONGEST_AWAY:
        raise Misuse("The time away has to end after it begins, later than now, and within a year.", "Correct it.")
    with desk.store.writing() as session:
        for name in (person, other):
            refuse_no_decider(session, name)
        row = Delegation(
            away=person, delegate=other, since=since, until=until, created_by=actor.username, created_at=now()
        )
        cases.keep(session, row)
        told = {"away": person, "delegate": other, "since": since, "until": until}
        audit.record(session, actor, "case.delegate", f"to {other}", after=told)
        return _stand_in(row)


@requires(Permission.DECIDE_CASES, "case.delegate_end", "delegation {}")
def end_delegation(desk: Desk, actor: Actor, number: int) -> None:
    """End a delegation now. Raises Misuse for one that is none or over."""
    with desk.store.writing() as session:
        row = cases.delegation(session, number)
        if row is None or row.ended_at is not None:
            raise Misuse("There is no such delegation.", "It may have ended already.")
        row.ended_at = now()
        cases.keep(session, row)
        about = {"away": row.away, "delegate": row.delegate}
        audit.record(session, actor, "case.delegate_end", f"delegation {number}", before=about)


def refuse_no_decider(session: Session, username: str) -> None:
    """See that a person exists, may sign in and may decide cases. Raises Misuse or Failure."""
    user = people.named(session, checked_username(username))
    if user is None:
        raise Misuse(f"There is no person {username}.", "`python -m services users list` names all.")
    if user.disabled_at is not None or Permission.DECIDE_CASES not in ALLOWED[Role(user.role)]:
        raise Failure("not_allowed", f"{username} may not decide cases.", "Name a person with the role admin.")


def _stand_in(row: Delegation) -> StandIn:
    return StandIn(row.id or 0, row.away, row.delegate, row.since, row.until)
