"""One sync of a source at a time, over threads and processes: a lease in `sync_runs` whose id fences late writers."""

import os
import socket
from datetime import datetime
from typing import Any

from sqlalchemy import Connection as Link
from sqlalchemy import insert, select, text, update
from sqlmodel import SQLModel

from data.errors import Fenced
from data.models import SyncRun
from data.store import now

LEASE = 100.0
"""Seconds: longer than one call to a vendor may take with its retries (75 s, contracts/README.md)."""

_runs = SQLModel.metadata.tables[SyncRun.__tablename__]
_ours = _runs.c.state == "running"


def clock(link: Link) -> float:
    """Give the database's own clock in seconds: leases of several processes are compared on it alone."""
    sqlite = link.dialect.name == "sqlite"
    seconds = "(julianday('now') - 2440587.5) * 86400.0" if sqlite else "extract(epoch from clock_timestamp())"
    return float(link.execute(text(f"SELECT {seconds}")).scalar_one())


def begin(
    link: Link, source_id: int, *, trigger: str, observed_at: datetime, unless_since: datetime | None = None
) -> int | None:
    """Open a run of a source, or give None when another holds its lease or one began after `unless_since`.

    A run whose lease ran out, or whose process on this machine is dead, is closed as failed.
    """
    moment = clock(link)
    if unless_since is not None and not _due(link, source_id, unless_since):
        return None
    running = (_runs.c.source_id == source_id) & _ours
    stalled = {
        "state": "failed",
        "finished_at": now(),
        "problem_kind": "interrupted",
        "problem_message": "The sync was cut off before it ended; what it had read is kept.",
        "problem_action": "Nothing: the next sync starts afresh.",
    }
    dead = [row.id for row in link.execute(select(_runs.c.id, _runs.c.owner).where(running)) if is_dead(row.owner)]
    over = (_runs.c.lease_until <= moment) | _runs.c.id.in_(dead)
    link.execute(update(_runs).where(running, over).values(stalled))
    if link.execute(select(_runs.c.id).where(running)).first() is not None:
        return None
    row = {
        "source_id": source_id,
        "trigger": trigger,
        "state": "running",
        "observed_at": observed_at,
        "started_at": now(),
        "owner": this_process(),
        "lease_until": moment + LEASE,
    }
    result = link.execute(insert(_runs).values(row).returning(_runs.c.id))
    return int(result.scalar_one())


def renew(link: Link, run_id: int, **progress: Any) -> None:
    """Prolong a lease and note progress, within the transaction that writes. Raises Fenced when the lease is lost."""
    values = {"lease_until": clock(link) + LEASE} | progress
    if link.execute(update(_runs).where(_runs.c.id == run_id, _ours).values(values)).rowcount == 0:
        raise Fenced


def finish(link: Link, run_id: int, **outcome: Any) -> None:
    """Close a run with its outcome. Raises Fenced when another run took over."""
    values = outcome | {"finished_at": now(), "lease_until": 0.0}
    if link.execute(update(_runs).where(_runs.c.id == run_id, _ours).values(values)).rowcount == 0:
        raise Fenced


def _due(link: Link, source_id: int, since: datetime) -> bool:
    """Tell whether no run of a source began after that instant: the database decides who runs a tick."""
    here = (_runs.c.source_id == source_id) & (_runs.c.trigger != "replay")
    query = select(_runs.c.id).where(here, _runs.c.started_at > since).limit(1)
    return link.execute(query).first() is None


def this_process() -> str:
    """Name this process, as the owner of what it has in work."""
    return f"{socket.gethostname()}:{os.getpid()}"


def is_dead(owner: str) -> bool:
    """Tell for sure that a run's process is gone; of another machine's process nobody can tell."""
    host, _, number = owner.rpartition(":")
    if host != socket.gethostname() or not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
