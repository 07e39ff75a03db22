"""`disconnect`: the plan, the disconnect with what every source said, and why not."""

from collections.abc import Callable
from typing import Any

import pytest

from services import people
from services.access import SYSTEM
from services.opening import opened
from services.sandbox import Sandbox
from tests.services.disconnecting.test_proof import aged

Run = Callable[..., Any]


@pytest.fixture
def network(vendors: Sandbox, run: Run) -> str:
    """A network that Zocial lists as accepted and nobody else knows, with the people around it."""
    desk = opened()
    for name, role in (("ingrid", "admin"), ("marek", "marketer")):
        people.add(desk, SYSTEM, name, role=people.role_named(role), password="a long enough one", name=name)
    assert run("sync", "--source", "zocial").code == 0
    listed = run("connections", "--source", "zocial", "--kind", "network", "--status", "accepted", "--json").document
    vendors.clear_log()
    return str(listed["connections"][0]["id"])


def _sent(vendors: Sandbox) -> int:
    return sum(entry.path == "/api/network/disconnect/" for entry in vendors.log)


def test_a_connection_is_planned_disconnected_and_proven(run: Run, vendors: Sandbox, network: str) -> None:
    said = run("disconnect", network, "--as", "ingrid", "--plan", "--json")
    assert (said.code, said.document["calls"], _sent(vendors)) == (0, {"zocial": 1}, 0)
    assert said.document["plan"]["connection"] == network
    assert "Zocial's own number" in run("disconnect", network, "--plan").out

    said = run("disconnect", network, "--as", "ingrid", "--json")

    assert (said.code, said.document["outcome"], _sent(vendors)) == (0, "done", 1)
    receipt = said.document["receipt"]
    assert (receipt["person"], receipt["state"], receipt["source"]) == ("ingrid", "disconnected", "zocial")
    assert [each["said"] for each in receipt["proof"]] == ["gone"]

    said = run("disconnect", network, "--as", "ingrid", "--json")
    assert (said.code, said.error["kind"], _sent(vendors)) == (1, "disconnected", 1)


def test_who_may_not_or_asks_for_nothing_known_is_told(run: Run, vendors: Sandbox, network: str) -> None:
    said = run("disconnect", network, "--as", "marek", "--json")
    assert (said.code, said.error["kind"]) == (1, "forbidden")
    said = run("disconnect", "17841400000000000", "--json")
    assert (said.code, said.error["kind"]) == (2, "misuse")
    assert _sent(vendors) == 0


def test_a_refusal_is_told_in_the_vendors_words_and_exits_with_one(run: Run, vendors: Sandbox, network: str) -> None:
    body = {"error": "permission_denied", "message": "Not yours"}
    vendors.faults.plan("zocial", "disconnect", kind="status", status=403, body=body, no_effect=True)
    said = run("disconnect", network, "--as", "ingrid")
    assert (said.code, "Not yours" in said.out) == (1, True)


def test_what_was_cut_off_is_settled_where_no_server_runs(run: Run, vendors: Sandbox, network: str) -> None:
    vendors.faults.plan("zocial", "disconnect", kind="status", status=500, no_effect=True)
    said = run("disconnect", network, "--as", "ingrid", "--json")
    assert (said.code, said.document["outcome"], _sent(vendors)) == (1, "unknown", 1)
    said = run("disconnect", network, "--as", "ingrid", "--json")
    assert (said.code, said.error["kind"], _sent(vendors)) == (1, "busy", 1)

    aged(opened(), 1, 600)
    said = run("disconnect", network, "--as", "ingrid", "--json")

    assert (said.code, said.document["outcome"], _sent(vendors)) == (0, "done", 2)
