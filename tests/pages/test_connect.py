"""The Connect page: who may do what there, what it says of an attempt, and where the tokens of a form do not stay."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from data.types import AttemptState, Role
from pages.ui.connect import words as words_of_connect
from services.access import Actor
from services.connecting import attempts, beginning
from services.desk import Desk
from tests import cached, seeds

CONNECT = "networks/connect.py"
CANARY = "EAAGcanaryOfAToken"
HOSTILE = "<script>alert(1)</script>![x](http://127.0.0.1:9/x) :material/bolt:"
INGRID = Actor("ingrid", Role.ADMIN)
Opener = Callable[..., AppTest]


def words(page: AppTest) -> str:
    return "\n".join(element.value for element in (*page.markdown, *page.caption)).replace("\\", "")


def keys(page: AppTest) -> set[str]:
    return {str(button.key) for button in page.button}


def connection(desk: Desk, source: str, number: int, **told: Any) -> str:
    return seeds.connection(desk.store, cached.source(desk.store, source)["id"], number, **told)


@pytest.mark.parametrize("who", ["ana", "marek"])
def test_who_may_not_connect_sees_what_could_be_and_whom_to_ask(opened: Opener, desk: Desk, who: str) -> None:
    begun = beginning.begin(desk, INGRID, "late", "instagram").attempt
    page = opened(CONNECT, who)
    assert "ask a person with the role admin" in words(page)
    assert "Connects" in words(page)
    assert not any(key.startswith("offer_") for key in keys(page))
    page = opened(CONNECT, who, attempt=str(begun.id))
    assert "ingrid began it and goes on with it" in words(page)
    assert not keys(page) & {"attempt_cancel", "attempt_check", "attempt_again"}
    page = opened(CONNECT, who, source="zocial", platform="facebook")
    assert len(page.text_input) == 0


def test_a_press_begins_an_attempt_and_a_second_one_goes_on_with_it(opened: Opener, desk: Desk) -> None:
    page = opened(CONNECT, "ingrid").button(key="offer_late_network_instagram").click().run()
    (begun,) = attempts.open_of(desk, "ingrid")
    assert page.query_params["attempt"] == str(begun.id)
    assert "Everything is ready." in words(page)
    page.button(key="connect_back").click().run()
    page.button(key="offer_late_network_instagram").click().run()
    assert [each.id for each in attempts.open_of(desk, "ingrid")] == [begun.id]
    with desk.store.writing() as session:
        found = attempts.in_work(session, begun.id or 0)
        attempts.move(session, found, AttemptState.WAITING, by="window", message="It waits.", advice="")
    page = opened(CONNECT, "ingrid", attempt=str(begun.id)).button(key="attempt_check").click().run()
    assert re.search(r"Checked at \d\d:\d\d:\d\d UTC: nothing new is known", words(page))
    page.button(key="attempt_cancel").click().run()
    assert attempts.open_of(desk, "ingrid") == []
    assert "This attempt was cancelled" in words(page)
    assert "attempt_again" in keys(page)


def test_a_reconnect_names_its_account_or_says_what_else_to_do(opened: Opener, desk: Desk) -> None:
    told = {"platform": "instagram", "health": "broken", "handle": None, "name": HOSTILE}
    page = opened(CONNECT, "ingrid", reconnect=connection(desk, "late", 1, **told))
    assert "Sign in as **<script>" in words(page)
    assert "connect_begin" in keys(page)
    page = opened(CONNECT, "ingrid", reconnect=connection(desk, "zocial", 2, **told))
    assert "connect the account anew with a fresh token" in words(page)
    assert "Another account is refused" not in words(page)  # a form has nothing that would refuse it
    page = opened(CONNECT, "ingrid", reconnect=connection(desk, "highlevel", 3, **(told | {"platform": "tiktok"})))
    assert "can't be reconnected here" in words(page)
    assert "connect_begin" not in keys(page)
    assert all("http://127" not in each.value for each in page.markdown)


def test_the_accounts_that_remain_are_a_list_to_walk_through(opened: Opener, desk: Desk) -> None:
    first, second, third = (
        connection(desk, "late", number, platform="instagram", handle=f"cafe{number}", health="broken")
        for number in (1, 2, 3)
    )
    begun = beginning.begin(desk, INGRID, "late", "instagram", reconnects=first, remaining=[second, third])
    page = opened(CONNECT, "ingrid", attempt=str(begun.attempt.id))
    assert "2 accounts still to reconnect" in words(page)
    assert all(f"**@\u2060cafe{number}**" in words(page) for number in (2, 3))
    assert page.button(key=f"remaining_{second}").disabled
    page.button(key="attempt_cancel").click().run()
    page.button(key=f"remaining_{second}").click().run()
    (following,) = attempts.open_of(desk, "ingrid")
    assert (following.reconnects, following.remaining) == (second, [third])
    assert "1 account still to reconnect" in words(page)


def test_what_is_wrong_stands_at_its_field_and_the_tokens_stay_nowhere(opened: Opener, desk: Desk) -> None:
    page = opened(CONNECT, "ingrid", source="gipper", platform="instagram")
    page.button(key="gipper_add").click().run()
    for each in page.text_input:
        if "oken" in each.label:
            each.input(f"{CANARY} x")
        elif each.label == "User name":
            each.input("no name!")
    next(each for each in page.button if each.label == "Connect 2 accounts").click().run()
    assert words(page).count("holds a space") == 3
    assert words(page).count("The user name is made of") == 2
    assert "Nothing was sent." in words(page)
    assert CANARY not in str(page.session_state)
    assert CANARY not in words(page)
    assert attempts.open_of(desk, "ingrid") == []


@pytest.mark.parametrize(
    "asked", [{"source": "nobody", "platform": "x"}, {"reconnect": "9-n-9"}, {"attempt": "many"}, {"attempt": "99"}]
)
def test_an_address_that_names_nothing_is_told_so(opened: Opener, asked: dict[str, str]) -> None:
    page = opened(CONNECT, "ingrid", **asked)
    assert "names nothing that can be connected" in words(page) or "There is no attempt 99" in words(page)


@pytest.mark.parametrize(
    ("problem", "word"), [("vendor_down", "No answer"), ("unreachable", "No answer"), ("rejected", "Refused")]
)
def test_a_vendor_that_was_down_has_refused_nothing(problem: str, word: str) -> None:
    assert words_of_connect.state("refused", problem).word == word
