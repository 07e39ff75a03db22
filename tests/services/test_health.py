"""Health: one passing fault degrades, a refusal or a quarter of an hour of failures breaks, a good answer heals."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from data.types import Cause, Contract
from services import health
from services.desk import Desk
from services.reports import Wish
from services.sandbox import Sandbox
from services.sync import sync
from tests import cached
from tests.services.conftest import NOON, SHORT


def _healthy(desk: Desk, vendor: str) -> set[str]:
    return {key for key, row in cached.of_vendor(desk.store, vendor).items() if row["health"] == "healthy"}


def _healths(desk: Desk, keys: set[str]) -> set[str]:
    rows = cached.connections(desk.store)
    return {rows[key]["health"] for key in keys}


def _failing(desk: Desk) -> list[cached.Row]:
    return [row for row in cached.incidents(desk.store) if row["cause"] == Cause.FAILING]


def test_one_passing_fault_degrades_and_the_first_good_answer_heals(filled: Desk, vendors: Sandbox) -> None:
    keys, before = _healthy(filled, "zocial"), cached.connections(filled.store, without=cached.HEALTH)
    vendors.faults.plan("zocial", "networks", kind="status", status=503, times=2)

    sync(filled, ["zocial"], Wish(at=NOON))
    assert _healths(filled, keys) == {"degraded"}
    sync(filled, ["zocial"], Wish(at=NOON + timedelta(minutes=5)))
    assert _healths(filled, keys) == {"healthy"}

    steps = [(row["before"], row["after"]) for row in cached.changes(filled.store) if row["connection_id"] in keys]
    assert steps.count(("healthy", "degraded")) == steps.count(("degraded", "healthy")) == len(keys)
    assert len(steps) == 2 * len(keys)
    after = cached.connections(filled.store, without=cached.HEALTH)
    assert {key: {**row, "last_seen_at": None} for key, row in after.items()} == {
        key: {**row, "last_seen_at": None} for key, row in before.items()
    }


def test_three_failures_within_a_quarter_of_an_hour_are_not_broken_yet(filled: Desk, vendors: Sandbox) -> None:
    keys = _healthy(filled, "late")
    vendors.faults.plan("late", "accounts", kind="reset", times=None)

    for minutes in (0, 7, 14):
        sync(filled, ["late"], Wish(at=NOON + timedelta(minutes=minutes)))
    assert _healths(filled, keys) == {"degraded"}
    assert _failing(filled) == []

    sync(filled, ["late"], Wish(at=NOON + timedelta(minutes=15)))
    assert _healths(filled, keys) == {"broken"}
    (incident,) = _failing(filled)
    assert (incident["began_at"], incident["ended_at"]) == (NOON, None)


def test_a_refused_credential_is_broken_at_once_and_heals(filled: Desk, vendors: Sandbox) -> None:
    keys = _healthy(filled, "gipper")
    vendors.faults.plan("gipper", "verify", kind="status", status=401, times=1)

    sync(filled, ["gipper"], Wish(at=NOON))
    assert _healths(filled, keys) == {"broken"}
    sync(filled, ["gipper"], Wish(at=NOON + timedelta(minutes=1)))

    assert _healths(filled, keys) == {"healthy"}
    (incident,) = _failing(filled)
    assert incident["ended_at"] == NOON + timedelta(minutes=1)
    standing = cached.source(filled.store, "gipper")
    assert (standing["failures"], standing["next_try_at"], standing["problem_kind"]) == (0, None, None)


def test_a_documented_late_source_heals_although_its_list_tells_no_health(filled: Desk, vendors: Sandbox) -> None:
    with filled.store.writing() as session:
        source = cached.source_row(filled.store, "late")
        source.contract = Contract.DOCUMENTED.value
        session.add(source)
    sync(filled, ["late"], Wish(at=NOON))
    keys = _healthy(filled, "late")
    assert len(keys) > 30
    vendors.faults.plan("late", "social_accounts", kind="status", status=503, times=2)

    sync(filled, ["late"], Wish(at=NOON))
    assert _healths(filled, keys) == {"degraded"}
    sync(filled, ["late"], Wish(at=NOON))

    assert _healths(filled, keys) == {"healthy"}


def test_an_outage_says_nothing_of_what_was_worse_or_unknown_before(filled: Desk, vendors: Sandbox) -> None:
    before = cached.of_vendor(filled.store, "late")
    vendors.faults.plan("late", "accounts", kind="status", status=500, times=None)

    sync(filled, ["late"], Wish(at=NOON))

    after = cached.of_vendor(filled.store, "late")
    spared = {key for key, row in before.items() if row["health"] in {"broken", "unknown"}}
    assert spared
    assert {key: after[key] for key in spared} == {key: before[key] for key in spared}


@pytest.mark.parametrize(
    ("kind", "failures", "minutes", "expected"),
    [
        ("unauthorised", 1, 0, "broken"),
        ("timeout", 1, 600, "degraded"),
        ("timeout", 2, 600, "degraded"),
        ("timeout", 3, 14, "degraded"),
        ("timeout", 3, 15, "broken"),
        ("rate_limited", 2, 60, "degraded"),
        ("unexpected_answer", 1, 0, "degraded"),
        ("unexpected_answer", 3, 15, "broken"),
    ],
)
def test_a_failing_source_is_judged_by_its_failures_and_their_time(
    kind: str, failures: int, minutes: int, expected: str
) -> None:
    assert health.judged(kind, failures, NOON, NOON + timedelta(minutes=minutes)) == expected


@pytest.mark.parametrize(
    ("kind", "failures", "retry_after", "minutes"),
    [
        ("timeout", 1, None, None),
        ("timeout", 2, None, None),
        ("timeout", 3, None, 15),
        ("timeout", 4, None, 30),
        ("timeout", 10, None, 360),
        ("timeout", 1_000, None, 360),
        ("unexpected_answer", 1, None, 15),
        ("unauthorised", 1, None, 60),
        ("rate_limited", 1, 86_400.0, 1440),
    ],
)
def test_the_breaker_rests_longer_with_every_failure_up_to_six_hours(
    kind: str, failures: int, retry_after: float | None, minutes: int | None
) -> None:
    expected = None if minutes is None else timedelta(minutes=minutes)
    assert health.pause(kind, failures, retry_after) == expected


def test_a_run_that_was_stopped_is_no_failure_of_the_vendor(filled: Desk) -> None:
    wish = replace(Wish(at=NOON))
    wish.stop.set()

    sync(filled, ["late"], wish)

    assert cached.source(filled.store, "late")["failures"] == 0
    assert cached.changes(filled.store) == []


@pytest.mark.parametrize(("vendor", "beside"), [("late", "health"), ("gipper", "verify")])
@pytest.mark.parametrize("status", [401, 503])
def test_the_first_good_list_heals_an_outage_although_the_call_beside_it_still_fails(
    filled: Desk, vendors: Sandbox, vendor: str, beside: str, *, status: int
) -> None:
    before, keys = cached.of_vendor(filled.store, vendor), _healthy(filled, vendor)
    vendors.faults.plan(vendor, beside, kind="status", status=503, times=None)
    vendors.faults.plan(vendor, "accounts", kind="status", status=status, times=1 if status == 401 else SHORT.tries)
    (failed,) = sync(filled, [vendor], Wish(at=NOON))
    assert failed.state == "failed"
    assert _healths(filled, keys) == {"broken" if status == 401 else "degraded"}

    (report,) = sync(filled, [vendor], Wish(at=NOON))

    assert report.state == "partial"
    assert cached.of_vendor(filled.store, vendor).keys() == before.keys()
    told = {name: {key: row[name] for key, row in before.items()} for name in ("health", "health_reason", "expires_at")}
    after = cached.of_vendor(filled.store, vendor)
    assert {name: {key: row[name] for key, row in after.items()} for name in told} == told
    assert "broken" in told["health"].values()


def test_the_lists_own_word_counts_while_the_health_call_fails(filled: Desk, vendors: Sandbox) -> None:
    ends = NOON + timedelta(days=2)
    sound = {key: row["vendor_id"] for key, row in _ends(filled, "late").items()}
    (refused, its_id), (expiring, other_id) = sorted(sound.items())[:2]
    told = {its_id: {"needsReconnection": True}, other_id: {"tokenExpiresAt": ends.isoformat()}}

    def worse(body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "accounts": [row | told.get(row["_id"], {}) for row in body["accounts"]]}

    vendors.faults.plan("late", "health", kind="status", status=503, times=None)
    vendors.faults.plan("late", "accounts", kind="transform", change=worse, times=1)
    sync(filled, ["late"], Wish(at=NOON))

    rows = cached.connections(filled.store)
    assert (rows[refused]["health"], rows[refused]["health_reason"]) == (
        "broken",
        "Late says it needs to be reconnected.",
    )
    assert (rows[expiring]["health"], rows[expiring]["expires_at"]) == ("expiring", ends)
    assert _healths(filled, sound.keys() - {refused, expiring}) == {"healthy"}

    sync(filled, ["late"], Wish(at=NOON))
    assert _healths(filled, {refused}) == {"healthy"}


def _ends(desk: Desk, vendor: str) -> dict[str, cached.Row]:
    """Give what is healthy now and tells when its access ends."""
    rows = cached.of_vendor(desk.store, vendor)
    return {key: row for key, row in rows.items() if row["health"] == "healthy" and row["expires_at"] is not None}


def _health_steps(desk: Desk, key: str) -> list[tuple[str | None, str | None]]:
    return [
        (row["before"], row["after"])
        for row in cached.changes(desk.store)
        if (row["connection_id"], row["field"]) == (key, "health")
    ]


def test_access_that_ends_while_nothing_new_is_told_expires_and_breaks(filled: Desk, vendors: Sandbox) -> None:
    key, row = min(_ends(filled, "late").items(), key=lambda pair: (pair[1]["expires_at"], pair[0]))
    vendors.faults.plan("late", "health", kind="status", status=503, times=None)

    sync(filled, ["late"], Wish(at=row["expires_at"] - timedelta(days=8)))
    assert _healths(filled, {key}) == {"healthy"}
    sync(filled, ["late"], Wish(at=row["expires_at"] - timedelta(days=7)))
    assert _healths(filled, {key}) == {"expiring"}
    sync(filled, ["late"], Wish(at=row["expires_at"]))

    after = cached.connections(filled.store)[key]
    ended = f"Access ended on {row['expires_at']:%d %B %Y}."
    assert (after["health"], after["health_reason"], after["health_since"]) == ("broken", ended, row["expires_at"])
    assert _health_steps(filled, key) == [("healthy", "expiring"), ("expiring", "broken")]
    counted = [total for total in cached.totals(filled.store) if total["day"] == row["expires_at"].date()]
    broken = [other for other in cached.of_vendor(filled.store, "late").values() if other["health"] == "broken"]
    assert sum(total["connections"] for total in counted if total["health"] == "broken") == len(broken)


def test_access_that_ends_during_an_outage_is_broken_and_heals_when_renewed(filled: Desk, vendors: Sandbox) -> None:
    key, row = min(_ends(filled, "highlevel").items(), key=lambda pair: (pair[1]["expires_at"], pair[0]))
    vendors.faults.plan("highlevel", "accounts", kind="status", status=503, times=2)

    sync(filled, ["highlevel"], Wish(at=row["expires_at"]))
    assert _healths(filled, {key}) == {"broken"}
    assert _health_steps(filled, key) == [("healthy", "degraded"), ("degraded", "broken")]

    sync(filled, ["highlevel"], Wish(at=NOON))
    assert _healths(filled, {key}) == {"healthy"}


@pytest.mark.parametrize(
    ("vendor", "operation", "field", "words"),
    [
        ("late", "health", "needsReconnect", "Late says it needs to be reconnected."),
        ("highlevel", "accounts", "isExpired", "HighLevel says its access has expired."),
    ],
)
def test_a_vendors_explicit_word_is_broken_at_once_and_its_next_good_answer_heals(
    filled: Desk, vendors: Sandbox, vendor: str, operation: str, *, field: str, words: str
) -> None:
    keys = _healthy(filled, vendor)
    vendors.faults.plan(vendor, operation, kind="bad_field", field=field, row=None, value=True, times=1)

    sync(filled, [vendor], Wish(at=NOON))
    told = [row for key, row in cached.of_vendor(filled.store, vendor).items() if key in keys]
    hit = [row for row in told if row["health"] == "broken"]
    assert hit
    assert all(row["health_reason"].startswith(words) for row in hit)

    sync(filled, [vendor], Wish(at=NOON + timedelta(minutes=1)))
    assert _healths(filled, keys) == {"healthy"}
    assert {step for row in hit for step in _health_steps(filled, row["id"])} == {
        ("healthy", "broken"),
        ("broken", "healthy"),
    }
