"""The phone beside the composer: the message as Instagram would show it, repainted in the browser as it is typed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import streamlit as st

from pages.ui import resources
from pages.ui.tables import initials
from services.messaging import images
from services.messaging.variables import fill

_HERE = Path(__file__).parent
_NONE, _DEMO = "No image", "Images are not fetched with demo data"
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
    before: str = "",
    when: str = "Today 9:41",
    card: int | None = None,
    stays: bool = False,
) -> None:
    """Draw a body, finished or not, as its recipient would see it.

    `variables` are filled in the browser, now and at each key (none for what was sent: it is filled already). `before`
    is what the customer wrote, `when` the line above it, `card` the card to scroll to. With `stays` the phone's column
    stays in sight while what stands beside it is scrolled.
    """
    values = dict(variables or {})
    _phone(
        key=key,
        data={
            "body": dict(body),
            "sender": {"name": sender, "handle": handle, "initials": initials(sender)},
            "mode": mode,
            "variables": values,
            "images": _images(body, values),
            "lacking": _DEMO if resources.desk().settings.demo else _NONE,
            "before": before,
            "when": when,
            "card": card,
            "stays": stays,
        },
    )


def _images(body: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, str]:
    """Map each image's address, as it stands in a body, to the one of ours that shows it, where it may be shown."""
    found = ((written, images.address(resources.desk(), _filled(written, values))) for written in _addresses(body))
    return {written: ours for written, ours in found if ours}


def _addresses(body: Mapping[str, Any]) -> list[str]:
    cards = body.get("template")
    written = [card.get("imageUrl") for card in (cards if isinstance(cards, list) else []) if isinstance(card, dict)]
    return [each for each in (body.get("url"), *written) if isinstance(each, str) and each]


def _filled(address: str, values: Mapping[str, str]) -> str:
    return str(fill({"url": address}, values).body["url"])
