"""The invented company is as large and as varied as promised."""

from datetime import UTC, datetime

import pytest

from services.sandbox import Sandbox
from services.sandbox.brands import HOSTILE
from services.sandbox.world import NETWORKS, STATUSES

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def house() -> Sandbox:
    return Sandbox(now=NOW)


def test_at_least_290_connections_of_four_vendors(house: Sandbox) -> None:
    parts = {kind: len(house.zocial.desk.listed(kind)) for kind in ("page", "wall", "channel")}
    counts = {
        "networks": len(house.zocial.desk.networks()), **parts, "late": len(house.late.book.accounts()),
        "highlevel": len(house.highlevel.book.accounts()), "gipper": len(house.gipper.accounts()),
    }  # fmt: skip
    assert sum(counts.values()) >= 290
    assert counts["networks"] >= 195
    assert (counts["page"], counts["wall"], counts["channel"]) == (20, 15, 25)


def test_all_platforms_and_statuses_and_one_unknown(house: Sandbox) -> None:
    rows = house.zocial.desk.networks()
    assert {row["network"] for row in rows} == set(NETWORKS)
    assert {row["status"] for row in rows} == {*STATUSES, "archived"}


def test_ids_are_unique_at_each_vendor(house: Sandbox) -> None:
    for rows, key in (
        (house.zocial.desk.networks(), "id"), (house.late.book.accounts(), "_id"),
        (house.highlevel.book.accounts(), "id"), (house.gipper.accounts(), "id"),
    ):  # fmt: skip
        assert len({row[key] for row in rows}) == len(rows)


def test_about_15_instagram_accounts_are_known_to_several_vendors(house: Sandbox) -> None:
    zocial = {row["network_id"] for row in house.zocial.desk.networks() if row["network"] == "instagram"}
    late = {row["username"].lstrip("@") for row in house.late.book.accounts() if row["platform"] == "instagram"}
    gipper = {row["ig_user_name"] for row in house.gipper.accounts()}
    assert len(zocial & late) >= 15
    assert len(zocial & late & gipper) >= 5


def test_one_account_only_looks_like_another(house: Sandbox) -> None:
    late = {row["username"].lstrip("@") for row in house.late.book.accounts() if row["platform"] == "instagram"}
    assert {"kattegatcoffee", "kattegatcoffe\u0435"} <= late


def test_two_vendors_tell_one_platform_id_also_under_another_handle(house: Sandbox) -> None:
    gipper = {row["ig_user_id"]: row["ig_user_name"] for row in house.gipper.accounts()}
    rows = {row["originId"]: row for row in house.highlevel.book.accounts() if row["platform"] == "instagram"}
    assert len(gipper.keys() & rows.keys()) >= 2
    assert "fjordandfell.hq" in {gipper[number] for number in gipper.keys() & rows.keys()}


def test_some_sources_disagree_on_the_name_of_an_account(house: Sandbox) -> None:
    late = {row["username"].lstrip("@"): row["displayName"] for row in house.late.book.accounts()}
    names = [(row["name"], late.get(row["meta"]["username"])) for row in house.highlevel.book.accounts()]
    assert ("Kattegat Coffee (Fjord & Fell Group)", "Kattegat Coffee") in names


def test_hostile_names_are_there_and_few(house: Sandbox) -> None:
    names = [row["page_name"] for row in house.zocial.desk.listed("page")]
    names += [row["displayName"] for row in house.late.book.accounts()]
    names += [row["name"] for row in house.highlevel.book.accounts()]
    assert sorted(name for name in names if name in HOSTILE) == sorted(HOSTILE)
    assert None in names


def test_some_tokens_end_soon_and_some_have_ended(house: Sandbox) -> None:
    words = {house.late.book.health(row)["status"] for row in house.late.book.accounts()}
    assert words == {"healthy", "warning", "error"}
    assert {row["isExpired"] for row in house.highlevel.book.accounts()} == {True, False}
