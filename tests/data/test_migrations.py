"""Migrations: all or nothing, once, and in step with the models."""

from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect
from sqlmodel import SQLModel

from data import migrations
from data.errors import DatabaseProblem
from data.queries import past
from data.store import Store, now
from services.handles import handle_key
from tests import cached, processes, seeds

MIGRATE = """
import sys
from data import migrations
from data.queries import past
from data.store import Store, now
sys.stdin.readline()
print(migrations.upgrade(Store.at(sys.argv[1])))
"""
DIE = """
import os, sys
from sqlalchemy import event
from data import migrations
from data.queries import past
from data.store import Store, now
store = Store.at(sys.argv[1])
seen = 0
@event.listens_for(store.writer, "before_cursor_execute")
def die(link, cursor, statement, *rest):
    global seen
    seen += statement.lstrip().upper().startswith("CREATE")
    if seen == int(sys.argv[2]):
        os.kill(os.getpid(), 9)
migrations.upgrade(store)
"""


OLD = """
INSERT INTO connections (id, source_id, kind, platform, vendor_id, external_id, handle, url, status, health,
  first_seen_at, last_seen_at, vanished_at, sort_name, search_text, fingerprint, health_since)
VALUES (?, ?, 'network', 'instagram', ?, ?, ?, ?, 'accepted', 'healthy', ?, ?, ?, '', '', 1, ?)
"""
HANDLES = (
    ("Nike", None, "nike"),
    ("@Nike", "https://www.instagram.com/nike/", "nike"),
    ("Caf\u00e9", None, "Caf\u00e9"),
    ("20202020", None, "20202020"),
    ("20202020", "https://www.instagram.com/hoku/", None),
    ("https://www.instagram.com/puma/", None, None),
    ("Nike ", None, None),
    ("@", None, None),
    (None, None, None),
)
"""A handle, an address, and the key that the migration gives; none where only the next sync can tell."""


def _search_tables(name: str | None) -> bool:
    return bool(name) and str(name).startswith(("connections_search", "messages_search"))


def test_the_models_and_the_migrations_make_the_same_tables(store: Store) -> None:
    with store.writer.connect() as link:
        differences = compare_metadata(MigrationContext.configure(link), SQLModel.metadata)
    ours = [entry for entry in differences if not (entry[0] == "remove_table" and _search_tables(entry[1].name))]
    assert ours == []


def test_a_database_that_is_up_to_date_is_left_alone(store: Store) -> None:
    assert migrations.upgrade(store) is False
    with store.reading() as session:
        assert migrations.current(session.connection()) == migrations.head()


def test_of_two_processes_that_start_at_once_one_migrates_and_the_other_waits(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    running = [processes.start(MIGRATE, url) for _ in range(2)]
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [processes.ended(process).split()[-1] for process in running]  # on a busy machine one says that it waits

    assert sorted(answers) == ["False", "True"]
    store = Store.at(url)
    assert store.damage() is None
    store.close()


@pytest.mark.parametrize("at", [1, 5, 12])
def test_a_crash_inside_a_migration_leaves_the_old_schema(tmp_path: Path, at: int) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    process = processes.start(DIE, url, str(at))
    process.communicate(timeout=60)
    assert process.returncode == -9

    store = Store.at(url)
    with store.writer.connect() as link:
        assert inspect(link).get_table_names() == []
    assert migrations.upgrade(store) is True
    assert store.damage() is None
    store.close()


def test_a_newer_schema_is_refused_by_its_version(store: Store) -> None:
    with store.bulk() as link:
        link.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(DatabaseProblem, match="schema version 9999") as caught:
        migrations.upgrade(store)
    assert caught.value.kind == "newer_schema"


def test_rows_that_are_never_listed_again_get_the_keys_of_new_ones(tmp_path: Path) -> None:
    store, day = Store.at(f"sqlite:///{tmp_path / 'old.db'}"), "2026-03-01 00:00:00.000000"
    with store.bulk() as link:
        config = migrations._config()
        config.attributes["connection"] = link
        command.upgrade(config, "0002")
    one, late = (seeds.source(store, name, vendor=name) for name in ("zocial", "late"))
    with store.bulk() as link:
        for number, (handle, url, _) in enumerate(HANDLES):
            told = (f"c{number}", one, str(number), handle, handle, url, day, day, day, day)
            link.exec_driver_sql(OLD, told)
        for name, source in (("id", one), ("late", late)):
            link.exec_driver_sql(OLD, (name, source, name, "17841400000000001", "hoku", None, day, day, day, day))

    migrations.upgrade(store)

    rows = cached.connections(store)
    assert [rows[f"c{number}"]["handle_key"] for number in range(len(HANDLES))] == [key for *_, key in HANDLES]
    assert all(key in {None, handle_key(handle, url)} for handle, url, key in HANDLES)
    assert [rows[name]["platform_id"] for name in ("id", "late")] == ["17841400000000001", None]
    store.close()


def test_an_older_cache_keeps_reasons_from_its_update_on_and_a_new_one_from_its_beginning(tmp_path: Path) -> None:
    store, before = Store.at(f"sqlite:///{tmp_path / 'old.db'}"), now() - timedelta(seconds=1)
    with store.bulk() as link:
        config = migrations._config()
        config.attributes["connection"] = link
        command.upgrade(config, "0006")
        link.exec_driver_sql(
            "INSERT INTO installation (id, uuid, mode, created_at, key_check)"
            " VALUES (1, 'u', 'demo', '2026-03-01 00:00:00.000000', x'00')"
        )
    migrations.upgrade(store)
    with store.reading() as session:
        assert not past.reasons_kept(session, before)
        assert past.reasons_kept(session, now() + timedelta(seconds=1))
    with store.bulk() as link:
        link.exec_driver_sql("UPDATE installation SET reasons_since = NULL")
    with store.reading() as session:
        assert past.reasons_kept(session, before)
    store.close()


@pytest.mark.parametrize(
    ("told", "latest", "expected"),
    [
        ([10, 20, 20], 20, 2),
        ([10, 20, None], None, 2),
        ([20, 10, None, 20], 20, 4),
        ([20, 20], 20, 1),
        ([], 20, 1),
        ([None], None, None),
    ],
)
def test_what_stood_before_the_migration_stands_since_its_own_first_day(
    store: Store, told: list[int | None], latest: int | None, expected: int | None
) -> None:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    key = seeds.connection(store, seeds.source(store, "one"), 1, followers=latest, first_seen_at=moment)
    if told:
        seeds.points(store, key, {date(2026, 3, day): figure for day, figure in enumerate(told, start=1)})
    third = import_module("data.migrations.versions.0003_accounts_and_views")
    with store.bulk() as link:
        link.exec_driver_sql(third.LAST.format("followers"))
        link.exec_driver_sql(third.SINCE)

    since = cached.connections(store)[key]["followers_since"]
    assert since == (moment.replace(day=expected) if expected else None)


def test_what_was_missing_before_the_migration_is_so_since_the_next_answer(store: Store) -> None:
    source = seeds.source(store, "one")
    key = seeds.connection(store, source, 1, followers=None)
    seeds.points(store, key, {date(2026, 3, 1): 10, date(2026, 3, 2): 20})
    for day in (1, 2, 5, 6):
        seeds.run(store, source, "ok", observed_at=datetime(2026, 3, day, 8, tzinfo=UTC))
    with store.bulk() as link:
        link.exec_driver_sql(import_module("data.migrations.versions.0003_accounts_and_views").MISSING)

    days = {day: followers for (_, day), (followers, _) in cached.points(store).items()}
    assert days == {"2026-03-01": 10, "2026-03-02": 20, "2026-03-05": None}
