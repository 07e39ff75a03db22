"""People: an admin adds, changes and disables; each deed shows its plan, and no password stays anywhere."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from data import trail
from data.queries.people import Listed
from data.types import Role
from pages.ui.text import plain
from services import lockouts, people, sessions
from services.access import SYSTEM
from services.desk import Desk
from services.failures import Failure
from tests.pages import sheets

PEOPLE = "settings/people.py"
FIRST = "canary of a first password"

Opener = Callable[..., AppTest]


def words(page: AppTest) -> str:
    return "\n".join(element.value for element in page.markdown)


def listed(desk: Desk) -> dict[str, Listed]:
    return {each.username: each for each in people.everyone(desk, SYSTEM)}


def shown(opened: Opener, who: str) -> AppTest:
    """Open the page as an admin with one person chosen."""
    page = opened("overview/today.py", "ingrid")
    page.query_params["person"] = who
    return page.switch_page(PEOPLE).run()


def typed(page: AppTest, values: dict[str, str]) -> None:
    for label, value in values.items():
        next(each for each in page.text_input if each.label == label).set_value(value)


def pressed(page: AppTest, label: str) -> AppTest:
    page = next(each for each in page.button if each.label == label).click().run()
    assert not page.exception
    return page


def add(page: AppTest, username: str, first: str = FIRST, again: str = FIRST, role: Role = Role.MARKETER) -> AppTest:
    page = page.button(key="add_person").click().run()
    typed(page, {"User name": username, "Shown name": "Inès", "First password": first, "First password again": again})
    page.radio(key="add_role").set_value(role)
    return pressed(page, "Add the person")


@pytest.mark.parametrize("who", ["ana", "marek"])
def test_who_is_no_admin_is_told_whom_to_ask(opened: Opener, who: str) -> None:
    page = opened(PEOPLE, who)
    assert "may not manage people" in words(page)
    assert not sheets.sheets(page)


def test_an_added_person_may_sign_in_and_the_password_is_nowhere(desk: Desk, opened: Opener) -> None:
    page = add(opened(PEOPLE, "ingrid"), "Ines.Moreau")
    assert [each.value for each in page.toast] == [plain("ines.moreau may now sign in as marketer.")]
    assert (listed(desk)["ines.moreau"].role, listed(desk)["ines.moreau"].name) == (Role.MARKETER, "Inès")
    assert FIRST not in str(vars(page.session_state._state))
    with desk.store.reading() as session:
        assert FIRST not in str(list(trail.in_order(session)))
    assert "ines.moreau" in sheets.column(page, "username")


@pytest.mark.parametrize(
    ("username", "first", "again"),
    [("ana", FIRST, FIRST), ("a b", FIRST, FIRST), ("ines", "short", "short"), ("ines", FIRST, FIRST + "?")],
)
def test_a_person_who_can_not_be_added_is_refused_and_nobody_is_new(
    desk: Desk, opened: Opener, username: str, first: str, again: str
) -> None:
    page = add(opened(PEOPLE, "ingrid"), username, first, again)
    assert not page.toast
    assert set(listed(desk)) == {"ana", "ingrid", "marek"}
    assert FIRST not in str(vars(page.session_state._state))


def test_disabling_shows_its_plan_then_ends_the_sessions(
    desk: Desk, opened: Opener, cookie: Callable[[str], str]
) -> None:
    token = cookie("marek")
    page = shown(opened, "marek")
    page = page.button(key="disable").click().run()
    assert "**Nothing has happened yet.**" in words(page)
    assert "1 open session will end" in words(page)
    assert sessions.person(desk, token) is not None
    page = page.button(key="plan_do").click().run()
    assert sessions.person(desk, token) is None
    assert "Disabled]" in str(page.table[0].value.to_dict())
    assert page.button(key="enable")


def test_the_last_admin_can_not_be_lost(desk: Desk, opened: Opener) -> None:
    page = shown(opened, "ingrid")
    page = page.button(key="disable").click().run()
    assert "**This is you.**" in words(page)
    page.button(key="plan_do").click().run()
    assert listed(desk)["ingrid"].disabled_at is None
    page = shown(opened, "ingrid").button(key="change_role").click().run()
    page.radio(key="person_new_role").set_value(Role.ANALYST)
    pressed(page, "Change the role")
    assert listed(desk)["ingrid"].role is Role.ADMIN


def test_a_role_and_a_password_are_changed(desk: Desk, opened: Opener, cookie: Callable[[str], str]) -> None:
    page = shown(opened, "marek").button(key="change_role").click().run()
    page.radio(key="person_new_role").set_value(Role.ANALYST)
    page = pressed(page, "Change the role")
    assert listed(desk)["marek"].role is Role.ANALYST
    token = cookie("marek")
    page = shown(opened, "marek").button(key="reset_password").click().run()
    typed(page, {"New password": FIRST, "New password again": FIRST})
    page = pressed(page, "Set the password")
    assert sessions.person(desk, token) is None
    assert FIRST not in str(vars(page.session_state._state))


def test_a_person_locked_out_is_marked_and_unlocked(desk: Desk, opened: Opener) -> None:
    opened(PEOPLE, "ingrid")
    for _ in range(lockouts.ACCOUNT_TRIES):
        with pytest.raises(Failure):
            sessions.sign_in(desk, "marek", "a guess", address="there", agent="", verify=lambda *_: False)
    page = shown(opened, "marek")
    assert "Locked out]" in str(page.table[0].value.to_dict())
    page = page.button(key="unlock").click().run()
    page.button(key="plan_do").click().run()
    assert listed(desk)["marek"].locked_until is None


def test_hostile_names_stay_text(desk: Desk, opened: Opener) -> None:
    hostile = "![x](http://127.0.0.1:9/x) :material/bolt:"
    people.add(desk, SYSTEM, "mallory", role=Role.ANALYST, password=FIRST, name=hostile, email=hostile)
    page = shown(opened, "mallory")
    assert "![x](http" not in words(page) + str(page.table[0].value.to_dict())
    assert hostile in sheets.column(page, "name")
