"""Figures over a range: changes without a baseline, gaps as gaps, and why a day is missing."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from data.queries import account, accounts
from data.queries.account import Best, Curve, Gap, Mark, Point
from data.store import Store
from tests import seeds

TODAY = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def _ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def _curve(followers: dict[int, int | None], days: int = 30) -> Curve:
    """Followers by how many days ago."""
    told = [Point(_ago(back), number, None) for back, number in sorted(followers.items(), reverse=True)]
    return Curve(_ago(days), TODAY, tuple(told))


def test_a_range_holds_its_days_and_knows_what_came_just_before() -> None:
    curve = _curve({back: 1_000 - back for back in range(34)})
    assert (curve.days, curve.days_known) == (30, 30)
    assert curve.followers_before == 970
    assert curve.points[0].day == _ago(29)


def test_a_baseline_may_be_three_days_older_and_no_more() -> None:
    assert _curve({33: 900, 1: 1_000}).followers_before == 900
    assert _curve({34: 900, 1: 1_000}).followers_before is None
    assert _curve({30: None, 31: 900}).followers_before == 900


def test_the_best_day_needs_the_day_before_and_a_figure_that_is_believed() -> None:
    assert _curve({10: 100, 9: 150, 8: 155, 5: 400, 4: 410}).best() == Best(_ago(9), 50)
    assert _curve({10: 100, 9: 150, 8: 155}).best(frozenset({_ago(9)})) is None
    assert _curve({10: 100, 9: 90, 7: 200}).best() is None


def test_missing_days_are_gaps_and_the_last_day_may_still_be_told() -> None:
    curve = _curve({back: 100 for back in range(1, 40) if back not in {10, 11, 20}})
    assert curve.gaps(_ago(90), today=TODAY) == (
        Gap(_ago(20), _ago(20), open=False),
        Gap(_ago(11), _ago(10), open=False),
    )


def test_a_line_that_ended_is_an_open_gap_and_nothing_is_missing_before_the_first_sight() -> None:
    curve = _curve(dict.fromkeys(range(5, 15), 100))
    assert curve.gaps(_ago(14), today=TODAY) == (Gap(_ago(4), TODAY, open=True),)
    assert curve.gaps(_ago(20), today=TODAY)[0] == Gap(_ago(20), _ago(15), open=False)


def test_without_any_figure_there_is_no_line_and_so_no_gap() -> None:
    assert _curve({}).gaps(_ago(20), today=TODAY) == ()


def test_history_that_is_kept_by_the_week_has_no_gap_between_its_weeks() -> None:
    weeks = [Point(_ago(back), 100, None) for back in range(700, 410, -7)]
    curve = Curve(_ago(700), _ago(414), tuple(weeks))
    assert curve.gaps(_ago(800), today=TODAY) == ()


@given(st.sets(st.integers(0, 40), max_size=41))
def test_every_day_after_the_first_sight_is_known_or_in_exactly_one_gap(known: set[int]) -> None:
    curve = _curve(dict.fromkeys(known, 100))
    gaps = curve.gaps(_ago(25), today=TODAY)
    missing = [gap.first + timedelta(days=day) for gap in gaps for day in range((gap.last - gap.first).days + 1)]
    told = {_ago(back) for back in known}
    expected = {_ago(back) for back in range(26)} - told
    if not told:
        assert missing == []
    else:
        assert len(missing) == len(set(missing))
        assert set(missing) | {TODAY} == expected | {TODAY}
        assert not set(missing) & told


def test_curves_are_read_of_each_connection_that_has_any(store: Store) -> None:
    source = seeds.source(store, "north")
    first, second = (seeds.connection(store, source, number) for number in (1, 2))
    seeds.points(store, first, {_ago(95): 1, _ago(93): 2, _ago(90): 3, _ago(0): 9, _ago(-1): 10})
    with store.reading() as session:
        found = account.curves(session, [first, second], since=_ago(90), until=TODAY)
        assert account.first_figure(session, [first, second]) == _ago(95)
        assert account.first_figure(session, [second]) is None
    assert list(found) == [first]
    assert [point.followers for point in found[first].known] == [2, 3, 9]


def test_marks_are_the_status_and_what_is_suspect_within_the_range(store: Store) -> None:
    key = seeds.connection(store, seeds.source(store, "north"), 1)
    for days, field, values in (
        (40, "status", ("pending", "accepted")),
        (20, "status", ("accepted", "suspended")),
        (10, "suspect", (None, "followers_doubled")),
        (9, "name", ("a", "b")),
    ):
        seeds.change(store, key, NOON - timedelta(days=days), field, values)
    with store.reading() as session:
        found = account.marks(session, key, since=_ago(30), until=TODAY)
        assert account.suspect_since(session, key, "followers_doubled", until=NOON) == NOON - timedelta(days=10)
        assert account.suspect_since(session, key, "followers_doubled", until=NOON - timedelta(days=11)) is None
    assert found == (
        Mark(NOON - timedelta(days=20), "status", "suspended"),
        Mark(NOON - timedelta(days=10), "suspect", "followers_doubled"),
    )


def test_why_days_are_missing_is_told_by_the_syncs(store: Store) -> None:
    source = seeds.source(store, "north")
    for days, state in ((10, "failed"), (5, "ok"), (5, "failed")):
        at = NOON - timedelta(days=days)
        seeds.run(store, source, state, observed_at=at, started_at=at)
    with store.reading() as session:
        told = [account.asked(session, "north", Gap(_ago(days), _ago(days), open=False)) for days in (10, 5, 3)]
    assert told == ["failed", "silent", "unasked"]


def test_the_past_of_an_account_holds_only_who_witnessed_it_then(store: Store) -> None:
    sources = [seeds.source(store, name) for name in ("north", "south", "east")]
    keys = [seeds.connection(store, source, number, account=1) for number, source in enumerate(sources, 1)]
    seeds.change(store, keys[0], NOON - timedelta(days=3), "name", ("Old", "Name 1"))
    seeds.change(store, keys[1], NOON - timedelta(days=3), "account", ("2", "1"))
    seeds.points(store, keys[0], {_ago(5): 50})
    with store.reading() as session:
        members = accounts.members(session, keys[0])
        then = account.as_of(session, members, keys[0], NOON - timedelta(days=5))
        assert [each.id for each in then] == [keys[0], keys[2]]
        assert (then[0].name, then[0].followers) == ("Old", 50)
        assert [each.id for each in account.as_of(session, members, keys[1], NOON - timedelta(days=5))] == [keys[1]]
        assert account.as_of(session, members, keys[0], NOON - timedelta(days=300)) == ()
