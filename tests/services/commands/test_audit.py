"""`audit verify`: one changed byte anywhere in the trail is found."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from services import audit
from services.access import SYSTEM
from services.desk import open_desk

Run = Callable[..., Any]
COLUMNS = ("at", "actor", "action", "subject", "before", "after", "outcome", "reason", "previous", "hash")


@pytest.fixture
def database(real: None, settings_of_test: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A cache with a trail of five rows, every column filled."""
    del real, settings_of_test
    desk = open_desk()
    with desk.store.writing() as session:
        for number in range(5):
            told = {"before": {"n": number}, "after": {"n": number + 1}, "reason": "as asked"}
            audit.record(session, SYSTEM, "try", f"thing {number}", **told)
    desk.store.close()
    return tmp_path / "patchbay.db"


@pytest.mark.usefixtures("database")
def test_a_whole_trail_is_told_with_its_rows(run: Run) -> None:
    said = run("audit", "verify", "--json")
    assert (said.code, said.document) == (0, {"ok": True, "rows": 5, "bad": None})
    assert run("audit", "verify").out == "All is as it was written: 5 rows.\n"


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("number", [1, 3, 5])
def test_one_changed_byte_of_any_column_of_any_row_is_found(run: Run, database: Path, column: str, number: int) -> None:
    with closing(sqlite3.connect(database)) as link:
        flipped = f"substr({column}, 1, 3) || CASE substr({column}, 4, 1) WHEN '1' THEN '2' ELSE '1' END"
        link.execute(f"UPDATE audit SET {column} = {flipped} || substr({column}, 5) WHERE id = ?", [number])
        assert link.total_changes == 1
        link.commit()
    said = run("audit", "verify", "--json")
    assert (said.code, said.document["ok"]) == (1, False)
    assert said.document["bad"]["id"] == number
    assert said.document["bad"]["why"]
    assert f"broken at row {number}: " in run("audit", "verify").out


def test_a_row_under_another_number_is_found(run: Run, database: Path) -> None:
    with closing(sqlite3.connect(database)) as link:
        link.execute("UPDATE audit SET id = 9 WHERE id = 3")
        link.commit()
    assert run("audit", "verify", "--json").document["bad"] == {"id": 3, "why": "row 3 is missing"}
