"""What approvals go by: two approvals above a number of followers, when a case is due, and who stands in for whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from data import cases, people
from data.models import Case, CaseRule, Delegation
from data.store import Session, now
from data.types import CaseState, Role, Rule
from services import audit
from services.access import ALLOWED, SYSTEM, Actor, Permission, requires
from services.approvals_evidence import Evidence
from services.approvals_steps import Step, tell
from services.desk import Desk
from services.failures import Failure, Misuse
from services.people import checked_username

SHADOW = timedelta(days=30)
LARGEST = {Rule.TWO_ABOVE: 10**12, Rule.DUE_DAYS: 365, Rule.FLAG_AFTER_HOURS: 24 * 365}
LONGEST_AWAY = timedelta(days=366)


@dataclass(frozen=True)
class Shadow:
    """How a rule for two approvals would have acted on what was approved in the last 30 days."""

    above: int
    approved: int
    needing_two: int
    unknown: int
    """Cases whose followers were not told: the rule does not act on them."""


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
        return cases.rules(session)


@requires(Permission.DECIDE_CASES, "case.rule", "rule {}")
def set_rule(desk: Desk, actor: Actor, rule: Rule, number: int | None) -> None:
    """Set a rule's number, or take the rule out of force with None. Raises Misuse for a number out of range."""
    if number is not None and not 0 <= number <= LARGEST[rule]:
        raise Misuse(f"{rule.value} is a number from 0 to {LARGEST[rule]:,}.", "Choose another one.")
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


def needs_two(in_force: Mapping[Rule, int], evidence: Evidence) -> bool:
    """Tell whether an account has so many followers that two people have to approve; unknown ones are not many."""
    above, followers = in_force.get(Rule.TWO_ABOVE), evidence["followers"]
    return above is not None and followers is not None and followers > above


def due(session: Session, wanted: datetime | None, at: datetime) -> datetime | None:
    """Give when a case is due: as agreed, else by the rule, else never. Raises Misuse for a time that is over."""
    if wanted is not None:
        if wanted <= at:
            raise Misuse("The agreed time is over already.", "Name a later one.")
        return wanted
    days = cases.rules(session).get(Rule.DUE_DAYS)
    return None if days is None else at + timedelta(days=days)


def persons(session: Session, username: str, at: datetime) -> frozenset[str]:
    """Name the person, and those in whose place they decide at an instant."""
    held = [row for row in cases.delegations(session, at) if row.delegate == username and row.since <= at]
    return frozenset({username, *(row.away for row in held)})


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


def flag_overdue(desk: Desk) -> int:
    """Flag the undecided cases whose agreed time passed, as far past as the rule says; gives how many."""
    with desk.store.reading() as session:
        late = cases.overdue(session, _late_before(session))
    if not late:
        return 0
    with desk.store.writing() as session:
        late = cases.overdue(session, _late_before(session))
        for case in late:
            _flag(session, case)
    return len(late)


def _late_before(session: Session) -> datetime:
    return now() - timedelta(hours=cases.rules(session).get(Rule.FLAG_AFTER_HOURS, 0))


def _flag(session: Session, case: Case) -> None:
    case.flagged_at = now()
    told = {"due_at": None if case.due_at is None else case.due_at.isoformat()}
    tell(session, case, Step("case.flag", CaseState(case.state), told=told), SYSTEM)


def _stand_in(row: Delegation) -> StandIn:
    return StandIn(row.id or 0, row.away, row.delegate, row.since, row.until)
