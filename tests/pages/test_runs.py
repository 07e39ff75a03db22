"""Runs: the history of syncs, filtered and paged by its address, and one run in words."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from data.queries import newest, run_history
from data.queries.run_history import Wanted
from data.store import now
from services.desk import Desk
from tests import seeds
from tests.pages import sheets

RUNS = "operations/runs.py"
HOSTILE = "![x](http://127.0.0.1:9/x) :material/bolt:"

Opener = Callable[..., AppTest]


@pytest.fixture
def filled(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Twelve runs of two sources, five a page, and one that filled the demo."""
    monkeypatch.setattr(newest, "SIZE", 5)
    north, south = seeds.source(desk.store, "north"), seeds.source(desk.store, "south")
    for number in range(12):
        failed = number % 3 == 0
        values = {"problem_message": HOSTILE, "problem_action": HOSTILE, "held_back": True} if failed else {}
        trigger, seen = ("schedule", number) if number % 2 else ("hand", number)
        began = now() - timedelta(hours=20 - number)
        told = {"trigger": trigger, "seen": seen, "started_at": began, "finished_at": began} | values
        seeds.run(desk.store, south if number % 4 == 0 else north, "failed" if failed else "ok", **told)
    seeds.run(desk.store, north, "ok", trigger="replay", seen=99)
    return desk


def words(page: AppTest) -> str:
    return "\n".join(element.value for element in page.markdown)


def asked(opened: Opener, who: str = "ana", **parameters: str) -> AppTest:
    page = opened("overview/today.py", who)
    for name, value in parameters.items():
        page.query_params[name] = value
    page = page.switch_page(RUNS).run()
    assert not page.exception
    return page


def seen(page: AppTest) -> list[int]:
    return sheets.column(page, "seen")


@pytest.mark.usefixtures("filled")
def test_the_newest_come_first_and_the_pages_join(opened: Opener) -> None:
    page = asked(opened)
    found = seen(page)
    for _ in range(2):
        page = page.button(key="go_after").click().run()
        found += seen(page)
    assert found == list(reversed(range(12)))
    assert page.button(key="go_after").disabled
    for _ in range(2):
        page = page.button(key="go_before").click().run()
    assert seen(page) == [11, 10, 9, 8, 7]
    assert page.button(key="go_before").disabled


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("parameters", "numbers"),
    [
        ({"source": "south"}, [8, 4, 0]),
        ({"state": "failed"}, [9, 6, 3, 0]),
        ({"source": "south", "state": "failed"}, [0]),
        ({"trigger": "schedule", "state": "failed"}, [9, 3]),
        ({"trigger": "replay"}, [99]),
        ({"source": "nowhere"}, []),
        ({"state": HOSTILE}, []),
    ],
)
def test_the_address_narrows_the_history(opened: Opener, parameters: dict[str, str], numbers: list[int]) -> None:
    page = asked(opened, **parameters)
    if numbers:
        assert seen(page) == numbers
    else:
        assert "**No run matches**" in words(page)
        assert "![x](http" not in words(page)
        page.button(key="clear_all").click().run()
        assert sheets.sheets(page)


@pytest.mark.usefixtures("filled")
def test_a_choice_is_written_into_the_address_and_a_place_is_not_kept(opened: Opener) -> None:
    page = asked(opened, after="9")
    page.selectbox(key="source").set_value("south")
    page = page.run()
    assert dict(page.query_params) == {"source": "south"}
    assert seen(page) == [8, 4, 0]


def test_a_chosen_run_says_what_it_read_and_why_it_ended(filled: Desk, opened: Opener) -> None:
    with filled.store.reading() as session:
        number = run_history.page(session, Wanted(state="failed")).rows[0].id
    page = asked(opened, run=str(number))
    told = str(page.table[0].value.to_dict())
    assert "9 connections" in told
    assert "held back]" in told
    assert "![x](http" not in words(page) + told
    assert HOSTILE in sheets.column(page, "why")


def test_a_run_that_does_not_exist_and_an_empty_history_are_said(desk: Desk, opened: Opener) -> None:
    assert "**No sync has run yet.**" in words(asked(opened))
    seeds.run(desk.store, seeds.source(desk.store, "north"), "running")
    page = asked(opened, run="999")
    assert "There is no such run." in words(page)
    with desk.store.reading() as session:
        number = run_history.page(session, Wanted()).rows[0].id
    assert "still running" in str(asked(opened, run=str(number)).table[0].value.to_dict())
