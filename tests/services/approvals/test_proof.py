"""The stories of cases against the audit trail: whatever happens to a step afterwards is noticed."""

from datetime import timedelta

import pytest

from data.types import Rule
from services import approvals, approvals_proof, approvals_requests, approvals_rules, approvals_story, trail
from services.access import SYSTEM
from services.desk import Desk
from services.reports import Wish
from services.sandbox import Sandbox
from services.sync import sync
from tests.services.approvals.approving import INGRID, MAREK, approved, asked, later, write
from tests.services.conftest import NOON


@pytest.fixture
def told(office: Desk, vendors: Sandbox) -> int:
    """A case that went all its way, with all kinds of steps."""
    approvals_rules.set_rule(office, INGRID, Rule.DUE_HOURS, 4)
    number = asked(office)
    held = approvals.hold(office, INGRID, number, seen=1, reason="Legal.")
    back = approvals.release(office, INGRID, number, seen=held.version)
    declined = approvals.decline(office, INGRID, number, seen=back.version, reason="No contract.")
    approvals.resubmit(office, MAREK, number, seen=declined.version, note="Signed.")
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
    assert approvals_proof.verify(office) is None
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
    assert approvals_story.exported(office, INGRID, told)["chain"]["holds"] is True
    write(office.store, MEDDLED[0].format(told))
    assert approvals_story.exported(office, INGRID, told)["chain"]["holds"] is False


def test_the_steps_of_cases_that_were_opened_together_are_proved_by_their_one_row(
    office: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(approvals_requests, "FEW", 1)
    write(office.store, "DELETE FROM case_events")
    write(office.store, "DELETE FROM cases")
    write(office.store, "UPDATE audit SET action = 'gone' WHERE action LIKE 'case.%'")
    sync(office, ["zocial"], Wish(at=NOON + timedelta(minutes=1)))
    assert approvals_proof.verify(office) is None
    newest = "WHERE id = (SELECT max(id) FROM cases)"
    for column, other in (("requested_by", "'mia'"), ("evidence", "json_set(evidence, '$.followers', 1)")):
        write(office.store, f"CREATE TABLE kept_{column} AS SELECT {column} AS value FROM cases {newest}")
        write(office.store, f"UPDATE cases SET {column} = {other} {newest}")
        assert approvals_proof.verify(office) is not None
        write(office.store, f"UPDATE cases SET {column} = (SELECT value FROM kept_{column}) {newest}")
    assert approvals_proof.verify(office) is None
    write(office.store, "UPDATE case_events SET actor = 'mia' WHERE id = (SELECT max(id) FROM case_events)")
    assert approvals_proof.verify(office) is not None
