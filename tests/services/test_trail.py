"""The audit trail as a service: who may read it, and files that hold what was filtered."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from data import trail as chain
from data.queries import trail as rows
from data.queries.trail import Wanted
from data.types import Role
from services import audit, trail
from services.access import SYSTEM, Actor
from services.desk import Desk
from services.exports import Form
from services.failures import Forbidden, Misuse

INGRID, ANA = Actor("ingrid", Role.ADMIN), Actor("ana", Role.ANALYST)
FORMULA = '=HYPERLINK("http://evil.test")'


@pytest.fixture
def filled(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Seven rows, read three at a time."""
    monkeypatch.setattr(rows, "STRETCH", 3)
    for number in range(7):
        with desk.store.writing() as session:
            about = FORMULA if number == 0 else f"thing {number}"
            audit.record(session, SYSTEM, "try.it" if number % 2 else "do.it", about, after={"n": number})
    return desk


def written(desk: Desk, form: Form, wanted: Wanted) -> bytes:
    begun = trail.export(desk, INGRID, form, wanted)
    content = b"".join(begun.pieces())
    assert begun.rows == begun.expected
    return content


def newest(desk: Desk) -> list[tuple[str, str, str, Any]]:
    with desk.store.reading() as session:
        return [
            (row.action, row.subject, row.outcome, json.loads(row.after or "{}")) for row in chain.newest(session, 2)
        ]


def test_a_csv_file_holds_every_row_and_no_formula(filled: Desk) -> None:
    found = list(csv.DictReader(io.StringIO(written(filled, Form.CSV, Wanted()).decode(), newline=""), strict=True))
    assert [row["subject"] for row in found] == ["'" + FORMULA, *(f"thing {number}" for number in range(1, 7))]
    assert [row["id"] for row in found] == [str(number) for number in range(1, 8)]
    assert found[1]["previous"] == found[0]["hash"]


def test_json_lines_hold_what_was_filtered_as_it_was_written(filled: Desk) -> None:
    lines = written(filled, Form.JSON_LINES, Wanted(family="try")).decode().splitlines()
    found = [json.loads(line) for line in lines]
    assert [row["after"] for row in found] == [f'{{"n": {number}}}' for number in (1, 3, 5)]
    assert all(row["at"].endswith("+00:00") for row in found)


def test_taking_a_file_stands_in_the_trail(filled: Desk) -> None:
    written(filled, Form.CSV, Wanted(search="thing", outcome="done"))
    told = {"filter": {"search": "thing", "outcome": "done"}, "rows": 6}
    assert newest(filled) == [
        ("export.audit", "audit as csv", "done", told),
        ("export.audit", "audit as csv", "started", told),
    ]


def test_an_empty_answer_is_a_file_without_rows(desk: Desk) -> None:
    assert written(desk, Form.JSON_LINES, Wanted(actor="nobody")) == b""


@pytest.mark.parametrize(
    "ask",
    [
        lambda desk: trail.page(desk, ANA, Wanted()),
        lambda desk: trail.words(desk, ANA),
        lambda desk: trail.entry(desk, ANA, 1),
        lambda desk: trail.verified(desk, ANA),
        lambda desk: trail.export(desk, ANA, Form.CSV, Wanted()),
    ],
)
def test_who_may_not_read_it_is_refused_by_each_function(desk: Desk, ask: Callable[[Desk], object]) -> None:
    with pytest.raises(Forbidden, match="may not read the audit trail"):
        ask(desk)


def test_the_words_are_those_that_the_trail_holds(filled: Desk) -> None:
    assert trail.words(filled, INGRID) == (("system",), ("do", "try"), ("done",))


@pytest.mark.parametrize("pairs", [[("from", "soon")], [("to", "2999-01-01")], [("colour", "red")], [("after", "3")]])
def test_an_address_that_makes_no_sense_is_refused(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(Misuse):
        trail.asked(pairs)
