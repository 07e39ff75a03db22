"""Lets many reserved messages leave: a few at once, at the pace of their source, as long as that makes sense."""

import threading
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from data import messages, sources
from data.models import Source
from data.store import Session, now
from services.clients import pace_of
from services.desk import Desk
from services.failures import Failure
from services.messaging import leaving
from services.messaging.leaving import AGAIN, Outcome
from services.vendors._pace import LONGEST_SLEEP
from services.vendors.errors import Unauthorised, Unreachable, WaitTooLong

THREADS: Final = 8
OUT_OF_REACH: Final = 3
"""Messages in a row whose source could not be reached, after which the rest is not tried."""


def leave_all(desk: Desk, numbers: Collection[int], stop: threading.Event) -> None:
    """Let reserved messages leave; a stop leaves the rest reserved.

    After a refusal that all others of its source would meet as well, these are refused, and nothing of them is sent.
    """
    with desk.store.reading() as session:
        found = messages.sources_of(session, numbers)
        known = {number: sources.by_id(session, number) for _, number in found}
    streams = {number: _Stream(desk, source, stop) for number, source in known.items() if source is not None}
    with ThreadPoolExecutor(THREADS, thread_name_prefix="messages") as pool:
        list(pool.map(lambda each: streams[each[1]].let(each[0]), found))
    finish_lists(desk)


def finish_lists(desk: Desk) -> None:
    """Call the sends to lists done whose last message is out."""
    with desk.store.reading() as session:
        found = messages.unfinished(session)

    def end(session: Session) -> None:
        for number in found:
            messages.finish(session, number, now())

    if found:
        leaving.persisted(desk, end)


class _Stream:
    """The messages of one source: they wait together when it says so, and end together when none can get through."""

    def __init__(self, desk: Desk, source: Source, stop: threading.Event) -> None:
        self._desk, self._stop = desk, stop
        self._pace = pace_of(desk, source)
        self._missed = 0
        self._halted = ""

    def let(self, number: int) -> None:
        """Let a message leave when its turn has come, or refuse it when none gets through any more."""
        while not self._stop.is_set() and 0 < self._pace.paused() <= LONGEST_SLEEP:
            self._stop.wait(min(self._pace.paused(), 1.0))
        if self._stop.is_set():
            return
        if self._halted:
            leaving.refuse(self._desk, number, Failure("halted", f"An earlier one met this: {self._halted}", AGAIN))
            return
        self._learn(leaving.leave(self._desk, number))

    def _learn(self, outcome: Outcome | None) -> None:
        error = outcome.error if outcome else None
        self._missed = self._missed + 1 if isinstance(error, Unreachable) else 0
        if outcome is not None and (self._missed >= OUT_OF_REACH or isinstance(error, Unauthorised | WaitTooLong)):
            self._halted = outcome.words.removesuffix(" Nothing was sent.")
