"""What a person does about webhooks: see where they are sent, read one, have a failed one worked off again."""

import json
from typing import NamedTuple
from urllib.parse import urlsplit

from data import inbox, sources
from data.models import Source
from data.store import now
from data.types import Vendor
from services import audit
from services.access import Actor, Permission, requires
from services.desk import Desk
from services.failures import Failure, Misuse
from services.messaging import difference
from services.settings import is_loopback
from services.vault import WrongKey
from services.webhooks import keeping, signing


class Hook(NamedTuple):
    """Where one source's vendor is to send its webhooks, and whether they can be believed."""

    source: str
    url: str
    signed: bool


def hooks(desk: Desk) -> list[Hook]:
    """Give the address of each source whose vendor can be told one; the secret itself is told to nobody."""
    with desk.store.reading() as session:
        found = [source for source in sources.active(session) if source.vendor == Vendor.LATE]
    place = f"{desk.settings.public_url}/hooks/late"
    return [Hook(source.name, f"{place}/{source.name}", _signed(desk, source)) for source in found]


def heard_here_only(desk: Desk) -> bool:
    """Tell whether our address is one of this machine, which no real vendor reaches."""
    return not desk.settings.demo and is_loopback(urlsplit(desk.settings.public_url).hostname)


def _signed(desk: Desk, source: Source) -> bool:
    try:
        return bool(signing.accepted(desk, source, now()))
    except WrongKey:
        return False


@requires(Permission.MANAGE_SOURCES, "webhook.read", "webhook {}")
def body(desk: Desk, _actor: Actor, number: int) -> str:
    """Give what a webhook said, as text. Raises Misuse when there is none of that number."""
    with desk.store.reading() as session:
        found = inbox.body(session.connection(), number)
    if found is None:
        raise _unknown(number)
    return difference.written(json.loads(found)) if found else ""


@requires(Permission.SYNC_NOW, "webhook.again", "webhook {}")
def again(desk: Desk, actor: Actor, number: int) -> None:
    """Have a webhook that failed for good worked off anew. Raises Misuse for one that is not there, Failure else."""
    with desk.store.writing() as session:
        if inbox.body(session.connection(), number) is None:
            raise _unknown(number)
        if not inbox.again(session.connection(), number, now()):
            raise Failure("state", f"Webhook {number} has not failed.", "Nothing is to be done about it.")
        audit.record(session, actor, "webhook.again", f"webhook {number}")
    keeping.keeper(desk).arrived.set()


def _unknown(number: int) -> Misuse:
    return Misuse(f"There is no webhook {number}.", "Those that were worked off are kept for 90 days.")
