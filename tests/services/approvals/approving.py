"""People, cases and lists, as the tests of approvals speak of them."""

from datetime import timedelta
from typing import Any

from data import cases
from data.models import Case, CaseEvent
from data.store import Store, now
from data.types import Role
from services.access import Actor
from services.approvals import asking, decisions
from services.approvals.steps import Outcome
from services.approvals.typed import Account
from services.desk import Desk
from services.reports import Report, Wish
from services.sandbox import Sandbox
from services.sync import sync
from tests import cached
from tests.services.conftest import NOON

MAREK = Actor("marek", Role.MARKETER)
INGRID = Actor("ingrid", Role.ADMIN)
OLGA = Actor("olga", Role.ADMIN)
NOVA = Account("instagram", "nova.coffee", "https://instagram.com/nova.coffee", 5_000, "coffee")
PATH = "/api/action/network/approval/"


def asked(desk: Desk, account: Account = NOVA, *, by: Actor = MAREK) -> int:
    """Request a typed-in account, and give the case's number."""
    return asking.submit(desk, by, account).case


def approved(desk: Desk, number: int, *, by: Actor = INGRID) -> Outcome:
    """Approve a case as it stands."""
    return decisions.approve(desk, by, number, seen=case(desk, number).version)


def case(desk: Desk, number: int) -> Case:
    """Give a case as it stands."""
    with desk.store.reading() as session:
        found = cases.by_id(session, number)
    assert found is not None
    return found


def steps(desk: Desk, number: int) -> list[tuple[str, str]]:
    """Give who took the case where, step by step."""
    return [(event.actor, event.after) for event in events(desk, number)]


def events(desk: Desk, number: int) -> list[CaseEvent]:
    """Give the story of a case."""
    with desk.store.reading() as session:
        return cases.events(session, number)


def sent(vendors: Sandbox) -> list[Any]:
    """Give the bodies of the approvals that the vendor was asked for."""
    return [entry.body for entry in vendors.log if entry.path == PATH]


def later(
    desk: Desk, vendors: Sandbox, *, minutes: int = 15, there: int | None = None, source: str = "zocial"
) -> Report:
    """Let time pass here, where requests leave at this very instant, and at the vendor (`there`), and sync it."""
    vendors.clock.set(NOON + timedelta(minutes=minutes if there is None else there))
    (report,) = sync(desk, [source], Wish(at=now() + timedelta(minutes=minutes)))
    return report


def without(handle: str) -> dict[str, Any]:
    """Give the fault by which Zocial's list leaves one account out."""

    def shorter(told: dict[str, Any]) -> dict[str, Any]:
        return {"networks": [row for row in told["networks"] if row["network_id"] != handle]}

    return {"kind": "transform", "change": shorter}


def of_late(store: Store) -> dict[str, Any]:
    """Give an account of Late that no other source knows."""
    return next(
        row
        for row in cached.of_vendor(store, "late").values()
        if row["account"] is None and row["status"] == "accepted"
    )


def pending(store: Store) -> dict[str, Any]:
    """Give a network that Zocial lists as pending."""
    rows = cached.of_vendor(store, "zocial").values()
    return next(row for row in rows if row["kind"] == "network" and row["status"] == "pending")


def opened_for(desk: Desk, connection_id: str) -> int:
    """Give the active case of a connection; 0 when it has none."""
    with desk.store.reading() as session:
        return next((brief.id for brief in cases.active(session, [connection_id], [])), 0)


def write(store: Store, statement: str) -> None:
    """Change the cache as no service would."""
    with store.bulk() as link:
        link.exec_driver_sql(statement)
