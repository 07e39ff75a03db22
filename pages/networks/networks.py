"""Networks: every account of all sources, what its vendors say of it, and how old that is."""

import streamlit as st

from pages.ui import asof, board, cards, exporting, freshness, listing, overview, views
from pages.ui.approvals import case_plan
from pages.ui.disconnecting import planned

title, controls = cards.head("Networks")
found = board.asked()
with title:
    listing.told(found.around, found.page, found.at)
with controls:
    asof.chosen()
    views.menu(found.chosen)
    exporting.menu(found.chosen, found.picked, found.at)

freshness.replay()
with st.container():  # what is said there now and then moves nothing below it
    case_plan.standing()
    planned.standing()
    asof.line()
overview.charts_of_networks(found.chosen.filter)
board.live(found)
