"""My account: what everyone may change of their own, and that no password stays in the session's state."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from data import trail
from pages.ui import agents
from pages.ui.text import plain
from services import people, sessions
from services.access import SYSTEM
from services.desk import Desk

ME = "account/me.py"
OLD, NEW = "look-and-learn", "canary of a new password"

Opener = Callable[..., AppTest]


def words(page: AppTest) -> str:
    return "\n".join(element.value for element in page.markdown)


def change(page: AppTest, old: str, new: str, again: str) -> AppTest:
    for label, value in (("Old password", old), ("New password", new), ("New password again", again)):
        next(each for each in page.text_input if each.label == label).set_value(value)
    button = next(each for each in page.button if each.label == "Change the password")
    page = button.click().run()
    assert not page.exception
    return page


def kept(page: AppTest) -> str:
    return str(vars(page.session_state._state))


def test_a_new_password_is_taken_and_stays_in_no_state(
    desk: Desk, opened: Opener, cookie: Callable[[str], str]
) -> None:
    beside = cookie("ana")
    page = change(opened(ME), OLD, NEW, NEW)
    assert [each.value for each in page.toast] == [
        plain("Your password was changed, and your other sessions have ended.")
    ]
    assert sessions.person(desk, beside) is None
    assert [each.value for each in page.text_input if each.key != "me_name"] == ["", "", ""]
    assert NEW not in kept(page)
    assert OLD not in kept(page)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ((OLD, NEW, NEW + "?"), "two new passwords differ"),
        (("not the old one", NEW, NEW), "old password is wrong"),
        ((OLD, "short", "short"), "at least 12 characters"),
        ((OLD, OLD, OLD), "is the old one"),
    ],
)
def test_a_refused_password_says_why_and_changes_nothing(
    desk: Desk, opened: Opener, cookie: Callable[[str], str], typed: tuple[str, str, str], says: str
) -> None:
    beside = cookie("ana")
    page = change(opened(ME), *typed)
    assert says in words(page)
    assert sessions.person(desk, beside) is not None
    assert NEW not in kept(page)
    with desk.store.reading() as session:
        assert NEW not in str(list(trail.in_order(session)))
    assert says not in words(page.run())


def test_the_name_is_changed_and_hostile_words_stay_text(desk: Desk, opened: Opener) -> None:
    page = opened(ME)
    page.text_input(key="me_name").set_value("![x](http://127.0.0.1:9/x)")
    page = next(each for each in page.button if each.label == "Save the name").click().run()
    assert not page.exception
    assert {each.username: each.name for each in people.everyone(desk, SYSTEM)}["ana"] == "![x](http://127.0.0.1:9/x)"
    assert "![x](http" not in words(page)


def test_another_session_ends_after_its_plan(desk: Desk, opened: Opener, cookie: Callable[[str], str]) -> None:
    beside = cookie("ana")
    someone = sessions.person(desk, beside)
    assert someone is not None
    page = opened(ME)
    page.button(key=f"end_{someone.session}").click().run()
    assert "**Nothing has happened yet.**" in words(page)
    assert sessions.person(desk, beside) is not None
    page.button(key="plan_do").click().run()
    assert not page.exception
    assert sessions.person(desk, beside) is None


def test_all_others_end_and_this_one_goes_on(desk: Desk, opened: Opener, cookie: Callable[[str], str]) -> None:
    others = [cookie("ana"), cookie("ana")]
    page = opened(ME)
    page.button(key="end_others").click().run()
    assert "2 other sessions" in words(page)
    page.button(key="plan_do").click().run()
    assert [sessions.person(desk, token) for token in others] == [None, None]
    assert "1 session" in "\n".join(each.value for each in page.caption)
    assert not [each for each in page.button if each.key == "end_others"]


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML) Chrome/140 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140 Safari/537.36 Edg/140", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18) AppleWebKit/605 Version/18 Safari/604", "Safari on iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14) Gecko/20100101 Firefox/130", "Firefox on Mac"),
        ("curl/8", "curl/8"),
        ("", "Browser not told"),
    ],
)
def test_a_browser_is_named_in_words(agent: str, said: str) -> None:
    assert agents.spoken(agent) == said
