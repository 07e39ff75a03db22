"""Hosts that lead inside: every address of a name is judged, beside the page, and none waits for a slow answer."""

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from services.messaging import addresses

PUBLIC = "93.184.216.34"
PRIVATE = (
    *("10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "127.0.0.1", "0.0.0.0", "224.0.0.1"),
    *("::1", "::", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "fec0::1"),
    *("::10.0.0.1", "64:ff9b:1::a00:1", "5f00::1"),
    *("64:ff9b:1::a00:1", "::127.0.0.1", "::ffff:0:a00:1", "5f00::1"),
)
Leads = Callable[[dict[str, list[str]]], list[str]]


@pytest.fixture
def leads(monkeypatch: pytest.MonkeyPatch) -> Iterator[Leads]:
    """Lets names lead to addresses, and notes what is looked up; any other name does not resolve."""

    def set_up(names: dict[str, list[str]]) -> list[str]:
        asked: list[str] = []

        def look_up(host: str, port: int, **_: Any) -> Any:
            asked.append(host)
            if host not in names:
                raise socket.gaierror(socket.EAI_NONAME, "unknown")
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in names[host]]

        monkeypatch.setattr(addresses.socket, "getaddrinfo", look_up)
        return asked

    addresses.forget()
    yield set_up
    addresses.forget()


@pytest.mark.parametrize("address", PRIVATE)
def test_a_name_leads_inside_when_any_of_its_addresses_is_not_public(leads: Leads, address: str) -> None:
    """FAULTS.md 84."""
    leads({"a.example.com": [PUBLIC, address], "b.example.com": [PUBLIC, "2606:2800:220:1::1"]})
    assert addresses.inside(["a.example.com", "b.example.com"]) == {"a.example.com"}


def test_a_name_that_does_not_resolve_does_not_lead_inside(leads: Leads) -> None:
    """contracts/README.md: the vendor fetches it, not we."""
    leads({})
    assert addresses.inside(["nowhere.example.com"]) == frozenset()


def test_a_name_is_looked_up_once_a_minute(leads: Leads, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = leads({"a.example.com": ["10.0.0.1"]})
    for _ in range(3):
        assert addresses.inside(["a.example.com", "a.example.com", "b.example.com"]) == {"a.example.com"}
    assert sorted(asked) == ["a.example.com", "b.example.com"]
    later = addresses.time.monotonic() + addresses.KEPT_FOR + 1
    monkeypatch.setattr(addresses.time, "monotonic", lambda: later)
    addresses.inside(["a.example.com"])
    assert asked.count("a.example.com") == 2


def test_nobody_waits_for_a_slow_answer_which_is_known_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    addresses.forget()
    begun, go_on = threading.Event(), threading.Event()

    def look_up(_host: str, port: int, **_: Any) -> Any:
        begun.set()
        go_on.wait(10)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", port))]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", look_up)
    assert addresses.inside(["slow.example.com"], patience=0.01) == frozenset()
    assert begun.wait(10)
    assert addresses.inside(["slow.example.com"], patience=0.01) == frozenset()
    go_on.set()
    assert addresses.inside(["slow.example.com"], patience=10) == {"slow.example.com"}
    addresses.forget()


def test_look_ups_are_limited_and_nobody_waits_for_one_that_does_not_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    addresses.forget()
    go_on, asked = threading.Event(), []

    def look_up(host: str, _port: int, **_: Any) -> Any:
        asked.append(host)
        go_on.wait(10)
        raise socket.gaierror

    monkeypatch.setattr(addresses.socket, "getaddrinfo", look_up)
    names = [f"{number}.example.com" for number in range(addresses.MOST_AT_ONCE + 20)]
    assert addresses.inside(names, patience=0.0) == frozenset()
    assert addresses.inside(["one.too.many.example.com"], patience=60) == frozenset()
    assert len(asked) <= addresses.MOST_AT_ONCE
    go_on.set()
    addresses.forget()
