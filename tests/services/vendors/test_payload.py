"""Records of hostile vendors: only the id is required, every other bad field is None and counted."""

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.vendors import _payload
from services.vendors._http import decode
from services.vendors._payload import BAD, Drift, Listing, Shape, listing


@dataclass(frozen=True, slots=True)
class Thing:
    """A small record."""

    id: str
    name: str | None
    followers: int | None
    rate: float | None
    at: datetime | None
    told: frozenset[str]
    extra: dict[str, Any]
    raw_bad: dict[str, str]


SHAPE = Shape(
    Thing,
    "id",
    _payload.identifier,
    (("name", _payload.text), ("followers", _payload.count), ("rate", _payload.rate), ("at", _payload.moment)),
    {"name": frozenset({"known", "other"})},
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


def read(*rows: Any) -> Listing[Thing]:
    return listing(list(rows), SHAPE)


def storable(value: Any) -> None:
    """Raises unless every database can hold it."""
    json.dumps(value, allow_nan=False, ensure_ascii=False).encode()


@given(
    st.lists(
        ANYTHING
        | st.fixed_dictionaries(
            {"id": ANYTHING},
            optional={"name": ANYTHING, "followers": ANYTHING, "rate": ANYTHING, "at": ANYTHING, "new": ANYTHING},
        )
    )
)
def test_any_list_is_read_and_what_remains_can_be_stored(rows: list[Any]) -> None:
    size = len(rows)
    found = listing(rows, SHAPE)
    assert len(found.items) + len(found.rejected) <= size
    for item in found.items:
        storable([item.id, item.name, item.followers, item.rate, item.extra, item.raw_bad])
        assert item.at is None or item.at.tzinfo is UTC
        assert "\0" not in f"{item.id}{item.name}"
    for drift in found.drift:
        storable([drift.field, drift.sample])


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (5000, 5000),
        ("5000", 5000),
        (5e3, 5000),
        (0, 0),
        ("5,000", BAD),
        ("5K", BAD),
        (-1, BAD),
        (3.5, BAD),
        (True, BAD),
        (2**63, BAD),
        (10**11, 10**11),
        (10**11 + 1, BAD),
        (math.inf, BAD),
        (math.nan, BAD),
        ("٣", BAD),
        ([], BAD),
        ({}, BAD),
    ],
)
def test_a_count_is_a_whole_number_or_unknown(value: Any, wanted: Any) -> None:
    assert _payload.count(value) is wanted or _payload.count(value) == wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (3.5, 3.5),
        (3, 3.0),
        ("3.5", 3.5),
        (True, BAD),
        ("nan", BAD),
        ("1e999", BAD),
        (math.inf, BAD),
        (10**7, BAD),
        ("", BAD),
    ],
)
def test_a_rate_is_a_finite_number_or_unknown(value: Any, wanted: Any) -> None:
    assert _payload.rate(value) is wanted or _payload.rate(value) == wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("2024-01-01T00:00:00Z", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024-01-01T00:00:00", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024-01-01T14:00:00+14:00", datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024-06-21T06:41:04.966Z", datetime(2024, 6, 21, 6, 41, 4, 966000, tzinfo=UTC)),
        (1704067200, datetime(2024, 1, 1, tzinfo=UTC)),
        (1704067200000, datetime(2024, 1, 1, tzinfo=UTC)),
        ("2024-13-01", BAD),
        ("9999-12-31T23:59:59-01:00", BAD),
        ("0001-01-01T00:00:00+14:00", BAD),
        (10**30, BAD),
        (-5, BAD),
        (math.nan, BAD),
        (math.inf, BAD),
        (True, BAD),
        ("", BAD),
    ],
)
def test_a_moment_is_utc_or_unknown(value: Any, wanted: Any) -> None:
    assert _payload.moment(value) is wanted or _payload.moment(value) == wanted


def test_one_bad_field_costs_that_field_only() -> None:
    found = read(
        {"id": 1, "name": "known", "followers": "5K", "rate": 1.5}, {"id": "2", "name": "archived", "new": "x"}
    )
    assert [item.id for item in found.items] == ["1", "2"]
    assert found.items[0].followers is None
    assert found.items[0].raw_bad == {"followers": "'5K'"}
    assert found.items[1].name == "archived"
    assert found.items[1].extra == {"new": "x"}
    assert set(found.drift) == {
        Drift("followers", "bad_value", 1, "'5K'"),
        Drift("name", "new_value", 1, "'archived'"),
        Drift("new", "new_field", 1, ""),
    }


def test_a_missing_or_null_field_is_none_without_drift() -> None:
    found = read({"id": 1}, {"id": 2, "name": None, "rate": None})
    assert found.drift == ()
    assert found.items[0].told == {"id"}
    assert found.items[1].told == {"id", "name", "rate"}


@pytest.mark.parametrize("identity", [None, "", "  ", True, 1.5, [], "a\ud800", "x" * 513])
def test_a_record_without_a_usable_id_is_rejected_alone(identity: Any) -> None:
    found = read({"id": identity, "name": "private"}, {"id": 7})
    assert [item.id for item in found.items] == ["7"]
    assert [(one.position, "private" in one.reason) for one in found.rejected] == [(0, False)]


def test_of_two_records_with_one_id_the_last_stays() -> None:
    assert [item.followers for item in read({"id": 1, "followers": 1}, {"id": 1, "followers": 2}).items] == [2]


def test_nul_is_stripped_and_half_a_character_is_unknown() -> None:
    found = read({"id": 1, "name": "a\0b"}, {"id": 2, "name": "a\ud800"})
    assert [item.name for item in found.items] == ["ab", None]


def test_numbers_that_no_program_holds_spoil_their_field_only() -> None:
    content = (
        b'[{"id":1,"followers":1e999,"rate":NaN},{"id":2,"followers":1' + b"0" * 5000 + b',"name":Infinity},{"id":3}]'
    )
    found = listing(decode(content), SHAPE)
    assert [item.id for item in found.items] == ["1", "2", "3"]
    assert {(one.field, one.kind) for one in found.drift} >= {("followers", "bad_value"), ("rate", "bad_value")}
    assert found.items[0].rate is None
    assert found.items[1].name is None


def test_bytes_that_are_no_utf8_spoil_their_field_only() -> None:
    found = listing(decode('[{"id":1,"name":"Café"},{"id":2,"name":"ok"}]'.encode("latin-1")), SHAPE)
    assert [item.name for item in found.items] == [None, "ok"]


def test_of_duplicate_keys_the_last_counts() -> None:
    assert listing(decode(b'[{"id":1,"name":"a","name":"known"}]'), SHAPE).items[0].name == "known"


@pytest.mark.parametrize("content", [b"", b"{", b"[" * 100_000, b"\xff"])
def test_what_is_no_json_says_so(content: bytes) -> None:
    with pytest.raises(ValueError, match="its answer"):
        decode(content)


def test_a_value_with_a_huge_sample_is_kept_short() -> None:
    item = read({"id": 1, "name": ["x" * 10**6] * 50}).items[0]
    assert len(item.raw_bad["name"]) <= 200


def test_many_layouts_are_read_alike() -> None:
    found = read(*({"id": i, f"field{i}": 1} for i in range(600)))
    assert len(found.items) == 600
    assert len(found.drift) == 600


@pytest.mark.parametrize("reader", [_payload.text, _payload.label, _payload.link])
@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u00a0", "\0"])
def test_a_blank_text_is_missing(reader: _payload.Reader, blank: str) -> None:
    assert reader(blank) is None


def test_a_blank_field_is_no_drift_whatever_its_kind() -> None:
    shape = Shape(Thing, "id", _payload.identifier, SHAPE.fields, {"name": frozenset({"known"})})
    found = listing([{"id": 1, "name": " "}], shape)
    assert (found.items[0].name, found.items[0].raw_bad, found.drift) == (None, {}, ())


@pytest.mark.parametrize(
    ("reader", "value", "wanted"),
    [
        (_payload.label, "x" * 512, "x" * 512),
        (_payload.label, "x" * 513, BAD),
        (_payload.label, "é" * 513, BAD),
        (_payload.label, 17841405902213202, "17841405902213202"),
        (_payload.text, "x" * 5000, "x" * 5000),
        (_payload.text, "x" * 5001, BAD),
        (_payload.text, " x", " x"),
        (_payload.text, "é\0", "é"),
        (_payload.engagement, 0, 0.0),
        (_payload.engagement, 4.5, 4.5),
        (_payload.engagement, "4.5", 4.5),
        (_payload.engagement, -0.1, BAD),
        (_payload.engagement, "-3", BAD),
        (_payload.engagement, math.inf, BAD),
        (_payload.engagement, math.nan, BAD),
        (_payload.link, "https://instagram.com/x", "https://instagram.com/x"),
        (_payload.link, "http://instagram.com/\0x", "http://instagram.com/x"),
        (_payload.link, "HTTPS://instagram.com/é", "HTTPS://instagram.com/é"),
        (_payload.link, "javascript:alert(1)", BAD),
        (_payload.link, "ftp://x.example", BAD),
        (_payload.link, "instagram.com/x", BAD),
        (_payload.link, "https://x.example/" + "x" * 5000, BAD),
        (_payload.link, 5, BAD),
    ],
)
def test_absurd_values_are_unknown(reader: _payload.Reader, value: Any, wanted: Any) -> None:
    assert reader(value) is wanted or reader(value) == wanted
