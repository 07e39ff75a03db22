"""Late (renamed Zernio in March 2026): connect addresses and a profile's social accounts (documents/late.txt).

Two contracts: *documented* (POST connect -> connect_url, the profile's accounts as a bare list) and *current* (GET
connect -> authUrl and state, paged accounts, health, follower statistics). The API key stays on this side.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import pairwise
from typing import Any, Final, Literal, NewType
from urllib.parse import quote

from services.vendors import _payload, errors
from services.vendors._http import Answer, Http, Pace, Refusal, Timing, common, web_address
from services.vendors._payload import Drift, Listing, Shape

AccountId = NewType("AccountId", str)
"""Late's `_id`; in the documented list `_id`, else `id`, else platform and username."""
ProfileId = NewType("ProfileId", str)

PLATFORMS: Final = (
    "instagram", "facebook", "twitter", "youtube", "tiktok", "linkedin", "pinterest", "threads", "bluesky", "reddit",
    "googlebusiness", "snapchat", "telegram", "whatsapp", "discord",
)  # fmt: skip
HEALTH_STATES: Final = ("healthy", "warning", "error")
_HOSTS: Final = frozenset({"getlate.dev", "zernio.com"})
_LIST_KEYS: Final = ("accounts", "data", "social_accounts")
_PAGE_SIZE: Final = 100
_MOST_PAGES: Final = 2_000
_MOST_READINGS: Final = 3
_ID: Final = re.compile(r"[A-Za-z0-9_.~-]{1,128}")


@dataclass(frozen=True, slots=True)
class ConnectUrl:
    """Where a person connects an account; it holds a single-use token and is never logged, nor shown in the repr."""

    url: str = field(repr=False)
    state: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Account:
    """A connected account; `profile_id` comes as text or as an object, and is text here."""

    id: AccountId
    platform: str | None
    profile_id: ProfileId | None
    username: str | None
    display_name: str | None
    profile_picture: str | None
    profile_url: str | None
    is_active: bool | None
    enabled: bool | None
    needs_reconnection: bool | None
    followers_count: int | None
    token_expires_at: datetime | None
    created_at: datetime | None
    updated_at: datetime | None
    metadata: Mapping[str, Any] | None
    told: frozenset[str]
    extra: Mapping[str, Any]
    raw_bad: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AccountHealth:
    """What Late observes of one account: status healthy, warning or error, its token and its issues."""

    account_id: AccountId
    platform: str | None
    username: str | None
    status: str | None
    can_post: bool | None
    can_fetch_analytics: bool | None
    token_valid: bool | None
    token_expires_at: datetime | None
    needs_reconnect: bool | None
    issues: tuple[str, ...] | None
    told: frozenset[str]
    extra: Mapping[str, Any]
    raw_bad: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FollowerPoint:
    """An account's followers on one day (None: not told)."""

    day: date
    followers: int | None


@dataclass(frozen=True, slots=True)
class FollowerStats:
    """Followers by account and day; `available` is False when the profile lacks the analytics add-on."""

    available: bool
    points: Mapping[AccountId, tuple[FollowerPoint, ...]]
    drift: tuple[Drift, ...] = ()
    reason: str = ""


def _profile(value: Any) -> Any:
    return _payload.identifier(value.get("_id", value.get("id")) if type(value) is dict else value)


def _username(value: Any) -> Any:
    given = _payload.label(value)
    return given.removeprefix("@").strip() or None if isinstance(given, str) else given


_ACCOUNT: Final = Shape(
    Account,
    "_id",
    _payload.identifier,
    (
        ("platform", _payload.text),
        ("profileId", _profile),
        ("username", _username),
        ("displayName", _payload.text),
        ("profilePicture", _payload.text),
        ("profileUrl", _payload.link),
        ("isActive", _payload.flag),
        ("enabled", _payload.flag),
        ("needsReconnection", _payload.flag),
        ("followersCount", _payload.count),
        ("tokenExpiresAt", _payload.moment),
        ("createdAt", _payload.moment),
        ("updatedAt", _payload.moment),
        ("metadata", _payload.mapping),
    ),
    {"platform": _payload.bounded(PLATFORMS)},
    known=frozenset({"permissions", "status", "userId", "followersLastUpdated"}),
)
_HEALTH: Final = Shape(
    AccountHealth,
    "accountId",
    _payload.identifier,
    (
        ("platform", _payload.text),
        ("username", _username),
        ("status", _payload.text),
        ("canPost", _payload.flag),
        ("canFetchAnalytics", _payload.flag),
        ("tokenValid", _payload.flag),
        ("tokenExpiresAt", _payload.moment),
        ("needsReconnect", _payload.flag),
        ("issues", _payload.texts),
    ),
    {"platform": _payload.bounded(PLATFORMS), "status": _payload.bounded(HEALTH_STATES)},
    known=frozenset({"displayName", "profileId", "profilePicture", "profileUrl"}),
)
_SNAKE: Final = {
    "profile_id": "profileId", "display_name": "displayName", "profile_picture": "profilePicture",
    "profile_url": "profileUrl", "is_active": "isActive", "needs_reconnection": "needsReconnection",
    "followers_count": "followersCount", "created_at": "createdAt", "updated_at": "updatedAt",
}  # fmt: skip


def signature_matches(secret: str | None, body: bytes, header: str | None) -> bool:
    """Whether a webhook's signature is right: hex HMAC-SHA256 over the raw body; never without a secret or a header."""
    if not secret or not header:
        return False
    wanted = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted.encode(), header.strip().encode("utf-8", "replace"))


class Late:
    """One Late profile. `contract` is "documented" (the default) or "current"; every method raises VendorError."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        profile_id: str | None = None,
        contract: Literal["documented", "current"] = "documented",
        pace: Pace | None = None,
        timing: Timing | None = None,
    ) -> None:
        self.pace = pace or Pace(60, 60.0)
        self.profile_id = ProfileId(profile_id) if profile_id else None
        self.contract = contract
        headers = {"Authorization": f"Bearer {api_key}"}
        self._http = Http(base_url, vendor="late", headers=headers, pace=self.pace, timing=timing)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def connect(
        self, platform: str, profile_id: ProfileId | None = None, *, redirect_url: str | None = None
    ) -> ConnectUrl:
        """A fresh address where a person connects an account of this platform; sent once, good for one use."""
        action = "give a connect address"
        profile = profile_id or self.profile_id
        if self.contract == "documented":
            body = {"platform": platform} | ({"profile_id": profile} if profile else {})
            answer = self._http.once(
                "POST", "/api/v1/social-accounts/connect", action=action, json=body, dialect=_dialect
            )
            return self._address(answer, "connect_url")
        params = {"profileId": self._segment(profile, "profileId", action)}
        params |= {"redirect_url": redirect_url} if redirect_url else {}
        path = f"/api/v1/connect/{self._segment(platform, 'platform', action)}"
        return self._address(self._http.once("GET", path, action=action, params=params, dialect=_dialect), "authUrl")

    def social_accounts(self, profile_id: ProfileId | None = None) -> Listing[Account]:
        """A profile's accounts by the documented path; the list comes bare or under accounts, data, social_accounts."""
        action = "list the profile's accounts"
        profile = self._segment(profile_id or self.profile_id, "profile_id", action)
        answer = self._http.read("GET", f"/api/v1/profiles/{profile}/social-accounts", action=action, dialect=_dialect)
        return _accounts(_rows(answer), modern=_documented)

    def accounts(
        self, profile_id: ProfileId | None = None, *, platform: str | None = None, page_size: int = _PAGE_SIZE
    ) -> Iterator[Listing[Account]]:
        """The accounts, all or of a platform, page by page (current contract); `more` names the next, None on the last.

        Raises:
            UnexpectedAnswer: a page came again, or accounts leave faster than they are read; the pages before it are
                good, the list is not complete.
        """
        profile = profile_id or self.profile_id
        narrowed = {name: value for name, value in (("profileId", profile), ("platform", platform)) if value}
        for _ in range(_MOST_READINGS):
            told = list[int]()
            yield from self._pages({"limit": str(page_size)} | narrowed, page_size, told)
            if not _fell(told):
                return
        raise errors.UnexpectedAnswer("late", "list the accounts", "its list gets shorter each time that it is read")

    def _pages(self, asked: dict[str, str], page_size: int, told: list[int]) -> Iterator[Listing[Account]]:
        """One reading of the list from its first page; `told` collects how many there are, as each page says.

        Accounts that leave meanwhile move others to pages that were read already: then no page is the last one.
        """
        seen: set[AccountId] = set()
        for page in range(1, _MOST_PAGES):
            params = {"page": str(page)} | asked
            answer = self._http.read(
                "GET", "/api/v1/accounts", action="list the accounts", params=params, dialect=_dialect
            )
            rows = _rows(answer)
            size, follow = len(rows), _more(answer, page)
            more = size == page_size if follow is None else follow
            listing = _accounts(rows)
            ids = {account.id for account in listing.items}
            if more and (size == 0 or (ids and ids <= seen)):
                raise answer.unexpected(f"page {page} is empty or repeats earlier ones, although more should follow")
            seen |= ids
            told += [total for total in _total(answer) if total >= len(seen)]
            yield replace(listing, more=str(page + 1) if more else "1" if _fell(told) else None)
            if not more:
                return
        raise errors.UnexpectedAnswer("late", "list the accounts", "its pages do not end")

    def health(self, profile_id: ProfileId | None = None) -> Listing[AccountHealth]:
        """What Late observes of each account: token, permission to post, need to reconnect."""
        profile = profile_id or self.profile_id
        params = {"profileId": profile} if profile else None
        action = "tell the health of the accounts"
        answer = self._http.read("GET", "/api/v1/accounts/health", action=action, params=params, dialect=_dialect)
        return _payload.listing(answer.rows("accounts"), _HEALTH)

    def follower_stats(
        self,
        *,
        account_ids: list[AccountId] | None = None,
        profile_id: ProfileId | None = None,
        from_date: date | None = None,
        to_date: date | None = None,
        granularity: str | None = None,
    ) -> FollowerStats:
        """Followers by account and day; without the analytics add-on the result says that it is not available."""
        profile = profile_id or self.profile_id
        given = {
            "accountIds": ",".join(account_ids) if account_ids else None,
            "profileId": profile,
            "fromDate": from_date.isoformat() if from_date else None,
            "toDate": to_date.isoformat() if to_date else None,
            "granularity": granularity,
        }
        params = {name: value for name, value in given.items() if value}
        try:
            answer = self._http.read(
                "GET", "/api/v1/accounts/follower-stats", action="tell the followers", params=params, dialect=_dialect
            )
        except errors.PermissionDenied as refused:
            if refused.code != _ADDON:
                raise
            return FollowerStats(available=False, points={}, reason=refused.reason)
        return _stats(answer)

    def _address(self, answer: Answer, key: str) -> ConnectUrl:
        body = answer.object()
        url = web_address(body.get(key), hosts=self._hosts(key), base_url=self._http.base_url)
        if url is None:
            raise answer.unexpected(f"its '{key}' is missing, or leads to a host that is not allowed")
        state = _payload.text(body.get("state"))
        return ConnectUrl(url, state if isinstance(state, str) else None)

    def _hosts(self, key: str) -> frozenset[str]:
        """Late's own hosts; the current contract may send a person straight to the platform's consent page."""
        return _HOSTS if key == "connect_url" else _HOSTS | _CONSENT_HOSTS

    def _segment(self, value: str | None, name: str, action: str) -> str:
        """A value that may stand in a path; refused before it leaves otherwise."""
        if value is None or not _ID.fullmatch(value) or set(value) == {"."}:
            raise errors.Rejected("late", action, f"the {name} is missing or has an impossible form", field=name)
        return quote(value, safe="")


_CONSENT_HOSTS: Final = frozenset({
    "instagram.com", "facebook.com", "twitter.com", "x.com", "google.com", "tiktok.com", "linkedin.com",
    "pinterest.com", "threads.net", "threads.com", "reddit.com", "snapchat.com", "discord.com",
})  # fmt: skip
_ADDON: Final = "requires_addon"


def _dialect(status: int, body: Any) -> Refusal | None:
    """Late's errors: `error` is a text or an object, `code` beside it; 403 with requiresAddon gets a code of ours."""
    refusal = common(status, body)
    if refusal is None or not isinstance(body, dict):
        return refusal
    return replace(refusal, code=_ADDON) if body.get("requiresAddon") is True else refusal


def _rows(answer: Answer) -> list[Any]:
    """The list of accounts, bare or under one of its known keys; anything else is an error, never an empty list."""
    if isinstance(answer.body, list):
        return answer.body
    body = answer.object()
    key = next((key for key in _LIST_KEYS if key in body), _LIST_KEYS[0])
    return answer.rows(key)


def _modern(raw: Any) -> Any:
    """A record under the current names; snake case is accepted, `id` repeats `_id` or says nothing."""
    if type(raw) is not dict:
        return raw
    record = {_SNAKE.get(key, key): value for key, value in raw.items()}
    if "id" in record and record["id"] == record.get("_id"):
        record.pop("id")
    return record


def _documented(raw: Any) -> Any:
    """A record of the documented list, which tells no ids: `id` for a missing `_id`, else platform and username."""
    record = _modern(raw)
    if type(record) is not dict or not _missing(record.get("_id")):
        return record
    own = record.pop("id", None)
    platform, username = _payload.label(record.get("platform")), _username(record.get("username"))
    named = isinstance(platform, str) and isinstance(username, str)
    record["_id"] = own if not _missing(own) else (f"{platform}:{username}" if named else None)
    return record


def _missing(value: Any) -> bool:
    return value is None or (type(value) is str and not value.strip())


def _accounts(rows: list[Any], *, modern: Callable[[Any], Any] = _modern) -> Listing[Account]:
    return _payload.listing([modern(raw) for raw in rows], _ACCOUNT)


def _more(answer: Answer, page: int) -> bool | None:
    """Whether the pagination block says that pages follow; None when it says nothing."""
    block = answer.body.get("pagination") if isinstance(answer.body, dict) else None
    if not isinstance(block, dict):
        return False if isinstance(answer.body, list) else None
    for key in ("hasMore", "hasNext", "hasNextPage"):
        if isinstance(block.get(key), bool):
            return bool(block[key])
    for key in ("totalPages", "pages"):
        total = _payload.count(block.get(key))
        if isinstance(total, int):
            return page < total
    total, limit = _payload.count(block.get("total")), _payload.count(block.get("limit"))
    return page * limit < total if isinstance(total, int) and isinstance(limit, int) and limit else None


def _total(answer: Answer) -> list[int]:
    """How many accounts there are, as a page tells; nothing where it does not."""
    block = answer.body.get("pagination") if isinstance(answer.body, dict) else None
    total = _payload.count(block.get("total")) if isinstance(block, dict) else None
    return [total] if isinstance(total, int) else []


def _fell(told: list[int]) -> bool:
    """Whether the list got shorter while its pages were read."""
    return any(later < earlier for earlier, later in pairwise(told))


def _stats(answer: Answer) -> FollowerStats:
    stats = answer.object().get("stats")
    if not isinstance(stats, dict):
        raise answer.unexpected("the object 'stats' is missing")
    tally = _payload.Tally()
    points = {
        AccountId(key): _points(rows, tally) for key, rows in stats.items() if isinstance(_payload.label(key), str)
    }
    return FollowerStats(available=True, points=points, drift=tally.drift())


def _points(rows: Any, tally: _payload.Tally) -> tuple[FollowerPoint, ...]:
    found: dict[date, FollowerPoint] = {}
    for row in rows if isinstance(rows, list) else []:
        day = _payload.moment(row.get("date")) if isinstance(row, dict) else None
        if not isinstance(day, datetime):
            tally.add("date", "bad_value", _payload.sample(row)[:40])
            continue
        followers = _payload.count(row.get("followers")) if row.get("followers") is not None else None
        if followers is _payload.BAD:
            tally.add("followers", "bad_value", _payload.sample(row.get("followers"))[:40])
            followers = None
        found[day.date()] = FollowerPoint(day.date(), followers)
    return tuple(found[day] for day in sorted(found))
