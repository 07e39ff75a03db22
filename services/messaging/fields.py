"""How much each field of a message takes, and who says so: what a counter under it shows."""

import re
from typing import Final, Literal, NamedTuple

from services.vendors.imiconnect import limits


class Limit(NamedTuple):
    """The most that a field takes, in what unit, and whose rule that is."""

    most: int
    whose: str
    unit: Literal["characters", "bytes"] = "characters"


_LIMITS: Final = {
    "content": Limit(limits.TEXT_BYTES, "Meta", "bytes"),
    "template.title": Limit(limits.TITLE, "imiconnect"),
    "template.subtitle": Limit(limits.SUBTITLE, "imiconnect"),
    "template.buttons.title": Limit(limits.BUTTON_TITLE, "Meta, advice"),
    "template.buttons.payload": Limit(limits.PAYLOAD, "imiconnect"),
    "quickReplies.title": Limit(limits.QUICK_REPLY_TITLE, "imiconnect"),
    "quickReplies.payload": Limit(limits.PAYLOAD, "imiconnect"),
    "callbackData": Limit(limits.CALLBACK_DATA, "imiconnect"),
    "correlationId": Limit(limits.CORRELATION_ID, "imiconnect"),
}
_INDEX = re.compile(r"\[\d+\]")


def limit(path: str) -> Limit | None:
    """Give the limit of a field by its path ("template[0].title"); None for one that has no length of its own."""
    return _LIMITS.get(_INDEX.sub("", path))
