"""The queue of approvals with many cases: its questions against raw `sqlite3`, and plans of many decisions."""

import contextlib
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

from data.queries import cases
from data.queries.cases import CaseFilter, CaseOrder, Tab
from data.store import Session, Store, now
from data.types import Role
from services.access import Actor
from services.approvals import plans
from services.desk import Desk
from tests.benchmarks.figures import Figure, middle
from tests.benchmarks.invented import instant
from tests.benchmarks.population import opened, populated

MOST_SECONDS, PLANNED = 2.0, 10_000
ADMIN = Actor("ingrid", Role.ADMIN)
PERSONS = (ADMIN.username,)
PAGE = "SELECT id, handle, state, followers, due_at, requested_by FROM cases WHERE id BETWEEN 500 AND 549"
STATES = tuple(
    state
    for state, share in (
        *(("requested", 20), ("held", 2), ("changes_requested", 3), ("submitted", 10), ("unknown", 1)),
        *(("approved", 2), ("accepted", 40), ("rejected", 5), ("declined", 12), ("withdrawn", 5)),
    )
    for _ in range(share)
)
"""How a hundred cases stand."""
FILTERS = {
    "to decide": CaseFilter(Tab.TO_DECIDE, PERSONS),
    "mine": CaseFilter(Tab.MINE, PERSONS),
    "waiting": CaseFilter(Tab.WAITING, PERSONS),
    "decided": CaseFilter(Tab.DECIDED, PERSONS),
    "all": CaseFilter(),
    "one platform": CaseFilter(platforms=("instagram",)),
    "one source": CaseFilter(sources=("late",)),
    "one kind": CaseFilter(kinds=("channel",)),
    "one state": CaseFilter(states=("rejected",)),
    "one requester": CaseFilter(requested_by=("mia",)),
    "one assignee": CaseFilter(assignees=("olga",)),
    "overdue": CaseFilter(Tab.TO_DECIDE, PERSONS, overdue=True),
    "flagged": CaseFilter(flagged=True),
    "disagreeing": CaseFilter(disagreeing=True),
    "platform and requester": CaseFilter(Tab.TO_DECIDE, PERSONS, platforms=("tiktok",), requested_by=("mia",)),
    "search, many match": CaseFilter(search="sunka"),
    "search, one matches": CaseFilter(search=".777"),
    "search of 2 letters": CaseFilter(search="zq"),
}
_EVIDENCE = (
    "json_object('kind', kind, 'platform', platform, 'handle', handle, 'external_id', external_id, 'name', name,"
    " 'url', url, 'status', status, 'verified', verified, 'health', health, 'followers', followers,"
    " 'engagement_rate', engagement_rate, 'category', category, 'owner', null, 'suspect', suspect, 'growth', growth,"
    " 'handle_key', handle_key, 'disagree', json_array(), 'sources', json_array(json_object('connection', id,"
    " 'source', 'zocial', 'listed', 1, 'kind', kind, 'status', status, 'handle', handle, 'external_id', external_id,"
    " 'followers', followers, 'engagement_rate', engagement_rate, 'category', category, 'verified', verified,"
    " 'health', health)))"
)

Question = Callable[[Session], object]


def figures(count: int, rounds: int) -> Iterator[Figure]:
    """Measure each question in turns with fifty rows by their numbers in raw `sqlite3`; then the plans."""
    with _filled(count) as desk:
        raw = sqlite3.connect(f"file:{desk.store.path}?mode=ro", uri=True)
        with contextlib.closing(raw):
            for name, question in _questions(desk.store):
                taken = [(_raw(raw), _timed(desk.store, question)) for _ in range(rounds)]
                floor, ours = (middle(column) for column in zip(*taken, strict=True))
                note = "floor: 50 rows by number, raw sqlite3"
                yield Figure(f"queue of {count:,}, {name}", "ms", ours, floor, None, note)
        yield from _plans(desk)


def _questions(store: Store) -> Iterator[tuple[str, Question]]:
    undecided = FILTERS["to decide"]
    with store.reading() as session:
        following = cases.page(session, undecided).next
    yield "next page", lambda session: cases.page(session, undecided, after=following)
    for order in CaseOrder:
        for tab in (Tab.TO_DECIDE, Tab.DECIDED, Tab.ALL):
            wanted = CaseFilter(tab, PERSONS)
            yield f"{tab.value} by {order.value}", partial(cases.page, wanted=wanted, order=order)
    for name, wanted in FILTERS.items():
        yield f"page of {name}", partial(cases.page, wanted=wanted)
    yield "counts of the tabs", lambda session: cases.counts(session, PERSONS)
    yield "words of the filters", cases.words


def _plans(desk: Desk) -> Iterator[Figure]:
    with desk.store.reading() as session:
        numbers = cases.numbers(session, CaseFilter(Tab.TO_DECIDE, PERSONS, states=("requested",)), PLANNED)
    for action in ("approve", "hold"):
        started = time.perf_counter()
        plan = plans.plan_decisions(desk, ADMIN, action, numbers)
        taken = time.perf_counter() - started
        yield Figure(f"plan to {action} {len(plan.rows):,} cases", "s", taken, None, MOST_SECONDS)


@contextlib.contextmanager
def _filled(count: int) -> Iterator[Desk]:
    """Open a copy of a populated database in which each connection has a case."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "queue"
        shutil.copytree(populated(count), folder)
        with opened(folder) as desk:
            _fill(desk.store)
            yield desk


def _fill(store: Store) -> None:
    """Write the cases; connections of one account have no more than one active case."""
    named = " ".join(f"WHEN {place} THEN '{state}'" for place, state in enumerate(STATES))
    made = f"SELECT *, CASE number * 7 % 100 {named} END AS stands FROM connections WHERE account IS NULL"
    who = "CASE number % 5 WHEN 0 THEN 'system' WHEN 1 THEN 'mia' WHEN 2 THEN 'ingrid' ELSE 'marek' END"
    ended = "'accepted', 'rejected', 'declined', 'withdrawn'"
    at = "strftime('%Y-%m-%d %H:%M:%S.000000', ?, '{}' || (number * 13 % {}) || ' minutes')"
    began, later = at.format("-", 129_000), at.format("+", 9_000)
    columns = {
        **{name: name for name in ("source_id", "kind", "platform", "handle", "handle_key", "name", "url")},
        **{name: name for name in ("followers", "category", "search_text")},
        "connection_id": "id",
        "account_key": "platform || ':' || handle_key",
        "listed_id": "null",
        "state": "stands",
        "version": "1",
        "requested_by": who,
        "requested_at": began,
        "changed_at": began,
        "note": "''",
        "due_at": f"CASE WHEN number % 3 THEN {later} END",
        "flagged_at": f"CASE WHEN number % 40 = 1 THEN {began} END",
        "assignee": "CASE WHEN number % 25 = 1 THEN 'olga' END",
        "decision": f"CASE WHEN stands IN ({ended}) THEN iif(stands = 'declined', 'declined', 'approved') END",
        "decided_by": f"CASE WHEN stands IN ({ended}) THEN 'ingrid' END",
        "decided_at": f"CASE WHEN stands IN ({ended}) THEN {began} END",
        "vendor_word": "CASE WHEN stands IN ('accepted', 'rejected') THEN stands END",
        "sent_by": "''",
        "sent_until": "0",
        "evidence": _EVIDENCE,
    }
    today = instant(now() - timedelta(days=1))
    statement = f"INSERT INTO cases ({', '.join(columns)}) SELECT {', '.join(columns.values())} FROM ({made})"
    with store.bulk() as link:
        link.exec_driver_sql(statement, (today,) * statement.count("?"))


def _raw(link: sqlite3.Connection) -> float:
    started = time.perf_counter()
    link.execute(PAGE).fetchall()
    return (time.perf_counter() - started) * 1000


def _timed(store: Store, question: Question) -> float:
    started = time.perf_counter()
    with store.reading() as session:
        question(session)
    return (time.perf_counter() - started) * 1000
