"""What is concluded from what every source said after a disconnect; nothing is asked and nothing is written here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from data.models import Disconnect
from data.types import DisconnectState
from services.patience import too_early

UNCONFIRMED = "unknown_outcome"
"""What a receipt's problem is when no answer came: nobody knows whether the request arrived."""
GONE, ALIVE, NOT_TOLD = "gone", "alive", "not_told"


class Told(NamedTuple):
    """What one source said afterwards of its connection of the account, and when its list was read."""

    connection: str
    source: str
    called: str
    said: str
    words: str
    at: datetime | None
    advice: str = ""

    def document(self) -> dict[str, Any]:
        """Give it as the receipt keeps it."""
        return self._asdict() | {"at": None if self.at is None else self.at.isoformat()}


@dataclass(frozen=True)
class Verdict:
    """How a disconnect stands by what every source said."""

    state: DisconnectState
    message: str
    advice: str
    told: tuple[Told, ...]


def judge(receipt: Disconnect, told: Sequence[Told]) -> Verdict:
    """Draw the conclusion from what every source said; `told` has one entry for each connection of the account."""
    every = tuple(told)
    own = next((each for each in every if each.connection == receipt.connection_id), None)
    alive = [each for each in every if each.said == ALIVE]
    doubted = [each for each in every if each.said == NOT_TOLD]
    settled = receipt.state not in {DisconnectState.SENDING, DisconnectState.UNKNOWN}
    if not settled and (own is None or own.said == NOT_TOLD):
        return _waiting(receipt, doubted, every)
    if own is not None and own.said == ALIVE and receipt.problem == UNCONFIRMED and not settled:
        return _unanswered(receipt, own, every)
    if alive:
        return _lives(alive, every)
    if doubted and settled:
        return Verdict(DisconnectState(receipt.state), receipt.message, receipt.advice, every)
    if doubted:
        return _waiting(receipt, doubted, every)
    words = "; ".join(f"{each.source} {each.words}" for each in every)
    return Verdict(DisconnectState.DISCONNECTED, f"Gone: {words}.", "", every)


def _waiting(receipt: Disconnect, doubted: Sequence[Told], told: tuple[Told, ...]) -> Verdict:
    """Say that it is not proven yet, and by whom not."""
    parts = "; ".join(f"{each.source} {each.words}" for each in doubted) or "its account is not known any more"
    said = "No clear answer came to the request" if receipt.problem == UNCONFIRMED else "It was sent"
    advice = "Nothing: they are asked again by themselves. The request is never sent twice."
    return Verdict(DisconnectState.UNKNOWN, f"{said}, and it is not proven yet: {parts}.", advice, told)


def _unanswered(receipt: Disconnect, own: Told, told: tuple[Told, ...]) -> Verdict:
    """Say of a request without an answer whose source still has the connection: too early to tell, or not done.

    One without a list never tells: it does not wait for ever, so that a person can go on.
    """
    if own.at is None:
        message = f"No clear answer came to the request, and {own.source} has no list that could tell what it did."
        advice = f"Look at {own.source} itself, or make a new plan: what is gone there already is told then."
        return Verdict(DisconnectState.REFUSED, message, advice, told)
    if too_early(receipt.changed_at, own.at):
        message = f"No clear answer came to the request, and {own.source} still {own.words}."
        advice = "Nothing: its list is read again in two minutes. The request is never sent twice."
        return Verdict(DisconnectState.UNKNOWN, message, advice, told)
    message = f"The request had no effect: {own.source} still {own.words}."
    return Verdict(DisconnectState.REFUSED, message, "Make a new plan to try it again.", told)


def _lives(alive: Sequence[Told], told: tuple[Told, ...]) -> Verdict:
    where = "; ".join(f"{each.source} {each.words}" for each in alive)
    return Verdict(DisconnectState.ALIVE, f"It lives on: {where}.", advice_for(alive), told)


def advice_for(alive: Sequence[Told]) -> str:
    """Say what to do where it lives on."""
    return " ".join(dict.fromkeys(f"{each.advice} Then sync {each.source}." for each in alive))
