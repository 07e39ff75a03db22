"""When it is said that nothing was heard of a message."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Row
from sqlmodel import SQLModel, select

from data import silence as conditions
from data.models import Message
from data.types import MessageState
from services.desk import Desk
from services.messaging import silence
from tests.services.messaging.receiving import sent

S = MessageState
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, None),
        (9, None),
        (10, "Nothing heard for 10 minutes"),
        (119, "Nothing heard for 119 minutes"),
        (120, "Nothing heard for 2 hours"),
        (47 * 60 + 59, "Nothing heard for 47 hours"),
        (48 * 60, "Nothing heard for 2 days"),
        (-5, None),
    ],
)
@pytest.mark.parametrize("state", ["accepted", "submitted", "unknown"])
def test_silence_is_said_from_ten_minutes_on(state: str, minutes: int, words: str | None) -> None:
    assert silence.words(state, NOON - timedelta(minutes=minutes), NOON) == words


@pytest.mark.parametrize("state", ["reserved", "posting", "refused", "delivered", "read", "failed"])
def test_of_other_states_the_vendor_owes_no_word(state: str) -> None:
    assert silence.words(state, NOON - timedelta(days=9), NOON) is None


def test_what_to_do_differs_where_nobody_knows_whether_it_was_taken() -> None:
    assert "new attempt" in silence.advice("unknown")
    assert "new attempt" not in silence.advice("accepted")


def test_the_database_finds_the_same_ones(desk: Desk) -> None:
    here = SQLModel.metadata.tables[Message.__tablename__].c
    quiet = [
        sent(desk, "p1", S.POSTING, S.ACCEPTED, transid="t1"),
        sent(desk, "p2", S.POSTING, S.UNKNOWN),
        sent(desk, "p3", S.POSTING, S.ACCEPTED, S.SUBMITTED),
    ]
    for press, steps in {"p4": (), "p5": (S.POSTING,), "p6": (S.POSTING, S.REFUSED), "p7": (S.POSTING, S.READ)}.items():
        sent(desk, press, *steps)
    at = datetime.now(UTC) + conditions.AFTER

    def rows(moment: datetime) -> list[Row[tuple[int, str, datetime]]]:
        query = select(here.id, here.state, conditions.since(here)).where(conditions.is_silent(here, moment))
        with desk.store.reading() as session:
            return list(session.connection().execute(query.order_by(here.id)))

    assert [row[0] for row in rows(at)] == quiet
    assert all(silence.words(row[1], row[2], at) for row in rows(at))
    assert rows(at - timedelta(minutes=1)) == []
