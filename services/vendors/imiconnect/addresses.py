"""Which addresses a message may hold: https, to a host that has a public name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from services.vendors.imiconnect.message import Media, Message, Template

_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_INSIDE: Final = ("localhost", "localdomain", "local", "internal", "home.arpa")
"""Endings that no public name has (RFC 6761, 6762, 8375, and ICANN for `internal`)."""
_LONGEST: Final = 253


def is_https(url: str) -> bool:
    """Whether an address is https with a host, without spaces, control characters or a user in it."""
    if any(character.isspace() or not character.isprintable() for character in url) or "\\" in url:
        return False
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and parts.username is None and parts.password is None


def host_of(url: str) -> str | None:
    """The host of an https address as it is looked up: ASCII, small letters, no last dot; None when it has none."""
    if not is_https(url):
        return None
    try:
        return (urlsplit(url).hostname or "").encode("idna").decode("ascii").lower().removesuffix(".") or None
    except UnicodeError:
        return None


def is_number(host: str) -> bool:
    """Whether a host is an IP address, in any of the forms that browsers read (`127.1`, `0x7f000001`, `[::1]`)."""
    return ":" in host or _NUMBER.fullmatch(host.rpartition(".")[2]) is not None


def is_name(host: str) -> bool:
    """Whether a host can be the name of a public one: labels with a dot between, no ending of a private network."""
    labels = host.split(".")
    valid = len(host) <= _LONGEST and len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels)
    return valid and not any(host == ending or host.endswith(f".{ending}") for ending in _INSIDE)


def is_shown(url: str) -> bool:
    """Whether an address is https and names a host that can be a public one."""
    host = host_of(url)
    return host is not None and not is_number(host) and is_name(host)


def addresses_of(message: Message) -> Iterator[tuple[str, str]]:
    """Every address of a message, with the field that it stands in."""
    if isinstance(message, Media):
        yield "url", message.url
    for i, card in enumerate(message.cards if isinstance(message, Template) else ()):
        if card.image_url is not None:
            yield f"template[{i}].imageUrl", card.image_url
        if card.default_action is not None:
            yield f"template[{i}].defaultAction.url", card.default_action.url
        for j, button in enumerate(card.buttons):
            if button.url is not None:
                yield f"template[{i}].buttons[{j}].url", button.url
