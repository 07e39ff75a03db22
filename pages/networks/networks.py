"""Networks: every connection of all sources, what its vendor says of it, and how old that is."""

from data.queries import inventory, sources, totals
from pages.ui import cards, filters, freshness, listing, overview, resources, tables

title, _ = cards.head("Networks")
freshness.replay()
overview.charts_of_networks()

known = resources.kept(totals.words)
words = filters.Words(
    known["platform"],
    known["kind"],
    resources.kept(inventory.source_names),
    resources.kept(inventory.categories),
)
every, failing = resources.kept(inventory.standing), resources.kept(sources.failing)
behind = resources.kept(sources.stale, stale_after=freshness.stale_after())
chosen = filters.connections(words)
page = resources.kept(
    inventory.page, chosen.filter, order=chosen.order, after=chosen.after, before=chosen.before, size=chosen.size
)

with title:
    freshness.line(listing.summary(every), every.as_of, behind)
    freshness.failures(failing)
listing.actions(page)
if page.rows:
    tables.connections(page.rows, key="networks_table")
else:
    listing.empty(every)
