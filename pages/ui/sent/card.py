"""One message in full: how it stands and why, what can be done, its story, and how it looks or what was said of it."""

from datetime import datetime

import streamlit as st

from data.queries import messages
from data.queries.messages import MessageRow
from pages.ui import cards, formats, links, plans, resources
from pages.ui.sent import deeds, looks, story, views
from pages.ui.text import plain, short
from services.messaging import silence

_NAME = 34


def row(number: int) -> MessageRow | None:
    """Give the message of a number as it stands now."""
    return resources.kept(messages.one, number)


def show(number: int, found: MessageRow | None) -> None:
    """Draw the message of a number."""
    if found is None:
        cards.empty(f"There is no message {number}.", "Choose one in the table.")
        return
    steps = resources.kept(messages.events, number)
    with st.container(border=True, gap="small", key="message_card"):
        st.markdown("\n\n".join("  \n".join(lines) for lines in _head(found) if lines))
        plans.wrong(deeds.FORM)
        deeds.buttons(found)
        _belongs(found)
        story.show(found, steps)
        views.show(found, steps)


def _head(found: MessageRow) -> tuple[list[str], ...]:
    """Give the lines of the head: to whom and how it stands, why and what to do, and its ids."""
    told = f"{looks.family(found.family)} as {plain(found.source)} · by {plain(found.person)} · {_at(found.created_at)}"
    stands = [
        f"**To {plain(short(found.recipient, _NAME))}** :small[:gray[· message {found.id:,}]]",
        f"{looks.state(found.state).badge} :small[:gray[· {told}]]",
    ]
    ids = {"transid": found.transid, "correlation id": found.correlation_id}
    return stands, _why(found), [f":small[:gray[{name}] {_id(value)}]" for name, value in ids.items()]


def _why(found: MessageRow) -> list[str]:
    lines = []
    if found.reason:
        shown = found.code and found.code.isdigit() and found.code not in found.reason
        code = f" :gray[code {plain(found.code)}]" if found.code and shown else ""
        lines += [f"**{plain(found.reason)}**{code}", f":gray[{plain(found.advice)}]"]
    quiet = looks.quiet(found)
    if quiet:
        lines.append(f":orange-badge[:material/hourglass_bottom: {quiet}] :small[{silence.advice(found.state)}]")
    return lines


def _at(instant: datetime) -> str:
    return f"{formats.clock(instant)} UTC"


def _id(value: str | None) -> str:
    return plain(value) if value else ":gray[not told]"


def _belongs(found: MessageRow) -> None:
    """Lead to the message that this one tries again, and to its list."""
    ways = []
    if found.attempt_of is not None:
        ways.append((f"New attempt of message {found.attempt_of:,}", links.message(found.attempt_of)))
    if found.sending_id is not None:
        ways.append(("Sent to a list", links.messages(list=str(found.sending_id))))
    if ways:
        with st.container(horizontal=True, gap="small"):
            for label, way in ways:
                icon = ":material/arrow_forward:"
                st.page_link(way.page, label=label, query_params=way.query, icon=icon, width="content")
