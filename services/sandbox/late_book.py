"""What Late keeps: accounts, their health and followers, open connect links, and webhooks to tell."""

import hashlib
import hmac
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from services.sandbox import curves
from services.sandbox.clock import stamp_millis
from services.sandbox.courier import Parcel
from services.sandbox.curves import hex_id
from services.sandbox.kit import Kit
from services.sandbox.world import Account, profile_url

PROFILE_ID = "69568fa185cefc061f3f7a32"
_SOON = timedelta(days=7)
_RETRIES = (10.0, 100.0, 1000.0, 10_000.0, 86_400.0, 86_400.0)
_LONGEST_STATS = 400  # days of follower statistics in one answer


@dataclass(slots=True)
class Link:
    """One connect link, which works once."""

    platform: str
    back: str
    open: bool = True


@dataclass(slots=True)
class Webhook:
    """Where account events are told, and the secret that signs them (none: unsigned)."""

    url: str
    secret: str


class Book:
    """The accounts of one profile, as the clock stands, with all changes on top."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self.webhook: Webhook | None = None
        self._links: dict[str, Link] = {}
        self._connected: list[dict[str, Any]] = []
        self._deleted: dict[str, datetime] = {}
        self._renewed: set[str] = set()

    def accounts(self) -> list[dict[str, Any]]:
        """All accounts, in the words of the public list."""
        now = self._kit.clock.now()
        told = stamp_millis(now)
        rows = [row for account in self._kit.world.late if (row := self._row(account, now)) is not None]
        fresh = [row for row in self._connected if row["createdAt"] <= told]
        return [row for row in rows + fresh if row["_id"] not in self._deleted or now < self._deleted[row["_id"]]]

    def find(self, number: str) -> dict[str, Any] | None:
        """One account by its id."""
        return next((row for row in self.accounts() if row["_id"] == number), None)

    def health(self, row: dict[str, Any]) -> dict[str, Any]:
        """What the health list says of an account."""
        now = self._kit.clock.now()
        account = self._account(row["_id"], now)
        if account is None or row["_id"] in self._renewed:
            expires = now + timedelta(days=60)
        else:
            expires = curves.expires_at(account.curve, now)
        valid = expires > now and not row["needsReconnection"]
        issues = [] if valid else ["The access token expired. Reconnect the account."]
        if valid and expires - now <= _SOON:
            issues = ["The access token expires within 7 days."]
        status = "error" if not valid else "warning" if issues else "healthy"
        return {
            "accountId": row["_id"],
            "platform": row["platform"],
            "username": row["username"],
            "status": status,
            "canPost": valid,
            "canFetchAnalytics": valid,
            "tokenValid": valid,
            "tokenExpiresAt": stamp_millis(expires),
            "needsReconnect": not valid,
            "issues": issues,
        }

    def detailed_health(self, row: dict[str, Any]) -> dict[str, Any]:
        """What the health of one account says."""
        told = self.health(row)
        status = {
            "valid": told["tokenValid"],
            "expiresAt": told["tokenExpiresAt"],
            "needsRefresh": bool(told["issues"]),
        }
        return {**told, "tokenStatus": status, "permissions": [], "recommendations": told["issues"]}

    def follower_stats(self, wanted: list[str], since: str, until: str) -> dict[str, Any] | None:
        """Daily followers of the wanted accounts (all when none is named); None when a date is not one."""
        now = self._kit.clock.now()
        try:
            last = min(date.fromisoformat(until), now.date()) if until else now.date()
            first = date.fromisoformat(since) if since else last - timedelta(days=29)
        except ValueError:
            return None
        days = [last - timedelta(days=back) for back in range(min((last - first).days + 1, _LONGEST_STATS))][::-1]
        rows = [row for row in self.accounts() if not wanted or row["_id"] in wanted]
        return {"accounts": rows, "stats": {row["_id"]: self._daily(row["_id"], days) for row in rows}}

    def delete(self, number: str) -> bool:
        """Disconnect an account; False when there is none."""
        row = self.find(number)
        if row is None:
            return False
        self._deleted[number] = self._kit.clock.now()
        self._tell(
            "account.disconnected", row, {"disconnectionType": "intentional", "reason": "Disconnected by the user"}
        )
        return True

    def begin(self, platform: str, back: str) -> str:
        """Open a connect link. Returns its token, which works once."""
        token = hex_id("link", self._kit.world.seed, next(self._kit.numbers))
        self._links[token] = Link(platform, back)
        return token

    def is_open(self, token: str) -> bool:
        """Whether a connect link can still be used."""
        return token in self._links and self._links[token].open

    def connected(self, platform: str) -> list[tuple[str, str]]:
        """The accounts of a platform by id and name: whom a person can sign in as."""
        rows = [row for row in self.accounts() if row["platform"] == platform]
        return [(row["_id"], row["username"] or row["_id"]) for row in rows]

    def finish(self, token: str, *, approve: bool, account: str = "") -> tuple[str, dict[str, str]] | None:
        """Use a connect link: where the browser goes back to, and with which parameters; None when it was used.

        `account` is the account that was signed in as, when it is one that was there before: it is renewed.
        """
        if not self.is_open(token):
            return None
        link = self._links[token]
        link.open = False
        if not approve:
            return link.back, {"error": "access_denied", "platform": link.platform}
        row = self._renewed_row(account) or self._connect(link.platform, token)
        self._tell("account.connected", row, {})
        told = {"connected": link.platform, "profileId": PROFILE_ID, "accountId": row["_id"]}
        return link.back, {**told, "username": row["username"]}

    def _renewed_row(self, number: str) -> dict[str, Any] | None:
        if self.find(number) is not None:
            self._renewed.add(number)
        return self.find(number)

    def _connect(self, platform: str, token: str) -> dict[str, Any]:
        handle = f"fjordandfell.{platform}.{token[:4]}"
        row: dict[str, Any] = {
            "_id": hex_id("connected", token),
            "platform": platform,
            "profileId": PROFILE_ID,
            "username": handle,
            "displayName": "Fjord & Fell, newly connected",
            "profilePicture": None,
            "profileUrl": profile_url(platform, handle),
            "isActive": True,
            "needsReconnection": False,
            "enabled": True,
            "followersCount": 321,
            "metadata": {},
            "createdAt": stamp_millis(self._kit.clock.now()),
        }
        self._connected.append(row)
        return row

    def _row(self, account: Account, now: datetime) -> dict[str, Any] | None:
        seen = account.seen(now)
        if seen is None:
            return None
        number = hex_id("late", account.brand.handle, account.platform, seen.number)
        renewed = number in self._renewed
        active = curves.status(account.curve, now) not in {"disconnected", "suspended"}
        profile = {"_id": PROFILE_ID, "name": "Fjord & Fell", "slug": "fjord-fell"}
        return {
            "_id": number,
            "platform": account.platform,
            "profileId": profile if account.number % 4 == 1 else PROFILE_ID,
            "username": f"@{seen.handle}" if account.number % 6 == 2 else seen.handle,  # noqa: PLR2004 - some carry it
            "displayName": account.name,
            "profilePicture": None,
            "profileUrl": profile_url(account.platform, seen.handle),
            "isActive": active or renewed,
            "needsReconnection": curves.expires_at(account.curve, now) <= now and not renewed,
            "enabled": True,
            "followersCount": curves.followers(account.curve, now),
            "metadata": {"category": account.brand.category},
            "createdAt": stamp_millis(seen.since),
        }

    def _account(self, number: str, now: datetime) -> Account | None:
        for account in self._kit.world.late:
            seen = account.seen(now)
            if seen and hex_id("late", account.brand.handle, account.platform, seen.number) == number:
                return account
        return None

    def _daily(self, number: str, days: list[date]) -> list[dict[str, Any]]:
        account = self._account(number, self._kit.clock.now())
        if account is None:
            return []
        told = [(day, curves.followers(account.curve, datetime.combine(day, time(12), UTC))) for day in days]
        return [{"date": day.isoformat(), "followers": figure} for day, figure in told if figure is not None]

    def _tell(self, event: str, row: dict[str, Any], more: dict[str, Any]) -> None:
        if self.webhook is None:
            return
        account = {"accountId": row["_id"], "profileId": PROFILE_ID, "platform": row["platform"]}
        account.update({"username": row["username"], "displayName": row["displayName"], **more})
        told = {"id": str(uuid.uuid4()), "event": event, "timestamp": stamp_millis(self._kit.clock.now())}
        self._kit.courier.post(parcel(self.webhook, {**told, "account": account}))


def parcel(webhook: Webhook, content: dict[str, Any]) -> Parcel:
    """A webhook as Late sends it: signed over the raw body, both header families."""
    body = json.dumps(content).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "Zernio-Webhooks/1.0"}
    for family in ("Zernio", "Late"):
        headers[f"X-{family}-Event"] = content["event"]
        headers[f"X-{family}-Event-Id"] = content["id"]
        if webhook.secret:
            headers[f"X-{family}-Signature"] = hmac.new(webhook.secret.encode(), body, hashlib.sha256).hexdigest()
    return Parcel(webhook.url, body, headers, _RETRIES, terminal=_ends)


def _ends(status: int) -> bool:
    """A 2xx is success, any 4xx but 408 and 429 ends the attempts."""
    return 200 <= status < 300 or (400 <= status < 500 and status not in {408, 429})  # noqa: PLR2004 - HTTP's classes
