"""`cases`: lists, requests and decides as a person, against a Zocial on a real socket; or says why not."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services import people
from services.access import SYSTEM
from services.opening import opened
from services.sandbox import Sandbox
from tests import seeds

Run = Callable[..., Any]
NOVA = ("--platform", "instagram", "--handle", "nova.books", "--url", "https://instagram.com/nova.books")
FIELDS = [
    *("id", "connection_id", "state", "approval_id", "requested_by", "decided_by", "reason", "version", "age_seconds"),
]


@pytest.fixture
def office(vendors: Sandbox) -> Sandbox:
    """An admin and a marketer, and two connections of a source of Late."""
    desk = opened()
    for name, role in (("ingrid", "admin"), ("marek", "marketer"), ("ana", "analyst")):
        people.add(desk, SYSTEM, name, role=people.role_named(role), password="a long enough one", name=name)
    source = seeds.source(desk.store, "more")
    for number in (1, 2):
        seeds.connection(desk.store, source, number, url=f"https://instagram.com/handle.{number}")
    vendors.clear_log()
    return vendors


def _approvals(vendors: Sandbox) -> int:
    return sum(entry.path == "/api/action/network/approval/" for entry in vendors.log)


def test_a_case_is_requested_approved_and_listed(run: Run, office: Sandbox) -> None:
    said = run("cases", "submit", *NOVA, "--followers", "5000", "--category", "books", "--as", "marek", "--json")
    assert said.code == 0
    (case,) = said.document["cases"]
    assert list(case) == FIELDS
    assert (case["id"], case["state"], case["requested_by"], case["connection_id"]) == (1, "requested", "marek", None)

    said = run("cases", "approve", "1", "--as", "ingrid", "--json")
    assert (said.code, said.document["cases"][0]["state"]) == (0, "submitted")
    assert said.document["cases"][0]["approval_id"] >= 789
    assert _approvals(office) == 1
    late = run("cases", "approve", "1", "--as", "ingrid", "--json").error
    assert (late["kind"], late["message"]) == ("state", "Case 1 is submitted; ingrid approved it.")

    listed = run("cases", "list", "--json").document
    assert (listed["total"], listed["cases"][0]["decided_by"]) == (1, "ingrid")
    assert run("cases", "--json").document["total"] == 1
    assert run("cases", "list", "--state", "declined", "--json").document == {"total": 0, "cases": []}
    assert "submitted\tinstagram\tnova.books" in run("cases", "list").out
    told = run("cases", "show", "1", "--json").document
    assert (told["case"]["handle"], told["chain"]["holds"], len(told["steps"])) == ("nova.books", True, 4)
    assert run("cases", "show", "1", "--as", "marek").out.startswith("Case 1: nova.books on instagram is submitted.")


def test_connections_are_requested_in_bulk_and_a_failed_row_exits_1(run: Run, office: Sandbox) -> None:
    del office
    plan = run("cases", "request", "c00001", "c00002", "--plan", "--as", "marek", "--json")
    assert (plan.code, [row["problem"] for row in plan.document["plan"]["rows"]]) == (0, ["", ""])
    assert run("cases", "list", "--json").document["total"] == 0

    assert run("cases", "request", "c00001", "--json").document["cases"][0]["requested_by"] == "system"
    said = run("cases", "request", "c00001", "c00002", "--note", "Spring", "--as", "marek", "--json")
    assert (said.code, [row["ok"] for row in said.document["results"]]) == (1, [False, True])
    assert [each["connection_id"] for each in said.document["cases"]] == ["c00002"]


def test_the_plan_says_that_an_account_is_no_longer_listed(run: Run, office: Sandbox) -> None:
    del office
    run("cases", "request", "c00001", "--as", "marek")
    with opened().store.bulk() as link:
        link.exec_driver_sql("UPDATE connections SET vanished_at = last_seen_at WHERE id = 'c00001'")
    (row,) = run("cases", "approve", "1", "--plan", "--as", "ingrid", "--json").document["plan"]["rows"]
    assert row["warning"] == "more no longer lists it"
    said = run("cases", "approve", "1", "--plan", "--as", "ingrid").out
    assert "though more no longer lists it" in said
    assert "1 request to zocial." in said


def test_several_are_decided_by_one_command(run: Run, office: Sandbox) -> None:
    run("cases", "request", "c00001", "c00002", "--as", "marek")
    plan = run("cases", "approve", "1", "2", "--plan", "--as", "ingrid", "--json").document["plan"]
    assert (plan["calls"], _approvals(office)) == ({"zocial": 2}, 0)
    said = run("cases", "decline", "1", "2", "9", "--reason", "No contract.", "--as", "ingrid", "--json")
    assert (said.code, [row["ok"] for row in said.document["results"]]) == (1, [True, True, False])
    assert {each["reason"] for each in said.document["cases"]} == {"No contract."}
    again = run("cases", "resubmit", "1", "--note", "Signed.", "--as", "marek", "--json")
    assert again.document["cases"][0]["state"] == "requested"
    for action, state in (("hold", "held"), ("release", "requested"), ("assign", "requested")):
        more = ("ingrid",) if action == "assign" else ()
        assert run("cases", action, "1", *more, "--as", "ingrid", "--json").document["cases"][0]["state"] == state
    assert run("cases", "changes", "1", "--reason", "Which brand?", "--as", "ingrid").code == 0
    assert run("cases", "withdraw", "1", "--as", "marek", "--json").error["kind"] == "state"


def test_a_vendor_that_refuses_is_exit_1_with_the_words(run: Run, office: Sandbox) -> None:
    run("cases", "submit", *NOVA, "--as", "marek")
    body = {"error": "validation_error", "message": "Invalid network URL format", "field": "network_url"}
    office.faults.plan("zocial", "approval", kind="status", status=400, body=body)
    said = run("cases", "approve", "1", "--as", "ingrid", "--json")
    assert (said.code, said.document["cases"][0]["state"]) == (1, "refused")
    assert "Invalid network URL format" in said.document["results"][0]["message"]


@pytest.mark.parametrize(
    ("arguments", "code", "kind"),
    [
        (("approve", "1"), 1, "forbidden"),
        (("approve", "1", "--as", "marek"), 1, "forbidden"),
        (("decline", "1", "--as", "ingrid"), 2, "misuse"),
        (("decline", "1", "--reason", "x", "--as", "nobody"), 2, "misuse"),
        (("approve", "7", "--as", "ingrid"), 2, "misuse"),
        (("approve", "x", "--as", "ingrid"), 2, "misuse"),
        (("request", "nobody", "--as", "marek"), 2, "misuse"),
        (("request", "c00001", "--as", "ana"), 1, "forbidden"),
        (("request", "c00001", "--due", "2020-01-01"), 2, "misuse"),
        (("submit", *NOVA[:-1], "no address"), 2, "misuse"),
        (("withdraw", "1", "--as", "ingrid"), 1, "forbidden"),
        (("show", "7"), 2, "misuse"),
        (("request", "--as", "marek"), 2, "misuse"),
        (("request", "--filter", "source=nobody", "--as", "marek"), 2, "misuse"),
        (("request", "--filter", "", "--as", "marek"), 2, "misuse"),
        (("rules", "--due-hours", "soon", "--as", "ingrid"), 2, "misuse"),
        (("rules", "--due-hours", "9", "--as", "marek"), 1, "forbidden"),
        (("away", "--to", "olga", "--as", "ingrid"), 2, "misuse"),
        (("away", "--to", "marek", "--from", "2026-01-01", "--until", "2999-01-01", "--as", "ingrid"), 2, "misuse"),
    ],
)
def test_what_can_not_be_is_refused_with_a_sentence(
    run: Run, office: Sandbox, arguments: tuple[str, ...], code: int, kind: str
) -> None:
    run("cases", "submit", *NOVA, "--as", "marek")
    said = run("cases", *arguments, "--json")
    assert (said.code, said.error["kind"]) == (code, kind)
    assert _approvals(office) == 0


def test_a_case_may_be_agreed_on_for_a_day_to_come(run: Run, office: Sandbox) -> None:
    del office
    day = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    assert run("cases", "submit", *NOVA, "--due", day, "--as", "marek").code == 0
    assert json.loads(run("cases", "show", "1", "--json").out)["case"]["due_at"].startswith(day)


def test_all_that_match_the_address_of_the_list_are_requested(run: Run, office: Sandbox) -> None:
    del office
    said = run("cases", "request", "--filter", "/networks?source=more&sort=Newest", "--as", "marek", "--json")
    assert (said.code, [each["connection_id"] for each in said.document["cases"]]) == (0, ["c00001", "c00002"])


def test_rules_are_tried_set_and_taken_out_of_force(run: Run, office: Sandbox) -> None:
    del office
    run("cases", "request", "c00001", "--as", "marek")
    run("cases", "approve", "1", "--as", "ingrid")
    tried = run("cases", "rules", "--second-above", "1", "--due-hours", "2", "--shadow", "--json").document["shadow"]
    assert (tried["two"]["approved"], tried["pace"]["decided"], tried["pace"]["flagged"]) == (1, 1, 0)
    assert "approvals of the last 30 days" in run("cases", "rules", "--second-above", "1", "--shadow").out
    nothing = {"two_above": None, "due_hours": None, "remind_hours": None, "escalate_hours": None}
    assert run("cases", "rules", "--json").document == {"rules": nothing}
    said = run("cases", "rules", "--second-above", "99", "--remind-hours", "4", "--as", "ingrid", "--json")
    assert said.document["rules"] == nothing | {"two_above": 99, "remind_hours": 4}
    assert "second-above\t99\tAccounts with more followers" in run("cases", "rules").out
    said = run("cases", "rules", "--second-above", "off", "--as", "ingrid", "--json")
    assert said.document["rules"] == nothing | {"remind_hours": 4}


def test_somebody_stands_in_until_that_is_ended(run: Run, office: Sandbox) -> None:
    del office
    people.add(opened(), SYSTEM, "olga", role=people.role_named("admin"), password="a long enough one", name="Olga")
    days = [(datetime.now(UTC) + timedelta(days=each)).date().isoformat() for each in (0, 3)]
    said = run("cases", "away", "--to", "olga", "--from", days[0], "--until", days[1], "--as", "ingrid", "--json")
    (told,) = said.document["away"]
    assert (told["away"], told["delegate"], told["until"][:10]) == ("ingrid", "olga", days[1])
    assert "ingrid\tolga" in run("cases", "away").out
    assert run("cases", "away", "--end", str(told["id"]), "--as", "ingrid", "--json").document["total"] == 0


def test_a_case_is_written_into_a_file_with_its_chain(run: Run, office: Sandbox, tmp_path: Path) -> None:
    del office
    run("cases", "submit", *NOVA, "--as", "marek")
    file = tmp_path / "case.json"
    assert run("cases", "export", "1", str(file)).code == 0
    told = json.loads(file.read_text(encoding="utf-8"))
    assert (told["case"]["handle"], told["chain"]["holds"], len(told["audit"])) == ("nova.books", True, 1)
    assert run("cases", "export", "7", str(file)).code == 2
    assert json.loads(file.read_text(encoding="utf-8")) == told


def test_the_demo_sends_an_approval_to_the_pretended_vendor(run: Run, settings_of_test: pytest.MonkeyPatch) -> None:
    settings_of_test.setenv("PATCHBAY_PUBLIC_URL", "http://127.0.0.1:9")  # no server: the command starts the sandbox
    people.ensure_demo_people(opened())
    assert run("cases", "submit", *NOVA, "--as", "marek").code == 0
    said = run("cases", "approve", "1", "--as", "ingrid", "--json")
    assert (said.code, said.document["cases"][0]["state"]) == (0, "submitted")
