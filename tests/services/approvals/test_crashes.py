"""A process that dies at any point of a submit, and two admins at once: nothing lost, nothing sent twice."""

import pytest

from data.models import Case
from data.types import CaseState
from services import audit
from services.approvals import sending
from services.approvals import steps as approvals_steps
from services.approvals.steps import Step
from services.desk import Desk
from services.failures import Failure
from services.sandbox import Sandbox
from tests import cached, processes
from tests.browser.desk import until
from tests.services.approvals.approving import INGRID, OLGA, approved, asked, case, events, later, sent, steps, write

APPROVE = """
import os, sys
from sqlalchemy import event
from data.types import Role
from services import pretended
from services.approvals import decisions
from services.access import Actor
from services.desk import open_desk
from services.failures import Failure
origin, number, seen, username, dies_at = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5]
pretended.answer_at(origin)
desk, commits = open_desk(), 0

@event.listens_for(desk.store.writer, "commit")
def count(link):
    global commits
    commits += 1
    if dies_at == f"commit {commits}":
        os.kill(os.getpid(), 9)

def watch(name, arguments):
    if name == "socket.connect" and dies_at == "connect":
        os.kill(os.getpid(), 9)

sys.addaudithook(watch)
print("ready", flush=True)
sys.stdin.readline()
try:
    print(decisions.approve(desk, Actor(username, Role.ADMIN), number, seen=seen).state, flush=True)
except Failure as failure:
    print(failure.kind, flush=True)
"""


def _start(origin: str, number: int, username: str, dies_at: str) -> processes.subprocess.Popen[str]:
    process = processes.start(APPROVE, origin, str(number), "1", username, dies_at)
    assert processes.said(process) == "ready"
    return process


def _go(process: processes.subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


@pytest.mark.parametrize(
    ("dies_at", "left", "requests", "ends"),
    [
        ("commit 1", "requested", 0, "requested"),
        ("connect", "submitting", 0, "requested"),
        ("commit 2", "submitting", 1, "accepted"),
    ],
)
def test_a_process_that_dies_leaves_a_case_that_the_list_settles(
    office: Desk,
    vendors: Sandbox,
    pretended_vendors: tuple[Sandbox, str],
    *,
    dies_at: str,
    left: str,
    requests: int,
    ends: str,
) -> None:
    number = asked(office)
    process = _start(pretended_vendors[1], number, "ingrid", dies_at)
    _go(process)
    process.communicate(timeout=60)
    assert process.returncode == -9
    assert (case(office, number).state, len(sent(vendors))) == (left, requests)

    assert sending.settle_abandoned(office) == (left == "submitting")
    if left == "submitting":
        assert case(office, number).state == "unknown"
        with pytest.raises(Failure, match="is unknown"):
            approved(office, number, by=OLGA)
    later(office, vendors)
    found = case(office, number)
    assert (found.state, len(sent(vendors))) == (ends, requests)
    assert audit.verify(office) is None
    assert approved(office, number).state is CaseState.SUBMITTED if ends == "requested" else True


def test_a_process_that_dies_while_the_vendor_thinks_is_settled_too(
    office: Desk, vendors: Sandbox, pretended_vendors: tuple[Sandbox, str]
) -> None:
    number = asked(office)
    vendors.faults.plan("zocial", "approval", kind="hang", after_effect=True)
    process = _start(pretended_vendors[1], number, "ingrid", "never")
    _go(process)
    until(lambda: len(sent(vendors)) > 0, 30, "the vendor has the request")
    process.kill()
    process.communicate(timeout=60)

    later(office, vendors)  # the sync itself finds the mark of the dead process before it reads the list

    assert (case(office, number).state, len(sent(vendors))) == ("accepted", 1)


def test_of_two_admins_at_once_in_two_processes_one_decides_and_the_other_is_told(
    office: Desk, vendors: Sandbox, pretended_vendors: tuple[Sandbox, str]
) -> None:
    number = asked(office)
    running = [_start(pretended_vendors[1], number, who.username, "never") for who in (INGRID, OLGA)]
    for process in running:
        _go(process)
    answers = sorted(processes.ended(process).strip() for process in running)
    assert answers == ["conflict", "submitted"]
    assert [after for _, after in steps(office, number)] == ["requested", "approved", "submitting", "submitted"]
    assert len(sent(vendors)) == 1


def test_a_request_is_given_up_when_its_time_ran_out_and_not_before(office: Desk) -> None:
    number = asked(office)
    _marked(office, number)
    assert sending.settle_abandoned(office) == 0
    write(office.store, "UPDATE cases SET sent_until = 0")
    assert sending.settle_abandoned(office) == 1
    assert steps(office, number)[-1] == ("system", "unknown")


def test_an_answer_that_comes_too_late_is_told_and_moves_nothing(office: Desk, vendors: Sandbox) -> None:
    number = asked(office)
    sent_case = _marked(office, number)
    write(office.store, "UPDATE cases SET sent_until = 0")
    sending.settle_abandoned(office)
    client = sending.client_for(office, cached.source_row(office.store, "zocial"))

    sending.send(office, sent_case, client, INGRID)
    client.close()

    assert case(office, number).state == "unknown"
    assert events(office, number)[-1].action == "case.late_answer"
    later(office, vendors)
    assert (case(office, number).state, len(sent(vendors))) == ("accepted", 1)


def _marked(desk: Desk, number: int) -> Case:
    """Write a decision and its mark, as a process does just before its request leaves."""
    with desk.store.writing() as session:
        found = approvals_steps.found(session, number)
        approvals_steps.take(session, found, Step("case.approve", CaseState.APPROVED), INGRID)
        (source,) = sending.zocial_sources(session)
        sending.mark(session, found, source, INGRID)
    return found
