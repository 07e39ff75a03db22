"""Sent messages as questions: found, filtered, walked, counted; and which ones need someone."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col

from data.models import Message
from data.queries import message_figures, messages
from data.queries.message_figures import Reached, Times, Trouble
from data.queries.messages import Filter
from data.store import Store, now
from tests import messages_seed

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
Whose = tuple[int, int]


@pytest.fixture
def whose(store: Store) -> Whose:
    """A source and a recipient."""
    return messages_seed.source(store), messages_seed.recipient(store)


def found(store: Store, wanted: Filter) -> list[int]:
    with store.reading() as session:
        total, rows = messages.find(session, wanted)
    assert total == len(rows)
    return [row.id for row in rows]


@pytest.mark.parametrize(
    "text", ["Café ZÜRICH", "zürich", "grüße", "GRÜSSE AUS", "tx-2", "CORRELATION-2", "äiti%", "under_score"]
)
def test_a_search_finds_any_part_whatever_its_case(store: Store, whose: Whose, text: str) -> None:
    messages_seed.message(store, whose, 1)
    told = messages_seed.folded("Café Zürich\nGrüße aus Äiti% under_score\ncorrelation-2")
    number = messages_seed.message(store, whose, 2, recipient="Café Zürich", search_text=told)
    assert found(store, Filter(search=text)) == [number]


def test_a_search_knows_the_vendor_s_id_from_when_it_is_told(store: Store, whose: Whose) -> None:
    number = messages_seed.message(store, whose, 3, "posting")
    assert found(store, Filter(search="Late-Told")) == []
    with store.bulk() as link:
        link.execute(update(Message).where(col(Message.id) == number).values(transid="a-late-TOLD-id"))
    assert found(store, Filter(search="Late-Told")) == [number]
    with store.bulk() as link:
        link.execute(update(Message).where(col(Message.id) == number).values(transid="another"))
    assert found(store, Filter(search="Late-Told")) == []


def test_filters_narrow_each_other_and_their_values_are_alternatives(store: Store, whose: Whose) -> None:
    other = messages_seed.source(store, "other")
    read = messages_seed.message(store, whose, 1, "read", family="STICKER", created_at=NOON)
    refused = messages_seed.message(store, whose, 2, "refused", person="mia", created_at=NOON + timedelta(days=1))
    elsewhere = messages_seed.message(store, (other, whose[1]), 3, "read", recipient="Anna")
    assert found(store, Filter(states=("read", "refused"))) == [elsewhere, refused, read]
    assert found(store, Filter(states=("read",), sources=("app",))) == [read]
    assert found(store, Filter(sources=("none such",))) == []
    assert found(store, Filter(families=("STICKER",))) == [read]
    assert found(store, Filter(persons=("mia",))) == [refused]
    assert found(store, Filter(recipients=("Anna",))) == [elsewhere]
    assert found(store, Filter(since=NOON, until=NOON + timedelta(hours=1))) == [read]


def test_silent_are_those_that_the_vendor_owes_a_word(store: Store, whose: Whose) -> None:
    old = now() - timedelta(minutes=30)
    accepted = messages_seed.message(store, whose, 1, "accepted", created_at=old)
    unknown = messages_seed.message(store, whose, 2, "unknown", created_at=old)
    messages_seed.message(store, whose, 3, "read", created_at=old)
    messages_seed.message(store, whose, 4, "submitted", created_at=old, heard_at=now())
    messages_seed.message(store, whose, 5, "accepted")
    assert found(store, Filter(silent=True)) == [unknown, accepted]


def test_a_list_is_walked_both_ways_in_both_orders(store: Store, whose: Whose) -> None:
    every = [messages_seed.message(store, whose, number, "refused") for number in range(120)]
    for oldest_first, ids in ((False, every[::-1]), (True, every)):
        with store.reading() as session:
            first = messages.page(session, Filter(), oldest_first=oldest_first)
            second = messages.page(session, Filter(), after=first.older, oldest_first=oldest_first)
            third = messages.page(session, Filter(), after=second.older, oldest_first=oldest_first)
            back = messages.page(session, Filter(), before=third.newer, oldest_first=oldest_first)
        walked = [row.id for page in (first, second, third) for row in page.rows]
        assert walked == ids
        assert (first.newer, third.older, first.total) == (None, None, 120)
        assert back == second


def test_one_message_tells_its_story(store: Store, whose: Whose) -> None:
    number = messages_seed.message(store, whose, 1, "delivered")
    messages_seed.event(store, number, "submitted", moved=False, code="7501", raw='{"late": true}')
    with store.reading() as session:
        row, steps = messages.one(session, number), messages.events(session, number)
        assert messages.one(session, 999) is None
    assert row is not None
    assert [step.after for step in steps] == ["reserved", "posting", "accepted", "submitted", "delivered", "submitted"]
    assert (steps[-1].moved, steps[-1].raw) == (False, '{"late": true}')
    told = messages.document(row, steps)
    names = ("id", "source", "to", "family", "state", "transid", "correlation_id", "code", "reason", "created_at")
    assert list(told) == [*names, "events"]
    assert (told["source"], told["to"], told["transid"]) == ("app", "Test phone", "TX-1")


def test_words_are_what_messages_name(store: Store, whose: Whose) -> None:
    messages_seed.source(store, "without messages")
    messages_seed.message(store, whose, 1)
    other = messages_seed.recipient(store, "Anna")
    messages_seed.message(store, (whose[0], other), 2, recipient="Anna", person="mia")
    with store.reading() as session:
        assert messages.words(session) == (("app",), ("Anna", "Test phone"), ("marek", "mia"))


def test_a_send_to_a_list_counts_its_results(store: Store, whose: Whose) -> None:
    number = messages_seed.sending(store, whose[0], 3)
    for place, state in enumerate(("read", "refused", "refused")):
        messages_seed.message(store, whose, place, state, sending_id=number)
    messages_seed.message(store, whose, 9, "read")
    with store.reading() as session:
        sending = messages.sending(session, number)
        assert messages.results(session, number) == {"read": 1, "refused": 2}
        assert messages.sending(session, 99) is None
    assert sending is not None
    assert (sending.source, sending.total, sending.state) == ("app", 3, "running")
    assert len(found(store, Filter(sending=number))) == 3


def test_days_count_what_became_of_their_messages(store: Store, whose: Whose) -> None:
    for number, state in enumerate(("read", "delivered", "accepted", "failed", "refused", "unknown", "reserved")):
        messages_seed.message(store, whose, number, state, created_at=NOON)
    messages_seed.message(store, whose, 20, "refused", created_at=NOON, code="7306")
    day = NOON.date()
    with store.reading() as session:
        counts = message_figures.counts_by_day(session, Filter(), since=day, until=day)
        days = message_figures.days(session, since=day - timedelta(days=1), until=day + timedelta(days=1))
        times = message_figures.times(session, Filter(), since=day, until=day)
    assert {how_far: message_figures.reached(counts, how_far) for how_far in Reached} == {
        Reached.ACCEPTED: 4,
        Reached.DELIVERED: 2,
        Reached.READ: 1,
        Reached.FAILED: 2,
    }
    assert sum(count.number for count in counts) == 8
    assert days == [None, (day, 4, 2), (day + timedelta(days=1), 0, 0)]
    assert times is not None
    assert (times.known, times.median, times.slowest) == (2, timedelta(seconds=3), timedelta(seconds=3))


def test_the_latest_deliveries_tell_how_long_it_takes(store: Store, whose: Whose) -> None:
    for number in range(1, 13):
        begun = NOON + timedelta(minutes=number)
        told = {"posting_at": begun, "delivered_at": begun + timedelta(seconds=number)}
        messages_seed.message(store, whose, number, "delivered", created_at=begun, **told)
    day = {"since": NOON.date(), "until": NOON.date()}
    with store.reading() as session:
        every = message_figures.times(session, Filter(), **day)
        latest = message_figures.times(session, Filter(), **day, most=10)
    seconds = timedelta(seconds=1)
    assert every == Times(12, 6.5 * seconds, 11 * seconds, 12 * seconds)
    assert latest == Times(10, 7.5 * seconds, 11 * seconds, 12 * seconds, more=True)


def test_without_a_delivery_there_is_no_time_to_delivery(store: Store, whose: Whose) -> None:
    messages_seed.message(store, whose, 1, "accepted", created_at=NOON)
    with store.reading() as session:
        assert message_figures.times(session, Filter(), since=NOON.date(), until=NOON.date()) is None
        assert message_figures.days(session, since=NOON.date() - timedelta(days=1), until=NOON.date()) == [
            None,
            (NOON.date(), 1, 0),
        ]


def test_what_needs_someone_is_told_once_and_the_rest_is_counted(store: Store, whose: Whose) -> None:
    old = now() - timedelta(days=2)
    failed = [messages_seed.message(store, whose, number, "failed", created_at=old) for number in range(5)]
    tried = messages_seed.message(store, whose, 5, "unknown", created_at=old)
    again = messages_seed.message(store, whose, 6, "unknown", created_at=old, attempt_of=tried)
    quiet = messages_seed.message(store, whose, 7, "accepted", created_at=old)
    messages_seed.message(store, whose, 8, "failed", created_at=now() - timedelta(days=8))
    refused = messages_seed.message(store, whose, 9, "refused", created_at=old)
    messages_seed.message(store, whose, 10, "refused", created_at=old, code=message_figures.NO_FAILURE[0])
    with store.reading() as session:
        wanting = message_figures.wanting(session)
    assert [(each.trouble, each.id, each.further) for each in wanting] == [
        (Trouble.FAILED, failed[4], 0),
        (Trouble.FAILED, failed[3], 0),
        (Trouble.FAILED, failed[2], 2),
        (Trouble.REFUSED, refused, 0),
        (Trouble.UNKNOWN, again, 0),
        (Trouble.SILENT, quiet, 0),
    ]
