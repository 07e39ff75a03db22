"""The account's id, typed by a person: the way out where no message can come and no list can be compared.

Only HighLevel's documented contract needs it. Of what was typed nothing is believed: its account call is asked, and an
id that proves nothing leaves the attempt as it was, so that the right one can follow.
"""

from typing import Final

from data.models import Attempt, Source
from data.store import now
from data.types import AttemptState, Contract, Vendor
from services.access import Actor, Permission, requires
from services.connecting import attempts, highlevel
from services.connecting.confirming import Verdict, conclude, refused, sentence, source_of
from services.connecting.highlevel_words import BY_ID
from services.desk import Desk
from services.failures import Failure, Misuse
from services.vendors.errors import NotFound, Rejected, VendorError
from services.vendors.highlevel import OauthAccountId, oauth_account

LONGEST: Final = 64
_WHERE: Final = "It is the accountId of the sign-in: letters and digits, as in 658a9b6833b91e0ecb8f3958."


def wanted(problem: str | None) -> bool:
    """Tell whether an attempt waits for what only a person can tell."""
    return problem == BY_ID


@requires(Permission.CONNECT, "attempt.name", "an attempt to connect")
def named(desk: Desk, actor: Actor, key: str, account: str) -> Attempt:
    """Take the id of the account that was signed in, and end the attempt if HighLevel's account call bears it out.

    Raises Misuse for what is no id, Failure for an id that proves nothing; the attempt then goes on.
    """
    attempt = attempts.of_person(desk, actor, key)
    given = oauth_account(account.strip())
    if given is None:
        raise Misuse("That is no id of an account.", _WHERE)
    source = source_of(desk, attempt)
    _refuse_needless(attempt, source)
    verdict = _judged(desk, attempt, source, given)
    with desk.store.writing() as session:
        found = attempts.in_work(session, attempt.id or 0)
        if verdict.state is not AttemptState.CONNECTED:
            attempts.note(session, found, actor.username, f"Entered the account's id {given}. {verdict.message}")
        elif attempts.is_open(found):
            attempts.remember(found, account_id=given)
            found.returned_at = now()
            attempts.note(session, found, actor.username, f"Entered the account's id {given}.")
    if verdict.state is not AttemptState.CONNECTED:
        raise Failure(verdict.problem or "refused", verdict.message, verdict.advice)
    return conclude(desk, found, source, verdict, by="vendor", actor=actor)


def _refuse_needless(attempt: Attempt, source: Source) -> None:
    if source.vendor != Vendor.HIGHLEVEL.value or source.contract != Contract.DOCUMENTED.value:
        raise Misuse(
            "This attempt needs no id: the vendor's list tells what was connected.", "Press “I have finished”."
        )
    if attempt.state != AttemptState.WAITING.value or (attempt.told or {}).get("account_id"):
        raise Failure("state", f"No id is waited for. {attempt.message}", attempt.advice)


def _judged(desk: Desk, attempt: Attempt, source: Source, given: OauthAccountId) -> Verdict:
    try:
        return highlevel.judge_typed(desk, attempt, source, given)
    except (NotFound, Rejected) as error:
        words = f"HighLevel's account call knows no account of that id. {sentence(error)}"
        return refused(words, _WHERE, "unknown_id")
    except VendorError as error:
        return refused(sentence(error), f"{error.advice} Then enter the id again.", error.kind)
