"""Plans: what a request or a decision would do to many cases; `carrying` consumes them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from data import cases
from data.cases import Brief
from data.models import Case, Source
from data.queries import cases as queue
from data.queries.accounts import Witness
from data.queries.cases import CaseFilter
from data.queries.filters import Filter
from data.store import Session, now
from data.types import CaseState, Rule
from services import handles, plan_size
from services.access import Actor, Permission, requires
from services.approvals import asking as requests_
from services.approvals import decisions, rules, sending, steps
from services.approvals import evidence as evidences
from services.approvals.asking import Wish
from services.approvals.evidence import Evidence
from services.approvals.typed import Account, checked
from services.desk import Desk
from services.failures import Failure, Misuse

DECISIONS = ("approve", "decline", "changes", "hold", "release", "assign")
AT_ONCE = 500
"""Cases whose evidence is held at once for a plan."""
SECONDS_A_CALL = 0.05
"""Zocial documents no limit: our own pace is 20 calls a second."""


class Row(NamedTuple):
    """What a plan does to one connection or case; `problem` says why it can not (`why`: its kind), and that is all."""

    name: str
    what: str
    case: int | None = None
    connection: str | None = None
    version: int = 0
    pinned: str = ""
    source: str | None = None
    problem: str = ""
    advice: str = ""
    why: str = ""
    warning: str = ""
    """What speaks against it though it can be done."""
    standing: int | None = None
    """The active case of the account, which stands in the way of a request."""


@dataclass(frozen=True)
class Plan:
    """What will happen, row by row; `calls` are the requests for each source, `to` who is given the cases."""

    action: str
    actor: str
    rows: tuple[Row, ...]
    reason: str = ""
    wish: Wish = field(default_factory=Wish)
    to: str | None = None

    def __str__(self) -> str:
        return f"plan to {self.action} {len(self.rows)}"

    @property
    def doable(self) -> tuple[Row, ...]:
        """Give the rows that can be done."""
        return tuple(row for row in self.rows if not row.problem)

    @property
    def calls(self) -> dict[str, int]:
        """Count the requests that leave for each source."""
        return dict(Counter(row.source for row in self.doable if row.source is not None))

    @property
    def seconds(self) -> float:
        """Estimate how long the requests take at our own pace."""
        return max(self.calls.values(), default=0) * SECONDS_A_CALL

    @property
    def sentence(self) -> str:
        """Say in one sentence what will happen."""
        parts = [f"{len(self.doable):,} of {len(self.rows):,}: {self.action}"]
        parts += [f"{count:,} request{'s' * (count != 1)} to {source}" for source, count in self.calls.items()]
        return "; ".join(parts) + "."


@requires(Permission.REQUEST_APPROVAL, "case.plan_request", otherwise="a filter")
def plan_requests(desk: Desk, actor: Actor, connections: Sequence[str] | Filter, wish: Wish | None = None) -> Plan:
    """Tell what requesting these connections, or all that match a filter, would do. Raises Misuse for too many.

    Of all that match, an account with several connections is one row: its first one.
    """
    asked = wish or Wish()
    steps.checked_words(asked.note)
    with desk.store.reading() as session:
        rules.due(session, asked.due, now())
        given = connections if not isinstance(connections, Filter) else plan_size.matching(session, connections)
        ids = list(dict.fromkeys(given))
        plan_size.refuse_many(len(ids))
        rows = _requests(session, ids)
        if isinstance(connections, Filter):
            rows = [row for row in rows if row.why != "twice"]
        return Plan("request", actor.username, tuple(rows), wish=asked)


@requires(Permission.REQUEST_APPROVAL, "case.plan_submission", otherwise="an account")
def plan_submission(desk: Desk, actor: Actor, account: Account) -> Plan:
    """Tell what requesting a typed-in account would do. Raises Misuse that names a wrong field."""
    told = checked(account)
    with desk.store.reading() as session:
        evidence, members, connection = requests_.known_of(session, told)
        row = Row(told.handle, "a new case", connection=connection, pinned=evidences.fingerprint(evidence))
        marks = requests_.marks_of(evidence, members)
        return Plan("submit", actor.username, (_requested(row, (), cases.active(session, marks, marks), None),))


@requires(Permission.DECIDE_CASES, "case.plan_decision", otherwise="a filter")
def plan_decisions(
    desk: Desk,
    actor: Actor,
    action: str,
    wanted: Sequence[int] | CaseFilter,
    *,
    reason: str = "",
    to: str | None = None,
) -> Plan:
    """Tell what a decision on these cases, or all that match a filter, would do. Raises Misuse.

    `action` is one of DECISIONS; a reason is required to decline and to ask for changes, `to` is whom to assign to.
    """
    if action not in DECISIONS:
        raise Misuse(f"There is no decision {action!r}.", f"There are: {', '.join(DECISIONS)}.")
    words = steps.checked_reason(reason) if action in {"decline", "changes"} else steps.checked_words(reason)
    with desk.store.reading() as session:
        given = queue.numbers(session, wanted, plan_size.MOST + 1) if isinstance(wanted, CaseFilter) else wanted
        numbers = list(dict.fromkeys(given))
        plan_size.refuse_many(len(numbers))
        if action == "assign":
            return Plan(action, actor.username, tuple(_assignments(session, numbers, to)), words, to=to)
        stretches = (numbers[start : start + AT_ONCE] for start in range(0, len(numbers), AT_ONCE))
        rows = tuple(row for each in stretches for row in _decisions(session, actor.username, action, each))
        return Plan(action, actor.username, rows, words)


def approval(session: Session, username: str, number: int) -> Row:
    """Tell what approving one case would do, as the plan of many would say it."""
    (row,) = _decisions(session, username, "approve", [number])
    return row


def _requests(session: Session, ids: list[str]) -> list[Row]:
    known = evidences.of_connections(session, ids)
    marks = {each: requests_.marks_of(*known[each]) for each in known}
    every = sorted({mark for found in marks.values() for mark in found})
    briefs = cases.active(session, every, every)
    standing = {mark: brief for brief in briefs for mark in (brief.connection_id, brief.account_key) if mark}
    rows, taken = list[Row](), dict[str, str]()
    for each in ids:
        row = Row(each, "a new case", connection=each)
        if each not in known:
            rows.append(row._replace(problem=f"There is no connection {each[:80]!r}.", why="misuse"))
            continue
        evidence, members = known[each]
        row = row._replace(name=_named(evidence, each), pinned=evidences.fingerprint(evidence))
        before = [standing[mark] for mark in marks[each] if mark in standing]
        rows.append(
            _requested(row, members, before, next((taken[mark] for mark in marks[each] if mark in taken), None))
        )
        if not rows[-1].problem:
            taken |= dict.fromkeys(marks[each], each)
    return rows


def _requested(row: Row, members: tuple[Witness, ...], before: list[Brief], same: str | None) -> Row:
    """Say of a row why it can't be requested, if so; `same` is an earlier row of the same account."""
    try:
        if members:
            requests_.refuse_gone(row.connection or "", members)
        requests_.refuse_active(before)
    except Failure as failure:
        return _left(row, failure)._replace(standing=before[0].id if before else None)
    if same is not None:
        return _left(row, Failure("twice", f"{same} above is the same account.", "One case is enough for both."))
    return row


def _left(row: Row, failure: Failure) -> Row:
    return row._replace(problem=failure.message, advice=failure.advice, why=failure.kind)


def _assignments(session: Session, numbers: list[int], to: str | None) -> list[Row]:
    """Say which cases can be given to a person, or to nobody. Raises Misuse or Failure for one who may not decide."""
    if to is not None:
        rules.refuse_no_decider(session, to)
    found, rows = cases.some(session, numbers), list[Row]()
    for number in numbers:
        case = found.get(number)
        row = Row(str(number), f"is given to {to or 'nobody'}", case=number)
        if case is not None:
            named = handles.shown(case.handle) or case.name or str(number)
            row = row._replace(name=named, connection=case.connection_id, version=case.version)
        try:
            decisions.refuse_ended(case, number)
            if case is not None and to is not None:
                steps.refuse_own(case, frozenset({to}))
            rows.append(row)
        except Failure as failure:
            rows.append(_left(row, failure))
    return rows


def _decisions(session: Session, username: str, action: str, numbers: list[int]) -> list[Row]:
    found = cases.some(session, numbers)
    known = evidences.of_cases(session, found.values())
    persons, in_force = rules.persons(session, username, now()), cases.rules(session)
    zocial = sending.zocial_sources(session)
    rows = []
    for number in numbers:
        row = Row(str(number), "", case=number)
        case = found.get(number)
        if case is None:
            rows.append(row._replace(problem=f"There is no case {number}.", why="misuse"))
            continue
        evidence = known[number]
        row = row._replace(name=_named(evidence, str(number)), connection=case.connection_id, version=case.version)
        row = row._replace(
            what=f"becomes {steps.spoken(steps.STEPS[action][1])}",
            pinned=evidences.fingerprint(evidence),
            warning=evidences.absence(evidence, case.connection_id),
        )
        try:
            decisions.refuse_undecidable(case, action, persons, evidence)
            if action == "approve":
                to = sending.chosen(zocial, case.source_id, evidence)
                standing = sending.at_vendor(session, case, to)
                row = _approval(row, case, evidence, in_force, (to, standing))
            rows.append(row)
        except Failure as failure:
            rows.append(_left(row, failure))
    return rows


def _approval(
    row: Row,
    case: Case,
    evidence: Evidence,
    in_force: dict[Rule, int],
    goes: tuple[Source | None, CaseState | None],
) -> Row:
    """Say what an approval of a case would send, and where. Raises Failure for what can't be sent.

    `goes` is the source it goes to, and where the case stands there by a request that was sent before.
    """
    source, standing = goes
    if rules.needs_two(in_force, evidence) and rules.first_by(case, evidence) is None:
        return row._replace(what="is the first of two approvals; nothing is sent yet")
    if source is None:
        return row._replace(what="becomes approved; nothing is sent, there is no Zocial source")
    if standing is not None:
        return row._replace(what=f"becomes {steps.spoken(standing)}. {sending.not_again(source, standing).rstrip('.')}")
    sending.body_of(evidence, sending.sent_id(evidence, source.name))
    return row._replace(what=f"is submitted to {source.name}", source=source.name)


def _named(evidence: Evidence, otherwise: str) -> str:
    return str(handles.shown(evidence["handle"]) or evidence["name"] or otherwise)
