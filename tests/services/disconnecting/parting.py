"""Accounts and receipts, as the tests of disconnects speak of them."""

from typing import Any

from data import disconnects
from data.models import Disconnect
from data.queries import accounts
from data.store import Store
from data.types import Role
from services.access import Actor
from services.desk import Desk
from services.disconnecting import doing, plan
from services.disconnecting.doing import Done
from services.disconnecting.plan import Row
from services.sandbox import Sandbox
from tests import cached

INGRID = Actor("ingrid", Role.ADMIN)
MAREK = Actor("marek", Role.MARKETER)
WRITES = ("/api/network/disconnect/", "/api/v3/instagram_accounts/")


def alone(store: Store, vendor: str) -> dict[str, Any]:
    """Give a connection of a vendor whose account no other source knows."""
    return _first(store, vendor, together=False)


def shared(store: Store, vendor: str, *, beside: str) -> dict[str, Any]:
    """Give a connection of a vendor whose account these two vendors know, and nobody else."""
    other = {row["account"] for row in cached.of_vendor(store, beside).values()}
    rows = cached.connections(store).values()
    for row in _live(store, vendor):
        size = sum(each["account"] == row["account"] for each in rows)
        if row["account"] is not None and row["account"] in other and size == 2:
            return row
    raise AssertionError(f"No account is known by {vendor} and {beside} alone.")


def _first(store: Store, vendor: str, *, together: bool) -> dict[str, Any]:
    return next(row for row in _live(store, vendor) if (row["account"] is not None) is together)


def _live(store: Store, vendor: str) -> list[dict[str, Any]]:
    rows = cached.of_vendor(store, vendor).values()
    live = [row for row in rows if row["status"] == "accepted" and row["vanished_at"] is None]
    return [row for row in live if row["kind"] == "network"]


def planned(desk: Desk, connection: str) -> Row:
    """Give the row of the plan for one connection."""
    (row,) = plan.plan(desk, INGRID, [connection]).rows
    return row


def parted(desk: Desk, connection: str) -> Done:
    """Disconnect one connection as its plan says."""
    return doing.disconnect(desk, INGRID, connection, pinned=planned(desk, connection).pinned)


def receipt(desk: Desk, number: int | None) -> Disconnect:
    """Give a receipt as it stands."""
    with desk.store.reading() as session:
        found = disconnects.by_id(session, number or 0)
    assert found is not None
    return found


def said(desk: Desk, number: int | None) -> dict[str, str]:
    """Give what each source said of the account after its disconnect."""
    return {each["source"]: each["said"] for each in receipt(desk, number).proof}


def sent(vendors: Sandbox) -> list[tuple[str, str]]:
    """Give the writes that left: method and path."""
    return [
        (entry.method, entry.path)
        for entry in vendors.log
        if entry.method == "DELETE" or entry.path == "/api/network/disconnect/"
    ]


def members(desk: Desk, connection: str) -> tuple[accounts.Witness, ...]:
    """Give all connections of the account of one."""
    with desk.store.reading() as session:
        return accounts.members(session, connection)
