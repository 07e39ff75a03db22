"""What the fields of a form to connect may hold; what is wrong is said without repeating what was typed."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

from data.types import Kind
from services.extra import is_web
from services.failures import Misuse

LONGEST_TOKEN: Final = 4_096
LONGEST_ID: Final = 200
LONGEST_NAME: Final = 200
LONGEST_URL: Final = 2_000
MOST_FOLLOWERS: Final = 10**11
_DIGITS: Final = re.compile(r"[0-9]{3,30}", re.ASCII)
_HANDLE: Final = re.compile(r"@?[A-Za-z0-9._]{1,60}", re.ASCII)

Rule = Callable[[str], str | None]
"""Gives a sentence when a value can't be taken."""
Faults = Mapping[str, str]
"""What is wrong, by field; nothing when all can be sent."""


class Part(NamedTuple):
    """One account of a form: where it is, the platform's own id of it, and how people call it."""

    platform: str
    kind: Kind
    own: str
    name: str


def token(value: str) -> str | None:
    """Judge an access token: one word of signs that a header could hold."""
    if not value:
        return "The access token is missing."
    if len(value) > LONGEST_TOKEN:
        return f"The access token is longer than {LONGEST_TOKEN:,} characters: something else was pasted."
    if not value.isascii() or not value.isprintable() or " " in value:
        return "The access token holds a space or a sign that no token holds: copy it again."
    return None


def digits(what: str) -> Rule:
    """Judge a platform's own id that is a number."""
    return lambda value: None if _DIGITS.fullmatch(value) else f"{what} is a number of 3 to 30 digits."


def handle(value: str) -> str | None:
    """Judge an Instagram user name."""
    return None if _HANDLE.fullmatch(value) else "The user name is made of letters, digits, dots and underscores."


def own_id(what: str) -> Rule:
    """Judge a platform's own id or handle: one printable word."""

    def judge(value: str) -> str | None:
        if not value:
            return f"{what} is missing."
        if len(value) > LONGEST_ID:
            return f"{what} has at most {LONGEST_ID} characters."
        return None if value.isprintable() and " " not in value else f"{what} is one word without spaces."

    return judge


def name(what: str) -> Rule:
    """Judge a name or a word that people read."""

    def judge(value: str) -> str | None:
        if not value:
            return f"{what} is missing."
        if len(value) > LONGEST_NAME:
            return f"{what} has at most {LONGEST_NAME} characters."
        return None if value.isprintable() else f"{what} holds a control character: type it again."

    return judge


def url(value: str) -> str | None:
    """Judge the address of a profile."""
    if len(value) <= LONGEST_URL and value.isprintable() and is_web(value):
        return None
    return f"The address begins with https:// or http:// and has at most {LONGEST_URL:,} characters."


def picture(value: str) -> str | None:
    """Judge the address of a picture, which may be left out."""
    return url(value) if value else None


def number(value: str) -> str | None:
    """Judge a figure as it is typed: a whole number."""
    if value.isascii() and value.isdigit() and len(value) <= len(str(MOST_FOLLOWERS)) and int(value) <= MOST_FOLLOWERS:
        return None
    return "It is a whole number, 0 or more, without points or commas."


def one_of(what: str, allowed: Iterable[str]) -> Rule:
    """Judge a choice."""
    words = tuple(allowed)

    def judge(value: str) -> str | None:
        if not value:
            return f"{what} is missing: choose one."
        return None if value in words else f"{what} is one of {', '.join(words)}."

    return judge


def faults(values: Mapping[str, str], rules: Mapping[str, Rule]) -> dict[str, str]:
    """Give what is wrong with each field."""
    found = ((field, rules[field](value)) for field, value in values.items())
    return {field: sentence for field, sentence in found if sentence is not None}


def refuse(wrong: Faults) -> None:
    """Raise Misuse that names every wrong field, when there is one; nothing was sent then."""
    if wrong:
        told = " ".join(f"{field}: {sentence}" for field, sentence in wrong.items())
        raise Misuse(f"Nothing was sent. {told}", "Correct what is named and try again.")
