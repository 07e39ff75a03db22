"""What an answer means, and how fast we may call: pure functions and a clock of our own."""

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.vendors import errors
from services.vendors._judge import by_status, common, limits, retry_after, seconds_until, words
from services.vendors._pace import Pace, TooLong, spoken


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"message": {"fb_uid": ["must be a String"], "location": ["is wrong"]}}, "fb_uid"),
        ({"errors": {"username": "is taken"}}, "username"),
        ({"message": {"message": "No", "code": "x"}}, None),
        ({"message": {"fb_uid": ["must be a String"]}, "field": "uid"}, "uid"),
    ],
)
def test_a_complaint_by_field_names_its_field(body: dict[str, Any], field: str | None) -> None:
    refusal = common(422, body)
    assert refusal is not None
    assert refusal.field == field


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.2, "1 second"), (40, "40 seconds"), (3_600, "60 minutes"), (86_400, "24 hours"), (172_801, "3 days")],
)
def test_a_wait_is_told_in_words(seconds: float, told: str) -> None:
    assert spoken(seconds) == told


NOW = 1_700_000_000.0
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("30", 30.0),
        (" 0 ", 0.0),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("", None),
        (None, None),
        ("٣", None),
        (format_datetime(datetime.fromtimestamp(NOW + 90, UTC), usegmt=True), 90.0),
        (format_datetime(datetime.fromtimestamp(NOW - 90, UTC), usegmt=True), 0.0),
    ],
)
def test_retry_after_is_a_number_a_date_or_nothing(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, now=NOW) == seconds


@given(st.text())
def test_no_retry_after_is_ever_negative_or_an_exception(value: str) -> None:
    found = retry_after(value, now=NOW)
    assert found is None or found >= 0


@pytest.mark.parametrize(
    ("reset", "seconds"),
    [(5, 5.0), (int(NOW) + 7, 7.0), ((int(NOW) + 7) * 1000, 7.0), (int(NOW) - 7, 0.0), (None, None)],
)
def test_a_reset_is_seconds_milliseconds_or_a_distance(reset: int | None, seconds: float | None) -> None:
    assert seconds_until(reset, now=NOW) == seconds


def test_the_rate_headers_of_both_vendors_are_read() -> None:
    highlevel = {"x-ratelimit-max": "100", "x-ratelimit-remaining": "0", "x-ratelimit-interval-milliseconds": "10000"}
    late = {"x-ratelimit-limit": "600", "x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW) + 3)}
    nonsense = {"x-ratelimit-limit": "many", "x-ratelimit-remaining": "-1", "x-ratelimit-reset": "9" * 400}
    assert (limits(highlevel, now=NOW).limit, limits(highlevel, now=NOW).wait) == (100, 10.0)
    assert (limits(late, now=NOW).limit, limits(late, now=NOW).wait) == (600, 3.0)
    assert limits(nonsense, now=NOW) == limits({}, now=NOW)


@given(st.integers(min_value=300, max_value=599), JSON)
def test_every_failed_answer_has_a_refusal_with_words_that_can_be_shown(status: int, body: Any) -> None:
    refusal = common(status, body)
    assert refusal is not None
    shown = errors.clean(refusal.message)
    assert shown.isprintable()
    assert len(shown) <= errors.REASON_LENGTH


def test_words_come_from_texts_lists_and_objects() -> None:
    assert words("a") == "a"
    assert words(["a", ["b"], 5, None]) == "a; b"
    assert words({"ig_user_id": ["a", "b"]}) == "ig_user_id: a; b"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, "unauthorised"),
        (402, "limit_reached"),
        (403, "permission_denied"),
        (404, "not_found"),
        (409, "conflict"),
        (418, "rejected"),
        (429, "rate_limited"),
        (302, "redirect"),
        (503, "vendor_down"),
    ],
)
def test_a_status_stands_for_an_error(status: int, kind: str) -> None:
    assert by_status(status, written=False).kind == kind
    assert by_status(status, written=True).kind == ("unknown_outcome" if status == 503 else kind)


def test_every_error_has_its_own_sentence_and_advice() -> None:
    error = errors.Rejected("zocial", "list the networks", "no\x00\n", field="a", code="b")
    assert str(error) == r"Zocial could not list the networks: no\x00\n"
    assert error.advice == errors.Rejected.usual_advice
    kinds = {kind.kind for kind in errors.VendorError.__subclasses__()}
    assert kinds == {
        "unreachable", "timeout", "rate_limited", "unauthorised", "permission_denied", "not_found", "conflict",
        "limit_reached", "rejected", "vendor_down", "unexpected_answer", "too_large", "redirect", "unknown_outcome",
    }  # fmt: skip
    assert kinds > errors.PASSING


def test_a_mail_address_is_masked() -> None:
    assert errors.mask_mail("ask example@mail.com for access") == "ask e…@… for access"


class Clock:
    """Time that moves only when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """The moment, in seconds."""
        return self.now


@given(st.lists(st.floats(min_value=0, max_value=3), min_size=1, max_size=60), st.integers(min_value=1, max_value=5))
def test_no_window_holds_more_calls_than_the_limit(gaps: list[float], calls: int) -> None:
    clock = Clock()
    pace = Pace(calls, 2.0, clock=clock)
    moments = []
    for gap in gaps:
        clock.now += gap
        moments.append(clock.now + pace._reserve(1e9))
        clock.now = moments[-1]
    for index in range(calls, len(moments)):
        assert moments[index] - moments[index - calls] >= 2.0 - 1e-6


def test_after_a_pause_the_waiting_come_back_one_by_one() -> None:
    clock = Clock()
    pace = Pace(10, 1.0, clock=clock)
    pace.pause(5.0)
    waits = [pace._reserve(60.0) for _ in range(4)]
    assert waits == pytest.approx([5.0, 5.1, 5.2, 5.3])


def test_calls_can_be_kept_apart_so_that_none_come_as_a_burst() -> None:
    clock = Clock()
    pace = Pace(3, 1.0, apart=0.2, clock=clock)
    assert [pace._reserve(60.0) for _ in range(5)] == pytest.approx([0.0, 0.2, 0.4, 1.0, 1.2])
    clock.now += 9.0
    assert pace._reserve(60.0) == 0.0


def test_a_wait_that_nobody_can_wait_is_told() -> None:
    pace = Pace(10, 1.0, clock=Clock())
    pace.pause(3600.0)
    with pytest.raises(TooLong) as caught:
        pace.take(1e9)
    assert caught.value.seconds == pytest.approx(3600.0)
    assert pace.requests == 0


def test_the_vendors_own_limit_replaces_ours() -> None:
    clock = Clock()
    pace = Pace(60, 60.0, clock=clock)
    pace.tell(limit=2, left=1, period=10.0)
    assert [pace._reserve(60.0) for _ in range(3)] == pytest.approx([0.0, 0.0, 10.0])
    assert (pace.limit, pace.calls_left) == (2, 1)
