"""The phone beside the composer: the message as Instagram would show it, repainted in the browser as it is typed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from pages.ui.tables import initials

_HERE = Path(__file__).parent
_phone = st.components.v2.component(
    "patchbay_phone",
    html='<div class="phone" role="img"></div>',
    css=(_HERE / "phone.css").read_text(encoding="utf-8"),
    js="\n".join((_HERE / name).read_text(encoding="utf-8") for name in ("filling.js", "phone.js")),
)


def phone(
    body: Mapping[str, Any],
    *,
    sender: str,
    mode: Literal["light", "dark"],
    key: str,
    handle: str = "",
    variables: Mapping[str, str] | None = None,
    images: Mapping[str, str] | None = None,
    before: str = "",
    when: str = "Today 9:41",
    card: int | None = None,
) -> None:
    """Draw a body, finished or not, as its recipient would see it.

    `variables` are filled in the browser, now and at each key (none for what was sent: it is filled already). `images`
    maps an address as it stands in the body to our own proxy's; one without is drawn as a placeholder. `before` is what
    the customer wrote, `when` the line above it, `card` the card to scroll to.
    """
    _phone(
        key=key,
        data={
            "body": dict(body),
            "sender": {"name": sender, "handle": handle, "initials": initials(sender)},
            "mode": mode,
            "variables": dict(variables or {}),
            "images": dict(images or {}),
            "before": before,
            "when": when,
            "card": card,
        },
    )
