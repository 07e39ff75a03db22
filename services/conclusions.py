"""What the end of a run means: for the source's standing, the health of its connections, and its incidents."""

from datetime import datetime
from typing import Any

from data import absences, expiry, growth, incidents, problems, suspicion
from data.staging import Observation
from data.store import now
from data.types import Cause, Health
from services import health
from services.observations import EXPIRES_SOON, token_health
from services.reports import Problem, Report

NOT_THE_VENDOR = frozenset({"stopped"})


def draw(
    link: Any,
    observation: Observation,
    report: Report,
    *,
    whole: bool,
    retry_after: float | None,
    held: dict[str, tuple[int, int]],
    calls: tuple[int | None, int | None],
) -> None:
    """Write down how a source stands after a run, within the run's last transaction.

    `whole` says that every list was read to its end and believed: then nothing unseen is listed any more.
    """
    standing = problems.standing(link, observation.source_id)
    values = _words(report.problem) | {"calls_left": calls[0], "calls_limit": calls[1]}
    if report.failing:
        values |= _failed(link, observation, report, standing, whole=whole, retry_after=retry_after)
    elif report.problem is None or report.problem.kind not in NOT_THE_VENDOR:
        values |= {"failures": 0, "failing_since": None, "next_try_at": None}
        _recovered(link, observation, Cause.FAILING, "The vendor answered again.")
    if whole:
        if standing.last_complete_at is not None and standing.last_complete_at.date() < observation.at.date():
            suspicion.freeze(link, observation)
            growth.forget(link, observation)
        values["last_complete_at"] = observation.at
        _recovered(link, observation, Cause.LOSS, "The whole list was read and believed.")
    if held:
        words = loss(held)
        _broke(link, observation, Cause.LOSS, words)
    problems.set_standing(link, observation.source_id, **values)


def lapse(link: Any, observation: Observation) -> bool:
    """Let time do its part: access that ended is broken, access that ends within 7 days expires; tells whether any."""
    found = expiry.ending(link, observation, EXPIRES_SOON)
    expiry.judge(link, observation, [(each, *token_health(observation.at, each.expires_at)) for each in found])
    return bool(found)


def _words(problem: Problem | None) -> dict[str, Any]:
    if problem is None:
        return {"problem_kind": None, "problem_message": None, "problem_action": None}
    return {"problem_kind": problem.kind, "problem_message": problem.message, "problem_action": problem.action}


def _failed(
    link: Any, observation: Observation, report: Report, standing: Any, *, whole: bool, retry_after: float | None
) -> dict[str, Any]:
    """Count one more failure, worsen what it says of the connections, and let the breaker decide when to ask again."""
    problem = report.problem or Problem("unknown", "The sync failed.", "")
    failures, since = standing.failures + 1, standing.failing_since or observation.at
    judged = health.judged(problem.kind, failures, since, observation.at)
    if not whole:
        absences.worsen(link, observation, judged.value, problem.message[:300], of=health.worse_than(judged))
    if judged is Health.BROKEN:
        _broke(link, observation, Cause.FAILING, problem, since=since)
    pause = health.pause(problem.kind, failures, retry_after)
    return {"failures": failures, "failing_since": since, "next_try_at": None if pause is None else now() + pause}


def _broke(
    link: Any, observation: Observation, cause: Cause, problem: Problem, *, since: datetime | None = None
) -> None:
    words = {"message": problem.message, "advice": problem.action}
    incidents.begin(link, source_id=observation.source_id, cause=cause, at=observation.at, since=since, **words)


def _recovered(link: Any, observation: Observation, cause: Cause, why: str) -> None:
    incidents.end(link, source_id=observation.source_id, cause=cause, at=observation.at, why=why)


def loss(held: dict[str, tuple[int, int]]) -> Problem:
    """Say which lists are held back because they lost too much at once."""
    parts = [f"{missing:,} of {known:,} {kind}s" for kind, (missing, known) in sorted(held.items())]
    message = f"The list no longer holds {' and '.join(parts)}: too many at once to believe, so nothing was marked."
    return Problem("held_back", message, "Look at the vendor. If they are really gone, mark them as vanished.")
