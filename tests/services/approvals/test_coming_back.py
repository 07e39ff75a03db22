"""What was approved changes, whichever witness tells it: the case comes back, once, with the difference."""

from typing import Any

import pytest

from data.types import Status
from services.approvals import asking
from services.desk import Desk
from services.sandbox import Sandbox
from tests import cached
from tests.services.approvals.approving import (
    MAREK,
    approved,
    asked,
    case,
    events,
    later,
    of_late,
    opened_for,
    pending,
    sent,
    write,
)


def _joined(desk: Desk) -> tuple[dict[str, Any], dict[str, Any]]:
    """Give an account's connection at Late that is approved there, and its other witness at Zocial."""
    theirs = cached.of_vendor(desk.store, "zocial").values()
    listed = {row["account"]: row for row in theirs if row["status"] == "accepted" and row["kind"] == "network"}
    ours = cached.of_vendor(desk.store, "late").values()
    return next(
        (row, listed[row["account"]]) for row in ours if row["account"] is not None and row["account"] in listed
    )


def _set(desk: Desk, row: dict[str, Any] | str, change: str) -> None:
    name = row if isinstance(row, str) else row["id"]
    write(desk.store, f"UPDATE connections SET {change} WHERE id = '{name}'")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ("followers = followers / 2 - 1", "followers"),
        ("handle = 'other', handle_key = 'other'", "handle"),
        ("extra = '{\"user_id\": 999}'", "owner"),
        ("status = 'suspended'", "status"),
    ],
)
def test_what_another_witness_tells_brings_the_case_back_too(
    office: Desk, vendors: Sandbox, change: str, field: str
) -> None:
    ours, theirs = _joined(office)
    number = asking.request(office, MAREK, ours["id"]).case
    approved(office, number)
    assert case(office, number).state == "accepted"
    _set(office, theirs, change)

    later(office, vendors, minutes=0)

    found = case(office, number)
    assert (found.state, found.decision, list(found.difference or {})) == ("requested", None, [field])
    assert "ocial" in (events(office, number)[-1].reason or "")
    version = found.version
    later(office, vendors, minutes=0)
    assert case(office, number).version == version


def test_what_zocial_suspends_after_it_accepted_comes_back_though_another_source_connected_it(
    office: Desk, vendors: Sandbox
) -> None:
    number = asking.request(office, MAREK, of_late(office.store)["id"]).case
    approved(office, number)
    later(office, vendors)
    assert case(office, number).state == "accepted"
    _set(office, case(office, number).listed_id or "", "status = 'suspended'")
    later(office, vendors, minutes=15)
    found = case(office, number)
    assert (found.state, found.vendor_word, found.difference) == (
        *("requested", Status.SUSPENDED),
        {"status": ["accepted", "suspended"]},
    )


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ("followers = followers / 2 - 1", "followers"),
        ("handle = 'other', handle_key = 'other', account = NULL", "handle"),
        ("extra = '{\"user_id\": 999}'", "owner"),
    ],
)
def test_the_row_that_zocial_lists_for_a_case_is_watched_from_when_it_was_found(
    office: Desk, vendors: Sandbox, change: str, field: str
) -> None:
    number = asking.request(office, MAREK, of_late(office.store)["id"]).case
    approved(office, number)
    later(office, vendors)
    listed = case(office, number).listed_id or ""
    assert case(office, number).state == "accepted"
    _set(office, listed, change)

    later(office, vendors, minutes=30)

    assert (case(office, number).state, list(case(office, number).difference or {})) == ("requested", [field])
    approved(office, number)
    later(office, vendors, minutes=45)  # decided with that: it comes back once
    assert (case(office, number).state, len(sent(vendors))) == ("accepted", 1)


def test_a_connection_that_vanished_and_returns_with_half_its_followers_brings_the_case_back(
    office: Desk, vendors: Sandbox
) -> None:
    zocial = cached.of_vendor(office.store, "zocial").values()
    row = next(each for each in zocial if each["kind"] == "network" and each["status"] == "accepted")
    number = asking.request(office, MAREK, row["id"]).case
    approved(office, number)
    _set(office, row, "fingerprint = 0, vanished_at = last_seen_at")
    write(office.store, f"UPDATE cases SET followers = followers * 3 WHERE id = {number}")
    write(office.store, f"UPDATE cases SET evidence = json_set(evidence, '$.followers', followers) WHERE id = {number}")
    later(office, vendors, minutes=0)
    assert cached.connections(office.store)[row["id"]]["vanished_at"] is None
    assert (case(office, number).state, "followers" in (case(office, number).difference or {})) == ("requested", True)


def test_an_unknown_outcome_about_a_row_that_left_the_list_comes_back(office: Desk, vendors: Sandbox) -> None:
    number = opened_for(office, pending(office.store)["id"])
    vendors.faults.plan("zocial", "approval", kind="status", status=502)
    approved(office, number)
    write(office.store, f"UPDATE cases SET listed_id = 'gone' WHERE id = {number}")
    write(
        office.store,
        "INSERT INTO connections (id, source_id, kind, platform, vendor_id, status, health, fingerprint, sort_name,"
        " search_text, first_seen_at, last_seen_at, vanished_at) SELECT 'gone', source_id, kind, platform, 'gone',"
        " status, health, 0, '', '', first_seen_at, last_seen_at, last_seen_at FROM connections LIMIT 1",
    )
    later(office, vendors)
    assert (case(office, number).state, len(sent(vendors))) == ("requested", 1)


def test_what_moved_while_another_case_of_the_account_is_active_comes_back_later(
    office: Desk, vendors: Sandbox
) -> None:
    number = asked(office)
    approved(office, number)
    later(office, vendors)
    row = cached.connections(office.store)[case(office, number).connection_id or ""]
    second = asking.request(office, MAREK, row["id"]).case
    _set(office, row, "followers = 1")
    later(office, vendors, minutes=15)
    assert case(office, number).state == "accepted"
    write(office.store, f"UPDATE cases SET state = 'withdrawn' WHERE id = {second}")
    later(office, vendors, minutes=15)
    assert case(office, number).state == "requested"


@pytest.mark.parametrize(("earlier", "state"), [(1.0, "requested"), (0.4, "accepted")])
def test_a_witness_that_came_later_brings_it_back_where_it_agreed_before(
    office: Desk, vendors: Sandbox, earlier: float, state: str
) -> None:
    row = of_late(office.store)
    number = asking.request(office, MAREK, row["id"]).case
    approved(office, number)
    later(office, vendors)
    listed, was = case(office, number).listed_id or "", row["followers"]
    _set(office, listed, f"followers = {was} * 0.4")
    write(office.store, f"DELETE FROM metric_points WHERE connection_id = '{listed}'")
    point = f"('{listed}', '2026-03-01', CAST({was} * {earlier} AS INTEGER))"
    write(office.store, f"INSERT INTO metric_points (connection_id, day, followers) VALUES {point}")
    write(office.store, "UPDATE case_events SET told = NULL WHERE action = 'case.listed'")  # as earlier versions did
    later(office, vendors)
    found = case(office, number)
    assert (found.state, list(found.difference or {})) == (state, ["followers"] if state == "requested" else [])
