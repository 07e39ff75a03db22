"""What the sign-in window of HighLevel says: believed by its origin and shape only, kept, and then asked about.

Everything else that arrives (another origin, another page, another platform, a second account) is counted and ignored.
"""

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlsplit

from data import sources
from data.models import Attempt, Source
from data.store import Session, now
from data.types import AttemptState, Origin, Vendor
from services import pretended
from services.access import Actor, Permission, requires
from services.connecting import attempts, flows
from services.connecting.confirming import source_of
from services.desk import Desk
from services.failures import Failure, Misuse
from services.vendors.highlevel import PopupMessage, popup_message

KNOWN_ORIGINS: Final = (
    "https://app.gohighlevel.com",
    "https://app.leadconnectorhq.com",
    "https://app.msgsndr.com",
    "https://services.leadconnectorhq.com",
    "https://services.msgsndr.com",
)
"""Where HighLevel's own pages are served; no document names one (contracts/README.md, 0.3)."""
_S = AttemptState


def origins(source: Source) -> tuple[str, ...]:
    """Give the origins whose message about a source is believed."""
    if source.origin == Origin.SANDBOX:
        return _origins([pretended.address(Vendor.HIGHLEVEL)])
    given = str(source.options.get("message_origins") or "")
    return _origins(given.split(",")) if given.strip() else _origins([source.base_url, *KNOWN_ORIGINS])


def origins_of(desk: Desk, key: str) -> tuple[str, ...]:
    """Give the origins that may speak for an attempt; none for an unknown key or another vendor's.

    A page asks while it is drawn, so a source that was switched off meanwhile is no failure yet.
    """
    attempt = attempts.by_key(desk, key)
    if attempt is None:
        return ()
    with desk.store.reading() as session:
        source = sources.by_id(session, attempt.source_id)
    return origins(source) if source is not None and source.vendor == Vendor.HIGHLEVEL.value else ()


@requires(Permission.CONNECT, "attempt.heard", "an attempt to connect")
def heard(desk: Desk, actor: Actor, key: str, origin: str, data: Any) -> Attempt:
    """Take what the window said, and ask HighLevel about it; whatever is not to be believed changes nothing."""
    attempt = attempts.of_person(desk, actor, key)
    source = source_of(desk, attempt)
    believed = origin in origins(source) and source.vendor == Vendor.HIGHLEVEL.value
    message = popup_message(data) if believed else None
    with desk.store.writing() as session:
        found = attempts.in_work(session, attempt.id or 0)
        if not _take(session, found, message):
            return found
    return flows.settle(desk, found, by="message", actor=actor)


@requires(Permission.CONNECT, "attempt.choose", "an attempt to connect")
def choose(desk: Desk, actor: Actor, key: str, account: str) -> Attempt:
    """Choose which of the offered accounts is connected; the same choice again changes nothing.

    Raises Misuse for an account that was not offered, Failure when the attempt has ended otherwise.
    """
    number = attempts.of_person(desk, actor, key).id or 0
    with desk.store.writing() as session:
        found = attempts.in_work(session, number)
        if (found.told or {}).get("chosen") != account:
            _choose(session, found, actor, account)
    return flows.settle(desk, found, by="message", actor=actor)


def _choose(session: Session, attempt: Attempt, actor: Actor, account: str) -> None:
    offered = {each["id"]: each["name"] for each in (attempt.told or {}).get("offered") or ()}
    if not attempts.is_open(attempt):
        raise Failure("state", f"This attempt has ended. {attempt.message}", attempt.advice)
    if account not in offered:
        raise Misuse("That account was not offered by the sign-in.", "Choose one of the accounts in the list.")
    attempts.remember(attempt, chosen=account)
    attempts.note(session, attempt, actor.username, f"Chose {offered[account]}.")


def _take(session: Session, attempt: Attempt, message: PopupMessage | None) -> bool:
    """Keep a message of the right window; False for anything else, which is counted."""
    told = attempt.told or {}
    if message is None or message.account_id is None or message.platform not in {None, attempt.platform}:
        _ignore(session, attempt, "A message that is not the sign-in's was ignored.")
        return False
    if attempt.state != _S.WAITING.value:
        _ignore(session, attempt, "A message came when none was waited for, and was ignored.")
        return False
    if told.get("account_id") not in {None, message.account_id}:
        _ignore(session, attempt, "A second message named another account, and was ignored.")
        return False
    attempts.remember(
        attempt, account_id=message.account_id, reconnect_accounts=list(message.reconnect_accounts) or None
    )
    if attempt.returned_at is None:
        attempt.returned_at = now()
        attempts.prolong(attempt, now() + attempts.CONFIRMING)
        attempts.note(session, attempt, "message", "The window said that the sign-in is done.")
    return True


def _ignore(session: Session, attempt: Attempt, words: str) -> None:
    """Count what was ignored; only the first of its kind is told, so that a flood leaves no trail of its own."""
    count = int((attempt.told or {}).get("ignored") or 0)
    attempts.remember(attempt, ignored=count + 1)
    if count == 0:
        attempts.note(session, attempt, "message", words)


def _origins(addresses: Iterable[str]) -> tuple[str, ...]:
    """Give scheme, host and port of addresses; what is none is left out."""
    parts = [urlsplit(each.strip()) for each in addresses]
    return tuple(dict.fromkeys(f"{each.scheme}://{each.netloc}".lower() for each in parts if each.netloc))
