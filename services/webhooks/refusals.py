"""How many webhooks were refused, and why: counted in memory, so that a flood of them writes once a second at most."""

import threading
from datetime import datetime

from data import inbox
from data.errors import DatabaseProblem
from data.inbox import Refusal
from data.store import now
from services import logs
from services.desk import Desk
from services.webhooks.believing import Reason

_counted: dict[tuple[str, Refusal], tuple[int, datetime, datetime]] = {}
"""How many, the first and the last, by database and reason: as small after a long flood on a full disk as before."""
_guard = threading.Lock()


def count(desk: Desk, hook: str, source: str, reason: Reason) -> None:
    """Count one; nothing of what it said is kept, not even the name of a source that is not ours."""
    at = now()
    with _guard:
        _add((desk.store.url, Refusal(hook, source, reason.value, at.date())), 1, at, at)


def write_down(desk: Desk) -> None:
    """Write down what was counted since the last time. Raises DatabaseProblem; then it is still counted."""
    with _guard:
        found = {key[1]: _counted.pop(key) for key in list(_counted) if key[0] == desk.store.url}
    if not found:
        return
    try:
        with desk.store.bulk() as link:
            for refusal, (number, first_at, last_at) in found.items():
                inbox.count(link, refusal, number, first_at=first_at, last_at=last_at)
    except DatabaseProblem:
        with _guard:
            for refusal, times in found.items():
                _add((desk.store.url, refusal), *times)
        raise
    for refusal, (number, *_) in found.items():
        told = {"hook": refusal.hook, "source": refusal.source, "reason": refusal.reason, "count": number}
        logs.logger(__name__).warning("webhooks were refused", **told)


def _add(key: tuple[str, Refusal], number: int, first_at: datetime, last_at: datetime) -> None:
    before, first, last = _counted.get(key, (0, first_at, last_at))
    _counted[key] = (before + number, min(first, first_at), max(last, last_at))
