"""Health of sources: each state in its words, and syncs that only an admin starts."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from data.queries import sources
from data.store import Store, now
from pages.ui import contract_drift
from services.desk import Desk
from tests import seeds
from tests.pages import sheets

HEALTH = "operations/health.py"

Opener = Callable[..., AppTest]


def words(page: AppTest) -> str:
    return "\n".join(element.value for element in page.markdown)


def test_a_refusing_source_says_since_when_and_what_to_do(desk: Desk, opened: Opener) -> None:
    seeds.source(
        desk.store,
        "north",
        vendor="zocial",
        failures=2,
        failing_since=now() - timedelta(hours=3),
        last_complete_at=now() - timedelta(hours=3),
        problem_kind="unauthorised",
        problem_message="Zocial refuses the token.",
        problem_action="Rotate the secret.",
    )
    told = words(opened(HEALTH))
    assert "Refusing]" in told
    assert "Zocial refuses the token" in told
    assert "Rotate the secret" in told
    assert "1 needs you" in told


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({"last_complete_at": now()}, "good"),
        ({"last_complete_at": now() - timedelta(days=3)}, "stale"),
        ({}, "never"),
        ({"enabled": False, "failures": 3, "problem_kind": "timeout"}, "off"),
        ({"vendor": "imiconnect"}, "nothing"),
        ({"failures": 1, "problem_kind": "timeout"}, "failing"),
        ({"failures": 1, "problem_kind": "unauthorised"}, "refusing"),
        ({"last_complete_at": now(), "problem_kind": "rejected_records"}, "partial"),
    ],
)
def test_a_source_stands_as_its_row_says(desk: Desk, values: dict[str, object], state: str) -> None:
    seeds.source(desk.store, "north", **values)
    assert {card.name: card.state for card in cards(desk.store)}["north"] == state


def cards(store: Store) -> list[sources.Card]:
    with store.reading() as session:
        return sources.cards(session, stale_after=timedelta(days=1))


def test_an_analyst_sees_who_can_sync_and_an_admin_can(desk: Desk, opened: Opener) -> None:
    seeds.source(desk.store, "north", last_complete_at=now())
    analyst = opened(HEALTH)
    assert "An admin can start a sync." in words(analyst)
    assert not [button for button in analyst.button if "Sync" in button.label]
    admin = opened(HEALTH, "ingrid")
    assert {"Sync all", "Sync now"} <= {button.label for button in admin.button}


def test_a_held_back_list_shows_its_plan_before_anything_is_marked(desk: Desk, opened: Opener) -> None:
    number = seeds.source(desk.store, "north", last_complete_at=now())
    seeds.connection(desk.store, number, 1)
    seeds.incident(desk.store, number, "loss", "The list no longer holds 40 of 100 networks.")
    page = opened(HEALTH, "ingrid")
    assert "The list no longer holds 40 of 100 networks" in words(page)
    page.button(key="mark_north").click().run()
    assert "**Nothing has happened yet.**" in words(page)
    with desk.store.reading() as session:
        assert sources.running(session) == []
    assert not [button for button in opened(HEALTH).button if "vanished" in button.label]


def test_a_running_sync_shows_what_it_has_read(desk: Desk, opened: Opener) -> None:
    number = seeds.source(desk.store, "north")
    seeds.run(desk.store, number, "running", progress="networks: 120 of 200", seen=120)
    page = opened(HEALTH)
    bars = [bar for bar in page.get("progress") if "north" in bar.proto.text]
    assert [bar.proto.value for bar in bars] == [60]


def test_hostile_words_of_a_vendor_stay_text(desk: Desk, opened: Opener) -> None:
    hostile = "![x](http://127.0.0.1:9/x) <img src=x> :material/bolt:"
    number = seeds.source(desk.store, "north", failures=1, problem_kind="timeout", problem_message=hostile)
    seeds.incident(desk.store, number, "failing", hostile)
    seeds.run(desk.store, number, "failed", problem_message=hostile)
    page = opened(HEALTH)
    assert "![x](http" not in words(page)
    assert sheets.column(page, "why") == [hostile]


@pytest.mark.parametrize(
    ("kind", "field", "expected"),
    [
        ("new_value", "networks.status", "touches status on Networks, Account, Today and Approvals"),
        ("bad_value", "channels.subscribers", "touches followers on Networks, Account, Trends and Today"),
        ("bad_value", "accounts.tokenExpiresAt", "touches health on Networks, Account and Today"),
        ("bad_value", "networks.network_url", "touches the link on Account and in Approvals"),
        ("bad_value", "networks.network", "touches platform on Networks, Account and Trends"),
        ("bad_value", "accounts.something", "touches no screen"),
        ("new_field", "networks.status_reason", "on no screen yet"),
    ],
)
def test_drift_names_the_screens_that_it_touches(kind: str, field: str, expected: str) -> None:
    assert contract_drift.screens(kind, field) == expected


def test_many_open_incidents_lead_to_their_own_page(desk: Desk, opened: Opener) -> None:
    number = seeds.source(desk.store, "north")
    for each in range(8):
        seeds.incident(desk.store, number, "reconnect", f"m{each}", connection_id=f"c{each}")
    told = words(opened(HEALTH))
    assert "m7" in told
    assert "m1" not in told
