"""Cases that a sync opens by itself: a stretch a transaction, each account once, also after a run that was cut off."""

from datetime import timedelta

import pytest

from services import approvals, approvals_following
from services.desk import Desk
from services.reports import Wish
from services.sandbox import Sandbox
from services.sync import sync
from tests import cached
from tests.services.approvals.approving import INGRID, case, later, opened_for, pending, write
from tests.services.conftest import NOON


def test_a_long_list_opens_the_same_cases_a_stretch_at_a_time(office: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    for at_once in (1_000, 2):
        monkeypatch.setattr(approvals_following, "AT_ONCE", at_once)
        write(office.store, "DELETE FROM case_events")
        write(office.store, "DELETE FROM cases")
        sync(office, ["zocial"], Wish(at=NOON + timedelta(minutes=1)))
        told.append(cached.opened_cases(office.store))
        assert cached.runs(office.store)[-1]["state"] == "ok"
    assert told[0] == told[1]
    assert len(told[1]) > 2


def test_what_a_run_that_was_cut_off_left_pending_gets_its_case_from_the_next(office: Desk, vendors: Sandbox) -> None:
    row = pending(office.store)
    _decline(office, row["id"])
    write(office.store, f"UPDATE connections SET status = 'rejected', fingerprint = 0 WHERE id = '{row['id']}'")
    later(office, vendors, minutes=1)
    number = opened_for(office, row["id"])
    write(office.store, f"DELETE FROM case_events WHERE case_id = {number}")
    write(office.store, f"DELETE FROM cases WHERE id = {number}")
    write(office.store, "UPDATE sync_runs SET state = 'failed' WHERE id = (SELECT max(id) FROM sync_runs)")
    later(office, vendors, minutes=2)
    assert case(office, opened_for(office, row["id"])).requested_by == "system"
    _decline(office, row["id"])
    later(office, vendors, minutes=3)
    assert opened_for(office, row["id"]) == 0


def _decline(desk: Desk, connection_id: str) -> None:
    approvals.decline(desk, INGRID, opened_for(desk, connection_id), seen=1, reason="Not ours.")
