"""Sorting by when a connection was last seen, as a page tells it: `_tables.last_seen`.

No row is written by a sync that finds nothing new, so that instant is mostly its source's, not its own. A list of it is
made of stretches, one after the other: what a source's last complete answer covers, all at that instant; what a later
run that was not complete has seen, all at its instant; and between them, by their own instants, what has vanished.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, FromClause, case, func, literal, null, select, type_coerce
from sqlalchemy import Connection as Link

from data.queries._tables import changes, connections, runs, sources
from data.queries.filters import Listed
from data.types import RunState, UtcDateTime

_EARLIEST = datetime.min.replace(tzinfo=UTC)
_here = connections.c


class Stretch(NamedTuple):
    """Connections that were seen at one instant by one source; or, of no source, vanished ones from an instant on."""

    at: datetime
    source: int | None
    until: datetime | None = None
    """The instant before which the vanished ones of a stretch were seen."""
    covered: bool = False
    """A complete answer has seen all that its source lists, whenever a row of it was written."""

    @property
    def name(self) -> str:
        """Name the stretch by its place among the others, whatever its instant."""
        return "gone" if self.source is None else f"{self.source}{'' if self.covered else ' in part'}"

    def where(self, of: FromClause) -> tuple[ColumnElement[bool], ...]:
        """Give its rows as conditions that the index by source and instant answers, or that of the vanished."""
        seen = of.c.last_seen_at
        if self.source is None:
            later = () if self.until is None else (seen < self.until,)
            return (of.c.vanished_at.is_not(None), seen >= self.at, *later)
        within = seen <= self.at if self.covered else seen == self.at
        return (of.c.vanished_at.is_(None), of.c.source_id == self.source, within)


def stretches(link: Link, only: Sequence[int] | None, listed: Listed) -> list[Stretch]:
    """Give all stretches, the latest first; of these sources `only`, and of what is listed or vanished."""
    found = [] if listed is Listed.VANISHED else list(_of_sources(link, only))
    found += [] if listed is Listed.LISTED else list(_vanished(link, sorted({each.at for each in found})))
    return sorted(found, key=lambda each: (each.at, each.source is None, each.source or 0, each.covered), reverse=True)


def _of_sources(link: Link, only: Sequence[int] | None) -> Iterator[Stretch]:
    latest = select(func.max(_here.last_seen_at)).where(_here.source_id == sources.c.id).scalar_subquery()
    query = select(sources.c.id, sources.c.last_complete_at, latest.label("latest"))
    for source, complete, last in link.execute(query if only is None else query.where(sources.c.id.in_(only))):
        if last is not None and complete is not None:
            yield Stretch(complete, source, covered=True)
        seen = last
        while seen is not None and (complete is None or seen > complete):
            yield Stretch(seen, source)
            earlier = (_here.source_id == source, _here.last_seen_at < seen)
            seen = link.execute(select(func.max(_here.last_seen_at)).where(*earlier)).scalar_one()


def _vanished(link: Link, instants: Sequence[datetime]) -> Iterator[Stretch]:
    """Give the stretches of vanished connections that hold any: each begins at an instant of the others."""
    gone, seen = _here.vanished_at.is_not(None), _here.last_seen_at
    until: datetime | None = None
    while until is None or until > _EARLIEST:
        earlier = () if until is None else (seen < until,)
        last = link.execute(select(func.max(seen)).where(gone, *earlier)).scalar_one()
        if last is None:
            return
        begin = max((each for each in instants if each <= last), default=_EARLIEST)
        above = min((each for each in instants if each > last), default=None)
        yield Stretch(begin, None, above)
        until = begin


def then(link: Link, of: FromClause, at: datetime) -> ColumnElement[datetime]:
    """Give when connections had been seen last at a past instant, as `_was` tells it: of each row, by no index."""
    here, complete = of.c, runs.c.state == RunState.OK.value
    seen = case((here.last_seen_at <= at, here.last_seen_at), else_=here.first_seen_at)
    query = select(runs.c.source_id, func.max(runs.c.observed_at)).where(complete, runs.c.observed_at <= at)
    answered = link.execute(query.group_by(runs.c.source_id)).all()
    by_source = [(here.source_id == source, literal(instant, UtcDateTime())) for source, instant in answered]
    answer = case(*by_source) if by_source else null()
    lost = (changes.c.connection_id == here.id, changes.c.field == "vanished", changes.c.after == "vanished")
    gone = select(func.max(changes.c.at)).where(*lost, changes.c.at <= at).correlate(of).scalar_subquery()
    before = select(func.max(runs.c.observed_at)).where(complete, runs.c.source_id == here.source_id)
    answered_before = before.where(runs.c.observed_at < gone).correlate(of).scalar_subquery()
    known = case(
        (here.vanished_at.is_(None), answer),
        (here.vanished_at == here.first_seen_at, answered_before),  # so `_undone` marks those listed again since
    )
    return type_coerce(case((known > seen, known), else_=seen), UtcDateTime())
