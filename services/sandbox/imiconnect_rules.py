"""What imiconnect refuses: the limits of document imiconnect.txt (lines named), plus Meta's where it names none."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

FAMILIES = ("TEXT", "TEMPLATE", "MEDIA", "STICKER")
_TEXT_BYTES, _DATA = 1000, 2000
_CARDS, _TITLE, _BUTTONS = 10, 80, 3
_REPLIES, _REPLY_TITLE, _PAYLOAD = 10, 20, 1000
_HTTPS = re.compile(r"https://[^/?#]*(?P<path>[^?#]*)", re.IGNORECASE)
_NO_IMAGE = re.compile(r"\.(mp4|mov|avi|mp3|wav|pdf|zip|m4a|ogg)$", re.IGNORECASE)
Problems = Iterator[str]


def problems(body: Mapping[str, Any]) -> list[str]:
    """Every reason to refuse a message, in words that begin with the field."""
    return [*_envelope(body), *_content(body), *_quick_replies(body.get("quickReplies"))]


def _envelope(body: Mapping[str, Any]) -> Problems:
    for name in ("from", "to", "contentType"):
        if not _is_text(body.get(name)):
            yield f"{name} is mandatory"
    if body.get("notificationType", "REGULAR") != "REGULAR":
        yield "notificationType must be REGULAR"
    if body.get("messagingType", "RESPONSE") != "RESPONSE":
        yield "messagingType must be RESPONSE"
    if len(str(body.get("callbackData", ""))) > _DATA:
        yield f"callbackData has a limit of {_DATA} characters"
    if "callbackUrl" in body and not str(body["callbackUrl"]).startswith(("https://", "http://")):
        yield "callbackUrl must be a URL"


def _content(body: Mapping[str, Any]) -> Problems:
    check = _CONTENT.get(str(body.get("contentType", "")).upper())
    if check is None:
        yield f"contentType must be one of {', '.join(FAMILIES)}"
        return
    yield from check(body)


def _text(body: Mapping[str, Any]) -> Problems:
    """Lines 117 to 128."""
    content = body.get("content")
    if not _is_text(content):
        yield "content is mandatory"
    elif len(str(content).encode("utf-8", "replace")) > _TEXT_BYTES:
        yield f"content has a limit of {_TEXT_BYTES} bytes"


def _template(body: Mapping[str, Any]) -> Problems:
    """Lines 130 to 160; the sample's array, or the table's object with `elements`."""
    cards = body.get("template")
    if isinstance(cards, dict):
        cards = cards.get("elements")
    if not isinstance(cards, list) or not cards:
        yield "template is mandatory"
        return
    if len(cards) > _CARDS:
        yield f"template has a limit of {_CARDS} images"
    for card in cards:
        yield from _card(card if isinstance(card, dict) else {})


def _card(card: Mapping[str, Any]) -> Problems:
    if not _is_text(card.get("title")):
        yield "template title is mandatory"
    for name in ("title", "subtitle"):
        if len(str(card.get(name) or "")) > _TITLE:
            yield f"template {name} has a limit of {_TITLE} characters"
    action = card.get("defaultAction")
    if action is not None and not (isinstance(action, dict) and _is_text(action.get("url"))):
        yield "defaultAction url is mandatory"
    buttons = card.get("buttons") or []
    if not isinstance(buttons, list) or len(buttons) > _BUTTONS:
        yield f"buttons is an array with a limit of {_BUTTONS}"
        return
    for button in buttons:
        yield from _button(button if isinstance(button, dict) else {})


def _button(button: Mapping[str, Any]) -> Problems:
    kind = str(button.get("type", "")).lower()
    needed = {"web_url": "url", "postback": "payload"}.get(kind)
    if needed is None:
        yield "button type must be web_url or postback"
    elif not _is_text(button.get(needed)):
        yield f"button {needed} is mandatory"
    if not _is_text(button.get("title")):
        yield "button title is mandatory"


def _media(body: Mapping[str, Any]) -> Problems:
    """Lines 171 to 176: images only."""
    url = body.get("url")
    address = _HTTPS.match(url) if isinstance(url, str) else None
    if address is None:
        yield "url must be an https URL of an image"
    elif _NO_IMAGE.search(address["path"]):
        yield "url: the channel only supports image at the moment"


def _sticker(body: Mapping[str, Any]) -> Problems:
    """Lines 178 to 183."""
    if body.get("type") != "like_heart":
        yield "type must be like_heart"


def _quick_replies(replies: Any) -> Problems:
    """Lines 162 to 169; `type` as in the sample or `content_type` as in the table."""
    if replies is None:
        return
    if not isinstance(replies, list) or len(replies) > _REPLIES:
        yield f"quickReplies is an array with a limit of {_REPLIES}"
        return
    for reply in replies:
        told = reply if isinstance(reply, dict) else {}
        if str(told.get("type") or told.get("content_type") or "").upper() != "TEXT":
            yield "quickReplies type must be TEXT"
        for name, limit in (("title", _REPLY_TITLE), ("payload", _PAYLOAD)):
            if not _is_text(told.get(name)):
                yield f"quickReplies {name} is mandatory"
            elif len(told[name]) > limit:
                yield f"quickReplies {name} has a limit of {limit} characters"


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


_CONTENT: Mapping[str, Callable[[Mapping[str, Any]], Problems]] = {
    "TEXT": _text,
    "TEMPLATE": _template,
    "MEDIA": _media,
    "STICKER": _sticker,
}
