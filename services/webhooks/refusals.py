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

_counted: dict[tuple[str, Refusal], list[datetime]] = {}
"""When each was refused, by database and reason; a flood is at most a second long."""
_guard = threading.Lock()


def count(desk: Desk, hook: str, source: str, reason: Reason) -> None:
    """Count one; nothing of what it said is kept, not even the name of a source that is not ours."""
    at = now()
    key = (desk.store.url, Refusal(hook, source, reason.value, at.date()))
    with _guard:
        _counted.setdefault(key, []).append(at)


def write_down(desk: Desk) -> None:
    """Write down what was counted since the last time. Raises DatabaseProblem; then it is still counted."""
    with _guard:
        found = {key[1]: _counted.pop(key) for key in list(_counted) if key[0] == desk.store.url}
    if not found:
        return
    try:
        with desk.store.bulk() as link:
            for refusal, times in found.items():
                inbox.count(link, refusal, len(times), first_at=times[0], last_at=times[-1])
    except DatabaseProblem:
        with _guard:
            for refusal, times in found.items():
                _counted.setdefault((desk.store.url, refusal), [])[:0] = times
        raise
    for refusal, times in found.items():
        told = {"hook": refusal.hook, "source": refusal.source, "reason": refusal.reason, "count": len(times)}
        logs.logger(__name__).warning("webhooks were refused", **told)
