"""The invented portfolio: which accounts exist at which vendor, built once per seed and frozen."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from services.sandbox import curves
from services.sandbox.brands import BRANDS, COMPANY, HOSTILE, Brand
from services.sandbox.curves import Curve, Shape, Story, Token, draw

NETWORKS = ("instagram", "facebook", "twitter", "youtube", "tiktok", "linkedin", "pinterest")
STATUSES = ("pending", "accepted", "rejected", "suspended", "disconnected")
ZOCIAL_NETWORKS, PAGES, WALLS, CHANNELS, LATE, HIGHLEVEL, GIPPER = 200, 20, 15, 25, 40, 30, 20
SHARED = 16  # real Instagram accounts that two or three vendors know
ALIKE = 30  # the place in Late's list of an account that only looks like the brand's: its last e is Cyrillic
MOVED = 17  # the place in Gipper's list of an account that HighLevel knows too, under the handle it had before
RELABELLED = frozenset({2, 5})  # places in HighLevel's list of shared accounts that carry another name there
VISITORS = 4  # campaign accounts per vendor: there for part of each cycle, with a new id each time
_STAY = 65.0  # days of a cycle that a campaign account stays
_FIRST = {"network": 1001, "page": 4001, "wall": 7001, "channel": 9001, "gipper": 7586}

_STORY_TABLE = (
    *(Story.REVIEWED,) * 6, *(Story.REFUSED,) * 3, *(Story.PAUSED,) * 4, *(Story.LEFT,) * 3,
    *(Story.PENDING,) * 3, Story.REJECTED, Story.SUSPENDED, Story.DISCONNECTED,
)  # fmt: skip
_STORY_SHARE = 0.24
_SHAPES = ((0.03, Shape.FROZEN), (0.05, Shape.VIRAL), (0.06, Shape.HALVED), (0.1, Shape.GAPS), (0.12, Shape.MISSING))
_URLS = {
    "instagram": "https://instagram.com/{}", "facebook": "https://facebook.com/{}", "twitter": "https://twitter.com/{}",
    "youtube": "https://youtube.com/@{}", "tiktok": "https://tiktok.com/@{}",
    "linkedin": "https://linkedin.com/company/{}", "pinterest": "https://pinterest.com/{}",
}  # fmt: skip


class Seen(NamedTuple):
    """How an account appears at one instant: its number in the vendor's list and its handle and start."""

    number: int
    handle: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """One account at one vendor; what it shows depends on the instant."""

    number: int
    platform: str
    brand: Brand
    handle: str
    name: str | None
    curve: Curve
    since: datetime
    verified: bool
    other_handle: str = ""
    visits: bool = False

    @property
    def url(self) -> str:
        """The public address of the account's profile."""
        return profile_url(self.platform, self.handle)

    def seen(self, now: datetime) -> Seen | None:
        """The account at this instant, or None while it is not connected."""
        turns, at = curves.turn(self.curve, now)
        if self.visits:
            begun = curves.turn_start(self.curve, turns)
            return Seen(self.number + max(turns, 0), self.handle, begun) if at < _STAY else None
        if now < self.since:
            return None
        renamed = self.other_handle and turns % 2
        return Seen(self.number, self.other_handle if renamed else self.handle, self.since)


@dataclass(frozen=True, slots=True)
class World:
    """Everything that the five vendors list for the invented company."""

    seed: int
    networks: tuple[Account, ...]
    pages: tuple[Account, ...]
    walls: tuple[Account, ...]
    channels: tuple[Account, ...]
    late: tuple[Account, ...]
    highlevel: tuple[Account, ...]
    gipper: tuple[Account, ...]


def profile_url(platform: str, handle: str) -> str:
    """The address of a profile as its platform writes it."""
    return _URLS.get(platform, "https://example.com/{}").format(handle.removeprefix("@"))


def platform_id(account: Account) -> str:
    """The platform's own id of an account: 17 digits, the same at every vendor that knows the account."""
    number = int(curves.hex_id("origin", account.brand.handle, account.platform, length=10), 16) % 10**13
    return f"1784{number:013d}"


def build(seed: int) -> World:
    """Build the portfolio; the same seed gives the same one."""
    return World(
        seed=seed,
        networks=tuple(_networks(seed)),
        pages=tuple(_kind(seed, "page", PAGES, ("facebook", "linkedin"), offset=0)),
        walls=tuple(_kind(seed, "wall", WALLS, ("instagram", "pinterest"), offset=20)),
        channels=tuple(_kind(seed, "channel", CHANNELS, ("youtube", "tiktok"), offset=35)),
        late=tuple(_vendor(seed, "late", LATE, shared=SHARED, offset=3)),
        highlevel=tuple(_vendor(seed, "highlevel", HIGHLEVEL, shared=SHARED // 2, offset=17)),
        gipper=tuple(_gipper(seed)),
    )


def _networks(seed: int) -> Iterator[Account]:
    plain = ZOCIAL_NETWORKS - VISITORS
    pairs = [(brand, NETWORKS[(place + step) % 7]) for step in range(7) for place, brand in enumerate(BRANDS)]
    shared = [(brand, "instagram") for brand in BRANDS[:SHARED]]
    chosen = shared + [pair for pair in pairs if pair not in shared][: plain - SHARED]
    for place, (brand, platform) in enumerate(chosen):
        other = f"{brand.handle}.official" if place in {31, 77, 120, 150} else ""
        verified = draw(seed, "verified", place) < 0.3  # noqa: PLR2004 - a share, said once
        curve = _curve(seed, ("network", brand.handle, platform), place)
        account = _account(_FIRST["network"] + place, platform, brand, curve, seed)
        yield _with(account, other_handle=other, verified=verified)
    yield from _visitors(seed, "network", 600_000, ("instagram", "tiktok", "facebook", "pinterest"))


def _kind(seed: int, kind: str, count: int, platforms: tuple[str, ...], *, offset: int) -> Iterator[Account]:
    for place in range(count):
        brand = BRANDS[(place + offset) % len(BRANDS)]
        curve = _curve(seed, (kind, brand.handle), place)
        account = _account(_FIRST[kind] + place, platforms[place % len(platforms)], brand, curve, seed)
        name = HOSTILE[place - 9] if kind == "page" and 9 <= place < 9 + 4 else _kind_name(kind, brand)  # noqa: PLR2004
        yield _with(account, name=name, handle=f"{brand.handle}.{kind}")


def _kind_name(kind: str, brand: Brand) -> str:
    return {"page": brand.name, "wall": f"{brand.name} · Wall", "channel": f"{brand.name} TV"}[kind]


def _vendor(seed: int, vendor: str, count: int, *, shared: int, offset: int) -> Iterator[Account]:
    platforms = NETWORKS if vendor == "late" else ("facebook", "instagram", "linkedin", "tiktok")
    for place in range(count - 2):
        is_shared = place < shared
        brand = BRANDS[place] if is_shared else BRANDS[(place * 2 + offset) % len(BRANDS)]
        platform = "instagram" if is_shared else platforms[(place + 1) % len(platforms)]
        if platform == "instagram" and not is_shared:
            platform = "facebook"
        key = ("network", brand.handle, "instagram") if is_shared else (vendor, brand.handle, platform)
        account = _account(place, platform, brand, _curve(seed, key, place + offset, token=True), seed)
        if vendor == "late" and place == ALIKE:
            imitated = BRANDS[2]
            account = _with(account, platform="instagram", handle=imitated.handle.replace("fee", "fe\u0435"))
            yield _with(account, name=imitated.name)
            continue
        yield _with(account, name=_vendor_name(vendor, place, brand))
    yield from _visitors(seed, vendor, 50_000, ("instagram", "tiktok"))


def _vendor_name(vendor: str, place: int, brand: Brand) -> str | None:
    first = {"late": 22, "highlevel": 20}[vendor]
    trick = place - first
    tricks = HOSTILE[4:8] if vendor == "late" else HOSTILE[8:]
    if 0 <= trick < len(tricks):
        return tricks[trick]
    if vendor == "highlevel" and place in RELABELLED:
        return f"{brand.name} ({COMPANY})"
    return None if place == first - 1 else brand.name


def _gipper(seed: int) -> Iterator[Account]:
    for place in range(GIPPER - 1):
        brand = BRANDS[place + 8] if place < SHARED // 2 else BRANDS[(place + 20) % len(BRANDS)]
        brand = BRANDS[place - MOVED] if place >= MOVED else brand
        account = _account(_FIRST["gipper"] + place, "instagram", brand, _curve(seed, ("gipper", place), place), seed)
        handle = f"{brand.handle}.hq" if place == MOVED else brand.handle
        yield _with(account, name=None if place % 3 else brand.name, handle=handle)
    yield from _visitors(seed, "gipper", 90_000, ("instagram",))


def _visitors(seed: int, kind: str, first: int, platforms: tuple[str, ...]) -> Iterator[Account]:
    for place, platform in enumerate(platforms):
        brand = BRANDS[(place * 11 + 5) % len(BRANDS)]
        popup = Brand(f"{brand.name} Pop-up", f"{brand.handle}.popup", brand.category, f"Six weeks only. {brand.bio}")
        phase = (place * 22.5 + 90 * draw(seed, kind)) % 90
        curve = Curve(900 + 400 * place, 0.0, 6.5, phase, 3.0 + place, story=Story.REVIEWED)
        yield _with(_account(first + 10_000 * place, platform, popup, curve, seed), visits=True)


def _account(number: int, platform: str, brand: Brand, curve: Curve, seed: int) -> Account:
    since = curves.EPOCH - timedelta(
        days=int(20 + 700 * draw(seed, "since", brand.handle, platform)), hours=number % 24
    )
    verified = curve.base > 40_000  # noqa: PLR2004 - who is big enough to carry a badge here
    return Account(number, platform, brand, brand.handle, brand.name, curve, since, verified)


def _with(account: Account, **changes: object) -> Account:
    values = {name: getattr(account, name) for name in Account.__slots__}
    return Account(**{**values, **changes})


def _curve(seed: int, key: tuple[object, ...], place: int, *, token: bool = False) -> Curve:
    chance = {name: draw(seed, name, *key) for name in ("base", "rate", "rise", "phase", "shape", "story", "which")}
    shape = next((shape for limit, shape in _SHAPES if chance["shape"] < limit), Shape.STEADY)
    story = Story.ACCEPTED
    if chance["story"] < _STORY_SHARE:
        story = _STORY_TABLE[int(chance["which"] * len(_STORY_TABLE))]
    if place == 190:  # noqa: PLR2004 - exactly one rare status that no document names
        story = Story.ARCHIVED
    return Curve(
        base=round(10 ** (2.7 + 2.7 * (0.7 * _fame(seed, key[1]) + 0.3 * chance["base"]))),
        rate=-0.0006 + 0.0021 * chance["rate"],
        engagement=0.6 + 6.5 * chance["rise"] ** 2,
        phase=90 * chance["phase"],
        salt=100 * chance["which"],
        shape=shape,
        story=story,
        token=_token(place) if token else Token.FRESH,
    )


def _token(place: int) -> Token:
    if place % 10 == 5:  # noqa: PLR2004 - one in ten
        return Token.EXPIRING
    if place % 10 == 9:  # noqa: PLR2004 - one in ten
        return Token.LAPSES
    return Token.EXPIRED if place % 20 == 11 else Token.FRESH  # noqa: PLR2004 - one in twenty


def _fame(seed: int, handle: object) -> float:
    """How known a brand is on all its platforms, in [0, 1]; the company's own brand is the best known."""
    return 1.0 if handle == BRANDS[0].handle else draw(seed, "fame", handle)
