"""Drafts: saved by themselves, with one press for all tabs, and two people who edit one are told."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from data import trail
from data.models import Draft as Row
from data.models import Message, Source
from data.queries import drafts as asked
from data.queries.drafts import Draft
from data.store import now
from data.types import Role, Vendor
from services import credentials, people
from services.access import SYSTEM, Actor
from services.desk import Desk
from services.failures import Forbidden, Misuse
from services.messaging import drafts, recipients
from services.messaging.bodies import LARGEST
from services.messaging.drafts import SITTING, Conflict, Gone

ANA, MAREK, INGRID = Actor("ana", Role.ANALYST), Actor("marek", Role.MARKETER), Actor("ingrid", Role.ADMIN)
HELLO = {"contentType": "TEXT", "content": "Grüezi {{first_name}}! 🇨🇭"}


@pytest.fixture
def staffed(desk: Desk) -> Desk:
    """The demo people and recipients."""
    people.ensure_demo_people(desk)
    recipients.ensure_demo_recipients(desk)
    return desk


def sender(desk: Desk) -> str:
    """The name of the source that messages are sent from."""
    return next(each.name for each in credentials.listing(desk, SYSTEM) if each.vendor == Vendor.IMICONNECT)


def one(desk: Desk, number: str) -> Draft | None:
    with desk.store.reading() as session:
        return asked.one(session, number)


def mine(desk: Desk, username: str) -> list[str]:
    with desk.store.reading() as session:
        return [each.id for each in asked.mine(session, username)]


def deeds(desk: Desk, number: str) -> list[tuple[str, str, str]]:
    with desk.store.reading() as session:
        rows = [row for row in trail.newest(session, 50) if row.subject == f"draft {number}"]
    return [(row.actor, row.action.removeprefix("draft."), row.outcome) for row in rows[::-1]]


def test_a_draft_is_begun_and_saved_as_it_was_typed(staffed: Desk) -> None:
    draft = drafts.create(staffed, MAREK)
    assert (len(draft.id), draft.version, draft.body, draft.source, draft.recipient) == (8, 1, {}, None, None)
    unfinished: dict[str, Any] = {**HELLO, "template": [{"title": "", "buttons": []}], "quickReplies": [{"title": " "}]}
    source = sender(staffed)
    saved = drafts.save(staffed, MAREK, draft.id, 1, body=unfinished, source=source, recipient="test phone zürich")
    assert (saved.version, saved.body) == (2, unfinished)
    assert (saved.source, saved.source_gone, saved.recipient, saved.recipient_gone) == (
        source,
        False,
        "Test phone Zürich",
        False,
    )
    assert saved.press == draft.press, "each of its tabs presses the same"
    assert one(staffed, draft.id) == saved


def test_what_is_not_a_persons_to_say_is_not_kept(staffed: Desk) -> None:
    ours = {"from": "a", "To": "1", "callbackUrl": "https://elsewhere.example/", "CALLBACKURL": "x"}
    draft = drafts.create(staffed, MAREK, {**HELLO, **ours})
    assert draft.body == HELLO


def test_a_save_that_says_the_same_changes_nothing(staffed: Desk) -> None:
    draft = drafts.create(staffed, MAREK, HELLO)
    saved = drafts.save(staffed, MAREK, draft.id, 1, body={**HELLO, "content": "Hoi"})
    assert drafts.save(staffed, INGRID, draft.id, 1, body={**HELLO, "content": "Hoi"}) == saved
    assert deeds(staffed, draft.id) == [("marek", "create", "done"), ("marek", "save", "done")]


def test_two_people_who_edit_one_draft_are_told_and_both_texts_stay(staffed: Desk) -> None:
    draft = drafts.create(staffed, MAREK, HELLO)
    theirs = drafts.save(staffed, INGRID, draft.id, 1, body={**HELLO, "content": "From Ingrid"})
    with pytest.raises(Conflict, match=r"Ingrid Sjöberg saved this draft at .* UTC on .*version 2") as told:
        drafts.save(staffed, MAREK, draft.id, 1, body={**HELLO, "content": "From Marek"})
    assert told.value.theirs == theirs == one(staffed, draft.id)
    mine_now = drafts.create(staffed, MAREK, {**HELLO, "content": "From Marek"})
    assert mine_now.press != theirs.press
    taken = drafts.save(staffed, MAREK, draft.id, theirs.version, body={**HELLO, "content": "Both"})
    assert (taken.version, taken.saved_by) == (3, "marek")
    with pytest.raises(Conflict, match="Another tab of yours"):
        drafts.save(staffed, MAREK, draft.id, theirs.version, body={**HELLO, "content": "An old tab"})
    assert ("marek", "save", "refused") in deeds(staffed, draft.id)


def test_of_many_saves_at_once_one_is_taken(staffed: Desk) -> None:
    draft = drafts.create(staffed, MAREK, HELLO)

    def save(number: int) -> int:
        try:
            return drafts.save(staffed, MAREK, draft.id, 1, body={"content": str(number)}).version
        except Conflict:
            return 0

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(save, range(8))) == [0] * 7 + [2]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ([], "JSON object"),
        ("TEXT", "JSON object"),
        ({"content": "x" * LARGEST}, "65,"),
        ({"content": "ü" * (LARGEST // 2)}, "65,"),
        ({"content": float("nan")}, "no word for"),
        ({"content": float("inf")}, "no word for"),
        ({"content": {1, 2}}, "no word for"),
        ({"content": b"x"}, "no word for"),
        ({"content": 10**5000}, "no word for"),
    ],
    ids=lambda value: str(type(value))[8:20],
)
def test_a_body_that_can_not_be_kept_is_refused_in_words(staffed: Desk, body: Any, says: str) -> None:
    draft = drafts.create(staffed, MAREK, HELLO)
    with pytest.raises(Misuse, match=says):
        drafts.save(staffed, MAREK, draft.id, 1, body=body)
    assert one(staffed, draft.id) == draft


def test_a_body_nested_for_ever_is_refused(staffed: Desk) -> None:
    deep: dict[str, Any] = {}
    deep["template"] = [deep]
    with pytest.raises(Misuse, match="nested too deep"):
        drafts.create(staffed, MAREK, deep)


@pytest.mark.parametrize("text", ["\ud83d", "a\x00b", "x" * (LARGEST - 20), "نور", "</script>![x](http://a.example)"])
def test_any_text_comes_back_as_it_was_typed(staffed: Desk, text: str) -> None:
    draft = drafts.create(staffed, MAREK, {"content": text})
    found = one(staffed, draft.id)
    assert found is not None
    assert found.body == {"content": text}


def test_a_press_is_renewed_only_when_it_was_used(staffed: Desk) -> None:
    draft = drafts.create(staffed, MAREK, HELLO)
    assert drafts.press_again(staffed, MAREK, draft.id).press == draft.press
    sent(staffed, draft.press)
    renewed = drafts.press_again(staffed, MAREK, draft.id)
    assert renewed.press != draft.press
    assert drafts.press_again(staffed, MAREK, draft.id) == renewed, "a second tab asks for the same"
    assert renewed.version == draft.version


def test_one_discards_ones_own_drafts_and_an_admin_any(staffed: Desk) -> None:
    first, second = (drafts.create(staffed, MAREK, HELLO) for _ in range(2))
    hers = drafts.create(staffed, INGRID, HELLO)
    with pytest.raises(Forbidden, match="somebody else's"):
        drafts.discard(staffed, MAREK, hers.id)
    drafts.discard(staffed, MAREK, first.id)
    drafts.discard(staffed, INGRID, second.id)
    assert mine(staffed, "marek") == []
    assert mine(staffed, "ingrid") == [hers.id]
    with pytest.raises(Gone, match="Ingrid Sjöberg discarded this draft"):
        drafts.save(staffed, MAREK, second.id, 1, body={"content": "too late"})
    for number in ("00000000", "", "../../x", "x" * 5000):
        with pytest.raises(Gone, match="There is no draft"):
            drafts.save(staffed, MAREK, number, 1, body=HELLO)


def test_who_may_not_compose_does_nothing_with_drafts(staffed: Desk) -> None:
    draft = drafts.create(staffed, MAREK, HELLO)
    for deed in (
        lambda: drafts.create(staffed, ANA),
        lambda: drafts.save(staffed, ANA, draft.id, 1, body={}),
        lambda: drafts.discard(staffed, ANA, draft.id),
        lambda: drafts.duplicate(staffed, ANA, 1),
    ):
        with pytest.raises(Forbidden):
            deed()
    assert one(staffed, draft.id) == draft


def test_a_message_that_was_sent_begins_another_draft(staffed: Desk) -> None:
    message = sent(staffed, "a press")
    draft = drafts.duplicate(staffed, MAREK, message)
    assert draft.body == {"contentType": "TEXT", "content": "Grüezi Lena!", "callbackData": "a|b"}, "without its id"
    assert (draft.owner, draft.source, draft.recipient) == ("marek", sender(staffed), "Test phone Zürich")
    recipients.remove(staffed, INGRID, "Test phone Zürich")
    assert drafts.duplicate(staffed, MAREK, message).recipient is None
    with pytest.raises(Misuse, match="no message 99"):
        drafts.duplicate(staffed, MAREK, 99)


def test_a_draft_names_a_source_that_sends_and_a_recipient_that_is_there(staffed: Desk) -> None:
    for source in ("zocial", "nobody"):
        with pytest.raises(Misuse, match="no source"):
            drafts.create(staffed, MAREK, source=source)
    with pytest.raises(Misuse, match="no test recipient"):
        drafts.create(staffed, MAREK, recipient="Nobody")
    draft = drafts.create(staffed, MAREK, HELLO, source=sender(staffed))
    with staffed.store.writing() as session:
        row = session.get_one(Row, draft.id)
        source_row = session.get_one(Source, row.source_id)
        source_row.enabled, source_row.removed_at = False, now()
        session.add(source_row)
    kept = drafts.save(staffed, MAREK, draft.id, 1, body={}, source=draft.source)
    assert (kept.source, kept.source_gone) == (draft.source, True), "what was chosen before stays, and says so"


def test_the_trail_holds_a_sitting_and_not_each_pause(staffed: Desk) -> None:
    draft = drafts.create(staffed, MAREK, HELLO)
    for number in range(5):
        draft = drafts.save(staffed, MAREK, draft.id, draft.version, body={"content": f"Hoi {number}"})
    assert deeds(staffed, draft.id) == [("marek", "create", "done"), ("marek", "save", "done")]
    draft = drafts.save(staffed, INGRID, draft.id, draft.version, body={"content": "Hoi, says Ingrid"})
    with staffed.store.writing() as session:
        row = session.get_one(Row, draft.id)
        row.saved_at -= SITTING + timedelta(seconds=2)
        session.add(row)
    drafts.save(staffed, INGRID, draft.id, draft.version, body={"content": "Much later"})
    assert deeds(staffed, draft.id)[2:] == [("ingrid", "save", "done")] * 2
    with staffed.store.reading() as session:
        newest = next(row for row in trail.newest(session, 5) if row.action == "draft.save")
    assert json.loads(newest.before or "")["body"] == {"content": "Hoi, says Ingrid"}, "with what was there before"


def test_the_newest_drafts_come_first_and_everybodys_are_found(staffed: Desk) -> None:
    hers, his = drafts.create(staffed, INGRID, HELLO), drafts.create(staffed, MAREK, HELLO)
    with staffed.store.writing() as session:
        row = session.get_one(Row, hers.id)
        row.saved_at += timedelta(minutes=1)
        session.add(row)
    with staffed.store.reading() as session:
        assert [each.id for each in asked.every(session)] == [hers.id, his.id]
        assert [each.id for each in asked.every(session, most=1)] == [hers.id]


def sent(desk: Desk, press: str) -> int:
    """A message that went by a press."""
    with desk.store.writing() as session:
        source = credentials.named(session, sender(desk))
        to = recipients.table.named(session, "Test phone Zürich")
        assert to is not None
        envelope = {"from": "app", "to": to.igsid, "correlationId": "one"}
        row = Message(
            press=press,
            source_id=source.id or 0,
            recipient_id=to.id or 0,
            recipient=to.name,
            to=to.igsid,
            family="TEXT",
            payload={"contentType": "TEXT", "content": "Grüezi Lena!", "callbackData": "a|b", **envelope},
            digest="",
            correlation_id="one",
            person="marek",
            state="accepted",
            created_at=now(),
            changed_at=now(),
        )
        session.add(row)
        session.flush()
        return row.id or 0
