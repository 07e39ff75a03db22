"""What the vendor says of this channel, said once, and the switch that turns the sending off."""

from functools import partial

import streamlit as st

from pages.ui import plans, resources, session
from pages.ui.compose import may
from pages.ui.plans import Plan
from pages.ui.text import plain
from services.messaging import switch
from services.messaging.senders import Sender


def show(senders: tuple[Sender, ...]) -> None:
    """Draw the note, with the switch of each source for who may use it."""
    with st.container(border=True, gap="xsmall", key="compose_notice"):
        st.markdown(
            ":orange[:material/info:] **imiconnect calls its Instagram channel deprecated** :gray[and opens it on "
            "request only. Messages leave as long as the vendor takes them; turn sending off so that none does.]"
        )
        for each in senders:
            _switch(each)


def _switch(sender: Sender) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if sender.refusal is None:
            st.markdown(f":small[**{plain(sender.name)}** sends messages.]", width="content")
        else:
            st.markdown(f":small[:red[:material/block:] {plain(sender.refusal.message)}]", width="content")
        if not may.switch():
            return
        if sender.refusal is None:
            if st.button("Turn sending off…", type="tertiary", key=f"sending_off_{sender.name}"):
                plans.ask(_off(sender.name), partial(_turn, sender.name, on=False))
        elif sender.turned_off:
            turned = f"{sender.name} sends messages again."
            told = (partial(_turn, sender.name, on=True), turned, "switch")
            st.button("Turn it on", key=f"sending_on_{sender.name}", on_click=plans.attempted, args=told)
            plans.wrong("switch")


def _off(name: str) -> Plan:
    return Plan(
        "Turn sending off",
        ":material/block:",
        f"No message leaves by **{plain(name)}** until somebody turns it on again: not from here, not from the command "
        "line, not from a list that is under way. What was sent stays, and its reports are still heard.",
        "Turn sending off",
        f"{name} sends no messages now.",
    )


def _turn(name: str, *, on: bool) -> None:
    switch.turn(resources.desk(), session.actor(), name, on=on)
