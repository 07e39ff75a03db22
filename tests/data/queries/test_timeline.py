"""The timeline of an account: alike things of one instant are one, nothing is lost, and it goes back in stretches."""

from datetime import UTC, datetime, timedelta

import pytest

from data.queries import accounts, case_history, timeline
from data.queries.timeline import Group
from data.store import Store
from tests import seeds

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def _ago(hours: float) -> datetime:
    return NOON - timedelta(hours=hours)


@pytest.fixture
def members(store: Store) -> tuple[accounts.Witness, ...]:
    """Two connections of two sources that are one account."""
    sources = [seeds.source(store, name) for name in ("north", "south")]
    for number, source in enumerate(sources, 1):
        seeds.connection(store, source, number, account=1, first_seen_at=_ago(2_000))
    with store.reading() as session:
        return accounts.members(session, "c00001")


def _read(
    store: Store, members: tuple[accounts.Witness, ...], limit: int = 30, group: Group | None = None
) -> list[tuple[str, str | None, tuple[str, ...], int]]:
    with store.reading() as session:
        found = timeline.newest(session, members, until=NOON, limit=limit, group=group)
    return [(entry.field, entry.after, entry.sources, entry.number) for entry in found.entries]


def test_the_same_thing_said_by_several_sources_at_one_instant_is_one(
    store: Store, members: tuple[accounts.Witness, ...]
) -> None:
    for key in ("c00001", "c00002"):
        seeds.change(store, key, _ago(3), "status", ("pending", "accepted"))
    seeds.change(store, "c00002", _ago(2), "status", ("accepted", "suspended"))
    assert _read(store, members) == [
        ("status", "suspended", ("south",), 1),
        ("status", "accepted", ("south", "north"), 1),
        ("first_seen", None, ("north", "south"), 1),
    ]


def test_a_vendors_word_that_changed_with_the_status_is_told_once(
    store: Store, members: tuple[accounts.Witness, ...]
) -> None:
    seeds.change(store, "c00001", _ago(3), "status", ("pending", "accepted"))
    seeds.change(store, "c00001", _ago(3), "vendor_status", ("pending", "accepted"))
    seeds.change(store, "c00001", _ago(1), "vendor_status", ("accepted", "archived"))
    assert [field for field, *_ in _read(store, members, group=Group.STATUS)] == ["vendor_status", "status"]


def test_failed_syncs_of_a_day_and_cause_are_one_entry_with_their_number(
    store: Store, members: tuple[accounts.Witness, ...]
) -> None:
    with store.reading() as session:
        number = session.connection().exec_driver_sql("select id from sources where name = 'north'").scalar_one()
    other = seeds.source(store, "elsewhere")
    for hours in (1, 2, 3):
        seeds.run(store, number, "failed", observed_at=_ago(hours), started_at=_ago(hours), problem_message="No.")
    seeds.run(store, number, "ok", observed_at=_ago(4), started_at=_ago(4))
    seeds.run(store, other, "failed", observed_at=_ago(1), started_at=_ago(1))
    assert _read(store, members)[0] == ("failed", "No.", ("north",), 3)
    assert len(_read(store, members)) == 2
    assert _read(store, members, group=Group.PROFILE) == []


def test_groups_part_the_entries(store: Store, members: tuple[accounts.Witness, ...]) -> None:
    for hours, field in enumerate(("health", "suspect", "handle", "extra.bio", "account", "unconfirmed"), 1):
        seeds.change(store, "c00001", _ago(hours), field, ("1", "2"))
    seeds.case(store, 1, connection_id="c00002")
    seeds.step(store, 1, "case.request", (None, "requested"), at=_ago(8))
    told = {group: {field for field, *_ in _read(store, members, group=group)} for group in Group}
    assert told == {
        Group.STATUS: {"health"},
        Group.FIGURES: {"suspect"},
        Group.PROFILE: {"handle", "extra.bio", "unconfirmed"},
        Group.SOURCES: {"account", "first_seen"},
        Group.CASES: {"case"},
    }
    assert len(_read(store, members)) == 8


def test_a_category_edited_here_is_told_once(store: Store, members: tuple[accounts.Witness, ...]) -> None:
    for field in ("extra.category", "category"):
        seeds.change(store, "c00001", _ago(1), field, ("food", "tea"))
    assert [field for field, *_ in _read(store, members, group=Group.PROFILE)] == ["extra.category"]


def test_it_goes_back_in_stretches_and_says_whether_there_is_more(
    store: Store, members: tuple[accounts.Witness, ...]
) -> None:
    for hour in range(40):
        for key in ("c00001", "c00002"):
            seeds.change(store, key, _ago(hour), "health", ("healthy", f"h{hour}"))
    with store.reading() as session:
        first = timeline.newest(session, members, until=NOON, limit=30)
        every = timeline.newest(session, members, until=NOON, limit=60)
        then = timeline.newest(session, members, until=_ago(20), limit=60)
    assert (len(first.entries), first.more) == (30, True)
    assert (len(every.entries), every.more) == (41, False)
    assert every.entries[:30] == first.entries
    assert len(then.entries) == 21


def test_every_case_of_the_account_is_told_until_the_instant_and_no_other_ones(
    store: Store, members: tuple[accounts.Witness, ...]
) -> None:
    ids, key = [each.id for each in members], f"instagram:{members[0].handle}"
    of = [{"connection_id": "c00002"}, {"listed_id": "c00001"}, {"account_key": key}, {"connection_id": "c00009"}]
    for number, values in enumerate(of, 1):
        seeds.case(store, number, "declined", **values)
        seeds.step(store, number, "case.request", (None, "requested"), at=_ago(9))
        seeds.step(store, number, "case.decline", ("requested", "declined"), at=NOON + timedelta(hours=1))
    with store.reading() as session:
        assert [case.id for case in case_history.of_account(session, ids)] == [3, 2, 1]
        taken = case_history.steps(session, ids, until=NOON, limit=9)
    assert [(each.case, each.step.action) for each in taken] == [(n, "case.request") for n in (3, 2, 1)]
