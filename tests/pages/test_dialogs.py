"""Dialogs: what a person opened stays open while the page is drawn anew for another reason, with what was typed."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from data.store import now
from services import people
from services.desk import Desk
from tests import seeds

ACCOUNT, APPROVALS, NETWORKS = "networks/account.py", "approvals/approvals.py", "networks/networks.py"
PEOPLE = "settings/people.py"
Opener = Callable[..., AppTest]


def pressed(page: AppTest, *keys: str) -> AppTest:
    for key in keys:
        page = page.button(key=key).click().run()
        assert not page.exception
    return page


@pytest.fixture(autouse=True)
def _account(desk: Desk) -> None:
    """One account of two connections that Zocial and another source list, with a case of its own."""
    people.ensure_demo_people(desk)
    told = {"account": 1, "account_by": "handle", "handle": "cafe", "name": "Café", "followers": 100}
    for number, (name, vendor) in enumerate((("north", "zocial"), ("south", "late")), 1):
        source = seeds.source(desk.store, name, vendor=vendor, last_complete_at=now())
        seeds.connection(desk.store, source, number, **told)
    seeds.count(desk.store)


@pytest.mark.parametrize(
    ("script", "parameters", "way", "within"),
    [
        (PEOPLE, {}, ["add_person"], "add_name"),
        (PEOPLE, {}, ["disable"], "plan_do"),
        (APPROVALS, {}, ["case_rules"], "rules_cancel"),
        (APPROVALS, {}, ["submit_account"], "typed_cancel"),
        (NETWORKS, {}, ["pick_all", "pick_request"], "request_plan"),
        (NETWORKS, {}, ["pick_all", "pick_request", "request_plan"], "case_plan_do"),
        (NETWORKS, {}, ["pick_all", "pick_disconnect"], "part_do"),
        (ACCOUNT, {"id": "c00001"}, ["edit_1"], "extra_field_bio"),
        (ACCOUNT, {"id": "c00001"}, ["join"], "join_search"),
        (ACCOUNT, {"id": "c00001"}, ["disconnect_account"], "part_do"),
    ],
)
def test_a_run_from_elsewhere_leaves_it_open_and_another_page_does_not(
    opened: Opener, script: str, parameters: dict[str, str], way: list[str], within: str
) -> None:
    page = pressed(opened(script, "ingrid", **parameters), *way)
    assert within in drawn(page)
    assert within in drawn(page.run())  # the end of a sync draws the page anew
    page.switch_page("overview/today.py").run()
    assert within not in drawn(page.switch_page(script).run())


def drawn(page: AppTest) -> set[str]:
    """Give the keys of what can be pressed or typed into."""
    found = (page.button, page.text_input, page.text_area, page.selectbox)
    return {str(each.key) for kind in found for each in kind}


def test_what_was_typed_stays_and_cancel_closes_it(opened: Opener) -> None:
    page = pressed(opened(APPROVALS, "ingrid"), "submit_account")
    page.text_input(key="typed_handle").set_value("nova.coffee").run()
    assert page.run().text_input(key="typed_handle").value == "nova.coffee"
    page = pressed(page, "typed_cancel")
    assert "typed_handle" not in drawn(page.run())


def test_what_was_refused_stays_said_until_the_next_try(opened: Opener) -> None:
    page = pressed(opened(PEOPLE, "ingrid", person="ingrid"), "disable")
    page = pressed(page, "plan_do")
    refused = [each.value for each in page.markdown if ":material/error:" in each.value]
    assert refused
    assert [each.value for each in page.run().markdown if ":material/error:" in each.value] == refused


def test_a_plan_is_the_one_that_was_shown(desk: Desk, opened: Opener) -> None:
    page = pressed(opened(NETWORKS, "ingrid"), "pick_all", "pick_disconnect")
    assert "Disconnect 1 of 2" in page.button(key="part_do").label
    source = seeds.source(desk.store, "later", vendor="late", last_complete_at=now())
    seeds.connection(desk.store, source, 3, name="Later", handle="later")
    seeds.count(desk.store)
    assert "Disconnect 1 of 2" in page.run().button(key="part_do").label
