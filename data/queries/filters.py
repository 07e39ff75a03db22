"""Which connections a person asks for, and that question as SQL conditions: parameters only, whatever was typed."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from string import ascii_lowercase, digits
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Integer, Select, UnaryExpression, column, func, select, table
from sqlalchemy.sql.operators import custom_op

from data.queries._tables import connections, sources
from data.store import Session
from data.types import Kind, Suspect

LONGEST_SEARCH = 200
"""Characters: longer text is cut, so that no question grows without end (FAULTS 102)."""
TRIGRAM = 3
_USUAL = f"{ascii_lowercase}{digits} ._-\n"
_largest = 2**63 - 1
_WITH_HEALTH = frozenset({"platform", "status", "source_id", "kind"})


class Listed(StrEnum):
    """Whether connections that a vendor no longer lists are shown."""

    BOTH = "both"
    LISTED = "listed"
    VANISHED = "vanished"


class Doubt(StrEnum):
    """What makes a figure suspect, whichever figure it is."""

    DOUBLED = "doubled"
    FROZEN = "frozen"
    ZERO = "zero"
    NEGATIVE = "negative"


@dataclass(frozen=True)
class Filter:
    """What is asked for: values of one field are alternatives, fields narrow each other; empty means any."""

    search: str = ""
    platforms: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    healths: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verified: bool | None = None
    followers_from: int | None = None
    followers_to: int | None = None
    listed: Listed = Listed.BOTH
    suspects: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Tell whether nothing narrows the list."""
        return all(getattr(self, item.name) == item.default for item in fields(self))

    @property
    def kept(self) -> bool:
        """Tell whether the kept totals alone can count it."""
        told = (self.categories, self.verified, self.followers_from, self.followers_to, self.suspects)
        return not self.text and told == ((), None, None, None, ())

    @property
    def text_alone(self) -> bool:
        """Tell whether nothing but the searched text narrows the list."""
        return bool(self.text) and replace(self, search="").empty

    @property
    def text(self) -> str:
        """Give the searched text as it is compared: bounded and folded like the stored text."""
        return folded(self.search)


def folded(text: str) -> str:
    """Fold text the way `search_text` is kept (NFKC, case-folded), without NUL and lone surrogates."""
    clean = text[:LONGEST_SEARCH].replace("\x00", "").encode("utf-8", "ignore").decode()
    return unicodedata.normalize("NFKC", clean).casefold().strip()


def source_numbers(session: Session, names: tuple[str, ...] | None) -> tuple[int, ...]:
    """Give the numbers of the named sources, or of all; an unknown name gives none."""
    query = select(sources.c.id)
    return tuple(
        session.connection().execute(query if names is None else query.where(sources.c.name.in_(names))).scalars()
    )


def conditions(
    session: Session, wanted: Filter, *, sort: str | None = None, of: FromClause = connections
) -> list[ColumnElement[bool]]:
    """Give the filter as conditions on connections, without the searched text.

    With `sort`, many rows match: then the index of that order is to be walked, and no condition may lead SQLite, which
    keeps no statistics, to collect and sort them all. Single values keep their own index in the order of health.
    """
    here, sqlite = of.c, session.connection().dialect.name == "sqlite"

    def given(field: ColumnElement[Any], values: Sequence[object]) -> ColumnElement[bool]:
        own = sort == "health" and len(values) == 1 and field.key in _WITH_HEALTH
        shown = unindexed(field) if sqlite and sort is not None and not own else field
        return shown == values[0] if len(values) == 1 else shown.in_(values)

    common = sqlite and sort is None and Kind.NETWORK in wanted.kinds  # nearly all are: another index leads to fewer
    alternatives: tuple[tuple[ColumnElement[Any], Sequence[object]], ...] = (
        (here.platform, wanted.platforms),
        (unindexed(here.kind) if common else here.kind, wanted.kinds),
        (here.status, wanted.statuses),
        (here.health, wanted.healths),
        (here.category, wanted.categories),
    )
    found = [given(field, values) for field, values in alternatives if values]
    if wanted.suspects:
        found.append(given(here.suspect, [word for word in Suspect if word.rpartition("_")[2] in wanted.suspects]))
    vanished = wanted.listed is Listed.VANISHED
    if wanted.sources or vanished:  # what vanished is found by source: no order's index leads to it
        found.append(given(here.source_id, source_numbers(session, wanted.sources or None)))
    if wanted.verified is not None:  # its index is there to sort by: half of all would be found by it
        found.append((unindexed(here.verified) if sqlite else here.verified).is_(wanted.verified))
    followers = unindexed(here.followers) if sqlite and sort not in {None, "followers"} else here.followers
    if wanted.followers_from is not None:
        found.append(followers >= _stored(wanted.followers_from))
    if wanted.followers_to is not None:
        found.append(followers <= _stored(wanted.followers_to))
    if wanted.listed is not Listed.BOTH:
        found.append(here.vanished_at.is_not(None) if vanished else here.vanished_at.is_(None))
    return found


def unindexed(field: ColumnElement[Any]) -> ColumnElement[Any]:
    """Give a column as a term that SQLite looks up no index for: its own idiom is a plus sign."""
    return UnaryExpression(field, operator=custom_op("+"), type_=field.type)


def _stored(number: int) -> int:
    return max(-_largest, min(number, _largest))


def contains(session: Session, text: str, of: FromClause = connections) -> ColumnElement[bool]:
    """Compare each row's text: cheap where many rows match, or where the text is too short for the index."""
    if session.connection().dialect.name == "sqlite":
        return func.instr(of.c.search_text, text) > 0
    return of.c.search_text.like(f"%{_escaped(text)}%", escape="\\")


def indexed(session: Session, text: str) -> ColumnElement[bool] | None:
    """Find rows by the trigram index; None where there is none, or the text is shorter than three characters."""
    found = matches(session, text)
    return None if found is None else connections.c.number.in_(found)


def matches(session: Session, text: str, index: str = "connections_search") -> Select[tuple[int]] | None:
    """Give the numbers of the rows that hold a text, from a trigram index alone; None as for `indexed`."""
    return _matches(session, [text], index) if len(text) >= TRIGRAM else None


def surely_matches(session: Session, text: str) -> Select[tuple[int]] | None:
    """Give the same, of two characters the rows where a usual one follows them: others may hold the text as well."""
    short = len(text) == TRIGRAM - 1
    return _matches(session, [text + sign for sign in _USUAL]) if short else matches(session, text)


def _matches(session: Session, texts: Sequence[str], index: str = "connections_search") -> Select[tuple[int]] | None:
    if session.connection().dialect.name != "sqlite":
        return None
    any_of = " OR ".join('"' + text.replace('"', '""') + '"' for text in texts)
    return select(table(index, column("rowid", Integer)).c.rowid).where(column(index).op("MATCH")(any_of))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
