"""Fills a new demo: the sandbox's last 90 days, replayed through the real sync, so that trends exist."""

import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from data import schedule
from data.store import now
from services import details
from services.desk import Desk
from services.reports import Wish
from services.sandbox import Clock
from services.sync import sync
from services.vendors.errors import VendorError

DAYS = 90
DETAILS_EVERY = 30


@dataclass
class _Progress:
    done: int = 0
    days: int = DAYS
    running: bool = False


_progress = _Progress()


def progress() -> tuple[int, int] | None:
    """Tell (days done, days in all) while a replay goes on in this process, else None."""
    return (_progress.done, _progress.days) if _progress.running else None


def replay(desk: Desk, clock: Clock, stop: threading.Event, *, days: int = DAYS) -> None:
    """Replay the days missing in a cache that only a replay has filled; a cut-off one does its last day again."""
    missing = _missing(desk, days)
    _progress.running, _progress.days = bool(missing), days
    try:
        for at in missing:
            if stop.is_set():
                return
            _progress.done = days - (now().date() - at.date()).days
            clock.set(at)
            sync(desk, None, Wish("replay", at, stop=stop))
            if _progress.done % DETAILS_EVERY == 0:
                with suppress(VendorError):  # what is not told now, the jobs ask for later
                    details.ask_all(desk, at=at)
    finally:
        clock.release()
        _progress.running = False


def _missing(desk: Desk, days: int) -> list[datetime]:
    with desk.store.reading() as session:
        link = session.connection()
        if schedule.ever_filled_otherwise(link):
            return []
        last = schedule.last_observed(link)
    today = now()
    instants = [today - timedelta(days=back) for back in range(days, 0, -1)]
    return [at for at in instants if last is None or at.date() >= last.date()]
