"""Sees that a form's success is about the account that was sent, and not about one that stood there before."""

from typing import Final

from data import attempts as table
from data.attempts import Known
from data.models import Source
from data.types import AttemptState, Status
from services.connecting.confirming import Verdict
from services.connecting.forms import Part
from services.desk import Desk
from services.handles import handle_key, shown
from services.observations import connection_id

LISTED_AS: Final = {"google": ("google", "youtube"), "twitter": ("twitter", "x")}
"""Under which names a list may hold what is connected on a platform."""


def listed_as(platform: str) -> tuple[str, ...]:
    """Name the platforms under which a list may hold what was sent for one."""
    return LISTED_AS.get(platform, (platform,))


def doubted(desk: Desk, source: Source, part: Part, verdict: Verdict) -> Verdict:
    """Keep a success unless its number is another account's that was connected before: then nothing new came."""
    if verdict.state is not AttemptState.CONNECTED:
        return verdict
    number = connection_id(source.id or 0, part.kind, verdict.vendor_id)
    with desk.store.reading() as session:
        known = table.listed(session, [number]).get(number)
    if known is None or known.status == Status.DISCONNECTED or _is(known, part):
        return verdict
    name = shown(known.handle) or known.name or f"its number {known.vendor_id}"
    words = (
        f"{source.name} answered with {name} on {known.platform}, which it listed before: nothing new was connected."
    )
    advice = f"See that the access belongs to {part.name}, then send it again."
    return Verdict(AttemptState.WRONG_ACCOUNT, words, advice, "there_before", account=name)


def _is(known: Known, part: Part) -> bool:
    """Tell whether a connection that was there before is the one that was sent."""
    told = {known.external_id, known.platform_id, known.handle}
    own = {handle_key(each, None) for each in (part.own, part.name)}
    return known.platform in listed_as(part.platform) and bool({handle_key(each, None) for each in told} & own - {None})
