"""Asks a source one harmless question: is it there, and does it take our credential?"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from data import connections
from data.models import Source
from data.store import now
from data.types import Contract, Origin, Vendor
from services import credentials, jwts
from services.access import Actor, Permission, requires
from services.clients import Client, client_of, secrets_of
from services.desk import Desk
from services.failures import Failure
from services.vendors._http import Timing
from services.vendors.errors import NotFound, VendorError
from services.vendors.gipper import Gipper
from services.vendors.highlevel import HighLevel, OauthAccountId
from services.vendors.late import Late
from services.vendors.zocial import Zocial

MOST_AT_ONCE = 8
PATIENCE = Timing(overall=40.0, tries=3)
"""A person waits for this answer: as long for one call as a sync, but not for all of its retries."""


class Answer(StrEnum):
    """How a source answered: well, not, or there is nothing that may be asked without an effect."""

    OK = "ok"
    FAILED = "failed"
    NOTHING = "nothing to check yet"


@dataclass(frozen=True)
class Tried:
    """What became of the question: a sentence, and what to do when it failed."""

    source: str
    vendor: str
    answer: Answer
    detail: str
    advice: str = ""


@requires(Permission.MANAGE_SOURCES, "source.test", "source {}")
def asked(desk: Desk, _actor: Actor, name: str) -> Tried:
    """Ask the source of a name. Raises Misuse when there is none."""
    with desk.store.reading() as session:
        source = credentials.named(session, name)
    return tried(desk, source)


def every_tried(desk: Desk, sources: list[Source]) -> list[Tried]:
    """Ask several sources side by side; a slow one holds up no other."""
    with ThreadPoolExecutor(max(1, min(len(sources), MOST_AT_ONCE))) as pool:
        return list(pool.map(lambda source: tried(desk, source), sources))


def tried(desk: Desk, source: Source) -> Tried:
    """Ask one source; whatever the vendor did is in the answer. Raises DatabaseProblem."""
    if source.origin == Origin.ADDED and source.secret is None:
        failed = Failure("secret", "No secret is stored for this source.", "Enter it with `sources rotate`.")
        return Tried(source.name, source.vendor, Answer.FAILED, failed.message, failed.advice)
    with desk.store.reading() as session:
        known = connections.vendor_ids(session.connection(), source.id or 0)
    try:
        client = client_of(replace(desk, timing=PATIENCE), source)
        try:
            answer, detail = _asked(desk, source, client, known)
        finally:
            client.close()
    except VendorError as error:
        return Tried(source.name, source.vendor, Answer.FAILED, str(error), error.advice)
    except Failure as error:
        return Tried(source.name, source.vendor, Answer.FAILED, error.message, error.advice)
    return Tried(source.name, source.vendor, answer, detail)


def _asked(desk: Desk, source: Source, client: Client, known: list[str]) -> tuple[Answer, str]:
    current = source.contract == Contract.CURRENT
    if isinstance(client, Zocial):
        return Answer.OK, _listed(client.networks(), "networks")
    if isinstance(client, Late):
        return Answer.OK, _listed(next(iter(client.accounts())) if current else client.social_accounts(), "accounts")
    if isinstance(client, HighLevel):
        return _highlevel(client, known, current=current)
    if isinstance(client, Gipper):
        return _gipper(client, current=current)
    return Answer.NOTHING, _credential(secrets_of(desk, source) if source.origin != Origin.SANDBOX else {})


def _highlevel(client: HighLevel, known: list[str], *, current: bool) -> tuple[Answer, str]:
    if current:
        return Answer.OK, _listed(client.accounts(), "accounts")
    if not known:
        return Answer.NOTHING, "Nothing to check yet: the documented contract can read only what was connected here."
    try:
        client.account(OauthAccountId(known[0]))
    except NotFound:
        return Answer.OK, "It answers, but no longer knows the first account that was connected here."
    return Answer.OK, "It answers for the first account that was connected here."


def _gipper(client: Gipper, *, current: bool) -> tuple[Answer, str]:
    if not current:
        return Answer.NOTHING, "Nothing to check yet: the documented contract has no call that only reads."
    try:
        return Answer.OK, _listed(client.accounts(), "accounts")
    except NotFound:
        return Answer.OK, _listed(next(iter(client.account_pages())), "accounts")


def _listed(listing: Any, what: str) -> str:
    refused = f"; {len(listing.rejected):,} records can't be taken" if listing.rejected else ""
    return f"It answers and takes the credential: {len(listing.items):,} {what}{refused}."


def _credential(secrets: dict[str, str]) -> str:
    """Check what can be checked without sending. Raises Failure for a JWT that is none or has expired."""
    until = ""
    if "jwt" in secrets and "jwt_secret" not in secrets:
        ends = jwts.life(secrets["jwt"]).ends
        if ends is not None and ends <= now():
            raise Failure("unauthorised", "The JWT has expired.", "Make a new one, or give the JWT secret instead.")
        until = f" Its JWT ends {ends:%Y-%m-%d %H:%M} UTC." if ends else " Its JWT does not say when it ends."
    return f"Nothing to check without sending: {Vendor.IMICONNECT} has no call that only reads.{until}"
