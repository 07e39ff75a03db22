"""Trends: who grew, who fell, whose figures are suspect, and what changed between two dates."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from data.queries import movers
from data.store import now
from services.desk import Desk
from tests import seeds

TRENDS = "overview/trends.py"
HISTORY = 40
Opener = Callable[..., AppTest]


def words(page: AppTest) -> str:
    return "\n".join(element.value for element in [*page.markdown, *page.caption])


def rows(page: AppTest, alt: str) -> list[dict[str, Any]]:
    """Give the rows of the table whose description holds these words; none when it is not there."""
    found = [frame for frame in page.dataframe if alt in frame.proto.alt]
    return found[0].value.to_dict("records") if found else []


@pytest.fixture
def source(desk: Desk) -> int:
    """A source that is known since 40 days."""
    made = seeds.source(desk.store, "north", last_complete_at=now())
    seeds.connection(desk.store, made, 9_000, followers=None)
    seeds.count(desk.store, now().date() - timedelta(days=HISTORY))
    return made


@pytest.mark.usefixtures("desk")
def test_without_any_history_it_says_what_is_missing(opened: Opener) -> None:
    page = opened(TRENDS)
    assert words(page).count("They appear after the first sync.") == 2
    assert "No figure is suspect" in words(page)
    assert not page.dataframe


def test_growth_says_from_when_on_it_is_known(desk: Desk, opened: Opener) -> None:
    made = seeds.source(desk.store, "north", last_complete_at=now())
    seeds.connection(desk.store, made, 1, followers=1000)
    seeds.count(desk.store, now().date() - timedelta(days=3))
    ready = now().date() + timedelta(days=27)
    told = f"Growth needs 27 more days of history; the first is there on {ready.day} {ready:%B}."
    assert words(opened(TRENDS)).count(told) == 2


def test_who_grew_and_who_fell_stand_by_how_much(desk: Desk, source: int, opened: Opener) -> None:
    seeds.connection(desk.store, source, 1, name="Up", followers=1500, growth=50.0)
    seeds.connection(desk.store, source, 2, name="Upper", followers=300, growth=200.0)
    seeds.connection(desk.store, source, 3, name="Down", followers=500, growth=-50.0)
    seeds.connection(desk.store, source, 4, name="Still", followers=500, growth=0.0)
    seeds.connection(desk.store, source, 5, name="Unknown", followers=500, growth=None)
    seeds.connection(desk.store, source, 6, name="Gone", followers=900, growth=80.0, vanished_at=now())
    seeds.connection(desk.store, source, 7, name="Doubled", followers=400, growth=100.0, suspect="followers_doubled")
    page = opened(TRENDS)
    told = [(row["name"], row["then"], row["followers"], row["growth"]) for row in rows(page, "grew most")]
    assert told == [("Upper", 100, 300, 200.0), ("Up", 1000, 1500, 50.0)]
    assert [(row["name"], row["then"]) for row in rows(page, "fell most")] == [("Down", 1000)]
    assert [row["name"] for row in rows(page, "suspect figures")] == ["Doubled"]


def test_small_accounts_are_listed_only_when_asked_for(desk: Desk, source: int, opened: Opener) -> None:
    seeds.connection(desk.store, source, 1, name="Tiny", followers=30, growth=200.0)
    assert "No account with 100 followers or more grew in 30 days." in words(opened(TRENDS))
    assert [row["name"] for row in rows(opened(TRENDS, small="true"), "grew most")] == ["Tiny"]


def test_one_account_is_listed_once_with_its_largest_change(desk: Desk, source: int) -> None:
    other = seeds.source(desk.store, "south", last_complete_at=now())
    seeds.connection(desk.store, source, 1, followers=1100, growth=10.0, account=1)
    seeds.connection(desk.store, other, 2, followers=1200, growth=20.0, account=1)
    seeds.connection(desk.store, other, 3, followers=1150, growth=15.0)
    with desk.store.reading() as session:
        assert [(item.source, item.growth) for item in movers.grew(session)] == [("south", 20.0), ("south", 15.0)]


def test_what_was_lost_whole_has_no_figure_of_then(desk: Desk, source: int) -> None:
    seeds.connection(desk.store, source, 1, followers=0, growth=-100.0)
    with desk.store.reading() as session:
        (item,) = movers.fell(session)
    assert item.then is None


def test_suspect_figures_say_what_they_did_and_since_when(desk: Desk, source: int, opened: Opener) -> None:
    since = now() - timedelta(days=20)
    seeds.connection(
        desk.store, source, 1, name="[b](c)", suspect="followers_frozen", followers=5000, followers_since=since
    )
    dropped = seeds.connection(desk.store, source, 2, name="Zero", suspect="engagement_zero")
    seeds.change(desk.store, dropped, now() - timedelta(hours=2), "suspect", (None, "engagement_zero"))
    page = opened(TRENDS)
    found = rows(page, "suspect figures")
    assert [(row["name"], row["suspect"][0]) for row in found] == [("Zero", "Zero"), ("[b](c)", "Frozen")]
    assert found[1]["since"].date() == since.date()
    assert "2 in all" in words(page)
    narrowed = opened(TRENDS, doubt="Frozen")
    assert [row["name"] for row in rows(narrowed, "suspect figures")] == ["[b](c)"]
    (link,) = [link.proto for link in narrowed.get("page_link") if "Networks" in link.proto.label]
    assert link.query_string == "suspect=Frozen&listed=Listed+now"


def test_a_click_on_a_row_opens_its_account(desk: Desk, source: int, opened: Opener) -> None:
    seeds.connection(desk.store, source, 1, name="Up", followers=1500, growth=50.0)
    identity = seeds.connection(desk.store, source, 2, name="Upper", followers=300, growth=20.0)
    page = opened(TRENDS)
    page.session_state["grew_open"] = {"row": 1, "label": ""}
    page.run()
    assert page.query_params["id"] in (identity, [identity])
