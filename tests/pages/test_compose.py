"""The composer: drafts that save themselves, errors with their fix, and a send button bound to what is shown."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.models import Message
from data.queries import drafts as kept
from data.queries import messages
from data.queries.drafts import Draft
from data.types import Family, MessageState, Role
from pages.ui.compose import field, sheet
from services import jobs
from services.access import SYSTEM, Actor
from services.desk import Desk
from services.messaging import drafts, examples, recipients, states, templates
from tests.browser.desk import until

COMPOSE = "messages/compose.py"
MAREK, INGRID = Actor("marek", Role.MARKETER), Actor("ingrid", Role.ADMIN)
ZURICH, OSLO = "Test phone Zürich", "Test phone Oslo"
CAROUSEL = examples.EXAMPLES[1].body
TEXT: dict[str, Any] = {"contentType": "TEXT", "content": "Grüezi {{first_name}}!"}
HOSTILE = "<script>alert(1)</script>![x](http://127.0.0.1:9/x) :material/bolt:"
Opener = Callable[..., AppTest]


@pytest.fixture(autouse=True)
def _plain_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw plain inputs: AppTest has no browser in which the fields of the composer could run."""

    def draw(label: str, value: str, *, place: field.Place, told: field.Told, error: str = "", **_more: Any) -> None:
        key = f"plain_{place.path}"
        st.session_state[key] = value
        st.text_input(label, key=key, on_change=lambda: told(place.path, place.moves, st.session_state[key]))
        st.caption(error)

    monkeypatch.setattr(field, "field", draw)


@pytest.fixture
def desk(desk: Desk) -> Desk:
    """A desk with the demo's test recipients."""
    recipients.ensure_demo_recipients(desk)
    return desk


@pytest.fixture
def compose(opened: Opener, desk: Desk) -> Callable[..., tuple[AppTest, Draft]]:
    """Opens the composer of a new draft of marek's."""

    def begin(body: dict[str, Any] = TEXT, who: str = "marek", to: str | None = ZURICH) -> tuple[AppTest, Draft]:
        made = drafts.create(desk, MAREK, deepcopy(body), source="imiconnect", recipient=to)
        return opened(COMPOSE, who, draft=made.id), made

    return begin


Composer = Callable[..., tuple[AppTest, Draft]]


def words(page: AppTest) -> str:
    told = "\n".join(element.value for element in (*page.markdown, *page.caption, *page.header))
    return told.replace("\\", "").replace("\u2060", "")


def now(desk: Desk, draft: Draft) -> Draft:
    with desk.store.reading() as session:
        found = kept.one(session, draft.id)
    assert found is not None
    return found


def sent(desk: Desk) -> list[Any]:
    """Give the messages there are, once none of them is on its way."""

    def rows() -> list[Any]:
        with desk.store.reading() as session:
            return messages.find(session, messages.Filter())[1]

    until(lambda: all(row.state not in {"reserved", "posting"} for row in rows()), 10, "nothing is on its way")
    return rows()


def typed(page: AppTest, path: str, text: str) -> AppTest:
    """Type into a field."""
    return page.text_input(key=f"plain_{path}").set_value(text).run()


def address(page: AppTest) -> str:
    """Give the draft that the address names."""
    found = page.query_params["draft"]
    return found if isinstance(found, str) else found[0]


def press(page: AppTest) -> AppTest:
    return page.button(key="compose_send").click().run()


def test_an_analyst_is_told_whom_to_ask(opened: Opener) -> None:
    page = opened(COMPOSE, "ana")
    assert "may not compose messages" in words(page)
    assert not page.button


def test_without_a_draft_the_page_says_how_to_begin(opened: Opener) -> None:
    page = opened(COMPOSE, "marek")
    assert "Nothing is in the making" in words(page)
    assert "deprecated" in words(page)
    assert not [button.key for button in page.button if str(button.key).startswith("sending_")]
    page = opened(COMPOSE, "marek", draft="ffffffff")
    assert "This draft is not here" in words(page)


def test_a_new_message_is_a_draft_in_the_address_with_a_sender_and_nobody_chosen(opened: Opener, desk: Desk) -> None:
    page = opened(COMPOSE, "marek").button(key="compose_new").click().run()
    draft_id = address(page)
    with desk.store.reading() as session:
        found = kept.one(session, draft_id)
    assert found is not None
    assert (found.owner, found.source, found.body) == ("marek", "imiconnect", {"contentType": "TEXT"})
    assert found.recipient is None, "a person chooses who gets a message"
    assert "still to fill: text" in words(page)
    page.selectbox(key="compose_to").select(OSLO).run()
    again = opened(COMPOSE, "marek").button(key="compose_new").click().run()
    with desk.store.reading() as session:
        second = kept.one(session, address(again))
    assert second is not None
    assert second.recipient == OSLO, "like the one before"


def test_the_sample_address_is_refused_and_mended_with_one_press(opened: Opener, desk: Desk) -> None:
    page = opened(COMPOSE, "marek").button(key="example_1").click().run()
    assert "card 1, button 1, address" in words(page)
    assert page.button(key="compose_send").disabled
    page.button(key="fix_template[0].buttons[0].url").click().run()
    page.selectbox(key="compose_to").select(OSLO).run()
    assert not page.button(key="compose_send").disabled
    with desk.store.reading() as session:
        (draft,) = kept.mine(session, "marek")
    assert draft.body["template"][0]["buttons"][0]["url"] == "https://www.google.com"


def test_what_is_typed_is_saved_at_once(compose: Composer, desk: Desk) -> None:
    page, draft = compose()
    typed(page, "content", "Hoi {{first_name}}")
    assert now(desk, draft).body["content"] == "Hoi {{first_name}}"
    assert "Lena" in words(page)


def test_another_kind_keeps_what_was_typed(compose: Composer, desk: Desk) -> None:
    page, draft = compose()
    page.button_group(key="compose_kind").set_value(Family.STICKER).run()
    assert now(desk, draft).body == TEXT | {"contentType": "STICKER", "type": "like_heart"}
    assert not page.button(key="compose_send").disabled


def test_cards_are_added_copied_moved_and_removed(compose: Composer, desk: Desk) -> None:
    page, draft = compose(CAROUSEL)
    page.button(key="card_add_a_card").click().run()
    typed(page, "template[1].title", "Second")
    page.button(key="card_copy").click().run()
    page.button(key="card_move_left").click().run()
    page.button(key="card_move_left").click().run()
    titles = [card.get("title") for card in now(desk, draft).body["template"]]
    assert titles == ["Second", "Welcome!", "Second"]
    page.button(key="card_remove").click().run()
    assert len(now(desk, draft).body["template"]) == 2


def test_a_card_is_called_unfinished_and_not_wrong_until_something_stands_in_it(compose: Composer) -> None:
    page, _draft = compose(CAROUSEL)
    page.button(key="fix_template[0].buttons[0].url").click().run()
    page.button(key="card_add_a_card").click().run()
    assert "still to fill: card 2, title]" in words(page)
    assert "error" not in words(page)
    assert "Still to fill: a title, and besides it" in words(page)
    assert page.button(key="compose_send").disabled
    typed(page, "template[1].title", "Second")
    assert "1 error: card 2" in words(page)
    assert "needs something besides its title" in words(page)


def test_what_no_field_shows_is_told_with_its_way_out(compose: Composer, desk: Desk) -> None:
    page, draft = compose(
        TEXT
        | {
            "notification_type": "LOUD",
            "mood": "good",
            "quickReplies": [{"title": "Yes", "payload": "y", "image_url": "x"}],
        }
    )
    assert "**notificationType**] notificationType can only be REGULAR." in words(page)
    assert "It came with what this draft was begun with" in words(page)
    for field_ in ("notificationType", "mood", "quickReplies[0].image_url"):
        page.button(key=f"drop_{field_}").click().run()
    assert now(desk, draft).body == TEXT | {"quickReplies": [{"title": "Yes", "payload": "y"}]}
    assert "Not editable here" not in words(page)
    assert not page.button(key="compose_send").disabled


def test_a_press_sends_once_and_a_second_one_needs_a_second_step(compose: Composer, desk: Desk) -> None:
    page, draft = compose()
    assert page.button(key="compose_send").label == f"Send to {ZURICH} as imiconnect"
    press(page)
    (first,) = sent(desk)
    assert (first.draft_id, first.recipient, first.payload["content"]) == (draft.id, ZURICH, "Grüezi Lena!")
    page.run()
    assert "compose_send" not in {button.key for button in page.button}
    assert f"to {ZURICH} as imiconnect" in words(page)
    page.button(key="compose_again").click().run()
    assert len(sent(desk)) == 1
    press(page)
    assert len(sent(desk)) == 2


def test_two_tabs_of_one_draft_send_once(compose: Composer, opened: Opener, desk: Desk) -> None:
    page, draft = compose()
    other = opened(COMPOSE, "marek", draft=draft.id)
    press(page)
    press(other)
    assert len(sent(desk)) == 1
    assert "to Test phone Zürich as imiconnect" in words(other)


def test_a_press_together_with_a_change_sends_nothing_and_says_so(compose: Composer, desk: Desk) -> None:
    page, draft = compose()
    page.text_input(key="plain_content").set_value("Another one")
    press(page)
    assert sent(desk) == []
    assert "the message changed while you pressed" in words(page)
    assert now(desk, draft).body["content"] == "Another one"
    press(page)
    assert [row.payload["content"] for row in sent(desk)] == ["Another one"]


def test_somebody_elses_change_between_look_and_press_is_not_sent(compose: Composer, desk: Desk) -> None:
    page, draft = compose()
    drafts.save(desk, INGRID, draft.id, 1, body=TEXT | {"content": "Hers"}, source="imiconnect", recipient=ZURICH)
    press(page)
    assert sent(desk) == []
    assert "Nothing was sent" in words(page)
    assert "ingrid saved this draft meanwhile" in words(page)


def test_of_two_people_who_edit_the_second_chooses(compose: Composer, desk: Desk) -> None:
    page, draft = compose()
    drafts.save(desk, INGRID, draft.id, 1, body=TEXT | {"content": "Hers"}, source="imiconnect", recipient=ZURICH)
    typed(page, "content", "Mine")
    assert "Your last change is not saved" in words(page)
    assert "Hers" in words(page)
    assert page.button(key="compose_send").disabled
    typed(page, "content", "Mine, too")
    assert now(desk, draft).body["content"] == "Hers"
    page.button(key="compose_mine").click().run()
    own = address(page)
    assert own != draft.id
    with desk.store.reading() as session:
        made = kept.one(session, own)
    assert made is not None
    assert made.body["content"] == "Mine, too"


def test_theirs_can_be_taken(compose: Composer, desk: Desk) -> None:
    page, draft = compose()
    drafts.save(desk, INGRID, draft.id, 1, body=TEXT | {"content": "Hers"}, source="imiconnect", recipient=ZURICH)
    typed(page, "content", "Mine")
    page.button(key="compose_theirs").click().run()
    assert "not saved" not in words(page)
    assert not page.button(key="compose_send").disabled
    assert now(desk, draft).body["content"] == "Hers"


def test_a_recipient_who_was_removed_meanwhile_gets_nothing(compose: Composer, desk: Desk) -> None:
    page, _draft = compose()
    recipients.remove(desk, INGRID, ZURICH)
    press(page)
    assert sent(desk) == []
    assert "Nothing was sent" in words(page)
    assert page.button(key="compose_send").disabled
    assert "This recipient was removed" in words(page)


def test_a_source_whose_sending_is_off_sends_nothing(compose: Composer, opened: Opener, desk: Desk) -> None:
    page, draft = compose()
    opened(COMPOSE, "ingrid").button(key="sending_off_imiconnect").click().run().button(key="plan_do").click().run()
    press(page)
    assert sent(desk) == []
    assert page.button(key="compose_send").disabled
    assert "turned off by ingrid" in words(page)
    opened(COMPOSE, "ingrid").button(key="sending_on_imiconnect").click().run()
    again = opened(COMPOSE, "marek", draft=draft.id)
    assert not again.button(key="compose_send").disabled


def test_a_variable_without_a_value_keeps_the_message_here(compose: Composer) -> None:
    page, _draft = compose(TEXT | {"content": "Table {{table}}"})
    assert "{{table}}` :orange[:material/warning: has no value]" in words(page)
    assert page.button(key="compose_send").disabled


def test_nobody_is_sent_to_until_somebody_is_chosen(compose: Composer, desk: Desk) -> None:
    page, draft = compose(to=None)
    assert "Choose a test recipient" in words(page)
    assert "no errors" not in words(page)
    assert page.button(key="compose_send").disabled
    page.selectbox(key="compose_to").select(OSLO).run()
    assert now(desk, draft).recipient == OSLO
    assert not page.button(key="compose_send").disabled


def test_the_json_that_will_leave_is_shown_without_the_key_of_its_callbacks(compose: Composer) -> None:
    page, draft = compose()
    (shown,) = [code.value for code in page.code]
    assert '"content": "Grüezi Lena!"' in shown
    assert '"callbackUrl": "http://localhost:8501/hooks/imiconnect/…"' in shown
    assert draft.press in shown  # the correlation id that is made for it


def test_a_list_is_planned_and_each_gets_one_message(compose: Composer, desk: Desk) -> None:
    page, _draft = compose({"contentType": "TEXT", "content": "Hello"})
    page.menu_button(key="compose_ways").click("Send to several…").run()
    page.toggle(key="compose_many_all").set_value(True).run()
    told = words(page)
    assert "messages**, at most" in told
    page.button(key="compose_many_do").click().run()
    with desk.store.reading() as session:
        total = recipients.listing(desk, MAREK).total
        assert {row.recipient for row in messages.find(session, messages.Filter())[1]} >= {ZURICH, OSLO}
    assert len(sent(desk)) == total
    page.run()
    assert f"of {total}" in " ".join(bar.text for bar in page.get("progress"))


def test_a_template_is_kept_used_and_removed(compose: Composer, opened: Opener, desk: Desk) -> None:
    page, _draft = compose()
    kept_one = templates.keep(desk, MAREK, "Winter menu", TEXT)
    page = opened(COMPOSE, "marek").button(key=f"template_{kept_one.id}").click().run()
    made = address(page)
    with desk.store.reading() as session:
        found = kept.one(session, made)
    assert found is not None
    assert (found.body, found.source) == (TEXT, "imiconnect")


def test_what_somebody_typed_is_text_in_lists_and_labels(opened: Opener, desk: Desk) -> None:
    drafts.create(desk, MAREK, {"contentType": "TEXT", "content": HOSTILE})
    templates.keep(desk, INGRID, HOSTILE[:60], TEXT)
    page = opened(COMPOSE, "marek")
    labels = [button.label for button in page.button]
    assert not [label for label in labels if "](http" in label or label.startswith("<script>")]


def test_discarding_leads_back_to_all_drafts(compose: Composer, desk: Desk) -> None:
    page, draft = compose()
    page.menu_button(key="compose_ways").click("Discard this draft…").run()
    page.button(key="plan_do").click().run()
    with desk.store.reading() as session:
        assert kept.one(session, draft.id) is None


@pytest.mark.parametrize("state", [MessageState.READ, MessageState.UNKNOWN, MessageState.FAILED])
def test_what_became_of_it_stands_above_the_draft(compose: Composer, opened: Opener, desk: Desk, state: str) -> None:
    page, draft = compose()
    press(page)
    (row,) = sent(desk)
    with desk.store.writing() as session:
        found = session.get(Message, row.id)
        assert found is not None
        found.state, found.reason, found.advice = state, "It is so.", "Do that."
        session.add(found)
    page = opened(COMPOSE, "marek", draft=draft.id)
    assert state.capitalize() in words(page)
    assert "It is so." in words(page)


def test_a_list_leaves_out_whom_it_is_wrong_for_with_one_press_and_names_them(compose: Composer, desk: Desk) -> None:
    recipients.add(desk, SYSTEM, "Ada", "901", variables={})
    page, _draft = compose()
    page.menu_button(key="compose_ways").click("Send to several…").run()
    page.toggle(key="compose_many_all").set_value(True).run()
    assert "it is wrong for 2 recipients" in words(page)
    assert page.button(key="compose_many_do").disabled
    assert page.button(key="compose_many_leave").label == "Leave out Ada and Without a name"
    page.button(key="compose_many_leave").click().run()
    assert "2 recipients are left out and get nothing" in words(page)
    assert "Ada** :gray[· text: Ada has no value for {{first_name}}." in words(page)
    page.button(key="compose_many_back").click().run()
    assert page.button(key="compose_many_do").disabled
    page.button(key="compose_many_leave").click().run()
    page.button(key="compose_many_do").click().run()
    assert {row.recipient for row in sent(desk)} == {ZURICH, OSLO, "Right-to-left phone"}


def test_whoever_is_not_offered_is_found_by_the_database_for_one_and_for_a_list(
    compose: Composer, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet, "MOST_NAMES", 1)
    for place in range(12):
        recipients.add(desk, SYSTEM, f"Person {place}", f"77{place}", variables={"first_name": f"P{place}"})
    page, draft = compose()
    page.text_input(key="compose_to_search").set_value("person").run()
    assert "The first 8 of 12" in words(page)
    page.text_input(key="compose_to_search").set_value("777").run()
    page.button_group(key="compose_to_search_found").set_value("Person 7").run()
    assert now(desk, draft).recipient == "Person 7"
    assert page.text_input(key="compose_to_search").value == ""
    assert page.button(key="compose_send").label == "Send to Person 7 as imiconnect"
    page.text_input(key="compose_to_search").set_value("zzz").run()
    assert "Nobody matches" in words(page)
    page.menu_button(key="compose_ways").click("Send to several…").run()
    page.text_input(key="compose_many_to_search").set_value("Person 9").run()
    page.button_group(key="compose_many_to_search_found").set_value("Person 9").run()
    assert page.multiselect(key="compose_many_to").value == ["Person 7", "Person 9"]
    page.button(key="compose_many_do").click().run()
    assert {row.recipient for row in sent(desk)} == {"Person 7", "Person 9"}


def test_a_stopped_list_tells_how_many_left_and_how_many_did_not(
    compose: Composer, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "beside", lambda *_told: None)
    page, _draft = compose({"contentType": "TEXT", "content": "Hello"})
    page.menu_button(key="compose_ways").click("Send to several…").run()
    page.toggle(key="compose_many_all").set_value(True).run()
    page.button(key="compose_many_do").click().run()
    with desk.store.writing() as session:
        first = session.get(Message, 1)
        assert first is not None
        states.move(session, first, MessageState.ACCEPTED, by="imiconnect", words="Taken.")
    page.button(key="compose_stop").click().run()
    (bar,) = page.get("progress")
    assert "1 of 4 left, 3 did not** :gray[· stopped by marek · 1 accepted" in bar.text
    assert {row.reason for row in sent(desk)} == {None, "Stopped by marek; nothing was sent."}


def test_a_recipient_beyond_those_that_are_offered_fills_the_message_too(
    compose: Composer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheet, "MOST_NAMES", 1)
    page, _ = compose(to=ZURICH)
    assert "has no value" not in words(page)
    assert ":gray[=] Lena" in words(page)
