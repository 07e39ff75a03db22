"""The clock: the same instant gives the same world on every start, and time passes as the documents' states do."""

import itertools
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from services.sandbox import Sandbox, credentials, serve
from services.sandbox.clock import Clock

HEADERS = {"Authorization": f"Bearer {credentials()['zocial']['token']}"}
AN_INSTANT = datetime(2026, 7, 14, 9, 30, tzinfo=UTC)


def networks(http: requests.Session, origin: str) -> list[dict[str, Any]]:
    told = http.post(origin + "/sandbox/zocial/api/get/networks/", headers=HEADERS, timeout=5)
    rows: list[dict[str, Any]] = told.json()["networks"]
    return rows


def test_the_clock_is_held_and_released() -> None:
    clock = Clock()
    clock.set(AN_INSTANT.astimezone(None))
    assert (clock.now(), clock.is_set) == (AN_INSTANT, True)
    clock.release()
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        Clock().set(datetime(2026, 1, 1))  # noqa: DTZ001 - what the clock must refuse


def test_two_starts_tell_the_same_of_one_instant(http: requests.Session) -> None:
    told = []
    for _ in range(2):
        with serve(Sandbox(now=AN_INSTANT)) as origin:
            told.append(networks(http, origin))
    assert told[0] == told[1]


def test_another_seed_is_another_world(http: requests.Session) -> None:
    with serve(Sandbox(seed=1, now=AN_INSTANT)) as one, serve(Sandbox(seed=2, now=AN_INSTANT)) as other:
        assert networks(http, one) != networks(http, other)


def test_nothing_changes_within_a_day_but_statuses(sandbox: Sandbox, origin: str, http: requests.Session) -> None:
    sandbox.clock.set(AN_INSTANT)
    before = {row["id"]: row["followers"] for row in networks(http, origin)}
    sandbox.clock.set(AN_INSTANT + timedelta(hours=3))
    after = {row["id"]: row["followers"] for row in networks(http, origin)}
    assert {number: after[number] for number in before.keys() & after.keys()} == {
        number: before[number] for number in before.keys() & after.keys()
    }


def test_ninety_days_see_every_kind_of_change(sandbox: Sandbox, origin: str, http: requests.Session) -> None:
    seen: Counter[str] = Counter()
    days: list[dict[int, dict[str, Any]]] = []
    for back in range(90, -1, -1):
        sandbox.clock.set(AN_INSTANT - timedelta(days=back))
        days.append({row["id"]: row for row in networks(http, origin)})
    for before, after in itertools.pairwise(days):
        seen["appeared"] += len(after.keys() - before.keys())
        seen["vanished"] += len(before.keys() - after.keys())
        for number in before.keys() & after.keys():
            seen[f"{before[number]['status']}>{after[number]['status']}"] += 1
            seen["renamed"] += before[number]["network_id"] != after[number]["network_id"]
    wanted = {"appeared", "vanished", "renamed", "pending>accepted", "pending>rejected", "accepted>suspended"}
    assert wanted <= {change for change, count in seen.items() if count}
    assert seen["vanished"] < 10
    shapes = [[day[n]["followers"] for day in days if n in day] for n in days[-1]]
    assert any(None in shape and any(shape) for shape in shapes), "gaps"
    assert any(len(set(shape)) == 1 and shape[0] for shape in shapes), "frozen"
    known = [[figure for figure in shape if figure] for shape in shapes]
    assert any(b > 1.5 * a for shape in known for a, b in itertools.pairwise(shape)), "viral"
    assert any(b < 0.6 * a for shape in known for a, b in itertools.pairwise(shape)), "halved"


def test_the_clock_is_set_over_http(sandbox: Sandbox, origin: str, http: requests.Session) -> None:
    where = origin + "/sandbox/_control/clock"
    assert http.post(where, json={"now": AN_INSTANT.isoformat()}, timeout=5).json()["is_set"] is True
    assert sandbox.clock.now() == AN_INSTANT
    assert http.post(where, json={"now": "yesterday"}, timeout=5).status_code == 400
    assert http.delete(where, timeout=5).json()["is_set"] is False


def test_control_routes_can_be_left_out(http: requests.Session) -> None:
    with serve(Sandbox(control=False)) as origin:
        assert http.get(origin + "/sandbox/_control/log", timeout=5).status_code == 404
        assert networks(http, origin)
