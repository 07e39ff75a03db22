"""Which figures are not to be believed as they stand: what they did from one telling to the next (`types.Suspect`).

A suspicion stands until a later figure differs and is not suspect itself; a missing figure says nothing either way: the
next one told is compared with the one told last.
Each one that arises or is lifted is a row in `changes`, so that it stays apart from a real change and has its time.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    String,
    Table,
    and_,
    case,
    insert,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy import Connection as Link
from sqlmodel import SQLModel

from data import changes
from data.models import Connection
from data.points import told_last
from data.staging import TEMPORARY, Observation, empty, incoming
from data.types import Suspect

FEWEST, LEAST_RATE = 10, 1.0
"""From how many followers, and what engagement, an exact double is no chance."""
FROZEN_FROM, FROZEN_AFTER = 1_000, timedelta(days=14)

_connections = SQLModel.metadata.tables[Connection.__tablename__]
_doubted = Table(
    "doubted",
    TEMPORARY,
    Column("id", String, primary_key=True),
    Column("suspect", String),
    prefixes=["TEMPORARY"],
)
_FOLLOWERS = tuple(word.value for word in Suspect if word.startswith("followers"))
_ENGAGEMENT = tuple(word.value for word in Suspect if word.startswith("engagement"))
_NEGATIVE = {
    "followers": Suspect.FOLLOWERS_NEGATIVE.value,
    "engagement_rate": Suspect.ENGAGEMENT_NEGATIVE.value,
}


def at_first(negative: str | None) -> str | None:
    """Tell what is suspect of a connection's very first record: only a negative figure can be."""
    return None if negative is None else _NEGATIVE[negative]


def compare(link: Link, observation: Observation, followers: ColumnElement[Any], rate: ColumnElement[Any]) -> None:
    """Judge what the incoming records say of the figures, before those are taken over.

    `followers` and `rate` are what the figures become.
    """
    here = _connections.c
    moved = or_(
        here.followers.is_distinct_from(followers),
        here.engagement_rate.is_distinct_from(rate),
        incoming.c.negative.is_not(None),
    )
    joined = select(incoming.c.id, _judged(followers, rate, incoming.c.negative)).join_from(
        incoming, _connections, here.id == incoming.c.id
    )
    _take_over(link, observation, joined.where(moved))


def compare_rate(
    link: Link, observation: Observation, connection_id: str, rate: float | None, *, negative: bool
) -> None:
    """Judge one connection's engagement, told outside its list, before it is taken over."""
    told = literal("engagement_rate" if negative else None, String())
    judged = _judged(_connections.c.followers, literal(rate, _connections.c.engagement_rate.type), told)
    _take_over(link, observation, select(_connections.c.id, judged).where(_connections.c.id == connection_id))


def freeze(link: Link, observation: Observation) -> None:
    """Mark the followers of a source's listed connections that have not moved for two weeks."""
    here, frozen = _connections.c, Suspect.FOLLOWERS_FROZEN.value
    still = and_(
        here.source_id == observation.source_id,
        here.vanished_at.is_(None),
        here.followers >= FROZEN_FROM,
        here.followers_since <= observation.at - FROZEN_AFTER,
        here.suspect.is_(None),
    )
    if changes.keep_where(link, observation, "suspect", before=here.suspect, after=frozen, where=still):
        link.execute(update(_connections).where(still).values(suspect=frozen))


def _take_over(link: Link, observation: Observation, judged: Any) -> None:
    empty(link, _doubted)
    link.execute(insert(_doubted).from_select(["id", "suspect"], judged))
    here = _connections.c
    other = and_(here.id == _doubted.c.id, here.suspect.is_distinct_from(_doubted.c.suspect))
    changes.keep_where(link, observation, "suspect", before=here.suspect, after=_doubted.c.suspect, where=other)
    link.execute(update(_connections).where(other).values(suspect=_doubted.c.suspect))


def _judged(
    followers: ColumnElement[Any],
    rate: ColumnElement[Any],
    negative: ColumnElement[Any],
) -> ColumnElement[Any]:
    """What is suspect once the figures become these: followers come first, and what stands stays unless lifted."""
    return case(
        (negative == "followers", literal(Suspect.FOLLOWERS_NEGATIVE.value)),
        *_leaps("followers", followers, FEWEST, Suspect.FOLLOWERS_DOUBLED, Suspect.FOLLOWERS_ZERO),
        (_stands("followers", followers, _FOLLOWERS), _connections.c.suspect),
        (negative == "engagement_rate", literal(Suspect.ENGAGEMENT_NEGATIVE.value)),
        *_leaps("engagement_rate", rate, LEAST_RATE, Suspect.ENGAGEMENT_DOUBLED, Suspect.ENGAGEMENT_ZERO),
        (_stands("engagement_rate", rate, _ENGAGEMENT), _connections.c.suspect),
        else_=null(),
    )


def _leaps(
    name: str, after: ColumnElement[Any], least: float, doubled: Suspect, zero: Suspect
) -> tuple[tuple[ColumnElement[bool], ColumnElement[Any]], ...]:
    before = told_last(name)
    return (
        (and_(before >= least, after == before * 2), literal(doubled.value)),
        (and_(before > 0, after == 0), literal(zero.value)),
    )


def _stands(name: str, after: ColumnElement[Any], words: tuple[str, ...]) -> ColumnElement[bool]:
    """Tell whether an earlier suspicion stands: no figure is told, or the very one that is suspect."""
    here = _connections.c
    same = and_(after == told_last(name), here.suspect != _NEGATIVE[name])  # a negative figure is none, so none is told
    return and_(here.suspect.in_(words), or_(after.is_(None), same))
