"""The audit trail: searched, filtered and paged by its address, one row in words, and whether its chain holds."""

from collections.abc import Callable

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from data.queries import newest
from pages.ui import formats
from services import audit, people
from services.access import SYSTEM, Actor
from services.desk import Desk
from tests.pages import sheets

AUDIT = "operations/audit.py"
HOSTILE = "![x](http://127.0.0.1:9/x) :material/bolt:"

Opener = Callable[..., AppTest]


@pytest.fixture
def filled(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A trail of twelve rows of one's own, five a page, after those of the demo people."""
    monkeypatch.setattr(newest, "SIZE", 5)
    people.ensure_demo_people(desk)
    for number in range(12):
        with desk.store.writing() as session:
            who, refused = Actor(f"user{number % 3}", None), number % 4 == 0
            outcome, reason = ("refused", "May not.") if refused else ("done", None)
            told = {"name": f"Name {number}", "secret": "canary"}
            audit.record(session, who, "try.it", f"thing {number}", after=told, outcome=outcome, reason=reason)
    return desk


def words(page: AppTest) -> str:
    return "\n".join(element.value for element in page.markdown)


def asked(opened: Opener, **parameters: str) -> AppTest:
    page = opened("overview/today.py", "ingrid")
    for name, value in parameters.items():
        page.query_params[name] = value
    page = page.switch_page(AUDIT).run()
    assert not page.exception
    return page


def subjects(page: AppTest) -> list[str]:
    return sheets.column(page, "subject")


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("who", ["ana", "marek"])
def test_who_is_no_admin_is_told_whom_to_ask(opened: Opener, who: str) -> None:
    page = opened(AUDIT, who)
    assert "may not read the audit trail" in words(page)
    assert not sheets.sheets(page)


@pytest.mark.usefixtures("filled")
def test_the_newest_come_first_and_the_pages_join(opened: Opener) -> None:
    page = asked(opened, action="try")
    seen = subjects(page)
    for _ in range(2):
        page = page.button(key="go_after").click().run()
        seen += subjects(page)
    assert seen == [f"thing {number}" for number in reversed(range(12))]
    assert page.button(key="go_after").disabled
    page = page.button(key="go_before").click().run()
    assert subjects(page) == [f"thing {number}" for number in (6, 5, 4, 3, 2)]
    assert "**12 rows**" in words(page)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("parameters", "numbers"),
    [
        ({"q": "THING 1", "action": "try"}, [11, 10, 1]),
        ({"q": "may NOT"}, [8, 4, 0]),
        ({"q": "100%", "action": "try"}, []),
        ({"actor": "user2"}, [11, 8, 5, 2]),
        ({"outcome": "refused", "actor": "user0"}, [0]),
        ({"action": "try", "from": "2020-01-01", "q": "thing 11"}, [11]),
        ({"action": "try", "to": "2020-01-01"}, []),
        ({"actor": "nobody at all"}, []),
    ],
)
def test_the_address_narrows_the_trail(opened: Opener, parameters: dict[str, str], numbers: list[int]) -> None:
    page = asked(opened, **parameters)
    if numbers:
        assert subjects(page) == [f"thing {number}" for number in numbers]
    else:
        assert "**No row matches**" in words(page)
        page.button(key="clear_all").click().run()
        assert sheets.sheets(page)


@pytest.mark.usefixtures("filled")
def test_a_choice_is_written_into_the_address_and_a_place_is_not_kept(opened: Opener) -> None:
    page = asked(opened, action="try", after="9")
    page.selectbox(key="actor").set_value("user1")
    page = page.run()
    assert dict(page.query_params) == {"action": "try", "actor": "user1"}
    assert subjects(page) == ["thing 10", "thing 7", "thing 4", "thing 1"]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("word", ["yesterday", "2999-01-01", "2026-13-40", "<b>"])
def test_a_date_that_is_none_is_left_out_and_said(opened: Opener, word: str) -> None:
    page = asked(opened, **{"from": word, "after": "x" * 900, "row": "-1"})
    assert "Dropped from the address: from" in words(page)
    assert sheets.sheets(page)


def test_a_chosen_row_is_told_field_by_field_and_hostile_words_stay_text(desk: Desk, opened: Opener) -> None:
    with desk.store.writing() as session:
        before, after = {"role": "analyst", HOSTILE: None}, {"role": "admin", "sent": True, HOSTILE: HOSTILE}
        row = audit.record(
            session, SYSTEM, HOSTILE, HOSTILE, before=before, after=after, reason=f"{HOSTILE} \u202eegap"
        )
        number = row.id
    page = asked(opened, row=str(number))
    facts, compared = page.table
    told = compared.value.set_index("Field")
    assert told.loc["role"].tolist() == ["analyst", "admin"]
    assert told.loc["sent"].tolist() == [f":gray[{formats.DASH}]", "yes"]
    (written,) = page.code
    assert ("\\u202eegap" in written.value, "\u202e" in written.value) == (True, False)
    assert "![x](http" not in words(page) + str(facts.value.to_dict()) + str(compared.value.to_dict())


@pytest.mark.parametrize("value", ["a word", 3, ["a", "b"], "x" * 9_000, {"deep": {"er": [1]}}])
def test_any_value_is_told(desk: Desk, opened: Opener, value: object) -> None:
    with desk.store.writing() as session:
        number = audit.record(session, SYSTEM, "try.it", "thing", before=value, after=None).id
    assert len(asked(opened, row=str(number)).table) == 2


def test_a_row_that_does_not_exist_is_said(opened: Opener) -> None:
    assert "There is no such row." in words(asked(opened, row="999999"))


def test_the_chain_is_verified_and_a_changed_row_is_named(filled: Desk, opened: Opener) -> None:
    page = asked(opened).button(key="verify_chain").click().run()
    assert "**The chain holds**" in words(page)
    with filled.store.bulk() as link:
        link.execute(text("UPDATE audit SET actor = 'somebody else' WHERE id = 7"))
    page = page.button(key="verify_chain").click().run()
    assert "**The chain is broken at row 7**" in words(page)
