"""The status endpoint of Zocial: engagement and last update, a few networks at a time, oldest first."""

import threading
from datetime import timedelta

import pytest

from services import details
from services.desk import Desk
from services.sandbox import Sandbox
from services.vendors.errors import VendorDown
from tests import cached
from tests.services.conftest import NOON

NEVER = threading.Event()


def _asked(desk: Desk) -> set[str]:
    return {key for key, row in cached.connections(desk.store).items() if row["details_at"] is not None}


def _leave_the_others_alone(desk: Desk) -> None:
    """Count what was not asked yet as asked long after: to ask fifty shows as much as to ask them all."""
    with desk.store.bulk() as link:
        link.exec_driver_sql(
            "UPDATE connections SET details_at = '2999-01-01 00:00:00.000000' WHERE details_at IS NULL"
        )


def test_fifty_at_a_time_are_asked_until_all_were(filled: Desk, vendors: Sandbox) -> None:
    source = cached.source_row(filled.store, "zocial")

    first = details.ask_some(filled, source, before=NOON, at=NOON, stop=NEVER)
    assert (first, len(_asked(filled))) == (50, 50)
    rest = details.ask_all(filled, at=NOON)

    networks = [row for row in cached.of_vendor(filled.store, "zocial").values() if row["kind"] == "network"]
    open_ones = [row for row in networks if row["status"] != "disconnected"]
    assert first + rest == len(open_ones) == len(_asked(filled))
    told = [row["engagement_rate"] is not None for row in networks if row["id"] in _asked(filled)]
    assert sum(told) > 0.9 * len(told)
    assert {entry.path for entry in vendors.log} == {"/api/network/status/"}


def test_what_was_asked_gets_its_point_of_the_day_and_its_totals(filled: Desk) -> None:
    details.ask_all(filled, at=NOON)

    rows, points = cached.connections(filled.store), cached.points(filled.store)
    for key in _asked(filled):
        figures = (rows[key]["followers"], rows[key]["engagement_rate"])
        assert points.get((key, "2026-03-10"), (None, None)) == figures
    engaged = sum(row["engaged"] for row in cached.totals(filled.store))
    both = [row for row in rows.values() if row["followers"] is not None and row["engagement_rate"] is not None]
    assert engaged == pytest.approx(sum(row["followers"] * row["engagement_rate"] for row in both))


def test_a_network_that_can_not_be_asked_does_not_hold_up_the_others(filled: Desk, vendors: Sandbox) -> None:
    source = cached.source_row(filled.store, "zocial")
    vendors.faults.plan("zocial", "status", kind="status", status=500, skip=3, times=2)

    with pytest.raises(VendorDown):
        details.ask_some(filled, source, before=NOON, at=NOON, stop=NEVER)
    assert len(_asked(filled)) == 4

    assert details.ask_some(filled, source, before=NOON, at=NOON, stop=NEVER) == 50
    assert len(_asked(filled)) == 54


def test_a_network_that_zocial_no_longer_knows_keeps_its_figures(filled: Desk, vendors: Sandbox) -> None:
    source = cached.source_row(filled.store, "zocial")
    details.ask_some(filled, source, before=NOON, at=NOON, stop=NEVER)
    before = cached.connections(filled.store)
    body = {"error": "network_not_found", "message": "No such network"}
    vendors.faults.plan("zocial", "status", kind="status", status=404, body=body, times=None)
    later = NOON + timedelta(days=1)

    details.ask_all(filled, at=later)

    after = cached.connections(filled.store)
    assert {key: {**row, "details_at": None} for key, row in after.items()} == {
        key: {**row, "details_at": None} for key, row in before.items()
    }
    assert {after[key]["details_at"] for key in _asked(filled)} == {later}


def test_a_stop_ends_the_questions_and_keeps_what_was_answered(filled: Desk, vendors: Sandbox) -> None:
    stop = threading.Event()
    stop.set()

    details.ask_oldest(filled, stop)

    assert (_asked(filled), vendors.log) == (set(), [])


def test_a_source_whose_breaker_is_open_is_left_alone(filled: Desk, vendors: Sandbox) -> None:
    with filled.store.bulk() as link:
        link.exec_driver_sql("UPDATE sources SET next_try_at = '2999-01-01 00:00:00.000000'")

    details.ask_oldest(filled, NEVER)

    assert vendors.log == []


def test_a_figure_that_is_missing_there_is_missing_here(filled: Desk, vendors: Sandbox) -> None:
    source = cached.source_row(filled.store, "zocial")
    details.ask_some(filled, source, before=NOON, at=NOON, stop=NEVER)
    (first, *_) = [key for key in cached.connections(filled.store) if key in _asked(filled)]
    before = cached.connections(filled.store)[first]["engagement_rate"]
    _leave_the_others_alone(filled)
    vendors.faults.plan("zocial", "status", kind="bad_field", field="engagement_rate", mutation="null", times=None)

    details.ask_all(filled, at=NOON + timedelta(days=1))

    assert before is not None
    assert cached.connections(filled.store)[first]["engagement_rate"] is None


def test_a_negative_engagement_is_missing_and_suspect(filled: Desk, vendors: Sandbox) -> None:
    source = cached.source_row(filled.store, "zocial")
    vendors.faults.plan("zocial", "status", kind="bad_field", field="engagement_rate", value=-1.5, times=None)

    details.ask_some(filled, source, before=NOON, at=NOON, stop=NEVER)

    rows = cached.connections(filled.store)
    asked = {(rows[key]["engagement_rate"], rows[key]["suspect"]) for key in _asked(filled)}
    assert asked == {(None, "engagement_negative")}
