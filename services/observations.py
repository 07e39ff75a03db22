"""From the vendors' words to ours: what each record says of a connection, as a row for the cache."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from itertools import repeat
from typing import Any

from data.connections import Word
from data.refresh import Record
from data.staging import Columns
from data.types import Health, Kind, Status
from services.handles import FEWEST_OF_EITHER, handle_in, handle_key, own_id, platform_id, web_address
from services.vendors._payload import Listing
from services.vendors.gipper import ListedAccount, Verification
from services.vendors.highlevel import Account as HighLevelAccount
from services.vendors.highlevel import AttachedAccount
from services.vendors.late import Account as LateAccount
from services.vendors.late import AccountHealth
from services.vendors.zocial import Channel, Network, Page, Wall

Row = dict[str, Any]
EXPIRES_SOON = timedelta(days=7)
WORDING = b"3"
"""Another text whenever this module makes another row of the same record: then every row is made anew."""
_WORDED = int.from_bytes(blake2b(WORDING, digest_size=8).digest(), "little", signed=True)
_STATUSES = {status.value: status.value for status in Status if status is not Status.UNKNOWN}
_UNKNOWN = Health.UNKNOWN.value
_HEALTHS = {status.value: Health.HEALTHY.value for status in (Status.PENDING, Status.ACCEPTED)}
_FIGURES = {
    "followers": "followers",
    "subscribers": "followers",
    "followersCount": "followers",
    "engagement_rate": "engagement_rate",
}
_PLAIN = re.compile(r"[0-9]*[A-Za-z_.-][\w.-]*", re.ASCII)
"""A handle as it stands: ASCII, no number, and neither an address nor an @ before it."""
_MINUS = re.compile(r"'?\s*-\s*[0-9.]*[1-9]")
_RECONNECT = "Late says it needs to be reconnected."
_TOLD = {"keep_engagement_rate": False, "keep_last_updated": False}


def connection_id(source_id: int, kind: Kind, vendor_id: object) -> str:
    """Give the id of a connection: its source, the first letter of its kind and the vendor's own id."""
    return f"{source_id}-{kind[0]}-{vendor_id}"


def folded(text: str) -> str:
    """Fold a text for searching and sorting: one form of each character, no difference of case."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


def recorded(row: Row) -> Record:
    """Wrap a row that is made already; its fingerprint covers all of it."""
    values = tuple(row.values())  # far smaller than the dictionary: a whole list of them is held
    return Record(row["id"], fingerprint(values), values, _in_columns(tuple(row)))


@lru_cache(maxsize=16)
def _in_columns(names: tuple[str, ...]) -> Callable[[Sequence[Any]], Columns]:
    return lambda rows: dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))


def fingerprint(values: tuple[object, ...]) -> int:
    """Give 64 bits that stand for all values: equal ones say nothing new (never 0, which means unread)."""
    digest = blake2b(repr(values).encode("utf-8", "backslashreplace"), digest_size=8, salt=WORDING).digest()
    return int.from_bytes(digest, "little", signed=True) or 1


def _row(source_id: int, kind: Kind, vendor_id: object, **told: Any) -> Row:
    name, handle = told["name"], told["handle"]
    told["id"] = connection_id(source_id, kind, vendor_id)
    told["kind"] = kind.value
    told["vendor_id"] = str(vendor_id)
    told["sort_name"] = folded(name or handle or "")[:200]
    told["search_text"] = folded(f"{name or ''}\n{handle or ''}")
    told["handle_key"] = handle_key(handle, told["url"])
    told["platform_id"] = platform_id(told["platform_id"])
    told.setdefault("negative", None)
    told.setdefault("refusal", None)
    return told


@lru_cache(maxsize=256)
def _platform(word: str | None) -> str:
    return word.strip().lower() if word and word.strip() else "unknown"


def _status(word: str | None) -> str:
    if word is None:
        return _UNKNOWN
    return _STATUSES.get(word) or _STATUSES.get(word.strip().lower(), _UNKNOWN)


def _extra(record: Any, **ours: Any) -> Row | None:
    """Keep what has no column of its own: extra data, unknown fields, and the raw form of unreadable ones."""
    kept = {name: value for name, value in ours.items() if value or value in (0, "")}
    if record.extra:
        kept["unknown"] = dict(record.extra)
    if record.raw_bad:
        kept["unreadable"] = dict(record.raw_bad)
    return kept or None


def negative(raw_bad: Mapping[str, str]) -> str | None:
    """Tell which figure a vendor gave as a negative number: no reader takes it, so only its raw form knows."""
    return next((field for name, field in _FIGURES.items() if below_zero(raw_bad.get(name))), None)


def below_zero(raw: str | None) -> bool:
    """Tell whether the raw form of an unreadable value is a negative number."""
    return raw is not None and _MINUS.match(raw) is not None


def _zocial(records: Sequence[Network | Page | Wall | Channel], source_id: int, kind: Kind) -> Columns:
    """Read records of one Zocial list, column by column: a first sync spends its time here."""
    nothing = (None,) * len(records)
    fields = list(zip(*records, strict=True))
    numbers, platforms, handles = fields[:3]
    if kind is Kind.NETWORK:
        urls, words, followers, verified, connected, users, categories = fields[3:10]
        names = nothing
    else:
        names, urls, words, followers, categories, connected, users = fields[3:10]
        verified = nothing
    rates, updated, extras, told, unknown, bad = fields[10:]
    bare = [not any(rest) for rest in zip(extras, users, unknown, bad, strict=True)]
    statuses = [_status(word) for word in words]
    shown, sort_names, search_texts, keys, own = zip(*map(_named, names, handles, urls), strict=True)
    return {
        "id": [f"{source_id}-{kind[0]}-{number}" for number in numbers],
        "kind": [kind.value] * len(records),
        "platform": [_platform(word) for word in platforms],
        "vendor_id": [str(number) for number in numbers],
        "external_id": list(handles),
        "handle": list(shown),
        "name": list(names),
        "url": list(urls),
        "status": statuses,
        "vendor_status": list(words),
        "verified": list(verified),
        "health": [_HEALTHS.get(status, _UNKNOWN) for status in statuses],
        "health_reason": list(nothing),
        "refusal": list(nothing),
        "followers": list(followers),
        "engagement_rate": list(rates),
        "category": list(categories),
        "connected_at": list(connected),
        "last_updated": list(updated),
        "expires_at": list(nothing),
        "extra": [
            None if plain else _extra(record, extra_data=extra, user_id=user)
            for record, extra, user, plain in zip(records, extras, users, bare, strict=True)
        ],
        "sort_name": list(sort_names),
        "search_text": list(search_texts),
        "handle_key": list(keys),
        "platform_id": list(own),
        "keep_engagement_rate": [kind is Kind.NETWORK and "engagement_rate" not in names for names in told],
        "keep_last_updated": [kind is Kind.NETWORK and "last_updated" not in names for names in told],
        "negative": [negative(raw) if raw else None for raw in bad],
    }


def _named(name: str | None, told: str | None, url: str | None) -> tuple[str | None, str, str, str | None, str | None]:
    """Give handle, sort_name, search_text, handle_key and platform_id; most handles are plain, folded once for all."""
    if told and _PLAIN.fullmatch(told):
        lowered = told.lower()
        return told, (folded(name) if name else lowered)[:200], f"{folded(name or '')}\n{lowered}", lowered, None
    handle = handle_in(told) or told
    sort_name = folded(name or handle or "")[:200]
    own = platform_id(told, fewest=FEWEST_OF_EITHER)
    return handle, sort_name, folded(f"{name or ''}\n{handle or ''}"), handle_key(handle, url), own


def zocial_records(
    listing: Listing[Any], source_id: int, kind: Kind, observe: Callable[[Sequence[Any], int], Columns]
) -> Iterator[Record]:
    """Give the records of a Zocial list; rows are made only of those that say something new."""
    prefix = f"{source_id}-{kind[0]}-"

    def columns(items: Sequence[Any]) -> Columns:
        return observe(items, source_id)

    ids = [f"{prefix}{item[0]}" for item in listing.items]
    marks = [(mark ^ _WORDED) or 1 for mark in listing.marks]
    return map(Record, ids, marks, listing.items, repeat(columns))


def network(records: Sequence[Network], source_id: int) -> Columns:
    """Read Zocial networks; their engagement comes from the status endpoint where the list does not tell it."""
    return _zocial(records, source_id, Kind.NETWORK)


def page(records: Sequence[Page], source_id: int) -> Columns:
    """Read Zocial pages."""
    return _zocial(records, source_id, Kind.PAGE)


def wall(records: Sequence[Wall], source_id: int) -> Columns:
    """Read Zocial walls."""
    return _zocial(records, source_id, Kind.WALL)


def channel(records: Sequence[Channel], source_id: int) -> Columns:
    """Read Zocial channels; their subscribers are their followers."""
    return _zocial(records, source_id, Kind.CHANNEL)


def token_health(at: datetime, expires_at: datetime | None) -> tuple[str, str | None]:
    """Judge a token by its end (DESIGN.md section 6): past is the vendor's word for broken, within 7 days expiring."""
    if expires_at is None or expires_at - at > EXPIRES_SOON:
        return Health.HEALTHY.value, None
    if expires_at <= at:
        return Health.BROKEN.value, f"Access ended on {expires_at:%d %B %Y}."
    return Health.EXPIRING.value, f"Access ends on {expires_at:%d %B %Y}."


def late_word(health: AccountHealth) -> Word:
    """Read what Late's health call says of the access of one account."""
    refused = health.needs_reconnect or health.token_valid is False
    words = f"{_RECONNECT} {'; '.join(health.issues or ())}".strip()[:300]
    return Word(words if refused else None, health.token_expires_at)


def late_account(record: LateAccount, source_id: int, at: datetime, word: Word, *, kept: bool = False) -> Row:
    """Read an account of Late, with what its health call says of it; of a `kept` word the list's own is the newer."""
    ends = (record.token_expires_at, word.expires_at) if kept else (word.expires_at, record.token_expires_at)
    expires_at = ends[0] or ends[1]
    judged, reason = token_health(at, expires_at)
    if record.needs_reconnection or word.refusal:
        judged, reason = Health.BROKEN.value, word.refusal or _RECONNECT
    status = Status.DISCONNECTED if record.is_active is False else Status.ACCEPTED
    handle = handle_in(record.username)
    return _row(
        source_id,
        Kind.NETWORK,
        record.id,
        platform=_platform(record.platform),
        external_id=handle,
        platform_id=None,
        handle=handle,
        name=record.display_name,
        url=record.profile_url,
        status=status.value,
        vendor_status=None if record.is_active is None else ("active" if record.is_active else "inactive"),
        verified=None,
        health=judged if status is Status.ACCEPTED else Health.UNKNOWN.value,
        health_reason=reason if status is Status.ACCEPTED else None,
        refusal=word.refusal,
        followers=record.followers_count,
        engagement_rate=None,
        category=None,
        connected_at=record.created_at,
        last_updated=record.updated_at,
        expires_at=expires_at,
        extra=_extra(record, metadata=record.metadata, profile_id=record.profile_id),
        **_TOLD,
        negative=negative(record.raw_bad),
    )


def highlevel_account(record: HighLevelAccount, source_id: int, at: datetime) -> Row:
    """Read an account of HighLevel's list: its token's end and whether it has expired are told there."""
    health, reason = token_health(at, record.expire)
    if record.is_expired:
        health, reason = Health.BROKEN.value, "HighLevel says its access has expired."
    handle, own = handle_in(record.username), record.origin_id or own_id(record.id)
    return _listed(
        source_id,
        record.id,
        record,
        platform=_platform(record.platform),
        external_id=own or handle,
        platform_id=own,
        handle=handle,
        name=record.name,
        url=web_address(record.username),
        status=Status.ACCEPTED if record.live else Status.DISCONNECTED,
        verified=record.verified,
        health=health,
        health_reason=reason,
        connected_at=record.created_at,
        last_updated=record.updated_at,
        expires_at=record.expire,
        extra=_extra(
            record, meta=record.meta, type=record.type, oauth_id=record.oauth_id, profile_id=record.profile_id
        ),
    )


def attached_account(record: AttachedAccount, source_id: int, *, asked: str | None = None) -> Row:
    """Read one account of HighLevel (documented contract), which is found again under the id it was asked for by."""
    username = (record.meta or {}).get("username")
    handle = handle_in(username if isinstance(username, str) else None)
    return _listed(
        source_id,
        record.id,
        record,
        platform=_platform(record.platform or "instagram"),  # it was read under Instagram's path
        external_id=record.origin_id or handle,
        platform_id=record.origin_id,
        handle=handle,
        name=record.name,
        url=None,
        status=Status.DISCONNECTED if record.live is False else Status.ACCEPTED,
        verified=record.verified,
        health=Health.HEALTHY.value,
        health_reason=None,
        connected_at=record.created_at,
        last_updated=record.updated_at,
        expires_at=None,
        extra=_extra(record, meta=record.meta, type=record.type, oauth_id=asked or record.oauth_id),
    )


def gipper_word(verification: Verification) -> Word:
    """Read what Gipper's verification says of the access of one account."""
    words = verification.error_message or "it could not be verified"
    return Word(f"Gipper says: {words}"[:300] if verification.verified is False else None)


def gipper_account(record: ListedAccount, source_id: int, word: Word) -> Row:
    """Read an account of Gipper, with what its verification says of it."""
    return _listed(
        source_id,
        record.id,
        record,
        platform=_platform(record.channel or "instagram"),
        external_id=record.uid or record.username,
        platform_id=record.uid,
        handle=record.username,
        name=record.name or None,
        url=None,
        status=Status.ACCEPTED,
        verified=None,
        health=Health.BROKEN.value if word.refusal else Health.HEALTHY.value,
        health_reason=word.refusal,
        refusal=word.refusal,
        connected_at=None,
        last_updated=None,
        expires_at=None,
        extra=_extra(record),
    )


def _listed(source_id: int, vendor_id: object, record: Any, **told: Any) -> Row:
    """Read a record of a vendor that tells no status word and no figures: listed means accepted (decision 0004)."""
    status = told["status"]
    if status is Status.DISCONNECTED:
        told |= {"health": Health.UNKNOWN.value, "health_reason": None}
    flags = {name: getattr(record, name, None) for name in ("active", "deleted")}
    words = [f"{name}: {str(value).lower()}" for name, value in flags.items() if value is not None]
    silent = {"followers": None, "engagement_rate": None, "category": None}
    rest = {"vendor_status": ", ".join(words) or None} | _TOLD
    return _row(source_id, Kind.NETWORK, vendor_id, **(told | silent | rest | {"status": status.value}))
