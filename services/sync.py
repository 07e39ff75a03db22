"""Refreshes the cache from the vendors: alone decides what an answer, or its absence, does to the cache."""

import gc
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from data import absences, leases, problems, refresh, rollups, sources
from data import connections as table
from data.errors import DatabaseProblem, Fenced
from data.models import Source
from data.refresh import Counts, Record
from data.staging import Observation
from data.store import now
from data.types import Contract, RunState, Vendor
from services import conclusions, readers
from services.clients import Client, client_of
from services.desk import Desk
from services.failures import Failure, Misuse
from services.readers import Batch, Question
from services.reports import Problem, Report
from services.vendors.errors import VendorError

LOST_SHARE, LOST_FEW = 0.2, 10
"""A list that lost more than a fifth, and at least 10, is held back (DESIGN.md, promise 2)."""


@dataclass(frozen=True)
class Wish:
    """How a sync is asked for: by whom, for which instant, and what may stop it."""

    trigger: str = "hand"
    at: datetime | None = None
    accept_loss: bool = False
    unless_since: datetime | None = None
    stop: threading.Event = field(default_factory=threading.Event)


def sync(
    desk: Desk,
    names: list[str] | None = None,
    wish: Wish | None = None,
    *,
    told: Callable[[Report], None] | None = None,
) -> list[Report]:
    """Refresh every enabled source, or the named ones, side by side; one that fails does not touch the others.

    Raises Misuse for an unknown name and DatabaseProblem when the cache itself can't be used, once all have ended.
    """
    chosen, asked = _chosen(desk, names), wish or Wish()
    answers: queue.SimpleQueue[Report | BaseException] = queue.SimpleQueue()
    for source in chosen:
        threading.Thread(
            target=_answer, args=(answers, desk, source, asked), name=f"sync {source.name}", daemon=True
        ).start()
    reports: dict[str, Report] = {}
    errors: list[BaseException] = []
    for _ in chosen:
        answer = answers.get()
        if isinstance(answer, BaseException):
            errors.append(answer)
            continue
        reports[answer.source] = answer
        if told is not None:
            told(answer)
    if errors:
        raise errors[0]
    return [reports[source.name] for source in chosen]


def _answer(answers: "queue.SimpleQueue[Report | BaseException]", desk: Desk, source: Source, wish: Wish) -> None:
    """Run in a thread of its own that must not die unheard: its error goes to the thread that waits."""
    try:
        answers.put(sync_source(desk, source, wish))
    except BaseException as error:  # noqa: BLE001 (handed over, raised by the waiting thread)
        answers.put(error)


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
    started, at = time.monotonic(), wish.at or now()
    blank = Report(source.name, source.vendor, RunState.SKIPPED)
    known = _known(desk, source)
    if not readers.has_list(Vendor(source.vendor), Contract(source.contract), known):
        return blank
    with desk.store.bulk() as link:
        run_id = leases.begin(
            link, source.id or 0, trigger=wish.trigger, observed_at=at, unless_since=wish.unless_since
        )
    if run_id is None:
        problem = Problem("busy", "Another sync of this source is running.", "Wait for it to end.")
        return replace(blank, problem=problem)
    run = _Run(desk, source, wish, Observation(run_id, source.id or 0, at), known)
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
    """Keeps the cyclic garbage collector away while lists are read: it would walk all their records again and again."""

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


class _Run:
    """One refresh of one source while it goes on: what was seen so far, and what went wrong."""

    def __init__(self, desk: Desk, source: Source, wish: Wish, observation: Observation, known: list[str]) -> None:
        self.desk, self.source, self.wish, self.observation, self.known = desk, source, wish, observation, known
        self.seen: set[str] = set()
        self.counts = Counts()
        self.rejected: list[Any] = []
        self.trouble: VendorError | Failure | None = None
        self.requests = 0
        self.calls: tuple[int | None, int | None] = (None, None)

    def read(self) -> None:
        """Read the source batch by batch into the cache; a failure keeps what was read before it."""
        try:
            client = client_of(self.desk, self.source)
        except Failure as error:
            self.trouble = error
            return
        before = client.pace.requests
        try:
            for batch in self._batches(client):
                self._take(batch)
                if self.wish.stop.is_set():
                    self.trouble = Failure("stopped", "The sync was stopped.", "Nothing: the next one starts afresh.")
                    break
        except (VendorError, Failure) as error:
            self.trouble = error
        finally:
            self.requests = client.pace.requests - before
            self.calls = (client.pace.calls_left, client.pace.limit)
            client.close()

    def _batches(self, client: Client) -> Iterator[Batch]:
        contract = Contract(self.source.contract)
        return readers.read(client, Question(self.observation.source_id, contract, self.observation.at, self.known))

    def _take(self, batch: Batch) -> None:
        with self.desk.store.bulk() as link:
            progress = f"{batch.what}: {batch.size:,}"
            leases.renew(link, self.observation.run_id, progress=progress, seen=len(self.seen) + batch.size)
            self.counts += refresh.apply(link, self.observation, self._remembered(batch.records))
            for drift in batch.drift:
                problems.note_drift(
                    link,
                    self.observation.source_id,
                    self.observation.at,
                    drift.kind,
                    f"{batch.kind_of_record}.{drift.field}",
                    sample=drift.sample,
                    records=drift.count,
                )
        self.rejected += batch.rejected
        self.trouble = self.trouble or batch.trouble

    def _remembered(self, records: Iterable[Record]) -> Iterator[Record]:
        for record in records:
            self.seen.add(record.id)
            yield record

    def close(self, started: float) -> Report:
        """Draw the conclusions of what was read, in one transaction with the end of the run."""
        with self.desk.store.bulk() as link:
            leases.renew(link, self.observation.run_id)
            vanished, held = self._vanish(link) if self._complete else (0, {})
            report = self._report(vanished, held, time.monotonic() - started)
            retry_after = getattr(self.trouble, "retry_after", None)
            conclusions.draw(link, self.observation, report, retry_after=retry_after, held=held, calls=self.calls)
            if report.created or report.updated or vanished or not self._counted(link):
                rollups.refresh(link, self.observation.source_id, self.observation.at.date())
            leases.finish(link, self.observation.run_id, **_outcome(report, len(self.rejected)))
        return report

    @property
    def _complete(self) -> bool:
        return self.trouble is None and not self.rejected

    def _counted(self, link: Any) -> bool:
        worsened = self.trouble is not None
        return not worsened and rollups.known(link, self.observation.source_id, self.observation.at.date())

    def _vanish(self, link: Any) -> tuple[int, dict[str, tuple[int, int]]]:
        """Mark what a complete list no longer holds; hold back a list that lost too much."""
        if absences.still_listed(link, self.observation.source_id) == len(self.seen):
            return 0, {}
        absences.remember_seen(link, self.seen)
        losses = absences.lost(link, self.observation.source_id)
        held = {kind: loss for kind, loss in losses.items() if _too_much(*loss) and not self.wish.accept_loss}
        kinds = [kind for kind, (missing, _) in losses.items() if missing and kind not in held]
        if not kinds:
            return 0, held
        last = problems.standing(link, self.observation.source_id).last_complete_at
        return absences.mark_vanished(link, self.observation, kinds, last), held

    def _report(self, vanished: int, held: dict[str, tuple[int, int]], seconds: float) -> Report:
        return Report(
            self.source.name,
            self.source.vendor,
            self._state(held=bool(held)),
            len(self.seen),
            self.counts.created,
            self.counts.updated,
            self.counts.unchanged,
            vanished,
            bool(held),
            self.requests,
            self._problem(held),
            seconds,
        )

    def _state(self, *, held: bool) -> RunState:
        if self.trouble is not None:
            return RunState.PARTIAL if self.seen else RunState.FAILED
        return RunState.PARTIAL if self.rejected or held else RunState.OK

    def _problem(self, held: dict[str, tuple[int, int]]) -> Problem | None:
        if isinstance(self.trouble, VendorError):
            return Problem(self.trouble.kind, str(self.trouble), self.trouble.advice)
        if self.trouble is not None:
            return Problem(self.trouble.kind, self.trouble.message, self.trouble.advice)
        if self.rejected:
            count, first = len(self.rejected), self.rejected[0]
            message = f"{count} {'record' if count == 1 else 'records'} could not be taken: {first.reason}."
            return Problem("rejected_records", message, "Tell the vendor; nothing is marked as vanished meanwhile.")
        if held:
            return conclusions.loss(held)
        return None

    def give_up(self, kind: str, message: str, action: str) -> None:
        """Close the run after our own side failed, if it can still be written; its lease ends by itself otherwise."""
        words = {"problem_kind": kind, "problem_message": message, "problem_action": action}
        with suppress(DatabaseProblem, Fenced), self.desk.store.bulk() as link:
            leases.finish(link, self.observation.run_id, state=RunState.FAILED.value, **words)


def _too_much(missing: int, known: int) -> bool:
    return missing >= LOST_FEW and missing > LOST_SHARE * known


def _outcome(report: Report, rejected: int) -> dict[str, Any]:
    names = ("seen", "created", "updated", "unchanged", "vanished", "held_back", "requests", "seconds")
    problem = report.problem
    return {name: getattr(report, name) for name in names} | {
        "state": report.state.value,
        "rejected": rejected,
        "problem_kind": problem.kind if problem else None,
        "problem_message": problem.message if problem else None,
        "problem_action": problem.action if problem else None,
    }
