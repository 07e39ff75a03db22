"""Refreshes the cache from the vendors: alone decides what an answer, or its absence, does to the cache."""

import gc
import queue
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from data import connections as table
from data import leases, sources
from data.errors import DatabaseProblem, Fenced
from data.models import Source
from data.staging import Observation
from data.store import now
from data.types import Contract, RunState, Vendor
from services import logs, readers
from services.approvals import sending
from services.desk import Desk
from services.failures import Misuse
from services.reports import Problem, Report, Wish
from services.run import Run

_Answer = tuple[Report, BaseException | None]
"""How a source ended, and the error that ended it."""


def sync(
    desk: Desk,
    names: list[str] | None = None,
    wish: Wish | None = None,
    *,
    told: Callable[[Report], None] | None = None,
) -> list[Report]:
    """Refresh every enabled source, or the named ones, side by side; one that fails does not touch the others.

    Raises Misuse for an unknown name and, once all have ended, DatabaseProblem when none could use the cache.
    """
    chosen, asked = _chosen(desk, names), wish or Wish()
    answers: queue.SimpleQueue[_Answer] = queue.SimpleQueue()
    for source in chosen:
        threading.Thread(
            target=_ask, args=(answers, desk, source, asked), name=f"sync {source.name}", daemon=True
        ).start()
    reports: dict[str, Report] = {}
    errors: list[BaseException] = []
    for _ in chosen:
        report, error = answers.get()
        reports[report.source] = report
        errors += [error] if error is not None else []
        if told is not None:
            told(report)
    _raise_unless_told(errors, reports.values())
    return [reports[source.name] for source in chosen]


def _ask(answers: "queue.SimpleQueue[_Answer]", desk: Desk, source: Source, wish: Wish) -> None:
    """Run in a thread of its own that must not die unheard: its error goes to the thread that waits."""
    started, failed = time.monotonic(), Report(source.name, source.vendor, RunState.FAILED)
    try:
        answers.put((sync_source(desk, source, wish), None))
    except DatabaseProblem as error:
        logs.logger(__name__).warning("a source could not use the cache", source=source.name, problem=error.message)
        problem = Problem(error.kind, error.message, error.advice)
        answers.put((replace(failed, problem=problem, seconds=time.monotonic() - started), error))
    except BaseException as error:  # noqa: BLE001 (handed over, raised by the waiting thread)
        answers.put((failed, error))


def _raise_unless_told(errors: list[BaseException], reports: Iterable[Report]) -> None:
    """Raise an error of our own, and a problem of the cache that no source came past: else the reports tell it."""
    unheard = [error for error in errors if not isinstance(error, DatabaseProblem)]
    tried = sum(report.state is not RunState.SKIPPED for report in reports)
    if unheard or len(errors) == tried > 0:
        raise [*unheard, *errors][0]


def _chosen(desk: Desk, names: list[str] | None) -> list[Source]:
    with desk.store.reading() as session:
        found = {source.name: source for source in sources.active(session)}
    if names is None:
        return [source for source in found.values() if source.enabled]
    unknown = [name for name in names if name not in found]
    if unknown:
        raise Misuse(f"There is no source named {unknown[0]!r}.", f"There are: {', '.join(found) or 'none yet'}.")
    return [found[name] for name in names]


def sync_source(desk: Desk, source: Source, wish: Wish) -> Report:
    """Refresh one source under its lease. Raises DatabaseProblem; whatever the vendor did is in the report."""
    if not source.enabled:
        problem = Problem("off", f"{source.name} is switched off.", "Switch it on, then sync it.")
        return Report(source.name, source.vendor, RunState.SKIPPED, problem=problem)
    known = _known(desk, source)
    if not readers.has_list(Vendor(source.vendor), Contract(source.contract), known):
        return Report(source.name, source.vendor, RunState.SKIPPED)
    sending.settle_abandoned(desk)  # before the list is read, so that this very list can tell
    return under_lease(desk, source, wish, lambda observation: Run(desk, source, wish, observation, known))


def under_lease(desk: Desk, source: Source, wish: Wish, make: Callable[[Observation], Run]) -> Report:
    """Do a run of a source from its lease to its end, unless another one goes on. Raises DatabaseProblem."""
    started, at = time.monotonic(), wish.at or now()
    blank = Report(source.name, source.vendor, RunState.SKIPPED)
    with desk.store.bulk() as link:
        run_id = leases.begin(
            link, source.id or 0, trigger=wish.trigger, observed_at=at, unless_since=wish.unless_since
        )
    if run_id is None:
        problem = Problem("busy", "Another sync of this source is running.", "Wait for it to end.")
        return replace(blank, problem=problem)
    run = make(Observation(run_id, source.id or 0, at))
    try:
        with _uncollected:
            run.read()
            return run.close(started)
    except Fenced:
        problem = Problem("fenced", "Another sync took over, so this one stopped.", "Nothing: the other one goes on.")
        return replace(blank, state=RunState.FAILED, problem=problem, seconds=time.monotonic() - started)
    except DatabaseProblem as error:
        run.give_up(error.kind, error.message, error.advice)
        raise
    except BaseException:
        run.give_up("internal", "The sync met an error of Patchbay's own.", "See the log, and report it.")
        raise


def _known(desk: Desk, source: Source) -> list[str]:
    """Give the vendor's ids that the cache knows, for the one contract that is read id by id."""
    if source.vendor != Vendor.HIGHLEVEL or source.contract != Contract.DOCUMENTED:
        return []
    with desk.store.reading() as session:
        return table.vendor_ids(session.connection(), source.id or 0)


class _Uncollected:
    """Keeps the cyclic garbage collector away while lists are read: it would walk all their records again and again.

    It is one collector for the whole process: of several syncs side by side the last one to end lets it back in. What
    pages leave in cycles meanwhile waits as long as the slowest source does, whose calls all end by their deadlines.
    """

    def __init__(self) -> None:
        self._lock, self._inside = threading.Lock(), 0

    def __enter__(self) -> None:
        with self._lock:
            self._inside += 1
            gc.disable()

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._inside -= 1
            if not self._inside:
                gc.enable()


_uncollected = _Uncollected()
