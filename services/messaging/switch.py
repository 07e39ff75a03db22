"""The switch that turns the sending of a source off: the vendor calls this channel deprecated."""

from data.models import Source
from data.store import Session
from data.types import Vendor
from services import audit, credentials
from services.access import Actor, Permission, requires
from services.desk import Desk
from services.failures import Failure, Misuse
from services.sources import SENDING_OFF_BY


def sending_is_on(source: Source) -> bool:
    """Tell whether messages may be sent by a source, as far as the switch decides it."""
    return SENDING_OFF_BY not in source.options and bool(source.options.get("sending", True))


def refusal(source: Source) -> Failure | None:
    """Say why nothing can be sent by a source now; None when it can."""
    if source.removed_at is not None or not source.enabled:
        gone = "was removed" if source.removed_at else "is switched off"
        return Failure("off", f"The source {source.name} {gone}.", "Choose another source, or ask an admin.")
    if source.vendor != Vendor.IMICONNECT:
        return Failure("off", f"The source {source.name} sends no messages.", "Choose an imiconnect app.")
    if sending_is_on(source):
        return None
    by = source.options.get(SENDING_OFF_BY)
    words = f"Sending by {source.name} was turned off by {by}." if by else _by_settings(source)
    return Failure("sending_off", words, "Ask an admin to turn it on.")


@requires(Permission.MANAGE_SOURCES, "message.switch", "source {}")
def turn(desk: Desk, actor: Actor, source: str, *, on: bool) -> bool:
    """Turn the sending of a source on or off; gives whether it is on now. Raises Failure when the settings say off."""
    with desk.store.writing() as session:
        found = _named(session, source)
        before = sending_is_on(found)
        if on and not found.options.get("sending", True):
            raise Failure("settings", _by_settings(found), "Set PATCHBAY_IMICONNECT__SENDING=true and start again.")
        kept = {name: value for name, value in found.options.items() if name != SENDING_OFF_BY}
        found.options = kept if on else kept | {SENDING_OFF_BY: actor.username}
        session.add(found)
        about, after = f"source {found.name}", {"sending": on}
        audit.record(session, actor, "message.switch", about, before={"sending": before}, after=after)
    return on


def _named(session: Session, name: str) -> Source:
    source = credentials.named(session, name)
    if source.vendor != Vendor.IMICONNECT:
        raise Misuse(f"{source.name} sends no messages: it is a source of {source.vendor}.", "Name an imiconnect app.")
    return source


def _by_settings(source: Source) -> str:
    return f"The settings turn the sending by {source.name} off."
