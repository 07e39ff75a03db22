"""Where a row leads: the page of its account, or the list of those that are like it."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import PurePosixPath
from typing import NamedTuple
from urllib.parse import urlencode

ACCOUNT, NETWORKS, HEALTH = "networks/account.py", "networks/networks.py", "operations/health.py"
INCIDENTS, AUDIT, WEBHOOKS = "operations/incidents.py", "operations/audit.py", "operations/webhooks.py"
ME, APPROVALS = "account/me.py", "approvals/approvals.py"
CONNECT = "networks/connect.py"
COMPOSE, SENT = "messages/compose.py", "messages/sent.py"


class Way(NamedTuple):
    """A page and what stands in its address."""

    page: str
    query: dict[str, str]

    @property
    def address(self) -> str:
        """Give it as a link from any page of ours: the address of a page is the name of its file."""
        return f"{PurePosixPath(self.page).stem}?{urlencode(self.query)}"


def account(connection: str, *, asof: datetime | None = None) -> Way:
    """Lead to the account of a connection, as it is now or as it was known on a past day."""
    return Way(ACCOUNT, {"id": connection} | _day(asof))


def networks(*, asof: datetime | None = None, **narrowed: str) -> Way:
    """Lead to the list of networks, narrowed by what its address takes, as it is now or as it was on a past day."""
    return Way(NETWORKS, narrowed | _day(asof))


def _day(asof: datetime | None) -> dict[str, str]:
    return {"asof": asof.date().isoformat()} if asof else {}


def health() -> Way:
    """Lead to how the sources stand, and what to do."""
    return Way(HEALTH, {})


def incident(number: int) -> Way:
    """Lead to one incident."""
    return Way(INCIDENTS, {"incident": str(number)})


def incidents() -> Way:
    """Lead to all incidents."""
    return Way(INCIDENTS, {})


def webhooks() -> Way:
    """Lead to the webhooks that arrived, and why what was refused."""
    return Way(WEBHOOKS, {})


def audit() -> Way:
    """Lead to the audit trail."""
    return Way(AUDIT, {})


def case(number: int) -> Way:
    """Lead to one case."""
    return Way(APPROVALS, {"case": str(number)})


def cases(**narrowed: str) -> Way:
    """Lead to the queue of cases, narrowed by what its address takes."""
    return Way(APPROVALS, narrowed)


def attempt(number: int) -> Way:
    """Lead to one attempt to connect."""
    return Way(CONNECT, {"attempt": str(number)})


def attempts(numbers: Iterable[int]) -> Way:
    """Lead to what became of each account of a form."""
    return Way(CONNECT, {"attempt": ",".join(str(each) for each in numbers)})


def reconnect(connection: str) -> Way:
    """Lead to where a connection is reconnected."""
    return Way(CONNECT, {"reconnect": connection})


def message(number: int) -> Way:
    """Lead to one message."""
    return Way(SENT, {"message": str(number)})


def messages(**narrowed: str) -> Way:
    """Lead to the sent messages, narrowed by what their address takes."""
    return Way(SENT, narrowed)


def draft(number: str) -> Way:
    """Lead to a draft in the composer."""
    return Way(COMPOSE, {"draft": number})
