"""Drafts: messages in the making, saved by themselves; of two people who edit one, the second is told.

Whoever composes may go on with anybody's draft. A save says which version it grew from; when another one was saved
meanwhile it is refused with both texts at hand: the page has the one, the `Conflict` the other.
"""

import secrets
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from data import drafts as table
from data import recipients, sources
from data.models import Draft as Row
from data.models import Recipient, Source
from data.queries import drafts as asked
from data.queries import people
from data.queries.drafts import Draft
from data.store import Session, now
from data.types import Vendor
from services import audit
from services.access import Actor, Permission, requires
from services.desk import Desk
from services.failures import Failure, Forbidden, Misuse
from services.messaging import bodies

SITTING = timedelta(minutes=10)
"""Saves of one person that follow each other closer than this are one entry in the audit trail."""


class Conflict(Failure):
    """The draft was saved by somebody else, or in another tab, since this text was begun: `theirs` is that one."""

    def __init__(self, theirs: Draft, who: str, seen: int) -> None:
        at = f"{theirs.saved_at:%H:%M} UTC on {theirs.saved_at:%-d %B}"
        message = f"{who} saved this draft at {at} (version {theirs.version}); yours began from version {seen}."
        super().__init__("conflict", message, "Take that text, or keep yours as a new draft.")
        self.theirs = theirs


class Gone(Failure):
    """The draft was discarded, or never was."""

    def __init__(self, message: str) -> None:
        super().__init__("gone", message, "Keep your text as a new draft, or begin another one.")


@requires(Permission.COMPOSE, "draft.create", otherwise="a new draft")
def create(
    desk: Desk,
    actor: Actor,
    body: Mapping[str, Any] | None = None,
    *,
    source: str | None = None,
    recipient: str | None = None,
) -> Draft:
    """Begin a draft. Raises Misuse for a body that can't be kept and for an unknown source or recipient."""
    kept = bodies.checked(body or {})
    with desk.store.writing() as session:
        draft = _new(session, actor.username, kept, _source(session, source), _recipient(session, recipient))
        audit.record(session, actor, "draft.create", f"draft {draft.id}", after=_told(draft))
        return draft


@requires(Permission.COMPOSE, "draft.save", "draft {}")
def save(
    desk: Desk,
    actor: Actor,
    draft_id: str,
    version: int,
    *,
    body: Mapping[str, Any],
    source: str | None = None,
    recipient: str | None = None,
) -> Draft:
    """Save what a draft has become since that version; one that says the same is left as it is.

    Raises Conflict when another version was saved meanwhile, Gone when it was discarded, Misuse like `create`.
    """
    kept = bodies.checked(body)
    with desk.store.writing() as session:
        row, before = _found(session, draft_id)
        chosen = _source(session, source, row.source_id), _recipient(session, recipient, row.recipient_id)
        if (row.body, row.source_id, row.recipient_id) == (kept, *chosen):
            return before
        if row.version != version:
            raise Conflict(before, _who(session, actor, before), version)
        row.body, (row.source_id, row.recipient_id) = kept, chosen
        row.version, row.saved_by, row.saved_at = row.version + 1, actor.username, now()
        session.add(row)
        session.flush()
        after = _shown(session, draft_id)
        if _sat_down(before, after):
            audit.record(session, actor, "draft.save", f"draft {draft_id}", before=_told(before), after=_told(after))
        return after


@requires(Permission.COMPOSE, "draft.press_again", "draft {}")
def press_again(desk: Desk, actor: Actor, draft_id: str) -> Draft:
    """Give a draft that was sent a new press, so that it can be sent once more; an unused press stays as it is."""
    with desk.store.writing() as session:
        row, draft = _found(session, draft_id)
        if not table.was_pressed(session, row.press):
            return draft
        row.press = str(uuid.uuid4())
        session.add(row)
        session.flush()
        audit.record(session, actor, "draft.press_again", f"draft {draft_id}", before=draft.press, after=row.press)
        return _shown(session, draft_id)


@requires(Permission.COMPOSE, "draft.discard", "draft {}")
def discard(desk: Desk, actor: Actor, draft_id: str) -> None:
    """Discard one's own draft; who manages people may discard anybody's. Raises Gone or Forbidden."""
    with desk.store.writing() as session:
        row, draft = _found(session, draft_id)
        if draft.owner != actor.username and not actor.may(Permission.MANAGE_PEOPLE):
            raise Forbidden("This draft is somebody else's.", "Keep a copy as a draft of your own.")
        row.removed_at, row.saved_by = now(), actor.username
        session.add(row)
        audit.record(session, actor, "draft.discard", f"draft {draft_id}", before=_told(draft))


@requires(Permission.COMPOSE, "draft.duplicate", "message {}")
def duplicate(desk: Desk, actor: Actor, message_id: int) -> Draft:
    """Begin a draft with what a message sent, to the same recipient unless removed. Raises Misuse for no message."""
    with desk.store.writing() as session:
        message = table.message(session, message_id)
        if message is None:
            raise Misuse(f"There is no message {message_id}.", "The list of sent messages has them all.")
        to = recipients.by_id(session, message.recipient_id)
        kept = message.recipient_id if to is not None and to.removed_at is None else None
        draft = _new(session, actor.username, bodies.again(message.payload), message.source_id, kept)
        about = f"draft {draft.id}"
        audit.record(session, actor, "draft.duplicate", about, after=_told(draft) | {"message": message_id})
        return draft


def begin(session: Session, owner: str, body: dict[str, Any]) -> Draft:
    """Begin somebody's draft within a unit of work of the caller, who audits it."""
    return _new(session, owner, body)


def _new(
    session: Session, owner: str, body: dict[str, Any], source: int | None = None, recipient: int | None = None
) -> Draft:
    at, number = now(), secrets.token_hex(4)
    while table.by_id(session, number) is not None:
        number = secrets.token_hex(4)
    row = Row(
        id=number,
        owner=owner,
        source_id=source,
        recipient_id=recipient,
        body=body,
        press=str(uuid.uuid4()),
        created_at=at,
        saved_at=at,
        saved_by=owner,
    )
    session.add(row)
    session.flush()
    return _shown(session, number)


def _found(session: Session, draft_id: str) -> tuple[Row, Draft]:
    row = table.by_id(session, draft_id)
    if row is None:
        raise Gone(f"There is no draft {draft_id[:20]}.")
    if row.removed_at is not None:
        who = people.names(session).get(row.saved_by, row.saved_by)
        raise Gone(f"{who} discarded this draft at {row.removed_at:%H:%M} UTC on {row.removed_at:%-d %B}.")
    return row, _shown(session, draft_id)


def _shown(session: Session, draft_id: str) -> Draft:
    found = asked.one(session, draft_id)
    if found is None:
        raise Gone(f"There is no draft {draft_id[:20]}.")
    return found


def _sat_down(before: Draft, after: Draft) -> bool:
    """Tell whether a save begins a sitting: the first one, one of somebody else, one after a while."""
    return before.version == 1 or before.saved_by != after.saved_by or after.saved_at - before.saved_at > SITTING


def _source(session: Session, name: str | None, chosen: int | None = None) -> int | None:
    """Find the source that a draft names; the one it has already stays, whatever became of it."""
    if not name:
        return None
    found = sources.named(session, name)
    if found is None or (found.id != chosen and not _sends(found)):
        raise Misuse(f"There is no source {name[:80]!r} to send from.", "Choose an imiconnect app.")
    return found.id


def _sends(source: Source) -> bool:
    return source.vendor == Vendor.IMICONNECT and source.removed_at is None


def _recipient(session: Session, name: str | None, chosen: int | None = None) -> int | None:
    """Find the recipient that a draft names; the one it has already stays, also when it was removed."""
    if not name:
        return None
    found: Recipient | None = recipients.named(session, name)
    before = None if chosen is None else recipients.by_id(session, chosen)
    if found is None and before is not None and before.name == name:
        found = before
    if found is None:
        message = f"There is no test recipient named {name[:80]!r}."
        raise Misuse(message, "Choose another one, or ask an admin to add them.")
    return found.id


def _who(session: Session, actor: Actor, theirs: Draft) -> str:
    if theirs.saved_by == actor.username:
        return "Another tab of yours"
    return people.names(session).get(theirs.saved_by, theirs.saved_by)


def _told(draft: Draft) -> dict[str, Any]:
    return {"version": draft.version, "source": draft.source, "recipient": draft.recipient, "body": draft.body}
