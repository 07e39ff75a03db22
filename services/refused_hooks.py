"""When webhooks of a source are refused again and again: an incident, until one is believed or none comes any more."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from data import incidents, refused_hooks
from data.refused_hooks import Refused
from data.store import now
from data.types import Cause
from services.desk import Desk
from services.webhooks.believing import Reason

IN_A_ROW, SILENCE, QUIET = 3, timedelta(hours=1), timedelta(days=1)
"""So many refused ones while none was believed, or none for so long, are trouble; a day without any ends it."""
_REASONS = {
    Cause.WEBHOOK_SECRET: (Reason.NO_SECRET,),
    Cause.WEBHOOK_REFUSED: (Reason.SIGNATURE, Reason.UNSIGNED),
}
_WORDS = {
    Cause.WEBHOOK_SECRET: (
        "Webhooks arrive for {}, which has no webhook secret to check them with: {} refused.",
        "Give the source the secret that its vendor signs with.",
    ),
    Cause.WEBHOOK_REFUSED: (
        "Webhooks for {} are refused, their signature is wrong or missing: {} of them, and none was believed since.",
        "Compare the secret at the vendor with the one here; if nothing was set up there, somebody forges them.",
    ),
}


def watch(desk: Desk) -> None:
    """Begin and end the incidents of all sources; the lock is only taken when one of them changes."""
    at = now()
    with desk.store.reading() as session:
        changes = any(_moves(session.connection(), cause, at) for cause in _REASONS)
    if changes:
        with desk.store.bulk() as link:
            for move in [move for cause in _REASONS for move in _moves(link, cause, at)]:
                move(link)


def _moves(link: Any, cause: Cause, at: datetime) -> list[Callable[[Any], object]]:
    """Give what is to begin and what is to end."""
    told = refused_hooks.with_incident(link, cause)
    found = {each.source_id: each for each in refused_hooks.lately(link, _REASONS[cause], at - QUIET)}
    new = [each for each in found.values() if each.source_id not in told and _trouble(each)]
    over = {source_id: _over(link, source_id, noted_at, found) for source_id, noted_at in told.items()}
    return [
        *(partial(_begin, cause, each, at) for each in new),
        *(partial(incidents.end, cause=cause, source_id=key, at=at, why=why) for key, why in over.items() if why),
    ]


def _over(link: Any, source_id: int, noted_at: datetime, found: dict[int, Refused]) -> str | None:
    believed = refused_hooks.believed_at(link, source_id)
    if believed is not None and believed > noted_at:
        return "A webhook of it was believed again."
    return None if source_id in found else "None was refused for a day."


def _begin(cause: Cause, refused: Refused, at: datetime, link: Any) -> None:
    message, advice = _WORDS[cause]
    told = message.format(refused.source, f"{refused.times:,}")
    source_id, since = refused.source_id, refused.first_at
    incidents.begin(link, cause=cause, source_id=source_id, at=at, since=since, message=told, advice=advice)


def _trouble(refused: Refused) -> bool:
    """Tell whether the refused ones are the only ones: a forged one beside good ones is no trouble."""
    believed = refused.believed_at
    alone = believed is None or believed < refused.first_at or refused.last_at - believed >= SILENCE
    return refused.times >= IN_A_ROW and alone
