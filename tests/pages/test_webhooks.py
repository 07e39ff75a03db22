"""Webhooks: what arrived, what became of it and why, by role; and what was refused."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from data import inbox
from data.inbox import Refusal
from data.intake import Entry
from data.store import now
from data.types import InboxState
from services.desk import Desk
from tests.pages import sheets
from tests.services.messaging.receiving import notification, sent, source_id

WEBHOOKS = "operations/webhooks.py"
HOSTILE = "![x](http://127.0.0.1:9/x) <b>bold</b> :material/bolt:"

Opener = Callable[..., AppTest]


@pytest.fixture
def told(desk: Desk) -> Desk:
    """Five webhooks, of which one has failed and one says something hostile, and two reasons of refusals."""
    at = now() - timedelta(minutes=5)
    with desk.store.bulk() as link:
        source = link.exec_driver_sql("SELECT id FROM sources WHERE name = 'late'").scalar_one()
        for number, event in enumerate(["account.connected", "account.connected", HOSTILE, "post.failed", "x"], 1):
            body = json.dumps({"event": event, "canary": f"said {number} \u202eegap"})
            entry = Entry(source, f"event {number}", event, HOSTILE, at, at, body)
            inbox.take(link, [entry] * number)
        ids = list(link.exec_driver_sql("SELECT id FROM inbox ORDER BY id").scalars())
        inbox.settle(link, ids[:2], now(), state=InboxState.DONE, reason="The source's list was read.")
        inbox.settle(link, [ids[3]], now(), state=InboxState.FAILED, reason=HOSTILE)
        for reason, times in (("signature", 1_234), ("something new", 1)):
            inbox.count(link, Refusal("late", "late", reason, at.date()), times, first_at=at, last_at=at)
    return desk


def asked(opened: Opener, who: str = "ana", **parameters: str) -> AppTest:
    page = opened("overview/today.py", who)
    for name, value in parameters.items():
        page.query_params[name] = value
    page = page.switch_page(WEBHOOKS).run()
    assert not page.exception
    return page


def number_of(desk: Desk, place: int) -> str:
    """Give the id of the webhook that arrived at a place in the order, from 1."""
    with desk.store.reading() as session:
        query = "SELECT id FROM inbox WHERE event_id = ?"
        return str(session.connection().exec_driver_sql(query, (f"event {place}",)).scalar_one())


def words(page: AppTest) -> str:
    return "\n".join(element.value for element in [*page.markdown, *page.code])


@pytest.mark.usefixtures("told")
def test_the_newest_come_first_with_what_became_of_them_and_why(opened: Opener) -> None:
    page = asked(opened)
    assert sheets.column(page, "event") == ["x", "post.failed", HOSTILE, "account.connected", "account.connected"]
    assert sheets.words(page, "state") == [["Waiting"], ["Failed"], ["Waiting"], ["Done"], ["Done"]]
    assert sheets.column(page, "repeats") == [4, 3, 2, 1, 0]
    refused = sheets.rows(page, 1)
    assert sorted((row["reason"], row["times"]) for row in refused) == [
        ("something new", 1),
        ("wrong signature", 1_234),
    ]
    assert "/hooks/late/late" in words(page)


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(
    ("query", "number"),
    [({"state": "done"}, 2), ({"event": "x"}, 1), ({"source": "late"}, 5), ({"state": "failed", "event": "x"}, 0)],
)
def test_the_address_narrows_the_list(opened: Opener, query: dict[str, str], number: int) -> None:
    page = asked(opened, **query)
    if number:
        assert len(sheets.rows(page)) == number
    else:
        assert "**No webhook matches**: event x, state Failed." in words(page)


@pytest.mark.parametrize(("who", "sees"), [("ana", False), ("marek", False), ("ingrid", True)])
def test_what_one_said_is_for_admins(told: Desk, opened: Opener, who: str, *, sees: bool) -> None:
    page = asked(opened, who, webhook=number_of(told, 3))
    assert ("said 3 \\u202eegap" in words(page)) is sees  # nothing turns the letters of raw JSON round
    assert "\u202e" not in words(page)
    assert "<b>" not in "\n".join(element.value for element in page.markdown).replace("\\<b\\>", "")
    assert "](http" not in "\n".join(element.value for element in page.markdown)


def test_one_that_failed_is_worked_off_again_by_an_admin(told: Desk, opened: Opener) -> None:
    failed = number_of(told, 4)
    assert "webhook_again" not in {button.key for button in asked(opened, "marek", webhook=failed).button}
    page = asked(opened, "ingrid", webhook=failed)
    page.button(key="webhook_again").click().run()
    assert not page.exception
    with told.store.reading() as session:
        state = session.connection().exec_driver_sql("SELECT state, tries FROM inbox WHERE id = ?", (failed,)).one()
    assert tuple(state) == ("waiting", 0)


@pytest.mark.usefixtures("desk")
def test_nothing_yet_is_said_so(opened: Opener) -> None:
    page = asked(opened, webhook="99")
    assert "**No vendor has told anything yet.**" in words(page)
    assert "There is no such webhook." in words(page)
    assert "Nothing was refused." in words(page)


def test_a_delivery_leads_to_the_message_that_it_is_about(desk: Desk, opened: Opener) -> None:
    number, at = sent(desk, "press-1"), now()
    body = json.dumps(notification("7500", transid="t1"))
    with desk.store.bulk() as link:
        for place, press in enumerate(("press-1", "press-2"), 1):
            entry = Entry(source_id(desk), f"event {place}", "delivery", press, at, at, body)
            inbox.take(link, [entry])
    page = asked(opened, webhook=number_of(desk, 1))
    assert [link.proto.label for link in page.get("page_link") if "Message" in link.proto.label] == [
        f"Message {number}"
    ]
    page = asked(opened, webhook=number_of(desk, 2))
    assert not [link for link in page.get("page_link") if "Message" in link.proto.label]
