"""The JSON that will leave, whole, and in what it differs from the last one that this draft sent."""

import streamlit as st

from pages.ui import formats
from pages.ui.compose.sheet import Sheet
from services.messaging import difference

_TITLE = "What will leave, as JSON"


def show(sheet: Sheet) -> None:
    """Draw the JSON under its expander; the address for callbacks is shown without this message's own key."""
    if sheet.prepared is None:
        return
    payload = difference.shown(sheet.prepared.payload)
    changed = difference.lines(sheet.last, payload)
    told = _title(sheet, difference.count(changed))
    with st.expander(told, icon=":material/data_object:", key="compose_json"):
        if sheet.last is not None and changed:
            st.markdown(":small[:gray[Compared with the last one sent: − was, + will be]]")  # noqa: RUF001 (a minus)
            st.code("\n".join(changed), "diff", wrap_lines=True)
        st.code(difference.written(payload), "json", wrap_lines=True)
        st.markdown(
            ":small[:gray[The address for callbacks ends in this message's own key, which is not shown. "
            f"SHA-256 of the whole:] `{sheet.prepared.digest[:16]}…`]"
        )


def _title(sheet: Sheet, changed: int) -> str:
    if sheet.last is None:
        return _TITLE
    if not changed:
        return f"{_TITLE} · the same as the last one sent"
    return (
        f"{_TITLE} · {formats.plural(changed, 'line')} {'differs' if changed == 1 else 'differ'} from the last one sent"
    )
