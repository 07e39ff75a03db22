"""Gipper: a user's Instagram accounts, API v3 (documents/gipper.txt).

The credential travels in a header named `Authentication`. A 2xx may be a failure: success is `success: true`, and with
several accounts part of them may be connected. The document's example sends `rb_uid`, its validations want `fb_uid`:
`fb_uid` is sent. *current* adds the list (v2 or v4) and the verification reads. Answers echo `fb_token`: it is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final, Literal, NewType

from services.vendors import _payload, errors
from services.vendors._http import Answer, Http, Pace, Refusal, Timing, common, words
from services.vendors._payload import Drift, Listing, Shape

InternalId = NewType("InternalId", int)
"""Gipper's own integer: what delete wants."""
InstagramUid = NewType("InstagramUid", str)
"""Instagram's id of the account, 17 digits: what create is asked with."""

LOCATIONS: Final = (
    "workspaceSettingsPage", "signUpForm", "guidedWalkthrough", "progressMeter", "personalSettingsPage",
    "templateBranding",
)  # fmt: skip
_UID_FLOOR: Final = 10**14  # an id of 15 digits or more is Instagram's, never Gipper's
_MOST_PAGES: Final = 2_000
_MOST_READINGS: Final = 3
_LIST: Final = "/api/v2/social_accounts"
_NOT_FOUND: Final = 404
_WORKSPACE: Final = re.compile(r"remove it from your workspace", re.IGNORECASE)
_OWNER: Final = re.compile(r"please ask \S+ for access", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FacebookAccount:
    """The person's Facebook access: token, uid, and where in the product it was given."""

    fb_token: str = field(repr=False)
    fb_uid: str
    location: str | None = None


@dataclass(frozen=True, slots=True)
class InstagramAccount:
    """An Instagram account to connect: Instagram's uid, handle, access token and picture."""

    id: InstagramUid
    username: str
    fb_token: str = field(repr=False)
    profile_picture_url: str = ""


@dataclass(frozen=True, slots=True)
class ConnectedAccount:
    """An account as Gipper holds it after creation (its echoed token is dropped on receipt)."""

    id: InternalId
    ig_user_id: InstagramUid | None
    ig_user_name: str | None
    ig_profile_picture_url: str | None
    facebook_page_id: str | None
    user_id: str | None
    created_at: datetime | None
    updated_at: datetime | None
    nickname: str | None
    facebook_account_id: str | None
    told: frozenset[str]
    extra: Mapping[str, Any]
    raw_bad: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ListedAccount:
    """An account of the list, in the words of v2 or v4: `uid` only v2 tells, `channel` only v4."""

    id: InternalId
    username: str | None
    uid: InstagramUid | None
    name: str | None
    channel: str | None
    picture_url: str | None
    told: frozenset[str]
    extra: Mapping[str, Any]
    raw_bad: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether Gipper can still use an account, and its words when it cannot."""

    id: InternalId
    username: str | None
    verified: bool | None
    error_message: str | None


class Outcome(StrEnum):
    """What became of one requested account."""

    CONNECTED = "connected"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class AccountOutcome:
    """What became of one requested account; `hint` is workspace or owner when the words say so."""

    requested: InstagramUid
    outcome: Outcome
    account: ConnectedAccount | None = None
    reason: str = ""
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Creation:
    """What became of each requested account, in their order; `success` only if every one is connected."""

    outcomes: tuple[AccountOutcome, ...]
    messages: tuple[str, ...] = ()
    drift: tuple[Drift, ...] = ()

    @property
    def success(self) -> bool:
        """Whether every requested account is connected."""
        return all(one.outcome is Outcome.CONNECTED for one in self.outcomes)


_TOKENS: Final = frozenset({"fb_token", "access_token", "token"})
_CREATED: Final = Shape(
    ConnectedAccount,
    "id",
    _payload.whole_identifier,
    (
        ("ig_user_id", _payload.label),
        ("ig_user_name", _payload.label),
        ("ig_profile_picture_url", _payload.text),
        ("facebook_page_id", _payload.label),
        ("user_id", _payload.label),
        ("created_at", _payload.moment),
        ("updated_at", _payload.moment),
        ("nickname", _payload.text),
        ("facebook_account_id", _payload.label),
    ),
    known=frozenset({"connected_teams"}),
    dropped=_TOKENS,
)
_LISTED: Final = Shape(
    ListedAccount,
    "id",
    _payload.whole_identifier,
    (
        ("username", _payload.label),
        ("uid", _payload.label),
        ("name", _payload.text),
        ("social_channel", _payload.text),
        ("picture_url", _payload.text),
    ),
    known=frozenset(
        {"created_at", "updated_at", "facebook_account_id", "facebook_page_id", "user_id", "connected_teams"}
    ),
    dropped=_TOKENS,
)
_V2: Final = {
    "ig_user_name": "username",
    "ig_user_id": "uid",
    "ig_profile_picture_url": "picture_url",
    "nickname": "name",
}
_V4: Final = {"name": "username", "nickname": "name", "logo": "picture_url"}
"""In v4 `name` is the account's user name and `nickname` a label that people may edit."""


class Gipper:
    """One Gipper user. `contract` is "documented" (the default) or "current"; every method raises VendorError."""

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        contract: Literal["documented", "current"] = "documented",
        send_rb_uid: bool = False,
        pace: Pace | None = None,
        timing: Timing | None = None,
    ) -> None:
        self.pace = pace or Pace(20, 1.0)
        self.contract = contract
        self._send_rb_uid = send_rb_uid
        headers = {"Authentication": f"Bearer {token}"}
        self._http = Http(base_url, vendor="gipper", headers=headers, pace=self.pace, timing=timing)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def create_instagram_accounts(
        self, facebook_account: FacebookAccount, ig_accounts: Sequence[InstagramAccount]
    ) -> Creation:
        """Connect Instagram accounts; the result says for each one whether it is connected, refused or unknown.

        Raises:
            Rejected: a parameter is wrong (nothing was sent), or Gipper refused them all with a 422.
        """
        action = "connect the Instagram accounts"
        for problem_field, reason in problems(facebook_account, ig_accounts):
            raise errors.Rejected("gipper", action, reason, field=problem_field)
        secrets = (facebook_account.fb_token, *(account.fb_token for account in ig_accounts))
        answer = self._http.write(
            "POST",
            "/api/v3/instagram_accounts",
            action=action,
            json=self._creation(facebook_account, ig_accounts),
            dialect=_write_dialect,
            secrets=secrets,
        )
        return _created(answer, ig_accounts, secrets)

    def delete(self, account: InternalId) -> bool:
        """Remove an account by Gipper's own integer; False when it was gone already.

        Raises:
            Rejected: the id is no integer of Gipper's (an Instagram uid never leaves), or Gipper says why not.
        """
        action = "delete the Instagram account"
        if type(account) is not int or not 0 < account < _UID_FLOOR:
            reason = "Gipper's own integer id is needed, not Instagram's uid"
            raise errors.Rejected("gipper", action, reason, field="id")
        try:
            answer = self._http.write(
                "DELETE", f"/api/v3/instagram_accounts/{account}", action=action, dialect=_write_dialect
            )
        except errors.NotFound as gone:
            if gone.status != _NOT_FOUND:
                raise
            return False
        body = answer.object()
        if body.get("success") is not True:
            told = errors.mask_mail(words(body.get("message")) or words(body.get("error")))
            if body.get("success") is False and told:
                raise errors.Rejected("gipper", action, told, status=answer.status)
            raise answer.unconfirmed(told or "its answer does not say that it succeeded")
        return True

    def accounts(self) -> Listing[ListedAccount]:
        """All Instagram accounts (current contract): the v2 shape comes whole, the v4 shape is paged to its end."""
        answer = self._page(_LIST, None)
        if "instagram_accounts" in answer.object():
            return _listing(answer.rows("instagram_accounts"), _V2)
        pages = list(self._readings(_LIST, answer))
        items = {account.id: account for page in pages for account in page.items}
        rejected = tuple(one for page in pages for one in page.rejected)
        return Listing(tuple(items.values()), rejected, tuple(one for page in pages for one in page.drift))

    def account_pages(self, path: str = "/api/v4/social_accounts") -> Iterator[Listing[ListedAccount]]:
        """The Instagram accounts page by page in the v4 shape; meta.total_count tells how many rows there are.

        Raises:
            UnexpectedAnswer: a page is empty or repeats before all rows came, or accounts leave faster than they are
                read; the pages before it are good, the list is not complete.
        """
        return self._readings(path, self._page(path, 1))

    def _page(self, path: str, page: int | None) -> Answer:
        params = {"page": str(page)} if page else None
        return self._http.read("GET", path, action="list the Instagram accounts", params=params, dialect=_dialect)

    def _readings(self, path: str, answer: Answer) -> Iterator[Listing[ListedAccount]]:
        """The list from its first page (`answer`); read again where it got shorter while its pages were read."""
        for _ in range(_MOST_READINGS):
            told = list[int]()
            yield from self._pages(path, answer, told)
            if not _fell(told):
                return
            answer = self._page(path, 1)
        raise answer.unexpected("its list gets shorter each time that it is read")

    def _pages(self, path: str, answer: Answer, told: list[int]) -> Iterator[Listing[ListedAccount]]:
        """One reading of the list; `told` collects how many rows there are, as each page says.

        Accounts that leave meanwhile move others to pages that were read already: then no page is the last one.
        """
        seen: set[str] = set()
        for page in range(1, _MOST_PAGES):
            rows = answer.rows("accounts")
            ids = {_payload.sample([row.get("social_channel"), row.get("id")]) for row in rows if isinstance(row, dict)}
            total = _total(answer)
            more = bool(rows) if total is None else len(seen | ids) < total
            if more and ids <= seen:
                raise answer.unexpected(f"page {page} is empty or repeats earlier ones, although more should follow")
            seen |= ids
            told += [] if total is None else [total]
            follow = str(page + 1) if more else "1" if _fell(told) else None
            yield replace(_listing(_instagram(rows), _V4), more=follow)
            if not more:
                return
            answer = self._page(path, page + 1)
        raise answer.unexpected("its pages do not end")

    def verify(self, page: int = 1, *, type_: str = "instagram") -> Listing[Verification]:
        """Whether Gipper can still use the accounts of one page (current contract)."""
        params = {"type": type_, "page": str(page)}
        action = "verify the accounts"
        answer = self._http.read(
            "GET", "/api/v2/verify_social_accounts", action=action, params=params, dialect=_dialect
        )
        return _verifications(answer)

    def _creation(self, facebook: FacebookAccount, accounts: Sequence[InstagramAccount]) -> dict[str, Any]:
        person = {"fb_token": facebook.fb_token, "fb_uid": facebook.fb_uid}
        person |= {"rb_uid": facebook.fb_uid} if self._send_rb_uid else {}
        person |= {"location": facebook.location} if facebook.location is not None else {}
        names = ("id", "username", "fb_token", "profile_picture_url")
        return {"facebook_account": person, "ig_accounts": [{n: getattr(one, n) for n in names} for one in accounts]}


def problems(facebook: FacebookAccount, accounts: Sequence[InstagramAccount]) -> list[tuple[str, str]]:
    """What the document's validations refuse: (field, sentence), without any value."""
    needed = {f"facebook_account[{name}]": getattr(facebook, name) for name in ("fb_token", "fb_uid")}
    for index, account in enumerate(accounts):
        needed |= {f"ig_accounts[{index}][{name}]": getattr(account, name) for name in ("id", "username", "fb_token")}
    pictures = {f"ig_accounts[{i}][profile_picture_url]": one.profile_picture_url for i, one in enumerate(accounts)}
    found = [(name, f"{name} must be a text that is not empty") for name, value in needed.items() if not _filled(value)]
    found += [(name, f"{name} must be a text") for name, value in pictures.items() if not isinstance(value, str)]
    if facebook.location is not None and facebook.location not in LOCATIONS:
        name = "facebook_account[location]"
        found.append((name, f"{name} must be one of {', '.join(LOCATIONS)}"))
    if not accounts:
        found.append(("ig_accounts", "at least one Instagram account is needed"))
    return found


def _filled(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _dialect(status: int, body: Any) -> Refusal | None:
    """Gipper's errors: a field with its messages and no envelope, or the common ones; e-mail addresses are masked."""
    refusal = common(status, body)
    return None if refusal is None else replace(refusal, message=errors.mask_mail(refusal.message))


def _write_dialect(status: int, body: Any) -> Refusal | None:
    """As `_dialect`; what a 2xx to a write means is read account by account (line 29 of the document)."""
    return None if status < 300 else _dialect(status, body)  # noqa: PLR2004 - a 2xx


def hint(message: str) -> str | None:
    """What a refusal's words suggest: `workspace` (remove it there first) or `owner` (ask for access); a hint only."""
    if _WORKSPACE.search(message):
        return "workspace"
    return "owner" if _OWNER.search(message) or "already connected" in message.lower() else None


def _created(answer: Answer, wanted: Sequence[InstagramAccount], secrets: tuple[str, ...]) -> Creation:
    body = answer.object()
    rows = body.get("ig_accounts")
    if not isinstance(body.get("success"), bool) or not isinstance(rows, list | None):
        raise answer.unconfirmed("its answer does not say what became of the accounts")
    listing = _payload.listing(rows or [], _CREATED)
    messages = tuple(
        _hidden(errors.clean(errors.mask_mail(text)), secrets) for text in _payload.texts(body.get("message") or [])
    )
    known = {account.ig_user_id: account for account in listing.items}
    outcomes = tuple(_outcome(one, known.get(one.id), messages, alone=len(wanted) == 1) for one in wanted)
    if body["success"] is False and not messages:
        outcomes = tuple(replace(o, outcome=Outcome.REFUSED) if o.outcome is Outcome.UNKNOWN else o for o in outcomes)
    return Creation(outcomes, messages, listing.drift)


def _outcome(
    one: InstagramAccount, account: ConnectedAccount | None, messages: tuple[str, ...], *, alone: bool
) -> AccountOutcome:
    """Connected when the answer holds its uid; refused when a message names it (or it was alone); else unknown."""
    if account is not None:
        return AccountOutcome(one.id, Outcome.CONNECTED, account)
    named = re.compile(rf"(?<![\w.]){re.escape(one.username.removeprefix('@'))}(?![\w.]*\w)", re.IGNORECASE)
    mine = next(
        (text for text in messages if named.search(text) or one.id in text), messages[0] if alone and messages else None
    )
    if mine is None:
        return AccountOutcome(one.id, Outcome.UNKNOWN, reason="Gipper's answer does not mention this account")
    return AccountOutcome(one.id, Outcome.REFUSED, reason=mine, hint=hint(mine))


def _hidden(text: str, secrets: tuple[str, ...]) -> str:
    for secret in secrets:
        text = text.replace(secret, "•••")
    return text


def _listing(rows: list[Any], names: Mapping[str, str]) -> Listing[ListedAccount]:
    return _payload.listing([_renamed(row, names) for row in rows], _LISTED)


def _renamed(row: Any, names: Mapping[str, str]) -> Any:
    return {names.get(key, key): value for key, value in row.items()} if type(row) is dict else row


def _instagram(rows: list[Any]) -> list[Any]:
    """The rows of Instagram accounts; a row that does not tell its channel stays, so that it is rejected or shown."""
    channels = ((row, row.get("social_channel") if isinstance(row, dict) else None) for row in rows)
    return [row for row, channel in channels if not isinstance(channel, str) or channel.lower() == "instagram"]


def _total(answer: Answer) -> int | None:
    meta = answer.object().get("meta")
    total = _payload.count(meta.get("total_count")) if isinstance(meta, dict) else None
    return total if isinstance(total, int) else None


def _fell(told: list[int]) -> bool:
    """Whether the list got shorter while its pages were read."""
    return any(later < earlier for earlier, later in pairwise(told))


def _verifications(answer: Answer) -> Listing[Verification]:
    """The verification rows, bare or under the key of their kind, each with a `verified` object or flag."""
    body = answer.body
    keys = ("accounts", "instagram_accounts", "social_accounts")
    key = next((key for key in keys if isinstance(body, dict) and key in body), keys[0])
    rows = body if isinstance(body, list) else answer.rows(key)
    found: dict[int, Verification] = {}
    rejected: list[_payload.Rejected] = []
    for position, row in enumerate(rows):
        identity = _payload.whole_identifier(row.get("id")) if isinstance(row, dict) else _payload.BAD
        if not isinstance(identity, int):
            rejected.append(_payload.Rejected(position, "its 'id' is missing or unusable"))
        else:
            found[identity] = _verification(InternalId(identity), row)
    return Listing(tuple(found.values()), tuple(rejected))


def _verification(identity: InternalId, row: dict[str, Any]) -> Verification:
    told = row.get("verified")
    state = told if isinstance(told, dict) else {"verified": told}
    verified = _payload.flag(state.get("verified"))
    message = _payload.written(state.get("error_message"))
    names = (_payload.label(row.get(key)) for key in ("ig_user_name", "username", "name", "nickname"))
    return Verification(
        identity,
        next((name for name in names if isinstance(name, str)), None),
        verified if isinstance(verified, bool) else None,
        errors.mask_mail(message) if isinstance(message, str) and message.strip() else None,
    )
