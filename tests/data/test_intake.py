"""The file of webhooks at its first one, while the worker looks already."""

import sqlite3
from contextlib import closing
from pathlib import Path

from data.intake import Entry, Intake
from data.store import now


def test_a_file_that_is_only_begun_holds_nothing_and_takes_the_first_webhook(tmp_path: Path) -> None:
    path = tmp_path / "begun.db"
    with closing(sqlite3.connect(path)) as writer:  # what the first webhook's connection does before its table is there
        writer.execute("PRAGMA journal_mode = WAL")
    assert path.stat().st_size > 0
    intake = Intake(path)
    entry = Entry(1, "e1", "account.connected", None, None, now(), "{}")
    try:
        assert intake.waiting(10) == []
        intake.keep([entry])
        assert [kept for _, kept in intake.waiting(10)] == [entry]
    finally:
        intake.close()
