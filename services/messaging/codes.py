"""The vendor's codes in words: what each says of a message, and what a person can do about it.

The sentences are those that the client refuses with (`services.vendors.imiconnect.CODES`): most tell what to do behind
their colon. Here is what the others leave open.
"""

from typing import Final, NamedTuple

from services.vendors.errors import Unauthorised
from services.vendors.imiconnect import CODES

DUPLICATE: Final = "7306"
_LATER: Final = "Send a new attempt later. If it stays, ask the vendor's support and name the transaction id."
_AGAIN: Final = "Send a new attempt if the message is still wanted."
_ADVICE: Final = {
    "7003": "Fill in the field that the vendor names, then send a new attempt.",
    "7004": "Correct the field that the vendor names, then send a new attempt.",
    "7006": _LATER,
    "7009": "Send to one recipient at a time.",
    "7010": _LATER,
    "7011": _LATER,
    "7200": "Wait for its callback, or look at the vendor.",
    "7301": _AGAIN,
    "7303": "Whether it arrived is told by nobody: look into the conversation on Instagram.",
    "7306": "Nothing is to be done: wait for the callbacks of the earlier attempt.",
    "7307": _LATER,
    "7526": (
        "Wait for the person's next message; if they have written within 24 hours, give the app its permission to send"
        " messages at Instagram."
    ),
}
_TOLD: Final = {
    "1001": "The vendor took the message.",
    "7500": "It was delivered.",
    "7501": "It was handed on to Instagram.",
    "7502": "It was read.",
}


class Told(NamedTuple):
    """What a code says, and what to do; `known` is False for one that no document names."""

    words: str
    advice: str
    known: bool = True


def told(code: str | None, words: str = "") -> Told:
    """Give what a code says in words; `words` are the vendor's own, which stand in for those of an unknown one."""
    own = f" In its own words: {words}" if words else ""
    if not code:
        return Told(f"The vendor gave no code.{own}", "", known=False)
    if code in _TOLD:
        return Told(_TOLD[code], "")
    if code in CODES:
        sentence = CODES[code][1]
        says, _, do = sentence.partition(": ")
        return Told(sentence, _ADVICE[code]) if code in _ADVICE else Told(f"{says}.", f"{do[:1].upper()}{do[1:]}")
    return Told(f"The vendor told the code {code}, which none of its documents names.{own}", "", known=False)


def without_advice(sentence: str, code: str | None) -> str:
    """Give an error's sentence with no more than what happened: what a code advises stands apart from it."""
    return sentence.replace(CODES[code][1], told(code).words.rstrip(".")) if code and code in CODES else sentence


def is_about_credentials(code: str | None) -> bool:
    """Tell whether a code says that the source's credentials are refused: no message of it gets through then."""
    return code is not None and code in CODES and issubclass(CODES[code][0], Unauthorised)
