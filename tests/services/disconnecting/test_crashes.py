"""A process that dies at any point of a disconnect, and two at once: nothing lost, nothing sent twice."""

import pytest

from services import audit
from services.desk import Desk
from services.disconnecting import doing, sweep
from services.sandbox import Sandbox
from tests import cached, processes
from tests.browser.desk import until
from tests.services.approvals.approving import write
from tests.services.disconnecting.parting import INGRID, alone, parted, planned, sent
from tests.services.disconnecting.test_proof import aged

PART = """
import os, sys
from sqlalchemy import event
from data.types import Role
from services import pretended
from services.access import Actor
from services.desk import open_desk
from services.disconnecting import doing
from services.failures import Failure
origin, connection, pinned, dies_at = sys.argv[1:5]
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
    print(doing.disconnect(desk, Actor("ingrid", Role.ADMIN), connection, pinned=pinned).kind, flush=True)
except Failure as failure:
    print(failure.kind, flush=True)
"""


def _start(desk: Desk, origin: str, connection: str, dies_at: str) -> processes.subprocess.Popen[str]:
    process = processes.start(PART, origin, connection, planned(desk, connection).pinned, dies_at)
    assert processes.said(process) == "ready"
    return process


def _go(process: processes.subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def _states(desk: Desk, connection: str) -> list[str]:
    with desk.store.reading() as session:
        rows = session.connection().exec_driver_sql(
            "SELECT state FROM disconnects WHERE connection_id = ? ORDER BY id", (connection,)
        )
        return [row[0] for row in rows]


@pytest.mark.parametrize(
    ("dies_at", "left", "requests", "ends"),
    [
        ("commit 1", [], 0, []),
        ("connect", ["sending"], 0, ["refused"]),
        ("commit 2", ["sending"], 1, ["disconnected"]),
        ("commit 3", ["unknown"], 1, ["disconnected"]),
    ],
)
def test_a_process_that_dies_leaves_a_receipt_that_the_lists_settle(
    office: Desk,
    vendors: Sandbox,
    pretended_vendors: tuple[Sandbox, str],
    *,
    dies_at: str,
    left: list[str],
    requests: int,
    ends: list[str],
) -> None:
    row = alone(office.store, "zocial")
    process = _start(office, pretended_vendors[1], row["id"], dies_at)
    _go(process)
    process.communicate(timeout=60)
    assert process.returncode == -9
    assert (_states(office, row["id"]), len(sent(vendors))) == (left, requests)

    sweep.look(office)  # calls unknown what the dead process left
    write(office.store, "UPDATE sync_runs SET state = 'failed', lease_until = 0 WHERE state = 'running'")
    if left:
        aged(office, 1, 600)
        sweep.look(office)

    assert (_states(office, row["id"]), len(sent(vendors))) == (ends, requests)
    assert audit.verify(office) is None
    if ends != ["disconnected"]:
        assert parted(office, row["id"]).kind == "done"


def test_a_process_that_dies_while_the_vendor_thinks_is_settled_too(
    office: Desk, vendors: Sandbox, pretended_vendors: tuple[Sandbox, str]
) -> None:
    row = alone(office.store, "gipper")
    vendors.faults.plan("gipper", "delete", kind="hang", after_effect=True)
    process = _start(office, pretended_vendors[1], row["id"], "never")
    _go(process)
    until(lambda: len(sent(vendors)) > 0, 30, "the vendor has the request")
    process.kill()
    process.communicate(timeout=60)

    sweep.look(office)
    aged(office, 1, 600)
    sweep.look(office)

    assert (_states(office, row["id"]), len(sent(vendors))) == (["disconnected"], 1)


def test_of_two_at_once_one_disconnects_and_the_other_is_told(
    office: Desk, vendors: Sandbox, pretended_vendors: tuple[Sandbox, str]
) -> None:
    row = alone(office.store, "zocial")
    running = [_start(office, pretended_vendors[1], row["id"], "never") for _ in range(2)]
    for process in running:
        _go(process)
    answers = sorted(processes.ended(process).strip() for process in running)
    assert answers in (["busy", "done"], ["disconnected", "done"])
    assert len(sent(vendors)) == 1


def test_an_answer_that_comes_too_late_is_told_and_moves_nothing(office: Desk, vendors: Sandbox) -> None:
    row = alone(office.store, "zocial")
    _, receipt, source = doing._marked(office, INGRID, row["id"], planned(office, row["id"]).pinned)
    assert doing.settle_abandoned(office) == 0
    write(office.store, "UPDATE disconnects SET sent_until = 0")
    assert doing.settle_abandoned(office) == 1

    doing._write(office, INGRID, receipt, source, doing._sent(office, source, receipt))

    assert _states(office, row["id"]) == ["unknown"]
    assert len(sent(vendors)) == 1
    assert cached.connections(office.store)[row["id"]]["status"] == "accepted"
    with office.store.reading() as session:
        rows = session.connection().exec_driver_sql("SELECT action FROM audit ORDER BY id DESC LIMIT 1")
        assert rows.scalar_one() == "connection.late_answer"
