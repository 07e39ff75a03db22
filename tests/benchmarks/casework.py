"""Fills a copy of a populated database with cases, one for each connection that is its account's only one."""

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from data.store import Store, now
from data.types import Role
from services import people
from services.access import SYSTEM
from tests.benchmarks.invented import instant
from tests.benchmarks.population import PERSON, opened, populated

STATES = tuple(
    state
    for state, share in (
        *(("requested", 20), ("held", 2), ("changes_requested", 3), ("submitted", 10), ("unknown", 1)),
        *(("approved", 2), ("accepted", 40), ("rejected", 5), ("declined", 12), ("withdrawn", 5)),
    )
    for _ in range(share)
)
"""How a hundred cases stand."""
_EVIDENCE = (
    "json_object('kind', kind, 'platform', platform, 'handle', handle, 'external_id', external_id, 'name', name,"
    " 'url', url, 'status', status, 'verified', verified, 'health', health, 'followers', followers,"
    " 'engagement_rate', engagement_rate, 'category', category, 'owner', null, 'suspect', suspect, 'growth', growth,"
    " 'handle_key', handle_key, 'disagree', json_array(), 'sources', json_array(json_object('connection', id,"
    " 'source', 'zocial', 'listed', 1, 'kind', kind, 'status', status, 'handle', handle, 'external_id', external_id,"
    " 'followers', followers, 'engagement_rate', engagement_rate, 'category', category, 'verified', verified,"
    " 'health', health)))"
)


@contextlib.contextmanager
def with_cases(count: int) -> Iterator[Path]:
    """Give the folder of such a copy, in which the person may decide."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "queue"
        shutil.copytree(populated(count), folder)
        with opened(folder) as desk:
            people.set_role(desk, SYSTEM, PERSON, Role.ADMIN)
            _fill(desk.store)
        yield folder


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
