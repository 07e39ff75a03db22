"""Which connections are the same real account: a pure rule over their keys and what people ruled (decision 0012).

It knows no order of arrival: numbers are compared within one source only, to choose which of its connections counts.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from operator import attrgetter
from typing import NamedTuple

from data.types import AccountBy, Kind

RANKS = {kind.value: rank for rank, kind in enumerate((Kind.NETWORK, Kind.PAGE, Kind.CHANNEL, Kind.WALL))}
"""Of several connections of one source the first kind counts."""
_ID, _HANDLE, _URL, _PERSON = (by.value for by in AccountBy)
_UNTOLD = "unknown"
_number = attrgetter("number")


class Known(NamedTuple):
    """What the rule looks at of a connection; `named` says that its key is its handle, and not from its address."""

    number: int
    source: int
    platform: str
    kind: str
    vanished: bool
    handle_key: str | None
    platform_id: str | None
    named: bool
    account: int | None
    account_by: str | None


class Verdict(NamedTuple):
    """The account of a connection and what joined it; nothing for one that stands alone."""

    account: int | None = None
    by: str | None = None


ALONE = Verdict()
SPLIT = Verdict(None, _PERSON)
"""A person said of the connection that it stands alone."""


class _Group:
    """Connections that are one account so far: a person's, or those that tell one platform id, or one handle."""

    __slots__ = ("by", "links", "rows", "ruled", "wanting")

    def __init__(self, rows: list[Known], by: str | None = None, *, ruled: bool = False) -> None:
        self.rows, self.by, self.ruled = rows, by, ruled
        self.links: dict[int, str | None] = {}
        """What joined those that came later; as `by`, None says that it was their handle."""
        self.wanting: list[tuple[Known, str]] = []

    @property
    def sources(self) -> set[int]:
        return {row.source for row in self.rows}

    @property
    def tells_id(self) -> bool:
        return any(row.platform_id is not None for row in self.rows)

    def join(self, rows: Iterable[Known], links: Mapping[int, str | None]) -> None:
        for row in rows:
            self.rows.append(row)
            self.links[row.number] = links.get(row.number)

    def take_in(self) -> None:
        """Let those join that want to: the best one of each source that the group has not."""
        if self.wanting:
            taken = self.sources
            chosen = _best_of_each_source([row for row, _ in self.wanting if row.source not in taken])
            self.join(chosen, {row.number: link for row, link in self.wanting})
            self.wanting = []

    def judge(self, verdicts: dict[int, Verdict]) -> None:
        if len(self.rows) < 2:  # noqa: PLR2004 - one alone is no group
            return
        first = min([row.number for row in self.rows])
        for row in self.rows:
            link = self.links.get(row.number, self.by)
            verdicts[row.number] = Verdict(first, link or (_HANDLE if row.named else _URL))


def grouped(rows: Collection[Known]) -> dict[int, Verdict]:
    """Give the verdict on each connection; `rows` must hold all that share a key or an account with one of them."""
    rows = _on_one_platform(rows)
    found = {row.number: SPLIT if _is_split(row) else ALONE for row in rows}
    told = [row for row in rows if not _is_split(row)]
    groups = _ruled(told)
    out = _join_by_id(told, groups)
    _join_by_handle([row for row in told if row.number not in out], groups)
    for group in groups:
        group.judge(found)
    return found


def _on_one_platform(rows: Collection[Known]) -> Collection[Known]:
    """Forget a ruling on those that were told to be on another platform since than most of their account."""
    told: dict[int, Counter[str]] = {}
    ruled = [row for row in rows if row.account_by == _PERSON and row.platform != _UNTOLD]
    for row in sorted(ruled, key=_number):
        if row.account is not None:
            told.setdefault(row.account, Counter())[row.platform] += 1
    moved = {(account, platform) for account, platforms in told.items() for platform, _ in platforms.most_common()[1:]}
    if not moved:
        return rows
    left = {row.number for row in rows if row.account_by == _PERSON and (row.account, row.platform) in moved}
    return [row._replace(account=None, account_by=None) if row.number in left else row for row in rows]


def _is_split(row: Known) -> bool:
    return row.account_by == _PERSON and row.account is None


def _ruled(told: Iterable[Known]) -> list[_Group]:
    """Give the groups that people made; they are never parted, nor joined with each other."""
    found: dict[int, list[Known]] = {}
    for row in told:
        if row.account_by == _PERSON and row.account is not None:
            found.setdefault(row.account, []).append(row)
    return [_Group(rows, _PERSON, ruled=True) for rows in found.values()]


def _join_by_id(told: Iterable[Known], groups: list[_Group]) -> set[int]:
    """Join those that tell the same platform id; gives those left out, because another of their source counts."""
    owners = {row.number: group for group in groups for row in group.rows}
    telling: dict[tuple[str, str], list[Known]] = {}
    for row in told:
        if row.platform_id is not None:
            telling.setdefault((row.platform, row.platform_id), []).append(row)
    for rows in telling.values():
        ruling = {owners[row.number] for row in rows if row.number in owners}
        free = [row for row in rows if row.number not in owners] if ruling else rows
        if len({row.source for row in rows}) == 1:
            groups.extend(_Group([row]) for row in free)
        elif len(ruling) == 1:
            ruling.pop().wanting += [(row, _ID) for row in free]
        elif free:
            groups.append(_Group(_best_of_each_source(free), _ID))
    for group in groups:
        group.take_in()
    settled = {row.number for group in groups for row in group.rows}
    return {row.number for rows in telling.values() for row in rows} - settled


def _join_by_handle(told: Iterable[Known], groups: list[_Group]) -> None:
    """Join those of one handle to the one group that has it, or to each other when none has it, or several have."""
    settled = {row.number: group for group in groups for row in group.rows}
    shared = list(_sharing(told))
    _unite(shared, settled)
    for rows in shared:
        anchors = {settled[row.number] for row in rows if row.number in settled}
        plain = [row for row in rows if row.number not in settled] if anchors else rows
        if len(anchors) == 1:
            named = sum(row.named for row in rows)
            links = [_HANDLE if row.named and named > 1 else _URL for row in plain]
            anchors.pop().wanting += zip(plain, links, strict=True)
        elif len(plain) > 1:
            groups.append(_Group(plain))
    for group in groups:
        group.take_in()


def _sharing(told: Iterable[Known]) -> Iterator[list[Known]]:
    """Give the connections of each handle that several tell: one of each source, and all that people ruled on."""
    found: dict[tuple[str, str], list[Known]] = {}
    for row in told:
        if row.handle_key is not None:
            found.setdefault((row.platform, row.handle_key), []).append(row)
    for rows in found.values():
        if len({row.source for row in rows}) > 1:
            ruled = [row for row in rows if row.account_by == _PERSON]
            taken = {row.source for row in ruled}
            yield ruled + _best_of_each_source([row for row in rows if row.source not in taken])


def _unite(shared: Iterable[list[Known]], settled: dict[int, _Group]) -> None:
    """Join a group of one platform id to a person's group that tells none, where neither shares a handle elsewhere."""
    near: dict[_Group, set[_Group]] = {}
    for rows in shared if settled else ():
        met = {settled[row.number] for row in rows if row.number in settled}
        for group in met if len(met) > 1 else ():
            near.setdefault(group, set()).update(met - {group})
    for group, others in near.items():
        (other, *more) = others
        alike = not more and near[other] == {group} and not group.sources & other.sources
        if alike and group.ruled and not other.ruled and not group.tells_id:
            settled |= {row.number: group for row in other.rows}
            group.join(other.rows, {})
            other.rows = []


def _best_of_each_source(rows: list[Known]) -> list[Known]:
    """Choose among the connections of each source: by kind, listed before vanished, then the one that came first."""
    if len({row.source for row in rows}) == len(rows):
        return rows
    best: dict[int, Known] = {}
    for row in sorted(rows, key=_order):
        best.setdefault(row.source, row)
    return list(best.values())


def _order(row: Known) -> tuple[int, bool, int]:
    return RANKS.get(row.kind, len(RANKS)), row.vanished, row.number
