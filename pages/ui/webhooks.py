"""Pieces of the Webhooks page: what is asked for, the table, one webhook in words, what was refused, and the hooks."""

import streamlit as st

from data.queries import inbox
from data.queries.inbox import Arrived, Refused, Wanted
from data.queries.newest import Stretch
from data.types import InboxState
from pages.ui import cards, choosing, filters, formats, links, paging, resources, session
from pages.ui.formats import Look
from pages.ui.table import cells
from pages.ui.table.cells import Column
from pages.ui.table.draw import Parts, Sheet, draw
from pages.ui.text import plain, short
from services.access import Permission
from services.webhooks import deeds

HOOK = "webhook"
_KEYS = ("source", "event", "state")
_LONGEST, _SHOWN = 100, 40
_EVERY = 2.0
_ROW = 34
_LOOKS = {
    "waiting": Look("Waiting", "blue", "schedule"),
    "done": Look("Done", "green", "check"),
    "ignored": Look("Ignored", "gray", "visibility_off"),
    "failed": Look("Failed", "red", "error"),
}
_REFUSED = {
    "unsigned": "no signature",
    "signature": "wrong signature",
    "no_secret": "the source has no webhook secret",
    "unknown_source": "no source of that name",
    "token": "an address that we never gave",
    "stale": "told too long ago",
    "unreadable": "not what a webhook says",
    "method": "another method than POST",
    "content_type": "no JSON",
    "too_large": "larger than 256 KiB",
    "too_slow": "the body took too long",
    "broken_off": "broken off",
    "crowded": "too many at once, told to come again",
    "own_fault": "a fault of ours, told to come again",
    "unknown_message": "about a message that is not ours, kept for a day",
}
_SIGNED = ":small[:gray[Signed with the webhook secret of the source; anything else is refused.]]"
_UNSIGNED = ":orange-badge[:material/key_off: no secret] :small[Everything is refused until {} has a webhook secret.]"


def wanted() -> Wanted:
    """Read what the address asks for."""
    return Wanted(*(st.query_params.get(key, "")[:_LONGEST] or None for key in _KEYS))


def line() -> None:
    """Say what this is."""
    st.markdown(":small[:gray[What vendors told by themselves · a hint has a list read, a delivery moves a message]]")


def chosen() -> int | None:
    """Give the number of the webhook that the address names."""
    return paging.number(HOOK)


@st.fragment(run_every=_EVERY)
def live() -> None:
    """Draw the page anew when something has arrived, was worked off or was refused."""
    with resources.reading() as opened:
        found = inbox.mark(opened)
    before = st.session_state.get("webhooks_mark", found)
    st.session_state["webhooks_mark"] = found
    if found != before:
        st.rerun(scope="app")


def choices(asked: Wanted) -> None:
    """Draw the row of choices; what the address names is a choice even where there was none of it."""
    known = resources.kept(inbox.words)
    options = {"source": known.sources, "event": known.events, "state": tuple(InboxState)}
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="webhook_choices"):
        for key, words in options.items():
            filters.one_of(key, words, getattr(asked, key) or "", _word if key == "state" else str)
        if any(vars(asked).values()):
            st.button("Clear", type="tertiary", key="clear_webhooks", on_click=_clear)


def _word(state: str) -> str:
    return look(state).word


def _clear() -> None:
    filters.write(dict.fromkeys(_KEYS, ()))


def look(state: str) -> Look:
    """Give the look of a webhook's state."""
    return _LOOKS.get(state, Look(state, None, "help"))


def table(found: Stretch) -> None:
    """Draw the webhooks; the one that is chosen stands in the address."""
    rows: list[Arrived] = found.rows
    label = f"Table of {formats.plural(len(rows), 'webhook')}, the newest first"
    choosing.row(Sheet.of(_PARTS, rows, [str(row.id) for row in rows]), parameter=HOOK, label=label, required=False)


_ABOUT = "The vendor's id of the account, or our own of a message"
_PARTS: Parts[Arrived] = [
    (Column("at", "Arrived", "ago", 96), lambda row: cells.instant(row.received_at)),
    (Column("source", "Source", "text", 90, later=True), lambda row: cells.text(row.source)),
    (Column("event", "Event", "link", 160), lambda row: cells.text(row.event)),
    (Column("state", "Became", "chips", 88), lambda row: [cells.chip(look(row.state))]),
    (Column("why", "Why", "text", 230), lambda row: cells.text(row.reason)),
    (Column("about", "About", "text", 120, _ABOUT, later=True), lambda row: cells.text(row.about)),
    (
        Column("repeats", "Again", "number", 64, "How often the vendor told it again", later=True),
        lambda row: row.repeats,
    ),
]


def empty(asked: Wanted) -> None:
    """Say why nothing is shown."""
    told = ", ".join(
        f"{key} {plain(short(_word(word) if key == 'state' else word, _SHOWN))}"
        for key, word in vars(asked).items()
        if word
    )
    with st.container(border=True, gap="small", key="empty"):
        if told:
            st.markdown(f"**No webhook matches**: {told}.")
            st.button("Clear all", type="tertiary", key="clear_all", on_click=_clear)
        else:
            st.markdown("**No vendor has told anything yet.** :gray[Syncs find the same, a little later.]")


def card(number: int | None) -> None:
    """Draw the webhook of a number: what became of it, and for admins what it said."""
    row = resources.kept(inbox.one, number) if number else None
    if row is None:
        cards.empty("There is no such webhook.", "Choose one in the table.")
        return
    with cards.card(plain(short(row.event, _SHOWN)), f"webhook {row.id:,}", key="webhook_card"):
        st.table(_facts(row), border="horizontal", alt=f"Table of what became of webhook {row.id}")
        if row.reason:
            st.markdown(f":small[{plain(row.reason)}]")
        _message(row)
        if row.state == InboxState.FAILED and session.actor().may(Permission.SYNC_NOW):
            _again(row.id)
        if session.actor().may(Permission.MANAGE_SOURCES):
            _said(deeds.body(resources.desk(), session.actor(), row.id))


def _facts(row: Arrived) -> dict[str, str]:
    ended = formats.exact(row.done_at) if row.done_at else ":gray[not yet]"
    tries = f"{row.tries:,}" + (f" :gray[· the next at {formats.exact(row.next_at)}]" if row.next_at else "")
    facts = {
        "Became": look(row.state).badge,
        "Source": plain(row.source),
        "Told by the vendor": formats.exact(row.told_at) if row.told_at else ":gray[not told]",
        "Arrived": formats.exact(row.received_at),
        "Worked off": ended,
        "Told again": formats.plural(row.repeats, "time"),
        "Tries that failed": tries,
        "About": plain(short(row.about, _LONGEST)) if row.about else ":gray[not told]",
        "The vendor's id": plain(short(row.event_id, _LONGEST)),
    }
    return {f":gray[{name}]": value for name, value in facts.items()}


def _message(row: Arrived) -> None:
    """Lead to the message that a callback came to the address of, if it is one of ours."""
    number = resources.kept(inbox.message, row.id)
    if number is not None:
        way = links.message(number)
        st.page_link(way.page, label=f"Message {number:,}", query_params=way.query, icon=":material/outbox:")


def _again(number: int) -> None:
    if st.button("Work it off again", icon=":material/replay:", key="webhook_again"):
        deeds.again(resources.desk(), session.actor(), number)
        st.rerun()


def _said(body: str) -> None:
    if not body:
        st.caption("What it said was let go after a day.")
        return
    with st.expander("What it said", icon=":material/data_object:"):
        st.code(body, language="json", wrap_lines=True)


def refused() -> None:
    """Draw what was refused in the last 30 days, by reason: of what it said nothing is kept."""
    rows = resources.kept(inbox.refused)
    with cards.card("Refused", "the last 30 days", key="webhooks_refused"):
        if not rows:
            st.markdown(":small[:gray[Nothing was refused.]]")
            return
        label = f"Table of {formats.plural(len(rows), 'reason')} why webhooks were refused"
        sheet = Sheet.of(_REFUSALS, rows, [str(place) for place in range(len(rows))])
        draw(sheet, key="refused_table", label=label, row=_ROW)


_REFUSALS: Parts[Refused] = [
    (Column("reason", "Reason", "text", 220), lambda row: _REFUSED.get(row.reason, row.reason)),
    (Column("hook", "Hook", "text", 80, later=True), lambda row: cells.text(row.hook)),
    (Column("source", "Source", "text", 84, later=True), lambda row: cells.text(row.source or None)),
    (Column("times", "Times", "number", 64), lambda row: row.times),
    (Column("first", "First", "ago", 92), lambda row: cells.instant(row.first_at)),
    (Column("last", "Last", "ago", 92), lambda row: cells.instant(row.last_at)),
]


def hooks() -> None:
    """Draw where vendors are to send their webhooks."""
    found, here = deeds.hooks(resources.desk()), deeds.heard_here_only(resources.desk())
    with cards.card("Where Late is to send them", key="webhook_addresses"):
        for hook in found:
            st.markdown(_SIGNED if hook.signed else _UNSIGNED.format(plain(hook.source)))
            st.code(hook.url, language=None, wrap_lines=True)
        if not found:
            st.markdown(":small[:gray[There is no source of Late.]]")
        st.markdown(":small[:gray[imiconnect is given an address of its own with each message.]]")
        if here:
            st.markdown(
                ":small[:orange[:material/public_off: No vendor reaches this machine: set PATCHBAY_PUBLIC_URL.]]"
            )
