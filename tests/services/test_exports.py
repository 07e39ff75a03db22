"""Exports as a service: what is in the file, and what the audit trail says of it."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from data import trail
from data.queries import export
from data.queries.filters import Filter, Listed
from data.queries.orders import Order
from data.store import now
from data.types import Role
from services import exports
from services.access import SYSTEM, Actor
from services.desk import Desk
from services.exports import Form, Question
from services.failures import Forbidden, Misuse
from tests import seeds

ANA = Actor("ana", Role.ANALYST)


@pytest.fixture
def filled(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Twenty connections, read three at a time."""
    monkeypatch.setattr(export, "STRETCH", 3)
    source = seeds.source(desk.store, "beside")
    for number in range(20):
        seeds.connection(desk.store, source, number, name=f"=Name {number}", followers=number % 5)
    return desk


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline=""), strict=True))


def trailed(desk: Desk) -> list[tuple[str, str, str, str, dict[str, Any], str | None]]:
    """The rows of the trail about exports, oldest first."""
    with desk.store.reading() as session:
        rows = [row for row in trail.newest(session, 100) if row.action == exports.ACTION]
    return [
        (row.actor, row.subject, row.outcome, row.reason or "", json.loads(row.after or "{}"), row.before)
        for row in reversed(rows)
    ]


def test_everything_is_in_the_file_in_order_and_the_trail_says_so_twice(filled: Desk) -> None:
    begun = exports.connections(filled, ANA, Form.CSV, Question(order=Order.MOST_FOLLOWERS))
    assert [row[:3] for row in trailed(filled)] == [("ana", "connections as csv", "started")]
    rows = rows_of(b"".join(begun.pieces()))
    assert len(rows) == begun.rows == begun.expected == 20
    assert [int(row["followers"]) for row in rows] == sorted((number % 5 for number in range(20)), reverse=True)
    assert {row["name"][:2] for row in rows} == {"'="}
    told = {"filter": {}, "order": "followers-down", "rows": 20}
    assert [(row[2], row[4]) for row in trailed(filled)] == [("started", told), ("done", told)]


def test_the_trail_names_the_filter(filled: Desk) -> None:
    wanted = Filter(search="name 1", platforms=("instagram",), listed=Listed.LISTED, verified=None)
    begun = exports.connections(filled, ANA, Form.PARQUET, Question(wanted))
    assert len(b"".join(begun.pieces())) > 0
    told = {"search": "name 1", "platforms": ["instagram"], "listed": "listed"}
    assert [row[4]["filter"] for row in trailed(filled)] == [told, told]
    assert begun.rows == 11


def test_chosen_rows_alone_whatever_the_filter(filled: Desk) -> None:
    question = Question(Filter(search="nothing at all"), Order.NAME, ids=["c00004", "c00002", "nobody"])
    begun = exports.connections(filled, ANA, Form.CSV, question)
    assert [row["id"] for row in rows_of(b"".join(begun.pieces()))] == ["c00002", "c00004"]
    assert trailed(filled)[1][4] == {"chosen": 3, "ids": list(question.ids), "order": "name", "rows": 2}


def test_a_chosen_account_is_a_line_for_each_connection_and_its_health_is_the_worst_of_them(desk: Desk) -> None:
    late, zocial = (seeds.source(desk.store, name) for name in ("above", "beside"))
    seeds.connection(desk.store, late, 1, account=1, health="broken")
    seeds.connection(desk.store, zocial, 2, account=1)
    seeds.connection(desk.store, zocial, 3)

    def taken(question: Question) -> list[str]:
        return [row["id"] for row in rows_of(b"".join(exports.connections(desk, ANA, Form.CSV, question).pieces()))]

    broken = Filter(healths=("broken",))
    assert taken(Question(ids=["c00002"], accounts=True)) == ["c00001", "c00002"]
    assert trailed(desk)[0][4] == {"chosen": 1, "ids": ["c00002"], "order": "health", "accounts": True, "rows": 2}
    assert taken(Question(ids=["c00002"])) == ["c00002"]
    assert taken(Question(broken, accounts=True)) == ["c00001", "c00002"]
    assert taken(Question(broken)) == ["c00001"]


def test_an_export_of_a_past_day_is_what_was_known_then(desk: Desk) -> None:
    source, seen = seeds.source(desk.store, "beside"), now() - timedelta(days=100)
    named = {"name": "New name", "first_seen_at": seen}
    known = seeds.connection(desk.store, source, 1, followers=900, status="accepted", **named)
    seeds.connection(desk.store, source, 2, first_seen_at=now() - timedelta(days=2))
    at = now() - timedelta(days=5)
    seeds.points(desk.store, known, {(at - timedelta(days=30)).date(): 400, at.date(): 500, now().date(): 900})
    seeds.change(desk.store, known, now() - timedelta(days=1), "status", ("pending", "accepted"))
    seeds.change(desk.store, known, now() - timedelta(days=1), "name", ("Old name", "New name"))
    for asked in (Question(Filter(statuses=("pending",)), at=at), Question(ids=["c00001", "c00002"], at=at)):
        begun = exports.connections(desk, ANA, Form.CSV, asked)
        (row,) = rows_of(b"".join(begun.pieces()))
        assert (row["id"], row["name"], row["status"]) == ("c00001", "Old name", "pending")
        assert (row["followers"], row["growth"], begun.day) == ("500", "25.0", at.date())
        assert row["last_seen_at"] == seen.strftime("%Y-%m-%dT%H:%M:%S+00:00")
    assert trailed(desk)[0][4]["as_of"] == at.isoformat()


def test_more_chosen_rows_than_an_address_holds_are_refused_and_written_down(filled: Desk) -> None:
    with pytest.raises(Misuse, match="At most 200 rows"):
        exports.connections(filled, ANA, Form.CSV, Question(ids=["c00001"] * 201))
    ((actor, subject, outcome, reason, *_),) = trailed(filled)
    assert (actor, subject, outcome) == ("ana", "connections as csv", "refused")
    assert reason.startswith("At most 200")


def test_an_export_that_is_given_up_says_how_much_had_left(filled: Desk) -> None:
    begun = exports.connections(filled, ANA, Form.CSV, Question())
    pieces = begun.pieces()
    assert [len(next(pieces)) > 0 for _ in range(3)] == [True] * 3
    pieces.close()
    assert [(row[2], row[4]["rows"]) for row in trailed(filled)] == [("started", 20), ("broken off", 6)]


def test_no_read_stays_open_between_two_pieces(filled: Desk) -> None:
    begun = exports.connections(filled, ANA, Form.CSV, Question())
    pieces = begun.pieces()
    for _ in range(3):
        next(pieces)
        assert filled.store.reader.pool.checkedout() == 0  # type: ignore[attr-defined]
    with filled.store.bulk() as link:
        link.execute(text("UPDATE connections SET name = 'later'"))
    assert b"".join(pieces).decode().count("later") == 14


def test_who_has_no_role_takes_nothing(filled: Desk) -> None:
    with pytest.raises(Forbidden):
        exports.connections(filled, Actor("nobody", None), Form.CSV, Question())
    assert [row[2] for row in trailed(filled)] == ["refused"]


def test_the_command_line_may_too(filled: Desk) -> None:
    assert exports.connections(filled, SYSTEM, Form.CSV, Question()).expected == 20
