"""Sent: every message, what became of it and why, and one in full beside the list."""

from pages.ui import cards, paging, plans
from pages.ui.sent import board, choices, overview, sending
from services.messages_address import OPEN

title, controls = cards.head("Sent")
plans.said()
asked = choices.asked()
with title:
    overview.line(asked.filter)
with controls:
    choices.files(asked)

if paging.number(OPEN) is None and asked.filter.sending is None:
    overview.figures(asked.filter)
choices.row(asked)
choices.dropped(asked)
sending.live(asked.filter.sending)
board.live(asked)
