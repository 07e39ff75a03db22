"""From the vendors' words to ours, one record at a time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.connections import Word
from data.types import Kind
from services import handles, observations
from services.vendors import _payload, gipper, highlevel, late, zocial

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def _network(**values: Any) -> observations.Row:
    listing = _payload.listing([{"id": 7, **values}], zocial._NETWORK)
    return {name: values[0] for name, values in observations.network(listing.items, 3).items()}


def _account(**values: Any) -> observations.Row:
    listing = late._accounts([{"_id": "a1", "platform": "instagram", **values}])
    return observations.late_account(listing.items[0], 3, NOON, Word())


@pytest.mark.parametrize(
    ("word", "status", "health"),
    [
        ("accepted", "accepted", "healthy"),
        (" Accepted ", "accepted", "healthy"),
        ("pending", "pending", "healthy"),
        ("rejected", "rejected", "unknown"),
        ("suspended", "suspended", "unknown"),
        ("disconnected", "disconnected", "unknown"),
        ("archived", "unknown", "unknown"),
        ("unknown", "unknown", "unknown"),
        ("", "unknown", "unknown"),
        (None, "unknown", "unknown"),
    ],
)
def test_a_status_is_one_of_ours_or_unknown_and_its_word_is_kept(word: str | None, status: str, health: str) -> None:
    row = _network(status=word)
    assert (row["status"], row["health"], row["vendor_status"]) == (status, health, word or None)


@pytest.mark.parametrize(
    ("word", "platform"), [("Instagram", "instagram"), ("threads", "threads"), (None, "unknown"), ("  ", "unknown")]
)
def test_a_platform_that_nobody_documented_is_no_error(word: str | None, platform: str) -> None:
    assert _network(network=word)["platform"] == platform


@pytest.mark.parametrize(
    ("days", "health"), [(-1, "broken"), (0, "broken"), (1, "expiring"), (7, "expiring"), (8, "healthy")]
)
def test_a_token_near_its_end_is_expiring_and_past_it_broken(days: int, health: str) -> None:
    row = _account(tokenExpiresAt=(NOON + timedelta(days=days)).isoformat())
    assert row["health"] == health


def test_an_account_that_needs_to_be_reconnected_is_broken_whatever_its_token_says() -> None:
    row = _account(needsReconnection=True, tokenExpiresAt="2027-01-01T00:00:00Z")
    assert row["health"] == "broken"
    assert "reconnected" in row["health_reason"]


def test_an_account_that_is_switched_off_is_disconnected_and_has_no_health() -> None:
    row = _account(isActive=False, needsReconnection=True)
    assert (row["status"], row["health"], row["health_reason"]) == ("disconnected", "unknown", None)


@pytest.mark.parametrize(("given_name", "handle"), [("@nasa", "nasa"), ("nasa", "nasa"), ("", None), (None, None)])
def test_a_handle_comes_without_its_at_sign(given_name: str | None, handle: str | None) -> None:
    row = _account(username=given_name)
    assert (row["handle"], row["external_id"]) == (handle, handle)


@pytest.mark.parametrize(
    ("username", "handle"),
    [
        ("https://www.instagram.com/nasa/", "nasa"),
        ("https://www.tiktok.com/@nasa", "nasa"),
        ("https://www.instagram.com/", None),
        ("https://www.instagram.com", None),
        ("https://www.instagram.com/c", "c"),
        ("https://www.instagram.com/stories/nasa/123/", "nasa"),
        ("https://www.instagram.com/p/Cx1/", None),
        ("HTTPS://instagram.com/nasa?hl=en", "nasa"),
        ("instagram.com/zed", "zed"),
        ("www.instagram.com/zed/", "zed"),
        ("//instagram.com/zed", "zed"),
        ("https://www.linkedin.com/company/acme/about", "acme"),
        ("https://www.linkedin.com/company/acme/about/", "acme"),
        ("https://www.linkedin.com/in/jane-doe", "jane-doe"),
        ("https://www.linkedin.com/about", None),
        ("https://www.youtube.com/channel/UC123/videos", "UC123"),
        ("https://www.youtube.com/@nasa/about", "nasa"),
        ("https://youtube.com/c/nasa", "nasa"),
        ("https://youtube.com/user/nasa", "nasa"),
        ("https://www.facebook.com/pages/Nasa/123", "Nasa"),
        ("https://www.facebook.com/pages/category/Brand/Nasa-123/", "Nasa-123"),
        ("https://www.facebook.com/nasa/about", "nasa"),
        ("https://www.facebook.com/profile.php?id=100001", "100001"),
        ("https://social.example/user/nasa", "nasa"),
        ("https://[broken/nasa", None),
        ("javascript://instagram.com/nasa", None),
        ("zed.shop", "zed.shop"),
        ("</script>", "</script>"),
        ("x" * 513, None),
        ("@nasa", "nasa"),
        (None, None),
    ],
)
def test_a_handle_is_found_in_a_profile_address(username: str | None, handle: str | None) -> None:
    assert handles.handle_in(username) == handle


@pytest.mark.parametrize(
    ("told", "handle", "key"),
    [
        ("@nike", "nike", "nike"),
        ("Nike ", "Nike", "nike"),
        ("https://www.instagram.com/puma/", "puma", "puma"),
        ("https://www.instagram.com/", "https://www.instagram.com/", None),
        ("0rbit_2", "0rbit_2", "0rbit_2"),
    ],
)
def test_zocials_word_is_kept_and_its_handle_is_shown_alone(told: str, handle: str, key: str | None) -> None:
    row = _network(network_id=told)
    assert (row["external_id"].strip(), row["handle"], row["handle_key"]) == (told.strip(), handle, key)


@pytest.mark.parametrize(("told", "own"), [("20202020", None), ("17841400000000001", "17841400000000001")])
def test_a_number_of_zocial_is_an_id_when_it_is_long_and_one_of_late_never(told: str, own: str | None) -> None:
    assert _network(network_id=told)["platform_id"] == own
    assert _account(username=told)["platform_id"] is None


def _listed(**values: Any) -> observations.Row:
    listing = _payload.listing([highlevel._flat({"id": "l1", "platform": "instagram", **values})], highlevel._ACCOUNT)
    return observations.highlevel_account(listing.items[0], 3, NOON)


@pytest.mark.parametrize(
    ("values", "external_id"),
    [
        ({"id": "65f_loc_17841405902213202", "originId": "o1"}, "o1"),
        ({"id": "65f_loc_17841405902213202"}, "17841405902213202"),
        ({"id": "65f_loc:12345", "originId": " "}, "12345"),
        ({"id": "65f_loc_1234"}, "nasa"),
        ({"id": "17841405902213202"}, "nasa"),
        ({"id": "65f_17841_loc"}, "nasa"),
    ],
)
def test_highlevel_ids_may_end_in_the_platforms_own(values: dict[str, Any], external_id: str) -> None:
    row = _listed(meta={"username": "@nasa"}, **values)
    assert (row["external_id"], row["handle"]) == (external_id, "nasa")


@pytest.mark.parametrize(
    ("username", "url"),
    [
        ("https://instagram.com/zed", "https://instagram.com/zed"),
        ("instagram.com/zed", "https://instagram.com/zed"),
        ("zed", None),
        ("ftp://instagram.com/zed", None),
    ],
)
def test_highlevels_username_may_be_the_profiles_address(username: str, url: str | None) -> None:
    assert _listed(meta={"username": username})["url"] == url


def test_lates_username_may_be_the_profiles_address() -> None:
    row = _account(username="https://www.linkedin.com/company/acme/about")
    assert (row["handle"], row["external_id"]) == ("acme", "acme")


def test_gippers_handle_is_its_user_name_and_its_name_the_label() -> None:
    rows = [
        {"id": 1, "social_channel": "Instagram", "name": "kate", "nickname": label} for label in ("K. T.", "", None)
    ]
    found = [observations.gipper_account(gipper._listing([row], gipper._V4).items[0], 3, Word()) for row in rows]
    assert [(row["handle"], row["external_id"]) for row in found] == [("kate", "kate")] * 3
    assert [row["name"] for row in found] == ["K. T.", None, None]


def test_ids_of_two_kinds_and_of_two_sources_never_meet() -> None:
    found = {observations.connection_id(source, kind, 7) for source in (1, 11) for kind in Kind}
    assert found == {"1-n-7", "1-p-7", "1-w-7", "1-c-7", "11-n-7", "11-p-7", "11-w-7", "11-c-7"}


@given(st.text())
def test_searching_folds_a_text_the_same_way_twice(text: str) -> None:
    assert observations.folded(observations.folded(text)).casefold() == observations.folded(observations.folded(text))


@given(st.lists(st.one_of(st.none(), st.integers(), st.floats(), st.text(), st.booleans()), max_size=5))
def test_a_fingerprint_fits_the_database_and_is_never_the_mark_of_unread(values: list[Any]) -> None:
    found = observations.fingerprint(tuple(values))
    assert -(2**63) <= found < 2**63
    assert found != 0
    assert found == observations.fingerprint(tuple(values))


@pytest.mark.parametrize("pair", [((1,), (1.0,)), ((1,), (True,)), ((None,), ("None",)), (("a", "b"), ("ab",))])
def test_values_that_differ_only_in_kind_have_different_fingerprints(pair: tuple[Any, Any]) -> None:
    assert observations.fingerprint(pair[0]) != observations.fingerprint(pair[1])
