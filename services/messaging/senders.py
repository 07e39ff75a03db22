"""Who messages can be sent as: the imiconnect sources, each with the reason when it sends nothing now."""

from typing import Final, NamedTuple

from data import sources
from data.models import Source
from data.types import Origin, Vendor
from services import clients
from services.desk import Desk
from services.failures import Failure
from services.messaging import switch

_PRETENDED: Final = "Café Zürich"


class Sender(NamedTuple):
    """One source that messages can be sent as."""

    name: str
    brand: str
    """Under which name recipients see it: the source's own, and for the sandbox's a brand as there could be one."""
    refusal: Failure | None
    """Why nothing can be sent by it now; None when it can."""
    turned_off: bool
    """Whether the switch, and nothing else, keeps it from sending."""
    pretended: bool
    """Whether it is the sandbox's, where a message can be rehearsed."""
    per_second: float
    """How many messages leave in a second at most."""


def every(desk: Desk) -> tuple[Sender, ...]:
    """Give the sources that messages can be sent as, by name."""
    with desk.store.reading() as session:
        known = [each for each in sources.active(session) if each.vendor == Vendor.IMICONNECT]
    return tuple(
        Sender(
            each.name,
            _brand(each),
            switch.refusal(each),
            each.enabled and not switch.sending_is_on(each),
            each.origin == Origin.SANDBOX,
            clients.per_second(each),
        )
        for each in known
    )


def brand(desk: Desk, name: str) -> str:
    """Give under which name recipients see a source; its own for one that is not there any more."""
    return next((each.brand for each in every(desk) if each.name == name), name)


def _brand(source: Source) -> str:
    return _PRETENDED if source.origin == Origin.SANDBOX else source.name
