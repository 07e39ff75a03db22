"""What must be reconnected is an incident of its own, or one with many that broke at once, and ends when it works."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import SQLModel

from data.staging import Observation
from data.store import Store
from services import breakages, credentials
from services.access import SYSTEM
from services.desk import Desk
from services.reports import Wish
from services.sandbox import Sandbox
from services.sync import sync
from tests import cached, seeds
from tests.services.conftest import NOON

_connections = SQLModel.metadata.tables["connections"]
HOUR = timedelta(hours=1)


def _set(store: Store, ids: list[str], **values: Any) -> None:
    with store.bulk() as link:
        link.execute(update(_connections).where(_connections.c.id.in_(ids)).values(values))


def _broken(desk: Desk, source: int, numbers: range, at: datetime) -> list[str]:
    told = {"health": "broken", "health_reason": "Its access has expired.", "health_since": at}
    return [seeds.connection(desk.store, source, number, name=f"Shop {number}", **told) for number in numbers]


def _follow(desk: Desk, source: int, at: datetime) -> None:
    with desk.store.bulk() as link:
        breakages.follow(link, Observation(1, source, at))


def _open(desk: Desk) -> list[tuple[str | None, str]]:
    return [(row["connection_id"], row["message"]) for row in cached.incidents(desk.store) if row["ended_at"] is None]


def test_each_of_a_few_has_its_own_incident_and_many_at_once_have_one(desk: Desk) -> None:
    source = seeds.source(desk.store, "north")
    few = _broken(desk, source, range(1, 6), NOON)
    _follow(desk, source, NOON)
    _follow(desk, source, NOON + HOUR)
    assert [key for key, _ in _open(desk)] == few
    assert _open(desk)[0][1] == "Shop 1 on Instagram: Its access has expired."

    many = _broken(desk, source, range(6, 13), NOON + 2 * HOUR)
    _follow(desk, source, NOON + 2 * HOUR)
    (told,) = [words for key, words in _open(desk) if key is None]
    assert told == "7 connections must be reconnected: Shop 6, Shop 7, Shop 8 and others."

    (one,) = _broken(desk, source, range(20, 21), NOON + 3 * HOUR)
    _set(desk.store, many[1:], health="healthy")
    _follow(desk, source, NOON + 3 * HOUR)
    assert [key for key, _ in _open(desk)] == [*few, None, one]
    assert _open(desk)[-2][1] == "1 connection must be reconnected: Shop 6."

    _set(desk.store, many, health="healthy")
    _set(desk.store, [*few, one], health="degraded")
    _follow(desk, source, NOON + 4 * HOUR)
    assert _open(desk) == []
    assert {row["ended_why"] for row in cached.incidents(desk.store)} == {
        "The vendor says that it works again.",
        "None of them is broken any more.",
    }


def test_what_nobody_wants_to_work_any_more_is_no_incident(desk: Desk) -> None:
    source = seeds.source(desk.store, "north")
    gone, off = _broken(desk, source, range(1, 3), NOON)
    _follow(desk, source, NOON)
    _set(desk.store, [gone], vanished_at=NOON + HOUR)
    _set(desk.store, [off], status="disconnected")

    _follow(desk, source, NOON + HOUR)

    assert _open(desk) == []
    assert [row["ended_why"] for row in cached.incidents(desk.store)] == [
        "The vendor does not list it any more.",
        "It is disconnected.",
    ]


def test_an_outage_is_one_incident_and_the_vendors_word_one_for_each_account(filled: Desk, vendors: Sandbox) -> None:
    sync(filled, ["late"], Wish(at=NOON))
    known = {key for key, _ in _open(filled)}
    vendors.faults.plan("late", "accounts", kind="status", status=401, times=1)
    sync(filled, ["late"], Wish(at=NOON + HOUR))
    assert [row["cause"] for row in cached.incidents(filled.store) if row["began_at"] == NOON + HOUR] == ["failing"]

    rows = cached.of_vendor(filled.store, "late").values()
    chosen = next(row for row in rows if row["health_since"] == NOON + HOUR and row["status"] == "accepted")

    def refusing(body: dict[str, Any]) -> dict[str, Any]:
        word = {"needsReconnect": True}
        return body | {
            "accounts": [row | word if row["accountId"] == chosen["vendor_id"] else row for row in body["accounts"]]
        }

    vendors.faults.plan("late", "health", kind="transform", change=refusing, times=1)
    sync(filled, ["late"], Wish(at=NOON + 2 * HOUR))
    assert {key for key, _ in _open(filled)} - known == {chosen["id"]}
    sync(filled, ["late"], Wish(at=NOON + 3 * HOUR))
    assert {key for key, _ in _open(filled)} == known


def test_a_source_that_is_switched_off_takes_its_incidents_with_it(desk: Desk) -> None:
    seeds.source(desk.store, "north", origin="added")
    source = cached.source(desk.store, "north")["id"]
    _broken(desk, source, range(1, 3), NOON)
    _follow(desk, source, NOON)

    credentials.set_enabled(desk, SYSTEM, "north", enabled=False)

    assert {row["ended_why"] for row in cached.incidents(desk.store)} == {"The source was switched off."}
