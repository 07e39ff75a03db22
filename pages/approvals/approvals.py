"""Approvals: the queue of cases, what is decided of many at once, and one case in full beside it."""

import streamlit as st

from pages.ui import cards, resources
from pages.ui.approvals import (
    case_away,
    case_card,
    case_plan,
    case_rules,
    cases_bulk,
    cases_filters,
    cases_head,
    cases_list,
    requesting,
)

title, controls = cards.head("Approvals")
chosen = cases_filters.chosen()
around = resources.kept(cases_head.around, chosen.filter.persons)
page, picked = cases_list.page(chosen), cases_list.picked(chosen)
tab, case = chosen.filter.tab, cases_list.opened(page, chosen)
with title:
    cases_head.line(around)
with controls:
    case_away.button()
    case_rules.button()
    requesting.submit_button()

case_plan.standing()
cases_filters.tabs(chosen, around.counted)
cases_filters.row(chosen)
cases_filters.dropped(chosen)
cases_head.doubts(around, chosen)
many = cases_bulk.possible(tab)
if page.rows and many:
    cases_bulk.actions(page, picked, chosen)
if page.rows:
    cases_list.line(page, chosen, many=many)
left, right = st.columns([1.45, 1.75], gap="medium")
with left:
    if page.rows:
        cases_list.table(chosen, picked, case, many=many)
        cases_list.paged(page)
    else:
        cases_filters.empty(chosen)
with right:
    cases_list.elsewhere(page, case, tab)
    if case is not None:
        case_card.show(case)
