"""What every source says afterwards decides: yes without effect, no answer, a source that is down, who comes back."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import leases
from data.models import Disconnect
from data.store import now
from data.types import DisconnectState
from services.desk import Desk
from services.disconnecting import plan, sweep, verdicts
from services.disconnecting.doing import carry_out
from services.disconnecting.verdicts import ALIVE, GONE, NOT_TOLD, UNCONFIRMED, Told
from services.failures import Failure
from services.reports import Wish
from services.sandbox import Sandbox
from services.sync import sync
from tests import cached
from tests.services.approvals.approving import write
from tests.services.disconnecting.parting import INGRID, alone, parted, planned, receipt, said, sent, shared

YES = {"status": "success", "message": "Network disconnected successfully"}
S = DisconnectState


def zombies(desk: Desk) -> list[tuple[str, bool]]:
    """Give the incidents of accounts that live on: the connection, and whether it is open."""
    found = [each for each in cached.incidents(desk.store) if each["cause"] == "zombie"]
    return [(each["connection_id"], each["ended_at"] is None) for each in found]


def aged(desk: Desk, number: int | None, seconds: int) -> None:
    """Let time pass since a receipt's request, and since its sources were asked."""
    before = f"strftime('%Y-%m-%d %H:%M:%f000', {{}}, '-{seconds} seconds')"
    columns = ", ".join(f"{name} = {before.format(name)}" for name in ("began_at", "changed_at", "asked_at"))
    write(desk.store, f"UPDATE disconnects SET {columns} WHERE id = {number}")


def test_a_yes_without_effect_is_an_incident_until_the_list_tells_that_it_is_gone(
    office: Desk, vendors: Sandbox
) -> None:
    row = alone(office.store, "zocial")
    vendors.faults.plan("zocial", "disconnect", kind="status", status=200, body=YES, no_effect=True)
    done = parted(office, row["id"])
    assert (done.kind, done.message) == ("alive", "It lives on: zocial lists it as accepted.")
    assert zombies(office) == [(row["id"], True)]

    again = parted(office, row["id"])  # by a new plan of a person, never by itself

    assert (again.kind, len(sent(vendors))) == ("done", 2)
    assert zombies(office) == [(row["id"], False)]


def test_a_time_out_after_the_effect_is_settled_by_the_list_and_never_sent_again(
    office: Desk, vendors: Sandbox
) -> None:
    row = alone(office.store, "zocial")
    vendors.faults.plan("zocial", "disconnect", kind="hang", after_effect=True)
    done = parted(office, row["id"])
    assert (done.kind, done.problem) == ("done", UNCONFIRMED)
    assert len(sent(vendors)) == 1


def test_a_time_out_without_effect_stays_unknown_until_a_list_read_later_says_that_nothing_happened(
    office: Desk, vendors: Sandbox
) -> None:
    row = alone(office.store, "gipper")
    vendors.faults.plan("gipper", "delete", kind="hang")
    done = parted(office, row["id"])
    assert (done.kind, done.problem) == ("unknown", UNCONFIRMED)
    assert "still lists it as accepted" in done.message
    with pytest.raises(Failure, match="being disconnected already"):
        parted(office, row["id"])

    aged(office, done.receipt, 300)
    sweep.look(office)

    found = receipt(office, done.receipt)
    assert (found.state, found.message) == ("refused", "The request had no effect: gipper still lists it as accepted.")
    assert zombies(office) == []
    assert parted(office, row["id"]).kind == "done"


def test_a_source_that_can_not_be_asked_leaves_it_unproven_and_is_asked_again(office: Desk, vendors: Sandbox) -> None:
    row = shared(office.store, "zocial", beside="late")
    vendors.faults.plan("late", "accounts", kind="status", status=403, times=1)
    done = parted(office, row["id"])
    assert (done.kind, said(office, done.receipt)) == ("unknown", {"zocial": "gone", "late": "not_told"})
    assert "late could not be asked" in done.message
    sweep.look(office)
    assert receipt(office, done.receipt).state == "unknown"  # too early to ask again

    aged(office, done.receipt, 300)
    sweep.look(office)

    assert receipt(office, done.receipt).state == "alive"
    assert len(sent(vendors)) == 1


def test_a_sync_that_began_before_says_nothing_and_the_source_is_asked_once_it_is_over(
    office: Desk, vendors: Sandbox
) -> None:
    row = alone(office.store, "zocial")
    number = cached.source(office.store, "zocial")["id"]
    with office.store.bulk() as link:
        run = leases.begin(link, number, trigger="hand", observed_at=now())
    assert run is not None
    done = parted(office, row["id"])
    assert (done.kind, said(office, done.receipt)) == ("unknown", {"zocial": "not_told"})

    write(office.store, f"UPDATE sync_runs SET state = 'ok', lease_until = 0 WHERE id = {run}")
    aged(office, done.receipt, 300)
    sweep.look(office)

    assert receipt(office, done.receipt).state == "disconnected"
    assert len(sent(vendors)) == 1


def test_of_one_account_nobody_is_called_a_zombie_while_its_own_disconnect_is_not_settled(
    office: Desk, vendors: Sandbox
) -> None:
    row = shared(office.store, "highlevel", beside="zocial")
    vendors.faults.plan("zocial", "disconnect", kind="hang")
    made = plan.plan(office, INGRID, [row["id"]], whole=True)
    results = carry_out(office, INGRID, made)
    assert [done.kind for done in results] == ["unknown", "unknown"]
    assert zombies(office) == []

    for done in results:
        aged(office, done.receipt, 300)
    sweep.look(office)

    assert sorted(receipt(office, done.receipt).state for done in results) == ["alive", "refused"]
    assert len(zombies(office)) == 1


@pytest.mark.parametrize("vendor", ["gipper", "highlevel"])
def test_a_404_means_gone_already_and_the_list_decides(office: Desk, vendors: Sandbox, vendor: str) -> None:
    row = alone(office.store, vendor)
    body = {"message": "Not found", "statusCode": 404}
    vendors.faults.plan(vendor, "*", method="DELETE", kind="status", status=404, body=body, no_effect=True)
    done = parted(office, row["id"])
    assert (done.kind, done.problem) == ("alive", "not_found")


def test_a_refusal_keeps_the_vendors_words_and_the_account(office: Desk, vendors: Sandbox) -> None:
    row = alone(office.store, "zocial")
    body = {"error": "permission_denied", "message": "Not <b>yours</b>"}
    vendors.faults.plan("zocial", "disconnect", kind="status", status=403, body=body, no_effect=True)
    done = parted(office, row["id"])
    assert (done.kind, done.problem) == ("refused", "permission_denied")
    assert done.message == "Zocial could not disconnect the network: Not <b>yours</b>."
    assert cached.connections(office.store)[row["id"]]["status"] == "accepted"
    assert planned(office, row["id"]).problem == ""


def test_an_account_that_comes_back_later_is_found(office: Desk, vendors: Sandbox) -> None:
    row = alone(office.store, "zocial")
    done = parted(office, row["id"])
    del vendors.zocial.desk._gone[int(row["vendor_id"])]
    sync(office, ["zocial"], Wish())
    assert zombies(office) == []

    sweep.look(office)

    assert receipt(office, done.receipt).state == "alive"
    assert zombies(office) == [(row["id"], True)]
    source = cached.source(office.store, "zocial")["id"]
    write(
        office.store,
        "INSERT INTO attempts (key, person, slot, source_id, platform, kind, state, began_at, changed_at, ends_at,"
        " ended_at, message, advice, connection_id) SELECT 'k', 'ingrid', 's', "
        f"{source}, 'instagram', 'network', 'connected', changed_at, changed_at, changed_at, changed_at, '', '',"
        f" connection_id FROM disconnects WHERE id = {done.receipt}",
    )
    sweep.look(office)  # somebody has connected it again on purpose
    assert zombies(office) == [(row["id"], False)]
    sweep.look(office)
    assert zombies(office) == [(row["id"], False)]


def test_an_account_that_lives_on_elsewhere_is_followed_source_by_source(office: Desk, vendors: Sandbox) -> None:
    row = shared(office.store, "zocial", beside="highlevel")
    done = parted(office, row["id"])
    ((other, is_open),) = zombies(office)
    assert (done.kind, other != row["id"], is_open) == ("alive", True, True)

    del vendors.zocial.desk._gone[int(row["vendor_id"])]  # it comes back where it was disconnected
    sync(office, ["zocial"], Wish())
    sweep.look(office)

    assert sorted(zombies(office)) == sorted([(other, True), (row["id"], True)])
    assert "zocial lists it as accepted" in receipt(office, done.receipt).message

    parted(office, other)  # and is gone at one of the two
    assert sorted(zombies(office)) == sorted([(other, False), (row["id"], True)])


@pytest.mark.parametrize("vendor", ["gipper", "highlevel"])
def test_a_no_under_a_2xx_is_a_refusal_in_the_vendors_words(office: Desk, vendors: Sandbox, vendor: str) -> None:
    row = alone(office.store, vendor)
    body = {"success": False, "message": ["Not yours"]}
    vendors.faults.plan(vendor, "*", method="DELETE", kind="status", status=200, body=body, no_effect=True)
    done = parted(office, row["id"])
    assert (done.kind, done.problem, "Not yours" in done.message) == ("refused", "rejected", True)


def test_a_vendor_that_takes_no_request_now_gets_none_by_itself(office: Desk, vendors: Sandbox) -> None:
    row = alone(office.store, "zocial")
    vendors.faults.plan("zocial", "disconnect", kind="status", status=429, body={}, no_effect=True)
    done = parted(office, row["id"])
    assert (done.kind, done.problem, "not sent again by itself" in done.advice) == ("refused", "rate_limited", True)


def test_many_that_we_delete_ourselves_are_no_loss_of_the_list(office: Desk, vendors: Sandbox) -> None:
    rows = [row["id"] for row in cached.of_vendor(office.store, "gipper").values() if row["vanished_at"] is None]
    made = plan.plan(office, INGRID, rows[: max(10, len(rows) // 2)])
    assert len(made.doable) >= 10
    results = carry_out(office, INGRID, made)
    assert {done.kind for done in results} <= {"done", "alive"}
    assert not [each for each in cached.incidents(office.store) if each["cause"] == "loss"]
    assert len(sent(vendors)) == len(made.doable)


INSTANT = datetime(2026, 3, 10, 12, tzinfo=UTC)
words = st.sampled_from([GONE, ALIVE, NOT_TOLD])


@given(
    own=words,
    others=st.lists(words, max_size=3),
    problem=st.sampled_from([None, "not_found", UNCONFIRMED]),
    state=st.sampled_from([S.UNKNOWN, S.DISCONNECTED, S.ALIVE]),
    late=st.booleans(),
)
def test_gone_is_only_what_every_source_says_and_a_claim_needs_somebody_who_was_asked(
    own: str, others: list[str], problem: str | None, state: DisconnectState, *, late: bool
) -> None:
    at = INSTANT + timedelta(minutes=10 if late else 1)
    told = [Told(f"c{place}", f"s{place}", "id", said, said, at) for place, said in enumerate([own, *others])]
    values: dict[str, Any] = {"connection_id": "c0", "problem": problem, "state": state.value}
    sent_receipt = Disconnect(**values, changed_at=INSTANT, message="", advice="")
    verdict = verdicts.judge(sent_receipt, told)
    if verdict.state is S.DISCONNECTED and state is not S.DISCONNECTED:
        assert {own, *others} == {GONE}
    if verdict.state is S.ALIVE and state is not S.ALIVE:
        assert ALIVE in {own, *others}
    if verdict.state is S.REFUSED:
        assert (own, problem, state, late) == (ALIVE, UNCONFIRMED, S.UNKNOWN, True)
