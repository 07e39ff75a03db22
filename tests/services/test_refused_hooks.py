"""Webhooks of a source that are refused again and again are one incident, until one is believed or none comes."""

from datetime import datetime, timedelta

import pytest

from data import inbox
from data.inbox import Refusal
from data.intake import Entry
from data.store import now
from services import refused_hooks
from services.desk import Desk
from services.webhooks.believing import Reason
from tests import cached, seeds

MINUTE = timedelta(minutes=1)


@pytest.fixture
def source(desk: Desk) -> int:
    """A source of Late."""
    return seeds.source(desk.store, "north")


def _refuse(desk: Desk, reason: Reason, times: int, at: datetime) -> None:
    with desk.store.bulk() as link:
        inbox.count(link, Refusal("late", "north", reason.value, at.date()), times, first_at=at, last_at=at)


def _believe(desk: Desk, source: int, at: datetime) -> None:
    with desk.store.bulk() as link:
        inbox.take(link, [Entry(source, str(at), "account.connected", None, at, at, "{}")])


def _incidents(desk: Desk) -> list[tuple[str, bool, str | None]]:
    refused_hooks.watch(desk)
    return [(row["cause"], row["ended_at"] is None, row["ended_why"]) for row in cached.incidents(desk.store)]


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        (Reason.NO_SECRET, "webhook_secret"),
        (Reason.SIGNATURE, "webhook_refused"),
        (Reason.UNSIGNED, "webhook_refused"),
    ],
)
def test_three_in_a_row_are_trouble_until_one_is_believed(desk: Desk, source: int, reason: Reason, cause: str) -> None:
    began = now() - 5 * MINUTE
    _refuse(desk, reason, 2, began)
    assert _incidents(desk) == []
    _refuse(desk, reason, 1, began)
    assert _incidents(desk) == _incidents(desk) == [(cause, True, None)]
    assert cached.incidents(desk.store)[0]["began_at"] == began

    _believe(desk, source, now() + MINUTE)
    assert _incidents(desk) == [(cause, False, "A webhook of it was believed again.")]
    assert len(_incidents(desk)) == 1


@pytest.mark.usefixtures("source")
def test_a_flood_that_stopped_a_day_ago_and_other_refusals_are_none(desk: Desk) -> None:
    _refuse(desk, Reason.TOO_LARGE, 9, now())
    _refuse(desk, Reason.SIGNATURE, 9, now() - timedelta(hours=25))
    assert _incidents(desk) == []


def test_forged_ones_beside_good_ones_are_no_trouble(desk: Desk, source: int) -> None:
    _refuse(desk, Reason.SIGNATURE, 9, now() - 30 * MINUTE)
    _believe(desk, source, now() - 10 * MINUTE)
    assert _incidents(desk) == []
