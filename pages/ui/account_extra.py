"""Extra data of an account's Zocial networks: shown to everyone, edited by admins in a dialog that shows its plan."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import streamlit as st

from data.queries.accounts import Witness
from pages.ui import account_head, cards, dialogs, formats, resources, session, sources
from pages.ui.account import Account, moment
from pages.ui.dialogs import Dialog
from pages.ui.text import plain, short
from services import extra
from services.access import Permission
from services.failures import Failure

_CELL, _KEY = 400, 26
_MOST = 40
_LINE = 120
"""Characters that one line of the dialog shows."""
_DRAFT, _PLAN, _OUTCOME, _WRONG = "extra_draft", "extra_plan", "extra_outcome", "extra_wrong"
_LABELS = {"bio": "Bio", "website": "Website", "category": "Category", "engagement_rate": "Engagement rate, in percent"}
_ICONS = {
    "done": ":green[:material/check_circle:]",
    "unknown": ":orange[:material/help:]",
    "refused": ":red[:material/error:]",
}


@dataclass(frozen=True)
class _Plan:
    """What would be sent: the new values, and the old ones that the person looked at."""

    seen: dict[str, str | None]
    values: dict[str, str]


@dataclass(frozen=True)
class _Ended:
    """How the edit ended, in words."""

    state: str
    message: str
    advice: str


def cards_of(account: Account) -> None:
    """Draw a card for each connection that has extra data; what the past held of it is not kept as a whole."""
    if account.at is not None:
        st.markdown(":small[:gray[Extra data is shown as of now only: a source's own changes of it are not kept.]]")
        return
    for witness in account.members:
        editable = extra.editable(witness.kind, witness.vendor)
        if editable or extra.told(witness.extra, None, None).keys() - extra.DOCUMENTED or _fixed(witness):
            with cards.card("Extra data", account.title(witness), key=f"extra_{witness.number}"):
                _show(account, witness, editable=editable)


def _fixed(witness: Witness) -> dict[str, Any]:
    return extra.fixed(witness.extra)


def _show(account: Account, witness: Witness, *, editable: bool) -> None:
    told = _told(witness) if editable else extra.told(witness.extra, None, None)
    rows = {_label(key): _shown(value) for key, value in told.items() if editable or value is not None}
    rows |= {plain(short(key, _KEY)): _shown(_word(value)) for key, value in _fixed(witness).items()}
    rows = dict(list(rows.items())[:_MOST])
    st.table(rows, border="horizontal", alt=f"Table of the extra data that {account.title(witness)} tells")
    if editable:
        unconfirmed = extra.unconfirmed(resources.desk(), witness.id)
        if unconfirmed is not None:
            _warn(unconfirmed, witness)
    if editable and _may_edit() and witness.vanished_at is None:
        with st.container(horizontal=True):
            if st.button("Edit extra data …", icon=":material/edit:", key=f"edit_{witness.number}"):
                _forget()
                dialogs.show(Dialog("extra", "Edit extra data", ":material/edit:", partial(_edit, witness)))


def _told(witness: Witness) -> dict[str, str | None]:
    return extra.told(witness.extra, witness.category, witness.engagement_rate)


def _label(key: str) -> str:
    return plain(_LABELS.get(key, short(key, _KEY)))


def _shown(value: str | None) -> str:
    if value is None:
        return ":gray[not told]"
    return plain(short(value, _CELL)) or ":gray[empty]"


def _word(value: Any) -> str:
    return {True: "yes", False: "no"}.get(value, "") if isinstance(value, bool) else str(value)


def _may_edit() -> bool:
    person = session.person()
    return person is not None and person.actor.may(Permission.EDIT_EXTRA)


def _warn(at: datetime, witness: Witness) -> None:
    when = moment(at, now=formats.now())
    st.markdown(
        f":orange[:material/help:] **The edit sent {when} was not confirmed.** :gray[What stands here is what "
        f"{plain(witness.source)} listed before. Its next list shows whether the edit happened.]"
    )


def _forget() -> None:
    for key in (_DRAFT, _PLAN, _OUTCOME, _WRONG):
        st.session_state.pop(key, None)


def _edit(witness: Witness) -> None:
    """Go from the form to the plan to the outcome; nothing is sent before the plan was seen."""
    if _OUTCOME in st.session_state:
        _ended(witness, st.session_state[_OUTCOME])
    elif _PLAN in st.session_state:
        _planned(witness, st.session_state[_PLAN])
    else:
        _form(witness)


def _form(witness: Witness) -> None:
    told, draft = _told(witness), st.session_state.get(_DRAFT, {})
    shown = {key: draft.get(key, value) for key, value in list(told.items())[:_MOST]}
    st.markdown(f"Extra data of {_network(witness)}. Only what you change is sent.")
    with st.form("extra_form", border=False):
        values = {key: _input(key, value or "") for key, value in shown.items()}
        left, right = st.columns([1, 2])
        new = left.text_input("Another field", max_chars=extra.LONGEST_KEY, placeholder="opening_hours")
        added = right.text_input("Its value", max_chars=extra.LONGEST_VALUE)
        if wrong := st.session_state.pop(_WRONG, None):
            st.markdown(f":small[:red[:material/error: {plain(wrong)}]]")
        with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
            asked_for = st.form_submit_button("Show the plan …", type="primary")
    if asked_for:
        changed = {key: value for key, value in values.items() if _written(value) != _written(told[key])}
        _plan(told, changed | ({new.strip(): added} if new.strip() else {}))


def _written(value: str | None) -> str:
    return (value or "").replace("\r\n", "\n").strip()


def _input(key: str, value: str) -> str:
    """Draw one field, long enough for what it holds."""
    label, limit = _label(key), max(extra.LONGEST_VALUE, len(value))
    if key == "bio" or "\n" in value or len(value) > _LINE:
        return str(st.text_area(label, value, max_chars=limit, height=96, key=f"extra_field_{key}"))
    return str(st.text_input(label, value, max_chars=limit, key=f"extra_field_{key}"))


def _plan(told: dict[str, str | None], changed: dict[str, str]) -> None:
    """Make the plan of what was typed, or say what is wrong with it; what was typed stays."""
    st.session_state[_DRAFT] = {key: value for key, value in changed.items() if key in told}
    try:
        values = extra.checked(changed)
    except Failure as wrong:
        st.session_state[_WRONG] = f"{wrong.message} {wrong.advice}"
    else:
        st.session_state[_PLAN] = _Plan({key: told.get(key) for key in values}, values)
    st.rerun(scope="fragment")


def _planned(witness: Witness, plan: _Plan) -> None:
    st.markdown("**Nothing has been sent yet.**")
    rows = {
        "Field": [_label(key) for key in plan.values],
        "Now": [_shown(plan.seen[key]) for key in plan.values],
        "After": [_shown(value) for value in plan.values.values()],
    }
    st.table(rows, border="horizontal", alt="Table of the fields that change, with their old and new values")
    st.markdown(
        f"One request goes to Zocial for {_network(witness)}, its own number {plain(witness.vendor_id)}, through the "
        f"source {plain(witness.source)}. When Zocial confirms it, the new values stand here and the old ones stay in "
        "the timeline. When it refuses, nothing changes. When it does not answer, nobody knows: its next list shows it."
    )
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        if st.button("Back", key="extra_back"):
            del st.session_state[_PLAN]
            st.rerun(scope="fragment")
        label = f"Send {formats.plural(len(plan.values), 'field')} to Zocial"
        if st.button(label, type="primary", key="extra_send"):
            _send(witness, plan)


def _send(witness: Witness, plan: _Plan) -> None:
    """Send it, and keep how it ended for the next run, so that a second press of the button finds nothing to send."""
    with st.spinner("Zocial is asked …"):
        try:
            ended = extra.update(resources.desk(), session.actor(), witness.id, plan.values, seen=plan.seen)
            outcome = _Ended(ended.state, ended.message, ended.advice)
        except Failure as refused:
            outcome = _Ended("refused", refused.message, refused.advice)
    st.session_state[_OUTCOME] = outcome
    st.rerun(scope="fragment")


def _ended(witness: Witness, outcome: _Ended) -> None:
    icon = _ICONS[outcome.state]
    advice = f"  \n:gray[{plain(outcome.advice)}]" if outcome.advice else ""
    st.markdown(f"{icon} **{plain(outcome.message)}**{advice}")
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        if outcome.state == "unknown" and sources.may_sync() and st.button("Sync now", key="extra_sync"):
            _forget()
            dialogs.put_away()
            account_head.sync_now([witness.source])
        if st.button("Close", type="primary", key="extra_close"):
            _forget()
            dialogs.close()


def _network(witness: Witness) -> str:
    return f"**{plain(short(witness.handle or witness.vendor_id, 60))}**"
