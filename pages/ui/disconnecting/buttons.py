"""Where a disconnect begins: on the account, and above the list for the chosen rows; and how the last one stands."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from data.queries import receipts
from data.queries.receipts import Receipt
from data.types import UNSETTLED, DisconnectState
from pages.ui import formats, picks, resources, session
from pages.ui.account import Account
from pages.ui.disconnecting import planned, words
from pages.ui.filters import Chosen
from pages.ui.picks import Picks
from services.access import Permission

_CHOSEN = "pick_disconnect"
_TOLD = frozenset({*UNSETTLED, DisconnectState.ALIVE})


def may() -> bool:
    """Tell whether the signed-in person may disconnect."""
    person = session.person()
    return person is not None and person.actor.may(Permission.CONNECT)


def of_account(account: Account) -> None:
    """Draw the button for one account, all connections of it; the plan comes first."""
    over = all(each.vanished_at is not None or each.status == "disconnected" for each in account.members)
    if may() and not over:
        ids = [account.members[0].id]
        ask = partial(planned.ask, ids, whole=True)
        st.button("Disconnect …", icon=planned.ICON, key="disconnect_account", on_click=ask)


def pressed() -> bool:
    """Tell whether the button for the chosen rows was pressed just now: the whole page draws its plan."""
    return bool(st.session_state.get(_CHOSEN))


def of_chosen(picked: Picks, asked: Chosen | None) -> None:
    """Draw the button for the chosen rows: off until some are, absent for those who may not, and on a past day."""
    if asked is None or not may():
        return
    ready = picked.every is not None or bool(picked.chosen)
    wanted = asked.filter if picked.every is not None else list(picked.chosen)
    ask = partial(planned.ask, wanted, whole=picked.accounts, begun=partial(picks.clear, picked))
    told = "Disconnect the chosen accounts at their vendors; a plan is shown first"
    st.button("Disconnect …", icon=planned.ICON, help=told, disabled=not ready, key=_CHOSEN, on_click=ask)


def notice(account: Account) -> None:
    """Say of disconnects that are not proven, or after which the account lives on, how they stand."""
    ids = tuple(each.id for each in account.members)
    newest = {each.connection_id: each for each in reversed(resources.kept(receipts.of_connections, ids))}
    told = [each for each in newest.values() if each.state in _TOLD and account.at is None]
    if not told:
        return
    with st.container(border=True, gap="xsmall", key="receipts"):
        for alike in _alike(told):
            look = words.look(alike[0])
            title = f":{look.colour}[:material/{look.icon}:] **{look.word}**"
            st.markdown(f"{title} :gray[· {formats.ago(alike[0].began_at)} {words.asked(alike)}]")
            st.markdown(f":small[{words.outcome(alike[0])}]")
        words.said(told[-1])  # of one account all say the same


def _alike(told: Sequence[Receipt]) -> list[list[Receipt]]:
    """Put the receipts of one plan together that stand alike."""
    found: dict[tuple[str, ...], list[Receipt]] = {}
    for each in told:
        found.setdefault((each.person, each.state, each.message, each.advice), []).append(each)
    return list(found.values())
