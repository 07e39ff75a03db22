"""Sends the form of a vendor, once: each of its accounts is an attempt, committed before anything leaves.

An attempt that waits says that nobody knows how its request ended (a time-out, a crash). Only the vendor's list settles
it; the same form pressed again asks that list and sends nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Final, Protocol

from data import sources
from data.models import Attempt, Source
from data.store import now
from data.types import AttemptState, Vendor
from services.access import Actor, Permission, requires
from services.clients import Client
from services.connecting import attempts, beginning, flows, foreign, forms, gipper, zocial
from services.connecting.confirming import (
    ASKED_AGAIN,
    BEGIN_AGAIN,
    Verdict,
    asking,
    bring,
    conclude,
    refused,
    sentence,
    waits,
)
from services.connecting.forms import Part
from services.desk import Desk
from services.failures import Misuse
from services.vendors.errors import PASSING, OutcomeUnknown, VendorError

_S = AttemptState


class Form(Protocol):
    """What a person filled in for one vendor; its secrets live as long as the call that it is given to."""

    @property
    def vendor(self) -> Vendor:
        """Name the vendor that it is for."""
        ...

    def faults(self) -> dict[str, str]:
        """Give what is wrong with each field."""
        ...

    def parts(self) -> list[Part]:
        """Give the accounts that it connects."""
        ...

    def send(self, client: Client, source: Source, parts: list[Part]) -> list[Verdict]:
        """Send it for some of its accounts, once, and say what became of each. Raises VendorError."""
        ...


class Refuses(Protocol):
    """How a vendor's errors are told."""

    def failed(self, error: VendorError) -> Verdict:
        """Give the end of an attempt whose form was refused."""
        ...

    def already(self, error: VendorError) -> str | None:
        """Give the code by which a vendor says that it holds the account, which its list must confirm."""
        ...


REFUSES: Final[Mapping[Vendor, Refuses]] = {Vendor.GIPPER: gipper, Vendor.ZOCIAL: zocial}


@requires(Permission.CONNECT, "attempt.submit", "source {}", "a source")
def submit(desk: Desk, actor: Actor, source_name: str, form: Form) -> list[Attempt]:
    """Connect what a form names, and give the attempt of each account as it ended, or as it waits.

    Raises Misuse that names every wrong field, Failure when the source is off or lacks its secret; nothing left then.
    """
    forms.refuse(form.faults())
    source, parts = _source(desk, source_name, form.vendor), form.parts()
    with asking(desk, source) as client:
        begun = [
            beginning.begin(desk, actor, source_name, part.platform, kind=part.kind, about=part.own) for part in parts
        ]
        keys = [each.key for each in begun]
        mine = _mark(desk, actor, zip((each.attempt.id or 0 for each in begun), parts, strict=True))
        if mine:
            _send(desk, actor, source, client, form=form, mine=mine)
    return [_settled(desk, actor, key) for key in keys]


def _source(desk: Desk, name: str, vendor: Vendor) -> Source:
    with desk.store.reading() as session:
        found = sources.named(session, name)
    if found is None or found.removed_at is not None or found.vendor != vendor:
        raise Misuse(f"There is no source of {vendor.value} named {name[:80]!r}.", "Choose one on the Connect page.")
    return found


def _mark(desk: Desk, actor: Actor, wanted: Iterable[tuple[int, Part]]) -> list[tuple[Attempt, Part]]:
    """Write down that a form is about to leave; gives the attempts that no other press has sent before."""
    mine = []
    with desk.store.writing() as session:
        for number, part in wanted:
            found = attempts.in_work(session, number)
            if found.state != _S.STARTED.value:
                continue
            attempts.remember(found, own=part.own, name=part.name)
            attempts.prolong(found, now() + attempts.CONFIRMING)
            words = f"{part.name} was sent; its answer has not come yet."
            advice = f"It is not sent a second time by itself. {ASKED_AGAIN}"
            attempts.move(
                session,
                found,
                _S.WAITING,
                by=actor.username,
                message=words,
                advice=advice,
                account=part.name,
                actor=actor,
            )
            mine.append((found, part))
    return mine


def _send(
    desk: Desk, actor: Actor, source: Source, client: Client, *, form: Form, mine: list[tuple[Attempt, Part]]
) -> None:
    """Send the form and write down what became of each account; those of which nobody knows go on waiting."""
    code = None
    try:
        verdicts = form.send(client, source, [part for _, part in mine])
    except VendorError as error:
        code = REFUSES[form.vendor].already(error)
        verdicts = [_failed(form.vendor, error, code) for _ in mine]
    told = zip(mine, verdicts, strict=True)
    sent = [(attempt, foreign.doubted(desk, source, part, verdict)) for (attempt, part), verdict in told]
    _remember(desk, sent, code)
    connected = [verdict for _, verdict in sent if verdict.state is _S.CONNECTED]
    report = bring(desk, source, connected) if connected else None
    for attempt, verdict in sent:
        conclude(desk, attempt, source, verdict, by="vendor", actor=actor, report=report)


def _failed(vendor: Vendor, error: VendorError, already: str | None) -> Verdict:
    """Judge an error of the one request: a refusal is the end, a doubt and “connected already” are for the list."""
    if isinstance(error, OutcomeUnknown) or already is not None:
        return waits(sentence(error), f"It is not sent a second time by itself. {ASKED_AGAIN}", error.kind)
    if error.kind in PASSING:
        return refused(sentence(error), BEGIN_AGAIN, error.kind)
    return REFUSES[vendor].failed(error)


def _remember(desk: Desk, sent: list[tuple[Attempt, Verdict]], already: str | None) -> None:
    """Keep what the answer said before anything is done with it: a process that dies then leaves it to the list."""
    with desk.store.writing() as session:
        for attempt, verdict in sent:
            found = attempts.in_work(session, attempt.id or 0)
            if attempts.is_open(found):
                attempts.remember(found, vendor_id=verdict.vendor_id or None, already=already)


def _settled(desk: Desk, actor: Actor, key: str) -> Attempt:
    """Give an attempt as it stands, after its vendor's list was asked when nobody knows."""
    return flows.settle(desk, attempts.of_person(desk, actor, key), by="list", actor=actor)
