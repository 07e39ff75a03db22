"""Trends: who grew, who fell, whose figures are suspect, and what changed between two dates."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from data.queries import movers
from data.store import now
from pages.ui import changes
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
    if not found:
        return []
    frame = found[0].value.astype(object)
    return list(frame.where(frame.notna(), None).to_dict("records"))


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
    assert "No source has told figures yet." in words(page)
    assert not page.dataframe


def test_growth_says_from_when_on_it_is_known(desk: Desk, opened: Opener) -> None:
    made = seeds.source(desk.store, "north", last_complete_at=now())
    seeds.connection(desk.store, made, 1, followers=1000)
    seeds.count(desk.store, now().date() - timedelta(days=3))
    ready = now().date() + timedelta(days=27)
    told = f"Growth needs 27 more days of history; the first is there on {ready.day} {ready:%B}."
    assert words(opened(TRENDS)).count(told) == 2


def test_after_one_day_the_change_of_followers_says_why_it_is_empty(desk: Desk, opened: Opener) -> None:
    made, today = seeds.source(desk.store, "north", last_complete_at=now()), now().date()
    seeds.connection(desk.store, made, 1, followers=1000)
    seeds.count(desk.store, today)
    told = f"A change needs figures of two days. The first are of {today.day} {today:%B}"
    assert told in words(opened(TRENDS))
    seeds.count(desk.store, today - timedelta(days=3))
    assert told not in words(opened(TRENDS))


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
    assert "Dropped from the address: suspect figure “Blue”." in words(opened(TRENDS, doubt="Blue"))


def test_a_click_on_a_row_opens_its_account(desk: Desk, source: int, opened: Opener) -> None:
    seeds.connection(desk.store, source, 1, name="Up", followers=1500, growth=50.0)
    identity = seeds.connection(desk.store, source, 2, name="Upper", followers=300, growth=20.0)
    page = opened(TRENDS)
    page.session_state["grew_open"] = {"row": 1, "label": ""}
    page.run()
    assert page.query_params["id"] in (identity, [identity])


def test_what_changed_in_the_last_week_is_listed_in_words(desk: Desk, source: int, opened: Opener) -> None:
    identity = seeds.connection(desk.store, source, 1, name="=1+1")
    recent, long_ago = now() - timedelta(days=2), now() - timedelta(days=20)
    seeds.change(desk.store, identity, recent, "status", ("accepted", "suspended"))
    seeds.change(desk.store, identity, recent - timedelta(hours=1), "suspect", (None, "followers_zero"))
    seeds.change(desk.store, identity, recent - timedelta(hours=2), "extra.bio", ("old", "![x](http://y)"))
    seeds.change(desk.store, identity, long_ago, "handle", ("before", "after"))
    page = opened(TRENDS)
    told = [(row["name"], row["field"], row["before"], row["after"]) for row in rows(page, "between two dates")]
    assert told == [
        ("=1+1", "Status", "Accepted", "Suspended"),
        ("=1+1", "Suspect figure", None, "Followers dropped to 0"),
        ("=1+1", "Extra: bio", "old", "![x](http://y)"),
    ]
    assert "**3** :gray[changes, alike ones as one]" in words(page)
    longer = opened(TRENDS, since=long_ago.date().isoformat(), kind_of_change="Profile")
    assert [row["field"] for row in rows(longer, "between two dates")] == ["Handle"]
    nonsense = opened(TRENDS, kind_of_change="Colour")
    assert len(rows(nonsense, "between two dates")) == 3
    assert "Dropped from the address: kind of change “Colour”." in words(nonsense)


def test_alike_changes_are_one_row_until_each_is_asked_for(desk: Desk, source: int, opened: Opener) -> None:
    at = now() - timedelta(days=1)
    for number in range(3):
        identity = seeds.connection(desk.store, source, number, status="suspended")
        seeds.change(desk.store, identity, at, "status", ("accepted", "suspended"))
    (row,) = rows(opened(TRENDS), "between two dates")
    assert (row["name"], row["open"]) == ("3 connections", None)
    each = rows(opened(TRENDS, each="true"), "between two dates")
    assert {row["name"] for row in each} == {"Name 0", "Name 1", "Name 2"}


def test_earlier_changes_are_a_press_away_and_so_are_the_newest(
    desk: Desk, source: int, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "SIZE", 2)
    identity = seeds.connection(desk.store, source, 1)
    for number in range(5):
        at = now() - timedelta(hours=number + 1)
        seeds.change(desk.store, identity, at, "name", (f"Name {number + 1}", f"Name {number}"))
    page = opened(TRENDS)
    seen = [row["after"] for row in rows(page, "between two dates")]
    for _ in range(2):
        next(button for button in page.button if button.help == "Earlier changes").click().run()
        seen += [row["after"] for row in rows(page, "between two dates")]
    assert seen == [f"Name {number}" for number in range(5)]
    next(button for button in page.button if button.help == "Newest changes").click().run()
    assert [row["after"] for row in rows(page, "between two dates")] == ["Name 0", "Name 1"]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ({"since": "[x](y)"}, "“\\[x\\]\\(y\\)” is no date."),
        ({"until": "2999-01-01"}, "“2999\\-01\\-01” is in the future."),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "“From” was after “To”"),
    ],
)
@pytest.mark.usefixtures("desk")
def test_a_date_that_makes_no_sense_is_dropped_with_a_word(opened: Opener, address: dict[str, str], told: str) -> None:
    page = opened(TRENDS, **address)
    assert told in words(page)
    shown = {field.label: field.value for field in page.date_input}
    assert shown["To"] - shown["From"] == timedelta(days=7)
    assert "Nothing changed from" in words(page)


@pytest.mark.usefixtures("desk")
def test_choosing_a_date_puts_it_into_the_address(opened: Opener) -> None:
    page = opened(TRENDS)
    day = now().date() - timedelta(days=30)
    next(field for field in page.date_input if field.label == "From").set_value(day).run()
    assert page.query_params["since"] in (day.isoformat(), [day.isoformat()])
    assert next(field for field in page.date_input if field.label == "From").value == day
