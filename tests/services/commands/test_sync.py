"""`sync` and `connections`: the documents they print, their exit codes, and what a fault of one vendor does."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from data import leases, trail
from data import sources as table
from data.store import now
from services.opening import opened
from services.sandbox import Sandbox

Run = Callable[..., Any]

REPORT = {
    *("source", "vendor", "state", "seen", "created", "updated", "unchanged", "vanished"),
    *("held_back", "requests", "problem", "seconds"),
}
CONNECTION = {
    *("id", "source", "vendor", "kind", "platform", "vendor_id", "external_id", "handle", "name", "url", "status"),
    *("vendor_status", "verified", "health", "followers", "engagement_rate", "category", "connected_at"),
    *("last_updated", "last_seen_at", "vanished_at"),
}


def states(document: dict[str, Any]) -> dict[str, str]:
    return {report["source"]: report["state"] for report in document["sources"]}


@pytest.mark.usefixtures("vendors")
def test_every_source_is_refreshed_and_reported(run: Run) -> None:
    said = run("sync", "--json")
    assert said.code == 0
    assert set(said.document) == {"sources", "seconds"}
    assert all(set(report) == REPORT for report in said.document["sources"])
    assert states(said.document) == {
        "gipper": "ok", "highlevel": "ok", "imiconnect": "skipped", "late": "ok", "zocial": "ok",
    }  # fmt: skip
    again = run("sync", "--json").document
    assert all(report["created"] == report["updated"] == 0 for report in again["sources"])


def test_one_failing_vendor_is_exit_code_1_and_touches_no_other(run: Run, vendors: Sandbox) -> None:
    vendors.faults.plan("late", "accounts", kind="status", status=401)
    said = run("sync", "--json")
    assert said.code == 1
    assert states(said.document)["late"] == "failed"
    assert states(said.document)["zocial"] == "ok"
    problem = next(report["problem"] for report in said.document["sources"] if report["source"] == "late")
    assert set(problem) == {"kind", "message", "action"}
    assert problem["kind"] == "unauthorised"


def test_named_sources_alone_are_refreshed(run: Run, vendors: Sandbox) -> None:
    vendors.clear_log()
    said = run("sync", "--source", "late", "--source", "gipper", "--source", "late", "--json")
    assert states(said.document) == {"late": "ok", "gipper": "ok"}
    assert {entry.vendor for entry in vendors.log} == {"late", "gipper"}


@pytest.mark.usefixtures("vendors")
def test_a_source_whose_lease_is_held_is_skipped_as_busy(run: Run) -> None:
    desk = opened()
    with desk.store.reading() as session:
        source = table.named(session, "late")
    assert source is not None
    with desk.store.bulk() as link:
        leases.begin(link, source.id or 0, trigger="test", observed_at=now())
    said = run("sync", "--source", "late", "--json")
    desk.store.close()
    assert said.code == 0
    [report] = said.document["sources"]
    assert (report["state"], report["problem"]["kind"]) == ("skipped", "busy")


def test_a_deep_sync_asks_for_the_details_of_each_network(run: Run) -> None:
    assert run("sync", "--source", "zocial", "--deep", "--json").code == 0
    rows = run("connections", "--source", "zocial", "--kind", "network", "--json").document["connections"]
    assert sum(row["engagement_rate"] is not None for row in rows) > 100


def test_a_deep_sync_that_fails_at_the_details_is_partial(run: Run, vendors: Sandbox) -> None:
    vendors.faults.plan("zocial", "status", kind="status", status=401)
    said = run("sync", "--source", "zocial", "--deep", "--json")
    [report] = said.document["sources"]
    assert (said.code, report["state"], report["problem"]["kind"]) == (1, "partial", "unauthorised")


def test_without_a_server_the_sandbox_is_started_for_the_command(
    run: Run, settings_of_test: pytest.MonkeyPatch
) -> None:
    settings_of_test.setenv("PATCHBAY_PUBLIC_URL", "http://127.0.0.1:9")
    said = run("sync")
    assert said.code == 0
    lines = [line.split("\t") for line in said.out.splitlines()]
    assert lines[0][:3] == ["source", "state", "seen"]
    assert [line[:2] for line in lines[1:]][-1] == ["zocial", "ok"]
    assert run("connections", "--json").document["total"] >= 290


@pytest.mark.usefixtures("vendors")
def test_a_sync_by_hand_stands_in_the_audit_trail(run: Run) -> None:
    run("sync", "--source", "late")
    desk = opened()
    with desk.store.reading() as session:
        row = trail.last(session)
    desk.store.close()
    assert row is not None
    assert (row.actor, row.action, row.subject) == ("system", "sync.start", "late")


@pytest.mark.usefixtures("vendors")
def test_connections_are_whole_documents(run: Run) -> None:
    run("sync", "--source", "zocial", "--source", "late")
    document = run("connections", "--json").document
    assert document["total"] == len(document["connections"])
    for row in document["connections"]:
        assert set(row) == CONNECTION
        assert datetime.fromisoformat(row["last_seen_at"]).tzinfo is not None
    assert {row["source"] for row in document["connections"]} == {"zocial", "late"}


@pytest.mark.usefixtures("vendors")
def test_filters_narrow_and_the_total_ignores_the_limit(run: Run) -> None:
    run("sync", "--source", "zocial", "--source", "late")
    everything = run("connections", "--json").document
    pages = run("connections", "--kind", "page", "--json").document
    assert 0 < pages["total"] < everything["total"]
    assert {row["kind"] for row in pages["connections"]} == {"page"}
    both = run(
        "connections", "--platform", "Instagram", "--platform", "tiktok", "--status", "pending", "--json"
    ).document
    assert {row["platform"] for row in both["connections"]} <= {"instagram", "tiktok"}
    assert {row["status"] for row in both["connections"]} == {"pending"}
    for limit in ("0", "3", "99999999999999999999"):
        cut = run("connections", "--limit", limit, "--json").document
        assert cut["total"] == everything["total"]
        assert len(cut["connections"]) == min(int(limit), everything["total"])


@pytest.mark.parametrize("text", ["%", "_", "' OR 1=1 --", "x" * 10_000, "\\", '"', "*"])
@pytest.mark.usefixtures("vendors")
def test_searched_text_is_text(run: Run, text: str) -> None:
    run("sync", "--source", "late")
    said = run("connections", "--search", text, "--json")
    assert said.code == 0
    for row in said.document["connections"]:
        assert text.casefold() in f"{row['name']} {row['handle']} {row['external_id']}".casefold()


@pytest.mark.usefixtures("vendors")
def test_piped_columns_hold_no_control_character(run: Run) -> None:
    run("sync")
    said = run("connections")
    assert len(said.out.splitlines()) == run("connections", "--json").document["total"] + 1
    assert all(letter.isprintable() for letter in said.out if letter not in "\n\t")
