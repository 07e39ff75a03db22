"""Sent messages: the list, what narrows it, one message in full, a list that was sent to, and who may do what."""

import json
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlparse

import pytest
from streamlit.testing.v1 import AppTest

from data.store import now
from services.desk import Desk
from tests import messages_seed
from tests.pages import sheets

SENT = "messages/sent.py"
HOSTILE = "![x](http://127.0.0.1:9/x) <b>bold</b> :material/bolt:"
Opener = Callable[..., AppTest]


@pytest.fixture
def whose(desk: Desk) -> tuple[int, int]:
    """A source and a recipient."""
    return messages_seed.source(desk.store), messages_seed.recipient(desk.store)


def asked(opened: Opener, who: str = "marek", **parameters: str) -> AppTest:
    page = opened("overview/today.py", who)
    for name, value in parameters.items():
        page.query_params[name] = value
    page = page.switch_page(SENT).run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    return "\n".join(element.value for element in [*page.markdown, *page.caption, *page.code])


def keys(page: AppTest) -> set[str]:
    return {button.key for button in page.button if button.key}


def viewed(page: AppTest, name: str) -> str:
    """Choose a view of the open message and give its JSON."""
    page.session_state["message_view"] = name
    page.run()
    assert not page.exception
    return str(page.code[0].value)


def test_without_a_message_the_page_says_what_will_stand_here(opened: Opener) -> None:
    page = asked(opened)
    assert "**No message was sent yet.**" in words(page)
    assert not sheets.sheets(page)


def test_the_list_tells_who_what_and_how_it_stands(opened: Opener, desk: Desk, whose: tuple[int, int]) -> None:
    messages_seed.message(desk.store, whose, 1, "read")
    messages_seed.message(desk.store, whose, 2, "refused", family="TEMPLATE", reason="The window is closed.")
    messages_seed.message(desk.store, whose, 3, "accepted", created_at=now() - timedelta(minutes=30))
    page = asked(opened, "ana")
    rows = sheets.rows(page)
    assert [row["to"] for row in rows] == ["Test phone"] * 3
    assert sheets.words(page, "state") == [["Accepted", "Silent"], ["Refused"], ["Read"]]
    assert [row["says"] for row in rows] == ["Hello 3", "Card 2", "Hello 1"]
    assert rows[1]["why"] == "The window is closed."
    assert "3 messages in 30 days · 2 accepted · 1 delivered · 1 read · 1 failed" in words(page)


def test_the_address_narrows_the_list_and_nonsense_is_named(opened: Opener, desk: Desk, whose: tuple[int, int]) -> None:
    messages_seed.message(desk.store, whose, 1, "read")
    messages_seed.message(desk.store, whose, 2, "refused")
    assert [row["says"] for row in sheets.rows(asked(opened, state="Refused"))] == ["Hello 2"]
    assert [row["says"] for row in sheets.rows(asked(opened, q="TX-1"))] == ["Hello 1"]
    page = asked(opened, state="Unknown", family="Video")
    assert "**No message matches**: state Unknown." in words(page)
    assert "Dropped from the address: kind “Video”" in words(page).replace("\\", "")
    page.button(key="lift_state").click().run()
    assert len(sheets.rows(page)) == 2


def test_one_message_tells_its_story_and_what_each_code_means(
    opened: Opener, desk: Desk, whose: tuple[int, int]
) -> None:
    number = messages_seed.message(
        desk.store, whose, 1, "failed", code="7313", reason=HOSTILE, advice="Ask them to write."
    )
    raw = json.dumps({"deliveryInfoNotification": {"callbackData": HOSTILE}})
    messages_seed.event(desk.store, number, "submitted", moved=False, code="7501", words=HOSTILE, raw=raw)
    page = asked(opened, "ana", message=str(number))
    told = words(page)
    assert "**To Test phone**" in told
    assert ":red-badge[:material/sms_failed: Failed]" in told
    assert ":gray[code 7313]" in told
    assert "Submitted, moves nothing" in told
    assert HOSTILE not in "\n".join(element.value for element in page.markdown)
    assert not page.code
    assert json.loads(viewed(page, "The JSON"))["content"] == "Hello 1"
    assert json.loads(viewed(page, "Raw callbacks")) == json.loads(raw)
    assert not keys(page) & {"message_again_ask", "message_copy_do"}


def test_a_message_that_there_is_not_is_said(opened: Opener) -> None:
    page = asked(opened, message="99")
    assert "There is no message 99." in words(page)


def test_silence_is_told_as_such(opened: Opener, desk: Desk, whose: tuple[int, int]) -> None:
    old = now() - timedelta(minutes=35, seconds=5)
    number = messages_seed.message(desk.store, whose, 1, "submitted", created_at=old)
    told = words(asked(opened, message=str(number)))
    assert "Nothing heard for 35 minutes" in told
    assert "Failed" not in told


def test_a_message_becomes_a_new_draft(opened: Opener, desk: Desk, whose: tuple[int, int]) -> None:
    number = messages_seed.message(desk.store, whose, 1, "read")
    page = asked(opened, "marek", message=str(number))
    assert "message_again_ask" not in keys(page)
    page.button(key="message_copy_do").click().run()
    with desk.store.reading() as session:
        query = "SELECT json_extract(body, '$.content') FROM drafts"
        assert session.connection().exec_driver_sql(query).scalars().all() == ["Hello 1"]


def test_an_unknown_outcome_is_tried_again_only_on_purpose(opened: Opener, desk: Desk, whose: tuple[int, int]) -> None:
    number = messages_seed.message(desk.store, whose, 1, "unknown")
    page = asked(opened, "marek", message=str(number))
    page.button(key="message_again_ask").click().run()
    told = words(page)
    assert "**Nothing has happened yet.**" in told
    assert "may get it twice" in told
    with desk.store.reading() as session:
        assert session.connection().exec_driver_sql("SELECT count(*) FROM messages").scalar_one() == 1
    page.button(key="message_again_cancel").click().run()
    assert "message_again_do" not in keys(page)


def test_a_list_tells_how_far_it_is_and_is_stopped(opened: Opener, desk: Desk, whose: tuple[int, int]) -> None:
    number = messages_seed.sending(desk.store, whose[0], 3)
    for place, state in enumerate(("read", "reserved", "reserved")):
        messages_seed.message(desk.store, whose, place, state, sending_id=number)
    messages_seed.message(desk.store, whose, 9, "read")
    assert "sending_stop" not in keys(asked(opened, "ana", list=str(number)))
    page = asked(opened, "marek", list=str(number))
    assert "Sent to a list of 3" in words(page)
    assert len(sheets.rows(page)) == 3
    page.button(key="sending_stop").click().run()
    told = words(page)
    assert ":orange-badge[:material/front_hand: Stopped]" in told
    assert "2 refused" in told


def test_what_is_filtered_leaves_as_a_file(opened: Opener, desk: Desk, whose: tuple[int, int]) -> None:
    messages_seed.message(desk.store, whose, 1, "refused")
    page = asked(opened, "ana", state="Refused", sort="Oldest first")
    page.session_state["sent_export"] = True
    page.run()
    found = [urlparse(button.proto.url) for button in page.get("link_button")]
    assert [(url.path, parse_qs(url.query)) for url in found[:2]] == [
        (f"/export/messages.{form}", {"state": ["Refused"], "sort": ["Oldest first"]}) for form in ("csv", "parquet")
    ]
