"""What Zocial keeps: the rows of its lists, and everything that was changed through its endpoints."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.sandbox import curves
from services.sandbox.clock import stamp
from services.sandbox.curves import draw
from services.sandbox.kit import Kit
from services.sandbox.world import Account, profile_url

USER_ID = 456
FOREIGN_ID = 900_001  # a network that exists and belongs to somebody else
_ADDED = 800_000
_LIVE = frozenset({"pending", "accepted", "suspended"})
_GOOGLE = {"google": "youtube"}


@dataclass(slots=True)
class Review:
    """An approval in review: pending until `decided_at`, then `outcome`."""

    since: datetime
    decided_at: datetime
    outcome: str

    def status(self, now: datetime) -> str | None:
        """What the review makes of the status at an instant; None before it began."""
        if now < self.since:
            return None
        return "pending" if now < self.decided_at else self.outcome


@dataclass(frozen=True, slots=True)
class Claim:
    """What a caller says of an account: its platform, the platform's own id, address, figure, category and name."""

    network: str
    external: str
    url: str
    figure: int | None = None
    category: str = ""
    name: str = ""


class Desk:
    """The rows of one user, as the clock stands, with all changes on top."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._added: dict[str, list[dict[str, Any]]] = {"network": [], "page": [], "wall": [], "channel": []}
        self._reviews: dict[int, Review] = {}
        self._gone: dict[int, datetime] = {}
        self._extra: dict[int, dict[str, Any]] = {}
        self._approval = 788
        self._next = _ADDED

    def networks(self) -> list[dict[str, Any]]:
        """The list of networks, newest changes included."""
        now = self._kit.clock.now()
        rows = [row for account in self._kit.world.networks if (row := self._network(account, now)) is not None]
        return rows + [self._overlaid(row, now) for row in self._fresh("network", now)]

    def listed(self, kind: str) -> list[dict[str, Any]]:
        """The list of pages, walls or channels, with the whole data model."""
        now = self._kit.clock.now()
        accounts: tuple[Account, ...] = getattr(self._kit.world, f"{kind}s")
        rows = [row for account in accounts if (row := _part(kind, account, now)) is not None]
        return rows + [{**row, "last_updated": row["connected_at"]} for row in self._fresh(kind, now)]

    def status(self, number: int) -> dict[str, Any]:
        """What the status endpoint says of one network."""
        now = self._kit.clock.now()
        row = self._by_number(number)
        account = self._account(number, now)
        measured = row["connected_at"] if account is None else stamp(curves.measured_at(account.curve, now))
        return {
            "status": row["status"],
            "verified": row["verified"],
            "followers": row["followers"],
            "engagement_rate": None if account is None else curves.engagement(account.curve, now),
            "last_updated": measured,
        }

    def knows(self, number: int) -> bool:
        """Whether a network of the user has this id."""
        return any(row["id"] == number for row in self.networks())

    def find(self, network: str, handle: str) -> dict[str, Any] | None:
        """The row of a platform and handle, unless it is disconnected."""
        for row in self.networks():
            same = row["network"] == _GOOGLE.get(network, network) and row["network_id"].lower() == handle.lower()
            if same and row["status"] != "disconnected":
                return row
        return None

    def connected(self) -> int:
        """How many networks count against the limit."""
        return sum(row["status"] in _LIVE for row in self.networks())

    def has(self, kind: str, network: str, external: str) -> bool:
        """Whether a page, wall or channel is there already."""
        return any(row["network"] == network and row[f"{kind}_id"] == external for row in self.listed(kind))

    def disconnect(self, number: int) -> None:
        """Turn a network's status to disconnected; its row stays."""
        self._gone[number] = self._kit.clock.now()
        self._reviews.pop(number, None)

    def update_extra(self, number: int, extra: Mapping[str, Any]) -> None:
        """Keep extra data of a network; later lists show it."""
        self._extra.setdefault(number, {}).update(extra)

    def authenticate(self, platform: str, user: str) -> int:
        """Connect an account: a disconnected row comes back, else a new one appears. Returns its id."""
        network = _GOOGLE.get(platform, platform)
        for row in self.networks():
            if row["network"] == network and row["network_id"].lower() == user.lower():
                self._gone.pop(row["id"], None)
                now = self._kit.clock.now()
                self._reviews[row["id"]] = Review(now, now, "accepted")
                return int(row["id"])
        return self._new_network(Claim(network, user, profile_url(network, user)), "accepted")

    def submit(self, claim: Claim, known: Mapping[str, Any] | None) -> int:
        """Take an approval: pending now, decided by the clock after the review time. Returns the approval's id."""
        number = known["id"] if known else self._new_network(claim, "pending")
        now = self._kit.clock.now()
        rejected = "reject" in claim.category.lower() or "reject" in claim.external.lower()
        self._reviews[number] = Review(now, now + self._kit.review, "rejected" if rejected else "accepted")
        self._approval += 1
        return self._approval

    def add(self, kind: str, claim: Claim) -> int:
        """Add a page, wall or channel. Returns its own id."""
        self._next += 1
        row: dict[str, Any] = {
            "id": self._next,
            "user_id": USER_ID,
            "network": claim.network,
            f"{kind}_id": claim.external,
            f"{kind}_name": claim.name,
            f"{kind}_url": claim.url,
            "status": "accepted",
            "subscribers" if kind == "channel" else "followers": claim.figure,
            "category": claim.category,
            "engagement_rate": None,
            "connected_at": stamp(self._kit.clock.now()),
            "extra_data": {},
        }
        self._added[kind].append(row)
        return self._next

    def _new_network(self, claim: Claim, status: str) -> int:
        self._next += 1
        invented = 100 + int(9000 * draw(claim.network, claim.external))
        row: dict[str, Any] = {
            "id": self._next,
            "network": claim.network,
            "network_id": claim.external,
            "network_url": claim.url,
            "status": status,
            "followers": invented if claim.figure is None else claim.figure,
            "verified": False,
            "connected_at": stamp(self._kit.clock.now()),
            "user_id": USER_ID,
            "category": claim.category,
            "extra_data": {},
        }
        self._added["network"].append(row)
        return self._next

    def _fresh(self, kind: str, now: datetime) -> Iterator[dict[str, Any]]:
        told = stamp(now)
        return (row for row in self._added[kind] if row["connected_at"] <= told)

    def _network(self, account: Account, now: datetime) -> dict[str, Any] | None:
        seen = account.seen(now)
        if seen is None:
            return None
        row = {
            "id": seen.number,
            "network": account.platform,
            "network_id": seen.handle,
            "network_url": profile_url(account.platform, seen.handle),
            "status": curves.status(account.curve, now),
            "followers": curves.followers(account.curve, now),
            "verified": account.verified,
            "connected_at": stamp(seen.since),
            "user_id": USER_ID,
            "category": account.brand.category,
            "extra_data": {
                "bio": account.brand.bio,
                "website": f"https://{account.brand.handle.replace('.', '-')}.example",
                "verified_badge": account.verified,
            },
        }
        return self._overlaid(row, now)

    def _overlaid(self, row: dict[str, Any], now: datetime) -> dict[str, Any]:
        number = row["id"]
        if (review := self._reviews.get(number)) and (word := review.status(now)):
            row = {**row, "status": word}
        if number in self._gone and now >= self._gone[number]:
            row = {**row, "status": "disconnected"}
        if number in self._extra:
            row = {**row, "extra_data": {**row["extra_data"], **self._extra[number]}}
        return row

    def _by_number(self, number: int) -> dict[str, Any]:
        return next(row for row in self.networks() if row["id"] == number)

    def _account(self, number: int, now: datetime) -> Account | None:
        for account in self._kit.world.networks:
            seen = account.seen(now)
            if seen is not None and seen.number == number:
                return account
        return None


def _part(kind: str, account: Account, now: datetime) -> dict[str, Any] | None:
    seen = account.seen(now)
    if seen is None:
        return None
    return {
        "id": seen.number,
        "user_id": USER_ID,
        "network": account.platform,
        f"{kind}_id": seen.handle,
        f"{kind}_name": account.name,
        f"{kind}_url": profile_url(account.platform, seen.handle),
        "status": curves.status(account.curve, now),
        "subscribers" if kind == "channel" else "followers": curves.followers(account.curve, now),
        "category": account.brand.category,
        "engagement_rate": curves.engagement(account.curve, now),
        "connected_at": stamp(seen.since),
        "last_updated": stamp(curves.measured_at(account.curve, now)),
        "extra_data": {"description": account.brand.bio, **_part_extra(kind, account)},
    }


def _part_extra(kind: str, account: Account) -> dict[str, Any]:
    size = account.curve.base
    if kind == "page":
        told = "verified" if account.verified else "not_verified"
        return {"category": account.brand.category.capitalize(), "verification_status": told}
    if kind == "wall":
        return {"posts_count": 40 + size % 400, "average_likes": size // 25}
    return {"videos_count": 10 + size % 120, "average_views": size // 3}
