"""The left side of the composer: from whom to whom, what kind of message, and its fields."""

from collections.abc import Iterable
from dataclasses import replace

import streamlit as st

from data.types import Family
from pages.ui import cards, formats
from pages.ui.compose import carousel, finding, inputs, replies, tab, words
from pages.ui.compose.sheet import Sheet
from pages.ui.sent import looks
from pages.ui.text import plain, short
from services.messaging import editing, variables, wire

_FROM, _TO, _KIND = "compose_from", "compose_to", "compose_kind"
_KINDS = (Family.TEXT, Family.MEDIA, Family.TEMPLATE, Family.STICKER)
_VALUE = 40


def show(sheet: Sheet) -> None:
    """Draw the editor."""
    _addressed(sheet)
    _kind(sheet)
    match editing.family(sheet.body):
        case Family.TEXT:
            inputs.text(sheet, "Text", "content", area=True)
        case Family.MEDIA:
            inputs.text(sheet, "Image address", "url", hint="https://…, png or jpeg")
        case Family.TEMPLATE:
            inputs.text(sheet, "Text", "content", area=True)
            carousel.show(sheet)
        case Family.STICKER:
            st.markdown(":small[:gray[The channel has one sticker, the heart. It needs no text.]]")
            inputs.under(sheet, "type")
    replies.show(sheet)
    _foreign(sheet)
    _variables(sheet)
    _more(sheet)


def _addressed(sheet: Sheet) -> None:
    left, right = st.columns(2, gap="small")
    with left:
        names = [each.name for each in sheet.senders]
        _choice("From", _FROM, names, sheet.tab.source, "Choose an imiconnect app")
        if sheet.sender is not None and sheet.sender.refusal is not None:
            st.markdown(f":small[:red[:material/error: {plain(sheet.sender.refusal.message)}]]")
        inputs.under(sheet, "from")
    with right:
        _choice("To, test recipients only", _TO, sheet.people.names, sheet.tab.recipient, "Choose a test recipient")
        inputs.under(sheet, "to")
        finding.among(sheet.people, _TO, _found)
        if sheet.draft.recipient_gone and sheet.tab.recipient == sheet.draft.recipient:
            st.markdown(":small[:red[:material/error: This recipient was removed. Choose another one.]]")


def _choice(label: str, key: str, names: Iterable[str], chosen: str | None, hint: str) -> None:
    options = list(dict.fromkeys([*names, *([chosen] if chosen else [])]))
    st.session_state[key] = chosen
    st.selectbox(
        label,
        options,
        index=None if chosen is None else 0,  # none: it can't be emptied again
        key=key,
        placeholder=hint,
        format_func=_name,
        on_change=_address,
    )


def _name(name: str) -> str:
    return short(name, 80)


def _address() -> None:
    tab.keep(replace(tab.held(), source=st.session_state[_FROM], recipient=st.session_state[_TO]))


def _found(name: str) -> None:
    tab.keep(replace(tab.held(), recipient=name))


def _kind(sheet: Sheet) -> None:
    st.session_state[_KIND] = editing.family(sheet.body)
    st.segmented_control("Kind", _KINDS, format_func=looks.family, required=True, key=_KIND, on_change=_turn)
    inputs.under(sheet, "contentType")


def _turn() -> None:
    tab.edit(editing.turn, Family(st.session_state[_KIND]))


def _foreign(sheet: Sheet) -> None:
    """Say what is wrong with what no field shows, where it comes from, and offer to remove it."""
    if not sheet.foreign:
        return
    with cards.card("Not editable here", formats.plural(len(sheet.foreign), "field"), key="compose_foreign"):
        st.markdown(
            ":small[:gray[It came with what this draft was begun with: a template, an example or a message that was "
            "sent. The composer has no field for it, and as it is nothing can be sent.]]"
        )
        for each in sheet.foreign:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f":small[:red[:material/error: **{plain(each.field)}**] {plain(each.message)}]")
                args = (editing.without, each.field)
                st.button("Remove it", icon=":material/delete:", key=f"drop_{each.field}", on_click=tab.edit, args=args)


def _variables(sheet: Sheet) -> None:
    """List the variables in use with the recipient's values; one without a value keeps the message here."""
    used = variables.used(wire.own(sheet.body))
    if not used:
        known = ", ".join(f"`{{{{{name}}}}}`" for name in list(sheet.values)[:4])
        st.markdown(f":small[:gray[Variables of this recipient: {known}]]" if known else "")
        return
    st.markdown(f":small[:gray[Variables:] {' :gray[·] '.join(_value(sheet, name) for name in used)}]")


def _value(sheet: Sheet, name: str) -> str:
    value = sheet.values.get(name)
    if value is None:
        return f"`{{{{{name}}}}}` :orange[:material/warning: has no value]"
    return f"`{{{{{name}}}}}` :gray[=] {plain(short(value, _VALUE))}"


def _more(sheet: Sheet) -> None:
    wrong = any(sheet.at(path) for path in ("callbackData", "correlationId"))
    with st.expander("More", icon=":material/tune:", key="compose_more", expanded=wrong):
        left, right = st.columns(2, gap="small")
        with left:
            inputs.text(sheet, "Callback data", "callbackData", hint="Comes back with each delivery report")
        with right:
            inputs.text(sheet, "Correlation id", "correlationId", hint="Made for each send when empty")
        st.markdown(
            ":small[:gray[Always sent as they are:] `notificationType` REGULAR :gray[·] `messagingType` RESPONSE]"
        )
    for each in sheet.prepared.warnings if sheet.prepared else ():
        st.markdown(
            f":small[:orange[:material/info: {plain(words.begun(words.place(each.field)))}:] {plain(each.message)}]"
        )
