"""The time machine's control: what the address says is shown, or dropped with a word about it."""

from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from data.store import now
from pages.ui import formats
from services.desk import Desk
from tests import seeds


def shown() -> None:
    import streamlit as st

    from pages.ui import asof

    st.text(str(asof.chosen()))
    asof.line()


@pytest.fixture
def page(desk: Desk, quick_pages: None) -> AppTest:
    """The control alone, with thirty days of syncs."""
    del quick_pages
    source = seeds.source(desk.store, "north")
    seeds.run(desk.store, source, "ok", observed_at=now() - timedelta(days=30))
    return AppTest.from_function(shown)


def words(page: AppTest) -> str:
    return " ".join(element.value for element in page.markdown)


def test_without_a_day_it_is_now_and_nothing_is_said(page: AppTest) -> None:
    page.run()
    assert page.text[0].value == "None"
    assert words(page) == ""
    assert not page.date_input


def test_a_past_day_is_its_end_in_utc_and_one_press_leads_back(page: AppTest) -> None:
    day = formats.now().date() - timedelta(days=3)
    page.query_params["asof"] = day.isoformat()
    page.run()
    assert page.text[0].value == f"{day} 23:59:59.999999+00:00"
    assert f"As of {day.day} {day:%B %Y}, 23:59 UTC: what was known then" in words(page)
    page.button[0].click().run()
    assert (page.text[0].value, words(page)) == ("None", "")
    assert "asof" not in page.query_params


def opened(page: AppTest) -> AppTest:
    """Open the calendar: it is drawn once its button is open."""
    page.session_state["asof_menu"] = True
    return page.run()


def test_a_day_is_chosen_in_the_calendar_and_today_is_now(page: AppTest) -> None:
    today = formats.now().date()
    opened(page).date_input[0].set_value(today - timedelta(days=1)).run()
    assert page.query_params["asof"] == (today - timedelta(days=1)).isoformat()
    assert opened(page).date_input[0].value == today - timedelta(days=1)
    page.date_input[0].set_value(today).run()
    assert "asof" not in page.query_params
    assert page.text[0].value == "None"


def test_a_day_before_the_first_sync_is_shown_as_asked(page: AppTest) -> None:
    page.query_params["asof"] = "2001-01-01"
    page.run()
    assert not page.exception
    assert page.text[0].value == "2001-01-01 23:59:59.999999+00:00"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("13-2026", "is no date"),
        ("[x](http://y)", "is no date"),
        ("x" * 5_000, "is no date"),
        ("9999-12-31", "is in the future"),
        ("0001-01-01", "is too long ago"),
        ("2026-01-01T00:00Z", "is no date"),
    ],
)
def test_nonsense_is_dropped_with_a_word_about_it(page: AppTest, text: str, reason: str) -> None:
    page.query_params["asof"] = text
    page.run()
    assert page.text[0].value == "None"
    assert f"{reason}, so this is now." in words(page)
    assert len(words(page)) < 300
    assert "](http" not in words(page)
    page.button[0].click().run()
    assert words(page) == ""
