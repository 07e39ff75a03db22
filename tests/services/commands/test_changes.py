"""`changes` and `connections --as-of`: what was known, what changed, and which dates are refused."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from data.store import now
from services.opening import opened
from tests import seeds

Run = Callable[..., Any]
SOON = (now() + timedelta(days=2)).date().isoformat()


@pytest.fixture
def known(real: None) -> None:
    """A connection first seen on 2 March 2026 that was renamed, suspended and lost since."""
    del real
    store = opened().store
    source = seeds.source(store, "north", last_complete_at=now())
    first, lost = datetime(2026, 3, 2, 8, tzinfo=UTC), datetime(2026, 3, 6, 8, tzinfo=UTC)
    told = {"name": "New", "status": "suspended", "health": "unknown", "vanished_at": lost, "followers": 30}
    identity = seeds.connection(store, source, 1, first_seen_at=first, last_seen_at=first, **told)
    seeds.change(store, identity, datetime(2026, 3, 4, 8, tzinfo=UTC), "name", ("Old", "New"))
    seeds.change(store, identity, datetime(2026, 3, 5, 0, tzinfo=UTC), "status", ("accepted", "suspended"))
    seeds.change(store, identity, lost, "vanished", ("listed", "vanished"))
    seeds.points(store, identity, {first.date(): 10, first.date() + timedelta(days=2): 20})
    store.close()


def then(run: Run, date: str, *more: str) -> list[dict[str, Any]]:
    said = run("connections", "--as-of", date, *more, "--json")
    assert said.code == 0
    assert said.document["total"] == len(said.document["connections"])
    rows: list[dict[str, Any]] = said.document["connections"]
    return rows


@pytest.mark.usefixtures("known")
def test_connections_as_of_a_date_are_what_was_known_then(run: Run) -> None:
    assert then(run, "2026-03-01") == []
    (early,) = then(run, "2026-03-02")
    assert (early["name"], early["status"], early["followers"], early["vanished_at"]) == ("Old", "accepted", 10, None)
    assert set(early) == set(run("connections", "--json").document["connections"][0])
    (later,) = then(run, "2026-03-04T09:00:00+01:00")
    assert (later["name"], later["status"], later["followers"]) == ("New", "accepted", 20)
    (gone,) = then(run, "2026-03-06")
    assert (gone["status"], gone["vanished_at"]) == ("suspended", "2026-03-06T08:00:00+00:00")


@pytest.mark.usefixtures("known")
def test_the_filters_are_of_then_and_the_total_ignores_the_limit(run: Run) -> None:
    assert len(then(run, "2026-03-03", "--search", "old", "--status", "accepted")) == 1
    assert then(run, "2026-03-03", "--search", "new") == []
    assert then(run, "2026-03-03", "--status", "suspended") == []
    assert len(then(run, "2026-03-07", "--health", "unknown", "--health", "broken")) == 1
    assert then(run, "2026-03-07", "--suspect", "doubled") == []
    said = run("connections", "--as-of", "2026-03-03", "--limit", "0", "--json")
    assert said.document == {"total": 1, "connections": []}
    plain = run("connections", "--as-of", "2026-03-03")
    assert [line.split("\t")[5] for line in plain.out.splitlines()] == ["name", "Old"]


@pytest.mark.usefixtures("known")
def test_changes_are_told_newest_first_with_missing_values_as_null(run: Run) -> None:
    said = run("changes", "--since", "2026-03-01", "--json").document
    assert said["total"] == 4
    assert [set(row) for row in said["changes"]] == [{"connection_id", "at", "field", "before", "after"}] * 4
    assert [(row["field"], row["before"], row["after"]) for row in said["changes"]] == [
        ("vanished", "listed", "vanished"),
        ("status", "accepted", "suspended"),
        ("name", "Old", "New"),
        ("connection", None, "new"),
    ]


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize(
    ("period", "fields"),
    [
        (("2026-03-05",), ["vanished", "status"]),
        (("2026-03-02", "--until", "2026-03-04"), ["name", "connection"]),
        (("2026-03-05T00:00:00Z", "--until", "2026-03-05T01:00:00+01:00"), ["status"]),
        (("2026-03-05", "--until", "2026-03-05"), ["status"]),
        (("2026-03-07",), []),
        (("2026-03-01", "--limit", "1"), ["vanished"]),
    ],
)
def test_a_period_begins_with_its_first_day_and_ends_with_its_last(
    run: Run, period: tuple[str, ...], fields: list[str]
) -> None:
    said = run("changes", "--since", *period, "--json").document
    assert [row["field"] for row in said["changes"]] == fields
    lines = run("changes", "--since", *period).out.splitlines()
    assert [line.split("\t")[2] for line in lines] == ["field", *fields]


@pytest.mark.usefixtures("real")
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["connections", "--as-of", "13-2026"], "is no date"),
        (["connections", "--as-of", "2026-02-30"], "is no date"),
        (["connections", "--as-of", ""], "is no date"),
        (["connections", "--as-of", "2026-01-01T10:00"], "has no time zone"),
        (["connections", "--as-of", SOON], "is in the future"),
        (["changes", "--since", SOON], "is in the future"),
        (["changes", "--since", "2026-01-01", "--until", SOON], "is in the future"),
        (["changes", "--since", "2026-01-02", "--until", "2026-01-01"], "ends before it begins"),
        (["changes", "--since", "yesterday"], "is no date"),
        (["changes"], "--since"),
        (["changes", "--since", "2026-01-01", "--limit", "-1"], "limit"),
    ],
)
def test_what_is_no_past_date_is_refused_with_exit_code_2(run: Run, arguments: list[str], says: str) -> None:
    said = run(*arguments, "--json")
    assert (said.code, said.error["kind"]) == (2, "misuse")
    assert says in said.error["message"]
    assert said.error["advice"]
