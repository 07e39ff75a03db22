"""Requesting approvals: who may, what the plan is made of, and what a typed-in account is told at each field."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from data.queries import cases
from data.queries.cases import CaseFilter, CaseRow
from data.store import now
from services.desk import Desk
from tests import seeds

NETWORKS, ACCOUNT, APPROVALS = "networks/networks.py", "networks/account.py", "approvals/approvals.py"
Opener = Callable[..., AppTest]


def words(page: AppTest) -> str:
    return "\n".join(element.value for element in page.markdown)


def links(page: AppTest) -> dict[str, str]:
    return {link.proto.label: link.proto.query_string for link in page.get("page_link")}


def all_cases(desk: Desk) -> list[CaseRow]:
    with desk.store.reading() as session:
        return cases.listing(session, CaseFilter())[1]


@pytest.fixture
def three(desk: Desk) -> Desk:
    """Three connections of one source, which is not Zocial's; two of them are one account."""
    source = seeds.source(desk.store, "north", last_complete_at=now())
    for number in (1, 2, 3):
        account = {"account": 1} if number < 3 else {}
        seeds.connection(desk.store, source, number, followers=number * 100, name=f"Shop {number}", **account)
    seeds.count(desk.store)
    return desk


@pytest.mark.usefixtures("three")
def test_an_analyst_is_offered_no_request_anywhere(opened: Opener) -> None:
    for script, parameters in ((NETWORKS, {}), (ACCOUNT, {"id": "c00003"}), (APPROVALS, {})):
        page = opened(script, "ana", **parameters)
        assert not [button.key for button in page.button if "request" in button.key or "submit" in button.key]


@pytest.mark.usefixtures("three")
def test_a_past_day_offers_no_request(opened: Opener) -> None:
    yesterday = (now() - timedelta(days=1)).date().isoformat()
    for script, parameters in ((NETWORKS, {}), (ACCOUNT, {"id": "c00003"})):
        page = opened(script, "marek", asof=yesterday, **parameters)
        assert not [button.key for button in page.button if "request" in button.key]


def test_all_that_match_become_a_plan_with_a_row_for_each_account(three: Desk, opened: Opener) -> None:
    page = opened(NETWORKS, "marek")
    assert page.button(key="pick_request").disabled
    page.button(key="pick_all").click().run()
    page.button(key="pick_request").click().run()
    assert "**All 2 accounts.**" in words(page)
    page.text_area(key="wish_note").set_value("Spring")
    page.button(key="request_plan").click().run()
    assert "**2 will be requested" in words(page)
    assert all_cases(three) == []


def test_one_account_is_requested_with_its_note_and_its_time(three: Desk, opened: Opener) -> None:
    page = opened(ACCOUNT, "marek", id="c00003")
    page.button(key="request_one").click().run()
    page.text_area(key="wish_note").set_value("[x](y)")
    for days, over in ((-1, True), (2, False)):
        due = (now() + timedelta(days=days)).replace(second=0, microsecond=0)
        page.datetime_input(key="wish_due").set_value(due.replace(tzinfo=None)).run()
        assert page.button(key="request_do").disabled is over
    page.button(key="request_do").click().run()
    (case,) = all_cases(three)
    assert (case.connection_id, case.note, case.due_at) == ("c00003", "[x](y)", due)
    assert links(page)["Case 1: requested"] == "case=1"
    assert r"\[x\]\(y\)" in words(page)
    assert "request_one" not in {button.key for button in page.button}


def _typed(page: AppTest, platform: str | None, handle: str) -> AppTest:
    page.button(key="submit_account").click().run()
    page.selectbox(key="typed_platform").set_value(platform)
    page.text_input(key="typed_handle").set_value(handle)
    page.text_input(key="typed_url").set_value(f"https://instagram.com/{handle}")
    return page.button(key="typed_do").click().run()


def test_a_typed_in_account_opens_a_case_unless_something_is_wrong_or_known(three: Desk, opened: Opener) -> None:
    page = opened(APPROVALS, "marek")
    _typed(page, None, "two words")
    assert set(page.session_state["typed_wrong"]) == {"platform", "handle", "url"}
    _typed(page, "instagram", "handle.3")
    assert page.session_state["typed_known"].connection == "c00003"
    assert all_cases(three) == []
    _typed(page, "instagram", "nova.coffee")
    assert [(case.id, case.handle, case.requested_by) for case in all_cases(three)] == [(1, "nova.coffee", "marek")]
    assert page.query_params["case"] == "1"
    _typed(page, "instagram", "nova.coffee")
    assert page.session_state["typed_known"].standing == 1
    assert len(all_cases(three)) == 1
