"""The menu of saved views: one's own and those that others share, and the dialog that saves the list as it is."""

from functools import partial
from urllib.parse import parse_qs

import streamlit as st

from data.queries import views as saved
from data.queries.views import Saved
from pages.ui import dialogs, resources, session
from pages.ui.dialogs import Dialog
from pages.ui.filters import Chosen
from pages.ui.text import plain
from services import views
from services.access import Permission
from services.failures import Failure
from services.views import NameTaken

_MENU, _TOLD = "views_menu", "views_told"


def is_open() -> bool:
    """Tell whether the menu is open: what it would save is the list as it was when the whole page was drawn."""
    return bool(st.session_state.get(_MENU))


def menu(chosen: Chosen) -> None:
    """Draw the button; what is saved is only read while it is open."""
    told = st.session_state.pop(_TOLD, None)
    if told:
        st.toast(told, icon=":material/bookmark:")
    opened = st.popover("Views", icon=":material/bookmark:", key=_MENU, on_change="rerun")
    if not opened.open:
        return
    with opened:
        someone = session.person()
        _list(resources.kept(saved.mine_and_shared, someone.actor.username) if someone else ())
        st.button(
            "Save this view…",
            icon=":material/bookmark_add:",
            key="save_view",
            on_click=_ask,
            args=(chosen.asked.query,),
        )


def _list(found: tuple[Saved, ...]) -> None:
    mine = [view for view in found if view.mine]
    theirs = [view for view in found if not view.mine]
    if not found:
        st.caption("Nothing is saved yet. Filter and sort the list, then save it under a name.")
    for title, some in (("Mine", mine), ("Shared by others", theirs)):
        if some:
            st.caption(title)
            for view in some:
                _line(view)


def _line(view: Saved) -> None:
    """Draw one view: its name opens it; whoever may remove it can."""
    icon = ":material/group:" if view.shared else ":material/bookmark:"
    help_text = f"Shared by {plain(view.owner)}" if not view.mine else "Others see it" if view.shared else None
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            plain(view.name),
            icon=icon,
            type="tertiary",
            help=help_text,
            key=f"view_{view.id}",
            on_click=_open,
            args=(view.query,),
        )
        st.space("stretch")
        if view.mine or session.actor().may(Permission.MANAGE_PEOPLE):
            key, words = f"remove_view_{view.id}", "Remove this view"
            st.button(
                "", icon=":material/delete:", type="tertiary", help=words, key=key, on_click=_remove, args=(view,)
            )


def _ask(query: str) -> None:
    """Close the menu and open the dialog."""
    st.session_state[_MENU] = False
    dialogs.ask(Dialog("view", "Save this view", ":material/bookmark_add:", partial(_save, query), width="small"))


def _open(query: str) -> None:
    """Close the menu and take a view's query for the whole address."""
    st.session_state[_MENU] = False
    st.query_params.from_dict(parse_qs(query))


def _remove(view: Saved) -> None:
    try:
        views.remove(resources.desk(), session.actor(), view.id)
    except Failure as refused:
        st.session_state[_TOLD] = plain(f"{refused.message} {refused.advice}")
    else:
        st.session_state[_TOLD] = f"Removed the view {plain(view.name)}."


def _save(query: str) -> None:
    """Ask for a name, and whether others shall see it; a name that is taken can be replaced."""
    st.caption("It keeps the filters, the order and what a row is; not the place in the list.")
    name = st.text_input("Name", key="view_name", max_chars=views.LONGEST_NAME, live=True)
    shared = st.toggle("Others see it too", key="view_shared")
    taken = st.session_state.get("view_taken") == name and bool(name)
    if taken:
        st.markdown(f":small[:orange[:material/error: You have a view named {plain(name)} already.]]")
    if st.button("Replace it" if taken else "Save", type="primary", disabled=not name.strip(), key="view_save"):
        _keep(name, query, shared=shared, replace=taken)


def _keep(name: str, query: str, *, shared: bool, replace: bool) -> None:
    """Save it and close the dialog, or say why not."""
    try:
        views.save(resources.desk(), session.actor(), name, query, shared=shared, replace=replace)
    except NameTaken:
        st.session_state["view_taken"] = name
        st.rerun(scope="fragment")
    except Failure as refused:
        st.markdown(f":small[:red[:material/error: {plain(refused.message)}]]  \n:small[{plain(refused.advice)}]")
    else:
        st.session_state[_TOLD] = f"Saved the view {plain(name)}."
        dialogs.close()
