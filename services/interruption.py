"""Stopping in the middle: the runs of this process are closed as interrupted, so that nobody waits for their leases."""

from data import leases, runs
from data.types import RunState
from services.desk import Desk

PATIENCE = 5.0
"""Seconds that a stop waits for a write in work; a run that can't be closed then is closed by the next one."""


def close_own_runs(desk: Desk) -> None:
    """Close the open sync runs of this process as failed; a late write of theirs is refused by its fencing token."""
    words = {
        "problem_kind": "stopped",
        "problem_message": "The sync was stopped before it ended; what it had read is kept.",
        "problem_action": "Nothing: the next sync starts afresh.",
    }
    with desk.store.bulk(patience=PATIENCE) as link:
        for number in runs.open_here(link):
            leases.finish(link, number, state=RunState.FAILED.value, **words)
