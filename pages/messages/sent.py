"""Sent: every message, what became of it and why, and one in full beside the list."""

from pages.ui import cards, paging, plans
from pages.ui.sent import card, choices, listing, overview, sending
from services.messages_address import OPEN

title, controls = cards.head("Sent")
plans.said()
asked, chosen = choices.asked(), paging.number(OPEN)
with title:
    overview.line(asked.filter)
with controls:
    choices.files(asked)

if chosen is None and asked.filter.sending is None:
    overview.figures(asked.filter)
choices.row(asked)
choices.dropped(asked)
sending.live(asked.filter.sending)
listed, beside = listing.places(beside=chosen is not None)
with listed:
    listing.live(asked)
if chosen is not None:
    with beside:
        card.show(chosen)
