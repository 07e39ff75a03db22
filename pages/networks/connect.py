"""Connect: what can be connected, how each attempt stands, and what to do next."""

from data.queries import sources
from pages.ui import cards, freshness, plans, resources
from pages.ui.connect import attempt, choice, offers, panel, rows

title, controls = cards.head("Connect")
plans.said()
numbers = choice.attempts()
with resources.reading() as session:
    found = sources.cards(session, stale_after=freshness.stale_after())
chosen = choice.asked(found)

with title:
    panel.line()
with controls:
    panel.back(anything=bool(numbers or chosen))
if len(numbers) == 1:
    attempt.show(*numbers)
elif numbers:
    rows.results(numbers)
elif chosen:
    panel.show(chosen)
else:
    panel.dropped()
    rows.going_on()
    offers.grid(found)
    rows.ended()
