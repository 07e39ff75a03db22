"""Pieces of the Incidents page: what is asked for, the table, one incident in words, and who was told of it."""

from collections.abc import Callable, Sequence

import streamlit as st

from data.queries import incidents as asked
from data.queries.incidents import ENDED, OPEN, Incident, Notice, Wanted
from data.queries.newest import Stretch
from data.types import Cause, Channel, NoticeState, Told
from pages.ui import cards, choosing, filters, formats, links, paging, resources
from pages.ui.formats import Look
from pages.ui.links import Way
from pages.ui.table import cells
from pages.ui.table.cells import Column
from pages.ui.table.draw import Parts, Sheet
from pages.ui.text import plain, short
from services import incident_words, incidents

INCIDENT = "incident"
_KEYS = ("state", "cause", "source")
_LONGEST, _SHOWN, _NAME = 100, 40, 60
_LOOKS = {OPEN: Look("Open", "red", "siren"), ENDED: Look("Ended", None, "check")}
_CHANNELS = {Channel.WEBHOOK: "web hook", Channel.EMAIL: "e-mail"}
_TOLD = {
    NoticeState.WAITING: Look("waiting", "orange", "schedule"),
    NoticeState.SENDING: Look("on its way", "blue", "send"),
    NoticeState.SENT: Look("sent", None, "check"),
    NoticeState.FAILED: Look("failed", "red", "error"),
    NoticeState.UNKNOWN: Look("not known", "orange", "help"),
    NoticeState.SPARED: Look("not sent", None, "do_not_disturb_on"),
}
_MESSAGES = {Told.BEGAN: "that it began", Told.RECOVERED: "that it recovered"}
_SECRETS = ("PATCHBAY_NOTIFY_URL", "PATCHBAY_SMTP_URL")


def wanted() -> Wanted:
    """Read what the address asks for."""
    return Wanted(*(st.query_params.get(key, "")[:_LONGEST] or None for key in _KEYS))


def chosen() -> int | None:
    """Give the number of the incident that the address names."""
    return paging.number(INCIDENT)


def line() -> None:
    """Say how many are open, and what this is."""
    number = resources.kept(asked.number_open)
    opened = f":red[{number:,} open]" if number else "none open"
    st.markdown(f":small[:gray[{opened} · one for each cause, from when it began until it recovered]]")


def channels() -> None:
    """Say who is told outside of the app, and what is missing for it."""
    found = incidents.ways(resources.desk().settings)
    told = [f"by {_CHANNELS[way.channel]} to {plain(way.where)}" for way in found if way.closed is None]
    silent = [f"Nothing goes to {plain(way.where)}: {plain(way.closed)}" for way in found if way.closed]
    if told:
        st.markdown(
            f":small[:gray[:material/campaign: Told {' and '.join(told)}, once as it begins and once as it ends.]]"
        )
    elif not silent:
        names = " or ".join(f"`{name}`" for name in _SECRETS)
        st.markdown(
            f":small[:gray[:material/notifications_off: Nobody is told outside of the app: {names} is not set.]]"
        )
    missing = incidents.half_configured(resources.desk().settings)
    if missing:
        silent.append(f"No e-mail can go: `{missing}` is not set.")
    for words in silent:
        st.markdown(f":small[:gray[:material/notifications_off: {words}]]")


def choices(question: Wanted) -> None:
    """Draw the row of choices; what the address names is a choice even where there was none of it."""
    known = resources.kept(asked.words)
    options = {"state": (OPEN, ENDED), "cause": known.causes, "source": known.sources}
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="incident_choices"):
        for key, words in options.items():
            filters.one_of(key, words, getattr(question, key) or "", _NAMED.get(key, str))
        if any(vars(question).values()):
            st.button("Clear", type="tertiary", key="clear_incidents", on_click=_clear)


def _clear() -> None:
    filters.write(dict.fromkeys(_KEYS, ()))


_NAMED: dict[str, Callable[[str], str]] = {
    "state": lambda word: _LOOKS[word].word if word in _LOOKS else word,
    "cause": incident_words.name,
}
"""What the words of a choice are called."""


def empty(question: Wanted) -> None:
    """Say why nothing is shown."""
    told = ", ".join(
        f"{key} {plain(short(_NAMED.get(key, str)(word), _SHOWN))}" for key, word in vars(question).items() if word
    )
    with st.container(border=True, gap="small", key="empty"):
        nothing = "**Nothing is broken, and nothing was.** :gray[What breaks appears here, and stays.]"
        st.markdown(f"**No incident matches**: {told}." if told else nothing)
        if told:
            st.button("Clear all", type="tertiary", key="clear_all", on_click=_clear)


def table(found: Stretch) -> None:
    """Draw the incidents; the one that is chosen stands in the address."""
    rows: list[Incident] = found.rows
    label = f"Table of {formats.plural(len(rows), 'incident')}, those that are open first"
    choosing.row(
        Sheet.of(_parts(rows), rows, [str(row.id) for row in rows]), parameter=INCIDENT, label=label, required=False
    )


def _parts(rows: Sequence[Incident]) -> Parts[Incident]:
    told = resources.kept(asked.told, tuple(row.id for row in rows))
    return [
        (Column("state", "State", "chips", 78), lambda row: [cells.chip(_look(row))]),
        (Column("account", "Account", "text", 140), lambda row: cells.text(row.account)),
        (Column("cause", "What", "link", 160), lambda row: incident_words.name(row.cause)),
        (Column("source", "Source", "text", 90), lambda row: cells.text(row.source)),
        (Column("began", "Began", "ago", 90), lambda row: cells.instant(row.began_at)),
        (Column("lasted", "Lasted", "text", 84, "Until it recovered, or so far"), _lasted),
        (Column("message", "Why", "text", 304), lambda row: cells.text(_why(row))),
        (Column("told", "Told by", "text", 120), lambda row: _summary(told[row.id])),
    ]


def _look(row: Incident) -> Look:
    return _LOOKS[OPEN if row.ended_at is None else ENDED]


def _why(row: Incident) -> str:
    """Give the reason without the account that it begins with: that has a column of its own."""
    named, found, why = row.message.partition(": ")
    return why if found and row.account and named.startswith(row.account[:_SHOWN]) else row.message


def _lasted(row: Incident) -> str:
    return formats.span((row.ended_at or formats.now()) - row.began_at)


def _summary(messages: Sequence[Notice]) -> str | None:
    """Say by what it was told, and what did not arrive."""
    good = {NoticeState.SENT.value, NoticeState.SPARED.value}
    troubled = [each for each in messages if each.state not in good]
    shown = troubled or [each for each in messages if each.state == NoticeState.SENT]
    words = (f"{_channel(each)}{f' {_became(each).word}' if troubled else ''}" for each in shown)
    return ", ".join(dict.fromkeys(words)) or None


def card(number: int | None) -> None:
    """Draw the incident of a number: what it is, where it leads, and who was told."""
    row = resources.kept(asked.one, number) if number else None
    if row is None:
        cards.empty("There is no such incident.", "Choose one in the table.")
        return
    with cards.card(plain(incident_words.name(row.cause)), f"incident {row.id:,}", key="incident_card"):
        st.markdown(f"{_look(row).badge} {plain(row.message)}")
        if row.advice and row.ended_at is None:
            st.markdown(f":small[:gray[:material/arrow_forward: {plain(row.advice)}]]")
        with st.container(horizontal=True, gap="small", key="incident_ways"):
            for label, way in _ways(row):
                icon = ":material/arrow_forward:"
                st.page_link(way.page, label=label, query_params=way.query or None, icon=icon, width="content")
        st.table(_facts(row), border="horizontal", alt=f"Table of when incident {row.id} began and ended")
        _messages(row)


def _facts(row: Incident) -> dict[str, str]:
    noted = row.noted_at is not None and row.noted_at > row.began_at
    facts = {
        "Source": plain(row.source) if row.source else ":gray[Patchbay itself]",
        "Account": (plain(short(row.account or "", _NAME)) or ":gray[(no name given)]") if row.connection_id else None,
        "Began": formats.exact(row.began_at),
        "Noticed": formats.exact(row.noted_at) if noted else None,
        "Recovered": formats.exact(row.ended_at) if row.ended_at else ":red[not yet]",
        "Lasted" if row.ended_at else "So far": _lasted(row),
        "Why it ended": plain(row.ended_why) or ":gray[not told]" if row.ended_at else None,
    }
    return {f":gray[{name}]": value for name, value in facts.items() if value is not None}


def _ways(row: Incident) -> list[tuple[str, Way]]:
    """Give where it can be seen and mended."""
    found = [("Account", links.account(row.connection_id))] if row.connection_id else []
    if row.cause == Cause.RECONNECT and row.connection_id and row.ended_at is None:
        found.append(("Reconnect", links.reconnect(row.connection_id)))
    elif row.cause == Cause.RECONNECT and row.source and not row.connection_id:
        found.append(("Its broken connections", links.networks(source=row.source, health="Broken")))
    if row.cause in {Cause.FAILING, Cause.LOSS}:
        found.append(("Health of sources", links.health()))
    if row.cause in {Cause.WEBHOOK_SECRET, Cause.WEBHOOK_REFUSED}:
        found.append(("Webhooks", links.webhooks()))
    if row.cause == Cause.AUDIT:
        found.append(("Audit trail", links.audit()))
    return found


def _messages(row: Incident) -> None:
    """Say who was told what and when, or why not."""
    messages = resources.kept(asked.told, (row.id,))[row.id]
    with st.container(gap=None, key="incident_told"):
        st.markdown("**Told**")
        if not messages:
            why = incidents.nobody(resources.desk().settings, row.noted_at, row.ended_at)
            st.markdown(f":small[:gray[Nobody outside of the app. {plain(why)}]]")
        for each in messages:
            st.markdown(f"{_became(each).badge} :small[by {_channel(each)} {_MESSAGES[Told(each.what)]}{_when(each)}]")
            if each.problem:
                st.markdown(f":small[:gray[{plain(each.problem)}]]")


def _when(message: Notice) -> str:
    if message.sent_at is not None:
        return f" · {formats.exact(message.sent_at)}"
    if message.state == NoticeState.WAITING and message.next_at is not None and message.tries:
        return f" · tried {formats.plural(message.tries, 'time')}, again at {message.next_at:%H:%M} UTC"
    return ""


def _channel(message: Notice) -> str:
    return _CHANNELS[Channel(message.channel)]


def _became(message: Notice) -> Look:
    return _TOLD[NoticeState(message.state)]
