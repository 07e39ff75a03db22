"""Reads all that a source lists, batch by batch: each vendor has one reader, in the order in which it is asked."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data.connections import Word
from data.refresh import Record
from data.types import Contract, Kind, Vendor
from services import observations
from services.clients import Client
from services.observations import recorded
from services.vendors._payload import Listing
from services.vendors.errors import (
    NotFound,
    PermissionDenied,
    RateLimited,
    TimedOut,
    Unauthorised,
    Unreachable,
    VendorDown,
    VendorError,
)
from services.vendors.gipper import Gipper, ListedAccount
from services.vendors.highlevel import HighLevel, OauthAccountId
from services.vendors.late import Late
from services.vendors.zocial import Zocial

MOST_VERIFY_PAGES = 200
ENDS_ALL = (Unauthorised, Unreachable, TimedOut, RateLimited, VendorDown)
"""What says of one list that the next one needn't be asked either; anything else concerns that list alone."""


@dataclass(frozen=True)
class Batch:
    """Part of a source's list: records for the cache, rejected ones, and where the contract was left."""

    what: str
    records: Iterable[Record] = ()
    size: int = 0
    rejected: tuple[Any, ...] = ()
    drift: tuple[Any, ...] = ()
    kind: Kind = Kind.NETWORK
    ends: bool = False
    """The list of this kind was read to its end."""
    trouble: VendorError | None = None
    """A read that failed beside the others: of this list (`failed`), or of what only supplements it."""
    failed: bool = False

    @property
    def kind_of_record(self) -> str:
        """Name the records of this batch: what a drifting field belongs to."""
        return self.what.split(",")[0]


@dataclass(frozen=True)
class Question:
    """What is read: a source, its contract, the instant of the observation and the ids the cache knows of it.

    `words` gives by the vendor's id what it told last beside its list: what counts while that can't be asked.
    """

    source_id: int
    contract: Contract
    at: datetime
    known: list[str]
    words: Callable[[], Mapping[str, Word]]


def has_list(vendor: Vendor, contract: Contract, known: list[str]) -> bool:
    """Tell whether a source has anything to list: two documented contracts know only what was connected here."""
    if vendor is Vendor.IMICONNECT or (vendor is Vendor.GIPPER and contract is Contract.DOCUMENTED):
        return False
    return vendor is not Vendor.HIGHLEVEL or contract is Contract.CURRENT or bool(known)


def read(client: Client, question: Question) -> Iterator[Batch]:
    """Give the batches of a source in the order they are asked for. Iterating raises VendorError."""
    if isinstance(client, Zocial):
        return _zocial(client, question)
    if isinstance(client, Late):
        return _late(client, question)
    if isinstance(client, HighLevel):
        return _highlevel(client, question)
    if isinstance(client, Gipper):
        return _gipper(client, question)
    return iter(())


def _zocial(client: Zocial, question: Question) -> Iterator[Batch]:
    calls = (
        ("networks", Kind.NETWORK, client.networks, observations.network),
        ("pages", Kind.PAGE, client.pages, observations.page),
        ("walls", Kind.WALL, client.walls, observations.wall),
        ("channels", Kind.CHANNEL, client.channels, observations.channel),
    )
    for what, kind, call, observe in calls:
        try:
            listing: Any = call()
        except ENDS_ALL:
            raise
        except VendorError as error:
            yield Batch(what, kind=kind, trouble=error, failed=True)
            continue
        records = observations.zocial_records(listing, question.source_id, kind, observe)
        yield Batch(what, records, len(listing.items), listing.rejected, listing.drift, kind, ends=True)


def _late(client: Late, question: Question) -> Iterator[Batch]:
    if question.contract is Contract.DOCUMENTED:
        listing = client.social_accounts()
        rows = (
            recorded(observations.late_account(record, question.source_id, question.at, Word()))
            for record in listing.items
        )
        yield Batch("accounts", rows, len(listing.items), listing.rejected, listing.drift, ends=True)
        return
    told, drift, trouble = _late_health(client)
    words = question.words() if trouble else told
    for number, listing in enumerate(client.accounts(), start=1):
        rows = (
            recorded(
                observations.late_account(
                    record, question.source_id, question.at, words.get(record.id, Word()), kept=trouble is not None
                )
            )
            for record in listing.items
        )
        first = number == 1
        yield Batch(
            f"accounts, page {number}",
            rows,
            len(listing.items),
            listing.rejected,
            listing.drift + (drift if first else ()),
            ends=listing.more is None,
            trouble=trouble if first else None,
        )


def _late_health(client: Late) -> tuple[dict[str, Word], tuple[Any, ...], VendorError | None]:
    """Read the health of Late's accounts; without the permission it is not told."""
    try:
        listing = client.health()
    except (PermissionDenied, NotFound):
        return {}, (), None
    except Unauthorised:
        raise  # the list needn't be asked with a refused credential
    except VendorError as error:
        return {}, (), error
    return {record.account_id: observations.late_word(record) for record in listing.items}, listing.drift, None


def _highlevel(client: HighLevel, question: Question) -> Iterator[Batch]:
    if question.contract is Contract.CURRENT:
        listing = client.accounts()
        rows = (
            recorded(observations.highlevel_account(record, question.source_id, question.at))
            for record in listing.items
        )
        yield Batch("accounts", rows, len(listing.items), listing.rejected, listing.drift, ends=True)
        return
    for number in question.known:
        try:
            record = client.account(OauthAccountId(number))
        except NotFound:
            continue
        yield Batch(
            "account",
            [recorded(observations.attached_account(record, question.source_id, asked=number))],
            1,
            (),
            record.drift,
        )
    yield Batch("account", ends=True)


def _gipper(client: Gipper, question: Question) -> Iterator[Batch]:
    told, trouble = _gipper_verifications(client)
    words = {**question.words(), **told} if trouble else told
    for number, listing in enumerate(gipper_lists(client), start=1):
        rows = (
            recorded(observations.gipper_account(record, question.source_id, words.get(str(record.id), Word())))
            for record in listing.items
        )
        yield Batch(
            "accounts",
            rows,
            len(listing.items),
            listing.rejected,
            listing.drift,
            ends=listing.more is None,
            trouble=trouble if number == 1 else None,
        )


def gipper_lists(client: Gipper) -> Iterator[Listing[ListedAccount]]:
    """Give Gipper's list in its v2 form, or page by page where only v4 is served."""
    try:
        whole = client.accounts()
    except NotFound:
        yield from client.account_pages()
    else:
        yield whole


def _gipper_verifications(client: Gipper) -> tuple[dict[str, Word], VendorError | None]:
    """Read which accounts Gipper can still use; where it does not offer this, it is not told."""
    found: dict[str, Word] = {}
    try:
        for page in range(1, MOST_VERIFY_PAGES):
            fresh = {str(record.id): observations.gipper_word(record) for record in client.verify(page).items}
            if fresh.keys() <= found.keys():
                break
            found |= fresh
    except (PermissionDenied, NotFound):
        return {}, None
    except Unauthorised:
        raise  # as above
    except VendorError as error:
        return found, error
    return found, None
