"""Which rows a person has chosen: kept by id for the session, whatever page, order or filter the list then shows.

A table tells the positions of its own rows alone. So each change is taken as what was ticked and what was unticked
among the rows it was drawn with; and a table with other rows is another widget. What the browser still sends of the one
before, be it a late click or that nothing was ticked there, is not heard.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import streamlit as st

from data.queries.inventory import Row

_KEPT = "networks_picks"


class Line(NamedTuple):
    """A row of the table; `beneath` when it is another connection of the account above it."""

    row: Row
    beneath: bool = False

    @property
    def account(self) -> int:
        """Give the account that the row stands for."""
        return self.row.number if self.row.account is None else self.row.account


@dataclass
class Picks:
    """What is chosen: connections with their accounts, or all that match a question; and what is unfolded."""

    chosen: dict[str, int] = field(default_factory=dict)
    every: str | None = None
    unfolded: set[int] = field(default_factory=set)
    turn: int = 0
    shown: tuple[tuple[str, int], ...] = ()
    ticked: frozenset[int] = frozenset()
    accounts: bool = True
    question: str = ""
    elsewhere: int = 0
    """How many of those chosen one by one the list does not hold."""

    def number(self) -> int:
        """Count what is chosen one by one, as what a row is."""
        return len(set(self.chosen.values()) if self.accounts else self.chosen)

    def alone(self) -> str | None:
        """Give the connection that is chosen, when it is one row."""
        return next(iter(self.chosen)) if self.number() == 1 and self.every is None else None

    def tick(self, positions: frozenset[int]) -> None:
        """Take over which positions of the drawn rows are ticked now."""
        if self.every is not None:  # all but some: what is still ticked here is what a person sees
            self.every, self.chosen = None, dict(self.shown[place] for place in positions)
        for place in positions ^ self.ticked:
            identity, account = self.shown[place]
            if place in positions:
                self.chosen[identity] = account
            else:
                self._untick(identity, account)
        self.ticked = positions

    def _untick(self, identity: str, account: int) -> None:
        gone = [one for one, of in self.chosen.items() if of == account] if self.accounts else [identity]
        for one in gone:
            self.chosen.pop(one, None)

    def draw(self, lines: Sequence[Line]) -> list[int]:
        """Give the positions to tick in a table of these rows; another table is another turn."""
        return self.place(tuple((line.row.id, line.account) for line in lines))

    def place(self, shown: tuple[tuple[str, int], ...]) -> list[int]:
        """Give the positions to tick where each row is an id with the number of its account."""
        among = set(self.chosen.values()) if self.accounts else set(self.chosen)
        ticked = frozenset(
            place
            for place, (identity, account) in enumerate(shown)
            if self.every is not None or (account if self.accounts else identity) in among
        )
        if (shown, ticked) != (self.shown, self.ticked):
            self.turn, self.shown, self.ticked = self.turn + 1, shown, ticked
        return sorted(ticked)


def kept(question: str, *, accounts: bool, of: str = _KEPT) -> Picks:
    """Give what is chosen of a list in this session; all that matched another question is no longer chosen."""
    found: Picks = st.session_state.setdefault(of, Picks())
    found.accounts, found.question = accounts, question
    if found.every not in {None, question}:
        found.every = None
    return found


def ticking(found: Picks, turn: int, places: frozenset[int]) -> None:
    """Take over what is ticked in the table of that turn, while it is the one that is drawn."""
    if turn == found.turn:
        found.tick(places)


def choose_all(found: Picks) -> None:
    """Choose all that match."""
    found.every, found.chosen = found.question, {}


def clear(found: Picks) -> None:
    """Choose nothing."""
    found.every, found.chosen = None, {}


def unfold(found: Picks) -> None:
    """Unfold the accounts of the chosen rows, or fold them again when all of them are."""
    wanted = set(found.chosen.values())
    found.unfolded = found.unfolded - wanted if wanted <= found.unfolded else found.unfolded | wanted
