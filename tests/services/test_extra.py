"""Editing extra data: one request a press, the old value kept, and an outcome that nobody knows is called unknown."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from data import trail
from data.types import Role
from services import extra
from services.access import Actor
from services.desk import Desk
from services.failures import Failure, Forbidden, Misuse
from services.reports import Wish
from services.sandbox import Sandbox, serve
from services.sync import sync
from tests import cached
from tests.services.conftest import NOON

INGRID = Actor("ingrid", Role.ADMIN)
PATH = "/api/action/network-extra/update/"


@pytest.fixture
def pretended_vendors() -> Iterator[tuple[Sandbox, str]]:
    """Vendors of one test alone: what is edited stays with them."""
    sandbox = Sandbox(rate_limits=False)
    with serve(sandbox) as origin:
        yield sandbox, origin


def _network(desk: Desk) -> dict[str, Any]:
    networks = cached.of_vendor(desk.store, "zocial").values()
    return next(row for row in networks if row["kind"] == "network" and row["status"] == "accepted")


def _row(desk: Desk, key: str) -> dict[str, Any]:
    return cached.connections(desk.store)[key]


def _changes(desk: Desk, key: str) -> list[tuple[str, str | None, str | None]]:
    rows = cached.changes(desk.store)
    return [(row["field"], row["before"], row["after"]) for row in rows if row["connection_id"] == key]


def _trail(desk: Desk) -> list[tuple[str, str]]:
    with desk.store.reading() as session:
        return [(row.action, row.outcome) for row in reversed(trail.newest(session, 10))]


def _sent(vendors: Sandbox) -> list[Any]:
    return [entry.body for entry in vendors.log if entry.path == PATH]


def test_a_confirmed_edit_is_kept_with_the_old_value_and_sent_once(filled: Desk, vendors: Sandbox) -> None:
    row = _network(filled)
    old = row["extra"]["extra_data"]["bio"]

    outcome = extra.update(filled, INGRID, row["id"], {"bio": "Tea, and more tea"}, seen={"bio": old})

    assert outcome.state == "done"
    assert _sent(vendors) == [{"network_id": row["vendor_id"], "extra_data[bio]": "Tea, and more tea"}]
    assert _row(filled, row["id"])["extra"]["extra_data"] == row["extra"]["extra_data"] | {"bio": "Tea, and more tea"}
    assert _changes(filled, row["id"]) == [("extra.bio", old, "Tea, and more tea")]
    assert _trail(filled)[-2:] == [("extra.update", "begun"), ("extra.update", "done")]


def test_the_next_list_agrees_and_changes_nothing_more(filled: Desk) -> None:
    row = _network(filled)
    extra.update(filled, INGRID, row["id"], {"website": "https://tea.example/menu"})

    sync(filled, ["zocial"], Wish(at=NOON + timedelta(minutes=15)))

    assert _row(filled, row["id"])["extra"]["extra_data"]["website"] == "https://tea.example/menu"
    assert [field for field, *_ in _changes(filled, row["id"])] == ["extra.website"]


def test_category_and_engagement_stand_in_their_columns_too(filled: Desk) -> None:
    row = _network(filled)

    extra.update(filled, INGRID, row["id"], {"category": "Tea house", "engagement_rate": "3.5"})

    after = _row(filled, row["id"])
    assert (after["category"], after["engagement_rate"]) == ("Tea house", 3.5)
    assert after["fingerprint"] == 0
    assert ("category", row["category"], "Tea house") in _changes(filled, row["id"])
    assert ("extra.engagement_rate", None, "3.5") in _changes(filled, row["id"])


def test_none_empties_a_field(filled: Desk, vendors: Sandbox) -> None:
    row = _network(filled)
    extra.update(filled, INGRID, row["id"], {"bio": None})
    assert _sent(vendors)[0]["extra_data[bio]"] == ""
    assert _row(filled, row["id"])["extra"]["extra_data"]["bio"] == ""


def test_a_refusal_says_why_and_changes_nothing(filled: Desk, vendors: Sandbox) -> None:
    row = _network(filled)
    body = {"error": "permission_denied", "message": "You don't have permission to access this network"}
    vendors.faults.plan("zocial", "update_extra", kind="status", status=403, body=body)

    with pytest.raises(Failure, match="permission to access this network") as caught:
        extra.update(filled, INGRID, row["id"], {"bio": "Other"})

    assert caught.value.advice
    assert _row(filled, row["id"]) == row
    assert _changes(filled, row["id"]) == []
    assert _trail(filled)[-2:] == [("extra.update", "begun"), ("extra.update", "refused")]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "hang", "after_effect": True},
        {"kind": "status", "status": 502},
        {"kind": "reset", "after_effect": True},
        {"kind": "empty_body", "status": 200},
    ],
)
def test_an_unconfirmed_edit_is_unknown_and_only_the_list_settles_it(
    filled: Desk, vendors: Sandbox, fault: dict[str, Any]
) -> None:
    row = _network(filled)
    vendors.faults.plan("zocial", "update_extra", **fault)

    outcome = extra.update(filled, INGRID, row["id"], {"bio": "Other"})

    assert outcome.state == "unknown"
    assert "Sync the source" in outcome.advice
    assert len(_sent(vendors)) == 1
    assert _row(filled, row["id"]) == row
    assert [field for field, *_ in _changes(filled, row["id"])] == ["unconfirmed"]
    assert _trail(filled)[-1] == ("extra.update", "unknown")
    with pytest.raises(Failure, match="has not confirmed the edit") as caught:
        extra.update(filled, INGRID, row["id"], {"bio": "Third"})
    assert caught.value.kind == "unsettled"
    assert len(_sent(vendors)) == 1

    (report,) = sync(filled, ["zocial"], Wish(at=NOON + timedelta(minutes=15)))
    assert report.state == "ok"
    theirs = {str(each["id"]): each["extra_data"] for each in vendors.zocial.desk.networks()}
    assert _row(filled, row["id"])["extra"]["extra_data"] == theirs[row["vendor_id"]]
    assert extra.update(filled, INGRID, row["id"], {"bio": "Third"}).state == "done"


def test_what_changed_meanwhile_is_told_and_nothing_is_sent(filled: Desk, vendors: Sandbox) -> None:
    row = _network(filled)
    extra.update(filled, INGRID, row["id"], {"bio": "By another admin"})
    vendors.clear_log()

    with pytest.raises(Failure, match="bio was “Old words”, is now “By another admin”") as caught:
        extra.update(filled, INGRID, row["id"], {"bio": "Mine"}, seen={"bio": "Old words"})

    assert caught.value.kind == "conflict"
    assert _sent(vendors) == []


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({}, "1 to 20 fields"),
        ({"a-b": "x"}, "letters, digits or underscores"),
        ({"bio]&x[": "x"}, "letters, digits or underscores"),
        ({"ünder": "x"}, "letters, digits or underscores"),
        ({"k" * 41: "x"}, "letters, digits or underscores"),
        ({"bio": "x" * 2_001}, "at most 2,000"),
        ({"bio": "a\x00b"}, "control character"),
        ({"bio": "\u202eab"}, "control character"),
        ({"engagement_rate": "101"}, "0 to 100"),
        ({"engagement_rate": "nan"}, "0 to 100"),
        ({"engagement_rate": "-1"}, "0 to 100"),
        ({"engagement_rate": "3,5"}, "0 to 100"),
        ({"website": "javascript:alert(1)"}, "https://"),
        ({"website": "https://"}, "https://"),
        ({"website": "https://a b.example"}, "https://"),
        ({"verified_badge": "yes"}, "neither text nor a number"),
    ],
)
def test_a_wrong_field_is_named_before_anything_is_sent(
    filled: Desk, vendors: Sandbox, values: dict[str, str | None], says: str
) -> None:
    with pytest.raises(Misuse, match=says):
        extra.update(filled, INGRID, _network(filled)["id"], values)
    assert _sent(vendors) == []


def test_an_edit_that_changes_nothing_is_not_sent(filled: Desk, vendors: Sandbox) -> None:
    row = _network(filled)
    with pytest.raises(Misuse, match="Nothing differs"):
        extra.update(filled, INGRID, row["id"], {"bio": row["extra"]["extra_data"]["bio"]})
    assert _sent(vendors) == []


def test_a_source_that_is_off_sends_nothing(filled: Desk, vendors: Sandbox) -> None:
    row = _network(filled)
    with filled.store.bulk() as link:
        link.exec_driver_sql("UPDATE sources SET enabled = 0 WHERE name = 'zocial'")
    with pytest.raises(Failure, match="is off"):
        extra.update(filled, INGRID, row["id"], {"bio": "Other"})
    assert _sent(vendors) == []


def test_other_vendors_and_kinds_have_nothing_to_edit(filled: Desk, vendors: Sandbox) -> None:
    late = next(iter(cached.of_vendor(filled.store, "late")))
    page = next(key for key, row in cached.of_vendor(filled.store, "zocial").items() if row["kind"] == "page")
    for key in (late, page, "no such connection"):
        with pytest.raises(Misuse):
            extra.update(filled, INGRID, key, {"bio": "Other"})
    assert vendors.log == []


def test_an_analyst_is_refused_and_nothing_is_sent(filled: Desk, vendors: Sandbox) -> None:
    row = _network(filled)
    with pytest.raises(Forbidden):
        extra.update(filled, Actor("ana", Role.ANALYST), row["id"], {"bio": "Other"})
    assert (_row(filled, row["id"]), _sent(vendors)) == (row, [])
    assert _trail(filled)[-1] == ("extra.update", "refused")
