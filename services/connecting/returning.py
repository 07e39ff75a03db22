"""Where Late sends the browser, and what its webhooks say: hints for attempts, of which Late's list is asked."""

import re
from collections.abc import Mapping
from typing import Final

from data import attempts as table
from data.models import Attempt
from data.store import now
from data.types import AttemptState, Vendor
from services.access import Actor, Permission, requires
from services.connecting import attempts, flows
from services.connecting.confirming import source_of
from services.desk import Desk
from services.webhooks import Heard, on_event

_ID: Final = re.compile(r"[A-Za-z0-9_.:~-]{1,128}", re.ASCII)
_DECLINED: Final = frozenset({"access_denied", "user_denied", "user_cancelled", "cancelled"})
_CODE: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}", re.ASCII)


@requires(Permission.CONNECT, "attempt.return", "an attempt to connect")
def returned(desk: Desk, actor: Actor, key: str, query: Mapping[str, str]) -> Attempt:
    """Hear what the return address says, once: an error ends the attempt, anything else has the list asked.

    Raises Misuse for an unknown key, Forbidden for another person's attempt, Failure when the source is off.
    """
    asked = attempts.of_person(desk, actor, key)
    number = asked.id or 0
    if source_of(desk, asked).vendor != Vendor.LATE:
        return asked  # no other vendor sends the browser back
    attempts.expire(desk)
    with desk.store.writing() as session:
        found = attempts.in_work(session, number)
        if found.state != AttemptState.WAITING.value or found.returned_at is not None:
            attempts.note(
                session, found, "return", "The browser came back too late or once more, which changes nothing."
            )
            return found
        found.returned_at = now()
        if error := query.get("error"):
            state, words, advice = _refused(error)
            problem = "declined" if state is AttemptState.CANCELLED else "vendor_error"
            attempts.move(session, found, state, by="return", message=words, advice=advice, problem=problem)
            return found
        attempts.prolong(found, now() + attempts.CONFIRMING)
        attempts.remember(found, account_id=_known(query.get("accountId")))
        attempts.note(session, found, "return", "The browser came back from the sign-in; Late's list is asked.")
    return flows.settle(desk, found, by="return", actor=actor)


def _refused(error: str) -> tuple[AttemptState, str, str]:
    """Tell what an error on the return address means; only a plain code is repeated, for anybody can write there."""
    code = error if _CODE.fullmatch(error) else ""
    if code.lower() in _DECLINED:
        words = "The sign-in was declined, so nothing was connected."
        return AttemptState.CANCELLED, words, "Begin again, and allow the access that the platform asks for."
    told = f" It says: {code}." if code else ""
    words = f"Late came back from the sign-in with an error.{told} Nothing was connected."
    return AttemptState.REFUSED, words, "Begin again. If it stays, look at the account in Late's dashboard."


def _known(account_id: object) -> str | None:
    return account_id if isinstance(account_id, str) and _ID.fullmatch(account_id) else None


@on_event(Vendor.LATE, "account.connected")
def heard(desk: Desk, event: Heard) -> str | None:
    """Follow a webhook of Late: the attempts that may have waited for its account ask Late's list."""
    block = event.body.get("account")
    told = block if isinstance(block, Mapping) else event.body
    platform, account_id = str(told.get("platform") or "").strip().lower(), _known(event.about)
    with desk.store.reading() as session:
        open_there = table.open_at(session, event.source_id)
    mine = [each for each in open_there if platform in {"", each.platform} and _concerns(each, account_id)]
    ended = sum(_ask(desk, each, account_id) for each in mine)
    what = "1 waiting attempt" if len(mine) == 1 else f"{len(mine)} waiting attempts"
    return f"Late's list was asked for {what}, and ended {ended}." if mine else None


def _concerns(attempt: Attempt, account_id: str | None) -> bool:
    """Tell whether an event can be about an attempt: of an account that was there before, only who reconnects it."""
    if attempt.state != AttemptState.WAITING.value or attempt.before is None:
        return False
    if attempt.reconnects:
        return account_id is None or account_id == (attempt.expects or {}).get("vendor_id")
    return account_id is None or account_id not in attempt.before["accounts"]


def _ask(desk: Desk, attempt: Attempt, account_id: str | None) -> bool:
    """Have the list asked for one attempt; tells whether that ended it."""
    with desk.store.writing() as session:
        found = attempts.in_work(session, attempt.id or 0)
        if attempts.is_open(found):
            if found.reconnects and found.returned_at is None:
                attempts.remember(found, account_id=account_id)
            attempts.note(session, found, "webhook", "Late told of a connected account; its list is asked.")
    return not attempts.is_open(flows.settle(desk, found, by="webhook"))
