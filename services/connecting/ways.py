"""What can be connected here: by vendor, the platforms and kinds that its document has a way for."""

from collections.abc import Mapping
from typing import Final

from data.types import Kind, Vendor
from services.failures import Misuse
from services.vendors import late, zocial

PLATFORMS: Final[Mapping[Vendor, tuple[str, ...]]] = {
    Vendor.HIGHLEVEL: ("instagram",),
    Vendor.GIPPER: ("instagram",),
    Vendor.LATE: late.PLATFORMS,
    Vendor.ZOCIAL: zocial.AUTHENTICATORS,
}
"""The platforms with a way to connect; imiconnect has none."""
KINDS: Final[Mapping[Vendor, tuple[Kind, ...]]] = {Vendor.ZOCIAL: tuple(Kind)}
"""What can be added; networks only where nothing stands here."""
FORMS: Final = frozenset({Vendor.GIPPER, Vendor.ZOCIAL})
"""The vendors that are connected by a form of ours; a window at the vendor elsewhere."""


def platforms(vendor: Vendor, kind: Kind = Kind.NETWORK) -> tuple[str, ...]:
    """Name the platforms on which a vendor connects this kind; of pages, walls and channels all of Zocial's."""
    return PLATFORMS.get(vendor, ()) if kind is Kind.NETWORK else zocial.NETWORKS


def refuse_impossible(vendor: Vendor, platform: str, kind: Kind, *, by_form: bool = False) -> None:
    """See that a vendor has a way to connect this, by form or in a window. Raises Misuse that says what it has."""
    ways = platforms(vendor, kind)
    if platform not in ways:
        has = f"It connects {', '.join(ways)}." if ways else "It connects nothing."
        raise Misuse(f"{vendor.value} connects no account of {platform[:40]!r} here.", has)
    if kind not in KINDS.get(vendor, (Kind.NETWORK,)):
        raise Misuse(f"{vendor.value} adds no {kind.value} here.", "Choose a network.")
    if by_form != (vendor in FORMS):
        way = "by a form, not in a window" if vendor in FORMS else "in a window, not by a form"
        raise Misuse(f"{vendor.value} is connected {way}.", "Choose it on the Connect page.")
