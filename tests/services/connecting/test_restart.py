"""A server that dies while a window is open: the attempt goes on where it was, and nothing is asked for twice."""

import json
from datetime import timedelta
from typing import Any

import pytest

from services.connecting import flows, messages, windows
from services.desk import Desk
from services.sandbox import Sandbox
from tests import processes
from tests.browser.desk import until
from tests.services.connecting.connecting import INGRID, begun, change, consented, heard, now, offered, opened, starts

ACT = """
import json, os, sys
from data.types import Role
from services import pretended
from services.access import Actor
from services.connecting import messages, windows
from services.desk import open_desk
origin, dies, act, key, words = sys.argv[1], sys.argv[2] == "dies", sys.argv[3], sys.argv[4], json.loads(sys.argv[5])
pretended.answer_at(origin)
desk, ingrid = open_desk(), Actor("ingrid", Role.ADMIN)

def watch(name, arguments):
    if name == "socket.connect" and dies:
        os.kill(os.getpid(), 9)

sys.addaudithook(watch)
if act == "open":
    windows.open_window(desk, ingrid, key)
elif act == "hear":
    messages.heard(desk, ingrid, key, messages.origins_of(desk, key)[0], words)
else:
    messages.choose(desk, ingrid, key, words)
"""


def _killed(origin: str, act: str, key: str, words: Any = None) -> None:
    """Do something in another process, which dies just before it asks the vendor."""
    process = processes.start(ACT, origin, "dies", act, key, json.dumps(words))
    process.communicate(timeout=60)
    assert process.returncode == -9


@pytest.fixture
def origin(pretended_vendors: tuple[Sandbox, str]) -> str:
    return pretended_vendors[1]


def test_between_consent_and_confirmation_nothing_is_lost(office: Desk, vendors: Sandbox, origin: str) -> None:
    attempt, state = opened(office)
    _killed(origin, "hear", attempt.key, consented(vendors, state))
    found = now(office, attempt)
    assert (found.state, found.returned_at is None) == ("waiting", False)

    flows.settle_waiting(office)

    found = now(office, attempt)
    assert found.problem == "choose"
    assert messages.choose(office, INGRID, attempt.key, offered(found)[0]).state == "connected"
    assert starts(vendors) == 1


def test_an_account_that_was_being_attached_is_found_in_the_list(office: Desk, vendors: Sandbox, origin: str) -> None:
    attempt, state = opened(office)
    asked = heard(office, attempt, consented(vendors, state))
    vendors.faults.plan("highlevel", "account", method="POST", kind="hang", after_effect=True)
    process = processes.start(ACT, origin, "lives", "choose", attempt.key, json.dumps(offered(asked)[0]))
    until(lambda: any(entry.method == "POST" for entry in vendors.log), 30, "the vendor has the request")
    process.kill()
    process.communicate(timeout=60)

    flows.settle_waiting(office)

    assert now(office, attempt).state == "connected"
    assert sum(entry.method == "POST" for entry in vendors.log) == 1


def test_a_page_that_was_being_asked_for_is_not_asked_for_again(office: Desk, vendors: Sandbox, origin: str) -> None:
    attempt = begun(office)
    _killed(origin, "open", attempt.key)
    told = windows.open_window(office, INGRID, attempt.key)
    assert (told.address, told.fetching) == (None, True)
    change(office, attempt, changed_at=now(office, attempt).changed_at - timedelta(minutes=3))
    told = windows.open_window(office, INGRID, attempt.key)
    assert (told.attempt.state, told.attempt.problem, starts(vendors)) == ("refused", "cut_off", 0)
