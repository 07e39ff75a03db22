"""Which connections are one account: by keys, by what people ruled, and never by the order in which they came."""

from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.grouping import ALONE, SPLIT, Known, Verdict, grouped

BLANK = Known(0, 1, "instagram", "network", False, None, None, True, None, None)
Rows = list[Known]


def _rows(*told: Mapping[str, Any]) -> Rows:
    """Make connections numbered from 1."""
    return [BLANK._replace(number=number, **values) for number, values in enumerate(told, start=1)]


def _accounts(rows: Iterable[Known]) -> list[list[int]]:
    """Give the groups of numbers, lone ones included."""
    found: dict[int, list[int]] = {}
    for number, verdict in grouped(list(rows)).items():
        found.setdefault(verdict.account or number, []).append(number)
    return sorted(sorted(numbers) for numbers in found.values())


H, ID = {"handle_key": "hoku"}, {"platform_id": "17841400000000001"}
OTHER = {"platform_id": "17841400000000002"}
S1, S2, S3, S4 = ({"source": number} for number in (1, 2, 3, 4))
PAGE, GONE = {"kind": "page"}, {"vanished": True}
PERSON = {"account": 1, "account_by": "person"}
TIKTOK, UNTOLD = {"platform": "tiktok"}, {"platform": "unknown"}
SPLIT_OFF = {"account": None, "account_by": "person"}


@pytest.mark.parametrize(
    ("told", "accounts"),
    [
        pytest.param([S1 | H, S2 | H], [[1, 2]], id="one handle"),
        pytest.param([S1 | H, S1 | H], [[1], [2]], id="one source alone joins nothing"),
        pytest.param([S1 | ID, S2 | ID | H], [[1, 2]], id="one platform id"),
        pytest.param([S1 | H | ID, S2 | H | OTHER], [[1], [2]], id="two told ids win over one handle"),
        pytest.param([S1 | H | ID, S2 | H], [[1, 2]], id="an id that only one tells"),
        pytest.param([S1 | H | ID, S2 | H | OTHER, S3 | H], [[1], [2], [3]], id="between two ids nobody chooses"),
        pytest.param([S1 | H | ID, S2 | H | OTHER, S3 | H, S4 | H], [[1], [2], [3, 4]], id="those without an id"),
        pytest.param([S1 | H, S2 | H | {"platform": "tiktok"}], [[1], [2]], id="another platform"),
        pytest.param([S1 | H | PAGE, S1 | H, S2 | H], [[1], [2, 3]], id="a network before a page"),
        pytest.param([S1 | H | PAGE, S1 | H | PAGE, S2 | H], [[1, 3], [2]], id="the first of two pages"),
        pytest.param([S1 | H | GONE, S1 | H, S2 | H], [[1], [2, 3]], id="a listed one before one that vanished"),
        pytest.param([S1 | H | GONE, S2 | H], [[1, 2]], id="one that vanished keeps its account"),
        pytest.param([S1 | H, S1 | H | PAGE | ID, S2 | H | ID], [[1], [2, 3]], id="an id before a handle"),
        pytest.param([S1 | ID | {"handle_key": "new"}, S2 | ID | H, S3 | H], [[1, 2, 3]], id="renamed in one source"),
        pytest.param([S1 | H | ID, S1 | ID | PAGE, S2 | ID, S3 | H], [[1, 3, 4], [2]], id="a spare page of one id"),
        pytest.param(
            [S1 | H | PERSON, S2 | {"handle_key": "x"} | PERSON], [[1, 2]], id="a person joins what shares nothing"
        ),
        pytest.param(
            [S1 | H | PERSON, S1 | ID | PERSON, S2 | H, S3 | ID], [[1, 2, 3, 4]], id="others join a person's account"
        ),
        pytest.param([S1 | H | PERSON, S2 | PERSON, S1 | H], [[1, 2], [3]], id="a person's word takes the place"),
        pytest.param([S1 | H | PERSON, S2 | PERSON, S2 | H], [[1, 2], [3]], id="nor by way of another source's place"),
        pytest.param([S1 | H | PERSON, S2 | PERSON, S3 | H | ID], [[1, 2, 3]], id="an id joins what tells none"),
        pytest.param(
            [S1 | H | PERSON, S2 | OTHER | PERSON, S3 | H | ID], [[1, 2], [3]], id="an id does not join another id"
        ),
        pytest.param(
            [S1 | H | PERSON, S2 | PERSON, S3 | H | {"account": 3, "account_by": "person"},
             S4 | {"account": 3, "account_by": "person"}, S4 | H], [[1, 2], [3, 4], [5]], id="two rulings stay two",
        ),
        pytest.param([S1 | PERSON, S2 | PERSON | TIKTOK], [[1], [2]], id="no ruling spans two platforms"),
        pytest.param(
            [S1 | PERSON, S2 | PERSON, S3 | PERSON | TIKTOK, S4 | H | TIKTOK], [[1, 2], [3], [4]], id="one moves away"
        ),
        pytest.param(
            [S1 | PERSON, S2 | PERSON, S3 | H | PERSON | TIKTOK, S4 | H | TIKTOK], [[1, 2], [3, 4]], id="and joins"
        ),
        pytest.param([S1 | PERSON, S2 | PERSON | UNTOLD], [[1, 2]], id="an untold platform is no other one"),
        pytest.param([S1 | H | SPLIT_OFF, S2 | H], [[1], [2]], id="what was split is not joined again"),
        pytest.param([S1 | H | SPLIT_OFF, S2 | H, S3 | H], [[1], [2, 3]], id="the rest stays joined"),
    ],
)  # fmt: skip
def test_the_rule(told: list[Mapping[str, Any]], accounts: list[list[int]]) -> None:
    assert _accounts(_rows(*told)) == accounts


@pytest.mark.parametrize(
    ("told", "by"),
    [
        ([S1 | H | ID, S2 | ID, S3 | H], ["platform_id", "platform_id", "handle"]),
        ([S1 | H, S2 | H | {"named": False}, S3 | H], ["handle", "url", "handle"]),
        ([S1 | H | {"named": False}, S2 | H | {"named": False}], ["url", "url"]),
        ([S1 | H | ID | {"named": False}, S2 | H], ["url", "url"]),
        ([S1 | H | PERSON, S2 | PERSON, S3 | H], ["person", "person", "handle"]),
        ([S1 | H, S1 | H | SPLIT_OFF], [None, "person"]),
    ],
)
def test_each_link_says_what_it_is(told: list[Mapping[str, Any]], by: list[str | None]) -> None:
    assert [verdict.by for _, verdict in sorted(grouped(_rows(*told)).items())] == by


_free = st.builds(
    BLANK._replace,
    source=st.integers(1, 4),
    platform=st.sampled_from(["instagram", "facebook"]),
    kind=st.sampled_from(["network", "page"]),
    vanished=st.booleans(),
    handle_key=st.sampled_from([None, "a", "b", "c"]),
    platform_id=st.sampled_from([None, None, "1", "2", "3"]),
    named=st.booleans(),
)
_ruling = st.sampled_from([None, None, None, 0, 1, 2])
"""Nobody ruled, a person split it off (0), or a person put it into the first or the second account."""


@st.composite
def _worlds(draw: st.DrawFn) -> Rows:
    rows = [row._replace(number=number) for number, row in enumerate(draw(st.lists(_free, max_size=9)), start=1)]
    ruled: dict[tuple[str, int], Rows] = {}
    for row in rows:
        if (ruling := draw(_ruling)) is not None:
            ruled.setdefault((row.platform, ruling), []).append(row)
    for (_, ruling), members in ruled.items():
        if ruling and len(members) < 2:
            continue
        account = min(row.number for row in members) if ruling else None
        for row in members:
            rows[row.number - 1] = row._replace(account=account, account_by="person")
    return rows


def _members(rows: Rows, verdicts: Mapping[int, Verdict]) -> list[Rows]:
    found: dict[int, Rows] = {}
    for row in rows:
        found.setdefault(verdicts[row.number].account or row.number, []).append(row)
    return list(found.values())


@given(rows=_worlds())
@settings(max_examples=400)
def test_the_promises_of_the_rule(rows: Rows) -> None:
    verdicts = grouped(rows)
    assert set(verdicts) == {row.number for row in rows}
    for members in _members(rows, verdicts):
        numbers = [row.number for row in members]
        told = {verdicts[number].account for number in numbers}
        assert told == ({min(numbers)} if len(numbers) > 1 else {None})
        free = [row for row in members if row.account_by != "person"]
        assert len({row.platform for row in members}) == 1
        assert len({row.source for row in free}) == len(free)
        assert not {row.source for row in free} & {row.source for row in members if row.account_by == "person"}
        assert len({row.platform_id for row in free} - {None}) <= 1 or len(free) < len(members)
        assert _hang_together(members)
    for row in rows:
        if row.account_by == "person":
            mates = [other for other in rows if other.account == row.account and other.account_by == "person"]
            together = [other for other in mates if verdicts[other.number].account == verdicts[row.number].account]
            assert verdicts[row.number] == SPLIT if row.account is None else together == mates


def _hang_together(members: Rows) -> bool:
    """Tell whether one can walk from each member to each other one by a shared key or a person's word."""
    met, rest = members[:1], members[1:]
    while near := [row for row in rest if any(_linked(row, other) for other in met)]:
        met, rest = met + near, [row for row in rest if row not in near]
    return not rest


def _linked(one: Known, other: Known) -> bool:
    ruled = one.account_by == other.account_by == "person"
    by_id = one.platform_id is not None and one.platform_id == other.platform_id
    return ruled or by_id or (one.handle_key is not None and one.handle_key == other.handle_key)


@given(rows=_worlds())
@settings(max_examples=200)
def test_once_more_says_the_same(rows: Rows) -> None:
    once = grouped(rows)
    again = [row._replace(account=once[row.number].account, account_by=once[row.number].by) for row in rows]
    assert grouped(again) == once


@given(rows=_worlds(), data=st.data())
@settings(max_examples=200)
def test_the_order_in_which_sources_came_means_nothing(rows: Rows, data: st.DataObject) -> None:
    rows = [row for row in rows if row.account_by is None]
    order = data.draw(st.permutations([1, 2, 3, 4]))
    came = sorted(rows, key=lambda row: (order.index(row.source), row.number))
    numbers = {row.number: number for number, row in enumerate(came, start=1)}
    moved = data.draw(st.permutations([row._replace(number=numbers[row.number]) for row in rows]))

    assert _accounts(moved) == sorted(sorted(numbers[number] for number in members) for members in _accounts(rows))


def test_two_of_one_source_never_share_an_account_by_themselves() -> None:
    for one, two in combinations([H, ID, H | ID, H | OTHER], 2):
        assert all(len(each) == 1 for each in _accounts(_rows(S1 | one, S1 | two)))


def test_nothing_known_is_nothing_joined() -> None:
    assert grouped([]) == {}
    assert grouped(_rows(S1, S2)) == {1: ALONE, 2: ALONE}
