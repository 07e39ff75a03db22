"""Compares a vendor's list before an attempt with the list after it: what is new there, and whether it is ours."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


@dataclass(frozen=True)
class Listed:
    """An account as a vendor's list tells it; `live` says whether it can be used, None when the list does not tell."""

    id: str
    name: str
    live: bool | None = None


class Found(StrEnum):
    """What a comparison found."""

    CONNECTED = "connected"
    ANOTHER = "another"
    """An account that was not expected was connected."""
    THERE_BEFORE = "there_before"
    """The account that the vendor names was connected already: nothing new came."""
    STILL_DEAD = "still_dead"
    """The expected account is named as connected, and the list says that it still can't be used."""
    NOTHING = "nothing"


@dataclass(frozen=True)
class Finding:
    """What a comparison found, and the account it is about; `others` came in the meantime as well."""

    found: Found
    account: Listed | None = None
    others: tuple[Listed, ...] = ()


def kept(accounts: Iterable[Listed]) -> dict[str, Any]:
    """Give a list in the form in which an attempt keeps it."""
    return {each.id: [each.name, each.live] for each in accounts}


def compare(
    before: Mapping[str, Any],
    accounts: Iterable[Listed],
    *,
    expects: str | None = None,
    told: str | None = None,
    taken: Iterable[str] = (),
) -> Finding:
    """Say what came of an attempt: `expects` is the account to reconnect, `told` the one that was said to be connected.

    `taken` are accounts that ended other attempts meanwhile. What was said counts only for what the list holds.
    """
    now = {each.id: each for each in accounts}
    named = now.get(told or "")
    claimed = set(taken) - {told}
    came = [each for each in now.values() if _came(before, each) and each.id not in claimed]
    if expects is not None:
        return _reconnected(now.get(expects), came, named)
    if named is not None and named not in came:
        return Finding(Found.THERE_BEFORE, named)
    came.sort(key=lambda each: each is not named)
    return Finding(Found.CONNECTED, came[0], tuple(came[1:])) if came else Finding(Found.NOTHING)


def _came(before: Mapping[str, Any], account: Listed) -> bool:
    """Tell whether an account is new and usable, or was there before and became usable."""
    if account.live is False:
        return False
    return account.id not in before or (account.live is True and before[account.id][1] is False)


def _reconnected(expected: Listed | None, came: list[Listed], named: Listed | None) -> Finding:
    """Judge a reconnect: the expected account, named by the vendor or come back to life, or another one instead."""
    if expected is not None and (expected is named or (named is None and expected in came)):
        return Finding(Found.STILL_DEAD if expected.live is False else Found.CONNECTED, expected)
    other = named or next(iter(came), None)
    return Finding(Found.NOTHING, expected) if other is None else Finding(Found.ANOTHER, other)
