"""The pretended Zocial against the examples of zocial.txt."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from services.sandbox import Sandbox, credentials, serve

HEADERS = {"Authorization": f"Bearer {credentials()['zocial']['token']}"}
SUCCESS = {"status": "success"}


class Api:
    """The document's calls with plain requests: `form` or `json`, as each endpoint is documented."""

    def __init__(self, origin: str, http: requests.Session) -> None:
        self._base = origin + "/sandbox/zocial"
        self._http = http

    def __call__(self, path: str, **body: Any) -> requests.Response:
        """Post a body to one of the document's paths."""
        return self._http.post(self._base + path, headers=HEADERS, timeout=5, allow_redirects=False, **body)


@pytest.fixture
def api(origin: str, http: requests.Session) -> Api:
    return Api(origin, http)


def kinds_of(value: dict[str, Any]) -> dict[str, type]:
    return {name: type(inner) for name, inner in value.items()}


def test_get_networks(api: Api) -> None:
    """Lines 7 to 38: every field of the example, with the example's types."""
    example = {
        "id": 123, "network": "instagram", "network_id": "user123", "network_url": "https://instagram.com/user123",
        "status": "accepted", "followers": 5000, "verified": True, "connected_at": "2024-01-01T00:00:00Z",
    }  # fmt: skip
    row = api("/api/get/networks/").json()["networks"][0]
    assert kinds_of(example).items() <= kinds_of(row).items()
    assert datetime.strptime(row["connected_at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert "engagement_rate" not in row
    assert "last_updated" not in row


def test_network_extra(api: Api) -> None:
    """Lines 42 to 61."""
    form = {"network_id": "1002", "extra_data[bio]": "Updated bio information", "extra_data[engagement_rate]": "3.5"}
    answer = api("/api/action/network-extra/update/", data=form)
    assert answer.json() == {**SUCCESS, "message": "Network extra information updated successfully"}
    row = next(row for row in api("/api/get/networks/").json()["networks"] if row["id"] == 1002)
    assert row["extra_data"]["bio"] == "Updated bio information"


@pytest.mark.parametrize("platform", ["facebook", "google", "instagram", "twitter"])
def test_authentication(api: Api, platform: str) -> None:
    """Lines 63 to 139, and lines 487 to 488 for the second time."""
    form = {"access_token": f"{platform}_access_token", "user_id": f"{platform}_user_id"}
    told = api(f"/api/auth/{platform}/", data=form).json()
    assert isinstance(told.pop("network_id"), int)
    assert told == {**SUCCESS, "message": f"{platform.capitalize()} account connected successfully"}
    again = api(f"/api/auth/{platform}/", data=form)
    assert again.json() == {
        "error": "network_already_connected", "message": "This network is already connected to your account",
    }  # fmt: skip


def test_authentication_that_cannot_be_verified(api: Api) -> None:
    """Lines 495 to 496."""
    answer = api("/api/auth/facebook/", data={"access_token": "expired_token", "user_id": "u9"})
    assert answer.json() == {
        "error": "network_verification_failed", "message": "Failed to verify network credentials",
    }  # fmt: skip


@pytest.mark.parametrize(("category", "outcome"), [("fashion", "accepted"), ("rejected", "rejected")])
def test_approval_is_pending_and_then_decided(sandbox: Sandbox, api: Api, category: str, outcome: str) -> None:
    """Lines 143 to 165, and the states of lines 445 to 449."""
    body = {
        "network_type": "instagram", "network_id": f"user-{category}", "network_url": "https://instagram.com/user123",
        "followers": 5000, "category": category,
    }  # fmt: skip
    now = datetime.now(UTC)
    sandbox.clock.set(now)
    told = api("/api/action/network/approval/", json=body).json()
    assert told == {**SUCCESS, "message": "Network submitted for approval", "approval_id": told["approval_id"]}
    assert isinstance(told["approval_id"], int)

    def status() -> str:
        rows = api("/api/get/networks/").json()["networks"]
        return next(row["status"] for row in rows if row["network_id"] == f"user-{category}")

    assert status() == "pending"
    sandbox.clock.set(now + timedelta(minutes=1))
    assert status() == outcome


@pytest.mark.parametrize(
    ("change", "message", "field"),
    [
        ({"network_url": "instagram.com/user123"}, "Invalid network URL format", "network_url"),
        ({"network_type": "myspace"}, "Network type not supported", "network"),
    ],
)
def test_approval_refuses(api: Api, change: dict[str, str], message: str, field: str) -> None:
    """Lines 499 to 510."""
    body = {"network_type": "instagram", "network_id": "u", "network_url": "https://instagram.com/u", "followers": 1}
    answer = api("/api/action/network/approval/", json={**body, **change})
    assert answer.json() == {"error": "validation_error", "message": message, "field": field}
    assert answer.status_code == 400


def test_status(api: Api) -> None:
    """Lines 167 to 185."""
    example = {"status": "accepted", "verified": True, "followers": 5000, "engagement_rate": 3.5, "last_updated": "…"}
    told = api("/api/network/status/", data={"network_id": "1001"}).json()
    assert kinds_of(told) == kinds_of(example)


def test_disconnect_turns_the_row(api: Api) -> None:
    """Lines 187 to 202 and 453: the row stays, as disconnected."""
    answer = api("/api/network/disconnect/", data={"network_id": "1003"})
    assert answer.json() == {**SUCCESS, "message": "Network disconnected successfully"}
    assert api("/api/network/status/", data={"network_id": "1003"}).json()["status"] == "disconnected"


@pytest.mark.parametrize(
    ("plural", "model"),
    [
        ("pages", {"page_id": str, "page_name": str, "page_url": str, "followers": int}),
        ("walls", {"wall_id": str, "wall_name": str, "wall_url": str, "followers": int}),
        ("channels", {"channel_id": str, "channel_name": str, "channel_url": str, "subscribers": int}),
    ],
)
def test_pages_walls_and_channels_carry_the_data_model(api: Api, plural: str, model: dict[str, type]) -> None:
    """Lines 206 to 227, 255 to 277, 304 to 326, and the data models of lines 377 to 441."""
    common = {
        "id": int, "user_id": int, "network": str, "status": str, "category": str, "engagement_rate": float,
        "connected_at": str, "last_updated": str, "extra_data": dict,
    }  # fmt: skip
    rows = api(f"/api/get/social-{plural}/").json()[plural]
    assert any(kinds_of(row) == {**common, **model} for row in rows)


@pytest.mark.parametrize("kind", ["page", "wall"])
def test_add_page_or_wall_by_form(api: Api, kind: str) -> None:
    """Lines 230 to 251 and 279 to 300."""
    form = {
        "network": "facebook", f"{kind}_id": "page456", f"{kind}_name": "Beauty Blog",
        f"{kind}_url": "https://facebook.com/page456", "followers": "8000", "category": "beauty",
    }  # fmt: skip
    told = api(f"/api/add/social-{kind}/", data=form).json()
    number = told.pop(f"{kind}_id")
    assert told == {**SUCCESS, "message": f"Social {kind} added successfully"}
    rows = api(f"/api/get/social-{kind}s/").json()[f"{kind}s"]
    assert next(row for row in rows if row["id"] == number)["followers"] == 8000


def test_add_channel_by_json(api: Api) -> None:
    """Lines 328 to 351."""
    body = {
        "network": "youtube", "channel_id": "channel456", "channel_name": "Beauty Channel",
        "channel_url": "https://youtube.com/channel456", "subscribers": 8000, "category": "beauty",
    }  # fmt: skip
    told = api("/api/add/social-channel/", json=body).json()
    assert told == {**SUCCESS, "message": "Social channel added successfully", "channel_id": told["channel_id"]}


@pytest.mark.parametrize(
    ("header", "error", "message"),
    [
        ({}, "authentication_required", "Authentication is required for this endpoint"),
        ({"Authorization": "Bearer other"}, "invalid_access_token", "Invalid or expired access token"),
    ],
)
def test_authentication_errors(
    origin: str, http: requests.Session, header: dict[str, str], error: str, message: str
) -> None:
    """Lines 473 to 482."""
    answer = http.post(origin + "/sandbox/zocial/api/get/networks/", headers=header, timeout=5)
    assert (answer.status_code, answer.json()) == (401, {"error": error, "message": message})


@pytest.mark.parametrize(
    ("number", "status", "error"),
    [("5", 404, "network_not_found"), ("900001", 403, "permission_denied"), ("fjordandfell", 400, "validation_error")],
)
def test_wrong_ids(api: Api, number: str, status: int, error: str) -> None:
    """Lines 491 to 492 and 515 to 516; the handle that lists call network_id is no id here."""
    answer = api("/api/network/disconnect/", data={"network_id": number})
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_the_limit_of_networks(http: requests.Session) -> None:
    """Lines 519 to 520."""
    with serve(Sandbox(network_limit=10)) as origin:
        answer = Api(origin, http)("/api/auth/twitter/", data={"access_token": "t", "user_id": "one.too.many"})
    assert answer.json() == {"error": "network_limit_reached", "message": "Maximum number of networks reached"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/network/status/", {"json": {"network_id": 1001}}),
        ("/api/action/network/approval/", {"data": {"network_type": "instagram"}}),
        ("/api/add/social-channel/", {"data": {"network": "youtube"}}),
        ("/api/add/social-page/", {"json": {"network": "facebook"}}),
    ],
)
def test_another_content_type_is_refused(api: Api, path: str, body: dict[str, Any]) -> None:
    """Form or JSON exactly as lines 48, 149, 236 and 334 write the bodies."""
    assert api(path, **body).status_code == 415


def test_a_missing_slash_is_a_redirect_and_get_is_not_allowed(api: Api, origin: str, http: requests.Session) -> None:
    """Every path of the document ends in a slash, and every call is a POST."""
    answer = api("/api/get/networks")
    assert (answer.status_code, answer.headers["location"]) == (301, "/sandbox/zocial/api/get/networks/")
    assert http.get(origin + "/sandbox/zocial/api/get/networks/", headers=HEADERS, timeout=5).status_code == 405
