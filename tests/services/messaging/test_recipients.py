"""Recipients: named, with an id that is one, and kept in words that say what is wrong."""

import json

import pytest

from data import trail
from data.types import Role
from services.access import SYSTEM, Actor
from services.desk import Desk
from services.failures import Failure, Forbidden, Misuse
from services.messaging import drafts, recipients
from services.messaging.recipients import DEMO_RECIPIENTS, Details, Stopped, Taken

ANA, MAREK, INGRID = Actor("ana", Role.ANALYST), Actor("marek", Role.MARKETER), Actor("ingrid", Role.ADMIN)
LENA = "17841400000000101"


def names(desk: Desk, search: str = "") -> list[str]:
    return [each.name for each in recipients.listing(desk, MAREK, search=search).rows]


def refused(desk: Desk) -> list[tuple[str, str]]:
    with desk.store.reading() as session:
        return [(row.action, row.subject) for row in trail.newest(session, 20) if row.outcome == "refused"]


def test_a_recipient_is_added_changed_and_removed_by_an_admin(desk: Desk) -> None:
    added = recipients.add(desk, INGRID, "  Test  phone ", LENA, variables={"first_name": " Lena "}, consent=" Yes ")
    assert (added.name, added.variables, added.consent) == ("Test phone", {"first_name": "Lena"}, "Yes")
    details = Details(LENA, {"first_name": "Lena", "city": "Zürich"}, "By mail")
    changed = recipients.change(desk, INGRID, "test PHONE", details, new_name="Test phone Zürich")
    assert (changed.id, changed.name, changed.variables["city"]) == (added.id, "Test phone Zürich", "Zürich")
    assert names(desk) == ["Test phone Zürich"]
    recipients.remove(desk, INGRID, "Test phone Zürich")
    assert names(desk) == []
    again = recipients.add(desk, INGRID, "Test phone Zürich", LENA)
    assert again.id != added.id, "a removed one stays under its own number: messages name it"
    with desk.store.reading() as session:
        rows = [row for row in trail.newest(session, 10) if row.actor == "ingrid"]
    assert [row.action.removeprefix("recipient.") for row in rows[::-1]] == ["add", "change", "remove", "add"]
    assert json.loads(rows[2].before or "")["variables"] == {"first_name": "Lena"}
    assert json.loads(rows[1].before or "")["igsid"] == LENA


def test_of_two_admins_who_change_one_the_second_is_told(desk: Desk) -> None:
    seen = recipients.add(desk, INGRID, "Lena", "1")
    recipients.change(desk, INGRID, "Lena", Details("1", {"first_name": "Lena"}), seen=seen)
    with pytest.raises(Failure, match="Somebody changed Lena"):
        recipients.change(desk, SYSTEM, "Lena", Details("1", {"first_name": "Helena"}), seen=seen)
    assert recipients.listing(desk, MAREK).rows[0].variables == {"first_name": "Lena"}


def test_who_is_no_admin_changes_nothing_and_a_marketer_sees_all(desk: Desk) -> None:
    recipients.add(desk, INGRID, "Lena", LENA)
    for who in (ANA, MAREK):
        with pytest.raises(Forbidden):
            recipients.add(desk, who, "Otto", "2")
        with pytest.raises(Forbidden):
            recipients.remove(desk, who, "Lena")
    assert names(desk) == ["Lena"]
    with pytest.raises(Forbidden):
        recipients.listing(desk, ANA)
    assert len(refused(desk)) == 5


@pytest.mark.parametrize(
    ("igsid", "says"),
    [
        ("igsid", "placeholder"),
        (" IGSID ", "placeholder"),
        ("7.94791E+15", "rounded"),
        ("7,94791E+15", "rounded"),
        ("", "1 to 64"),
        ("1" * 65, "1 to 64"),
        ("12 34", "1 to 64"),
        ("../12", "1 to 64"),
        ("１２３", "1 to 64"),  # noqa: RUF001 (full-width digits, on purpose)
        ("=1+1", "1 to 64"),
    ],
)
def test_an_id_that_is_none_is_refused_in_words(desk: Desk, igsid: str, says: str) -> None:
    with pytest.raises(Misuse, match=says):
        recipients.add(desk, INGRID, "Lena", igsid)
    assert names(desk) == []
    assert refused(desk) == [("recipient.add", "recipient Lena")]


@pytest.mark.parametrize("igsid", ["1", "7947908538583264", "a_637921640978680000", "A-b_9", "x" * 64])
def test_an_id_of_the_vendor_is_kept_as_it_is(desk: Desk, igsid: str) -> None:
    assert recipients.add(desk, INGRID, "Lena", f" {igsid} ").igsid == igsid


@pytest.mark.parametrize(
    "name", ["", "   ", "\u200d", "x" * 81, "a\x00b", "a\u202eb", "a\ud800b"], ids=lambda name: ascii(name)[:12]
)
def test_a_name_that_nobody_can_read_is_refused(desk: Desk, name: str) -> None:
    with pytest.raises(Misuse, match="1 to 80"):
        recipients.add(desk, INGRID, name, "1")


def test_a_name_and_an_id_are_of_one_recipient(desk: Desk) -> None:
    recipients.add(desk, INGRID, "Straße", "1")
    recipients.add(desk, INGRID, "Otto", "2")
    with pytest.raises(Taken, match="named “Straße”"):
        recipients.add(desk, INGRID, " STRASSE ", "3")
    with pytest.raises(Taken, match="belongs to “Otto”"):
        recipients.add(desk, INGRID, "Lena", "2")
    with pytest.raises(Taken, match="belongs to “Otto”"):
        recipients.change(desk, INGRID, "Straße", Details("2", {}))
    with pytest.raises(Taken, match="named “Otto”"):
        recipients.change(desk, INGRID, "Straße", Details("1", {}), new_name="otto")
    recipients.change(desk, INGRID, "Otto", Details("2", {}), new_name="OTTO")
    assert names(desk) == ["OTTO", "Straße"]


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"first name": "Lena"}, "can't stand in"),
        ({"1st": "Lena"}, "can't stand in"),
        ({"größe": "L"}, "can't stand in"),
        ({"x" * 41: "Lena"}, "can't stand in"),
        ({"first_name": "x" * 1001}, "1,001 characters"),
        ({"first_name": "a\x00"}, "no text"),
        ({"first_name": "\ud83d"}, "no text"),
        ({"first_name": "Lena\nM."}, "no text"),
        ({f"v{number}": "x" for number in range(31)}, "at most 30"),
    ],
    ids=lambda value: ascii(value)[:16],
)
def test_variables_that_can_not_be_are_refused(desk: Desk, variables: dict[str, str], says: str) -> None:
    with pytest.raises(Misuse, match=says):
        recipients.add(desk, INGRID, "Lena", "1", variables=variables)


def test_a_value_is_text_whatever_stands_in_it(desk: Desk) -> None:
    odd = {"a": "=HYPERLINK(1)", "b": "{{a}}", "c": "<b>", "d": "🇨🇭 נור", "e": " ", "f": "x" * 1000}
    kept = recipients.add(desk, INGRID, "Lena", "1", variables=odd).variables
    assert kept == {name: value for name, value in odd.items() if name != "e"}, "an empty value is none"


def test_removing_says_what_it_stops(desk: Desk) -> None:
    recipients.add(desk, INGRID, "Lena", "1")
    kept = drafts.create(desk, MAREK, {"content": "Hi"}, recipient="Lena")
    discarded = drafts.create(desk, MAREK, {"content": "Hi"}, recipient="Lena")
    drafts.discard(desk, MAREK, discarded.id)
    assert recipients.removal(desk, INGRID, "Lena") == Stopped(drafts=1, leaving=0)
    recipients.remove(desk, INGRID, "Lena")
    saved = drafts.save(desk, MAREK, kept.id, 1, body={"content": "Hi you"}, recipient="Lena")
    assert (saved.recipient, saved.recipient_gone) == ("Lena", True), "the draft names them, and says so"
    for name in ("Lena", "Nobody"):
        with pytest.raises(Misuse, match="no test recipient"):
            recipients.remove(desk, INGRID, name)


def test_recipients_are_found_by_any_part(desk: Desk) -> None:
    for number, name in enumerate(("Test phone Zürich", "100% phone", "Ödön")):
        recipients.add(desk, INGRID, name, f"90{number}", consent=f"Mail {number}")
    assert names(desk, "ZÜRICH") == ["Test phone Zürich"]
    assert names(desk, "%") == ["100% phone"]
    assert names(desk, "_") == []
    assert names(desk, "902") == ["Ödön"]
    assert names(desk, "mail 1") == ["100% phone"]
    found = recipients.listing(desk, MAREK, search="phone", limit=1)
    assert (found.total, len(found.rows)) == (2, 1)


def test_the_demo_has_recipients_from_the_start_and_once(desk: Desk) -> None:
    for _ in range(2):
        recipients.ensure_demo_recipients(desk)
    assert sorted(names(desk)) == sorted(name for name, _ in DEMO_RECIPIENTS)
    for name, _ in DEMO_RECIPIENTS:
        recipients.remove(desk, SYSTEM, name)
    recipients.ensure_demo_recipients(desk)
    assert names(desk) == [], "what an admin removed does not come back"


def test_each_demo_recipient_could_be_added_by_hand() -> None:
    for name, details in DEMO_RECIPIENTS:
        assert recipients.checked(details) == details
        assert recipients.checked_name(name) == name
    with pytest.raises(Failure):
        recipients.checked_igsid(recipients.PLACEHOLDER)
