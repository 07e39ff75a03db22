"""The address of the sent messages: one form for each question, and nonsense named."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import pytest

from data.queries.messages import Filter, Words
from services import messages_address

WORDS = Words(("app",), ("Anna_B", "Test phone"), ("marek", "mia"))


def asked(query: str) -> messages_address.Asked:
    return messages_address.parse(parse_qsl(query, keep_blank_values=True), WORDS)


def test_an_empty_address_asks_for_all_the_newest_first() -> None:
    found = asked("")
    assert (found.filter, found.oldest_first, found.query, found.dropped) == (Filter(), False, "", ())


def test_every_key_is_read_and_written_again_in_one_form() -> None:
    query = (
        "state=read&state=Failed&family=TEXT&source=app&recipient=Anna_B&by=marek&q=+caf%C3%A9+&from=2026-03-01"
        "&to=2026-03-02&only=Silent&list=7&sort=Oldest+first&message=3&after=9"
    )
    found = asked(query.replace("state=read", "state=Read").replace("TEXT", "Text"))
    assert found.filter == Filter(
        "café",
        ("read", "failed"),
        ("TEXT",),
        ("app",),
        ("Anna_B",),
        ("marek",),
        datetime(2026, 3, 1, tzinfo=UTC),
        datetime(2026, 3, 3, tzinfo=UTC) - timedelta(microseconds=1),
        silent=True,
        sending=7,
    )
    assert found.oldest_first
    assert found.dropped == ()
    assert asked(found.query) == found


@pytest.mark.parametrize(
    "query",
    [
        *("state=gone", "family=VIDEO", "source=none", "recipient=x", "by=x", "from=soon", "to=9999-01-01", "only=x"),
        *("list=x", f"list={'9' * 40}", "sort=1;drop", "other=1"),
    ],
)
def test_nonsense_is_dropped_and_named(query: str) -> None:
    found = asked(query)
    assert (found.filter, found.query) == (Filter(), "")
    assert found.dropped == tuple(parse_qsl(query))


def test_a_name_is_found_by_what_a_label_shows_of_it() -> None:
    assert asked("recipient=Anna%5C_B").filter.recipients == ("Anna_B",)
