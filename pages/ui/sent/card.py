"""One message in full: how it stands and why, what can be done, its story, how it looks, and the JSON that left."""

from datetime import datetime
from typing import Literal

import streamlit as st

from data.queries import messages
from data.queries.messages import MessageRow
from pages.ui import cards, formats, links, plans, resources
from pages.ui.compose import phone
from pages.ui.sent import deeds, looks, story
from pages.ui.text import plain, short
from services.messaging import difference, senders

_NAME = 34


def show(number: int) -> None:
    """Draw the message of a number."""
    with resources.reading() as reading:
        row = messages.one(reading, number)
    if row is None:
        cards.empty(f"There is no message {number}.", "Choose one in the table.")
        return
    with cards.card(f"To {plain(short(row.recipient, _NAME))}", f"message {row.id:,}", key="message_card"):
        _head(row)
        plans.wrong(deeds.FORM)
        deeds.buttons(row)
        story.live(row)
        _phone(row)
        _payload(row)


def _head(row: MessageRow) -> None:
    told = f"{looks.family(row.family)} as {plain(row.source)} · by {plain(row.person)} · {_at(row.created_at)}"
    st.markdown(
        f"{looks.state(row.state).badge} :small[:gray[· {told}]]", help=f"Reserved {formats.exact(row.created_at)}"
    )
    if row.reason:
        shown = row.code and row.code.isdigit() and row.code not in row.reason
        code = f" :gray[code {plain(row.code)}]" if row.code and shown else ""
        st.markdown(f"**{plain(row.reason)}**{code}  \n:gray[{plain(row.advice)}]")
    ids = {"transid": row.transid, "correlation id": row.correlation_id}
    st.markdown("  \n".join(f":small[:gray[{name}] {_id(value)}]" for name, value in ids.items()))
    _belongs(row)


def _at(instant: datetime) -> str:
    return f"{formats.clock(instant)} UTC"


def _id(value: str | None) -> str:
    return plain(value) if value else ":gray[not told]"


def _belongs(row: MessageRow) -> None:
    """Lead to the message that this one tries again, to its list, and to its draft."""
    ways = []
    if row.attempt_of is not None:
        ways.append((f"New attempt of message {row.attempt_of:,}", links.message(row.attempt_of)))
    if row.sending_id is not None:
        ways.append(("Sent to a list", links.messages(list=str(row.sending_id))))
    if ways:
        with st.container(horizontal=True, gap="small"):
            for label, way in ways:
                icon = ":material/arrow_forward:"
                st.page_link(way.page, label=label, query_params=way.query, icon=icon, width="content")


def _phone(row: MessageRow) -> None:
    with st.expander("On the phone", icon=":material/phone_iphone:", expanded=True, key="message_phone"):
        mode: Literal["light", "dark"] = "dark" if st.context.theme.type == "dark" else "light"
        when = f"{row.created_at:%d %b %H:%M} UTC"
        phone.phone(
            row.payload,
            sender=senders.brand(resources.desk(), row.source),
            mode=mode,
            when=when,
            key=f"sent_phone_{row.id}",
        )


def _payload(row: MessageRow) -> None:
    with st.expander("The JSON that left", icon=":material/data_object:", key="message_json"):
        st.code(difference.written(row.payload), language="json", wrap_lines=True)
        st.caption("Its callbackUrl is not shown: whoever knows it could tell us what they like of this message.")
