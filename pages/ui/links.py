"""Where a row leads: the page of its account, or the list of those that are like it."""

from typing import NamedTuple

from pages.ui import menu

ACCOUNT, NETWORKS, HEALTH = "networks/account.py", "networks/networks.py", "operations/health.py"


class Way(NamedTuple):
    """A page and what stands in its address."""

    page: str
    query: dict[str, str]


def account(connection: str, search: str | None) -> Way:
    """Lead to the account of a connection."""
    if any(entry.script == ACCOUNT for entry in menu.MENU):
        return Way(ACCOUNT, {"id": connection})
    return networks(q=search or "")


def networks(**narrowed: str) -> Way:
    """Lead to the list of networks, narrowed by what its address takes."""
    return Way(NETWORKS, narrowed)


def health() -> Way:
    """Lead to how the sources stand, and what to do."""
    return Way(HEALTH, {})
