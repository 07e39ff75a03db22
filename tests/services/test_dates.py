"""Dates that people give: what each means, and what is refused."""

from datetime import UTC, datetime

import pytest

from services import dates

NOW = datetime(2026, 10, 3, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-10-02", "2026-10-02T00:00:00+00:00", "2026-10-02T23:59:59.999999+00:00"),
        ("2026-10-03", "2026-10-03T00:00:00+00:00", "2026-10-03T14:30:00+00:00"),
        ("2026-10-02T08:00:00+02:00", "2026-10-02T06:00:00+00:00", "2026-10-02T06:00:00+00:00"),
        ("2026-10-03T14:30Z", "2026-10-03T14:30:00+00:00", "2026-10-03T14:30:00+00:00"),
        ("1970-01-01", "1970-01-01T00:00:00+00:00", "1970-01-01T23:59:59.999999+00:00"),
    ],
)
def test_a_day_is_a_day_of_utc_and_today_ends_now(text: str, start: str, end: str) -> None:
    assert dates.start(text, now=NOW).isoformat() == start
    assert dates.end(text, now=NOW).isoformat() == end


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-10-04", "is in the future"),
        ("2026-10-03T14:31Z", "is in the future"),
        ("2026-10-03T10:00", "has no time zone"),
        ("9999-12-31T23:59:59-14:00", "is no date"),
        ("0001-01-01T00:00+14:00", "is no date"),
        ("2026-13-01", "is no date"),
        ("2026-02-30", "is no date"),
        ("yesterday", "is no date"),
        ("", "is no date"),
        ("\u0662026-10-01", "is no date"),
        ("2026-10-01\n", "is no date"),
        ("x" * 10_000, "is no date"),
    ],
)
def test_what_is_no_past_date_is_refused_with_a_sentence(text: str, reason: str) -> None:
    for read in (dates.start, dates.end):
        with pytest.raises(dates.NoDate) as error:
            read(text, now=NOW)
        assert error.value.reason == reason
        assert len(error.value.message) < 100


@pytest.mark.parametrize("text", ["0001-01-01", "0001-02-01T00:00Z", "1969-12-31"])
def test_nothing_is_known_of_a_day_before_1970_but_a_period_may_begin_there(text: str) -> None:
    for read in (dates.end, dates.day) if len(text) == 10 else (dates.end,):
        with pytest.raises(dates.NoDate) as error:
            read(text, now=NOW)
        assert error.value.reason == "is too long ago"
    assert dates.start(text, now=NOW).year == int(text[:4])
