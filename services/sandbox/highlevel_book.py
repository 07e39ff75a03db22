"""What HighLevel keeps: connected accounts, consents that are open, and what a consent offers to attach."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.sandbox import curves
from services.sandbox.clock import stamp_millis
from services.sandbox.curves import hex_id
from services.sandbox.kit import Kit
from services.sandbox.world import Account, platform_id, profile_url

_OFFERED = (("Fjord & Fell Studio", "fjordandfell.studio"), ("Fell Outlet", "fell.outlet"), ("Fjord Kids", "fjordkids"))
_TOKEN_LASTS = timedelta(days=60)


@dataclass(slots=True)
class Consent:
    """One popup that a person opened."""

    platform: str
    user_id: str
    reconnect: bool
    open: bool = True


@dataclass(frozen=True, slots=True)
class Offer:
    """What a consent gave: accounts of a platform to attach, or the one connected account that was signed in as."""

    platform: str
    account: str = ""


class Book:
    """The accounts of one location, as the clock stands, with all changes on top."""

    def __init__(self, kit: Kit, location_id: str) -> None:
        self._kit = kit
        self._location = location_id
        self._consents: dict[str, Consent] = {}
        self._offers: dict[str, Offer] = {}
        self._attached: list[dict[str, Any]] = []
        self._deleted: dict[str, datetime] = {}
        self._renewed: dict[str, datetime] = {}

    def accounts(self) -> list[dict[str, Any]]:
        """The list of connected accounts."""
        now = self._kit.clock.now()
        rows = [row for account in self._kit.world.highlevel if (row := self._row(account, now)) is not None]
        told = stamp_millis(now)
        return [row for row in rows + self._attached if self._is_there(row, now, told)]

    def begin(self, platform: str, user_id: str, *, reconnect: bool) -> str:
        """Open a consent. Returns its state, which works once."""
        state = hex_id("consent", self._kit.world.seed, next(self._kit.numbers), length=32)
        self._consents[state] = Consent(platform, user_id, reconnect)
        return state

    def platform_of(self, state: str) -> str | None:
        """The platform of an open consent."""
        consent = self._consents.get(state)
        return consent.platform if consent is not None and consent.open else None

    def connected(self, platform: str) -> list[tuple[str, str]]:
        """The connected accounts of a platform by id and name: whom a person can sign in as."""
        return [(row["id"], row["name"] or row["id"]) for row in self.accounts() if row["platform"] == platform]

    def finish(self, state: str, *, approve: bool, account: str = "", alone: bool = False) -> dict[str, Any] | None:
        """End a consent: the popup's message without `page`; empty when it was cancelled; None when none is open.

        `account` is the connected account that was signed in as: then a reconnect renews it alone. A page that is
        `alone` has nobody to tell, and attaches the first account that it offers.
        """
        consent = self._consents.get(state)
        if consent is None or not consent.open:
            return None
        consent.open = False
        if not approve:
            return {}
        account = account if account in dict(self.connected(consent.platform)) else ""
        oauth_id = hex_id("oauth", state)
        self._offers[oauth_id] = Offer(consent.platform, account)
        expired = [row["id"] for row in self.accounts() if row["isExpired"] and row["platform"] == consent.platform]
        if consent.reconnect:
            self._renewed.update(dict.fromkeys([account] if account else expired, self._kit.clock.now()))
        elif alone:
            self.attach(oauth_id, consent.platform, (self.available(oauth_id) or [{}])[0].get("pageId", ""))
        return {
            "actionType": "close",
            "platform": consent.platform,
            "placement": "placement",
            "accountId": oauth_id,
            "reconnectAccounts": [each for each in expired if each != account] if consent.reconnect else [],
        }

    def available(self, oauth_id: str) -> list[dict[str, Any]] | None:
        """What a consent offers to attach; None for an id that no consent gave."""
        given = self._offers.get(oauth_id)
        if given is None:
            return None
        if given.account:
            return [_offered_again(row) for row in self.accounts() if row["id"] == given.account]
        taken = {row["meta"].get("pageId") for row in self.accounts()}
        return [_offer(oauth_id, given.platform, place, taken) for place in range(len(_OFFERED))]

    def attach(self, oauth_id: str, platform: str, page_id: str) -> dict[str, Any] | None:
        """Attach one offered page. Returns the document's `results`, or None when it was not offered."""
        offer = next((one for one in self.available(oauth_id) or () if one["pageId"] == page_id), None)
        if offer is None:
            return None
        if self._offers[oauth_id].account:
            self._renewed[self._offers[oauth_id].account] = self._kit.clock.now()
            return self._document(self._listed(self._offers[oauth_id].account), offer)
        row = self._attached_row(oauth_id, platform, offer)
        self._attached = [one for one in self._attached if one["id"] != row["id"]] + [row]
        self._deleted.pop(row["id"], None)
        return self._document(row, offer)

    def _listed(self, number: str) -> dict[str, Any]:
        return next(row for row in self.accounts() if row["id"] == number)

    def delete(self, number: str) -> bool:
        """Delete a connected account by its list id; False when there is none."""
        if all(row["id"] != number for row in self.accounts()):
            return False
        self._deleted[number] = self._kit.clock.now()
        return True

    def lapse(self, number: str) -> bool:
        """Let the access of a listed account end now, until it is renewed; False for one that is not of the world."""
        now = self._kit.clock.now()
        if all(
            (row := self._row(account, now)) is None or row["id"] != number for account in self._kit.world.highlevel
        ):
            return False
        self._renewed[number] = now - _TOKEN_LASTS
        return True

    def statistics(self, profiles: list[str]) -> dict[str, Any]:
        """The last seven days of the named profiles, in a simplified shape."""
        now = self._kit.clock.now()
        found = {
            profile: {
                "followers": curves.followers(account.curve, now),
                "engagement": curves.engagement(account.curve, now),
            }
            for account in self._kit.world.highlevel
            if (profile := hex_id("profile", account.brand.handle, account.number)) in profiles
        }
        return {"dayRange": "last 7 days", "profiles": found}

    def added_document(self, platform: str) -> dict[str, Any]:
        """The literal answer of the document's start: a Facebook attach, statusCode 201 under HTTP 200."""
        offer = {
            "id": "u37swmmLbA02zgqKPpxITe2",
            "pageId": "u37swmmLbA02zgqKPpxITe2",
            "name": "Account Name",
            "avatar": "",
        }
        row = self._attached_row(hex_id("document"), platform, offer)
        told = {"success": True, "statusCode": 201, "message": "Added Facebook Account"}
        return {**told, "results": {**self._document(row, offer), "platform": "facebook", "deleted": True}}

    def _is_there(self, row: dict[str, Any], now: datetime, told: str) -> bool:
        gone = self._deleted.get(row["id"])
        return (gone is None or now < gone) and row["createdAt"] <= told

    def _row(self, account: Account, now: datetime) -> dict[str, Any] | None:
        seen = account.seen(now)
        if seen is None:
            return None
        origin_id = platform_id(account)
        oauth_id = hex_id("oauth", account.brand.handle)
        number = f"{hex_id('account', account.brand.handle, seen.number)}_{self._location}_{origin_id}"
        renewed = self._renewed.get(number)
        expires = curves.expires_at(account.curve, now) if renewed is None else renewed + _TOKEN_LASTS
        url_username = account.number % 5 == 3  # noqa: PLR2004 - some carry a profile URL instead of a handle
        return {
            "id": number,
            "oauthId": oauth_id,
            "profileId": hex_id("profile", account.brand.handle, account.number),
            "name": account.name,
            "avatar": None,
            "platform": account.platform,
            "type": "business" if account.platform == "instagram" else "page",
            "expire": stamp_millis(expires),
            "isExpired": expires <= now,
            "originId": origin_id,
            "meta": {
                "pageId": f"10{origin_id[4:]}",
                "username": profile_url(account.platform, seen.handle) if url_username else seen.handle,
                "isVerified": "true" if account.verified else "false",
                "verified": account.verified,
            },
            "active": True,
            "deleted": False,
            "createdAt": stamp_millis(seen.since),
        }

    def _attached_row(self, oauth_id: str, platform: str, offer: dict[str, Any]) -> dict[str, Any]:
        now = self._kit.clock.now()
        return {
            "id": f"{hex_id('attached', oauth_id, offer['pageId'])}_{self._location}_{offer['id'][:17]}",
            "oauthId": oauth_id,
            "profileId": hex_id("profile", offer["pageId"]),
            "name": offer["name"],
            "avatar": offer["avatar"],
            "platform": platform,
            "type": "business" if platform == "instagram" else "page",
            "expire": stamp_millis(now + _TOKEN_LASTS),
            "isExpired": False,
            "originId": offer["id"],
            "meta": {"pageId": offer["pageId"], "username": offer.get("username", offer["name"]), "verified": False},
            "active": True,
            "deleted": False,
            "createdAt": stamp_millis(now),
        }

    def _document(self, row: dict[str, Any], offer: dict[str, Any]) -> dict[str, Any]:
        page = {"id": offer["pageId"], "name": row["name"], "avatar": row["avatar"]}
        return {
            "_id": row["id"].partition("_")[0],
            "oAuthId": row["oauthId"],
            "oldId": row["oauthId"],
            "locationId": self._location,
            "originId": row["originId"],
            "platform": row["platform"],
            "type": "page",
            "name": row["name"],
            "avatar": row["avatar"],
            "meta": {**row["meta"], "page": page, "locationId": self._location, "accountId": row["id"]},
            "active": True,
            "deleted": False,
            "createdAt": row["createdAt"],
            "updatedAt": row["createdAt"],
        }


def _offered_again(row: dict[str, Any]) -> dict[str, Any]:
    told = {"id": row["originId"], "name": row["name"], "avatar": row["avatar"], "pageId": row["meta"]["pageId"]}
    return {**told, "isConnected": True, "username": row["meta"]["username"]}


def _offer(oauth_id: str, platform: str, place: int, taken: set[str | None]) -> dict[str, Any]:
    name, handle = _OFFERED[place]
    page_id = f"10900000000{place}{int(oauth_id[:4], 16):05d}"
    offer: dict[str, Any] = {"id": f"178400000{place}{int(oauth_id[:4], 16):07d}", "name": name, "avatar": ""}
    offer.update({"pageId": page_id, "isConnected": page_id in taken, "username": handle})
    return offer if platform == "instagram" else {**offer, "type": "page"}
