"""Zocial's forms: a person's own access for four platforms, and pages, walls and channels by what is known of them.

Every form is sent once. Whatever its answer was, only Zocial's own list says that an account is connected.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from data.models import Attempt, Source
from data.types import AttemptState, Kind, Status, Vendor
from services.clients import Client
from services.connecting import forms
from services.connecting.confirming import ASKED_AGAIN, Verdict, asking, refused, sentence, waits
from services.connecting.foreign import listed_as
from services.connecting.forms import Part
from services.desk import Desk
from services.failures import Misuse
from services.handles import handle_in
from services.vendors.errors import Conflict, VendorError
from services.vendors.zocial import AUTHENTICATORS, NETWORKS, ExternalId, Zocial

ONLY_APPROVAL: Final = tuple(each for each in NETWORKS if each not in AUTHENTICATORS)
"""The platforms that Zocial names and has no way to connect: their accounts can only be submitted for approval."""
_KINDS: Final = (Kind.PAGE, Kind.WALL, Kind.CHANNEL)
_RENEW: Final = "Sign in to the account at its platform, copy a fresh access token with its user id, and send both."
_ADVICE: Final = {
    "invalid_access_token": f"{_RENEW} If others fail as well, renew the token of the source under Sources.",
    "network_verification_failed": _RENEW,
    "network_limit_reached": "Disconnect a network or have the limit raised at Zocial; sending it again does not help.",
    "permission_denied": "Ask the owner of the account to connect it, or use a source whose Zocial user may.",
    "authentication_required": "Enter the token of the Zocial user for this source under Sources.",
}


@dataclass(frozen=True)
class Access:
    """A person's own access to an account: its token lives only as long as this call."""

    platform: str
    access_token: str = field(repr=False)
    user_id: str

    vendor = Vendor.ZOCIAL

    def faults(self) -> dict[str, str]:
        """Give what is wrong with each field; nothing was sent yet."""
        rules = {
            "platform": _connectable,
            "access_token": forms.token,
            "user_id": forms.own_id("The user id"),
        }
        return forms.faults({name: getattr(self, name) for name in rules}, rules)

    def parts(self) -> list[Part]:
        """Give the one account that this form connects."""
        return [Part(self.platform, Kind.NETWORK, self.user_id, self.user_id)]

    def send(self, client: Client, source: Source, parts: list[Part]) -> list[Verdict]:
        """Send it, once. Raises VendorError."""
        del source
        number = _zocial(client).authenticate(self.platform, self.access_token, self.user_id)
        return [_done(str(number), parts[0].name)]


@dataclass(frozen=True)
class Addition:
    """A page, wall or channel as a person types it in; its audience is followers, of a channel subscribers."""

    kind: Kind
    platform: str
    external_id: str
    name: str
    url: str
    followers: str
    category: str

    vendor = Vendor.ZOCIAL

    def faults(self) -> dict[str, str]:
        """Give what is wrong with each field; nothing was sent yet."""
        rules = {
            "kind": forms.one_of("The kind", _KINDS),
            "platform": forms.one_of("The platform", NETWORKS),
            "external_id": forms.own_id("The id at the platform"),
            "name": forms.name("The name"),
            "url": forms.url,
            "followers": forms.number,
            "category": forms.name("The category"),
        }
        return forms.faults({name: getattr(self, name) for name in rules}, rules)

    def parts(self) -> list[Part]:
        """Give the one page, wall or channel that this form adds."""
        return [Part(self.platform, self.kind, self.external_id, self.name)]

    def send(self, client: Client, source: Source, parts: list[Part]) -> list[Verdict]:
        """Send it, once. Raises VendorError."""
        del source
        zocial, own = _zocial(client), ExternalId(self.external_id)
        words: dict[str, Any] = {"name": self.name, "url": self.url, "category": self.category}
        audience = int(self.followers)
        if self.kind is Kind.PAGE:
            number: int = zocial.add_page(self.platform, own, followers=audience, **words)
        elif self.kind is Kind.WALL:
            number = zocial.add_wall(self.platform, own, followers=audience, **words)
        else:
            number = zocial.add_channel(self.platform, own, subscribers=audience, **words)
        return [_done(str(number), parts[0].name)]


def judge(desk: Desk, attempt: Attempt, source: Source) -> Verdict | None:
    """Ask Zocial's list for what was sent. Raises VendorError."""
    told = attempt.told or {}
    if "own" not in told:
        return None
    if told.get("vendor_id"):
        return _done(told["vendor_id"], told["name"])
    kind = Kind(attempt.kind)
    with asking(desk, source) as client:
        number, status = _listed(_zocial(client), kind, attempt.platform, told["own"])
    if number is not None and (told.get("already") or status == Status.ACCEPTED.value):
        words = "had connected it before" if told.get("already") else "lists it"
        words = f"Zocial {words}: {told['name']}."
        return Verdict(AttemptState.CONNECTED, words, vendor_id=str(number), account=told["name"])
    if told.get("already"):
        words = f"Zocial says that {told['name']} is connected already, but its list holds no such {kind.value}."
        return refused(words, "Look for the account under another name in its list, or ask Zocial.", told["already"])
    held = "does not hold it so far" if number is None else f"calls it {status or 'nothing'}, which does not tell"
    words = f"Zocial has not confirmed {told['name']}, and its list {held}."
    return waits(words, f"It is not sent a second time by itself. {ASKED_AGAIN}", "unknown_outcome")


def failed(error: VendorError) -> Verdict:
    """Give the end of an attempt whose form Zocial refused, in its own words and with what to do."""
    named = f" It names the field {error.field}." if error.field else ""
    advice = _ADVICE.get(error.code or "", error.advice)
    return refused(f"{sentence(error)}{named}", advice, error.code or error.kind)


def already(error: VendorError) -> str | None:
    """Give the code by which Zocial says that it holds the account: its list is asked whether that is so."""
    return (error.code or error.kind) if isinstance(error, Conflict) else None


def _connectable(platform: str) -> str | None:
    if platform in ONLY_APPROVAL:
        return f"An account on {platform} can't be connected at Zocial, only submitted for approval."
    return forms.one_of("The platform", AUTHENTICATORS)(platform)


def _zocial(client: Client) -> Zocial:
    if not isinstance(client, Zocial):
        raise Misuse("That source is none of Zocial's.", "Choose a source of Zocial.")
    return client


def _done(number: str, name: str) -> Verdict:
    return Verdict(AttemptState.CONNECTED, f"Zocial connected {name}, and lists it.", vendor_id=number, account=name)


def _listed(zocial: Zocial, kind: Kind, platform: str, own: str) -> tuple[int | None, str]:
    """Find what Zocial lists under a platform's own id or handle, and calls anything but disconnected."""
    calls: Mapping[Kind, Any] = {
        Kind.NETWORK: zocial.networks,
        Kind.PAGE: zocial.pages,
        Kind.WALL: zocial.walls,
        Kind.CHANNEL: zocial.channels,
    }
    platforms, wanted = listed_as(platform), _folded(own)
    for row in calls[kind]().items:
        same = (row.network or "").lower() in platforms and _folded(getattr(row, f"{kind.value}_id")) == wanted
        status = (row.status or "").strip().lower()
        if same and status != Status.DISCONNECTED.value:
            return int(row.id), status
    return None, ""


def _folded(own: str | None) -> str:
    return (handle_in(own) or own or "").lower()
