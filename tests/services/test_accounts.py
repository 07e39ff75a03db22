"""One account, several witnesses: what real syncs join and part, and what a person's word does to it."""

import random
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import SQLModel

from data import rollups, trail
from data.queries import accounts as query
from data.store import Store
from data.types import Role
from services import accounts
from services.access import Actor
from services.desk import Desk
from services.failures import Forbidden, Misuse
from services.reports import Wish
from services.sandbox import Sandbox
from services.sync import sync
from tests import cached
from tests.services.conftest import NOON

ADMIN = Actor("ingrid", Role.ADMIN)
WHY = "The brand's own list names both."
NAME = {"zocial": "network_id", "late": "username", "highlevel": "name", "gipper": "name"}
LIST = {"zocial": ("networks", "networks"), "late": ("accounts", "accounts")}
Names = dict[str, str]


def _rows(desk: Desk, *, vendor: str, handle: str, platform: str = "instagram") -> list[cached.Row]:
    rows = cached.of_vendor(desk.store, vendor).values()
    return [row for row in rows if row["kind"] == "network" and (row["platform"], row["handle"]) == (platform, handle)]


def _one(desk: Desk, vendor: str, handle: str, platform: str = "instagram") -> str:
    (row,) = _rows(desk, vendor=vendor, handle=handle, platform=platform)
    return str(row["id"])


def _witnesses(desk: Desk, connection: str) -> set[str]:
    with desk.store.reading() as session:
        return {f"{each.source} {each.handle}" for each in query.members(session, connection)}


def _sync(desk: Desk, vendors: Sandbox, vendor: str, renamed: Names, *, minutes: int) -> None:
    """Let a vendor tell other handles from now on."""
    target, key = LIST[vendor]

    def rename(row: dict[str, Any]) -> dict[str, Any]:
        platform = row.get("network", row.get("platform"))
        handle = row[NAME[vendor]].removeprefix("@")
        if platform != "instagram" or handle not in renamed:
            return row
        urls = {
            name: row[name].replace(handle, renamed[handle]) for name in ("network_url", "profileUrl") if name in row
        }
        return {**row, NAME[vendor]: renamed[handle], **urls}

    def change(content: Any) -> Any:
        return {**content, key: [rename(row) for row in content[key]]}

    vendors.faults.plan(vendor, target, kind="transform", change=change)
    (report,) = sync(desk, [vendor], Wish(at=NOON + timedelta(minutes=minutes)))
    assert report.state == "ok"


def _accounts(desk: Desk) -> dict[str, int]:
    return {key: row["account"] or row["number"] for key, row in cached.connections(desk.store).items()}


def _retold(desk: Desk, before: dict[str, int]) -> dict[str, int]:
    """Give the accounts that the timeline leads to from those before."""
    moves = [row for row in cached.changes(desk.store) if row["field"] == "account"]
    found = before | {row["connection_id"]: int(row["after"]) for row in moves}
    assert moves
    assert all(row["before"] != row["after"] for row in moves)
    return found


def test_two_accounts_that_swap_their_connections_are_told_apart(filled: Desk, vendors: Sandbox) -> None:
    one, two = "maisonclairval", "lepetitsillage"
    first, second = _one(filled, "zocial", one), _one(filled, "zocial", two)
    assert _witnesses(filled, first) == {f"zocial {one}", f"late {one}", f"gipper {one}"}
    before = _accounts(filled)

    _sync(filled, vendors, "zocial", {one: two, two: one}, minutes=1)

    assert _witnesses(filled, first) == {f"zocial {two}", f"late {two}", f"gipper {two}"}
    assert _witnesses(filled, second) == {f"zocial {one}", f"late {one}", f"gipper {one}"}
    assert _retold(filled, before) == _accounts(filled) != before

    _sync(filled, vendors, "zocial", {}, minutes=2)

    assert _witnesses(filled, first) == {f"zocial {one}", f"late {one}", f"gipper {one}"}
    assert _retold(filled, before) == _accounts(filled) == before


def test_a_handle_that_changes_in_one_source_first_parts_and_joins_again(filled: Desk, vendors: Sandbox) -> None:
    old, new = "maisonclairval", "maison.clairval"
    connection, other = _one(filled, "zocial", old), _one(filled, "late", old)
    before = _accounts(filled)

    _sync(filled, vendors, "zocial", {old: new}, minutes=1)
    assert _witnesses(filled, connection) == {f"zocial {new}"}
    assert _witnesses(filled, other) == {f"late {old}", f"gipper {old}"}

    _sync(filled, vendors, "late", {old: new}, minutes=2)
    assert _witnesses(filled, connection) == {f"zocial {new}", f"late {new}"}
    assert _retold(filled, before) == _accounts(filled)


def test_one_platform_id_holds_under_two_handles(filled: Desk, vendors: Sandbox) -> None:
    assert _witnesses(filled, _one(filled, "gipper", "fjordandfell.hq")) == {
        "gipper fjordandfell.hq", "highlevel fjordandfell", "late fjordandfell", "zocial fjordandfell",
    }  # fmt: skip
    with filled.store.reading() as session:
        _, rows = query.listing(session)
    sure = next(row for row in rows if _one(filled, "gipper", "fjordandfell.hq") in row["connections"])
    assert (sure["handle"], sure["confidence"]) == ("fjordandfell", 0.9)
    _sync(filled, vendors, "zocial", {"fjordandfell": "fjordandfell.hq"}, minutes=1)
    assert "zocial fjordandfell.hq" in _witnesses(filled, _one(filled, "late", "fjordandfell"))


def test_one_that_only_looks_alike_stays_apart(filled: Desk) -> None:
    alike = "kattegatcoffe\u0435"
    assert _witnesses(filled, _one(filled, "late", alike)) == {f"late {alike}"}
    assert "late kattegatcoffee" in _witnesses(filled, _one(filled, "zocial", "kattegatcoffee"))


def test_every_connection_is_in_exactly_one_account(filled: Desk) -> None:
    with filled.store.reading() as session:
        total, rows = query.listing(session)
    named = [connection for row in rows for connection in row["connections"]]
    assert sorted(named) == sorted(cached.connections(filled.store))
    assert (total, len({row["id"] for row in rows})) == (len(rows), len(rows))
    assert sum(len(row["connections"]) > 1 for row in rows) >= 15


def test_a_cache_from_before_accounts_is_joined_by_its_next_syncs(filled: Desk) -> None:
    with filled.store.reading() as session:
        before = _grouped(query.listing(session)[1])
    with filled.store.bulk() as link:
        link.exec_driver_sql(
            "UPDATE connections SET account = NULL, account_by = NULL, handle_key = NULL, fingerprint = 7"
        )
        link.exec_driver_sql("UPDATE sources SET joined_run = NULL")

    sync(filled, None, Wish(at=NOON + timedelta(minutes=1)))

    with filled.store.reading() as session:
        assert _grouped(query.listing(session)[1]) == before


def _grouped(rows: Iterable[dict[str, Any]]) -> list[list[str]]:
    return sorted(sorted(row["connections"]) for row in rows)


def test_what_a_person_merged_no_sync_parts_and_others_still_join(filled: Desk, vendors: Sandbox) -> None:
    alike = "kattegatcoffe\u0435"
    stranger, brand = _one(filled, "late", alike), _one(filled, "zocial", "kattegatcoffee")
    before = _witnesses(filled, brand)
    plan = accounts.planned(filled, [stranger, brand])
    assert plan.sentence.startswith("2 accounts become one, with all their connections: ")
    assert plan.summary == f"2 accounts become one, with all {len(plan.members)} connections. No sync will part them."

    members = accounts.merge(filled, ADMIN, [stranger, brand], WHY)

    assert {each.id for each in members} == {each.id for each in plan.members}
    assert _witnesses(filled, stranger) == before | {f"late {alike}"}
    _sync(filled, vendors, "zocial", {"kattegatcoffee": "another.name", "tinytrawler": "kattegatcoffee"}, minutes=1)
    sync(filled, None, Wish(at=NOON + timedelta(minutes=2)))
    assert _witnesses(filled, stranger) == before | {f"late {alike}"}
    assert {each.account_by for each in members} == {"person"}


def test_what_a_person_split_no_sync_joins(filled: Desk, vendors: Sandbox) -> None:
    one = "maisonclairval"
    connection = _one(filled, "zocial", one)

    left = accounts.split(filled, ADMIN, connection, WHY)

    assert {each.source for each in left} == {"late", "gipper"}
    _sync(filled, vendors, "zocial", {one: "away"}, minutes=1)
    sync(filled, None, Wish(at=NOON + timedelta(minutes=2)))
    assert _witnesses(filled, connection) == {f"zocial {one}"}
    assert _witnesses(filled, left[0].id) == {f"late {one}", f"gipper {one}"}


def test_the_first_member_split_off_gives_the_rest_a_new_first_one(filled: Desk) -> None:
    with filled.store.reading() as session:
        first, second, third = query.members(session, _one(filled, "zocial", "maisonclairval"))
    rest = accounts.split(filled, ADMIN, first.id, WHY)
    assert [(each.id, each.account) for each in rest] == [(each.id, second.number) for each in (second, third)]


def test_what_only_the_one_split_off_held_together_parts_too(filled: Desk) -> None:
    rest = accounts.split(filled, ADMIN, _one(filled, "highlevel", "fjordandfell"), WHY)
    assert {each.source: each.account for each in rest}["gipper"] is None
    assert len({each.account_id for each in rest}) == 2


def test_a_person_may_merge_two_connections_of_one_source(filled: Desk) -> None:
    one, two = _one(filled, "zocial", "maisonclairval"), _one(filled, "zocial", "lepetitsillage")
    members = accounts.merge(filled, ADMIN, [one, two], WHY)
    assert sorted(each.source for each in members) == ["gipper", "gipper", "late", "late", "zocial", "zocial"]
    accounts.split(filled, ADMIN, one, WHY)
    assert len(_witnesses(filled, two)) == 5


def test_a_ruling_stands_in_the_trail_with_before_and_after(filled: Desk) -> None:
    connection = _one(filled, "zocial", "maisonclairval")
    accounts.split(filled, ADMIN, connection, f"  {WHY} ")
    with filled.store.reading() as session:
        (row,) = trail.newest(session, 1)
    assert (row.actor, row.action, row.subject, row.outcome) == (
        "ingrid", "account.split", f"connection {connection}", "done",
    )  # fmt: skip
    assert row.reason == WHY
    assert (row.before or "").count(connection) == (row.after or "").count(connection) == 1
    assert row.before != row.after


@pytest.mark.parametrize(
    ("who", "reason", "says"),
    [
        (["zocial maisonclairval", "late kattegatcoffee facebook"], WHY, "facebook and instagram can't be one account"),
        (["zocial maisonclairval", "zocial maisonclairval"], WHY, "two connections or more"),
        (["zocial maisonclairval", "nobody"], WHY, "no connection 'nobody'"),
        (["zocial maisonclairval", "zocial lepetitsillage"], "  ", "A reason of 1 to 1,000 characters"),
        (["zocial maisonclairval", "zocial lepetitsillage"], "x" * 1_001, "A reason of 1 to 1,000 characters"),
    ],
)
def test_a_merge_that_makes_no_sense_is_refused_and_changes_nothing(
    filled: Desk, who: list[str], reason: str, says: str
) -> None:
    before = cached.connections(filled.store)
    elsewhere = next(row["id"] for row in before.values() if row["platform"] == "facebook")
    named = [
        elsewhere if words.endswith("facebook") else _one(filled, *words.split()) if " " in words else words
        for words in who
    ]
    with pytest.raises(Misuse, match=says):
        accounts.merge(filled, ADMIN, named, reason)
    assert cached.connections(filled.store) == before
    with filled.store.reading() as session:
        (row,) = trail.newest(session, 1)
    assert (row.action, row.outcome) == ("account.merge", "refused")


def test_one_that_stands_alone_can_not_be_split(filled: Desk) -> None:
    with pytest.raises(Misuse, match="stands alone already"):
        accounts.split(filled, ADMIN, _one(filled, "late", "kattegatcoffe\u0435"), WHY)


def test_only_admins_rule_on_accounts(filled: Desk) -> None:
    with pytest.raises(Forbidden, match="may not decide which connections are one account"):
        accounts.split(filled, Actor("marek", Role.MARKETER), _one(filled, "zocial", "maisonclairval"), WHY)


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_joins_and_parts_accounts_the_totals_are_those_of_counting_afresh(
    filled: Desk, vendors: Sandbox, seed: int
) -> None:
    chance, renamed = random.Random(seed), ("maisonclairval", "lepetitsillage", "fjordandfell", "kattegatcoffee")
    ids = [row["id"] for row in cached.connections(filled.store).values() if row["platform"] == "instagram"]
    moved = 0
    for minute in range(1, 11):
        before = _once(cached.totals(filled.store))
        match chance.choice(["merge", "merge", "split", "sync"]):
            case "merge":
                accounts.merge(filled, ADMIN, chance.sample(ids, 2), WHY)
            case "split":
                joined = [key for key, row in cached.connections(filled.store).items() if row["account"]]
                accounts.split(filled, ADMIN, chance.choice(sorted(joined)), WHY)
            case _:
                one, two = chance.sample(renamed, 2)
                _sync(filled, vendors, chance.choice(["zocial", "late"]), {one: two, two: one}, minutes=minute)
        kept = _once(cached.totals(filled.store))
        assert kept == _once(_afresh(filled.store))
        moved += kept != before
    assert moved > 2


def _once(totals: Iterable[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return sorted(tuple(str(value) for value in row.values()) for row in totals)


def _afresh(store: Store) -> list[dict[str, Any]]:
    """Count every source on its last day, and leave the cache as it was."""
    table = SQLModel.metadata.tables["totals"]
    with store.writer.connect() as link, link.begin() as transaction:
        for source, day in link.execute(select(table.c.source_id, func.max(table.c.day)).group_by(table.c.source_id)):
            rollups.refresh(link, source, day)
        found = [dict(row) for row in link.execute(select(table)).mappings()]
        transaction.rollback()
    return found
