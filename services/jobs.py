"""What happens by itself: the replay of a new demo, the syncs and details that are due, and old history thinned out."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial

from data import schedule, sources
from data.store import now
from data.types import Vendor
from services import audit, details, history, incidents, jwts, logs, refused_hooks, replay, trail
from services.access import SYSTEM, Actor, Permission, requires
from services.approvals import sending, times
from services.connecting import attempts, flows
from services.desk import Desk
from services.disconnecting import sweep
from services.failures import Failure
from services.interruption import close_own_runs
from services.messaging import (
    delivery,  # noqa: F401 (registers: follows what imiconnect tells of messages)
    resuming,
)
from services.reports import Wish
from services.sandbox import Clock
from services.sync import sync
from services.webhooks.working import Worker

TICK = 2.0
DETAILS_EVERY = 60.0
GRACE = 8.0
"""Seconds that a stop waits for a batch in work (FAULTS.md, row 80: at most 10 s)."""

_stop = threading.Event()
_stopped_at = [0.0]
_by_hand: dict[threading.Thread, threading.Event] = {}
"""What people or webhooks have started, each with what ends it at its next step."""


@contextmanager
def running(desk: Desk, clock: Clock | None = None) -> Iterator[None]:
    """Run the background jobs for the length of a block. With the clock of a sandbox, a new demo is filled first."""
    _stop.clear()
    work = threading.Thread(target=_work, args=(desk, clock), name="jobs", daemon=True)
    messages = threading.Thread(target=_tell, args=(desk,), name="messages", daemon=True)
    worker = Worker(desk, _stop, beside=lambda job: beside(job, "webhooks of a source", _stop))
    hooks = threading.Thread(target=worker.run, name="webhooks", daemon=True)
    for thread in (work, messages, hooks):
        thread.start()
    try:
        yield
    finally:
        stop()
        _ended(desk, [work, messages, hooks, *_by_hand])
        _by_hand.clear()


def stop() -> None:
    """Tell the jobs to stop at the next batch, without waiting: what a signal does before the pages are closed."""
    if not _stop.is_set():
        _stopped_at[:] = [time.monotonic()]
        _stop.set()
        for each in list(_by_hand.values()):
            each.set()


def _ended(desk: Desk, threads: list[threading.Thread]) -> None:
    """Wait until the grace since the stop is over; what hangs then is left, and its run closed as interrupted."""
    for thread in threads:
        thread.join(max(0.0, _stopped_at[0] + GRACE - time.monotonic()))
    if any(thread.is_alive() for thread in threads):
        close_own_runs(desk)


def replay_progress() -> tuple[int, int] | None:
    """Tell (days done, days in all) while a new demo is being filled, else None."""
    return replay.progress()


@requires(Permission.SYNC_NOW, "sync.start", otherwise="all sources")
def sync_now(desk: Desk, actor: Actor, names: list[str] | None = None) -> None:
    """Start a sync of the named (or all) sources in the background; its progress and outcome are in `sync_runs`.

    Raises Forbidden for anyone but an admin, and Failure while the demo is being filled.
    """
    _start(desk, actor, "sync.start", names, Wish("hand", stop=_stop))


@requires(Permission.SYNC_NOW, "sync.accept_loss")
def accept_loss(desk: Desk, actor: Actor, name: str) -> None:
    """Sync a source whose list was held back, and mark what it no longer holds as vanished."""
    _start(desk, actor, "sync.accept_loss", [name], Wish("hand", accept_loss=True, stop=_stop))


def _start(desk: Desk, actor: Actor, action: str, names: list[str] | None, wish: Wish) -> None:
    if replay.progress() is not None:
        raise Failure("busy", "The demo is being filled.", "Wait until its 90 days are there.")
    with desk.store.writing() as session:
        audit.record(session, actor, action, ", ".join(names or ["all sources"]))
    beside(lambda: sync(desk, names, wish), "sync by hand", _stop)


def beside(job: Callable[[], object], name: str, stop: threading.Event) -> None:
    """Run a job in a thread of its own; `stop` is set when the server ends, which waits for the job's next step."""
    work = threading.Thread(target=_noted, args=(job,), name=name, daemon=True)
    for thread in [thread for thread in list(_by_hand) if not thread.is_alive()]:
        _by_hand.pop(thread, None)
    work.start()
    _by_hand[work] = stop


def _work(desk: Desk, clock: Clock | None) -> None:
    if clock is not None:
        _noted(lambda: replay.replay(desk, clock, _stop))
    asked, thinned, verified = 0.0, date.min, now().date()
    while not _stop.wait(TICK if asked else 0.0):
        _noted(lambda: _sync_due(desk))
        _noted(lambda: attempts.expire(desk))
        _noted(lambda: flows.settle_waiting(desk))
        _noted(lambda: resuming.resume(desk, beside=lambda job, halt: beside(job, "messages that were left", halt)))
        if thinned < now().date():
            thinned = now().date()
            _noted(partial(history.thin, desk, thinned, _stop))
        if verified < now().date():
            verified = now().date()
            _noted(lambda: trail.verified(desk, SYSTEM))
        if time.monotonic() - asked >= DETAILS_EVERY or not asked:
            asked = time.monotonic()
            _noted(lambda: _ask_details(desk))
            _noted(lambda: sending.settle_abandoned(desk))
            _noted(lambda: times.tell(desk))
            _noted(lambda: sweep.look(desk))
            _noted(lambda: refused_hooks.watch(desk))
            _noted(lambda: jwts.watch(desk))


def _tell(desk: Desk) -> None:
    """Tell of incidents, beside the other jobs: whoever is told may take long to answer."""
    while not _stop.wait(TICK):
        _noted(lambda: incidents.tell(desk, _stop))


def _sync_due(desk: Desk) -> None:
    """Sync what is due; the lease decides among several processes, so that each tick has one run of a source."""
    if desk.settings.sync_minutes == 0:
        return
    since = now() - timedelta(minutes=desk.settings.sync_minutes)
    with desk.store.reading() as session:
        listed = {source.name for source in sources.active(session) if source.vendor != Vendor.IMICONNECT}
        names = [name for name in schedule.due(session.connection(), since=since, at=now()) if name in listed]
    if names:
        sync(desk, names, Wish("schedule", unless_since=since, stop=_stop))


def _ask_details(desk: Desk) -> None:
    if desk.settings.sync_minutes:
        details.ask_oldest(desk, _stop)


def _noted(job: Callable[[], object]) -> None:
    """Run a job in the runner, which must not die: what it raises is written down, and the next tick comes anyway."""
    try:
        job()
    except Exception as error:  # noqa: BLE001 (the job runner is one of the two places that must not die)
        logs.logger(__name__).error("job failed", error=type(error).__name__, message=str(error)[:500])
