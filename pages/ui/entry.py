"""One row of the audit trail: who, what, why, and what was before and after, field by field."""

import json
from typing import Any

import streamlit as st

from data.queries.trail import Entry
from pages.ui import audit, cards, formats, resources, session
from pages.ui.text import plain, short
from services import trail
from services.messaging import difference

_CELL = 300
_NOTHING = f":gray[{formats.DASH}]"


def card(number: int | None) -> None:
    """Draw the row of a number."""
    row = trail.entry(resources.desk(), session.actor(), number) if number else None
    if row is None:
        cards.empty("There is no such row.", "Choose one in the table.")
        return
    with cards.card(plain(row.action), f"row {row.id:,}", key="entry_card"):
        st.table(_facts(row), border="horizontal", alt=f"Table of row {row.id} of the audit trail")
        before, after = _value(row.before), _value(row.after)
        if isinstance(before, dict) or isinstance(after, dict):
            _compared(_fields(before), _fields(after))
        elif before is not None or after is not None:
            _compared({"": before}, {"": after})
        with st.expander("As it was written"):
            st.code(difference.written(row._asdict() | {"at": row.at.isoformat()}), "json", wrap_lines=True)


def _facts(row: Entry) -> dict[str, str]:
    facts = {
        ":gray[When]": f"{formats.exact(row.at)} :gray[· {formats.ago(row.at)}]",
        ":gray[Who]": plain(row.actor),
        ":gray[About]": plain(short(row.subject, _CELL)) or _NOTHING,
        ":gray[Outcome]": plain(row.outcome)
        if audit.look(row.outcome).colour is None
        else audit.look(row.outcome).badge,
    }
    return facts | ({":gray[Why]": plain(short(row.reason, _CELL))} if row.reason else {})


def _value(text: str | None) -> Any:
    """Read a value as it was written; one that was cut is text."""
    try:
        return None if text is None else json.loads(text)
    except ValueError:
        return text


def _fields(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {} if value is None else {"": value}


def _compared(before: dict[str, Any], after: dict[str, Any]) -> None:
    names = list(before | after)
    rows = {
        "Field": [plain(short(name, _CELL)) or ":gray[value]" for name in names],
        "Before": [_shown(before.get(name)) for name in names],
        "After": [_shown(after.get(name)) for name in names],
    }
    st.table(rows, border="horizontal", hide_index=True, alt="Table of what was before and after")


def _shown(value: Any) -> str:
    if value is None:
        return _NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return plain(short(text, _CELL)) or ":gray[empty]"
