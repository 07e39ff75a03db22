"""Beginning an attempt to connect: what may be connected at which source, and the account that a reconnect expects."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final, NamedTuple

from data import attempts as table
from data import sources
from data.models import Attempt, Source
from data.store import Session, now
from data.types import AttemptState, Kind, Vendor
from services import audit
from services.access import Actor, Permission, requires
from services.connecting import attempts
from services.connecting.ways import refuse_impossible
from services.desk import Desk
from services.failures import Failure, Misuse
from services.vault import new_token

LASTS: Final = timedelta(minutes=60)
"""How long a prepared attempt waits for its window to be opened."""
_READY: Final = "Everything is ready."
_OPEN_IT: Final = "Sign in at the vendor, in a window or in a new tab."


class Begun(NamedTuple):
    """The open attempt, and whether it was there before (another tab, a reload, a second press)."""

    attempt: Attempt
    resumed: bool

    @property
    def key(self) -> str:
        """Give the one-time key that the window is opened with."""
        return self.attempt.key


@requires(Permission.CONNECT, "attempt.begin", "source {}", "a source")
def begin(
    desk: Desk,
    actor: Actor,
    source_name: str,
    platform: str,
    *,
    kind: Kind = Kind.NETWORK,
    reconnects: str | None = None,
    before: dict[str, Any] | None = None,
    remaining: Iterable[str] = (),
    about: str = "",
) -> Begun:
    """Begin to connect, or give the open attempt of this person about the same thing.

    `reconnects` is the connection whose access is renewed, `remaining` those to do after it; `about` tells the accounts
    of a form apart, each with its own attempt. An open attempt with another aim at the same source and platform is
    superseded: the vendor could not tell the two apart.
    Raises Misuse for what can't be connected, Failure when the source is off.
    """
    with desk.store.writing() as session:
        source = _usable(session, source_name)
        refuse_impossible(Vendor(source.vendor), platform, kind, by_form=bool(about))
        expects = None if reconnects is None else _expected(session, source, platform, reconnects)
        slot = f"{source.id}:{kind.value}:{platform}" + (f":{about}" if about else "")
        standing = table.open_in(session, actor.username, slot)
        if standing is not None and standing.reconnects == reconnects and standing.ends_at > now():
            return Begun(standing, resumed=True)
        if standing is not None:
            _supersede(session, standing, by=actor)
        made = _new(actor, source, slot, platform, kind)
        made.reconnects, made.expects, made.before, made.remaining = reconnects, expects, before, list(remaining)
        table.keep(session, made)
        attempts.note(session, made, actor.username, made.message, first=True)
        audit.record(
            session,
            actor,
            "attempt.begin",
            attempts.subject(made),
            after=attempts.standing(made) | {"source": source.name},
        )
    return Begun(made, resumed=False)


def _usable(session: Session, name: str) -> Source:
    source = sources.named(session, name)
    if source is None or source.removed_at is not None:
        raise Misuse(f"There is no source named {name[:80]!r}.", "Add it on the Sources page.")
    if not source.enabled:
        raise Failure(
            "source_off", f"The source {source.name} is off.", "Switch it on under Sources, then begin again."
        )
    return source


def _expected(session: Session, source: Source, platform: str, connection_id: str) -> dict[str, Any]:
    """Give what is known of the account to reconnect, by which it is recognised afterwards."""
    known = table.connection(session, connection_id)
    if known is None or known.source_id != source.id:
        raise Misuse(f"The source {source.name} has no connection {connection_id[:80]!r}.", "Choose it under Networks.")
    if known.platform != platform:
        raise Misuse(f"That connection is on {known.platform}, not on {platform}.", "Choose it under Networks.")
    extra = known.extra or {}
    told = {name: getattr(known, name) for name in ("vendor_id", "external_id", "platform_id", "handle", "name")}
    told |= {
        "health": known.health,
        "oauth_id": extra.get("oauth_id"),
        "page_id": (extra.get("meta") or {}).get("pageId"),
    }
    return {name: value for name, value in told.items() if isinstance(value, str)}


def _new(actor: Actor, source: Source, slot: str, platform: str, kind: Kind) -> Attempt:
    at = now()
    return Attempt(
        key=new_token(),
        person=actor.username,
        slot=slot,
        source_id=source.id or 0,
        platform=platform,
        kind=kind.value,
        state=AttemptState.STARTED.value,
        began_at=at,
        changed_at=at,
        ends_at=at + LASTS,
        message=_READY,
        advice=_OPEN_IT,
    )


def _supersede(session: Session, attempt: Attempt, *, by: Actor) -> None:
    """End an attempt because the same person began another one at its place; its late answers are ignored."""
    words = "You began another attempt in its place."
    attempts.move(
        session, attempt, AttemptState.CANCELLED, by=by.username, message=words, problem="superseded", actor=by
    )
