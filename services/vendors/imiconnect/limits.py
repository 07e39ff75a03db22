"""Every limit of a message, checked before anything leaves; a problem names its field, the limit and who set it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import urlsplit

from services.vendors._http import is_loopback
from services.vendors.imiconnect.addresses import host_of, is_https, is_name, is_number
from services.vendors.imiconnect.message import Button, Card, Media, Message, QuickReply, Sticker, Template, Text

TEXT_BYTES: Final = 1000
CARDS: Final = 10
TITLE: Final = 80
SUBTITLE: Final = 80
BUTTONS: Final = 3
BUTTON_TITLE: Final = 20
QUICK_REPLIES: Final = 10
META_QUICK_REPLIES: Final = 13
"""What Meta itself takes; the vendor between passes fewer on."""
QUICK_REPLY_TITLE: Final = 20
PAYLOAD: Final = 1000
CALLBACK_DATA: Final = 2000
CORRELATION_ID: Final = 255
STICKER: Final = "like_heart"
BUTTON_TYPES: Final = ("web_url", "postback")

_TEXT = "imiconnect document, Instagram Text Message"
_TEMPLATE = "imiconnect document, Instagram Generic Template"
_BUTTONS = "imiconnect document, Buttons object"
_REPLIES = "imiconnect document, quickReplies"
_MEDIA = "imiconnect document, Media"
_STICKER = "imiconnect document, Sticker"
_META_TEXT = "Meta, Instagram send-message page"
_META_CARD = "Meta, Instagram generic template"
_META_MEDIA = "Meta, Instagram image formats"
_META_ADDRESS = "Meta, addresses must be valid and https"
_CALLBACK = "imiconnect, SMS message API"
_OURS = "Patchbay, only public hosts"
_IMAGES = frozenset({".png", ".jpg", ".jpeg"})
_NO_IMAGES = frozenset({
    ".mp4", ".mov", ".avi", ".webm", ".mkv", ".mp3", ".wav", ".ogg", ".m4a", ".aac", ".pdf", ".doc", ".docx", ".zip",
    ".txt", ".html", ".htm", ".gif", ".webp", ".svg", ".bmp", ".tif", ".tiff", ".heic", ".ico", ".exe", ".csv",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a message cannot be sent: the field as in the body, the limit, its source, and a sentence."""

    field: str
    limit: str
    source: str
    message: str


def validate(message: Message) -> list[Problem]:
    """All problems of a message; an empty list means that it may leave."""
    found = list(_content(message))
    found += _replies(message.quick_replies)
    return found


def advice(message: Message) -> list[Problem]:
    """What may be cut or look odd, but does not stop a message: button captions over 20 characters."""
    cards = message.cards if isinstance(message, Template) else ()
    return [
        Problem(
            f"template[{i}].buttons[{j}].title",
            f"at most {BUTTON_TITLE} characters",
            "Meta, Messenger buttons (not in the document)",
            f"The caption has {len(button.title)} characters; after {BUTTON_TITLE} it may be cut.",
        )
        for i, card in enumerate(cards)
        for j, button in enumerate(card.buttons)
        if len(button.title) > BUTTON_TITLE
    ]


def validate_envelope(
    *, to: str, app_id: str, callback_url: str, correlation_id: str, callback_data: str | None
) -> list[Problem]:
    """The problems of what stands around a message: sender, recipient, callback."""
    found: list[Problem] = []
    for name, value, source in (
        ("from", app_id, _TEXT),
        ("to", to, _TEXT),
        ("correlationId", correlation_id, _CALLBACK),
    ):
        if not value.strip() or not value.isprintable():
            found.append(Problem(name, "required", source, f"{name} is missing or holds control characters."))
    if len(correlation_id) > CORRELATION_ID:
        found.append(_too_long("correlationId", len(correlation_id), CORRELATION_ID, _CALLBACK))
    if callback_data is not None and len(callback_data) > CALLBACK_DATA:
        found.append(_too_long("callbackData", len(callback_data), CALLBACK_DATA, _CALLBACK))
    found += _whole("callbackData", callback_data or "")
    if not _is_callback(callback_url):
        words = "The callback address must be https (http only for this machine)."
        found.append(Problem("callbackUrl", "an https address", "imiconnect, delivery callbacks", words))
    return found


def _content(message: Message) -> Iterator[Problem]:
    match message:
        case Text():
            yield from _words(message.content, _TEXT)
        case Template():
            yield from _words(message.content, _TEMPLATE)
            yield from _cards(message.cards)
        case Media():
            yield from _address("url", message.url, _MEDIA)
            yield from _image("url", message.url)
        case Sticker():
            if message.type != STICKER:
                words = f"The channel knows only the sticker {STICKER}."
                yield Problem("type", f"only {STICKER}", _STICKER, words)


def _words(content: str, source: str) -> Iterator[Problem]:
    if not content.strip():
        yield Problem("content", "required", source, "The text is missing.")
    size = len(content.encode("utf-8", "replace"))
    if size > TEXT_BYTES:
        words = f"The text has {size} bytes in UTF-8 ({len(content)} characters); {TEXT_BYTES} bytes are allowed."
        yield Problem("content", f"at most {TEXT_BYTES} bytes in UTF-8", _META_TEXT, words)
    yield from _whole("content", content)


def _cards(cards: tuple[Card, ...]) -> Iterator[Problem]:
    if not cards:
        yield Problem("template", "at least 1 card", _TEMPLATE, "A template needs at least one card.")
    if len(cards) > CARDS:
        yield Problem(
            "template", f"at most {CARDS} cards", _TEMPLATE, f"There are {len(cards)} cards; {CARDS} are allowed."
        )
    for index, card in enumerate(cards):
        yield from _card(f"template[{index}]", card)


def _card(at: str, card: Card) -> Iterator[Problem]:
    yield from _caption(f"{at}.title", card.title, TITLE, _BUTTONS)
    if card.subtitle is not None and len(card.subtitle) > SUBTITLE:
        yield _too_long(f"{at}.subtitle", len(card.subtitle), SUBTITLE, _BUTTONS)
    yield from _whole(f"{at}.subtitle", card.subtitle or "")
    if card.image_url is not None:
        yield from _address(f"{at}.imageUrl", card.image_url, _BUTTONS)
        yield from _image(f"{at}.imageUrl", card.image_url)
    if card.default_action is not None:
        if card.default_action.type.upper() != "WEB_URL":
            yield Problem(f"{at}.defaultAction.type", "WEB_URL", _BUTTONS, "The default action's type must be WEB_URL.")
        yield from _address(f"{at}.defaultAction.url", card.default_action.url, _BUTTONS)
    if not (card.subtitle or card.image_url or card.default_action or card.buttons):
        words = "A card needs something besides its title: a subtitle, an image, a default action or a button."
        yield Problem(at, "at least one property besides the title", _META_CARD, words)
    if len(card.buttons) > BUTTONS:
        words = f"The card has {len(card.buttons)} buttons; {BUTTONS} are allowed."
        yield Problem(f"{at}.buttons", f"at most {BUTTONS} buttons", _BUTTONS, words)
    for index, button in enumerate(card.buttons):
        yield from _button(f"{at}.buttons[{index}]", button)


def _button(at: str, button: Button) -> Iterator[Problem]:
    if not button.title.strip():
        yield Problem(f"{at}.title", "required", _BUTTONS, "The button's caption is missing.")
    yield from _whole(f"{at}.title", button.title)
    kind = button.type.lower()
    if kind not in BUTTON_TYPES:
        yield Problem(f"{at}.type", "web_url or postback", _META_CARD, "A button's type must be web_url or postback.")
    if kind == "web_url":
        yield from _address(f"{at}.url", button.url or "", _BUTTONS)
    if kind == "postback":
        yield from _payload(f"{at}.payload", button.payload or "", _BUTTONS)
    other = {"web_url": ("payload", button.payload), "postback": ("url", button.url)}.get(kind)
    if other is not None and other[1] is not None:
        yield Problem(f"{at}.{other[0]}", f"no field of {kind}", _META_CARD, f"A {kind} button has no {other[0]}.")


def _replies(replies: tuple[QuickReply, ...]) -> Iterator[Problem]:
    if len(replies) > QUICK_REPLIES:
        words = f"There are {len(replies)} quick replies; {QUICK_REPLIES} are allowed (Meta: {META_QUICK_REPLIES})."
        yield Problem("quickReplies", f"at most {QUICK_REPLIES} quick replies", _REPLIES, words)
    for index, reply in enumerate(replies):
        at = f"quickReplies[{index}]"
        if reply.type.upper() != "TEXT":
            yield Problem(f"{at}.type", "TEXT", _REPLIES, "A quick reply can only be a text.")
        yield from _caption(f"{at}.title", reply.title, QUICK_REPLY_TITLE, _REPLIES)
        yield from _payload(f"{at}.payload", reply.payload, _REPLIES)


def _caption(at: str, text: str, most: int, source: str) -> Iterator[Problem]:
    if not text.strip():
        yield Problem(at, "required", source, "The title is missing.")
    if len(text) > most:
        yield _too_long(at, len(text), most, source)
    yield from _whole(at, text)


def _payload(at: str, text: str, source: str) -> Iterator[Problem]:
    if not text.strip():
        yield Problem(at, "required", source, "The payload, which comes back when it is tapped, is missing.")
    if len(text) > PAYLOAD:
        yield _too_long(at, len(text), PAYLOAD, _REPLIES)
    yield from _whole(at, text)


def _address(at: str, url: str, source: str) -> Iterator[Problem]:
    host = host_of(url)
    if not url:
        yield Problem(at, "required", source, "The address is missing.")
    elif host is None:
        words = f"“{url[:60]}” is no whole address: it must begin with https:// and name a host."
        yield Problem(at, "an https:// address", _META_ADDRESS, words)
    elif is_number(host):
        yield Problem(at, "a host by its name", _OURS, f"{host[:60]} is a number (an IP address), not a host's name.")
    elif not is_name(host):
        yield Problem(at, "a public host", _OURS, f"{host[:60]} is no name that the public can reach.")


def _image(at: str, url: str) -> Iterator[Problem]:
    """Only png and jpeg; an address without a telling ending is left to the vendor."""
    try:
        suffix = PurePosixPath(urlsplit(url).path).suffix.lower()
    except ValueError:
        return
    if suffix in _NO_IMAGES and suffix not in _IMAGES:
        yield Problem(
            at, "an image (png or jpeg)", f"{_MEDIA}; {_META_MEDIA}", f"The channel sends png and jpeg, not {suffix}."
        )


def _whole(at: str, text: str) -> Iterator[Problem]:
    """Half a surrogate pair cannot be sent at all."""
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        yield Problem(at, "valid Unicode", "JSON in UTF-8", "The text holds half of a character; type it anew.")


def _too_long(at: str, size: int, most: int, source: str) -> Problem:
    return Problem(at, f"at most {most} characters", source, f"It has {size} characters; {most} are allowed.")


def _is_callback(url: str) -> bool:
    if is_https(url):
        return True
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "http" and is_loopback(parts.hostname) and url.isprintable() and " " not in url
