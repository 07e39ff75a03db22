"""What stands around every page: page settings, logo, the demo banner, the account menu, the closed door."""

from pathlib import Path
from typing import Literal

import streamlit as st

from pages.ui import links, resources, session
from pages.ui.text import plain
from services.access import Permission, roles_that_may
from services.sessions import Person

STATIC = Path(__file__).resolve().parents[1] / "static"
SIDEBAR_WIDTH = 216
MY_ACCOUNT, SIGN_OUT = "My account", "Sign out"


def configure() -> None:
    """Set the page's title, icon and width; must be the first call of a run."""
    st.set_page_config(
        page_title="Patchbay",
        page_icon=str(STATIC / "favicon.svg"),
        layout="wide",
        initial_sidebar_state=SIDEBAR_WIDTH,
    )


def logo_file() -> str:
    """Give the logo that suits the mode the person sees."""
    mode: Literal["dark", "light"] = "dark" if st.context.theme.type == "dark" else "light"
    return str(STATIC / f"logo-{mode}.svg")


def banner() -> None:
    """Say that this is demo data, while the pretended vendors are on."""
    if resources.desk().settings.demo:
        st.markdown(":orange-badge[:material/science: Demo data] :small[:gray[Nothing leaves this machine.]]")


def account_menu(person: Person) -> None:
    """Draw who is signed in at the foot of the sidebar, with the ways to one's account and out."""
    with st.sidebar:
        ways, icon = [MY_ACCOUNT, SIGN_OUT], ":material/account_circle:"
        chosen = st.menu_button(plain(person.name), ways, icon=icon, type="tertiary", key="account_menu")
    if chosen == MY_ACCOUNT:
        st.switch_page(links.ME)
    if chosen == SIGN_OUT:
        st.session_state["leaving"] = True
    if st.session_state.get("leaving"):
        refused = session.leave()
        if refused:
            del st.session_state["leaving"]
            st.error(plain(refused))


def closed(title: str, person: Person, permission: Permission) -> None:
    """Say that a role may not see a page, and whom to ask."""
    roles = " or ".join(role.value for role in roles_that_may(permission))
    st.header(title, anchor=False)
    st.markdown(f":material/lock: Your role, **{person.role.value}**, may not {permission.value}.")
    st.markdown(f":gray[Ask a person with the role {roles}: they can look it up for you, or change your role.]")
