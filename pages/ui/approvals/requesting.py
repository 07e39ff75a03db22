"""Requesting approvals: of chosen connections or all that match, by a plan; of an account that is typed in, at once."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from data.queries.filters import Filter
from pages.ui import dialogs, formats, links, plans, resources, session
from pages.ui.approvals import case_plan, typing_in, wishes
from pages.ui.dialogs import Dialog
from pages.ui.filters import Chosen
from pages.ui.picks import Picks
from services.access import Permission
from services.approvals import asking
from services.approvals import plans as approvals_plans
from services.approvals.typed import Account

_ICON = ":material/approval:"
_ONE = "request_one"


def may() -> bool:
    """Tell whether the signed-in person may request approvals."""
    person = session.person()
    return person is not None and person.actor.may(Permission.REQUEST_APPROVAL)


def of_chosen(picked: Picks, asked: Chosen | None, every: str) -> None:
    """Draw the button for the chosen rows: off until some are, absent for those who may not, and on a past day.

    `every` says in words what all that match are.
    """
    if asked is None or not may():
        return
    words = "Ask an admin to approve the chosen accounts; a plan is shown first"
    ready = picked.every is not None or bool(picked.chosen)
    if st.button("Request approval …", icon=_ICON, help=words, disabled=not ready, key="pick_request"):
        if picked.every is not None:
            request(asked.filter, every)
        else:
            kind = "account" if picked.accounts else "connection"
            request(list(picked.chosen), f"{formats.plural(picked.number(), f'chosen {kind}')}")


def request(wanted: Sequence[str] | Filter, what: str) -> None:
    """Ask for the note and the agreed time, then show the plan for these connections, or for all that match."""
    dialogs.show(Dialog("request_many", "Request approval", _ICON, partial(_drawn, wanted, what)))


def _drawn(wanted: Sequence[str] | Filter, what: str) -> None:
    st.markdown(f"**{what}.** The plan comes next: it says what will happen to each, and nothing happens before it.")
    wishes.inputs()
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        if st.button("Cancel", key="request_cancel"):
            dialogs.close()
        over, ask = wishes.is_over(), partial(_plan, wanted)
        if st.button("Show the plan", type="primary", disabled=over, key="request_plan", on_click=ask):
            dialogs.close()


def _plan(wanted: Sequence[str] | Filter) -> None:
    desk, me, wish = resources.desk(), session.actor(), wishes.given()
    case_plan.ask(lambda: approvals_plans.plan_requests(desk, me, wanted, wish))


def of_one(connection: str, name: str, *, primary: bool) -> None:
    """Draw the button for one account; its case is opened at the second press."""
    if may() and st.button(
        "Request approval …", icon=_ICON, type="primary" if primary else "secondary", key="request_one"
    ):
        plans.opened("Request approval", _ICON, partial(_one, connection, name), form=_ONE)


def _one(connection: str, name: str) -> None:
    st.markdown(
        f"**{name}.** An admin sees what every source says of it now, with this note. "
        "Nothing is sent to a vendor before somebody approves it."
    )
    wishes.form("Request approval", partial(_request, connection), form=_ONE, key="request")


def _request(connection: str) -> None:
    act = partial(asking.request, resources.desk(), session.actor(), connection, wishes.given())
    plans.attempted(act, "The approval is requested.", form=_ONE)


def typed_again(account: Account) -> None:
    """Draw the button that opens the form with an account that was typed in before."""
    if may() and st.button("Request it again …", icon=":material/replay:", key="typed_again"):
        typing_in.opened(account)


def submit_button() -> None:
    """Draw the button for an account that no source reports, and lead to its case once there is one."""
    made = typing_in.made()
    if made is not None:
        way = links.cases(tab="mine", case=str(made))
        st.switch_page(way.page, query_params=way.query)
    if may() and st.button("Submit an account …", icon=":material/person_add:", key="submit_account"):
        typing_in.opened()
