"""Disconnect: the right kind of id, one request, and the word of every source that knows the account."""

import threading

import pytest

from data.queries.filters import Filter
from data.types import Role, Vendor
from services import audit
from services.access import Actor
from services.desk import Desk
from services.disconnecting import doing, plan
from services.failures import Failure, Forbidden
from services.sandbox import Sandbox
from tests import cached
from tests.services.approvals.approving import write
from tests.services.disconnecting.parting import INGRID, MAREK, alone, parted, planned, receipt, said, sent, shared


@pytest.mark.parametrize("vendor", ["zocial", "gipper", "highlevel"])
def test_a_connection_is_disconnected_by_its_vendors_own_id_and_proven_gone(
    office: Desk, vendors: Sandbox, vendor: str
) -> None:
    row = alone(office.store, vendor)
    done = parted(office, row["id"])
    assert (done.kind, done.problem) == ("done", None), done.message
    (call,) = sent(vendors)
    body = [entry.body for entry in vendors.log if entry.path == "/api/network/disconnect/"]
    assert row["vendor_id"] in (str(body) if vendor == Vendor.ZOCIAL else call[1])
    after = cached.connections(office.store)[row["id"]]
    assert (after["status"] == "disconnected") or (after["vanished_at"] is not None)
    found = receipt(office, done.receipt)
    assert (found.person, found.sent_as, found.account) == ("ingrid", row["vendor_id"], row["handle"])
    assert said(office, done.receipt) == {vendor: "gone"}
    assert audit.verify(office) is None


def test_who_may_not_is_refused_by_the_service(office: Desk, vendors: Sandbox) -> None:
    row = alone(office.store, "zocial")
    with pytest.raises(Forbidden, match="may not connect, reconnect and disconnect"):
        plan.plan(office, MAREK, [row["id"]])
    assert sent(vendors) == []


def test_what_can_not_be_disconnected_here_says_why(office: Desk) -> None:
    late = planned(office, alone(office.store, "late")["id"])
    assert (late.why, late.problem) == ("not_here", "Late's document has no call that disconnects.")
    page = next(row for row in cached.of_vendor(office.store, "zocial").values() if row["kind"] == "page")
    assert "networks alone" in planned(office, page["id"]).problem
    gone = next(row for row in cached.of_vendor(office.store, "zocial").values() if row["status"] == "disconnected")
    assert planned(office, gone["id"]).why == "disconnected"
    assert planned(office, "nobody").why == "misuse"


def test_an_account_that_lives_on_elsewhere_is_an_incident_there(office: Desk, vendors: Sandbox) -> None:
    row = shared(office.store, "zocial", beside="late")
    assert [each.source for each in planned(office, row["id"]).elsewhere] == ["late"]
    done = parted(office, row["id"])
    assert (done.kind, said(office, done.receipt)) == ("alive", {"zocial": "gone", "late": "alive"})
    (incident,) = [each for each in cached.incidents(office.store) if each["cause"] == "zombie"]
    assert incident["source_id"] == cached.source(office.store, "late")["id"]
    assert incident["ended_at"] is None
    assert len(sent(vendors)) == 1


def test_a_plan_that_no_longer_fits_is_refused_and_nothing_is_sent(office: Desk, vendors: Sandbox) -> None:
    row = alone(office.store, "zocial")
    old = planned(office, row["id"]).pinned
    parted(office, row["id"])
    with pytest.raises(Failure, match="disconnected already"):
        doing.disconnect(office, INGRID, row["id"], pinned=old)
    assert len(sent(vendors)) == 1


def test_a_bulk_is_proven_at_its_end_stops_at_a_source_that_refuses_and_says_what_became_of_each(
    office: Desk, vendors: Sandbox
) -> None:
    late = alone(office.store, "late")["id"]
    rows = [row["id"] for row in cached.of_vendor(office.store, "gipper").values() if row["vanished_at"] is None][:3]
    made = plan.plan(office, INGRID, [*rows, late, alone(office.store, "zocial")["id"]])
    assert (made.calls, len(made.doable)) == ({"gipper": 3, "zocial": 1}, 4)
    vendors.faults.plan("gipper", "delete", kind="status", status=401, skip=1, no_effect=True)
    first: list[str] = []

    results = doing.carry_out(office, INGRID, made, told=lambda done: first.append(done.kind))

    assert first == ["sent", "refused", "stopped", "planned_out", "sent"]
    assert [done.kind for done in results][1:] == ["refused", "stopped", "planned_out", "done"]
    assert len(sent(vendors)) == 3
    assert sum(entry.path == "/api/get/networks/" for entry in vendors.log) == 1  # one proof for all


def test_a_stopped_bulk_leaves_the_rest_and_another_ones_plan_is_refused(office: Desk, vendors: Sandbox) -> None:
    made = plan.plan(office, INGRID, [alone(office.store, "zocial")["id"]])
    stop = threading.Event()
    stop.set()
    assert [done.kind for done in doing.carry_out(office, INGRID, made, stop=stop)] == ["stopped"]
    with pytest.raises(Failure, match="is ingrid's"):
        doing.carry_out(office, Actor("olga", Role.ADMIN), made)
    assert sent(vendors) == []


def test_a_whole_account_and_all_that_match_are_planned(office: Desk) -> None:
    row = shared(office.store, "zocial", beside="late")
    made = plan.plan(office, INGRID, [row["id"]], whole=True)
    assert {each.source for each in made.rows} == {"zocial", "late"}
    assert [each.source for each in made.left_alive] == ["late"]
    every = plan.plan(office, INGRID, Filter(sources=("gipper",)))
    assert len(every.rows) == len(cached.of_vendor(office.store, "gipper"))


def test_instagrams_own_number_never_leaves_as_gippers(office: Desk, vendors: Sandbox) -> None:
    row = alone(office.store, "gipper")
    write(office.store, f"UPDATE connections SET vendor_id = '17841400000000001' WHERE id = '{row['id']}'")
    done = parted(office, row["id"])
    assert (done.kind, sent(vendors)) == ("refused", [])
    assert "Gipper's own integer id is needed" in done.message


def test_where_a_vendor_has_no_list_its_own_answer_is_the_proof(office: Desk, vendors: Sandbox) -> None:
    row = alone(office.store, "gipper")
    write(office.store, "UPDATE sources SET contract = 'documented' WHERE name = 'gipper'")
    done = parted(office, row["id"])
    assert (done.kind, done.message) == ("done", "Gone: gipper has no list; its own answer is all there is.")
    assert cached.connections(office.store)[row["id"]]["vanished_at"] is not None
    assert len(sent(vendors)) == 1


def test_without_a_list_a_lost_answer_is_said_and_leaves_the_way_open(office: Desk, vendors: Sandbox) -> None:
    row = alone(office.store, "gipper")
    write(office.store, "UPDATE sources SET contract = 'documented' WHERE name = 'gipper'")
    vendors.faults.plan("gipper", "*", method="DELETE", kind="reset", after_effect=True)
    lost = parted(office, row["id"])
    assert (lost.kind, "has no list that could tell" in lost.message, planned(office, row["id"]).problem) == (
        "refused",
        True,
        "",
    )
    again = parted(office, row["id"])  # by a new plan of a person
    assert (again.kind, again.problem) == ("done", "not_found")
