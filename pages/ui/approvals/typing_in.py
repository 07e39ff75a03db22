"""The form for an account that no source reports: each error at its field, and what is known of the account already."""

from dataclasses import asdict
from functools import partial

import streamlit as st

from pages.ui import dialogs, formats, links, plans, resources, session
from pages.ui.approvals import wishes
from pages.ui.text import plain
from services.approvals import asking, typed
from services.approvals import plans as approvals_plans
from services.approvals.plans import Row
from services.approvals.typed import LONGEST_NAME, LONGEST_URL, Account
from services.failures import Failure

_FORM = "typed_in"
_PLATFORM, _HANDLE, _URL, _FOLLOWERS, _CATEGORY = (
    f"typed_{name}" for name in ("platform", "handle", "url", "followers", "category")
)
_WRONG, _KNOWN, _MADE = "typed_wrong", "typed_known", "typed_made"


def opened(account: Account | None = None) -> None:
    """Open the form, filled with an account that was typed in before, if one is named."""
    for key in (_WRONG, _KNOWN):
        st.session_state.pop(key, None)
    if account is not None:
        st.session_state.update({f"typed_{name}": told for name, told in asdict(account).items()})
    plans.opened("Submit an account", ":material/person_add:", _drawn, form=_FORM)


def made() -> int | None:
    """Give the case that the form made in the run before, once."""
    number = st.session_state.pop(_MADE, None)
    return number if isinstance(number, int) else None


def _drawn() -> None:
    st.markdown(":gray[For an account that no source reports yet. What a source reports is requested under Networks.]")
    left, right = st.columns(2, gap="small")
    with left:
        st.selectbox(
            "Platform",
            list(formats.PLATFORMS),
            format_func=formats.platform,
            index=None,
            accept_new_options=True,
            placeholder="Choose or type one",
            key=_PLATFORM,
        )
        _wrong("platform")
    with right:
        st.text_input("Handle", key=_HANDLE, max_chars=LONGEST_NAME, placeholder="nova.coffee", autocomplete="off")
        _wrong("handle")
    st.text_input(
        "Address of the profile", key=_URL, max_chars=LONGEST_URL, placeholder="https://instagram.com/nova.coffee"
    )
    _wrong("url")
    left, right = st.columns(2, gap="small")
    with left:
        st.number_input(  # no bounds: the browser would drop a figure beyond them, as if none was typed
            "Followers", value=None, step=1, key=_FOLLOWERS, placeholder="Empty when not known"
        )
        _wrong("followers")
    with right:
        st.text_input("Category", key=_CATEGORY, max_chars=LONGEST_NAME, placeholder="Optional", autocomplete="off")
        _wrong("category")
    wishes.inputs()
    if st.session_state.get(_KNOWN) is None:
        plans.wrong(_FORM)
    else:
        _known(st.session_state[_KNOWN])
    _buttons()


def _wrong(field: str) -> None:
    """Say under a field what is wrong with it."""
    told = st.session_state.get(_WRONG, {}).get(field)
    if told is not None:
        rule = told.message.removeprefix(f"{field} is ").removeprefix(f"{field} ")
        st.markdown(
            f":small[:red[:material/error: {plain(rule[:1].upper() + rule[1:])}]] :small[:gray[{plain(told.advice)}]]"
        )


def _known(row: Row) -> None:
    """Say what is known of the account already, with the way to it."""
    with st.container(border=True, gap="xsmall", key="typed_known_card"):
        if row.problem:
            st.markdown(f":red[:material/error:] **{plain(row.problem)}** :gray[{plain(row.advice)}]")
        else:
            st.markdown(
                ":blue[:material/info:] **A source reports this account already.** :gray[The case will be about that "
                "connection, with what its source says of it, not with what you typed.]"
            )
        with st.container(horizontal=True, gap="small"):
            if row.standing is not None:
                _open_button(row.standing)
            if row.connection is not None:
                way = links.account(row.connection)
                icon = ":material/arrow_forward:"
                st.page_link(way.page, label="Open the account", query_params=way.query, icon=icon, width="content")


def _open_button(case: int) -> None:
    """Draw the way to a case: it is on the page beneath, which a link alone would not let see."""
    if st.button(f"Open case {case}", icon=":material/arrow_forward:", type="tertiary", key="typed_open"):
        dialogs.put_away()
        way = links.case(case)
        st.switch_page(way.page, query_params=way.query)


def _buttons() -> None:
    row: Row | None = st.session_state.get(_KNOWN)
    about_it = row is not None and not row.problem
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        if st.button("Cancel", key="typed_cancel"):
            dialogs.close()
        label = "Request it for that connection" if about_it else "Request approval"
        known = row.connection if row is not None and about_it else None
        st.button(
            label, type="primary", disabled=wishes.is_over(), key="typed_do", on_click=partial(_submit, agreed=known)
        )


def _typed() -> Account:
    state = st.session_state
    platform, handle, url, category = (str(state.get(key) or "") for key in (_PLATFORM, _HANDLE, _URL, _CATEGORY))
    return Account(platform, handle, url, state.get(_FOLLOWERS), category)


def _submit(agreed: str | None) -> None:
    """Take what was typed: name what is wrong or known, else open the case; `agreed` is a connection that was shown."""
    account, wish = _typed(), wishes.given()
    wrong = st.session_state[_WRONG] = typed.faults(account)
    st.session_state[_KNOWN] = None
    if wrong:
        return

    def submit() -> None:
        desk, me = resources.desk(), session.actor()
        (row,) = approvals_plans.plan_submission(desk, me, account).rows
        if row.problem or row.connection not in {None, agreed}:
            st.session_state[_KNOWN] = row
            raise Failure("known", "The account is known already.")
        st.session_state[_MADE] = asking.submit(desk, me, account, wish).case

    plans.attempted(submit, "The approval is requested.", form=_FORM)
