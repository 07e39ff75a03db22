"""Sends one message to a list of recipients: all reserved at once, then sent at the pace of the source.

Each recipient's message is one of its own, with its own outcome; a stop refuses those that have not left.
"""

import hashlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from data import messages, sources
from data import recipients as table
from data.models import Recipient, Sending, Source
from data.names import key
from data.store import Session, now
from data.types import MessageState, SendingState
from services import audit, clients, credentials, jobs
from services.access import Actor, Permission, requires
from services.desk import Desk
from services.failures import Misuse
from services.messaging import reserving, states, streams, wire
from services.messaging.reserving import Invalid
from services.messaging.wire import Order, Prepared

MOST = 10_000
"""Recipients of one list."""
ENOUGH = 100
"""Messages that can't leave as they are, after which the others of their list are not looked at: none leaves then."""


class Listed(NamedTuple):
    """A message as it would leave to each of a list; the button is bound to the digest of them all.

    `each` ends early where enough of them can't leave; `total` counts the recipients all the same.
    """

    each: tuple[Prepared, ...]
    digest: str
    total: int

    @property
    def invalid(self) -> tuple[Prepared, ...]:
        """Give those that can't leave as they are."""
        return tuple(prepared for prepared in self.each if prepared.problems)


def prepare(desk: Desk, press: str, body: Mapping[str, Any], source: str, recipients: Sequence[str]) -> Listed:
    """Prepare a message for each of a list of recipients. Raises Misuse for an unknown source or recipient."""
    with desk.store.reading() as session:
        of_source, people = credentials.named(session, source), _people(session, recipients)
    each: list[Prepared] = []
    wrong = 0
    for person in people:
        each.append(_prepared(desk, Order(body, source, person.name, press), of_source, person))
        wrong += bool(each[-1].problems)
        if wrong == ENOUGH:
            break
    together = "\n".join(prepared.digest for prepared in each)
    return Listed(tuple(each), hashlib.sha256(together.encode()).hexdigest(), len(people))


@requires(Permission.SEND_TESTS, "message.send_list", otherwise="a list")
def begin(
    desk: Desk,
    actor: Actor,
    press: str,
    body: Mapping[str, Any],
    *,
    source: str,
    recipients: Sequence[str],
    digest: str,
    draft_id: str | None = None,
) -> Sending:
    """Reserve a message for each recipient, and let them leave beside the pages; a second press finds the first's.

    Raises Failure when one of them may not leave: then none does.
    """
    with desk.store.reading() as session:
        found = messages.sending_of_press(session, press)
    if found is not None:
        return found
    listed = prepare(desk, press, body, source, recipients)
    _refuse_unsendable(listed, digest)
    with desk.store.writing() as session:
        found = messages.sending_of_press(session, press)
        if found is not None:
            return found
        reserving.refuse_used_press(session, press)
        reserving.refuse_changed_draft(session, Order(body, source, "", press, draft_id))
        made, numbers = _reserved(session, actor, press, listed, draft_id)
    halt = threading.Event()
    jobs.beside(partial(streams.leave_all, desk, numbers, halt), "a list of messages", halt)
    return made


@requires(Permission.SEND_TESTS, "message.stop_list", "sending {}")
def stop(desk: Desk, actor: Actor, sending_id: int) -> Sending:
    """Stop a send to a list: what has not left is refused and never leaves. Raises Misuse for an unknown one."""
    with desk.store.writing() as session:
        found = messages.sending(session, sending_id)
        if found is None:
            raise Misuse(f"There is no send to a list {sending_id}.", "The sent messages name theirs.")
        if found.state != SendingState.RUNNING:
            return found
        words = f"Stopped by {actor.username}; nothing was sent."
        refused = messages.reserved_of(session, sending_id)
        for message in refused:
            states.move(session, message, MessageState.REFUSED, by=actor.username, words=words, code="stopped")
        found.state, found.stopped_by, found.ended_at = SendingState.STOPPED.value, actor.username, now()
        messages.keep(session, found)
        about, after = f"sending {sending_id}", {"state": found.state, "not_sent": len(refused)}
        audit.record(session, actor, "message.stop_list", about, after=after)
    return found


def _people(session: Session, names: Sequence[str]) -> list[Recipient]:
    """Find the recipients, each once, in the order in which they are named. Raises Misuse."""
    kept = {person.name_key: person for person in table.kept(session)}
    found = [kept.get(key(name)) for name in names]
    unknown = [name for name, person in zip(names, found, strict=True) if person is None]
    if unknown:
        raise Misuse(f"There is no test recipient named {unknown[0][:80]!r}.", "Choose another one, or ask an admin.")
    people = list({person.id: person for person in found if person is not None}.values())
    if not people or len(people) > MOST:
        raise Misuse(f"A list has 1 to {MOST:,} recipients; {len(people):,} were named.", "Choose them again.")
    return people


def _prepared(desk: Desk, order: Order, source: Source, person: Recipient) -> Prepared:
    """Prepare the message to one of a list: under a press of its own, and an id of its own if the body names one."""
    own = Order(order.body, order.source, order.recipient, f"{order.press}:{person.id}", order.draft_id)
    first = wire.prepared(desk, own, source, person)
    written = first.payload["correlationId"]
    if first.problems:
        return replace(first, payload={})  # it never leaves, and many may be large
    if written == own.press:
        return first
    return wire.prepared(desk, replace(own, correlation_id=f"{written}:{person.id}"), source, person)


def _refuse_unsendable(listed: Listed, digest: str) -> None:
    """Refuse a list one of whose messages may not leave. Raises Failure."""
    reserving.refuse_in_replay()
    if listed.invalid:
        raise Invalid(listed.invalid[0].problems, of=listed.invalid[0].order.recipient)
    if listed.digest != digest:
        raise reserving.changed()


def _reserved(
    session: Session, actor: Actor, press: str, listed: Listed, draft_id: str | None
) -> tuple[Sending, list[int]]:
    """Reserve all of a list in one transaction; gives their numbers."""
    source = sources.by_id(session, listed.each[0].source_id)
    reserving.refuse_source(source)
    wait = 0.0 if source is None else 2 * len(listed.each) / clients.per_second(source)
    made = Sending(
        press=press,
        source_id=listed.each[0].source_id,
        person=actor.username,
        state=SendingState.RUNNING.value,
        total=len(listed.each),
        began_at=now(),
    )
    messages.keep(session, made)
    rows = reserving.rows_of(session, actor, listed.each, wait=wait)
    for row in rows:
        row.sending_id, row.draft_id = made.id, draft_id
    states.reserve(session, rows, by=actor.username, words=reserving.RESERVED)
    told = {"source": listed.each[0].order.source, "recipients": made.total, "digest": listed.digest}
    audit.record(session, actor, "message.send_list", f"sending {made.id}", after=told, outcome="begun")
    return made, [row.id or 0 for row in rows]
