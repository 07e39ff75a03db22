"""A plan in work: beside the pages, one for each person, stoppable, and honest about how it ended."""

import pytest

from data.store import now
from services import works
from services.approvals import asking, carrying, decisions, left, plans
from services.approvals import work as approvals_work
from services.approvals.asking import Account
from services.approvals.work import Work
from services.desk import Desk
from services.failures import Failure
from tests import cached
from tests.services.approvals.approving import INGRID, MAREK, OLGA, asked, case

WAIT = 20.0


@pytest.fixture(autouse=True)
def nothing_in_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no other test find what these leave in work."""
    monkeypatch.setattr(works, "_works", {})


def some(desk: Desk, count: int) -> list[int]:
    accounts = [
        Account("instagram", f"shop.{number}", f"https://instagram.com/shop.{number}") for number in range(count)
    ]
    return [asked(desk, account) for account in accounts]


def begun(desk: Desk, numbers: list[int], action: str = "hold") -> Work:
    plan = plans.plan_decisions(desk, INGRID, action, numbers)
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
    work = Work(plans.plan_decisions(office, INGRID, "hold", numbers), now())
    work.stop()
    work.carry_out(office, INGRID)
    assert {done.kind for done in work.results} == {"stopped"}
    assert {case(office, number).state for number in numbers} == {"requested"}


def test_the_next_server_tells_what_was_done_and_what_is_left(office: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = some(office, 3)
    plan = plans.plan_decisions(office, INGRID, "hold", [*numbers, 999], reason="Legal.")
    left.keep(office, plan, now())  # as the server did that died after the first of these
    decisions.hold(office, INGRID, numbers[0], seen=1, reason="Legal.")
    decisions.hold(office, OLGA, numbers[1], seen=1)
    monkeypatch.setattr(works, "_works", {})
    assert approvals_work.take_up(office) == 1
    work = approvals_work.of("ingrid")
    assert work is not None
    assert (work.over, work.plan.reason) == (True, "Legal.")
    assert [each.kind for each in work.results] == ["done", "stopped", "stopped", "planned_out"]
    assert work.problem is not None
    approvals_work.put_away("ingrid")
    assert approvals_work.take_up(office) == 0


def test_requests_that_were_broken_off_are_told_by_their_cases(office: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row for row in cached.of_vendor(office.store, "late").values() if row["status"] == "accepted"][:2]
    plan = plans.plan_requests(office, MAREK, [row["id"] for row in rows])
    left.keep(office, plan, now())
    number = asking.request(office, MAREK, rows[0]["id"]).case
    monkeypatch.setattr(works, "_works", {})
    approvals_work.take_up(office)
    work = approvals_work.of("marek")
    assert work is not None
    assert [each.outcome and each.outcome.case for each in work.results] == [number, None]


def test_what_was_done_to_its_end_is_not_told_again(office: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = some(office, 2)
    assert begun(office, numbers).wait(WAIT)
    monkeypatch.setattr(works, "_works", {})
    assert approvals_work.take_up(office) == 0


def test_a_second_plan_of_the_same_person_waits_for_the_first(office: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plans.plan_decisions(office, INGRID, "hold", some(office, 1))
    monkeypatch.setitem(works._works, "ingrid", Work(plan, now()))
    with pytest.raises(Failure, match="Another plan of yours"):
        approvals_work.begin(office, INGRID, plan)
    approvals_work.put_away("ingrid")
    assert approvals_work.of("ingrid") is not None


def test_a_plan_of_somebody_else_breaks_off_and_says_so(office: Desk) -> None:
    plan = plans.plan_decisions(office, INGRID, "hold", some(office, 1))
    work = approvals_work.begin(office, OLGA, plan)
    assert work.wait(WAIT)
    assert work.problem is not None
    assert "ingrid's" in work.problem.message
    assert work.results == ()


def test_many_cases_are_given_to_somebody_who_may_decide(office: Desk) -> None:
    numbers = some(office, 2)
    with pytest.raises(Failure, match="may not decide"):
        plans.plan_decisions(office, INGRID, "assign", numbers, to=MAREK.username)
    plan = plans.plan_decisions(office, INGRID, "assign", [*numbers, 999], to="ingrid")
    assert [row.why for row in plan.rows] == ["", "", "misuse"]
    results = carrying.decide_planned(office, INGRID, plan)
    assert [done.kind for done in results] == ["done", "done", "planned_out"]
    assert {case(office, number).assignee for number in numbers} == {"ingrid"}
