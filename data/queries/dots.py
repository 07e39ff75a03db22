"""Engagement against followers: a dot for each connection that tells both, a bounded sample where there are many."""

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import func, select

from data.queries import totals
from data.queries._tables import connections
from data.queries.filters import Filter, Listed
from data.store import Session

MOST, LONGEST_NAME = 400, 80
_LOOKED_AT = 3 * MOST
"""So many connections are looked at: not each tells both figures."""


class Dot(NamedTuple):
    """A connection by its two figures."""

    name: str | None
    platform: str
    followers: int
    engagement_rate: float


@dataclass(frozen=True)
class Sample:
    """At most 400 dots, and how many listed connections they are of; the same ones until connections are added."""

    dots: tuple[Dot, ...]
    of: int
    whole: bool
    """Whether every listed connection that tells both figures is among them."""


def engagement_by_followers(session: Session) -> Sample:
    """Give connections evenly over the cache, found by their own number: at any size the same few milliseconds."""
    here = connections.c
    highest = session.connection().execute(select(func.max(here.number))).scalar_one() or 0
    step = max(1, -(-highest // _LOOKED_AT))
    told = (here.vanished_at.is_(None), here.followers > 0, here.engagement_rate.is_not(None))
    name = func.substr(func.coalesce(here.name, here.handle), 1, LONGEST_NAME)
    query = select(name, here.platform, here.followers, here.engagement_rate)
    numbers = range(1, highest + 1, step)
    found = session.connection().execute(query.where(here.number.in_(numbers), *told).order_by(here.number)).all()
    every = totals.connections(session, Filter(listed=Listed.LISTED))
    apart = max(1, -(-len(found) // MOST))
    dots = tuple(Dot._make(row) for row in found[::apart])
    return Sample(dots, every, step == 1 and apart == 1)
