"""What the charts draw: a gap stays a gap, and without a baseline there is no change."""

from datetime import date, timedelta

from pages.ui import charts

FIRST = date(2026, 10, 1)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def test_a_day_that_nobody_told_has_a_row_without_a_figure() -> None:
    table = charts.changes({(day(0), "TikTok"): 200, (day(3), "TikTok"): 210, (day(1), "X"): 50}, ())
    rows = {(row["day"], row["platform"]): (row["followers"], row["change"]) for row in table.to_pylist()}
    assert len(rows) == 2 * 4
    assert rows[day(0), "TikTok"] == (200, 0)
    assert rows[day(1), "TikTok"] == rows[day(2), "TikTok"] == (None, None)
    assert rows[day(3), "TikTok"] == (210, 0.05)
    assert rows[day(0), "X"] == (None, None)


def test_a_first_day_without_followers_is_no_baseline() -> None:
    table = charts.changes({(day(0), "X"): 0, (day(1), "X"): 10}, {"X"})
    assert [(row["followers"], row["change"], row["chosen"]) for row in table.to_pylist()] == [
        (0, None, False),
        (10, None, False),
    ]


def test_nothing_known_draws_nothing() -> None:
    assert charts.changes({}, ()).num_rows == 0
