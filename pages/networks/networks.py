"""Networks: every connection of all sources, what its vendor says of it, and how old that is."""

from data.queries import inventory
from pages.ui import cards, filters, freshness, listing, overview, resources, tables

title, _ = cards.head("Networks")
freshness.replay()
overview.charts_of_networks()

around = resources.kept(listing.around, stale_after=freshness.stale_after())
chosen = filters.connections(around.words)
page = resources.kept(
    inventory.page, chosen.filter, order=chosen.order, after=chosen.after, before=chosen.before, size=chosen.size
)

with title:
    freshness.line(listing.summary(around.standing), around.standing.as_of, around.stale)
    freshness.failures(around.failing)
listing.actions(page)
if page.rows:
    tables.connections(page.rows, key="networks_table")
else:
    listing.empty(around.standing)
