"""The card of one case: what each role may do in each state, and what a reader is told first."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from data.store import now
from data.types import Role, Rule
from pages.ui.text import plain
from services import people
from services.access import SYSTEM, Actor
from services.approvals import asking, decisions, rules
from services.approvals.asking import Account, Wish
from services.desk import Desk
from tests import seeds

APPROVALS = "approvals/approvals.py"
MAREK, INGRID = Actor("marek", Role.MARKETER), Actor("ingrid", Role.ADMIN)
HOSTILE = "![x](http://127.0.0.1:9/x) <b>:red[now]</b>"

Opener = Callable[..., AppTest]


@pytest.fixture(name="case")
def requested(desk: Desk) -> int:
    """A case that Marek requested, of a connection with a history of 30 days."""
    people.ensure_demo_people(desk)
    source = seeds.source(desk.store, "beside")
    known = seeds.connection(desk.store, source, 1, name=HOSTILE, followers=9_114, url="https://instagram.com/nova")
    seeds.points(desk.store, known, {(now() - timedelta(days=day)).date(): 9_000 + day for day in range(30)})
    return asking.request(desk, MAREK, known, Wish("For the fair.", now() + timedelta(hours=1))).case


def words(page: AppTest) -> str:
    tables = [str(each.value.to_dict()) for each in page.table]
    return "\n".join([*(element.value for element in [*page.markdown, *page.caption]), *tables])


def deeds(page: AppTest) -> dict[str, bool]:
    """Give the buttons of the card by label, and whether each can be pressed."""
    found = [each for each in page.button if str(each.key).startswith(("case_", "request_"))]
    return {each.label: not each.disabled for each in found if each.label not in {"Away …", "Rules …"}}


def pressed(page: AppTest, label: str) -> AppTest:
    page = next(each for each in page.button if each.label == label).click().run()
    assert not page.exception
    return page


def write(desk: Desk, number: int, **values: Any) -> None:
    """Let a case stand as no service would put it in a test without a vendor."""
    told = ", ".join(f"{name} = '{value}'" for name, value in values.items())
    with desk.store.bulk() as link:
        link.exec_driver_sql(f"UPDATE cases SET {told} WHERE id = {number}")


def test_each_role_finds_its_own_deeds(opened: Opener, case: int) -> None:
    shown = opened(APPROVALS, "ana", case=str(case))
    assert deeds(shown) == {}
    assert f"Admins decide it. {plain('Marek Øvergård (marek)')} asked for it." in words(shown)
    assert deeds(opened(APPROVALS, "marek", case=str(case), tab="mine")) == {"Withdraw …": True}
    shown = opened(APPROVALS, "ingrid", case=str(case))
    assert deeds(shown) == {"Approve": True, "Decline": False, "Ask for changes": False, "Hold": True}
    assert "Approving sends one request to zocial and pins what you see here to the decision." in words(shown)
    assert shown.button(key=f"case_approve_{case}_1").proto.shortcut == "a"
    assert "**9,114**" in words(shown)
    assert "“For the fair" in words(shown)
    assert "due in 59 min" in words(shown)


def test_a_decision_needs_its_reason_and_the_requester_reads_it(opened: Opener, case: int) -> None:
    page = opened(APPROVALS, "ingrid", case=str(case))
    reason = next(each for each in page.text_input if each.label == "Reason")
    page = pressed(reason.set_value(f"Wrong page {HOSTILE}").run(), "Decline")
    assert [each.value for each in page.toast] == [plain(f"Case {case} is declined.")]
    assert "**Declined by you.**" in words(page)
    page = opened(APPROVALS, "marek", case=str(case), tab="decided")
    assert f"**Declined by {plain('Ingrid Sjöberg (ingrid)')}.** “{plain(f'Wrong page {HOSTILE}')}”" in words(page)
    assert "](http" not in words(page)
    page = pressed(pressed(page, "Request again …"), "Request again")
    assert [each.value for each in page.toast] == [plain(f"Case {case} is requested again.")]
    assert "version 3" in words(page)


def test_ones_own_request_is_closed_and_says_why(desk: Desk, opened: Opener) -> None:
    people.ensure_demo_people(desk)
    own = asking.submit(desk, INGRID, Account("tiktok", "sol", "https://tiktok.com/@sol")).case
    page = opened(APPROVALS, "ingrid", case=str(own))
    closed = ("Approve", "Decline", "Ask for changes", "Hold")
    assert deeds(page) == {**dict.fromkeys(closed, False), "Withdraw …": True}
    assert "nobody decides on their own request" in words(page)
    assert "none reports it: :gray[this was typed in]" in words(page)


def test_the_second_approval_is_another_persons(desk: Desk, opened: Opener, case: int) -> None:
    rules.set_rule(desk, INGRID, Rule.TWO_ABOVE, 1_000)
    page = opened(APPROVALS, "ingrid", case=str(case))
    assert "is the first of two approvals" in words(page)
    page = pressed(page, "Approve")
    assert "**You approved it first.**" in words(page)
    assert not deeds(page)["Approve"]


def test_a_step_that_fails_is_told_and_what_was_typed_stays(opened: Opener, case: int) -> None:
    page = opened(APPROVALS, "ingrid", case=str(case))
    page = next(each for each in page.text_input if each.label == "Reason").set_value("fine").run()
    page = pressed(page, "Approve")  # no pretended vendor runs beside this test
    assert "**The sandbox is not running\\.**" in words(page)
    assert next(each for each in page.text_input if each.label == "Reason").value == "fine"
    assert deeds(page)["Approve"]


@pytest.mark.parametrize(
    ("stands", "says"),
    [
        ({"state": "held", "reason": "Legal."}, ("**Put on hold by Marek Øvergård", "Release")),
        ({"state": "approved", "decided_at": "2026-01-02"}, ("nothing was sent.**", "Send now")),
        ({"state": "submitted", "approval_id": 4711}, ("as number 4711", "Read Zocial's list now")),
        ({"state": "unknown"}, ("It is never sent a second time", "Read Zocial's list now")),
        (
            {"state": "refused", "code": "validation_error", "code_field": "network_url", "answer": HOSTILE},
            ("It names **the address of the profile**.", "Request approval …"),
        ),
        (
            {"state": "rejected", "decision": "approved", "vendor_word": "rejected", "vendor_word_at": "2026-01-02"},
            ("**We approved it, Zocial rejected it on 02 Jan 2026", "Request approval …"),
        ),
        ({"state": "accepted"}, ("As pinned with the request; nothing known now differs", None)),
    ],
    ids=lambda value: value["state"] if isinstance(value, dict) and "state" in value else None,
)
def test_each_state_says_what_it_means(
    desk: Desk, opened: Opener, case: int, stands: dict[str, Any], says: tuple[str, str | None]
) -> None:
    write(desk, case, **stands)
    page = opened(APPROVALS, "ingrid", case=str(case), tab="all")
    sentence, deed = says
    assert sentence in words(page)
    assert deeds(page) == ({deed: True} if deed else {})
    assert "](http" not in words(page)


def test_what_differs_from_what_was_pinned_stands_side_by_side(desk: Desk, opened: Opener, case: int) -> None:
    decisions.hold(desk, INGRID, case, seen=1)
    with desk.store.bulk() as link:
        link.exec_driver_sql("UPDATE connections SET followers = 4000, handle = 'other'")
    page = opened(APPROVALS, "ingrid", case=str(case))
    assert page.expander[0].label == "2 fields changed since it was requested"
    write(desk, case, state="requested", difference='{"followers": [9114, 4000]}')
    page = opened(APPROVALS, "ingrid", case=str(case))
    assert "**Came back: followers fell from 9,114 to 4,000.**" in words(page)


def test_a_case_that_is_not_there_is_said_to_be_so(opened: Opener) -> None:
    told = words(opened(APPROVALS, "ana", case="99999"))
    assert "There is no case 99999" in told
    assert told.count("99999") == 1


def test_a_case_is_taken_by_a_button_and_given_to_those_who_may_decide_it(
    desk: Desk, opened: Opener, case: int
) -> None:
    people.add(desk, INGRID, "olga", role=Role.ADMIN, password="a long enough password")
    page = opened(APPROVALS, "ingrid", case=str(case))
    page.session_state[f"case_assign_{case}_1"] = True
    page.run()
    assert next(each for each in page.selectbox if each.label == "Who decides it").options == ["olga"]
    page = pressed(page, "Take it myself")
    assert [each.value for each in page.toast] == [f"Case {case} is given to ingrid\\."]


def test_an_account_that_was_typed_in_and_refused_is_asked_for_again(desk: Desk, opened: Opener) -> None:
    people.ensure_demo_people(desk)
    nova = Account("instagram", "nova.coffee", "https://instagram.com/nova.coffee", 5_000, "coffee")
    number = asking.submit(desk, MAREK, nova).case
    write(desk, number, state="refused", code="validation_error")
    page = pressed(opened(APPROVALS, "marek", tab="all", case=str(number)), "Request it again …")
    assert page.text_input(key="typed_handle").value == "nova.coffee"
    page.number_input(key="typed_followers").set_value(-4)
    page.button(key="typed_do").click().run()
    assert set(page.session_state["typed_wrong"]) == {"followers"}
    page.number_input(key="typed_followers").set_value(5_000)
    page.button(key="typed_do").click().run()
    assert f"case {number + 1} · version 1" in words(page)


def test_rules_say_what_they_would_have_done_before_they_are_set(desk: Desk, opened: Opener, case: int) -> None:
    with desk.store.bulk() as link:
        approved = (
            case,
            f"{now():%Y-%m-%d %H:%M:%S.%f}",
            "ingrid",
            "case.approve",
            "approved",
            2,
            '{"followers": 9114}',
        )
        names = "case_id, at, actor, action, after, version, evidence"
        link.exec_driver_sql(f"INSERT INTO case_events ({names}) VALUES (?, ?, ?, ?, ?, ?, ?)", approved)
    page = pressed(opened(APPROVALS, "ingrid"), "Rules …")
    page.number_input(key="rule_two_above").set_value(5_000).run()
    assert "Second approval: asked for in **1** of 1 approved case." in words(page)
    assert rules.rules(desk) == {}
    page = pressed(page, "Set 1 rule")
    assert rules.rules(desk) == {Rule.TWO_ABOVE: 5_000}


def test_who_is_away_names_who_decides_and_can_end_it(desk: Desk, opened: Opener) -> None:
    assert "case_away" not in {str(each.key) for each in opened(APPROVALS, "marek").button}
    people.add(desk, SYSTEM, "olga", role=Role.ADMIN, password="a second pair of eyes")
    page = pressed(pressed(opened(APPROVALS, "ingrid"), "Away …"), "Let them decide")
    (held,) = rules.stand_ins(desk)
    assert (held.away, held.delegate) == ("ingrid", "olga")
    page = pressed(page, "Away …")
    assert "**olga** for you" in words(page)
    pressed(page, "End")
    assert rules.stand_ins(desk) == ()
