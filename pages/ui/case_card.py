"""One case as its reviewer reads it: who and what, what came back and why, the evidence, the story, and the deeds."""

from pages.ui import cards, formats, resources
from pages.ui.text import plain
from services import approvals_story
from services.failures import Failure


def show(number: int) -> None:
    """Draw the card of a case, with what may be done to it."""
    try:
        told = approvals_story.story(resources.desk(), number)
    except Failure as missing:
        cards.empty(plain(missing.message), "Choose one in the list.")
        return
    case = told.case
    name = plain(case.name or case.handle or "(no name given)")
    with cards.card(name, f"{formats.platform(case.platform)} · case {case.id}", key="case_card"):
        pass
