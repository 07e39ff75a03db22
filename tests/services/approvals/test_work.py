"""A plan in work: beside the pages, one for each person, stoppable, and honest about how it ended."""

import pytest

from data.store import now
from services import approvals_plans, approvals_work, works
from services.approvals_requests import Account
from services.approvals_work import Work
from services.desk import Desk
from services.failures import Failure
from tests.services.approvals.approving import INGRID, MAREK, OLGA, asked, case

WAIT = 20.0


def some(desk: Desk, count: int) -> list[int]:
    accounts = [
        Account("instagram", f"shop.{number}", f"https://instagram.com/shop.{number}") for number in range(count)
    ]
    return [asked(desk, account) for account in accounts]


def begun(desk: Desk, numbers: list[int], action: str = "hold") -> Work:
    plan = approvals_plans.plan_decisions(desk, INGRID, action, numbers)
    return approvals_work.begin(desk, INGRID, plan)


def test_a_plan_in_work_ends_with_a_result_a_row_until_it_is_put_away(office: Desk) -> None:
    numbers = some(office, 3)
    work = begun(office, numbers)
    assert work.wait(WAIT)
    assert approvals_work.of("ingrid") is work
    assert [done.ok for done in work.results] == [True] * 3
    assert (work.done, work.failed, work.problem) == (3, 0, None)
    approvals_work.put_away("ingrid")
    assert approvals_work.of("ingrid") is None
    assert {case(office, number).state for number in numbers} == {"held"}


def test_what_is_stopped_is_left_as_it_was(office: Desk) -> None:
    numbers = some(office, 2)
    work = Work(approvals_plans.plan_decisions(office, INGRID, "hold", numbers), now())
    work.stop()
    work.carry_out(office, INGRID)
    assert {done.kind for done in work.results} == {"stopped"}
    assert {case(office, number).state for number in numbers} == {"requested"}


def test_a_second_plan_of_the_same_person_waits_for_the_first(office: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = approvals_plans.plan_decisions(office, INGRID, "hold", some(office, 1))
    monkeypatch.setitem(works._works, "ingrid", Work(plan, now()))
    with pytest.raises(Failure, match="Another plan of yours"):
        approvals_work.begin(office, INGRID, plan)
    approvals_work.put_away("ingrid")
    assert approvals_work.of("ingrid") is not None


def test_a_plan_of_somebody_else_breaks_off_and_says_so(office: Desk) -> None:
    plan = approvals_plans.plan_decisions(office, INGRID, "hold", some(office, 1))
    work = approvals_work.begin(office, OLGA, plan)
    assert work.wait(WAIT)
    assert work.problem is not None
    assert "ingrid's" in work.problem.message
    assert work.results == ()


def test_many_cases_are_given_to_somebody_who_may_decide(office: Desk) -> None:
    numbers = some(office, 2)
    with pytest.raises(Failure, match="may not decide"):
        approvals_plans.plan_decisions(office, INGRID, "assign", numbers, to=MAREK.username)
    plan = approvals_plans.plan_decisions(office, INGRID, "assign", [*numbers, 999], to="ingrid")
    assert [row.why for row in plan.rows] == ["", "", "misuse"]
    results = approvals_plans.decide_planned(office, INGRID, plan)
    assert [done.kind for done in results] == ["done", "done", "planned_out"]
    assert {case(office, number).assignee for number in numbers} == {"ingrid"}
