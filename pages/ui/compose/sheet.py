"""One look at a draft: what this tab holds of it, what would leave now, and what its press did."""

from dataclasses import dataclass, replace
from functools import cached_property

from data.queries import composing, drafts, recipients
from data.queries.composing import Pressed
from data.queries.drafts import Draft
from data.queries.recipients import Names
from data.types import Family
from pages.ui import resources
from pages.ui.compose import tab
from pages.ui.compose.tab import Tab
from services.failures import Failure
from services.messaging import editing, examples, senders, wire
from services.messaging.editing import CARDS, Body
from services.messaging.examples import Fix
from services.messaging.senders import Sender
from services.messaging.wire import Order, Prepared, Problem

_AROUND = {"from", "to", "callbackUrl", "correlationId", "callbackData"}
MOST_NAMES = 100
"""Recipients that are offered by name: the others are found by a search."""


@dataclass(frozen=True)
class Sheet:
    """What a run of the composer draws: read once, the same for all its pieces."""

    draft: Draft
    tab: Tab
    senders: tuple[Sender, ...]
    people: Names
    """The recipients, the first ones by name."""
    pressed: Pressed
    last: Body | None
    prepared: Prepared | None
    refused: Failure | None

    @property
    def body(self) -> Body:
        """Give the body as this tab holds it."""
        return self.tab.body

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """Give all that keeps it from leaving, as far as it is known before somebody receives it."""
        return self.prepared.problems if self.prepared else wire.unaddressed(self.body)

    @property
    def empty(self) -> list[str]:
        """Give the places that are still to be filled: nothing is wrong with them yet."""
        return [each.field for each in self.problems if self._is_open(each)]

    @property
    def errors(self) -> list[Problem]:
        """Give what is wrong."""
        return [each for each in self.problems if not self._is_open(each)]

    @property
    def foreign(self) -> list[Problem]:
        """Give what is wrong with places that have no field here: they came with what the draft was begun with."""
        return [each for each in self.errors if not self._has_field(each)]

    def at(self, path: str) -> list[Problem]:
        """Give what is wrong at a place."""
        return [each for each in self.errors if each.field == path]

    def fix(self, path: str) -> Fix | None:
        """Give the press that mends a place, where it is sure what was meant."""
        found = (examples.suggestion(each, self.body) for each in self.at(path))
        return next((each for each in found if each is not None), None)

    def _is_open(self, problem: Problem) -> bool:
        """Tell whether a place is not filled yet: nothing is wrong with it until something stands there."""
        bare = problem.field.startswith(CARDS) and not editing.get(self.body, problem.field)
        return problem.field not in _AROUND and (problem.limit == "required" or bare)

    def _has_field(self, problem: Problem) -> bool:
        if problem.field == "type":
            return editing.family(self.body) is Family.STICKER
        return editing.has_field(problem.field) and problem.limit != "a JSON object"

    @cached_property
    def values(self) -> dict[str, str]:
        """Give the values of the recipient's variables."""
        return self.values_of(self.tab.recipient)

    def values_of(self, name: str | None) -> dict[str, str]:
        """Give the values of a recipient's variables; none for one who is not there."""
        if name is None:
            return {}
        with resources.reading() as session:
            found = recipients.one(session, name)
        return {name: value for name, value in found.variables.items() if value.strip()} if found else {}

    @property
    def sender(self) -> Sender | None:
        """Give the source that it is sent as."""
        return next((each for each in self.senders if each.name == self.tab.source), None)

    def order(self) -> Order | None:
        """Give what a press would ask for; None while nobody sends or receives it."""
        held = self.tab
        if held.source is None or held.recipient is None:
            return None
        return Order(held.body, held.source, held.recipient, self.draft.press, draft_id=held.id)


def read(draft_id: str) -> Sheet | None:
    """Read a draft and all around it; None for one that is not there (any more)."""
    with resources.reading() as session:
        draft = drafts.one(session, draft_id)
        if draft is None:
            return None
        held = tab.of(draft)
        people = recipients.names(session, limit=MOST_NAMES)
        seen = people, composing.pressed(session, draft.press), composing.last(session, draft_id)
    bare = Sheet(draft, held, senders.every(resources.desk()), *seen, None, None)
    return _prepared(bare)


def _prepared(sheet: Sheet) -> Sheet:
    order = sheet.order()
    if order is None:
        return sheet
    try:
        return replace(sheet, prepared=wire.prepare(resources.desk(), order))
    except Failure as refused:
        return replace(sheet, refused=refused)
