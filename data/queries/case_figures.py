"""Cases as Today tells them: how many were open on each day, which need someone, and what became of one's requests."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select

from data.queries._tables import case_events as events
from data.queries._tables import cases
from data.queries.cases import STATES, Tab
from data.store import Session, now
from data.types import CaseState

FEW = 3
"""So many cases of one trouble are told one by one; how many there are beyond is told with the last of them."""
REFUSED_WITHIN = timedelta(days=30)
COUNTED = 1_000
_LOOKED_AT = 2_000
"""Steps: enough to tell what became of one's requests since a visit."""
_OPEN = tuple(state.value for tab in (Tab.TO_DECIDE, Tab.WAITING) for state in STATES[tab])
_UNDECIDED = tuple(state.value for state in STATES[Tab.TO_DECIDE])
_DECISIONS = ("case.approve", "case.decline", "case.changes", "case.hold", "case.release")
_ANSWERS = (*_DECISIONS, "case.vendor", "case.send", "case.reopen")
_here, _step = cases.c, events.c


class Trouble(StrEnum):
    """Why a case needs someone, the worst first."""

    UNKNOWN = "unknown"
    REFUSED = "refused"
    CAME_BACK = "came_back"
    OVER_TIME = "over_time"


class Wanting(NamedTuple):
    """A case that needs someone, and since when; `further` cases have the same trouble and are not told."""

    trouble: Trouble
    id: int
    platform: str
    name: str | None
    handle: str | None
    state: str
    since: datetime | None
    requested_by: str
    assignee: str | None
    code: str | None
    code_field: str | None
    answer: str | None
    difference: dict[str, Any] | None
    further: int = 0
    more: bool = False
    """Tells that there are more than `further`: counting stopped there."""


class Answer(NamedTuple):
    """One step that somebody else took with a person's request: who, when, what it became, and why."""

    at: datetime
    actor: str
    action: str
    state: str
    reason: str | None
    case: int
    platform: str
    name: str | None
    handle: str | None


def open_by_day(session: Session, *, since: date, until: date) -> list[int | None]:
    """Give how many cases were to be decided or waited for the vendor at the end of each day, the last one included.

    None on a day before the first case of all: whether anybody asked for approvals then is not known.
    """
    first = session.connection().execute(select(func.min(_step.at))).scalar_one_or_none()
    moved = _moved(session, since)
    number, counted = _open_now(session), list[int | None]()
    number -= sum(change for day, change in moved.items() if day > until)
    for back in range((until - since).days + 1):
        day = until - timedelta(days=back)
        known = day >= (first.date() if first else now().date())
        counted.append(number if known else None)
        number -= moved.get(day, 0)
    return counted[::-1]


def _open_now(session: Session) -> int:
    query = select(func.count()).select_from(cases).where(_here.state.in_(_OPEN))
    return int(session.connection().execute(query).scalar_one())


def _moved(session: Session, since: date) -> dict[date, int]:
    """Give by how much the number of open cases changed on each day; a step that left no state moved nothing."""
    came, left = _step.after.in_(_OPEN), _step.before.in_(_OPEN)
    began = and_(_step.action == "case.request", _step.before.is_(None))
    change = case((began, _one(came)), (_step.before.is_not(None), _one(came) - _one(left)), else_=0)
    day = func.date(_step.at)
    query = select(day, func.sum(change)).where(_step.at >= datetime.combine(since, time.min, UTC)).group_by(day)
    return {date.fromisoformat(str(row[0])): int(row[1]) for row in session.connection().execute(query)}


def _one(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def wanting(session: Session) -> list[Wanting]:
    """Give the cases that need someone, the worst first: each once, and of each trouble the first few."""
    told, found = list[int](), list[Wanting]()
    for trouble, (condition, since, order) in _troubles().items():
        every = and_(condition, _here.id.not_in(told))
        rows = [
            Wanting(trouble, *row) for row in session.connection().execute(_wanting(every, since, order).limit(FEW))
        ]
        if len(rows) == FEW:
            rows[-1] = _with_further(session, rows[-1], every)
        found += rows
        told += [row.id for row in rows]
    return found


def _wanting(condition: ColumnElement[bool], since: ColumnElement[Any], order: ColumnElement[Any]) -> Select[Any]:
    given = {"since": since}
    names = Wanting._fields[1 : Wanting._fields.index("further")]
    return select(*(given.get(name, _here.get(name)) for name in names)).where(condition).order_by(order, _here.id)  # type: ignore[arg-type]


def _with_further(session: Session, last: Wanting, condition: ColumnElement[bool]) -> Wanting:
    """Count what is not told one by one, as far as counting goes."""
    counted = select(_here.id).where(condition).limit(FEW + COUNTED + 1).subquery()
    number = int(session.connection().execute(select(func.count()).select_from(counted)).scalar_one()) - FEW
    return last._replace(further=min(number, COUNTED), more=number > COUNTED)


def _troubles() -> dict[Trouble, tuple[ColumnElement[bool], ColumnElement[Any], ColumnElement[Any]]]:
    """Give for each trouble which cases have it, since when, and which come first."""
    reopened = (
        select(func.max(_step.at))
        .where(_step.case_id == _here.id, _step.action == "case.reopen")
        .correlate(cases)
        .scalar_subquery()
    )
    back = and_(_here.state == CaseState.REQUESTED.value, _here.difference.is_not(None))
    late = and_(_here.state.in_(_UNDECIDED), _here.due_at <= now())
    return {
        Trouble.UNKNOWN: (_here.state == CaseState.UNKNOWN.value, _here.sent_at, _here.id),
        Trouble.REFUSED: (_refused(), _here.changed_at, _here.requested_at.desc()),
        Trouble.CAME_BACK: (back, reopened, _here.id.desc()),
        Trouble.OVER_TIME: (late, _here.due_at, _here.due_at),
    }


def _refused() -> ColumnElement[bool]:
    """Tell which cases the vendor refused lately, and that nobody requested anew."""
    other = cases.alias()
    same = or_(other.c.connection_id == _here.connection_id, other.c.account_key == _here.account_key)
    anew = exists().where(other.c.id > _here.id, same)
    return and_(_here.state == CaseState.REFUSED.value, _here.changed_at >= now() - REFUSED_WITHIN, ~anew)


def answers(session: Session, username: str, since: datetime, *, limit: int = 8) -> list[Answer]:
    """Give what others did with a person's requests since an instant, the latest first: of each case the last step."""
    lately = (
        select(_step.at, _step.actor, _step.action, _step.after, _step.reason, _step.case_id, _step.id)
        .where(_step.at > since, _step.action.in_(_ANSWERS), _step.after != CaseState.SUBMITTING.value)
        .where(_step.before.is_not(None))  # else it is the vendor's word alone, which moved nothing
        .order_by(_step.at.desc())
        .limit(_LOOKED_AT)
        .subquery()
    )
    told = lately.c
    names = {"state": told.after, "case": told.case_id}
    columns: list[Any] = [names.get(name, told.get(name, _here.get(name))) for name in Answer._fields]
    query = (
        select(*columns)
        .select_from(lately.join(cases, _here.id == told.case_id))
        .where(told.actor != username, _here.requested_by.concat("") == username)  # no index: the steps are the fewer
        .order_by(told.at.desc(), told.id.desc())
    )
    found: dict[int, Answer] = {}
    for answer in map(Answer._make, session.connection().execute(query)):
        found.setdefault(answer.case, answer)
    return list(found.values())[:limit]
