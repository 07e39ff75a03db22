"""Which addresses are allowed: a vendor's base URL, and where a person may be sent."""

from __future__ import annotations

import ipaddress
from typing import Any, Final
from urllib.parse import urlsplit

_GLOBAL_UNICAST: Final = ipaddress.ip_network("2000::/3")


def is_loopback(host: str | None) -> bool:
    """Whether a host name is this machine: localhost, or an address of the loopback range."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet; what wraps another one (6to4) is unwrapped.

    Of IPv6 that is global unicast: mapped, translated (NAT64) and site-local addresses stand outside of it.
    """
    place = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(place, "sixtofour", None) or place
    outside = place.version == 6 and place not in _GLOBAL_UNICAST  # noqa: PLR2004 (IPv6)
    return bool(inner.is_global and place.is_global and not inner.is_multicast and not outside)


def base_address(base_url: str) -> str:
    """The base URL without its last slash: https (http for loopback hosts only), a host, an optional prefix.

    Raises:
        ValueError: it is something else (with a sentence; the address is not repeated, it may hold a password).
    """
    try:
        parts = urlsplit(base_url.strip())
        host, _port = parts.hostname, parts.port
        (host or "").encode("idna")
    except ValueError:
        raise ValueError("the base URL is no valid address") from None
    if " " in base_url.strip() or not base_url.strip().isprintable() or "\\" in base_url:
        raise ValueError("the base URL holds a character that no address may hold")
    if not host or parts.scheme not in {"http", "https"}:
        raise ValueError("the base URL must be https:// and a host")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise ValueError("the base URL must hold no user, password, query or fragment")
    if parts.scheme == "http" and not is_loopback(host):
        raise ValueError("the base URL must use https; plain http is accepted for this machine only")
    return base_url.strip().rstrip("/")


def web_address(url: Any, *, hosts: frozenset[str], base_url: str) -> str | None:
    """An address that a person may be sent to, or None: https to one of the hosts (or below it) or the base URL's host.

    Plain http is accepted for loopback hosts, and only when the base URL is one itself (the sandbox).
    """
    if not isinstance(url, str) or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return None
    try:
        parts, own = urlsplit(url), urlsplit(base_url).hostname
        host, _port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or parts.username is not None or parts.password is not None:
        return None
    if is_loopback(host):
        return url if is_loopback(own) and parts.scheme in {"http", "https"} else None
    allowed = host == own or any(host == name or host.endswith(f".{name}") for name in hosts)
    return url if allowed and parts.scheme == "https" else None
