"""Statements that compare the stories of cases with the audit trail; `services.approvals.proof` judges them."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Table, Text, and_, case, cast, exists, literal, or_
from sqlalchemy import select as rows
from sqlmodel import SQLModel, func

from data.cases import subject_of, together
from data.models import AuditRow, Case, CaseEvent
from data.store import Session

_cases = SQLModel.metadata.tables[Case.__tablename__]
_events = SQLModel.metadata.tables[CaseEvent.__tablename__]
_trail = SQLModel.metadata.tables[AuditRow.__tablename__]
EVENT = ("id", "case_id", "at", "actor", "action", "before", "after", "version", "reason", "evidence", "told")
"""What a step tells."""
STOOD_ONCE = (
    *(
        "id",
        "connection_id",
        "listed_id",
        "source_id",
        "kind",
        "platform",
        "handle",
        "handle_key",
        "account_key",
        "name",
    ),
    *("url", "followers", "owner", "category", "state", "version", "requested_by", "requested_at", "note", "due_at"),
    *("reminded_at", "flagged_at", "escalated_at", "assignee", "decision", "decided_by", "decided_at", "reason"),
    *("first_by", "sent_source_id", "sent_at", "sent_as", "approval_id", "code", "code_field", "answer"),
    *("vendor_word", "changed_at", "difference", "evidence"),
)
"""What of a case the steps of earlier versions proved."""
STANDING = (*STOOD_ONCE, "search_text", "sent_by", "sent_until", "waits_after", "vendor_word_at")
"""What a case tells: all of it, and each of its steps proves it anew."""
OPENED = "case.request"
"""The first step of every case."""
DOCUMENTS = frozenset({"evidence", "told", "difference"})
INSTANTS = frozenset({"at", *(name for name in STANDING if name.endswith("_at"))})
_AFTER_STEP = '", "_stood": "'
DIGEST, STRETCH = 32, 5_000
"""Characters of a step's digest, and steps that are read at once."""


class Proof(NamedTuple):
    """What a row of the audit trail says of one step of a case, and of the case after it (empty: nothing)."""

    row: int
    case: int
    digest: str
    stood: str


class Opened(NamedTuple):
    """What one row of the audit trail says of cases that were opened together; rows of earlier versions say less."""

    row: int
    first: int
    last: int
    actor: str
    action: str
    reason: str | None
    told: dict[str, Any]


def proofs(session: Session, number: int | None = None) -> list[Proof]:
    """Give what the trail says of each step of all cases, or of one."""
    start = len('{"_step": "')
    parted = start + DIGEST + 1
    stood = case(
        (
            func.substr(_trail.c.after, parted, len(_AFTER_STEP)) == _AFTER_STEP,
            func.substr(_trail.c.after, parted + len(_AFTER_STEP), DIGEST),
        ),
        else_="",
    )
    query = rows(_trail.c.id, _trail.c.subject, func.substr(_trail.c.after, start + 1, DIGEST), stood)
    query = query.where(_trail.c.action.like("case.%"), _trail.c.after.like('{"\\_step": %', escape="\\"))
    if number is not None:
        query = query.where(_trail.c.subject == subject_of(number))
    found = session.connection().execute(query.order_by(_trail.c.id))
    return [Proof(row[0], int(row[1].removeprefix("case ")), *row[2:]) for row in found]


def openings(session: Session, number: int | None = None) -> list[Opened]:
    """Give the openings of many cases together, all or those that a case is of."""
    names = ("id", "subject", "actor", "action", "reason", "after")
    query = rows(*(_trail.c[name] for name in names)).where(_trail.c.outcome == "done")
    found = session.connection().execute(query.where(_trail.c.subject.like("cases % to %")).order_by(_trail.c.id))
    told = [(row, together(row.subject)) for row in found]
    return [
        Opened(row.id, *each, row.actor, row.action, row.reason, json.loads(row.after or "{}"))
        for row, each in told
        if each is not None and (number is None or each[0] <= number <= each[1])
    ]


def as_opened(session: Session, first: int, last: int) -> Iterator[str]:
    """Give what the database holds of each first step of a stretch of cases, with whose it is, as one text a step."""
    parts = (_events.c.id, _cases.c.id, _events.c.at, _cases.c.source_id, _length(_cases.c.connection_id))
    told = [func.coalesce(cast(part, Text), "-") for part in (*parts, _cases.c.connection_id, _events.c.evidence)]
    line: ColumnElement[str] = literal("")
    for each in told:
        line = line.concat(" ").concat(each)
    query = rows(line).select_from(_events.join(_cases, _cases.c.id == _events.c.case_id))
    query = query.where(_events.c.case_id.between(first, last), _events.c.action == OPENED, _events.c.version == 1)
    yield from session.connection().execute(query.order_by(_events.c.case_id, _events.c.id)).scalars()


def every_event(session: Session, number: int | None = None) -> Iterator[dict[str, Any]]:
    """Give the steps of all cases, or of one, in the order they were taken; instants and JSON as the text they are."""
    query = rows(*_written(_events, EVENT))
    return _every(session, query if number is None else query.where(_events.c.case_id == number), _events.c.id)


def every_case(session: Session, number: int | None = None) -> Iterator[dict[str, Any]]:
    """Give what all cases tell, or one; instants and JSON as the text they are.

    `as_asked` tells whether its evidence is, byte for byte, what it was requested with.
    """
    first = exists().where(_events.c.case_id == _cases.c.id, _events.c.action == OPENED)
    same = first.where(cast(_events.c.evidence, Text) == cast(_cases.c.evidence, Text))
    query = rows(*_written(_cases, STANDING), same.label("as_asked"))
    return _every(session, query if number is None else query.where(_cases.c.id == number), _cases.c.id)


def out_of_step(session: Session, number: int | None = None) -> tuple[int, int] | None:
    """Give the first case that is not where its last step led, with the newest row of the trail about it."""
    steps = _events.alias()
    latest = rows(func.max(steps.c.id)).where(steps.c.case_id == _cases.c.id).correlate(_cases).scalar_subquery()
    query = rows(_cases.c.id).select_from(_cases.outerjoin(_events, _events.c.id == latest))
    query = query.where(or_(_events.c.after.is_distinct_from(_cases.c.state), _fresh_but_other()))
    query = query if number is None else query.where(_cases.c.id == number)
    found = session.connection().execute(query.order_by(_cases.c.id).limit(1)).scalar()
    return None if found is None else (found, latest_row(session, found))


def _written(table: Table, names: Iterable[str]) -> list[ColumnElement[Any]]:
    texts = DOCUMENTS | INSTANTS
    return [cast(table.c[name], Text).label(name) if name in texts else table.c[name] for name in names]


def _every(session: Session, query: Select[Any], number: ColumnElement[int]) -> Iterator[dict[str, Any]]:
    last, link = 0, session.connection()
    while found := link.execute(query.where(number > last).order_by(number).limit(STRETCH)).mappings().all():
        yield from (dict(row) for row in found)
        last = found[-1]["id"]


def _fresh_but_other() -> ColumnElement[bool]:
    """Tell whether a case that nothing happened to since its request tells anything else than that."""
    pairs = (("actor", "requested_by"), ("version", "version"), ("evidence", "evidence"))
    other = (cast(_events.c[said], Text) != cast(_cases.c[name], Text) for said, name in pairs)
    decided = (_cases.c[name].is_not(None) for name in ("decision", "decided_by", "first_by", "approval_id"))
    return and_(_events.c.action == OPENED, or_(*other, *decided))


def _length(column: ColumnElement[Any]) -> ColumnElement[int]:
    return func.length(func.coalesce(column, ""))


def latest_row(session: Session, number: int) -> int:
    """Give the newest row of the audit trail about a case, else the newest of all; 0 where there is none."""
    newest = rows(func.max(_trail.c.id))
    about = session.connection().execute(newest.where(_trail.c.subject == subject_of(number))).scalar()
    return int(about or session.connection().execute(newest).scalar() or 0)
