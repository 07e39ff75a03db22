"""The form of a recipient: a new one, or what is kept of one."""

import streamlit as st

from data.queries.recipients import Listed
from pages.ui import plans, resources, session
from services.messaging import recipients
from services.messaging.recipients import LONGEST_CONSENT, LONGEST_NAME, Details

_FORM = "recipient_form"
_NAME, _IGSID, _CONSENT, _VARIABLES = "recipient_name", "recipient_igsid", "recipient_consent", "recipient_variables"
_LONGEST_IGSID = 64
_ADD_ICON, _EDIT_ICON = ":material/person_add:", ":material/edit:"


def add_button() -> None:
    """Draw the button that opens the form for a new recipient."""
    if st.button("Add a recipient", icon=_ADD_ICON, type="primary", key="add_recipient"):
        plans.opened("Add a recipient", _ADD_ICON, lambda: _form(None), form=_FORM)


def edit(each: Listed) -> None:
    """Open the form with what is kept of a recipient."""
    plans.opened("Edit the recipient", _EDIT_ICON, lambda: _form(each), form=_FORM)


def _form(each: Listed | None) -> None:
    with st.form("edit_recipient_form", border=False):
        left, right = st.columns(2)
        left.text_input(
            "Name",
            each.name if each else "",
            key=_key(_NAME, each),
            max_chars=LONGEST_NAME,
            placeholder="Test phone Zürich",
            autocomplete="off",
        )
        right.text_input(
            "igsid",
            each.igsid if each else "",
            key=_key(_IGSID, each),
            max_chars=_LONGEST_IGSID,
            placeholder="17841400000000101",
            autocomplete="off",
            help="The vendor's id of the person: it stands in each message that they sent to the account",
        )
        st.text_area(
            "Variables, one in each line",
            "\n".join(f"{name} = {value}" for name, value in each.variables.items()) if each else "",
            key=_key(_VARIABLES, each),
            placeholder="first_name = Lena",
            height=110,
        )
        st.text_input(
            "Consent: how this person agreed to tests",
            each.consent if each else "",
            key=_key(_CONSENT, each),
            max_chars=LONGEST_CONSENT,
            autocomplete="off",
        )
        plans.wrong(_FORM)
        with st.container(horizontal=True, horizontal_alignment="right"):
            verb = "Save the recipient" if each else "Add the recipient"
            st.form_submit_button(verb, type="primary", on_click=_done, args=(each,))


def _key(name: str, each: Listed | None) -> str:
    """Name an input: another recipient has other ones, and what was saved meanwhile fills new ones."""
    return f"{name}_{each.id}_{each.changed_at:%H%M%S}" if each else name


def _done(each: Listed | None) -> None:
    name, igsid, consent, variables = (
        str(st.session_state[_key(part, each)] or "") for part in (_NAME, _IGSID, _CONSENT, _VARIABLES)
    )
    desk, actor = resources.desk(), session.actor()

    def done() -> None:
        given = recipients.given(variables.splitlines())
        if each is None:
            recipients.add(desk, actor, name, igsid, variables=given, consent=consent)
        else:
            recipients.change(desk, actor, each.name, Details(igsid, given, consent), new_name=name, seen=each)

    plans.attempted(done, f"{name.strip()} is kept.", form=_FORM)
