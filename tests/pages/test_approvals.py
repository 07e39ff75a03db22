"""Approvals: the queue by role, one case beside it, and what is decided of many at once."""

from collections.abc import Callable, Iterator

import pytest
from streamlit.testing.v1 import AppTest

from data.queries import cases
from data.types import Role
from pages.ui.text import plain
from services import people
from services.access import Actor
from services.approvals import asking, decisions, own, plans
from services.approvals import work as approvals_work
from services.approvals.asking import Account, Wish
from services.desk import Desk
from tests.pages import sheets

APPROVALS = "approvals/approvals.py"
MAREK, INGRID = Actor("marek", Role.MARKETER), Actor("ingrid", Role.ADMIN)
HOSTILE = "![x](http://127.0.0.1:9/x)"
WAIT = 20.0

Opener = Callable[..., AppTest]


@pytest.fixture
def queue(desk: Desk) -> Iterator[list[int]]:
    """Two cases that Marek requested and one of Ingrid."""
    people.ensure_demo_people(desk)
    yield [
        asking.submit(desk, who, Account("instagram", name, f"https://instagram.com/{name}"), Wish(name)).case
        for who, name in ((MAREK, "nova"), (MAREK, "luna"), (INGRID, "sol"))
    ]
    approvals_work.put_away("ingrid")


def words(page: AppTest) -> str:
    return "\n".join(element.value for element in [*page.markdown, *page.caption])


def shown(page: AppTest) -> list[int]:
    return [int(number) for number in sheets.column(page, "case")]


def state(desk: Desk, number: int) -> str:
    with desk.store.reading() as session:
        return cases.some(session, [number])[number].state


def keys(page: AppTest) -> set[str]:
    return {str(button.key) for button in page.button}


def rested(page: AppTest) -> AppTest:
    """Give a page to which the case that opened itself has followed, as it does once a browser rests."""
    return page.run()


def pressed(page: AppTest, key: str) -> AppTest:
    page = page.button(key=key).click().run()
    assert not page.exception
    return page


def test_everybody_sees_the_queue_and_only_who_decides_can_choose_many(opened: Opener, queue: list[int]) -> None:
    for who in ("ana", "marek"):
        page = opened(APPROVALS, who)
        assert "bulk_approve" not in keys(page)
    assert shown(opened(APPROVALS, "ana")) == queue
    page = opened(APPROVALS, "ingrid")
    assert shown(page) == queue[:2]  # never one's own
    assert page.button(key="bulk_approve").disabled
    assert sorted(shown(opened(APPROVALS, "marek", tab="mine"))) == queue[:2]


def test_an_empty_queue_says_what_comes_there(opened: Opener) -> None:
    page = opened(APPROVALS, "ingrid")
    assert "**Nothing waits for a decision.**" in words(page)
    assert not sheets.sheets(page)


def test_nonsense_in_the_address_is_named_and_what_narrows_can_be_lifted(opened: Opener, queue: list[int]) -> None:
    page = opened(APPROVALS, "ana", q="luna", sort=HOSTILE, platform="Nowhere", after="x", size="9")
    assert shown(page) == queue[1:2]
    assert "Dropped from the address" in words(page)
    assert "![x](http" not in words(page)
    assert "it begins at its start" in words(page)
    page = opened(APPROVALS, "ana", q="zzz")
    assert "**No case matches** under To decide: search zzz." in words(page)
    assert shown(pressed(page, "lift_q")) == queue


def test_a_link_opens_a_case_that_is_not_under_the_tab_and_says_so(
    desk: Desk, opened: Opener, queue: list[int]
) -> None:
    decisions.decline(desk, INGRID, queue[0], seen=1, reason="No contract.")
    page = opened(APPROVALS, "ingrid", case=str(queue[0]))
    assert f"Case {queue[0]} is not among the cases shown under To decide" in words(page)
    assert f"case {queue[0]} · version 2" in words(page)
    page = pressed(page, "open_first")
    assert f"case {queue[1]} · version 1" in words(page)
    assert "is not among" not in words(page)


def test_the_open_case_stays_whatever_becomes_of_it_until_a_person_opens_another(
    desk: Desk, opened: Opener, queue: list[int]
) -> None:
    page = rested(opened(APPROVALS, "ingrid"))
    assert len(shown(page)) == len(queue) - 1, "Ingrid's own is for somebody else"
    first, second = shown(page)[:2]
    assert f"case {first} ·" in words(page)
    own.withdraw(desk, MAREK, first, seen=1)
    page.run()
    assert first not in shown(page)
    assert f"case {first} ·" in words(page)
    assert f"Case {first} is not among the cases shown under To decide." in words(page)
    pressed(page, "open_first")
    assert f"case {second} ·" in words(page)
    own.withdraw(desk, MAREK, second, seen=1)
    page.switch_page("networks/networks.py").run()
    rested(page.switch_page(APPROVALS).run())
    assert f"case {second} ·" not in words(page), "who comes back finds the list as it is"
    assert "**Nothing waits for a decision.**" in words(page)


def test_another_list_keeps_the_open_case_if_it_holds_it_and_else_opens_its_first(
    opened: Opener, queue: list[int]
) -> None:
    nova, luna, _ = queue
    page = opened(APPROVALS, "ingrid", case=str(luna))
    page = page.selectbox(key="sort").select("Largest first").run()
    assert "case" not in page.query_params
    assert f"case {luna} ·" in words(page)
    assert sheets.sheets(page)[0]["open"] == str(luna)
    page = page.text_input(key="q").input("nova").run()
    assert shown(page) == [nova]
    assert f"case {nova} ·" in words(page)
    assert "is not among" not in words(page)


def test_a_new_page_draws_its_rows_first_but_for_a_case_that_its_address_names(
    opened: Opener, queue: list[int]
) -> None:
    page = opened(APPROVALS, "ingrid")
    assert shown(page) == queue[:2]
    assert not any(key.startswith("case_approve") for key in keys(page))
    assert f"case_approve_{queue[0]}_1" in keys(rested(page))
    assert f"case_approve_{queue[1]}_1" in keys(opened(APPROVALS, "ingrid", case=str(queue[1])))


def test_after_a_step_the_next_one_opens_itself_unless_the_address_names_the_case(
    opened: Opener, queue: list[int]
) -> None:
    first, second, _ = queue
    page = rested(opened(APPROVALS, "ingrid"))
    page.text_input(key=f"case_words_{first}_0").input("Why.").run()
    pressed(page, f"case_decline_{first}_1")
    assert f"case {second} ·" in words(page)
    page = opened(APPROVALS, "ingrid", case=str(second))
    page.text_input(key=f"case_words_{second}_0").input("Why.").run()
    pressed(page, f"case_decline_{second}_1")
    assert f"case {second} ·" in words(page)
    assert "Declined by you" in words(page)


def test_many_are_decided_by_a_plan_that_is_shown_first(desk: Desk, opened: Opener, queue: list[int]) -> None:
    page = pressed(opened(APPROVALS, "ingrid", tab="all"), "pick_all")
    page = pressed(page, "bulk_approve")
    assert plain("2 will be sent, 1 will be left alone.") in words(page)
    assert "your own request" in str(page.table[-1].value.to_dict())
    assert {state(desk, number) for number in queue} == {"requested"}
    assert not page.button(key="case_plan_do").disabled


def test_the_results_of_a_plan_stand_on_the_page_until_they_are_put_away(
    desk: Desk, opened: Opener, queue: list[int]
) -> None:
    plan = plans.plan_decisions(desk, INGRID, "decline", queue, reason=HOSTILE)
    decisions.hold(desk, Actor("olga", Role.ADMIN), queue[1], seen=1)
    work = approvals_work.begin(desk, INGRID, plan)
    assert work.wait(WAIT)
    page = opened(APPROVALS, "ingrid")
    assert "**Declining: 1 of 2 went as planned, 1 left alone**" in words(page)
    page = pressed(page, "case_plan_show")
    results = page.dataframe[-1].value
    assert [list(each) for each in results["outcome"]] == [["Changed meanwhile"], ["Done"], ["Left alone"]]
    assert "olga put it on hold" in results["words"][0]
    page = pressed(page, "case_plan_anew")
    assert plain("0 will be declined, 1 will be left alone.") in words(page)
    page = pressed(page, "case_plan_cancel")
    page = pressed(page, "case_plan_away")
    assert "**Declining" not in words(page)
    assert state(desk, queue[0]) == "declined"
