"""What Today shows of this moment, or of a past day: how fresh, what needs someone, what changed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from data.queries import case_figures, inventory, sources, today
from data.queries import past as known_then
from pages.ui import attention, formats, freshness, resources, session, visit


@dataclass(frozen=True)
class Shown:
    """One day: its name, when sources had last answered, which are behind or fail, and how its two lists are drawn."""

    name: str
    as_of: datetime | None
    stale: list[tuple[str, datetime]]
    failing: list[tuple[str, datetime]]
    attention: Callable[[], None]
    changes: Callable[[], None]


def now() -> Shown:
    """Ask for this moment, and what changed since the last visit."""
    person = session.person()
    since = person.previous_visit_at if person else None
    as_of = resources.kept(inventory.as_of)
    found = resources.kept(attention.wanting, stale_after=freshness.stale_after())
    happened = resources.kept(today.since, since) if since else []
    answers = resources.kept(case_figures.answers, person.username, since) if person and since else []
    return Shown(
        _named(formats.now()),
        as_of,
        found.stale,
        resources.kept(sources.failing),
        lambda: attention.card(attention.items(found), lambda: attention.nothing(found.sources, as_of)),
        lambda: visit.since(happened, since, answers),
    )


def past(at: datetime) -> Shown:
    """Ask for what was known at the end of a past day, and what changed on it."""
    as_of = resources.kept(known_then.as_of, at)
    found = resources.kept(today.attention_at, at)
    happened = resources.kept(today.between, at - timedelta(days=1), at)
    items = attention.items_at(found, at)
    return Shown(
        _named(at),
        as_of,
        [],
        [],
        lambda: attention.card(items, lambda: attention.nothing_then(as_of), title="Needed attention"),
        lambda: visit.on(happened, at),
    )


def _named(instant: datetime) -> str:
    return f"{instant:%A} {instant.day} {instant:%B}"
