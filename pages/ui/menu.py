"""The menu: every page, its place, and the permission it asks for."""

from copy import copy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from services.access import Permission
from services.sessions import Person

if TYPE_CHECKING:
    from streamlit.navigation.page import StreamlitPage

PAGES = Path(__file__).resolve().parents[1]
ROOT_NAME = "root"  # the default page is served at `/` and only reserves this name


@dataclass(frozen=True)
class Entry:
    """One page of the menu."""

    section: str
    script: str
    title: str
    icon: str
    address: str
    permission: Permission
    listed: bool = True
    """Whether the menu shows it; a page of one account is reached by links alone."""


MENU = (
    Entry("", "overview/today.py", "Today", ":material/today:", "today", Permission.LOOK),
    Entry("", "networks/networks.py", "Networks", ":material/hub:", "networks", Permission.LOOK),
    Entry("", "networks/account.py", "Account", ":material/account_box:", "account", Permission.LOOK, listed=False),
    Entry("", "networks/connect.py", "Connect", ":material/cable:", "connect", Permission.LOOK),
    Entry("", "overview/trends.py", "Trends", ":material/trending_up:", "trends", Permission.LOOK),
    Entry("Work", "approvals/approvals.py", "Approvals", ":material/approval:", "approvals", Permission.LOOK),
    Entry("Work", "messages/compose.py", "Compose", ":material/edit_square:", "compose", Permission.COMPOSE),
    Entry("Work", "messages/sent.py", "Sent", ":material/outbox:", "sent", Permission.SEE_MESSAGES),
    Entry("Operations", "operations/health.py", "Health", ":material/monitor_heart:", "health", Permission.LOOK),
    Entry("Operations", "operations/incidents.py", "Incidents", ":material/siren:", "incidents", Permission.LOOK),
    Entry("Operations", "operations/runs.py", "Runs", ":material/history:", "runs", Permission.LOOK),
    Entry("Operations", "operations/webhooks.py", "Webhooks", ":material/webhook:", "webhooks", Permission.LOOK),
    Entry("Operations", "operations/audit.py", "Audit", ":material/history_edu:", "audit", Permission.READ_AUDIT),
    Entry("Settings", "settings/sources.py", "Sources", ":material/key:", "sources", Permission.MANAGE_SOURCES),
    Entry("Settings", "settings/people.py", "People", ":material/group:", "people", Permission.MANAGE_PEOPLE),
    Entry(
        "Settings", "settings/recipients.py", "Recipients", ":material/contact_phone:", "recipients", Permission.COMPOSE
    ),
    Entry("Settings", "account/me.py", "My account", ":material/account_circle:", "me", Permission.LOOK, listed=False),
)


def pages(person: Person | None) -> dict[str, list["StreamlitPage"]]:
    """Give all pages by section: those a role may not see are hidden, never missing, so that links to them live.

    Streamlit serves the first page at `/` alone, so its own address is a hidden page that leads there.
    """
    sections: dict[str, list[StreamlitPage]] = {}
    for entry in MENU:
        visible = entry.listed and (person is None or person.actor.may(entry.permission))
        sections.setdefault(entry.section, []).append(copy(_page(entry, visible=visible)))
    sections[MENU[0].section].append(copy(_beside()))
    return sections


@cache
def _page(entry: Entry, *, visible: bool) -> "StreamlitPage":
    """Look a page's file up once: that takes a millisecond for all of them. Each run marks copies of its own."""
    return st.Page(
        PAGES / entry.script,
        title=entry.title,
        icon=entry.icon,
        url_path=entry.address if entry is not MENU[0] else ROOT_NAME,
        default=entry is MENU[0],
        visibility="visible" if visible else "hidden",
    )


@cache
def _beside() -> "StreamlitPage":
    return st.Page(_lead_to_first, title=MENU[0].title, url_path=MENU[0].address, visibility="hidden")


def _lead_to_first() -> None:
    st.switch_page(MENU[0].script, query_params=st.query_params.to_dict())


def addresses() -> list[str]:
    """Give the address of every page; the first one is reached without any too."""
    return ["", *(entry.address for entry in MENU)]


def entry_of(page: "StreamlitPage") -> Entry:
    """Find the menu entry of the page that is being opened."""
    return next(entry for entry in MENU if entry.title == page.title)
