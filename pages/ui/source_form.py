"""The forms that take a secret: a new source, with exactly the fields of its vendor, and a new secret of one."""

from typing import Any

import streamlit as st

from data.types import Contract, Vendor
from pages.ui import formats, plans, resources, session
from pages.ui.text import plain
from services import credentials
from services.credentials import Application, Listed
from services.failures import Failure

_ADD, _ROTATE = "source_add", "source_rotate"
_VENDOR, _NAME, _BASE, _CONTRACT = "source_vendor", "source_name", "source_base", "source_contract"
_LONGEST = 500
_WORDS = {"id": "id", "jwt": "JWT", "api": "API", "app": "app"}


def label(field: str) -> str:
    """Give a field's name as people write it: "Location id", "JWT secret"."""
    words = " ".join(_WORDS.get(word, word) for word in field.split("_"))
    return words[:1].upper() + words[1:]


def add_button() -> None:
    """Draw the button that opens the form for a new source."""
    if st.button("Add a source", icon=":material/add:", type="primary", key="add_source"):
        plans.opened("Add a source", ":material/key:", _form, form=_ADD)


def _form() -> None:
    try:
        credentials.refuse_demo(resources.desk())
    except Failure as refused:
        st.markdown(f":material/lock: {plain(refused.message)} :gray[{plain(refused.advice)}]")
        return
    vendor = Vendor(st.selectbox("Vendor", [each.value for each in Vendor], format_func=formats.vendor, key=_VENDOR))
    with st.form("add_source_form", border=False):
        left, right = st.columns(2)
        left.text_input("Name here", key=_NAME, max_chars=64, placeholder=f"{vendor.value}-emea", autocomplete="off")
        contracts = credentials.contracts(vendor)
        if len(contracts) > 1:
            right.selectbox("Contract", contracts, format_func=str.capitalize, key=_CONTRACT)
        st.text_input("Address", key=_BASE, max_chars=_LONGEST, placeholder="https://api.example.com")
        for name, usual in credentials.plain_fields(vendor).items():
            _field(vendor, name, usual)
        _secrets(vendor)
        plans.wrong(_ADD)
        with st.container(horizontal=True, horizontal_alignment="right"):
            st.form_submit_button("Add the source", type="primary", on_click=_add)


def _field(vendor: Vendor, name: str, usual: Any) -> None:
    key = _key(vendor, name)
    if isinstance(usual, bool):
        st.toggle(label(name), usual, key=key)
    else:
        st.text_input(label(name), usual or "", key=key, max_chars=_LONGEST, autocomplete="off")


def _key(vendor: Vendor, name: str) -> str:
    return f"{vendor.value}_{name}"


def _secrets(vendor: Vendor) -> None:
    for name in credentials.secret_fields(vendor):
        plans.secret(label(name), _key(vendor, name))
    st.markdown(":small[:gray[Kept encrypted and never shown again. Leave empty what the vendor did not give you.]]")


def _given(vendor: Vendor) -> dict[str, str]:
    """Take the secrets that were typed."""
    fields = credentials.secret_fields(vendor)
    typed = plans.taken(*(_key(vendor, name) for name in fields))
    return {name: value for name, value in zip(fields, typed, strict=True) if value}


def _add() -> None:
    vendor = Vendor(st.session_state[_VENDOR])
    secrets = _given(vendor)
    typed = {name: st.session_state[_key(vendor, name)] for name in credentials.plain_fields(vendor)}
    options = {name: str(value).strip() for name, value in typed.items() if value not in {"", None}}
    contract = Contract(st.session_state[_CONTRACT]) if len(credentials.contracts(vendor)) > 1 else None
    name, base = (str(st.session_state[key] or "").strip() for key in (_NAME, _BASE))
    wanted = Application(vendor, base, contract, options, secrets)
    after = f"{name} was added. Test it, then sync it under Health."
    plans.attempted(lambda: credentials.add(resources.desk(), session.actor(), name, wanted), after, form=_ADD)


def rotate(each: Listed) -> None:
    """Open the form for new secrets of an added source."""
    plans.opened("New secret", ":material/key:", lambda: _rotate(each), form=_ROTATE)


def _rotate(each: Listed) -> None:
    vendor = Vendor(each.vendor)
    with st.form("rotate_form", border=False):
        st.markdown(
            f"What is typed here replaces **all** secrets of {plain(each.name)}; the old ones are gone. "
            f"The next sync and the next test use the new ones. Nothing changes at {formats.vendor(vendor)}."
        )
        _secrets(vendor)
        plans.wrong(_ROTATE)
        with st.container(horizontal=True, horizontal_alignment="right"):
            st.form_submit_button("Replace the secrets", type="primary", on_click=_replace, args=(each.name, vendor))


def _replace(name: str, vendor: Vendor) -> None:
    secrets = _given(vendor)
    after = f"{name} has new secrets. Test it."
    plans.attempted(lambda: credentials.rotate(resources.desk(), session.actor(), name, secrets), after, form=_ROTATE)
