"""Where composing begins: one's drafts, those of others, templates, the document's examples, and a new message."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from data.queries import drafts as kept
from data.queries import recipients
from data.queries.drafts import Draft, Template
from pages.ui import cards, formats, plans, resources, session
from pages.ui.compose import beginning, may, notice, templates, words
from pages.ui.text import plain
from services.messaging import examples, senders

_SHOWN = 12
"""Drafts of a card before "Show all"."""


def show(asked: str) -> None:
    """Draw the page without a draft; `asked` is one that the address names and that is not there."""
    title, controls = cards.head("Compose")
    found = senders.every(resources.desk())
    with resources.reading() as reading:
        everybody, shared = kept.every(reading), kept.templates(reading)
        people = recipients.find(reading, limit=1).total
    with title:
        st.markdown(":small[:gray[Write a message, see it on a phone, and send it to a test recipient.]]")
    with controls:
        icon = ":material/add:"
        st.button("New message", icon=icon, type="primary", key="compose_new", on_click=beginning.empty)
    plans.wrong(beginning.FORM)
    if asked:
        cards.empty("This draft is not here.", "It was discarded, or the link is wrong. Yours are below.")
    _lacking(senders=bool(found), people=bool(people))
    me = session.here().username
    left, right = st.columns([1.55, 1], gap="medium")
    with left:
        _drafts("Your drafts", [each for each in everybody if each.owner == me], mine=True)
        _drafts("Drafts of others", [each for each in everybody if each.owner != me], mine=False)
    with right:
        _templates(shared)
        _examples()
    notice.show(found)


def _lacking(*, senders: bool, people: bool) -> None:
    """Say what is missing before anything can be sent."""
    if not senders:
        cards.empty("There is no imiconnect app to send as.", "An admin adds one under Sources.")
    if not people:
        who = "Add one under Recipients." if may.recipients() else "Ask an admin to add one under Recipients."
        cards.empty("There is no test recipient yet.", f"Messages go to named test recipients only. {who}")


def _drafts(title: str, found: list[Draft], *, mine: bool) -> None:
    if not found and not mine:
        return
    key = "compose_mine" if mine else "compose_theirs"
    every = len(found) <= _SHOWN or st.session_state.get(f"{key}_all", False)
    with cards.card(title, formats.plural(len(found), "draft"), key=key), st.container(gap="xsmall"):
        if not found:
            st.markdown(":gray[Nothing is in the making. Begin a new message, or start from a template or an example.]")
        for each in found if every else found[:_SHOWN]:
            _draft(each, mine=mine)
        if not every:
            st.button(f"Show all {len(found):,}", type="tertiary", key=f"{key}_more", on_click=_all, args=(key,))


def _all(key: str) -> None:
    st.session_state[f"{key}_all"] = True


def _draft(draft: Draft, *, mine: bool) -> None:
    whose = "" if mine else f"{plain(draft.owner)} · "
    to = f"to {plain(draft.recipient)} · " if draft.recipient else ""
    kind = words.kind(draft.body)
    _row(
        words.about(draft.body),
        f"{whose}{kind} · {to}{formats.ago(draft.saved_at)}",
        key=f"draft_{draft.id}",
        press=partial(beginning.open_draft, draft.id),
        hint=f"Saved {formats.exact(draft.saved_at)} by {plain(draft.saved_by)}",
    )


def _row(label: str, aside: str, *, key: str, press: Callable[[], None], hint: str | None = None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(plain(label), type="tertiary", key=key, on_click=press, help=hint)
        st.space("stretch")
        st.markdown(f":small[:gray[{aside}]]", width="content")


def _templates(found: tuple[Template, ...]) -> None:
    with (
        cards.card("Templates", formats.plural(len(found), "template"), key="compose_templates"),
        st.container(gap="xsmall"),
    ):
        if not found:
            st.markdown(":gray[None is kept yet. Keep a draft as one from its Templates menu.]")
        for each in found:
            _template(each)


def _template(template: Template) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        hint = f"By {plain(template.saved_by)}, {formats.ago(template.saved_at)}"
        use = partial(beginning.from_template, template.id)
        st.button(plain(template.name), type="tertiary", key=f"template_{template.id}", on_click=use, help=hint)
        st.space("stretch")
        st.markdown(f":small[:gray[{words.kind(template.body)}]]", width="content")
        templates.manage(template)


def _examples() -> None:
    with cards.card("Examples", "imiconnect's own", key="compose_examples"), st.container(gap="xsmall"):
        for place, each in enumerate(examples.EXAMPLES):
            press = partial(beginning.from_body, each.body)
            _row(each.name, plain(words.about(each.body)), key=f"example_{place}", press=press)
