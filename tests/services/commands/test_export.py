"""`export … FILE`: a whole file or none, of the kind its ending says."""

import csv
import errno
import fcntl
import io
import json
import os
import signal
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from data import trail
from data.store import Store
from services import sheets
from services.desk import open_desk
from tests import messages_seed, seeds

Run = Callable[..., Any]


@pytest.fixture
def cache(real: None, settings_of_test: pytest.MonkeyPatch) -> Iterator[Store]:
    """Nine connections of two sources."""
    del real, settings_of_test
    desk = open_desk()
    numbers = [seeds.source(desk.store, name) for name in ("one", "two")]
    for number in range(9):
        values = {"status": ("accepted", "pending")[number % 2], "name": f"@Name {number}"}
        seeds.connection(desk.store, numbers[number % 2], number, **values)
    yield desk.store
    desk.store.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "out"
    made.mkdir()
    return made


def rows_of(file: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.read_bytes().decode("utf-8"), newline=""), strict=True))


@pytest.mark.usefixtures("cache")
def test_a_csv_holds_what_the_list_shows(run: Run, folder: Path) -> None:
    file = folder / "all.csv"
    said = run("export", "connections", str(file), "--json")
    assert (said.code, said.err) == (0, "")
    assert said.document == {"file": str(file), "rows": 9, "bytes": file.stat().st_size}
    told = {row["id"]: row for row in run("connections", "--json").document["connections"]}
    rows = rows_of(file)
    assert {row["id"] for row in rows} == set(told)
    assert next(iter(rows[0])) == "id"
    for row in rows:
        listed = told[row["id"]]
        assert row["name"] == f"'{listed['name']}"
        assert row["last_seen_at"] == listed["last_seen_at"]
        assert row["followers"] == ""
    assert [path.name for path in folder.iterdir()] == ["all.csv"]


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize(
    ("options", "rows"),
    [
        (["--source", "two"], 4),
        (["--status", "pending", "--status", "accepted"], 9),
        (["--search", "NAME 3"], 1),
        (["--platform", " Instagram ", "--kind", "network"], 9),
        (["--kind", "wall"], 0),
    ],
)
def test_the_options_of_the_list_narrow_the_file_too(run: Run, folder: Path, options: list[str], rows: int) -> None:
    file = folder / "some.PARQUET"
    assert run("export", "connections", str(file), *options, "--json").document["rows"] == rows
    assert parquet.read_table(file).num_rows == rows
    assert run("connections", *options, "--json").document["total"] == rows


@pytest.mark.usefixtures("cache")
def test_a_person_is_told_how_many(run: Run, folder: Path) -> None:
    said = run("export", "connections", str(folder / "a.csv"))
    assert said.out.startswith(f"{folder / 'a.csv'}: 9 connections, ")


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("name", ["all.xlsx", "all", "csv", ".csv", "folder.csv"])
def test_another_ending_is_wrong_use_and_writes_nothing(run: Run, folder: Path, name: str) -> None:
    (folder / "folder.csv").mkdir()
    said = run("export", "connections", str(folder / name), "--json")
    assert (said.code, said.error["kind"]) == (2, "misuse")
    assert ".csv or .parquet" in said.error["advice"]
    assert [path.name for path in folder.iterdir()] == ["folder.csv"]


@pytest.mark.parametrize("words", [["export"], ["export", "cases", "a.csv"], ["export", "connections"]])
def test_what_is_not_offered_is_wrong_use(run: Run, words: list[str]) -> None:
    assert run(*words, "--json").code == 2


@pytest.mark.usefixtures("cache")
def test_an_unknown_source_is_wrong_use(run: Run, folder: Path) -> None:
    said = run("export", "connections", str(folder / "a.csv"), "--source", "nobody", "--json")
    assert (said.code, said.error["message"]) == (2, "There is no source named 'nobody'.")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("place", ["no/a.csv", "/proc/a.csv", "/dev/null/a.csv"])
def test_a_folder_that_takes_no_file_is_told_and_nothing_was_exported(
    run: Run, cache: Store, folder: Path, place: str
) -> None:
    said = run("export", "connections", str(folder / place), "--json")
    assert (said.code, said.error["kind"]) == (1, "system")
    assert "The system refused" in said.error["message"]
    assert f"({folder / place})" in said.error["message"]
    with cache.reading() as session:
        assert [row for row in trail.newest(session, 9) if row.action == "export.connections"] == []


def test_a_full_disk_leaves_the_old_file_and_nothing_else(
    run: Run, cache: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = folder / "a.csv"
    file.write_text("the old one")

    def full(*_args: Any, **_named: Any) -> Iterator[bytes]:
        yield b"half"
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(file))

    monkeypatch.setattr(sheets, "as_csv", full)
    said = run("export", "connections", str(file), "--json")
    assert (said.code, said.error["kind"]) == (1, "system")
    assert "No space left" in said.error["message"]
    assert file.read_text() == "the old one"
    assert [path.name for path in folder.iterdir()] == ["a.csv"]
    with cache.reading() as session:
        assert [row.outcome for row in trail.newest(session, 2)] == ["broken off", "started"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_in_the_middle_leaves_nothing_behind(
    run: Run, cache: Store, folder: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    def stopped(*_args: Any, **_named: Any) -> Iterator[bytes]:
        yield b"half"
        signal.raise_signal(number)  # to this very thread: sent to the process, it may come after the end
        yield b"the other half"

    monkeypatch.setattr(sheets, "as_csv", stopped)
    before = [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGHUP)]
    said = run("export", "connections", str(folder / "a.csv"), "--json")
    assert (said.code, said.error["kind"]) == (1, "interrupted")
    assert list(folder.iterdir()) == []
    assert [signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGHUP)] == before
    with cache.reading() as session:
        assert [row.outcome for row in trail.newest(session, 2)] == ["broken off", "started"]


@pytest.mark.usefixtures("cache")
def test_a_link_is_followed(run: Run, folder: Path) -> None:
    (folder / "real.csv").write_text("the old one")
    file = folder / "a.csv"
    file.symlink_to(folder / "real.csv")
    assert run("export", "connections", str(file)).code == 0
    assert file.is_symlink()
    assert len(rows_of(folder / "real.csv")) == 9


@pytest.mark.usefixtures("cache")
def test_a_file_keeps_its_mode_and_a_new_one_has_the_umasks(run: Run, folder: Path) -> None:
    kept, new = folder / "kept.csv", folder / "new.csv"
    kept.touch(mode=0o600)
    before = os.umask(0o027)
    try:
        assert [run("export", "connections", str(file)).code for file in (kept, new)] == [0, 0]
    finally:
        os.umask(before)
    assert [stat.S_IMODE(file.stat().st_mode) for file in (kept, new)] == [0o600, 0o640]


@pytest.mark.usefixtures("cache")
def test_what_a_killed_export_left_goes_and_what_runs_stays(run: Run, folder: Path) -> None:
    killed, running, foreign = (folder / name for name in (
        ".a.csv-00000001.part", ".a.csv-00000002.part", ".b.csv-00000001.part",
    ))  # fmt: skip
    for path in (killed, running, foreign):
        path.touch()
    with running.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert run("export", "connections", str(folder / "a.csv")).code == 0
    assert {path.name for path in folder.iterdir()} == {"a.csv", running.name, foreign.name}


def test_an_old_file_is_replaced_and_the_trail_knows_who(run: Run, cache: Store, folder: Path) -> None:
    file = folder / "a.csv"
    file.write_text("the old one")
    run("export", "connections", str(file), "--status", "pending", "--json")
    assert len(rows_of(file)) == 4
    assert stat.S_IMODE(file.stat().st_mode) & stat.S_IWOTH == 0
    with cache.reading() as session:
        done, started = trail.newest(session, 2)
    assert [(row.actor, row.action, row.outcome) for row in (started, done)] == [
        ("system", "export.connections", "started"),
        ("system", "export.connections", "done"),
    ]
    assert json.loads(done.after or "")["filter"] == {"statuses": ["pending"]}


@pytest.mark.usefixtures("cache")
def test_the_audit_trail_as_json_lines_and_as_csv(run: Run, folder: Path) -> None:
    run("export", "connections", str(folder / "a.csv"))
    said = run("export", "audit", str(folder / "a.jsonl"), "--action", "export", "--json")
    lines = [json.loads(line) for line in (folder / "a.jsonl").read_text().splitlines()]
    assert (said.code, said.document["rows"]) == (0, 2)
    assert [line["outcome"] for line in lines] == ["started", "done"]
    assert run("export", "audit", str(folder / "b.csv")).code == 0
    assert run("export", "audit", str(folder / "a.parquet")).code == 2
    assert run("export", "audit", str(folder / "c.csv"), "--since", "soon").code == 2
    assert not (folder / "c.csv").exists()


def test_messages_are_narrowed_and_written_by_ending(run: Run, cache: Store, folder: Path) -> None:
    whose = messages_seed.source(cache), messages_seed.recipient(cache)
    for number, state in enumerate(("read", "refused", "read")):
        messages_seed.message(cache, whose, number, state)
    file = folder / "sent.csv"
    asked = ("export", "messages", str(file), "--state", "read", "--source", "app", "--search", "hello", "--json")
    assert run(*asked).document["rows"] == 2
    assert [row["state"] for row in rows_of(file)] == ["read", "read"]
    said = run("export", "messages", str(folder / "sent.parquet"), "--until", "2020-01-01", "--json")
    assert (said.code, said.document["rows"]) == (0, 0)
    assert run("export", "messages", str(file), "--source", "none", "--json").code == 2
    assert run("export", "messages", str(folder / "sent.txt"), "--json").code == 2
