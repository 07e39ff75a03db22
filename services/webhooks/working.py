"""Works off what is in the inbox, in any order: who follows an event is called, a hint has its source's list read.

An event is done only once all of that was; until then it waits, and all of it is done again after a crash. So whoever
follows an event must not mind being called twice, as reading a list does not (docs/decisions/0018).
"""

import json
import threading
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Any

from data import inbox
from data.errors import DatabaseProblem
from data.inbox import Waiting
from data.store import now
from data.types import RunState, Vendor
from services import logs, replay
from services.desk import Desk
from services.failures import Failure
from services.reports import PASSING_BY, Wish
from services.sync import sync
from services.vendors import late_events
from services.vendors.errors import VendorError
from services.webhooks import events, keeping, refusals
from services.webhooks.believing import DELIVERY
from services.webhooks.events import Heard, NotBelieved, NotYet
from services.webhooks.outcomes import Became, Outcomes

TICK = 1.0
GATHERING = 0.2
"""Seconds in which the webhooks of a burst gather, so that it does not keep this thread busy."""
MOST = 500
"""Events that are taken in, or worked off, in one transaction."""
BETWEEN_LISTS = 5.0
"""Seconds from one reading of a source's list to the next: the hints of a burst share one."""
KEPT = timedelta(days=90)
_NOT_KNOWN = "No message of ours is known by it."
_NOBODYS_FAULT = frozenset({"stopped", "fenced", "busy"})


Beside = Callable[[Callable[[], object]], object]
"""Runs a job, at once or in a thread of its own."""


class Worker:
    """Works off the inbox of a desk, source by source; by `beside` one whose vendor is slow delays no other."""

    def __init__(self, desk: Desk, stop: threading.Event, *, beside: Beside = lambda job: job()) -> None:
        self._desk = desk
        self._stop = stop
        self._beside = beside
        self._busy: set[int] = set()
        self._lists: dict[int, float] = {}
        self._thinned = date.min

    def run(self) -> None:
        """Work until it is told to stop; a database that can't be used is asked again."""
        arrived = keeping.keeper(self._desk).arrived
        while not self._stop.is_set():
            try:
                self.once()
            except DatabaseProblem as problem:
                logs.logger(__name__).warning("webhooks wait for the database", problem=problem.message)
            except Exception as error:  # noqa: BLE001 (one of the two places that must not die: the next turn comes)
                _log(error)
            arrived.wait(TICK)
            self._stop.wait(GATHERING)
            arrived.clear()

    def once(self) -> None:
        """Take in what has arrived, and work off what is due. Raises DatabaseProblem."""
        refusals.write_down(self._desk)
        take_in(self._desk)
        with self._desk.store.reading() as session:
            waiting = inbox.due(session.connection(), now(), MOST, without=set(self._busy))
        of_source = attrgetter("source_id")
        for source, found in groupby(sorted(waiting, key=of_source), of_source):
            if not self._stop.is_set() and self._rested(source):
                self._busy.add(source)
                self._beside(partial(self._in_work, source, list(found)))
        self._thin()

    def _in_work(self, source: int, waiting: Sequence[Waiting]) -> None:
        try:
            self._work_off(source, waiting)
        finally:
            self._busy.discard(source)

    def _rested(self, source: int) -> bool:
        """Tell whether a source's list may be read again; until then its hints gather.

        While a demo is being filled it may not: a sync of now would put today into the past.
        """
        if replay.progress() is not None:
            return False
        return source not in self._lists or time.monotonic() - self._lists[source] >= BETWEEN_LISTS

    def _work_off(self, source: int, waiting: Sequence[Waiting]) -> None:
        outcomes, hints = Outcomes(), list[tuple[Waiting, str]]()
        for event in waiting:
            became, reason = _followed(self._desk, event)
            if became is Became.DONE and events.is_hint(Vendor(event.vendor), event.event):
                hints.append((event, reason))
            else:
                outcomes.note(became, reason, event)
        if hints:
            became, reason = self._list_read(source, [event for event, _ in hints])
            for event, said in hints:
                outcomes.note(became, f"{said} {reason}".strip(), event)
        outcomes.write_down(self._desk)

    def _list_read(self, source: int, hints: Sequence[Waiting]) -> tuple[Became, str]:
        """Have a source's list read once for all its hints, unless that has happened since the last of them."""
        with self._desk.store.reading() as session:
            read = inbox.read_since(session.connection(), source, max(event.received_at for event in hints))
        if read:
            return Became.DONE, "The source's list was read since."
        self._lists[source] = time.monotonic()
        return _outcome_of(lambda: _read(self._desk, hints[0].source, self._stop))

    def _thin(self) -> None:
        if self._thinned < now().date():
            self._thinned = now().date()
            with self._desk.store.bulk() as link:
                inbox.thin(link, now() - KEPT)


def take_in(desk: Desk) -> None:
    """Move what is durable in the intake to the inbox; what the inbox has already counts as a repeat."""
    intake = keeping.keeper(desk).intake
    while kept := intake.waiting(MOST):
        with desk.store.bulk() as link:
            inbox.take(link, [entry for _, entry in kept])
        intake.forget([number for number, _ in kept])


def _followed(desk: Desk, event: Waiting) -> tuple[Became, str]:
    """Offer an event to those who follow it."""
    vendor = Vendor(event.vendor)
    known = events.followers(vendor, event.event)
    heard = _heard(event, vendor)
    if not event.asked and event.event != DELIVERY:  # what became of a message that left is told all the same
        return Became.IGNORED, "The source is switched off."
    if vendor is Vendor.LATE and late_events.event(heard.body).test:
        return Became.IGNORED, "It is a test."
    if not known and event.event != DELIVERY and not events.is_hint(vendor, event.event):
        return Became.IGNORED, "Nothing here follows this event."
    return _outcome_of(lambda: _told(desk, heard, known))


def _told(desk: Desk, heard: Heard, known: Sequence[events.Follower]) -> tuple[Became, str]:
    said = [sentence for follow in known if (sentence := follow(desk, heard)) is not None]
    if heard.event == DELIVERY and not said:
        raise NotYet(_NOT_KNOWN)
    return Became.DONE, " ".join(said)


def _heard(event: Waiting, vendor: Vendor) -> Heard:
    body: dict[str, Any] = json.loads(event.body or "{}")
    names = ("id", "source_id", "source", "event", "event_id", "about", "told_at", "received_at")
    return Heard(vendor=vendor, body=body, **{name: getattr(event, name) for name in names})


def _read(desk: Desk, source: str, stop: threading.Event) -> tuple[Became, str]:
    """Read a source's list now. Raises Failure when the vendor did not give it whole."""
    report = sync(desk, [source], Wish("webhook", stop=stop))[0]
    problem = report.problem
    if problem is None:
        return Became.DONE, "The source's list was read."
    if problem.kind in _NOBODYS_FAULT:
        return Became.LATER, problem.message
    if report.state is RunState.PARTIAL and problem.kind in PASSING_BY:
        return Became.DONE, f"The source's list was read: {problem.message}"
    raise Failure(problem.kind, problem.message)


def _outcome_of(job: Callable[[], tuple[Became, str]]) -> tuple[Became, str]:
    """Do what an event asks for. An error of our own is written down: it must not keep the other events waiting."""
    try:
        return job()
    except NotYet as unknown:
        return Became.UNKNOWN, str(unknown)
    except NotBelieved as doubt:
        return Became.IGNORED, str(doubt)
    except (Failure, DatabaseProblem) as problem:
        return Became.FAILING, problem.message
    except VendorError as problem:
        return Became.FAILING, str(problem)
    except Exception as error:  # noqa: BLE001 (one of the two places that must not die)
        _log(error)
        return Became.FAILING, f"Patchbay met an error of its own ({type(error).__name__})."


def _log(error: Exception) -> None:
    logs.logger(__name__).error("webhooks failed", error=type(error).__name__, message=str(error)[:500])
