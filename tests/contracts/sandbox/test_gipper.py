"""The pretended Gipper against the examples of gipper.txt."""

from typing import Any

import pytest
import requests

from services.sandbox import credentials

HEADERS = {"Authentication": f"Bearer {credentials()['gipper']['token']}"}
FACEBOOK = {"fb_token": "FB_TOKEN", "fb_uid": "FB_UID", "location": "templateBranding"}


def item(number: str, username: str) -> dict[str, str]:
    picture = "https://cdn.example/profile_pic.png"
    return {"id": number, "username": username, "fb_token": "ACCESS_TOKEN", "profile_picture_url": picture}


@pytest.fixture
def base(origin: str) -> str:
    return origin + "/sandbox/gipper"


def create(base: str, http: requests.Session, **body: Any) -> requests.Response:
    return http.post(base + "/api/v3/instagram_accounts", json=body, headers=HEADERS, timeout=5)


def test_create_echoes_the_token_and_gives_its_own_id(base: str, http: requests.Session) -> None:
    """Lines 11 to 27 and 39 to 58 (gipper.txt), the second of the two success answers."""
    answer = create(base, http, facebook_account=FACEBOOK, ig_accounts=[item("17841405902213202", "twentyonekate")])
    told = answer.json()
    made = told["ig_accounts"][0]
    assert (answer.status_code, told["success"], told["message"]) == (200, True, [])
    assert set(made) == {
        "id", "ig_user_id", "ig_user_name", "ig_profile_picture_url", "facebook_page_id", "user_id", "created_at",
        "updated_at", "nickname", "connected_teams", "fb_token", "facebook_account_id",
    }  # fmt: skip
    assert (made["ig_user_id"], made["fb_token"], type(made["id"])) == ("17841405902213202", "ACCESS_TOKEN", int)


def test_success_false_comes_with_200(base: str, http: requests.Session) -> None:
    """Lines 31 to 37: a refusal in the success body."""
    told = create(base, http, facebook_account=FACEBOOK, ig_accounts=[item("1", "refused_one")])
    content = told.json()
    assert (told.status_code, content["success"], content["ig_accounts"]) == (200, False, [])
    assert content["message"][0].startswith("Instagram account refused_one not connected. To connect this social media")


def test_one_of_two_can_be_refused(base: str, http: requests.Session) -> None:
    """Lines 29 to 58: both lists of one answer are filled."""
    items = [item("17841400000000011", "good_one"), item("17841400000000012", "refused_two")]
    told = create(base, http, facebook_account=FACEBOOK, ig_accounts=items).json()
    assert [row["ig_user_name"] for row in told["ig_accounts"]] == ["good_one"]
    assert len(told["message"]) == 1


@pytest.mark.parametrize(
    ("username", "words"),
    [("x_workspace_admin", "you must first remove it"), ("x_workspace_creator", "Please ask example@mail.com")],
)
def test_the_error_dialects_have_no_envelope(base: str, http: requests.Session, username: str, words: str) -> None:
    """Lines 62 to 70 and 76."""
    answer = create(base, http, facebook_account=FACEBOOK, ig_accounts=[item("9", username)])
    assert answer.status_code == 422
    assert list(answer.json()) == ["ig_user_id"]
    assert words in answer.json()["ig_user_id"][0]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"facebook_account": "no"}, "Must be a Hash"),
        ({"facebook_account": {"fb_token": "t", "rb_uid": "1"}}, "facebook_account[fb_uid]"),
        ({"facebook_account": {**FACEBOOK, "location": "elsewhere"}}, "Must be one of: workspaceSettingsPage"),
        ({"facebook_account": FACEBOOK, "ig_accounts": {"id": "1"}}, "Must be an Array of nested elements"),
        ({"facebook_account": FACEBOOK, "ig_accounts": [{"id": 17}]}, "ig_accounts[id]: Must be a String"),
    ],
)
def test_parameters_are_validated(base: str, http: requests.Session, body: dict[str, Any], words: str) -> None:
    """Lines 78 to 140; `rb_uid` of line 15 alone is refused, `fb_uid` of line 93 is what counts."""
    answer = create(base, http, **body)
    assert answer.status_code == 422
    assert any(words in problem for problem in answer.json()["message"])


def test_only_the_documented_header_lets_in(base: str, http: requests.Session) -> None:
    """Lines 6 to 8: the header is named Authentication."""
    for headers in ({}, {"Authorization": HEADERS["Authentication"]}, {"Authentication": "Bearer no"}):
        assert http.get(base + "/api/v2/social_accounts", headers=headers, timeout=5).status_code == 401


def test_delete_takes_the_integer_id(base: str, http: requests.Session) -> None:
    """Lines 143 to 169."""
    where = base + "/api/v3/instagram_accounts/"
    answer = http.delete(where + "7590", headers=HEADERS, timeout=5)
    assert answer.json() == {"success": True, "instagram_account_id": 7590}
    assert http.delete(where + "7590", headers=HEADERS, timeout=5).status_code == 404
    assert http.delete(where + "abc", headers=HEADERS, timeout=5).status_code == 422


def test_both_lists_hold_the_same_accounts(base: str, http: requests.Session) -> None:
    """The public reads: contracts README, section 1."""
    second = http.get(base + "/api/v2/social_accounts", headers=HEADERS, timeout=5).json()
    assert set(second) == {"twitter_accounts", "facebook_pages", "instagram_accounts"}
    fourth: list[dict[str, Any]] = []
    page, total = 0, 1
    while len(fourth) < total:
        page += 1
        told = http.get(base + "/api/v4/social_accounts", params={"page": str(page)}, headers=HEADERS, timeout=5).json()
        fourth, total = fourth + told["accounts"], told["meta"]["total_count"]
    assert [row["id"] for row in fourth] == [row["id"] for row in second["instagram_accounts"]]
    assert set(fourth[0]) == {"id", "social_channel", "name", "nickname", "logo"}


def test_verify_tells_of_each_account(base: str, http: requests.Session) -> None:
    """The public health read: contracts README, section 1."""
    where = base + "/api/v2/verify_social_accounts"
    told = http.get(where, params={"type": "instagram", "page": "1"}, headers=HEADERS, timeout=5).json()
    assert {frozenset(row["verified"]) for row in told["accounts"]} == {frozenset({"verified", "error_message"})}
    assert http.get(where, params={"type": "instagram"}, headers=HEADERS, timeout=5).status_code == 422
