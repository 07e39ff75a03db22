"""Thins old history out, a stretch of connections at a time, once a day."""

import threading
from datetime import date

from data import thinning
from services.desk import Desk


def thin(desk: Desk, today: date, stop: threading.Event) -> int:
    """Thin what is older than 400 days to a point a week; gives how many points went.

    What is there to thin decides: of several processes on one day, the second one finds nothing.
    """
    with desk.store.reading() as session:
        stretches = list(thinning.stretches(session.connection(), today))
    return sum(_thinned(desk, stretch, today) for stretch in stretches if not stop.is_set())


def _thinned(desk: Desk, stretch: tuple[int, int], today: date) -> int:
    with desk.store.reading() as session:
        if not thinning.crowded(session.connection(), stretch, today):
            return 0
    with desk.store.bulk() as link:
        return thinning.thin(link, stretch, today)
