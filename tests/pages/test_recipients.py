"""Recipients: an admin keeps them, a marketer sees them, and each deed shows its plan."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from data.types import Role
from pages.ui.text import plain
from services.access import SYSTEM, Actor
from services.desk import Desk
from services.messaging import drafts, recipients
from tests.pages import sheets
from tests.pages.test_people import pressed, typed, words

RECIPIENTS = "settings/recipients.py"
MAREK = Actor("marek", Role.MARKETER)
LENA = "17841400000000101"

Opener = Callable[..., AppTest]


@pytest.fixture
def lena(desk: Desk) -> None:
    recipients.add(desk, SYSTEM, "Lena", LENA, variables={"first_name": "Lena"}, consent="Mail")


def kept(desk: Desk) -> dict[str, tuple[str, dict[str, str], str]]:
    return {each.name: (each.igsid, each.variables, each.consent) for each in recipients.listing(desk, SYSTEM).rows}


@pytest.mark.usefixtures("lena")
def test_an_analyst_is_told_whom_to_ask(opened: Opener) -> None:
    page = opened(RECIPIENTS, "ana")
    assert "may not compose messages" in words(page)
    assert not sheets.sheets(page)


@pytest.mark.usefixtures("lena")
def test_a_marketer_sees_the_list_and_can_change_nothing(opened: Opener) -> None:
    page = opened(RECIPIENTS, "marek")
    assert sheets.column(page, "name") == ["Lena"]
    assert "1 recipient · Messages go to these people only; admins keep the list" in words(page)
    assert "first" in str(page.table[0].value.to_dict())
    keys = {each.key for each in page.button}
    assert not keys & {"add_recipient", "import_recipients", "edit_recipient", "remove_recipient"}


def test_without_recipients_the_page_says_what_to_do(opened: Opener) -> None:
    assert "Add one, or import a CSV file." in words(opened(RECIPIENTS, "ingrid"))
    assert "Ask an admin to add one." in words(opened(RECIPIENTS, "marek"))


def test_a_recipient_is_added_and_refused_in_words(desk: Desk, opened: Opener) -> None:
    page = opened(RECIPIENTS, "ingrid").button(key="add_recipient").click().run()
    typed(page, {"Name": "Lena", "igsid": "igsid", "Consent: how this person agreed to tests": "Mail"})
    page.text_area[0].set_value("first_name = Lena\n\ncity=Zürich = home")
    page = pressed(page, "Add the recipient")
    assert "placeholder" in words(page)
    assert kept(desk) == {}
    typed(page, {"igsid": LENA})
    page = pressed(page, "Add the recipient")
    assert [each.value for each in page.toast] == [plain("Lena is kept.")]
    assert kept(desk) == {"Lena": (LENA, {"first_name": "Lena", "city": "Zürich = home"}, "Mail")}


@pytest.mark.usefixtures("lena")
def test_a_recipient_is_edited(desk: Desk, opened: Opener) -> None:
    page = opened(RECIPIENTS, "ingrid").button(key="edit_recipient").click().run()
    assert page.text_area[0].value == "first_name = Lena"
    typed(page, {"Name": "Test phone Zürich"})
    page.text_area[0].set_value("first_name")
    assert "has no value" in words(pressed(page, "Save the recipient"))
    page.text_area[0].set_value("first_name = Helena")
    pressed(page, "Save the recipient")
    assert kept(desk) == {"Test phone Zürich": (LENA, {"first_name": "Helena"}, "Mail")}


@pytest.mark.usefixtures("lena")
def test_removing_says_what_it_stops(desk: Desk, opened: Opener) -> None:
    drafts.create(desk, MAREK, {"content": "Hi"}, recipient="Lena")
    page = opened(RECIPIENTS, "ingrid").button(key="remove_recipient").click().run()
    assert "**Nothing has happened yet.**" in words(page)
    assert "1 draft can't be sent until another recipient is chosen." in words(page)
    page.button(key="plan_do").click().run()
    assert kept(desk) == {}


@pytest.mark.usefixtures("lena")
def test_a_search_narrows_the_list(desk: Desk, opened: Opener) -> None:
    recipients.add(desk, SYSTEM, "Otto", "2")
    page = opened(RECIPIENTS, "marek")
    page = page.text_input(key="q").set_value("ott").run()
    assert sheets.column(page, "name") == ["Otto"]
    page = page.text_input(key="q").set_value("![x](http://a.example)").run()
    assert not sheets.sheets(page)
    assert "![x](http" not in words(page)


@pytest.mark.usefixtures("lena")
def test_a_file_shows_its_plan_before_it_is_imported(desk: Desk, opened: Opener) -> None:
    page = opened(RECIPIENTS, "ingrid").button(key="import_recipients").click().run()
    file = "name;igsid;first_name\nLena;;Helena\nOtto;igsid;Otto\n"
    page = page.file_uploader[0].upload("phones.csv", file.encode(), "text/csv").run()
    assert "1 line can't be taken" in words(page)
    assert page.button(key="import_do").disabled
    assert list(page.dataframe[-1].value["line"]) == [3, 2]
    page = page.file_uploader[0].upload("phones.csv", file.replace(";igsid;O", ";2;O").encode(), "text/csv").run()
    assert "**1 new, 1 changed, 0 as they are.** Nothing has happened yet." in words(page)
    assert set(kept(desk)) == {"Lena"}
    page = page.button(key="import_do").click().run()
    assert [each.value for each in page.toast] == [plain("Imported: 1 new, 1 changed.")]
    assert kept(desk)["Lena"] == (LENA, {"first_name": "Helena"}, "Mail")
    assert set(kept(desk)) == {"Lena", "Otto"}


def test_hostile_words_of_a_recipient_stay_text(desk: Desk, opened: Opener) -> None:
    hostile = "![x](http://127.0.0.1:9/x) :material/bolt:"
    recipients.add(desk, SYSTEM, hostile, "1", variables={"first_name": hostile}, consent=hostile)
    page = opened(RECIPIENTS, "ingrid")
    assert "![x](http" not in words(page) + str(page.table[0].value.to_dict())
    assert hostile in sheets.column(page, "name")
