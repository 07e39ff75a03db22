"""Approvals: the queue of cases, what is decided of many at once, and one case in full beside it."""

from pages.ui import cards
from pages.ui.approvals import board, case_away, case_plan, case_rules, cases_head, requesting

title, controls = cards.head("Approvals")
found = board.asked()
with title:
    cases_head.line(found.around)
with controls:
    case_away.button()
    case_rules.button()
    requesting.submit_button()

case_plan.standing()
board.live(found)
