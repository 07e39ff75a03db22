"""The stories of cases against the audit trail: whatever happens to a step afterwards is noticed."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

from data import case_proofs
from data.models import Case, CaseEvent
from data.store import sqlite_module
from data.types import Rule
from services import audit, trail
from services.access import SYSTEM
from services.approvals import asking, decisions, own, proof, rules, story
from services.approvals.typed import Account
from services.desk import Desk
from services.reports import Wish
from services.sandbox import Sandbox
from services.sync import sync
from tests.services.approvals.approving import INGRID, MAREK, approved, asked, later, write
from tests.services.conftest import NOON


@pytest.fixture
def told(office: Desk, vendors: Sandbox) -> int:
    """A case that went all its way, with all kinds of steps."""
    rules.set_rule(office, INGRID, Rule.DUE_HOURS, 4)
    number = asked(office)
    held = decisions.hold(office, INGRID, number, seen=1, reason="Legal.")
    back = decisions.release(office, INGRID, number, seen=held.version)
    declined = decisions.decline(office, INGRID, number, seen=back.version, reason="No contract.")
    own.resubmit(office, MAREK, number, seen=declined.version, note="Signed.")
    approved(office, number)
    later(office, vendors)
    return number


OF_THE_HOLD = "WHERE case_id = {} AND action = 'case.hold'"
MEDDLED = (
    f"UPDATE case_events SET at = '2020-01-01 00:00:00.000000' {OF_THE_HOLD}",
    f"UPDATE case_events SET actor = 'olga' {OF_THE_HOLD}",
    f"UPDATE case_events SET before = 'held' {OF_THE_HOLD}",
    f"UPDATE case_events SET after = 'declined' {OF_THE_HOLD}",
    f"UPDATE case_events SET version = 9 {OF_THE_HOLD}",
    f"UPDATE case_events SET reason = 'legal.' {OF_THE_HOLD}",
    f"UPDATE case_events SET case_id = 1 {OF_THE_HOLD}",
    f"UPDATE case_events SET action = 'case.decline' {OF_THE_HOLD}",
    f"DELETE FROM case_events {OF_THE_HOLD}",
    "UPDATE case_events SET evidence = json_set(evidence, '$.followers', 1) WHERE case_id = {}",
    "UPDATE case_events SET evidence = substr(evidence, 2) WHERE case_id = {}",
    f"UPDATE case_events SET reason = CAST(x'ff' AS TEXT) {OF_THE_HOLD}",
    f"UPDATE case_events SET at = 'noon' {OF_THE_HOLD}",
    "UPDATE case_events SET told = '{{}}' WHERE case_id = {} AND action = 'case.send'",
    (
        "INSERT INTO case_events (case_id, at, actor, action, after, version) SELECT case_id, at, actor, action, after,"
        " version FROM case_events WHERE case_id = {} LIMIT 1"
    ),
    "UPDATE cases SET state = 'declined' WHERE id = {}",
    "UPDATE cases SET decided_by = 'olga' WHERE id = {}",
    "UPDATE cases SET requested_by = 'olga' WHERE id = {}",
    "UPDATE cases SET approval_id = approval_id + 1 WHERE id = {}",
    "UPDATE cases SET decided_at = substr(decided_at, 2) WHERE id = {}",
    "UPDATE cases SET evidence = json_set(evidence, '$.followers', 1) WHERE id = {}",
    "UPDATE cases SET evidence = substr(evidence, 2) WHERE id = {}",
    "UPDATE cases SET vendor_word = 'rejected' WHERE id = {}",
    "UPDATE cases SET note = CAST(x'ff' AS TEXT) WHERE id = {}",
)


def test_a_step_that_was_meddled_with_is_found(office: Desk, told: int) -> None:
    assert proof.verify(office) is None
    for table in ("cases", "case_events"):
        write(office.store, f"CREATE TABLE {table}_kept AS SELECT * FROM {table}")
    for change in MEDDLED:
        write(office.store, change.format(told))
        found = trail.verified(office, SYSTEM).bad
        assert found is not None, change
        assert f"case {told} " in found.why or "case 1 " in found.why
        for table in ("case_events", "cases"):
            write(office.store, f"DELETE FROM {table}")
        for table in ("cases", "case_events"):
            write(office.store, f"INSERT INTO {table} SELECT * FROM {table}_kept")
    assert story.exported(office, INGRID, told)["chain"]["holds"] is True
    write(office.store, MEDDLED[0].format(told))
    assert story.exported(office, INGRID, told)["chain"]["holds"] is False


@pytest.fixture
def together(office: Desk, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Cases that one sync opened together, and nobody else's; nothing happened to them since, but to the last."""
    monkeypatch.setattr(asking, "FEW", 1)
    write(office.store, "DELETE FROM case_events")
    write(office.store, "DELETE FROM cases")
    write(office.store, "DELETE FROM audit")
    write(office.store, "DELETE FROM sqlite_sequence WHERE name = 'audit'")
    sync(office, ["zocial"], Wish(at=NOON + timedelta(minutes=1)))
    with closing(_behind_its_back(office)) as link:
        opened = [number for (number,) in link.execute("SELECT id FROM cases ORDER BY id")]
    decisions.assign(office, INGRID, opened[-1], "ingrid", seen=1)
    return opened


def test_whatever_is_changed_of_a_case_that_was_opened_with_others_is_found(office: Desk, together: list[int]) -> None:
    assert len(together) > 2
    for number in (together[0], together[-1]):
        _find_every_change(office, "cases", f"id = {number}")
        _find_every_change(office, "case_events", f"case_id = {number}")
    _find_every_change(office, "audit", "subject LIKE 'cases %'")


def test_one_changed_byte_is_found_in_every_column(office: Desk, told: int) -> None:
    _find_every_change(office, "cases", f"id = {told}")
    _find_every_change(office, "case_events", f"case_id = {told} AND version IN (1, 6)")
    _find_every_change(office, "audit", f"subject = 'case {told}' AND action = 'case.hold'")


def test_a_case_that_was_taken_out_with_all_its_story_is_missed(office: Desk, together: list[int]) -> None:
    for number in (together[0], together[-1]):
        with closing(_behind_its_back(office)) as link:
            for table, column in (("cases", "id"), ("case_events", "case_id")):
                link.execute(f"CREATE TABLE kept_{table} AS SELECT * FROM {table} WHERE {column} = {number}")
                link.execute(f"DELETE FROM {table} WHERE {column} = {number}")
                assert trail.verified(office, SYSTEM).bad is not None, table
            for table in ("cases", "case_events"):
                link.execute(f"INSERT INTO {table} SELECT * FROM kept_{table}")
                link.execute(f"DROP TABLE kept_{table}")
    assert trail.verified(office, SYSTEM).bad is None


def test_what_earlier_versions_wrote_is_proved_as_far_as_they_did(
    office: Desk, told: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_proofs, "STANDING", case_proofs.STOOD_ONCE)
    again = asked(office, Account("youtube", "old.ways", "https://youtube.com/@old.ways"))
    monkeypatch.undo()
    assert proof.verify(office) is None
    write(office.store, f"UPDATE cases SET name = 'Other' WHERE id = {again}")
    assert proof.verify(office) is not None
    assert proof.verify(office, told) is None


def test_every_column_of_cases_and_steps_is_proved() -> None:
    assert set(case_proofs.STANDING) == set(Case.model_fields)
    assert set(case_proofs.EVENT) == set(CaseEvent.model_fields)


def _behind_its_back(desk: Desk) -> sqlite3.Connection:
    assert desk.store.path is not None
    link: sqlite3.Connection = sqlite_module().connect(desk.store.path, isolation_level=None)
    link.execute("PRAGMA synchronous = off")
    return link


def _find_every_change(desk: Desk, table: str, where: str) -> None:
    """Change a byte of each column of these rows, a number by one and nothing to something: each is to be found."""
    assert trail.verified(desk, SYSTEM).bad is None
    with closing(_behind_its_back(desk)) as link:
        found = link.execute(f"SELECT rowid, * FROM {table} WHERE {where}")
        names = [told[0] for told in found.description[1:]]
        for number, *values in found.fetchall():
            for name, value in zip(names, values, strict=True):
                key = number
                for other in _others(value):
                    link.execute(f"UPDATE {table} SET {name} = ? WHERE rowid = ?", (other, key))
                    key = other if name == "id" else number
                    bad = audit.verify(desk) if table == "audit" else proof.verify(desk)
                    assert bad is not None, f"{table}.{name}: {value!r} became {other!r}"
                    link.execute(f"UPDATE {table} SET {name} = ? WHERE rowid = ?", (value, key))
                    key = number
    assert trail.verified(desk, SYSTEM).bad is None


def _others(value: Any) -> Iterator[Any]:
    if not isinstance(value, str) or not value:
        yield 7 if not value else value + 1_000
        return
    places = {0, len(value) // 2, len(value) - 1, value.find(" ")}
    for place in sorted(places - {-1}):
        yield value[:place] + ("\t" if value[place] == " " else chr(ord(value[place]) ^ 1)) + value[place + 1 :]
