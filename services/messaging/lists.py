"""Sends one message to a list of recipients: all reserved at once, then sent at the pace of the source.

Each recipient's message is one of its own, with its own outcome. The plan of a list is a value: it names whom it sends
to and whom it leaves out, and beginning consumes that very plan.
"""

import hashlib
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

from data import messages, sources
from data import recipients as table
from data.models import Recipient, Sending, Source
from data.names import key
from data.store import Session, now
from data.types import SendingState
from services import audit, clients, credentials, jobs
from services.access import Actor, Permission, requires
from services.desk import Desk
from services.failures import Misuse
from services.messaging import reserving, states, streams, wire
from services.messaging.reserving import Invalid
from services.messaging.wire import Order, Prepared, Problem

MOST = 10_000
"""Recipients of one list."""
ENOUGH = 1_000
"""Messages that can't leave as they are, after which the others of their list are not looked at: none leaves then."""


class One(NamedTuple):
    """One recipient of a list: the digest of their message, and what keeps it here, if something does."""

    recipient: str
    digest: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """The plan of a list: what would leave to each, and who is left out; the button is bound to the digest of it.

    `each` ends early where very many can't leave (`whole` says so); `total` counts the recipients all the same.
    """

    order: Order
    each: tuple[One, ...]
    total: int
    left_out: tuple[One, ...] = ()

    def __str__(self) -> str:
        return f"list of {self.total:,} from {self.order.source}"

    @property
    def invalid(self) -> tuple[One, ...]:
        """Give those that can't leave as they are."""
        return tuple(one for one in self.each if one.problems)

    @property
    def whole(self) -> bool:
        """Tell whether each recipient was looked at."""
        return len(self.each) == self.total

    @property
    def digest(self) -> str:
        """Give the hash of all that would leave."""
        return hashlib.sha256("\n".join(one.digest for one in self.each).encode()).hexdigest()

    def without(self, names: Collection[str]) -> "Listed":
        """Leave those out who are named and can't get it as it is; a plan that did not look at each leaves none."""
        out = tuple(one for one in self.invalid if one.recipient in names) if self.whole else ()
        gone = {one.recipient for one in out}
        kept = tuple(one for one in self.each if one.recipient not in gone)
        return replace(self, each=kept, total=self.total - len(out), left_out=(*self.left_out, *out))


def prepare(
    desk: Desk,
    press: str,
    body: Mapping[str, Any],
    source: str,
    recipients: Sequence[str],
    *,
    draft_id: str | None = None,
) -> Listed:
    """Plan a message for each of a list of recipients. Raises Misuse for an unknown source or recipient."""
    order = Order(body, source, "", press, draft_id)
    of_source, people = _found(desk, order, recipients)
    each: list[One] = []
    wrong = 0
    for prepared in _prepared(desk, order, of_source, people):
        each.append(One(prepared.order.recipient, prepared.digest, prepared.problems))
        wrong += bool(prepared.problems)
        if wrong == ENOUGH:
            break
    return Listed(order, tuple(each), len(people))


@requires(Permission.SEND_TESTS, "message.send_list")
def begin(desk: Desk, actor: Actor, planned: Listed) -> Sending:
    """Reserve a message for each recipient of a plan, and let them leave beside the pages; whom it leaves out get none.

    A second press finds what the first has begun. Raises Failure when one of them may not leave as planned: then none
    does.
    """
    order = planned.order
    with desk.store.reading() as session:
        found = messages.sending_of_press(session, order.press)
    if found is not None:
        return found
    ready = _as_planned(desk, planned)
    with desk.store.writing() as session:
        found = messages.sending_of_press(session, order.press)
        if found is not None:
            return found
        reserving.refuse_used_press(session, order.press)
        reserving.refuse_changed_draft(session, order)
        made, numbers = _reserved(session, actor, planned, ready)
    halt = threading.Event()
    jobs.beside(partial(streams.leave_all, desk, numbers, halt), "a list of messages", halt)
    return made


def _found(desk: Desk, order: Order, names: Sequence[str]) -> tuple[Source, list[Recipient]]:
    """Find the source and the recipients, each once, in the order in which they are named. Raises Misuse."""
    with desk.store.reading() as session:
        source = credentials.named(session, order.source)
        kept = {person.name_key: person for person in table.kept(session)}
    found = [kept.get(key(name)) for name in names]
    unknown = [name for name, person in zip(names, found, strict=True) if person is None]
    if unknown:
        raise Misuse(f"There is no test recipient named {unknown[0][:80]!r}.", "Choose another one, or ask an admin.")
    people = list({person.id: person for person in found if person is not None}.values())
    if not people or len(people) > MOST:
        raise Misuse(f"A list has 1 to {MOST:,} recipients; {len(people):,} were named.", "Choose them again.")
    return source, people


def _prepared(desk: Desk, order: Order, source: Source, people: Sequence[Recipient]) -> Iterator[Prepared]:
    """Prepare the message to each: under a press of its own, and an id of its own if the body names one."""
    for person in people:
        own = replace(order, recipient=person.name, press=f"{order.press}:{person.id}")
        first = wire.prepared(desk, own, source, person)
        written = first.payload["correlationId"]
        if written == own.press:
            yield first
        else:
            yield wire.prepared(desk, replace(own, correlation_id=f"{written}:{person.id}"), source, person)


def _as_planned(desk: Desk, planned: Listed) -> tuple[Prepared, ...]:
    """Prepare the messages of a plan once more. Raises Failure where one may not leave, or is not as it was shown."""
    reserving.refuse_in_replay()
    _refuse_invalid(planned.each)
    source, people = _found(desk, planned.order, [one.recipient for one in planned.each])
    ready = tuple(_prepared(desk, planned.order, source, people))
    found = tuple(One(each.order.recipient, each.digest, each.problems) for each in ready)
    _refuse_invalid(found)
    if found != planned.each:
        raise reserving.changed()
    return ready


def _refuse_invalid(each: Sequence[One]) -> None:
    wrong = next((one for one in each if one.problems), None)
    if wrong is not None:
        raise Invalid(wrong.problems, of=wrong.recipient)


def _reserved(session: Session, actor: Actor, planned: Listed, ready: Sequence[Prepared]) -> tuple[Sending, list[int]]:
    """Reserve all of a list in one transaction; gives their numbers."""
    source = sources.by_id(session, ready[0].source_id)
    reserving.refuse_source(source)
    wait = 0.0 if source is None else 2 * len(ready) / clients.per_second(source)
    made = Sending(
        press=planned.order.press,
        source_id=ready[0].source_id,
        person=actor.username,
        state=SendingState.RUNNING.value,
        total=len(ready),
        began_at=now(),
    )
    messages.keep(session, made)
    rows = reserving.rows_of(session, actor, ready, wait=wait)
    for row in rows:
        row.sending_id = made.id
    states.reserve(session, rows, by=actor.username, words=reserving.RESERVED)
    audit.record(session, actor, "message.send_list", f"sending {made.id}", after=_told(planned), outcome="begun")
    return made, [row.id or 0 for row in rows]


def _told(planned: Listed) -> dict[str, Any]:
    """Give what the trail says of a list: never a text of it, but who was left out, and by which rules."""
    told = {"source": planned.order.source, "recipients": planned.total, "digest": planned.digest}
    out = {one.recipient: [f"{each.field}: {each.limit}" for each in one.problems] for one in planned.left_out}
    return told | ({"left_out": out} if out else {})
