"""How the composer names the places and the kinds of a message."""

import re

from pages.ui.sent import looks
from pages.ui.text import short
from services.messaging import editing, wire
from services.messaging.editing import Body

_ROWS = {"template": "card", "buttons": "button", "quickReplies": "quick reply"}
_FIELDS = {
    "content": "text",
    "url": "address",
    "title": "title",
    "subtitle": "subtitle",
    "imageUrl": "image address",
    "payload": "what comes back",
    "defaultAction": "what a tap opens",
    "callbackData": "callback data",
    "correlationId": "correlation id",
    "contentType": "kind",
    "from": "sender",
    "to": "recipient",
    "callbackUrl": "callback address",
}
_STEP = re.compile(r"([A-Za-z]+)(?:\[(\d+)\])?")
_SHOWN = 36


def place(path: str) -> str:
    """Name a place as a person would: `template[0].buttons[1].title` is "card 1, button 2, title"."""
    return ", ".join(_step(name, number) for name, number in _STEP.findall(path))


def begun(words: str) -> str:
    """Give words as they begin a sentence."""
    return f"{words[:1].upper()}{words[1:]}"


def _step(name: str, number: str) -> str:
    if number:
        return f"{_ROWS.get(name, name)} {int(number) + 1}"
    return {"template": "cards", "buttons": "buttons", "quickReplies": "quick replies"}.get(name) or _FIELDS.get(
        name, name
    )


def kind(body: Body) -> str:
    """Name the kind of a message."""
    return looks.family(editing.family(body))


def about(body: Body) -> str:
    """Say in a few words what a message is: its text, or the title of its first card."""
    said = short(looks.summary(wire.own(body)), _SHOWN)
    return said or f"{kind(body)}, still empty"
