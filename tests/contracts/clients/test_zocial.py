"""What our Zocial client sends and understands, against the document's own examples (documents/zocial.txt)."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from services.vendors import errors
from services.vendors._http import Timing
from services.vendors.zocial import ExternalId, NetworkId, Zocial
from tests.services.vendors.pretender import Pretender, answer

NETWORKS = """{"networks": [
  {"id": 123, "network": "instagram", "network_id": "user123", "network_url": "https://instagram.com/user123",
   "status": "accepted", "followers": 5000, "verified": true, "connected_at": "2024-01-01T00:00:00Z"},
  {"id": 124, "network": "facebook", "network_id": "page456", "network_url": "https://facebook.com/page456",
   "status": "pending", "followers": 2000, "verified": false, "connected_at": "2024-01-15T00:00:00Z"}]}"""
MODEL = """{"networks": [{"id": 123, "user_id": 456, "network": "instagram", "network_id": "user123",
  "network_url": "https://instagram.com/user123", "status": "accepted", "followers": 5000, "verified": true,
  "category": "fashion", "engagement_rate": 3.5, "connected_at": "2024-01-01T00:00:00Z",
  "last_updated": "2024-08-01T10:00:00Z",
  "extra_data": {"bio": "Fashion influencer", "website": "https://example.com", "verified_badge": true}}]}"""
PAGES = """{"pages": [{"id": 456, "user_id": 456, "network": "facebook", "page_id": "page123",
  "page_name": "Fashion Blog",
  "page_url": "https://facebook.com/page123", "status": "accepted", "followers": 10000, "category": "fashion",
  "engagement_rate": 2.8, "connected_at": "2024-01-01T00:00:00Z", "last_updated": "2024-08-01T10:00:00Z",
  "extra_data": {"description": "Fashion and lifestyle blog", "category": "Fashion",
  "verification_status": "verified"}}]}"""
WALLS = """{"walls": [{"id": 789, "network": "instagram", "wall_id": "wall123", "wall_name": "Fashion Wall",
  "wall_url": "https://instagram.com/wall123", "status": "accepted", "followers": 5000, "category": "fashion",
  "connected_at": "2024-01-01T00:00:00Z"}]}"""
CHANNELS = """{"channels": [{"id": 101, "network": "youtube", "channel_id": "channel123",
  "channel_name": "Fashion Channel",
  "channel_url": "https://youtube.com/channel123", "status": "accepted", "subscribers": 15000, "category": "fashion",
  "connected_at": "2024-01-01T00:00:00Z"}]}"""
DONE = {"status": "success", "message": "Done"}


def zocial(vendor: Pretender) -> Zocial:
    return Zocial(vendor.url, "fake-token", timing=Timing(total=5.0, overall=5.0, backoff=0.01))


def says(vendor: Pretender, text: str | dict[str, Any], status: int = 200) -> Pretender:
    return vendor.will(answer(text.encode() if isinstance(text, str) else text, status))


def test_networks(vendor: Pretender) -> None:
    """Lines 7-38: Get Networks, a POST without a body."""
    found = zocial(says(vendor, NETWORKS)).networks()
    first, second = found.items
    assert (first.id, first.network, first.network_id, first.status) == (123, "instagram", "user123", "accepted")
    assert (first.followers, first.verified, first.connected_at) == (5000, True, datetime(2024, 1, 1, tzinfo=UTC))
    assert (second.id, second.status, second.verified) == (124, "pending", False)
    assert "engagement_rate" not in first.told
    assert (found.drift, found.rejected) == ((), ())
    (asked,) = vendor.asked
    assert (asked.method, asked.target, asked.content) == ("POST", "/api/get/networks/", b"")
    assert asked.headers["authorization"] == "Bearer fake-token"


def test_the_network_model(vendor: Pretender) -> None:
    """Lines 355-375: every field of the data model, without drift."""
    found = zocial(says(vendor, MODEL)).networks()
    (network,) = found.items
    assert (network.user_id, network.category, network.engagement_rate) == ("456", "fashion", 3.5)
    assert network.last_updated == datetime(2024, 8, 1, 10, tzinfo=UTC)
    assert network.extra_data == {"bio": "Fashion influencer", "website": "https://example.com", "verified_badge": True}
    assert "engagement_rate" in network.told
    assert found.drift == ()


def test_pages_walls_and_channels(vendor: Pretender) -> None:
    """Lines 206-228, 255-277, 304-326 and 377-441."""
    client = zocial(vendor)
    (page,) = client.pages().items if says(vendor, PAGES) else ()
    (wall,) = client.walls().items if says(vendor, WALLS) else ()
    (channel,) = client.channels().items if says(vendor, CHANNELS) else ()
    assert (page.id, page.page_id, page.page_name, page.engagement_rate) == (456, "page123", "Fashion Blog", 2.8)
    assert (wall.id, wall.wall_id, wall.wall_name, wall.followers) == (789, "wall123", "Fashion Wall", 5000)
    assert (channel.id, channel.channel_id, channel.subscribers) == (101, "channel123", 15000)
    assert [a.target for a in vendor.asked] == [
        "/api/get/social-pages/",
        "/api/get/social-walls/",
        "/api/get/social-channels/",
    ]


def test_update_extra(vendor: Pretender) -> None:
    """Lines 42-61: a form with bracketed keys and Zocial's own integer."""
    extra = {"bio": "Updated bio information", "website": "https://example.com", "category": "fashion"}
    zocial(says(vendor, DONE)).update_extra(NetworkId(123), {**extra, "engagement_rate": 3.5})
    assert vendor.asked[0].target == "/api/action/network-extra/update/"
    assert vendor.asked[0].form == {
        "network_id": "123",
        "extra_data[bio]": "Updated bio information",
        "extra_data[website]": "https://example.com",
        "extra_data[category]": "fashion",
        "extra_data[engagement_rate]": "3.5",
    }


@pytest.mark.parametrize("platform", ["facebook", "google", "instagram", "twitter"])
def test_authentication(vendor: Pretender, platform: str) -> None:
    """Lines 63-139: a form with the person's access; the answer holds Zocial's own integer."""
    client = zocial(says(vendor, {**DONE, "network_id": 123}))
    connect = getattr(client, f"authenticate_{platform}")
    assert connect("fake_access", "fake_user") == 123
    assert vendor.asked[0].target == f"/api/auth/{platform}/"
    assert vendor.asked[0].form == {"access_token": "fake_access", "user_id": "fake_user"}


def test_a_platform_without_authentication_is_refused_before_it_leaves(vendor: Pretender) -> None:
    """Lines 455-469: seven platforms, of which four have an endpoint."""
    with pytest.raises(errors.Rejected):
        zocial(vendor).authenticate("tiktok", "fake", "fake")
    assert vendor.asked == []


def test_approval(vendor: Pretender) -> None:
    """Lines 143-165: JSON, with the platform's handle as network_id."""
    client = zocial(says(vendor, {**DONE, "approval_id": 789}))
    found = client.submit_approval("instagram", ExternalId("user123"), "https://instagram.com/user123", 5000, "fashion")
    assert found == 789
    assert vendor.asked[0].target == "/api/action/network/approval/"
    assert vendor.asked[0].json == {
        "network_type": "instagram",
        "network_id": "user123",
        "network_url": "https://instagram.com/user123",
        "followers": 5000,
        "category": "fashion",
    }


def test_status(vendor: Pretender) -> None:
    """Lines 167-185: `status` is the network's state here; null and absent figures differ."""
    text = """{"status": "accepted", "verified": true, "followers": 5000, "engagement_rate": 3.5,
               "last_updated": "2024-08-01T10:00:00Z"}"""
    client = zocial(says(vendor, text))
    found = client.status(NetworkId(123))
    assert (found.status, found.verified, found.followers, found.engagement_rate) == ("accepted", True, 5000, 3.5)
    assert found.last_updated == datetime(2024, 8, 1, 10, tzinfo=UTC)
    assert (vendor.asked[0].target, vendor.asked[0].form) == ("/api/network/status/", {"network_id": "123"})
    says(vendor, '{"status": "archived", "engagement_rate": null}')
    later = client.status(NetworkId(123))
    assert (later.status, later.engagement_rate, later.told) == ("archived", None, {"status", "engagement_rate"})
    assert [drift.kind for drift in later.drift] == ["new_value"]


def test_disconnect(vendor: Pretender) -> None:
    """Lines 187-202."""
    zocial(says(vendor, DONE)).disconnect(NetworkId(123))
    assert (vendor.asked[0].target, vendor.asked[0].form) == ("/api/network/disconnect/", {"network_id": "123"})


@pytest.mark.parametrize("wrong", ["user123", "123", 0, -1, True, None, 1.0])
def test_a_handle_never_leaves_as_an_id(vendor: Pretender, wrong: Any) -> None:
    """Lines 20 and 193: `network_id` is a handle in lists and an integer here."""
    for call in (zocial(vendor).disconnect, zocial(vendor).status):
        with pytest.raises(errors.Rejected) as caught:
            call(wrong)
        assert caught.value.field == "network_id"
    assert vendor.asked == []


def test_add_page_wall_and_channel(vendor: Pretender) -> None:
    """Lines 230-251, 279-300 and 328-351: forms for page and wall, JSON for the channel."""
    client = zocial(vendor)
    says(vendor, {**DONE, "page_id": 457, "wall_id": 790, "channel_id": 102})
    page = client.add_page(
        "facebook",
        ExternalId("page456"),
        name="Beauty Blog",
        url="https://facebook.com/page456",
        followers=8000,
        category="beauty",
    )
    wall = client.add_wall(
        "instagram",
        ExternalId("wall456"),
        name="Beauty Wall",
        url="https://instagram.com/wall456",
        followers=3000,
        category="beauty",
    )
    channel = client.add_channel(
        "youtube",
        ExternalId("channel456"),
        name="Beauty Channel",
        url="https://youtube.com/channel456",
        subscribers=8000,
        category="beauty",
    )
    assert (page, wall, channel) == (457, 790, 102)
    assert vendor.asked[0].form == {
        "network": "facebook",
        "page_id": "page456",
        "page_name": "Beauty Blog",
        "page_url": "https://facebook.com/page456",
        "followers": "8000",
        "category": "beauty",
    }
    assert vendor.asked[1].form["wall_name"] == "Beauty Wall"
    assert vendor.asked[2].json == {
        "network": "youtube",
        "channel_id": "channel456",
        "channel_name": "Beauty Channel",
        "channel_url": "https://youtube.com/channel456",
        "subscribers": 8000,
        "category": "beauty",
    }
    assert [a.target for a in vendor.asked] == [
        "/api/add/social-page/",
        "/api/add/social-wall/",
        "/api/add/social-channel/",
    ]


CODES = [
    ("authentication_required", "Authentication is required for this endpoint", errors.Unauthorised),
    ("invalid_access_token", "Invalid or expired access token", errors.Unauthorised),
    ("network_already_connected", "This network is already connected to your account", errors.Conflict),
    ("network_not_found", "Network not found", errors.NotFound),
    ("network_verification_failed", "Failed to verify network credentials", errors.Rejected),
    ("permission_denied", "You don't have permission to access this network", errors.PermissionDenied),
    ("network_limit_reached", "Maximum number of networks reached", errors.LimitReached),
]


@pytest.mark.parametrize("status", [200, 400, 403, 500])
@pytest.mark.parametrize(("code", "message", "kind"), CODES)
def test_an_error_key_is_a_failure_at_any_status(
    vendor: Pretender, code: str, message: str, kind: type[errors.VendorError], status: int
) -> None:
    """Lines 471-521: the error codes, whatever the HTTP status."""
    client = zocial(says(vendor, {"error": code, "message": message}, status))
    for call in (client.networks, lambda: client.disconnect(NetworkId(1))):
        with pytest.raises(kind, match=message) as caught:
            call()
        assert (caught.value.code, type(caught.value)) == (code, kind)
    assert len(vendor.asked) == 2


@pytest.mark.parametrize(
    ("message", "field"), [("Invalid network URL format", "network_url"), ("Network type not supported", "network")]
)
def test_a_validation_error_names_its_field(vendor: Pretender, message: str, field: str) -> None:
    """Lines 499-510."""
    client = zocial(says(vendor, {"error": "validation_error", "message": message, "field": field}))
    with pytest.raises(errors.Rejected, match=message) as caught:
        client.submit_approval("x", ExternalId("y"), "z", None, None)
    assert caught.value.field == field
    assert vendor.asked[0].json == {"network_type": "x", "network_id": "y", "network_url": "z"}


@pytest.mark.parametrize(
    "text", ["null", "[]", "{}", '{"networks": null}', '{"networks": {}}', '{"pages": []}', '"x"', "5"]
)
def test_another_shape_is_never_an_empty_list(vendor: Pretender, text: str) -> None:
    """Lines 15-17: an object with the list under its key."""
    with pytest.raises(errors.UnexpectedAnswer):
        zocial(says(vendor, text)).networks()


def test_an_empty_list_is_an_empty_list(vendor: Pretender) -> None:
    """Lines 15-17."""
    assert zocial(says(vendor, '{"networks": []}')).networks().items == ()


def test_a_write_without_the_word_success_is_unknown(vendor: Pretender) -> None:
    """Lines 199-202: success is a word of the answer."""
    with pytest.raises(errors.OutcomeUnknown):
        zocial(says(vendor, {"status": "accepted"})).disconnect(NetworkId(1))


def test_the_persons_token_never_comes_back_in_an_error(vendor: Pretender) -> None:
    """Lines 73-74: the access token is the person's own."""
    says(vendor, {"error": "network_verification_failed", "message": "bad canary-access-token of fake-token"})
    with pytest.raises(errors.Rejected) as caught:
        zocial(vendor).authenticate_instagram("canary-access-token", "5")
    assert "canary-access-token" not in f"{caught.value} {caught.value!r}"
    assert "fake-token" not in str(caught.value)


def test_one_record_without_an_id_is_rejected_alone(vendor: Pretender) -> None:
    """Lines 18 and 28."""
    rows = json.loads(NETWORKS)["networks"]
    del rows[0]["id"]
    found = zocial(says(vendor, {"networks": rows})).networks()
    assert [network.id for network in found.items] == [124]
    assert [rejected.position for rejected in found.rejected] == [0]


def test_absurd_values_cost_their_field_only(vendor: Pretender) -> None:
    """Lines 18-37 and DESIGN.md, promise 7: null, kept raw and counted; a blank text is only missing."""
    row = {**json.loads(NETWORKS)["networks"][0], "id": 1, "category": " "}
    row |= {"engagement_rate": -1.5, "network_url": "javascript:alert(1)", "network_id": "x" * 513}
    (found,) = (listing := zocial(says(vendor, {"networks": [row]})).networks()).items
    assert (found.engagement_rate, found.network_url, found.network_id, found.category) == (None, None, None, None)
    assert set(found.raw_bad) == {"engagement_rate", "network_url", "network_id"}
    assert {(one.field, one.kind) for one in listing.drift} == {(name, "bad_value") for name in found.raw_bad}
