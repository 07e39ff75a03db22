"""What can be said to a recipient: a text, a template of cards, an image or a sticker, each with quick replies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class QuickReply:
    """A button above the text field: its caption, and what comes back when it is tapped."""

    title: str
    payload: str
    type: str = "TEXT"


@dataclass(frozen=True, slots=True)
class Button:
    """A button of a card: `web_url` opens `url`, `postback` sends `payload` back."""

    type: str
    title: str
    url: str | None = None
    payload: str | None = None


@dataclass(frozen=True, slots=True)
class DefaultAction:
    """What opens when a card is tapped."""

    url: str
    type: str = "WEB_URL"


@dataclass(frozen=True, slots=True)
class Card:
    """One card of a template."""

    title: str
    subtitle: str | None = None
    image_url: str | None = None
    default_action: DefaultAction | None = None
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """A text message."""

    content_type: ClassVar[str] = "TEXT"
    content: str
    quick_replies: tuple[QuickReply, ...] = ()


@dataclass(frozen=True, slots=True)
class Template:
    """Cards that scroll sideways, with a text for where they cannot be shown."""

    content_type: ClassVar[str] = "TEMPLATE"
    content: str
    cards: tuple[Card, ...]
    quick_replies: tuple[QuickReply, ...] = ()


@dataclass(frozen=True, slots=True)
class Media:
    """An image, by its address (the vendor fetches it)."""

    content_type: ClassVar[str] = "MEDIA"
    url: str
    quick_replies: tuple[QuickReply, ...] = ()


@dataclass(frozen=True, slots=True)
class Sticker:
    """A sticker; the channel knows one, the heart."""

    content_type: ClassVar[str] = "STICKER"
    type: str = "like_heart"
    quick_replies: tuple[QuickReply, ...] = ()


Message = Text | Template | Media | Sticker
