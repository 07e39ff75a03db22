"""How a failing source changes the health of its connections (DESIGN.md section 6)."""

from datetime import datetime, timedelta

from data.types import Health
from services.vendors.errors import PASSING

FAILURES = 3
AT_LEAST = timedelta(minutes=15)
FIRST_PAUSE = timedelta(minutes=15)
LONGEST_PAUSE = timedelta(hours=6)
LONGEST_TOLD = timedelta(days=7)
"""However long a vendor asks us to wait, after a week it is asked again."""
REFUSED = frozenset({"unauthorised"})


def judged(kind: str, failures: int, failing_since: datetime, at: datetime) -> Health:
    """Judge a failing source: broken by an explicit refusal, or by three failures over a quarter of an hour."""
    if kind in REFUSED or (failures >= FAILURES and at - failing_since >= AT_LEAST):
        return Health.BROKEN
    return Health.DEGRADED


def worse_than(health: Health) -> list[str]:
    """Name the states that this one replaces: an outage says nothing of what was already worse or unknown.

    A passing fault does not hide that access ends: that needs someone, the fault does not.
    """
    if health is Health.BROKEN:
        return [Health.HEALTHY.value, Health.EXPIRING.value, Health.DEGRADED.value]
    return [Health.HEALTHY.value]


def pause(kind: str, failures: int, retry_after: float | None) -> timedelta | None:
    """Tell how long the breaker keeps a failing source from being asked by itself; a person may always ask."""
    if retry_after is not None:
        return timedelta(seconds=min(retry_after, LONGEST_TOLD.total_seconds()))
    if kind in REFUSED:
        return timedelta(hours=1)
    if kind in PASSING and failures < FAILURES:
        return None
    doubled: timedelta = FIRST_PAUSE * 2 ** max(0, min(failures, 10) - FAILURES)
    return min(doubled, LONGEST_PAUSE)
