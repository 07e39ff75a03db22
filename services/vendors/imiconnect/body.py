"""The document's JSON of a message, written exactly as its samples and read as tolerantly as it is inconsistent.

Names are read in any case, with or without underscores (`imageUrl`, `image_url`; `contentType`, `content_type`), and
so are types (`WEB_URL`, `web_url`). What is unknown or of a wrong type is a problem that names its field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from services.vendors.imiconnect.limits import Problem, validate
from services.vendors.imiconnect.message import (
    Button,
    Card,
    DefaultAction,
    Media,
    Message,
    QuickReply,
    Sticker,
    Template,
    Text,
)

CONTENT_TYPES: Final = ("TEXT", "TEMPLATE", "MEDIA", "STICKER")
NOTIFICATION_TYPE: Final = "REGULAR"
MESSAGING_TYPE: Final = "RESPONSE"
_ENVELOPE: Final = (
    "contentType", "from", "to", "callbackUrl", "callbackData", "correlationId", "notificationType", "messagingType",
    "quickReplies",
)  # fmt: skip
_OWN: Final = {
    "TEXT": ("content",),
    "TEMPLATE": ("content", "template", "type"),
    "MEDIA": ("url", "type", "content"),
    "STICKER": ("type", "content"),
}
_SOURCE: Final = "imiconnect document, sample bodies"


@dataclass(frozen=True, slots=True)
class Reading:
    """A body as read: the message (None when it is none), every problem of it, and what stands around it."""

    message: Message | None
    problems: tuple[Problem, ...]
    app_id: str | None = None
    to: str | None = None
    callback_data: str | None = None
    correlation_id: str | None = None


def body(
    message: Message,
    *,
    app_id: str,
    to: str,
    callback_url: str,
    correlation_id: str,
    callback_data: str | None = None,
) -> dict[str, Any]:
    """The JSON of a message, with the names, spellings and order of the document's samples."""
    around: dict[str, Any] = {
        "contentType": message.content_type,
        "from": app_id,
        "to": to,
        "callbackUrl": callback_url,
    }
    around |= {"callbackData": callback_data} if callback_data is not None else {}
    around |= {"correlationId": correlation_id, "notificationType": NOTIFICATION_TYPE, "messagingType": MESSAGING_TYPE}
    match message:
        case Text():
            written = {"content": message.content, **around}
        case Template():
            written = {"content": message.content, **around, "template": [_card(card) for card in message.cards]}
        case Media():
            written = {"url": message.url, **around}
        case Sticker():
            written = {"type": message.type, **around}
    if message.quick_replies:
        written["quickReplies"] = [
            {"type": r.type, "title": r.title, "payload": r.payload} for r in message.quick_replies
        ]
    return written


def _card(card: Card) -> dict[str, Any]:
    written: dict[str, Any] = {"title": card.title, "subtitle": card.subtitle, "imageUrl": card.image_url}
    if card.default_action is not None:
        written["defaultAction"] = {"type": card.default_action.type, "url": card.default_action.url}
    if card.buttons:
        written["buttons"] = [_present(type=b.type, url=b.url, title=b.title, payload=b.payload) for b in card.buttons]
    return _present(**written)


def _present(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def from_body(data: Any) -> Reading:
    """A body as in the document, read and checked; `from`, `to` and `callbackUrl` may be missing."""
    reader = _Reader()
    top = reader.fields("", data, (*_ENVELOPE, *{name for names in _OWN.values() for name in names}))
    kind = (reader.text("contentType", top, required=True) or "").upper()
    message = reader.message(kind, top)
    around = [reader.text(name, top) for name in ("from", "to", "callbackData", "correlationId")]
    problems = [*reader.problems, *(validate(message) if message is not None else [])]
    return Reading(message, tuple(_distinct(problems)), *around)


def _distinct(problems: list[Problem]) -> list[Problem]:
    """One problem per field and limit (a missing field is noticed twice)."""
    return list({(problem.field, problem.limit): problem for problem in reversed(problems)}.values())[::-1]


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


@dataclass(slots=True)
class _Reader:
    """Reads values by name and notes what is wrong with them."""

    problems: list[Problem] = field(default_factory=list)

    def message(self, kind: str, top: Mapping[str, Any]) -> Message | None:
        if kind not in CONTENT_TYPES:
            self._note(
                "contentType", "one of TEXT, TEMPLATE, MEDIA, STICKER", "The content type is missing or unknown."
            )
            return None
        for name in top:
            if name not in (*_ENVELOPE, *_OWN[kind]):
                self._note(name, f"no field of {kind}", f"A {kind} message has no field {name}.")
        self._constant("notificationType", top, NOTIFICATION_TYPE)
        self._constant("messagingType", top, MESSAGING_TYPE)
        replies = tuple(self._reply(*row) for row in self._rows("quickReplies", top.get("quickReplies")))
        return self._made(kind, top, replies)

    def _made(self, kind: str, top: Mapping[str, Any], replies: tuple[QuickReply, ...]) -> Message:
        if kind == "TEXT":
            return Text(self.text("content", top) or "", replies)
        if kind == "TEMPLATE":
            self._constant("type", top, "template")
            return Template(self.text("content", top) or "", self._cards(top.get("template")), replies)
        if kind == "MEDIA":
            self._constant("type", top, "image")
            return Media(self.text("url", top) or "", replies)
        return Sticker((self.text("type", top) or "").lower(), replies)

    def fields(self, at: str, data: Any, known: tuple[str, ...]) -> dict[str, Any]:
        """The values of an object under the document's own names."""
        if not isinstance(data, dict):
            self._note(at or "body", "a JSON object", "A JSON object is needed here.")
            return {}
        names = {_plain(name): name for name in known}
        found: dict[str, Any] = {}
        for given, value in data.items():
            name = names.get(_plain(given))
            if name is None:
                shown = f"{at}.{given[:60]}" if at else given[:60]
                self._note(shown, "unknown field", "The document knows no such field here.")
            elif value is not None:
                found[name] = value
        return found

    def text(self, name: str, values: Mapping[str, Any], *, at: str = "", required: bool = False) -> str | None:
        """A text value; another type is a problem."""
        value = values.get(name)
        shown = f"{at}.{name}" if at else name
        if value is None:
            if required:
                self._note(shown, "required", f"{name} is missing.")
            return None
        if not isinstance(value, str):
            self._note(shown, "a text", f"{name} must be a text.")
            return None
        return value

    def _cards(self, value: Any) -> tuple[Card, ...]:
        if isinstance(value, dict):
            inner = self.fields("template", value, ("templateType", "elements"))
            if str(inner.get("templateType", "generic")).lower() != "generic":
                self._note("template.template_type", "generic", "Only the generic template can be sent.")
            value = inner.get("elements")
        return tuple(self._card(*row) for row in self._rows("template", value))

    def _card(self, at: str, data: Any) -> Card:
        values = self.fields(at, data, ("title", "subtitle", "imageUrl", "defaultAction", "buttons"))
        buttons = tuple(self._button(*row) for row in self._rows(f"{at}.buttons", values.get("buttons")))
        return Card(
            self.text("title", values, at=at) or "",
            self.text("subtitle", values, at=at),
            self.text("imageUrl", values, at=at),
            self._default_action(f"{at}.defaultAction", values.get("defaultAction")),
            buttons,
        )

    def _default_action(self, at: str, data: Any) -> DefaultAction | None:
        if data is None:
            return None
        values = self.fields(at, data, ("type", "url"))
        kind = self.text("type", values, at=at, required=True) or ""
        return DefaultAction(self.text("url", values, at=at) or "", kind.upper() or "WEB_URL")

    def _button(self, at: str, data: Any) -> Button:
        values = self.fields(at, data, ("type", "title", "url", "payload"))
        return Button(
            (self.text("type", values, at=at) or "").lower(),
            self.text("title", values, at=at) or "",
            self.text("url", values, at=at),
            self.text("payload", values, at=at),
        )

    def _reply(self, at: str, data: Any) -> QuickReply:
        values = self.fields(at, data, ("type", "contentType", "title", "payload"))
        kind = self.text("type", values, at=at) or self.text("contentType", values, at=at) or "TEXT"
        return QuickReply(
            self.text("title", values, at=at) or "", self.text("payload", values, at=at) or "", kind.upper()
        )

    def _rows(self, at: str, value: Any) -> list[tuple[str, Any]]:
        if value is None:
            return []
        if not isinstance(value, list):
            self._note(at, "a JSON array", "A JSON array is needed here.")
            return []
        return [(f"{at}[{index}]", row) for index, row in enumerate(value)]

    def _constant(self, name: str, values: Mapping[str, Any], only: str) -> None:
        given = values.get(name)
        if given is not None and (not isinstance(given, str) or given.upper() != only.upper()):
            self._note(name, f"only {only}", f"{name} can only be {only}.")

    def _note(self, at: str, limit: str, message: str) -> None:
        self.problems.append(Problem(at, limit, _SOURCE, message))
