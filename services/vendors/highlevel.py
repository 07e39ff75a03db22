"""HighLevel's social planner: Instagram OAuth and connected accounts of one location (documents/highlevel.txt).

The documented start is a redirect to a consent page (a window cannot send our headers): it is asked from here, not
followed, and the popup gets only its address. Two contracts: *documented* has start and the account by id, *current*
adds the location's own paths, attach, list, delete and statistics. Ids of different meaning have different types:
the popup and the start name an OauthAccountId, only the list's `id` is an AccountId and can be deleted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal, NewType
from urllib.parse import quote

from services.vendors import _payload, errors
from services.vendors._http import Answer, Http, Pace, Refusal, Timing, common, web_address, words
from services.vendors._json import kind_of
from services.vendors._payload import Drift, Listing, Shape

AccountId = NewType("AccountId", str)
"""The list's `id`: what delete wants."""
OauthAccountId = NewType("OauthAccountId", str)
"""The popup's `accountId` (the list's `oauthId`): what the account reads and attach want."""
ProfileId = NewType("ProfileId", str)
"""The list's `profileId`: what statistics want."""

VERSION: Final = "2021-07-28"
PLATFORMS: Final = (
    "google", "facebook", "instagram", "linkedin", "twitter", "tiktok", "tiktok-business", "youtube", "pinterest",
    "threads", "bluesky",
)  # fmt: skip
CONSENT_HOSTS: Final = frozenset({
    "leadconnectorhq.com", "gohighlevel.com", "msgsndr.com", "instagram.com", "facebook.com",
})  # fmt: skip
_POPUP_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ID: Final = re.compile(r"[A-Za-z0-9_.:~@|-]{1,512}")
_PAGE_NAME: Final = "social_media_posting"


@dataclass(frozen=True, slots=True)
class ConsentPage:
    """Where a person consents; the address carries a signed state and is never logged, nor shown in the repr."""

    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AttachedAccount:
    """An account that HighLevel holds after attaching (the document's `results`); live = active and not deleted."""

    id: str
    oauth_id: OauthAccountId | None
    old_id: str | None
    location_id: str | None
    origin_id: str | None
    platform: str | None
    type: str | None
    name: str | None
    avatar: str | None
    meta: Mapping[str, Any] | None
    active: bool | None
    deleted: bool | None
    created_at: datetime | None
    updated_at: datetime | None
    told: frozenset[str]
    extra: Mapping[str, Any]
    raw_bad: Mapping[str, str]
    drift: tuple[Drift, ...] = field(default=(), compare=False)

    @property
    def live(self) -> bool | None:
        """Whether it works: active and not deleted; None when neither was told."""
        if self.active is None and self.deleted is None:
            return None
        return self.active is not False and self.deleted is not True

    @property
    def verified(self) -> bool | None:
        """Whether the platform verified it, from meta.verified or meta.isVerified (text or flag)."""
        return _first_flag(self.meta, "verified", "isVerified")


@dataclass(frozen=True, slots=True)
class AvailableAccount:
    """An Instagram account that can be attached: `id` is its origin id, `page_id` its Facebook page."""

    id: str
    name: str | None
    avatar: str | None
    page_id: str | None
    is_connected: bool | None
    told: frozenset[str]
    extra: Mapping[str, Any]
    raw_bad: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Account:
    """A connected account of the list; `expire` is when its token ends, `username` (of `meta`) a handle or a URL."""

    id: AccountId
    oauth_id: OauthAccountId | None
    profile_id: ProfileId | None
    origin_id: str | None
    name: str | None
    platform: str | None
    type: str | None
    avatar: str | None
    expire: datetime | None
    is_expired: bool | None
    active: bool | None
    deleted: bool | None
    meta: Mapping[str, Any] | None
    username: str | None
    created_at: datetime | None
    updated_at: datetime | None
    told: frozenset[str]
    extra: Mapping[str, Any]
    raw_bad: Mapping[str, str]

    @property
    def live(self) -> bool:
        """Whether it is there: not said to be inactive, nor deleted (an expired token is still there)."""
        return self.active is not False and self.deleted is not True

    @property
    def verified(self) -> bool | None:
        """Whether the platform verified it, from meta.verified or meta.isVerified (text or flag)."""
        return _first_flag(self.meta, "verified", "isVerified")


@dataclass(frozen=True, slots=True)
class PopupMessage:
    """What the popup said when it closed: a hint only, the account is read again from the API."""

    action: str
    platform: str | None
    placement: str | None
    account_id: OauthAccountId | None
    reconnect_accounts: tuple[OauthAccountId, ...]


_MORE: Final = (
    ("active", _payload.flag),
    ("deleted", _payload.flag),
    ("createdAt", _payload.moment),
    ("updatedAt", _payload.moment),
)
_ATTACHED: Final = Shape(
    AttachedAccount,
    "_id",
    _payload.identifier,
    (
        ("oAuthId", _payload.label),
        ("oldId", _payload.label),
        ("locationId", _payload.label),
        ("originId", _payload.label),
        ("platform", _payload.text),
        ("type", _payload.text),
        ("name", _payload.text),
        ("avatar", _payload.text),
        ("meta", _payload.mapping),
        *_MORE,
    ),
    {"platform": _payload.bounded(PLATFORMS)},
)
_AVAILABLE: Final = Shape(
    AvailableAccount,
    "id",
    _payload.identifier,
    (
        ("name", _payload.text),
        ("avatar", _payload.text),
        ("pageId", _payload.label),
        ("isConnected", _payload.flag),
    ),
    known=frozenset({"isBusinessAccount", "username"}),
)
_ACCOUNT: Final = Shape(
    Account,
    "id",
    _payload.identifier,
    (
        ("oauthId", _payload.label),
        ("profileId", _payload.label),
        ("originId", _payload.label),
        ("name", _payload.text),
        ("platform", _payload.text),
        ("type", _payload.text),
        ("avatar", _payload.text),
        ("expire", _payload.moment),
        ("isExpired", _payload.flag),
        ("active", _payload.flag),
        ("deleted", _payload.flag),
        ("meta", _payload.mapping),
        ("username", _payload.label),
        ("createdAt", _payload.moment),
        ("updatedAt", _payload.moment),
    ),
    {"platform": _payload.bounded(PLATFORMS)},
    known=frozenset({"oAuthId", "locationId", "oldId"}),
)


class HighLevel:
    """One HighLevel location. `contract` is "documented" (the default) or "current"; methods raise VendorError."""

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        location_id: str,
        user_id: str,
        contract: Literal["documented", "current"] = "documented",
        version: str = VERSION,
        pace: Pace | None = None,
        timing: Timing | None = None,
    ) -> None:
        self.pace = pace or Pace(100, 10.0)
        self.location_id, self.user_id, self.contract = location_id, user_id, contract
        headers = {"Authorization": f"Bearer {token}", "Version": version}
        self._http = Http(base_url, vendor="highlevel", headers=headers, pace=self.pace, timing=timing)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def start_instagram_oauth(
        self, *, page: str | None = None, reconnect: bool | None = None
    ) -> ConsentPage | AttachedAccount:
        """Begin to connect an Instagram account; sent once, by one action of a person.

        Gives the consent page to open, or (the document's own 200) the account when it is attached already.

        Raises:
            PermissionDenied: a 200 without an address: it has only ever meant that the token lacks the scope.
        """
        action = "start the Instagram sign-in"
        params = {"locationId": self._needed(self.location_id, "locationId", action)}
        params["userId"] = self._needed(self.user_id, "userId", action)
        params |= {"page": page} if page else {}
        params |= {"reconnect": "true" if reconnect else "false"} if reconnect is not None else {}
        path = "/social-media-posting/oauth/instagram/start"
        answer = self._http.once("GET", path, action=action, params=params, raw=True, dialect=_dialect)
        return self._consent(answer)

    def account(self, account: OauthAccountId) -> AttachedAccount:
        """An account by the popup's accountId; of several that the sign-in offers, the first."""
        action = "read the Instagram account"
        return _attached(self._http.read("GET", self._account_path(account, action), action=action, dialect=_dialect))

    def available_accounts(self, account: OauthAccountId) -> Listing[AvailableAccount]:
        """The Instagram accounts that can be attached after the sign-in."""
        action = "list the accounts that can be attached"
        answer = self._http.read("GET", self._account_path(account, action), action=action, dialect=_dialect)
        return _payload.listing(_results(answer).rows("accounts"), _AVAILABLE)

    def attach(self, account: OauthAccountId, chosen: AvailableAccount) -> AttachedAccount:
        """Attach one of the available accounts; HighLevel needs the id of its Facebook page."""
        action = "attach the Instagram account"
        page = self._needed(chosen.page_id, "pageId", action)
        body = {"originId": chosen.id, "name": chosen.name, "avatar": chosen.avatar, "pageId": page}
        body = {name: value for name, value in body.items() if value is not None}
        answer = self._http.write("POST", self._oauth_path(account, action), action=action, json=body, dialect=_dialect)
        return _attached(answer)

    def accounts(self) -> Listing[Account]:
        """All connected accounts of the location (current contract)."""
        action = "list the connected accounts"
        path = f"/social-media-posting/{self._segment(self.location_id, 'locationId', action)}/accounts"
        answer = self._http.read("GET", path, action=action, dialect=_dialect)
        return _payload.listing([_flat(row) for row in _results(answer).rows("accounts")], _ACCOUNT)

    def delete(self, account: AccountId) -> None:
        """Remove a connected account by the list's `id` (never by an OAuth or profile id)."""
        action = "delete the connected account"
        location = self._segment(self.location_id, "locationId", action)
        path = f"/social-media-posting/{location}/accounts/{self._segment(account, 'id', action)}"
        answer = self._http.write("DELETE", path, action=action, dialect=_dialect)
        answer.object()

    def statistics(self, profile_ids: Iterable[ProfileId], platforms: Iterable[str]) -> Mapping[str, Any]:
        """Figures of the last 7 days against the 7 before, as HighLevel gives them (a read made by POST)."""
        action = "tell the statistics"
        params = {"locationId": self._needed(self.location_id, "locationId", action)}
        body = {"profileIds": list(profile_ids), "platforms": list(platforms)}
        answer = self._http.read(
            "POST", "/social-media-posting/statistics", action=action, params=params, json=body, dialect=_dialect
        )
        results = _object_under(answer, "results", answer.object().get("results", answer.body))
        cleaned: dict[str, Any] = _payload.plain(results)
        return cleaned

    def _consent(self, answer: Answer) -> ConsentPage | AttachedAccount:
        body = answer.body if isinstance(answer.body, dict) else {}
        results = body.get("results")
        nested: dict[str, Any] = results if isinstance(results, dict) else {}
        names = ("url", "redirectUrl", "authUrl")
        location = answer.headers.get("location")
        found = location or next((part[name] for part in (body, nested) for name in names if part.get(name)), None)
        if found is not None:
            url = web_address(found, hosts=CONSENT_HOSTS, base_url=self._http.base_url)
            if url is None:
                raise answer.unexpected("the consent page is at a host that is not allowed")
            return ConsentPage(url)
        if nested.get("_id"):
            return _attached(answer)
        if answer.status >= 300:  # noqa: PLR2004 - a redirect
            raise answer.unexpected("it redirects without saying where to")
        reason = "it answered without a consent page, which means that the token lacks the social planner's permission"
        advice = "Give the token the scope socialplanner/oauth.readonly at HighLevel."
        raise errors.PermissionDenied("highlevel", answer.action, reason, advice=advice, status=answer.status)

    def _account_path(self, account: OauthAccountId, action: str) -> str:
        """The document's path; the current contract has the location in it."""
        if self.contract == "current":
            return self._oauth_path(account, action)
        return f"/social-media-posting/oauth/instagram/accounts/{self._segment(account, 'accountId', action)}"

    def _oauth_path(self, account: OauthAccountId, action: str) -> str:
        location = self._segment(self.location_id, "locationId", action)
        return (
            f"/social-media-posting/oauth/{location}/instagram/accounts/{self._segment(account, 'accountId', action)}"
        )

    def _segment(self, value: str | None, name: str, action: str) -> str:
        """A value that may stand in a path; refused before it leaves otherwise."""
        given = self._needed(value, name, action)
        if not _ID.fullmatch(given) or set(given) == {"."}:
            raise errors.Rejected("highlevel", action, f"the {name} has an impossible form", field=name)
        return quote(given, safe="")

    def _needed(self, value: str | None, name: str, action: str) -> str:
        if not isinstance(value, str) or not value:
            raise errors.Rejected("highlevel", action, f"the {name} is missing", field=name)
        return value


def popup_message(data: Any) -> PopupMessage | None:
    """The popup's message, or None when it is another page's or has an impossible shape.

    Both spellings of the page are HighLevel's (`social_media_posting`, `social-media-posting`).
    """
    if not isinstance(data, dict):
        return None
    page = data.get("page")
    if not isinstance(page, str) or page.strip().lower().replace("-", "_") != _PAGE_NAME:
        return None
    given = data.get("accountId")
    account = oauth_account(given)
    if account is None and given not in (None, ""):
        return None
    action, platform, placement = (data.get(name) for name in ("actionType", "platform", "placement"))
    return PopupMessage(
        errors.clean(action, length=32) if isinstance(action, str) else "",
        errors.clean(platform, length=32).lower() if isinstance(platform, str) else None,
        errors.clean(placement, length=64) if isinstance(placement, str) else None,
        account,
        reconnect_accounts(data.get("reconnectAccounts")),
    )


def reconnect_accounts(value: Any) -> tuple[OauthAccountId, ...]:
    """The ids that need a new sign-in: a list, one text, null or nothing; what is no id is left out."""
    given = value if isinstance(value, list) else [value]
    return tuple(found for found in map(oauth_account, given[:1000]) if found is not None)


def oauth_account(value: Any) -> OauthAccountId | None:
    """The id of an account as a sign-in gives it, or None for anything else."""
    return OauthAccountId(value) if isinstance(value, str) and _POPUP_ID.fullmatch(value) else None


def _dialect(status: int, body: Any) -> Refusal | None:
    """HighLevel's errors: `message` is a text or a list, a missing scope may come as 401; statusCode is ignored."""
    refusal = common(status, body)
    if refusal is None:
        return None
    if status < 300 and words(body.get("error")).strip().lower() == "unauthorized":  # noqa: PLR2004 - a 2xx
        return replace(refusal, error=errors.Unauthorised)  # the document's 401 body (line 140)
    if status in {401, 403} and "scope" in refusal.message.lower():
        advice = "Give the token the missing scope of the social planner at HighLevel."
        return replace(refusal, error=errors.PermissionDenied, advice=advice)
    return refusal


def _results(answer: Answer) -> Answer:
    """The answer with its `results` as body."""
    body = answer.object()
    return replace(answer, body=_object_under(answer, "results", body.get("results")))


def _flat(row: Any) -> Any:
    """The record with the username of its `meta` beside the other fields."""
    meta = row.get("meta") if type(row) is dict else None
    return {**row, "username": meta["username"]} if type(meta) is dict and "username" in meta else row


def _object_under(answer: Answer, key: str, value: Any) -> dict[str, Any]:
    if value is None:
        raise answer.unexpected(f"the object '{key}' is missing")
    if not isinstance(value, dict):
        raise answer.unexpected(f"'{key}' should be an object, {kind_of(value)} came")
    return value


def _attached(answer: Answer) -> AttachedAccount:
    """The account of an answer: under `results`, or the body itself; `_id`, else `id`."""
    body = answer.object()
    raw = body["results"] if isinstance(body.get("results"), dict) else body
    offered = raw.get("accounts")
    if isinstance(offered, list) and offered and isinstance(offered[0], dict):
        raw = _offered(offered[0])
    if "_id" not in raw and "id" in raw:
        raw = {"_id": raw["id"], **{key: value for key, value in raw.items() if key != "id"}}
    reader = _payload.RecordReader(_ATTACHED)
    try:
        _, account = reader.read(_typed(raw))
    except ValueError as reason:
        raise answer.unexpected(str(reason)) from None
    return replace(account, drift=reader.tally.drift())


def _offered(row: dict[str, Any]) -> dict[str, Any]:
    """An offered account in the words of an attached one: its id is the origin id, its page belongs to meta."""
    known = {"_id": row.get("id"), "originId": row.get("id"), "name": row.get("name"), "avatar": row.get("avatar")}
    told = {"username": row["username"]} if "username" in row else {}
    return known | {"meta": {"pageId": row.get("pageId"), "isConnected": row.get("isConnected"), **told}}


def _typed(raw: dict[str, Any]) -> dict[str, Any]:
    """The record with platform and type as text: the document calls them objects and shows texts."""
    return raw | {key: _inner_text(raw[key]) for key in ("platform", "type") if isinstance(raw.get(key), dict)}


def _inner_text(value: dict[str, Any]) -> Any:
    return next((value[key] for key in ("name", "value", "type", "platform") if isinstance(value.get(key), str)), value)


def _first_flag(meta: Mapping[str, Any] | None, *names: str) -> bool | None:
    flags = (_payload.flag(meta[name]) for name in names if meta and meta.get(name) is not None)
    return next((value for value in flags if isinstance(value, bool)), None)
