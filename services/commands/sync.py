"""`sync`: refreshes the sources. Exit 0 when none failed (skipped is not failed), 1 when one is failed or partial."""

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from data import sources as table
from data.types import RunState, Vendor
from services import audit, details, pretended
from services.access import SYSTEM
from services.commands import output
from services.desk import Desk
from services.failures import Failure, Misuse
from services.interruption import close_own_runs
from services.opening import opened
from services.reports import Problem, Report, Wish
from services.sync import sync as refresh
from services.vendors.errors import VendorError

GRACE = 8.0
"""Seconds that a stop waits for the batch in work (FAULTS.md, row 80: at most 10 s)."""
COLUMNS = ("source", "state", "seen", "created", "updated", "unchanged", "vanished", "seconds", "problem")

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def sync(
    *,
    source: Annotated[list[str] | None, typer.Option(help="Only this source; may be repeated.")] = None,
    deep: Annotated[bool, typer.Option("--deep", help="Ask Zocial for the details of every network, too.")] = False,
    as_json: output.Json = False,
) -> None:
    """Refresh every source, or the named ones; also those that are paused after failures."""
    desk = opened()
    names = list(dict.fromkeys(source)) if source else None
    count = _count(desk, names)
    started, stop = time.monotonic(), threading.Event()
    with desk.store.writing() as session:
        audit.record(session, SYSTEM, "sync.start", ", ".join(names or ["all sources"]))
    with ExitStack() as around:
        if desk.settings.demo:
            around.enter_context(pretended.reachable(desk.settings.public_url))
        told = around.enter_context(_progress(count))
        around.enter_context(_stopped_by_signals(stop))
        reports = _worked(desk, stop, lambda: _refresh(desk, names, stop, told, deep=deep))
    _show(reports, time.monotonic() - started, as_json=as_json)
    bad = any(report.state in {RunState.FAILED, RunState.PARTIAL} for report in reports)
    raise typer.Exit(1 if bad or stop.is_set() else 0)


def _count(desk: Desk, names: list[str] | None) -> int:
    with desk.store.reading() as session:
        found = table.active(session)
    if names is None:
        return sum(source.enabled for source in found)
    known = [source.name for source in found]
    for name in names:
        if name not in known:
            raise Misuse(f"There is no source named {name!r}.", f"There are: {', '.join(known) or 'none yet'}.")
    return len(names)


def _refresh(
    desk: Desk, names: list[str] | None, stop: threading.Event, told: Callable[[Report], None], *, deep: bool
) -> list[Report]:
    reports = refresh(desk, names, Wish("hand", stop=stop), told=told)
    return [_deepened(desk, report) if deep and not stop.is_set() else report for report in reports]


def _deepened(desk: Desk, report: Report) -> Report:
    """Ask for the details of a source that was read; a failure there makes its report partial."""
    if report.vendor != Vendor.ZOCIAL or report.state in {RunState.FAILED, RunState.SKIPPED}:
        return report
    started = time.monotonic()
    try:
        details.ask_all(desk, [report.source])
    except VendorError as error:
        problem = report.problem or Problem(error.kind, str(error), error.advice)
        return replace(report, state=RunState.PARTIAL, problem=problem)
    return replace(report, seconds=report.seconds + time.monotonic() - started)


def _worked(desk: Desk, stop: threading.Event, work: Callable[[], list[Report]]) -> list[Report]:
    """Do the work in a thread, so that a signal is heard at once; after the grace the open runs are closed."""
    done: dict[str, Any] = {}
    thread = threading.Thread(target=_kept, args=(work, done), name="sync", daemon=True)
    thread.start()
    while thread.is_alive() and not stop.is_set():
        thread.join(0.1)
    thread.join(GRACE)
    if thread.is_alive():
        close_own_runs(desk)
        message = "The sync was stopped before the vendor answered; what was read before is kept."
        raise Failure("stopped", message, "Nothing: the next sync starts afresh.")
    if "error" in done:
        raise done["error"]
    reports: list[Report] = done["reports"]
    return reports


def _kept(work: Callable[[], list[Report]], done: dict[str, Any]) -> None:
    try:
        done["reports"] = work()
    except BaseException as error:  # noqa: BLE001 (handed over, raised by the waiting thread)
        done["error"] = error


@contextmanager
def _stopped_by_signals(stop: threading.Event) -> Iterator[None]:
    """Let the first SIGTERM or Ctrl-C ask the sync to stop, and the second one end the command."""

    def heard(number: int, _frame: object) -> None:
        if stop.is_set():
            raise KeyboardInterrupt(number)
        stop.set()

    before = {number: signal.signal(number, heard) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _progress(count: int) -> Iterator[Callable[[Report], None]]:
    """Show a bar on a terminal (on stderr, so that stdout stays one document), and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _report: None
        return
    columns = (TextColumn("Refreshing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("sources", total=count)
        yield lambda _report: bar.advance(task)


def _show(reports: list[Report], seconds: float, *, as_json: bool) -> None:
    if as_json:
        output.document({"sources": [report.document() for report in reports], "seconds": round(seconds, 3)})
        return
    output.table(COLUMNS, (_row(report) for report in reports))


def _row(report: Report) -> list[Any]:
    told = [getattr(report, name) for name in COLUMNS[:-2]]
    problem = f"{report.problem.message} {report.problem.action}" if report.problem else ""
    return [*told, f"{report.seconds:.2f}", problem]
