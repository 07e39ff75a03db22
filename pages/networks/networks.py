"""Networks: every account of all sources, what its vendors say of it, and how old that is."""

from pages.ui import asof, cards, exporting, filters, freshness, listing, overview, resources, tables, views
from pages.ui.approvals import case_plan
from pages.ui.disconnecting import planned

title, controls = cards.head("Networks")
around = resources.kept(listing.around, stale_after=freshness.stale_after())
chosen = filters.chosen(around.words)
with controls:
    at = asof.chosen()
    picked = listing.picked(chosen, at)
    views.menu(chosen)
    exporting.menu(chosen, picked, at)
page = listing.page(chosen, at)

freshness.replay()
case_plan.standing()
planned.standing()
asof.line()
overview.charts_of_networks(chosen.filter)
filters.row(chosen, around.words)
filters.dropped(chosen)

with title:
    listing.told(around, page, at)
listing.actions(page, picked, chosen if at is None else None)
if page.rows:
    tables.connections(listing.lines(page, picked), picked, then=at is not None)
else:
    listing.empty(around.standing, chosen)
