"""The head of a case's card: whose account it is, how the case stands, how long it has waited, and the ways onward."""

import streamlit as st

from data.queries.cases import CaseRow
from pages.ui import account_head, formats, links, tables
from pages.ui.approvals import case_looks
from pages.ui.formats import Look
from pages.ui.text import plain, short
from services import downloads, handles
from services.approvals.steps import UNDECIDED
from services.approvals.story import Story

_NAME, _HANDLE, _HOST = 60, 60, 26


def show(told: Story) -> None:
    """Draw who it is, how it stands, and since when."""
    case = told.case
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="case_head"):
        st.image(tables.avatar(case_looks.title(case)[:200], case.platform), width=48, alt="")
        with st.container(gap=None, width="stretch"):
            st.subheader(plain(short(case_looks.title(case), _NAME)), anchor=False)
            st.markdown(f":small[:gray[{_line(case)}]]\u2002{_badges(case)}")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="case_ways"):
        _ways(case)


def _line(case: CaseRow) -> str:
    shown = handles.shown(case.handle)
    parts = [plain(short(shown, _HANDLE)) if shown else "no handle told", plain(formats.platform(case.platform))]
    return " · ".join([*parts, plain(case.kind), f"case {case.id}", f"version {case.version}"])


def _badges(case: CaseRow) -> str:
    looks = [case_looks.state(case.state), case_looks.age(case, formats.now())]
    looks += [Look("Escalated", "red", "campaign")] if case.escalated_at and case.state in UNDECIDED else []
    looks += [Look("Came back", "orange", "difference")] if case.difference else []
    looks += [Look("Zocial disagrees", "red", "balance")] if case.disagrees else []
    return " ".join(look.badge for look in looks if look is not None)


def _ways(case: CaseRow) -> None:
    """Offer the ways onward: the account here, its profile, and the case as a file."""
    connection = case.connection_id or case.listed_id
    if connection is not None:
        way = links.account(connection)
        st.page_link(way.page, label="Account", icon=":material/account_box:", query_params=way.query)
    if found := account_head.profile(case.url):
        address, host = found
        label = plain(short(host, _HOST))
        st.link_button(label, address, icon=":material/open_in_new:", type="tertiary", help="Opens the profile")
    st.link_button(
        "Export this case",
        f"{downloads.PATH}/case-{case.id}.json",
        icon=":material/download:",
        type="tertiary",
        help="Its story, its evidence and its rows of the audit trail as one JSON file",
    )
