"""The audit trail: whatever happens to a row afterwards is noticed."""

import time
from typing import Any

import pytest

from data.store import sqlite_module
from services import audit
from services.access import SYSTEM
from services.audit import BadRow
from services.desk import Desk


def _written(desk: Desk, rows: int = 6) -> None:
    with desk.store.writing() as session:
        for number in range(rows):
            audit.record(session, SYSTEM, "try", f"thing {number}", before={"n": number}, after={"n": number + 1})


def _meddle(desk: Desk, *statements: str) -> None:
    link = sqlite_module().connect(desk.store.path)
    for statement in statements:
        link.execute(statement)
    link.commit()
    link.close()


def test_an_untouched_trail_is_whole(desk: Desk) -> None:
    assert audit.verify(desk) is None
    _written(desk)
    assert audit.verify(desk) is None


@pytest.mark.parametrize(
    "column", ["at", "actor", "action", "subject", "before", "after", "outcome", "reason", "previous", "hash"]
)
def test_an_edited_column_names_its_row(desk: Desk, column: str) -> None:
    _written(desk)
    _meddle(desk, f"UPDATE audit SET {column} = '2020-01-01 00:00:00.000000' WHERE id = 3")
    bad = audit.verify(desk)
    assert bad is not None
    assert bad.id == 3


@pytest.mark.parametrize("value", ["CAST(actor AS BLOB)", "CAST(x'ff' AS TEXT)", "actor || char(0)", "7", "1e999"])
def test_a_byte_that_makes_another_kind_of_value_names_its_row(desk: Desk, value: str) -> None:
    _written(desk)
    _meddle(desk, f"UPDATE audit SET actor = {value} WHERE id = 3")
    assert audit.verify(desk) == BadRow(3, "it was changed after it was written")


@pytest.mark.parametrize(
    ("statements", "first"),
    [
        (["DELETE FROM audit WHERE id = 3"], 3),
        (["DELETE FROM audit WHERE id = 1"], 1),
        (["UPDATE audit SET id = 99 WHERE id = 2", "UPDATE audit SET id = 2 WHERE id = 4"], 2),
        (["DELETE FROM audit WHERE id > 4"], 5),
        (["DELETE FROM audit"], 1),
    ],
)
def test_a_removed_moved_or_cut_row_is_noticed(desk: Desk, statements: list[str], first: int) -> None:
    _written(desk)
    _meddle(desk, *statements)
    bad = audit.verify(desk)
    assert bad is not None
    assert bad.id == first


def test_a_cut_end_is_noticed_even_when_the_counter_was_set_back(desk: Desk) -> None:
    _written(desk)
    audit.anchor(desk)
    _meddle(desk, "DELETE FROM audit WHERE id > 4", "UPDATE sqlite_sequence SET seq = 4 WHERE name = 'audit'")
    assert audit.verify(desk) == BadRow(5, "rows 5 to 6 are missing at the end")
    _written(desk, 3)
    bad = audit.verify(desk)
    assert bad is not None
    assert bad.id == 6


def test_a_broken_trail_is_not_sealed(desk: Desk) -> None:
    _written(desk)
    audit.anchor(desk)
    _meddle(desk, "DELETE FROM audit WHERE id > 4", "UPDATE sqlite_sequence SET seq = 4 WHERE name = 'audit'")
    audit.anchor(desk)
    assert audit.verify(desk) is not None


def test_a_row_that_is_undone_leaves_no_gap(desk: Desk) -> None:
    _written(desk)

    def fail() -> None:
        with desk.store.writing() as session:
            audit.record(session, SYSTEM, "try", "undone")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    _written(desk, 1)
    assert audit.verify(desk) is None


@pytest.mark.parametrize("value", [{"password": "s3cret"}, {"a": [{"API_KEY": "s3cret"}]}, {"access_token": "s3cret"}])
def test_a_secret_never_reaches_the_trail(desk: Desk, value: Any) -> None:
    with desk.store.writing() as session:
        row = audit.record(session, SYSTEM, "try", "thing", before=value, after=value)
        assert "s3cret" not in f"{row.before}{row.after}"
    assert audit.verify(desk) is None


def test_text_that_no_database_takes_is_made_storable(desk: Desk) -> None:
    with desk.store.writing() as session:
        audit.record(session, SYSTEM, "try", "a\x00b\ud800", after={"name": "\ud800"}, reason="x" * 10_000)
    assert audit.verify(desk) is None


def test_checking_costs_a_few_microseconds_a_row(desk: Desk) -> None:
    rows = 2_000
    _written(desk, rows)
    best = min(_seconds(desk) for _ in range(5))
    assert best / rows < 25e-6


def _seconds(desk: Desk) -> float:
    began = time.perf_counter()
    assert audit.verify(desk) is None
    return time.perf_counter() - began
