"""How many rows one plan may have, and all that match a filter as such rows."""

from data.queries import inventory
from data.queries.filters import Filter
from data.store import Session
from services.failures import Misuse

MOST = 10_000
"""Rows of one plan."""


def matching(session: Session, wanted: Filter) -> list[str]:
    """Give the ids of all connections that match. Raises Misuse for more than one plan may have."""
    total, _ = inventory.count(session, wanted)
    refuse_many(total)
    _, rows = inventory.listing(session, wanted, MOST + 1)
    return [row["id"] for row in rows]


def refuse_many(count: int) -> None:
    """See that one plan can have so many rows. Raises Misuse."""
    if count > MOST:
        raise Misuse(f"A plan has at most {MOST:,} rows.", "Narrow the filter, and do the rest in a second plan.")
