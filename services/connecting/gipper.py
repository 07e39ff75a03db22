"""Gipper's form: a person's Facebook access and one or more Instagram accounts, each with a result of its own.

It is sent once, for Gipper's answer may name some accounts and not others. The tokens live only as long as the call.
"""

from dataclasses import dataclass, field, replace
from typing import Final

from data.connections import Word
from data.models import Attempt, Source
from data.refresh import Record
from data.types import AttemptState, Contract, Kind, Vendor
from services import observations
from services.clients import Client
from services.connecting import forms
from services.connecting.confirming import ASKED_AGAIN, Verdict, asking, refused, sentence, waits
from services.connecting.forms import Part
from services.desk import Desk
from services.failures import Misuse
from services.readers import gipper_lists
from services.vendors.errors import VendorError
from services.vendors.gipper import (
    LOCATIONS,
    AccountOutcome,
    ConnectedAccount,
    FacebookAccount,
    Gipper,
    InstagramAccount,
    InstagramUid,
    ListedAccount,
    Outcome,
    hint,
)

PLATFORM: Final = "instagram"
MOST_ACCOUNTS: Final = 25
_ADVICE: Final = {
    "workspace": "Remove the account from the workspace in Gipper first, then send it again.",
    "owner": "Ask the person who connected it in your workspace to give you access.",
}
_ELSE: Final = "Correct what Gipper names, then send this account again."


@dataclass(frozen=True)
class Account:
    """One Instagram account to connect: Instagram's uid, the user name, its access token and perhaps a picture."""

    id: str
    username: str
    token: str = field(repr=False)
    picture: str = ""


@dataclass(frozen=True)
class Form:
    """A person's Facebook access with the Instagram accounts it reaches; `location` is where in Gipper it was given."""

    token: str = field(repr=False)
    uid: str
    accounts: tuple[Account, ...]
    location: str | None = None

    vendor = Vendor.GIPPER

    def faults(self) -> dict[str, str]:
        """Give what is wrong with each field, those of an account as `accounts[0].id`; nothing was sent yet."""
        rules = {"token": forms.token, "uid": forms.name("The Facebook user id")}
        wrong = forms.faults({"token": self.token, "uid": self.uid}, rules)
        if self.location is not None and self.location not in LOCATIONS:
            wrong["location"] = f"The place is one of {', '.join(LOCATIONS)}."
        if not 1 <= len(self.accounts) <= MOST_ACCOUNTS:
            wrong["accounts"] = f"1 to {MOST_ACCOUNTS} Instagram accounts are connected at once."
        seen: set[str] = set()
        for place, each in enumerate(self.accounts[:MOST_ACCOUNTS]):
            wrong |= {f"accounts[{place}].{name}": words for name, words in _faults(each).items()}
            if each.id in seen:
                wrong[f"accounts[{place}].id"] = "This Instagram id stands in the form twice."
            seen.add(each.id)
        return wrong

    def parts(self) -> list[Part]:
        """Give the accounts that this form connects, in their order."""
        return [Part(PLATFORM, Kind.NETWORK, each.id, _handle(each)) for each in self.accounts]

    def send(self, client: Client, source: Source, parts: list[Part]) -> list[Verdict]:
        """Send those of its accounts that are wanted, once, and say what became of each. Raises VendorError."""
        wanted = {part.own for part in parts}
        sent = [_sent(each) for each in self.accounts if each.id in wanted]
        told = _gipper(client).create_instagram_accounts(FacebookAccount(self.token, self.uid, self.location), sent)
        return [_verdict(one, part, source) for one, part in zip(told.outcomes, parts, strict=True)]


def judge(desk: Desk, attempt: Attempt, source: Source) -> Verdict | None:
    """Ask Gipper's list for an account that was sent; the documented contract has none. Raises VendorError."""
    told = attempt.told or {}
    if "own" not in told:
        return None
    if told.get("vendor_id"):
        return _done(told["vendor_id"], told["name"])
    if source.contract == Contract.DOCUMENTED:
        words = f"Gipper has not confirmed {told['name']}, and this contract has no list to ask."
        return waits(words, "It is not sent a second time by itself: look for it in Gipper.", "unknown_outcome")
    with asking(desk, source) as client:
        found = _listed(_gipper(client), told["own"], told["name"])
    if found is not None:
        return replace(_done(str(found.id), told["name"]), message=f"Gipper lists {told['name']}.")
    words = f"Gipper has not confirmed {told['name']}, and its list does not hold it so far."
    return waits(words, f"It is not sent a second time by itself. {ASKED_AGAIN}", "unknown_outcome")


def failed(error: VendorError) -> Verdict:
    """Give the end of an attempt whose form Gipper refused as a whole, in its own words and with what to do."""
    advice = _ADVICE.get(hint(error.reason) or "", error.advice)
    return refused(sentence(error), advice, error.code or error.kind)


def already(error: VendorError) -> str | None:
    """Gipper has no answer that says that it holds an account of yours."""
    del error
    return None


def _faults(account: Account) -> dict[str, str]:
    rules = {
        "id": forms.digits("The Instagram id"),
        "username": forms.handle,
        "token": forms.token,
        "picture": forms.picture,
    }
    return forms.faults({name: getattr(account, name) for name in rules}, rules)


def _handle(account: Account) -> str:
    return f"@{account.username.removeprefix('@')}"


def _sent(account: Account) -> InstagramAccount:
    username = account.username.removeprefix("@")
    return InstagramAccount(InstagramUid(account.id), username, account.token, account.picture)


def _gipper(client: Client) -> Gipper:
    if not isinstance(client, Gipper):
        raise Misuse("That source is none of Gipper's.", "Choose a source of Gipper.")
    return client


def _verdict(one: AccountOutcome, part: Part, source: Source) -> Verdict:
    if one.outcome is Outcome.REFUSED:
        reason = one.reason or "it gave no reason"
        return refused(f"Gipper refused {part.name}: {reason}", _ADVICE.get(one.hint or "", _ELSE), "rejected")
    if one.account is None:
        return waits(f"{one.reason}: {part.name}.", ASKED_AGAIN, "unknown_outcome")
    unlisted = source.contract == Contract.DOCUMENTED
    records = (_record(one.account, source.id or 0),) if unlisted else ()
    return replace(_done(str(one.account.id), part.name), records=records)


def _done(number: str, name: str) -> Verdict:
    return Verdict(AttemptState.CONNECTED, f"Gipper connected {name}.", vendor_id=number, account=name)


def _record(answered: ConnectedAccount, source_id: int) -> Record:
    """Make what Gipper answered to the form a record of the list that its documented contract lacks."""
    record = ListedAccount(
        answered.id,
        answered.ig_user_name,
        answered.ig_user_id,
        answered.nickname,
        None,
        answered.ig_profile_picture_url,
        frozenset(),
        {},
        {},
    )
    return observations.recorded(observations.gipper_account(record, source_id, Word()))


def _listed(gipper: Gipper, own: str, name: str) -> ListedAccount | None:
    """Find an account in Gipper's list: by Instagram's uid, or by its user name where the list tells no uid."""
    username = name.removeprefix("@").lower()
    for listing in gipper_lists(gipper):
        for each in listing.items:
            if each.uid == own or (each.uid is None and (each.username or "").lower() == username):
                return each
    return None
