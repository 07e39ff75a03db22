"""Templates: the menu that uses one or keeps a message as one, and the dialogs that rename and remove it."""

from functools import partial

import streamlit as st

from data.queries import drafts as kept
from data.queries.drafts import Template
from pages.ui import plans, resources, session
from pages.ui.compose import beginning, tab
from pages.ui.plans import Plan
from pages.ui.text import plain
from services.messaging import templates
from services.messaging.templates import NameTaken

_MENU, _NAME, _RENAMED = "compose_templates_menu", "template_name", "template_renamed"
_TAKEN, _ASKED = "template_taken", "template_keep_asked"
_KEEP, _RENAME = "template_keep", "template_rename"


def menu() -> None:
    """Draw the popover; what is kept is only read while it is open."""
    if st.session_state.pop(_ASKED, False):
        plans.opened("Keep as a template", ":material/bookmark_add:", _keep_form, form=_KEEP)
    opened = st.popover("Templates", icon=":material/description:", key=_MENU, on_change="rerun")
    if not opened.open:
        return
    with opened, resources.reading() as reading:
        found = kept.templates(reading)
    with opened:
        if not found:
            st.caption("None is kept yet.")
        for each in found:
            use = partial(_use, each.id)
            help_text = "Begins a new draft; this one stays"
            st.button(plain(each.name), type="tertiary", key=f"use_{each.id}", on_click=use, help=help_text)
        icon = ":material/bookmark_add:"
        st.button("Keep this as a template…", icon=icon, key="template_keep_ask", on_click=_ask)


def _ask() -> None:
    """Close the menu and open the dialog."""
    st.session_state[_MENU], st.session_state[_ASKED] = False, True


def _use(template_id: int) -> None:
    st.session_state[_MENU] = False
    beginning.from_template(template_id)


def _keep_form() -> None:
    st.caption("Everybody who composes can begin with it. It keeps the message, not its sender and recipient.")
    st.text_input("Name", key=_NAME, max_chars=templates.LONGEST_NAME)
    plans.wrong(_KEEP)
    taken = st.session_state.get(_TAKEN)
    st.button("Keep it", type="primary", key="template_do", on_click=_keep, args=(None,))
    if taken is not None and taken[0] == st.session_state.get(_NAME):
        st.button("Replace that one", key="template_replace", on_click=_keep, args=(taken[1],))


def _keep(replace: int | None) -> None:
    name = str(st.session_state.get(_NAME) or "")

    def act() -> None:
        try:
            templates.keep(resources.desk(), session.actor(), name, tab.held().body, replace=replace)
        except NameTaken as taken:
            st.session_state[_TAKEN] = (name, taken.version)
            raise

    plans.attempted(act, f"Kept as the template {name.strip()}.", _KEEP)


def manage(template: Template) -> None:
    """Draw the menu that renames or removes a template."""
    chosen = st.menu_button(
        "",
        ["Rename…", "Remove…"],
        icon=":material/more_vert:",
        type="tertiary",
        help=f"Rename or remove {plain(template.name)}",
        key=f"template_menu_{template.id}",
    )
    if chosen == "Rename…":
        plans.opened("Rename a template", ":material/edit:", partial(_rename_form, template), form=_RENAME)
    if chosen == "Remove…":
        plans.ask(_removal(template), partial(_remove, template.id))


def _rename_form(template: Template) -> None:
    st.text_input("Name", value=template.name, key=_RENAMED, max_chars=templates.LONGEST_NAME)
    plans.wrong(_RENAME)
    st.button("Rename", type="primary", key="template_rename_do", on_click=_rename, args=(template.id,))


def _rename(template_id: int) -> None:
    name = str(st.session_state.get(_RENAMED) or "")

    def act() -> None:
        templates.rename(resources.desk(), session.actor(), template_id, name)

    plans.attempted(act, f"It is named {name.strip()} now.", _RENAME)


def _removal(template: Template) -> Plan:
    what = f"Nobody can begin with **{plain(template.name)}** any more. Drafts and messages made of it stay."
    return Plan("Remove a template", ":material/delete:", what, "Remove", f"Removed the template {template.name}.")


def _remove(template_id: int) -> None:
    templates.remove(resources.desk(), session.actor(), template_id)
