"""Changes between two dates: a table of what changed, of whom, from what to what, with the way to the account."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]  # it has no stubs
import streamlit as st

from data.queries import changed
from data.queries.changed import Changed
from pages.ui import cards, filters, formats, movers, period, resources, suspects, words
from pages.ui.period import Between

SIZE = 50
_KINDS: dict[str, tuple[str, ...]] = {
    "Status": ("status", "vendor_status"),
    "Health": ("health",),
    "New and vanished": (changed.NEW, "vanished"),
    "Profile": ("name", "handle", "url", "category", "verified", "external_id", "platform"),
    "Suspect figures": ("suspect",),
    "Accounts": ("account",),
}
_FIELDS = {
    "status": "Status",
    "vendor_status": "Vendor's word for status",
    "health": "Health",
    "vanished": "Listed by the vendor",
    "name": "Name",
    "handle": "Handle",
    "url": "Address",
    "category": "Category",
    "verified": "Verified",
    "external_id": "Platform's id",
    "platform": "Platform",
    "suspect": "Suspect figure",
    "account": "Account number",
    "unconfirmed": "Edit not confirmed",
    changed.NEW: "Connection",
}
_EXTRA, _KIND = "extra.", "kind_of_change"


def card() -> None:
    """Draw the dates, the kinds, the table, and the way to earlier changes."""
    with cards.card("Changes between two dates", "newest first, UTC", key="changes"):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            between, kind, each = period.chosen(), _kind(), _each()
        period.dropped(between)
        words.dropped(_KIND, "kind of change", _KINDS)
        total, rows = _found(between, kind, together=not each)
        if not rows:
            st.markdown(f":small[:gray[{_nothing(between, kind)}]]")
            return
        _range(total, rows, each=each)
        _table(rows)


def _kind() -> str | None:
    tied = filters.bound(_KIND, words.chosen(_KIND, _KINDS))  # another kind begins at the newest, as any choice does
    found: str | None = st.pills("Kind of change", list(_KINDS), **tied)
    return found


def _each() -> bool:
    return st.toggle(
        "One row each",
        key="each",
        bind="query-params",
        on_change=_from_the_newest,
        help="Otherwise what changed alike, at one source and instant, is one row",
    )


def _found(between: Between, kind: str | None, *, together: bool) -> tuple[int, list[Changed]]:
    return resources.kept(
        changed.between,
        between.since,
        between.until,
        fields=_KINDS.get(kind or ""),
        together=together,
        limit=SIZE,
        after=st.query_params.get("after"),
    )


def _nothing(between: Between, kind: str | None) -> str:
    first, last = between.since, between.until
    what = f"Nothing of the kind “{kind}” changed" if kind else "Nothing changed"
    return f"{what} from {first.day} {first:%B %Y} to {last.day} {last:%B %Y}, as far as the sources told."


def _range(total: int, rows: Sequence[Changed], *, each: bool) -> None:
    beyond = "after" in st.query_params
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            f"**{total:,}** :gray[{'change' if total == 1 else 'changes'}{'' if each else ', alike ones as one'}]"
        )
        st.space("stretch")
        st.button(
            "", icon=":material/first_page:", help="Newest changes", disabled=not beyond, on_click=_from_the_newest
        )
        more = len(rows) == SIZE and total > SIZE
        place = rows[-1].place if more else ""
        st.button(
            "",
            icon=":material/chevron_right:",
            help="Earlier changes",
            disabled=not more,
            on_click=_go_on,
            args=(place,),
        )


def _go_on(place: str) -> None:
    st.query_params["after"] = place


def _from_the_newest() -> None:
    if "after" in st.query_params:
        del st.query_params["after"]


def _table(rows: Sequence[Changed]) -> None:
    told = [(_value(row.field, row.before), _value(row.field, row.after)) for row in rows]
    table = pa.table(
        {
            "open": pa.array([movers.OPEN if row.number == 1 else None for row in rows], pa.string()),
            "name": pa.array([_who(row) for row in rows], pa.string()),
            "at": pa.array([row.at for row in rows], pa.timestamp("us", tz="UTC")),
            "field": pa.array([_field(row.field) for row in rows], pa.string()),
            "before": pa.array([before for before, _ in told], pa.string()),
            "after": pa.array([after for _, after in told], pa.string()),
            "source": pa.array([row.source for row in rows], pa.string()),
            "platform": pa.array([_platform(row) for row in rows], pa.string()),
        }
    )
    openers = [row.connection_id if row.number == 1 else None for row in rows]
    movers.show(
        table, openers, columns=_columns(), key="changes_rows", alt="Table of changes between two dates", most=14
    )


def _who(row: Changed) -> str:
    if row.number > 1:
        return f"{row.number:,} connections"
    return row.name or row.handle or "(no name given)"


def _platform(row: Changed) -> str | None:
    return formats.platform(row.platform) if row.number == 1 else None


def _field(name: str) -> str:
    if name.startswith(_EXTRA):
        return f"Extra: {name.removeprefix(_EXTRA)}"
    return _FIELDS.get(name, name.replace("_", " ").capitalize())


def _value(field: str, value: str | None) -> str | None:
    """Say a kept value in words; None is not told."""
    return value if value is None or field not in _WORDS else _WORDS[field](value)


_WORDS: dict[str, Callable[[str], str]] = {
    "status": lambda word: formats.STATUSES[word].word if word in formats.STATUSES else word,
    "health": lambda word: formats.health(word).word,
    "verified": lambda word: "Verified" if word == "1" else "No",
    "suspect": suspects.words,
    "vanished": str.capitalize,
    changed.NEW: str.capitalize,
}


@cache
def _columns() -> dict[str, Any]:
    config = st.column_config
    return {
        "name": config.TextColumn("Account", width=190),
        "at": config.DatetimeColumn("Time", format="D MMM YYYY, HH:mm", width=140, help="In UTC"),
        "field": config.TextColumn("What", width=150),
        "before": config.TextColumn("Before", width=170),
        "after": config.TextColumn("After", width=170),
        "source": config.TextColumn("Source", width=90),
        "platform": config.TextColumn("Platform", width=90),
    }
