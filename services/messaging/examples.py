"""The five sample bodies of the imiconnect document, word for word, and the fixes that are surely meant."""

import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from services.messaging import editing, wire
from services.vendors.imiconnect import Problem, is_shown

_AROUND: Final = {
    "callbackData": "customerID123|1234|new_sale",
    "correlationId": wire.SAMPLE_ID,
    "notificationType": "REGULAR",
    "messagingType": "RESPONSE",
}
_BETWEEN: Final = {"from": "a_637921640978680000", "to": "7947908538583264"}
_START: Final = {"type": "postback", "title": "Start Chatting", "payload": "DEVELOPER_DEFINED_PAYLOAD"}
_LETTERS: Final = (
    "A while back I needed to count the amount of letters that a piece of text in an email template had"
    " (to avoid passing any character limits). Unfortunately"
)
_CARD: Final = {
    "title": "Welcome!",
    "subtitle": "We have the right hat for everyone.",
    "imageUrl": "https://sample-videos.com/img/Sample-jpg-image-2mb.jpg",
    "defaultAction": {"type": "WEB_URL", "url": "https://www.originalcoastclothing.com"},
    "buttons": [{"type": "web_url", "url": "www.google.com", "title": "View Website"}, _START, _START],
}
_IMAGE: Final = "https://www.learningcontainer.com/wp-content/uploads/2020/08/Sample-Image-file-Download.png"
_REPLIES: Final = [
    {"type": "TEXT", "title": "Confirm", "payload": "confirm"},
    {"type": "TEXT", "title": "Cancel", "payload": "cancel"},
]
_INSPECTED: Final = "https://requestinspector.com/inspect/"
_CALLBACK: Final = "https://my.website.com/callback"


@dataclass(frozen=True, slots=True)
class Example:
    """A sample of the document: what the composer calls it, and the whole body as it stands there."""

    name: str
    document: Mapping[str, Any]

    @property
    def body(self) -> dict[str, Any]:
        """Give what a draft takes of it: all that is a person's to say, without the correlation id of the samples."""
        kept = {name: value for name, value in wire.own(self.document).items() if value != wire.SAMPLE_ID}
        return deepcopy(kept)


EXAMPLES: Final = (
    Example(
        "Text",
        {"content": _LETTERS, "contentType": "TEXT", **_BETWEEN}
        | {"callbackUrl": f"{_INSPECTED}01g1mv0mvndfpy19bc009tqvh6", **_AROUND},
    ),
    Example(
        "Carousel",
        {"content": "hello", "contentType": "TEMPLATE", **_BETWEEN}
        | {"callbackUrl": _CALLBACK, **_AROUND, "template": [_CARD]},
    ),
    Example(
        "Image",
        {"url": _IMAGE, "contentType": "MEDIA", **_BETWEEN}
        | {"callbackUrl": f"{_INSPECTED}01g6t5dkqvhr2fy7nwp60y17hn", **_AROUND},
    ),
    Example(
        "Heart",
        {"type": "like_heart", "contentType": "STICKER", **_BETWEEN, "callbackUrl": _CALLBACK, **_AROUND},
    ),
    Example(
        "Text with quick replies",
        {"content": "Please confirm to proceed.", "contentType": "TEXT", "from": "app-id", "to": "igsid"}
        | {"callbackUrl": _CALLBACK, **_AROUND, "quickReplies": _REPLIES},
    ),
)
"""The samples, in the order of the document."""


@dataclass(frozen=True, slots=True)
class Fix:
    """One press that mends a field: the text that it would hold then."""

    field: str
    value: str

    @property
    def words(self) -> str:
        """Say what the press does."""
        return f"Use {self.value}"


def suggestion(problem: Problem, body: Mapping[str, Any]) -> Fix | None:
    """Give the fix of a problem where it is sure what was meant: an address that lacks https://."""
    if problem.field.rpartition(".")[2] not in {"url", "imageUrl"}:
        return None
    text = editing.text(dict(body), problem.field)
    bare = re.sub(r"\A(?:http:)?//", "", text.strip(), flags=re.IGNORECASE)
    named = ":" not in bare.partition("/")[0]  # no other scheme, and no port, of which http has another
    meant = f"https://{bare}" if named else bare
    return Fix(problem.field, meant) if meant != text and is_shown(meant) else None
