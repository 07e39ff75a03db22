"""Networks: every connection of all sources, what its vendor says of it, and how old that is."""

from data.queries import inventory, sources, totals
from pages.ui import cards, filters, freshness, listing, overview, resources, tables

title, _ = cards.head("Networks")
freshness.replay()
overview.charts_of_networks()

with resources.reading() as session:
    known = totals.words(session)
    words = filters.Words(
        known["platform"], known["kind"], inventory.source_names(session), inventory.categories(session)
    )
    every, failing = inventory.standing(session), sources.failing(session)
    behind = sources.stale(session, stale_after=freshness.stale_after())
chosen = filters.connections(words)
with resources.reading() as session:
    page = inventory.page(
        session, chosen.filter, order=chosen.order, after=chosen.after, before=chosen.before, size=chosen.size
    )

with title:
    freshness.line(listing.summary(every), every.as_of, behind)
    freshness.failures(failing)
listing.actions(page)
if page.rows:
    tables.connections(page.rows, key="networks_table")
else:
    listing.empty(every)
