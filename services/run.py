"""One refresh of one source: what its answers, or their absence, do to the cache."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from data import absences, connections, identity, leases, problems, refresh, rollups
from data.errors import DatabaseProblem, Fenced
from data.models import Source
from data.refresh import Counts
from data.staging import CHUNK, Observation
from data.types import Contract, RunState
from services import breakages, conclusions, readers
from services.approvals import following
from services.clients import Client, client_of
from services.desk import Desk
from services.failures import Failure
from services.readers import Batch, Question
from services.reports import Problem, Report, Wish
from services.vendors.errors import VendorError

LOST_SHARE, LOST_FEW = 0.2, 10
"""A list that lost more than a fifth, and at least 10, is held back (DESIGN.md, promise 2)."""

BREATH = 0.12
"""Seconds between two stretches: SQLite lets another process look for its turn every 0.1 s."""


class Run:
    """One refresh of one source while it goes on: what was seen so far, and what went wrong."""

    def __init__(self, desk: Desk, source: Source, wish: Wish, observation: Observation, known: list[str]) -> None:
        self.desk, self.source, self.wish, self.observation, self.known = desk, source, wish, observation, known
        self.seen: set[str] = set()
        self.counts = Counts()
        self.created: Counter[str] = Counter()
        self.complete: set[str] = set()
        """The kinds whose list was read to its end: only there a missing connection means anything."""
        self.whole = False
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
            self.whole = self._read_all(client)
        except (VendorError, Failure) as error:
            self.trouble = error
        finally:
            self.requests = client.pace.requests - before
            self.calls = (client.pace.calls_left, client.pace.limit)
            client.close()

    def _read_all(self, client: Client) -> bool:
        """Take batch after batch; False when a list could not be read, or the sync was stopped before the end."""
        whole = True
        for batch in self._batches(client):
            self._take(batch)
            whole = whole and not batch.failed
            if self.wish.stop.is_set():
                self.trouble = Failure("stopped", "The sync was stopped.", "Nothing: the next one starts afresh.")
                return False
        return whole

    def _batches(self, client: Client) -> Iterator[Batch]:
        contract = Contract(self.source.contract)
        source_id, at = self.observation.source_id, self.observation.at
        return readers.read(client, Question(source_id, contract, at, self.known, self._words))

    def _words(self) -> dict[str, connections.Word]:
        with self.desk.store.reading() as session:
            return connections.words(session.connection(), self.observation.source_id)

    def _take(self, batch: Batch) -> None:
        records = list(batch.records)  # made before the lock is held, for which other writers wait
        store = self.desk.store
        with store.large() if batch.size > CHUNK else store.bulk() as link:
            progress = f"{batch.what}: {batch.size:,}"
            leases.renew(link, self.observation.run_id, progress=progress, seen=len(self.seen) + batch.size)
            counts = refresh.apply(link, self.observation, records, seen=self.seen)
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
        self.counts += counts
        self.created[batch.kind] += counts.created
        self.complete |= {batch.kind.value} if batch.ends else set()
        self.rejected += batch.rejected
        self.trouble = self.trouble or batch.trouble

    def close(self, started: float) -> Report:
        """Draw the conclusions of what was read, in one transaction, with the end of the run unless many cases open."""
        joined, touched = self._join_first()
        with self.desk.store.bulk() as link:
            leases.renew(link, self.observation.run_id)
            vanished, held = self._vanish(link)
            touched |= identity.regroup(link, self.observation, created=self.counts.created > 0 and not joined)
            report = self._report(vanished, held, time.monotonic() - started)
            whole = self.whole and not self.rejected and not held
            if not whole:
                absences.remember_seen(link, self.seen)
                absences.touch_seen(link, self.observation)
            retry_after = getattr(self.trouble, "retry_after", None)
            conclusions.draw(
                link, self.observation, report, whole=whole, retry_after=retry_after, held=held, calls=self.calls
            )
            lapsed = conclusions.lapse(link, self.observation)
            if not report.failing:
                breakages.follow(link, self.observation)
            if report.created or report.updated or vanished or lapsed or not self._counted(link):
                rollups.refresh(link, self.observation.source_id, self.observation.at.date())
            rollups.restate(link, touched - {self.observation.source_id})
            waits = following.follow(link, self.observation, seen=self.seen, complete=self.complete)
            if waits is None:
                self._finish(link, report)
        self._open_rest(waits, report)
        return report

    def _open_rest(self, waits: int | None, report: Report) -> None:
        """Open the cases of a long list, a stretch a transaction; of a run cut off here the next one opens the rest."""
        while waits is not None:
            self.wish.stop.wait(BREATH)
            with self.desk.store.bulk() as link:
                leases.renew(link, self.observation.run_id)
                waits = following.open_next(link, self.observation, waits, seen=self.seen)
                if waits is None:
                    self._finish(link, report)

    def _finish(self, link: Any, report: Report) -> None:
        leases.finish(link, self.observation.run_id, **_outcome(report, len(self.rejected)))

    def _join_first(self) -> tuple[bool, set[int]]:
        """Join a source that never was, a stretch a transaction: all at once would keep other writers waiting long.

        Tells whether it did, and gives the sources of the accounts that this touched.
        """
        last, touched = 0, set[int]()
        while self.source.joined_run is None:
            with self.desk.store.bulk() as link:
                leases.renew(link, self.observation.run_id)
                reached = identity.join_next(link, self.observation, last, touched=touched)
            if reached is None:
                break
            last = reached
            self.wish.stop.wait(BREATH)
        return last > 0, touched

    def _counted(self, link: Any) -> bool:
        worsened = self.trouble is not None
        return not worsened and rollups.known(link, self.observation.source_id, self.observation.at.date())

    def _vanish(self, link: Any) -> tuple[int, dict[str, tuple[int, int]]]:
        """Mark what a complete list no longer holds; hold back a list that lost too much."""
        if self.rejected or absences.still_listed(link, self.observation.source_id) == len(self.seen):
            return 0, {}
        absences.remember_seen(link, self.seen)
        losses = {
            kind: (missing, known - self.created[kind])
            for kind, (missing, known) in absences.lost(link, self.observation.source_id).items()
            if missing and kind in self.complete
        }
        ours = absences.asked_for(link, self.observation.source_id) if losses else Counter()
        held = {
            kind: (missing, known)
            for kind, (missing, known) in losses.items()
            if _too_much(missing - ours[kind], known) and not self.wish.accept_loss
        }
        kinds = [kind for kind in losses if kind not in held]
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
            len(self.seen) - self.counts.created - self.counts.updated,
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
