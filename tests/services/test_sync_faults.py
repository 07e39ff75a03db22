"""Promise 1: a failed read never looks like an empty one, whatever a listing vendor does."""

from datetime import timedelta
from typing import Any

import pytest

from services.desk import Desk
from services.reports import Report, Wish
from services.sandbox import Sandbox
from services.sync import sync
from tests import cached
from tests.services.conftest import NOON, SHORT

ENDS_ALL = {"unauthorised", "unreachable", "timeout", "rate_limited", "vendor_down"}
ALL_OF_ZOCIAL = ("networks", "pages", "walls", "channels")
LISTS = {"zocial": "networks", "late": "accounts", "highlevel": "accounts", "gipper": "accounts"}
FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "401": ({"kind": "status", "status": 401}, "unauthorised"),
    "403": ({"kind": "status", "status": 403}, "permission_denied"),
    "422": ({"kind": "status", "status": 422, "body": {"message": ["too bad", "really"]}}, "rejected"),
    "429": ({"kind": "status", "status": 429}, "rate_limited"),
    "429 a day": ({"kind": "status", "status": 429, "headers": {"Retry-After": "86400"}}, "rate_limited"),
    "500": ({"kind": "status", "status": 500}, "vendor_down"),
    "503 in HTML": ({"kind": "html", "status": 503}, "vendor_down"),
    "reset": ({"kind": "reset"}, "unreachable"),
    "close": ({"kind": "close"}, "unreachable"),
    "cut": ({"kind": "cut"}, "unreachable"),
    "cut chunks": ({"kind": "cut", "chunked": True}, "unreachable"),
    "html": ({"kind": "html"}, "unexpected_answer"),
    "null": ({"kind": "null"}, "unexpected_answer"),
    "wrong shape": ({"kind": "wrong_shape"}, "unexpected_answer"),
    "empty body": ({"kind": "empty_body"}, "unexpected_answer"),
    "204": ({"kind": "empty_body", "status": 204}, "unexpected_answer"),
    "truncated": ({"kind": "truncated_json"}, "unexpected_answer"),
    "redirect": ({"kind": "redirect", "to": "http://127.0.0.1:1/"}, "redirect"),
    "deep": ({"kind": "deep"}, "unexpected_answer"),
    "big header": ({"kind": "big_header"}, "unexpected_answer"),
}
SLOW: dict[str, dict[str, Any]] = {
    "hang": {"kind": "hang"},
    "slow": {"kind": "slow", "seconds": 5.0},
    "drip": {"kind": "drip", "interval": 0.2},
    "drip of headers": {"kind": "drip", "interval": 0.2, "headers": True},
}


@pytest.mark.parametrize("failing", [("zocial", "late"), ("highlevel", "gipper")], ids="-".join)
@pytest.mark.parametrize("name", FAULTS)
def test_a_failed_list_leaves_every_row_as_it_was_but_for_its_health(
    filled: Desk, vendors: Sandbox, failing: tuple[str, ...], name: str
) -> None:
    how, kind = FAULTS[name]
    for vendor in failing:
        all_are_asked = vendor == "zocial" and kind not in ENDS_ALL
        for target in ALL_OF_ZOCIAL if all_are_asked else (LISTS[vendor],):
            vendors.faults.plan(vendor, target, times=None, **how)
    before = cached.connections(filled.store, without=cached.HEALTH)

    reports = {report.source: report for report in sync(filled, None, Wish(at=NOON))}

    for vendor in failing:
        _assert_failed(reports.pop(vendor), kind)
    assert {report.state for report in reports.values()} == {"ok", "skipped"}
    assert cached.connections(filled.store, without=cached.HEALTH) == before
    assert {change["field"] for change in cached.changes(filled.store)} <= {"health"}


def _assert_failed(report: Report, kind: str) -> None:
    assert report.state == "failed"
    assert report.problem is not None
    assert report.problem.kind == kind
    assert " could not list " in report.problem.message
    assert report.problem.action


@pytest.mark.parametrize("name", SLOW)
def test_vendors_that_do_not_come_to_an_end_are_left_at_the_deadline(filled: Desk, vendors: Sandbox, name: str) -> None:
    for vendor, target in LISTS.items():
        vendors.faults.plan(vendor, target, times=None, **SLOW[name])
    before = cached.connections(filled.store, without=cached.HEALTH)

    reports = sync(filled, list(LISTS), Wish(at=NOON))

    for report in reports:
        _assert_failed(report, "timeout")
        assert report.seconds < 10 * SHORT.overall  # a busy machine is slow; these vendors would go on for ever
    assert cached.connections(filled.store, without=cached.HEALTH) == before


@pytest.mark.parametrize("kind", ["huge", "bomb"])
def test_an_answer_that_is_too_large_is_refused_while_it_is_read(filled: Desk, vendors: Sandbox, kind: str) -> None:
    vendors.faults.plan("late", "accounts", kind=kind, megabytes=100, times=None)  # a time-out is tried again
    before = cached.connections(filled.store, without=cached.HEALTH)

    (report,) = sync(filled, ["late"], Wish(at=NOON))

    assert report.problem is not None
    assert report.problem.kind in {"too_large", "timeout"}  # whichever limit a slow machine meets first
    assert report.state == "failed"
    assert cached.connections(filled.store, without=cached.HEALTH) == before


@pytest.mark.parametrize("part", ["pages", "walls", "channels"])
def test_a_later_list_that_fails_keeps_what_was_read_before_it(filled: Desk, vendors: Sandbox, part: str) -> None:
    vendors.faults.plan("zocial", part, kind="status", status=401, times=None)
    before, health = cached.connections(filled.store, without=cached.HEALTH), cached.of_vendor(filled.store, "zocial")

    (report,) = sync(filled, ["zocial"], Wish(at=NOON))

    assert (report.state, report.vanished) == ("partial", 0)
    assert report.problem is not None
    assert report.problem.kind == "unauthorised"
    assert cached.connections(filled.store, without=cached.HEALTH) == before
    read = {f"{kind[:-1]}" for kind in ALL_OF_ZOCIAL[: ALL_OF_ZOCIAL.index(part)]}
    for key, row in cached.of_vendor(filled.store, "zocial").items():
        worse = row["kind"] not in read and health[key]["health"] == "healthy"
        assert row["health"] == ("broken" if worse else health[key]["health"]), key


def _without_two(content: Any) -> Any:
    return {**content, "networks": content["networks"][2:]}


def test_one_list_that_fails_touches_neither_the_others_nor_its_own_rows(filled: Desk, vendors: Sandbox) -> None:
    vendors.faults.plan("zocial", "networks", kind="transform", change=_without_two)
    vendors.faults.plan("zocial", "pages", kind="status", status=403, times=None)

    later = NOON + timedelta(hours=1)
    (report,) = sync(filled, ["zocial"], Wish(at=later))

    rows = list(cached.of_vendor(filled.store, "zocial").values())
    assert (report.state, report.vanished) == ("partial", 2)
    assert report.problem is not None
    assert report.problem.kind == "permission_denied"
    assert {row["kind"] for row in rows if row["vanished_at"]} == {"network"}
    assert {row["kind"] for row in rows if row["health"] == "degraded"} == {"page"}
    assert {row["kind"] for row in rows if row["last_seen_at"] == later} == {"network", "wall", "channel"}
    assert {entry.path for entry in vendors.log} >= {"/api/get/social-walls/", "/api/get/social-channels/"}


def test_newcomers_do_not_hide_how_many_were_lost(filled: Desk, vendors: Sandbox) -> None:
    def changed(body: dict[str, Any]) -> dict[str, Any]:
        pages = body["pages"]
        return {
            "pages": [page | {"id": page["id"] + 500_000} if place < 10 else page for place, page in enumerate(pages)]
        }

    known = sum(row["kind"] == "page" for row in cached.connections(filled.store).values())
    vendors.faults.plan("zocial", "pages", kind="transform", change=changed)

    (report,) = sync(filled, ["zocial"], Wish(at=NOON))

    assert (report.created, report.vanished, report.held_back) == (10, 0, True)
    assert report.problem is not None
    assert f"10 of {known} pages" in report.problem.message


@pytest.mark.parametrize("seconds", ["99999999999999999999", "3153600000000"])
def test_a_wait_beyond_all_calendars_is_a_week(filled: Desk, vendors: Sandbox, seconds: str) -> None:
    vendors.faults.plan("zocial", "networks", kind="status", status=429, headers={"Retry-After": seconds})

    reports = {report.source: report.state for report in sync(filled, None, Wish(at=NOON))}

    assert (reports["zocial"], reports["late"]) == ("failed", "ok")
    pause = cached.source(filled.store, "zocial")["next_try_at"] - cached.runs(filled.store)[-1]["finished_at"]
    assert pause.days <= 7


def test_a_401_is_asked_once_and_not_again_for_an_hour_but_by_hand(filled: Desk, vendors: Sandbox) -> None:
    vendors.faults.plan("zocial", "networks", kind="status", status=401, times=2)

    sync(filled, ["zocial"], Wish(at=NOON))
    assert len(vendors.log) == 1
    standing = cached.source(filled.store, "zocial")
    last = cached.runs(filled.store)[-1]
    assert 3590 <= (standing["next_try_at"] - last["finished_at"]).total_seconds() <= 3601
    assert standing["problem_kind"] == "unauthorised"
    assert "credential" in standing["problem_action"]

    (report,) = sync(filled, ["zocial"], Wish("hand", at=NOON))
    assert report.requests == 1


@pytest.mark.parametrize(("vendor", "target"), [("gipper", "verify"), ("late", "health")])
def test_a_credential_refused_beside_the_list_ends_the_run(
    filled: Desk, vendors: Sandbox, vendor: str, target: str
) -> None:
    vendors.faults.plan(vendor, target, kind="status", status=401)

    (report,) = sync(filled, [vendor], Wish(at=NOON))

    assert (report.state, report.vanished, len(vendors.log)) == ("failed", 0, 1)
    assert cached.source(filled.store, vendor)["problem_kind"] == "unauthorised"


def test_a_wait_of_a_day_is_scheduled_and_not_slept(filled: Desk, vendors: Sandbox) -> None:
    vendors.faults.plan("zocial", "networks", kind="status", status=429, headers={"Retry-After": "86400"})

    (report,) = sync(filled, ["zocial"], Wish(at=NOON))

    assert report.seconds < 60
    standing, last = cached.source(filled.store, "zocial"), cached.runs(filled.store)[-1]
    assert 86_390 <= (standing["next_try_at"] - last["finished_at"]).total_seconds() <= 86_401


def test_pages_that_repeat_keep_what_they_hold_and_let_nothing_vanish(filled: Desk, vendors: Sandbox) -> None:
    vendors.faults.plan("late", "accounts", kind="looping_cursor", times=None)

    (report,) = sync(filled, ["late"], Wish(at=NOON))

    assert (report.state, report.vanished) == ("partial", 0)
    assert report.problem is not None
    assert report.problem.kind == "unexpected_answer"
    assert report.requests < 5


def test_a_health_read_that_fails_keeps_what_was_known_and_makes_the_run_partial(
    filled: Desk, vendors: Sandbox
) -> None:
    before = cached.of_vendor(filled.store, "late")
    assert {row["health"] for row in before.values()} > {"healthy"}
    vendors.faults.plan("late", "health", kind="status", status=500, times=None)

    (report,) = sync(filled, ["late"], Wish(at=NOON))

    assert report.state == "partial"
    assert _told(cached.of_vendor(filled.store, "late")) == _told(before)


@pytest.mark.parametrize("status", [403, 404])
def test_a_health_read_that_the_vendor_does_not_offer_is_no_failure(
    filled: Desk, vendors: Sandbox, status: int
) -> None:
    vendors.faults.plan("late", "health", kind="status", status=status, times=None)

    (report,) = sync(filled, ["late"], Wish(at=NOON))

    assert report.state == "ok"


def test_a_verification_that_fails_keeps_what_was_known_and_makes_the_run_partial(
    filled: Desk, vendors: Sandbox
) -> None:
    before = cached.of_vendor(filled.store, "gipper")
    vendors.faults.plan("gipper", "verify", kind="hang", times=None)

    (report,) = sync(filled, ["gipper"], Wish(at=NOON))

    assert report.state == "partial"
    assert _told(cached.of_vendor(filled.store, "gipper")) == _told(before)


def _told(rows: dict[str, cached.Row]) -> dict[str, cached.Row]:
    return {key: {**row, "fingerprint": None} for key, row in rows.items()}
