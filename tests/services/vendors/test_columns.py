"""A list read column by column is the list read record by record: the short way never says anything else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.vendors import _columns, _fields, zocial
from services.vendors._payload import RecordReader, Rejected, listing

READERS = (
    *(_fields.text, _fields.label, _fields.link, _fields.count, _fields.whole_identifier, _fields.flag),
    *(_fields.engagement, _fields.moment),
)
PLAIN: dict[_columns.Reader, Any] = {
    _fields.text: ["Kattegat Coffee", "x", "a" * 5_000],
    _fields.label: ["kattegat", "20202020"],
    _fields.link: ["https://a.example/b", "https://b.example"],
    _fields.count: [0, 5, 10**11],
    _fields.whole_identifier: [1, 2**63 - 1],
    _fields.flag: [True, False],
    _fields.engagement: [0.0, 3.5, 1e6],
    _fields.moment: ["2026-03-01T12:00:00Z", "1970-01-01T00:00:00+00:00"],
}
ODD = (
    *(
        "",
        " ",
        " a",
        "a\0",
        "é",
        "\ud800",
        "a" * 513,
        "a" * 5_001,
        "http://a.example",
        "https:/0",
        "https:/",
        "HTTPS://A",
    ),
    *(
        "5",
        "true",
        "2026-03-01",
        "2026-03-01T12:00:00+14:00",
        "2026-13-01",
        "1969-12-31T23:59:59Z",
        "9999-01-01T00:00:00Z",
    ),
    *(-1, 0, 2**63, 10**11 + 1, True, 1.5, -0.5, float("nan"), float("inf"), 1e7, [], {}, _fields.Impossible("NaN")),
)
values = st.sampled_from([*(value for some in PLAIN.values() for value in some), *ODD]) | st.none()


def _told(value: Any) -> str:
    return f"{type(value)} {value!r}"  # True is not 1 here, and NaN is itself


@pytest.mark.parametrize("reader", READERS)
@given(data=st.data())
def test_a_column_is_read_as_each_of_its_values_or_not_at_all(reader: _columns.Reader, data: st.DataObject) -> None:
    plain = st.sampled_from(PLAIN[reader]) | st.none()
    column = data.draw(st.lists(plain, max_size=6) | st.lists(values, max_size=4))
    read = _columns.read(reader, column)
    if read is not None:
        assert list(map(_told, read)) == [_told(None if value is None else reader(value)) for value in column]
        assert _fields.BAD not in read


@pytest.mark.parametrize("reader", READERS)
def test_what_is_plain_is_read_at_once_with_gaps_too(reader: _columns.Reader) -> None:
    assert _columns.read(reader, [None, *PLAIN[reader], None]) is not None


_record = st.fixed_dictionaries(
    {"id": st.sampled_from([1, 2, 3, "4", 5, 0, None]), "network_id": st.sampled_from(["a", "b", None, 7])},
    optional={
        "network": st.sampled_from(["tiktok", "threads", None, 5]),
        "followers": st.sampled_from([0, 12, -1, "5", None]),
        "connected_at": st.sampled_from(["2026-03-01T12:00:00Z", "never", None]),
        "status": st.sampled_from(["accepted", "Accepted", "archived", ""]),
        "unheard": st.just([1]),
    },
)


@given(rows=st.lists(_record | st.sampled_from([None, "x", []]), max_size=8))
def test_a_list_gives_what_its_records_give_one_by_one(rows: list[Any]) -> None:
    reader, found, rejected = RecordReader(zocial._NETWORK), dict[Any, Any](), list[Rejected]()
    marks = dict[Any, int]()
    for position, raw in enumerate(rows):
        try:
            identity, value = reader.read(raw)
        except ValueError as reason:
            rejected.append(Rejected(position, str(reason)))
        else:
            found[identity] = value
            (marks[identity],) = listing([raw], zocial._NETWORK).marks
    whole = listing(list(rows), zocial._NETWORK)
    assert whole.items == tuple(found.values())
    assert whole.marks == tuple(marks.values())
    assert whole.rejected == tuple(rejected)
    assert whole.drift == reader.tally.drift()
