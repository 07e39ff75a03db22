"""Passwords are checked as streamlit-authenticator does, and a wrong one is never an error."""

from pathlib import Path

import bcrypt
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import credentials
from pages.ui.text import plain
from services import people
from services.desk import Desk
from services.sessions import NOBODY

SHELL = str(Path(__file__).resolve().parents[2] / "pages" / "shell.py")
CORPUS = [
    "[click](http://evil.test)",
    "![x](http://evil.test/beacon.png)",
    "<iframe srcdoc='<script>1</script>'>",
    "</script><img src=x onerror=alert(1)>",
    ":material/home: :red[stop] :red-badge[stop] :streamlit:",
    ":smile: :+1: a:b:c",
    "$latex$ $$x$$ \\(x\\)",
    "`code` ```block```",
    "# title",
    "1. list",
    "- list",
    "> quote",
    "| a | b |",
    "***bold*** ~~gone~~ __under__",
    "http://evil.test www.evil.test someone@evil.test https://evil.test",
    "a -> b <- c -- d",
    "&lt;b&gt; &#60;",
    "\\[escaped\\]",
]


@pytest.fixture(scope="module")
def hashed() -> str:
    return bcrypt.hashpw(b"look-and-learn", bcrypt.gensalt(4)).decode()


def test_only_the_right_password_is_right(hashed: str) -> None:
    assert credentials.verify("look-and-learn", hashed)
    assert not credentials.verify("look-and-learn ", hashed)
    assert not credentials.verify("look-and-learn", NOBODY)


@pytest.mark.parametrize("password", ["", "x" * 73, "é" * 37, "look-and-learn\x00", "\ud800", "😀" * 100])
def test_a_password_that_bcrypt_can_not_take_is_wrong_and_no_error(hashed: str, password: str) -> None:
    assert not credentials.verify(password, hashed)


def test_a_hash_of_72_bytes_is_not_opened_by_a_longer_password() -> None:
    hashed = bcrypt.hashpw(b"x" * 72, bcrypt.gensalt(4)).decode()
    assert credentials.verify("x" * 72, hashed)
    assert not credentials.verify("x" * 73, hashed)


@pytest.mark.usefixtures("quick_pages")
def test_a_good_password_puts_a_ticket_in_the_page_and_a_bad_one_a_sentence(desk: Desk) -> None:
    people.ensure_demo_people(desk)
    app = AppTest.from_file(SHELL, default_timeout=20).run()
    for password, ticket in (("wrong", False), ("look-and-learn", True)):
        app.text_input(key="signin_username").set_value("Ana")
        app.text_input(key="signin_password").set_value(password)
        app.button[0].click().run()
        assert ("signin_ticket" in app.session_state) == ticket
        assert app.text_input(key="signin_password").value == ""
        assert app.text_input(key="signin_username").value == "Ana"
        assert password not in str(app.session_state)
        told = "\n".join(str(each.value) for each in app.markdown)
        assert ("password is wrong" in told.replace("\\", "")) != ticket
    assert not app.exception


@pytest.mark.usefixtures("quick_pages")
@pytest.mark.parametrize(("username", "password"), [("", ""), ("ana", ""), ("  ", "x")])
def test_an_empty_form_counts_as_no_try(desk: Desk, username: str, password: str) -> None:
    people.ensure_demo_people(desk)
    app = AppTest.from_file(SHELL, default_timeout=20).run()
    app.text_input(key="signin_username").set_value(username)
    app.text_input(key="signin_password").set_value(password)
    app.button[0].click().run()
    assert "Enter your user name and your password" in "\n".join(str(each.value) for each in app.markdown)
    assert "signin_ticket" not in app.session_state


@pytest.mark.parametrize("text", CORPUS)
def test_text_of_others_keeps_its_words_and_loses_its_powers(text: str) -> None:
    safe = plain(text)
    bare = safe.replace("\\\\", "\x00").replace("\\", "").replace("\x00", "\\").replace("\u2060", "")
    assert bare == " ".join(text.split())
    unescaped = [at for at, mark in enumerate(safe) if mark in "[]()<>`$*_#|!:&" and safe[at - 1 : at] != "\\"]
    assert unescaped == []
    assert "://evil" not in safe.replace("\\", "")
    assert "@evil" not in safe
    assert ":material" not in safe
    assert ":smile" not in safe


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (None, ""),
        ("", ""),
        ("two\nlines\r\n and\ttabs", "two lines and tabs"),
        ("nul\x00 bell\x07", "nul bell"),
        ("over\u202eride", "over ride"),
        ("half\ud800", "half\ufffd"),
        ("Café Zürich 東京 مرحبا 😀", "Café Zürich 東京 مرحبا 😀"),
    ],
)
def test_control_characters_become_spaces_and_letters_stay(text: str | None, shown: str) -> None:
    assert plain(text) == shown
