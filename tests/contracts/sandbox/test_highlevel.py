"""The pretended HighLevel against highlevel.txt and the public contract."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from services.sandbox import Sandbox, credentials, serve

ACCESS = credentials()["highlevel"]
HEADERS = {"Authorization": f"Bearer {ACCESS['token']}", "Version": "2021-07-28"}
LOCATION = ACCESS["location_id"]
OWNER = {"locationId": LOCATION, "userId": ACCESS["user_id"]}


@pytest.fixture
def base(origin: str) -> str:
    return origin + "/sandbox/highlevel/social-media-posting"


def start(base: str, http: requests.Session, **query: str) -> requests.Response:
    where = base + "/oauth/instagram/start"
    return http.get(where, params={**OWNER, **query}, headers=HEADERS, timeout=5, allow_redirects=False)


def approve(location: str, http: requests.Session, **choice: Any) -> dict[str, Any]:
    """Do what the consent page's script does; the message that it posts to its opener."""
    parts = urlsplit(location)
    body = {"state": parse_qs(parts.query)["state"][0], "approve": True, **choice}
    where = f"{parts.scheme}://{parts.netloc}/sandbox/highlevel/consent/finish"
    told: dict[str, Any] = http.post(where, json=body, timeout=5).json()["message"]
    return told


def test_start_redirects_to_a_consent_page_without_inline_script(base: str, http: requests.Session) -> None:
    """Lines 1 to 3 and 29 to 54; the redirect is what the public integrations see."""
    answer = start(base, http, page="integration")
    assert answer.status_code == 302
    text = http.get(answer.headers["Location"], timeout=5).text
    assert "<button" in text
    assert "<script src=" in text
    assert "<script>" not in text
    assert "style=" not in text


@pytest.mark.parametrize("spelling", ["social_media_posting", "social-media-posting"])
def test_the_popup_message_has_the_documented_fields(base: str, http: requests.Session, spelling: str) -> None:
    """Lines 7 and 12 to 20: both spellings of the page exist."""
    told = approve(start(base, http).headers["Location"], http, page=spelling)
    assert set(told) == {"actionType", "page", "platform", "placement", "accountId", "reconnectAccounts"}
    assert (told["actionType"], told["page"], told["platform"]) == ("close", spelling, "instagram")


def test_a_consent_works_once_and_can_be_cancelled(base: str, http: requests.Session) -> None:
    """A cancelled popup posts nothing: no document names such an event."""
    location = start(base, http).headers["Location"]
    assert approve(location, http, approve=False) is None
    state = parse_qs(urlsplit(location).query)["state"][0]
    finish = location.partition("?")[0] + "/finish"
    assert http.post(finish, json={"state": state, "approve": True}, timeout=5).status_code == 410


def test_an_account_is_offered_attached_listed_counted_and_deleted(base: str, http: requests.Session) -> None:
    """Lines 21 to 23 (the document's path), and the public contract's attach, list, statistics and delete."""
    account = approve(start(base, http).headers["Location"], http)["accountId"]
    short = http.get(f"{base}/oauth/instagram/accounts/{account}", headers=HEADERS, timeout=5).json()
    path = f"{base}/oauth/{LOCATION}/instagram/accounts/{account}"
    offered = http.get(path, headers=HEADERS, timeout=5).json()["results"]["accounts"]
    assert short["results"]["accounts"] == offered
    assert {"id", "name", "avatar", "pageId", "isConnected"} <= set(offered[0])

    wanted = {"originId": offered[0]["id"], "name": offered[0]["name"], "avatar": "", "pageId": offered[0]["pageId"]}
    made = http.post(path, json=wanted, headers=HEADERS, timeout=5)
    assert (made.status_code, made.json()["success"], made.json()["statusCode"]) == (201, True, 201)
    listed = http.get(f"{base}/{LOCATION}/accounts", headers=HEADERS, timeout=5).json()["results"]["accounts"]
    mine = next(row for row in listed if row["originId"] == offered[0]["id"])

    body = {"profileIds": [listed[0]["profileId"]], "platforms": ["instagram"]}
    counted = http.post(f"{base}/statistics", params={"locationId": LOCATION}, json=body, headers=HEADERS, timeout=5)
    assert (counted.status_code, list(counted.json()["results"]["profiles"])) == (201, body["profileIds"])
    where = f"{base}/{LOCATION}/accounts/{mine['id']}"
    gone = http.delete(where, headers=HEADERS, timeout=5)
    assert gone.json()["results"] == {"locationId": LOCATION, "id": mine["id"]}
    assert http.delete(where, headers=HEADERS, timeout=5).status_code == 404


def test_attach_needs_a_page(base: str, http: requests.Session) -> None:
    """The public contract: pageId is required, and only what was offered can be attached."""
    account = approve(start(base, http).headers["Location"], http)["accountId"]
    path = f"{base}/oauth/{LOCATION}/instagram/accounts/{account}"
    assert http.post(path, json={"originId": "1"}, headers=HEADERS, timeout=5).status_code == 422
    assert http.post(path, json={"pageId": "1"}, headers=HEADERS, timeout=5).status_code == 400


def test_reconnect_names_what_had_expired(base: str, http: requests.Session) -> None:
    """Lines 19 and 34 to 37."""
    where = f"{base}/oauth/facebook/start"
    answer = http.get(where, params={**OWNER, "reconnect": "true"}, headers=HEADERS, timeout=5, allow_redirects=False)
    before = http.get(f"{base}/{LOCATION}/accounts", headers=HEADERS, timeout=5).json()["results"]["accounts"]
    expired = [row["id"] for row in before if row["isExpired"] and row["platform"] == "facebook"]
    assert approve(answer.headers["Location"], http)["reconnectAccounts"] == expired


def test_access_can_be_let_end_and_a_reconnect_of_one_names_the_others(
    base: str, origin: str, http: requests.Session
) -> None:
    """Lines 19 and 34 to 37, for accounts of choice: the document's Instagram."""

    def listed() -> dict[str, bool]:
        rows = http.get(f"{base}/{LOCATION}/accounts", headers=HEADERS, timeout=5).json()["results"]["accounts"]
        return {row["id"]: row["isExpired"] for row in rows if row["platform"] == "instagram"}

    one, other = list(listed())[:2]
    steer = origin + "/sandbox/_control/highlevel"
    answers = [http.post(steer, json={"lapsed": lapsed}, timeout=5) for lapsed in (["unknown"], "text", [one, other])]
    assert [answer.status_code for answer in answers] == [400, 400, 200]
    assert (listed()[one], listed()[other]) == (True, True)
    told = approve(start(base, http, reconnect="true").headers["Location"], http, account=one)
    assert other in told["reconnectAccounts"]
    assert one not in told["reconnectAccounts"]
    assert (listed()[one], listed()[other]) == (False, True)


def test_a_person_can_sign_in_as_an_account_that_is_connected(base: str, http: requests.Session) -> None:
    """Line 19: what is still to reconnect after one of them was; the account is renewed, not added once more."""
    where = f"{base}/{LOCATION}/accounts"
    before = http.get(where, headers=HEADERS, timeout=5).json()["results"]["accounts"]
    known = next(row for row in before if row["platform"] == "instagram")
    location = start(base, http, reconnect="true").headers["Location"]
    assert f'value="{known["id"]}"' in http.get(location, timeout=5).text
    told = approve(location, http, account=known["id"])
    path = f"{base}/oauth/{LOCATION}/instagram/accounts/{told['accountId']}"
    (offered,) = http.get(path, headers=HEADERS, timeout=5).json()["results"]["accounts"]
    assert (offered["id"], offered["isConnected"]) == (known["originId"], True)
    after = http.get(where, headers=HEADERS, timeout=5).json()["results"]["accounts"]
    renewed = next(row for row in after if row["id"] == known["id"])
    assert ([row["id"] for row in after], renewed["isExpired"]) == ([row["id"] for row in before], False)
    assert renewed["expire"] > known["expire"]


def test_a_consent_page_can_part_its_window_from_the_opener(base: str, origin: str, http: requests.Session) -> None:
    """The real ones do so as they like (contracts README, section 5, 4)."""
    told = []
    for cuts in (True, False):
        http.post(origin + "/sandbox/_control/highlevel", json={"cuts_opener": cuts}, timeout=5)
        answer = http.get(start(base, http).headers["Location"], timeout=5)
        told.append(answer.headers["Cross-Origin-Opener-Policy"])
    assert told == ["same-origin", "unsafe-none"]


def test_the_list_has_the_public_fields(base: str, http: requests.Session) -> None:
    """The public contract: contracts README, section 0.1."""
    told = http.get(f"{base}/{LOCATION}/accounts", headers=HEADERS, timeout=5).json()
    wanted = {"id", "oauthId", "profileId", "name", "platform", "type", "expire", "isExpired", "meta"}
    assert set(told["results"]) == {"accounts", "groups"}
    assert wanted <= set(told["results"]["accounts"][0])


def test_422_lists_its_messages(base: str, http: requests.Session) -> None:
    """Lines 118 to 132."""
    answer = start(base, http, userId="")
    assert answer.status_code == 422
    assert answer.json() == {
        "statusCode": 422, "message": ["userId must be a string"], "error": "Unprocessable Entity",
    }  # fmt: skip
    no_version = {"Authorization": HEADERS["Authorization"]}
    assert http.get(f"{base}/{LOCATION}/accounts", headers=no_version, timeout=5).status_code == 422


def test_401_is_the_documents(base: str, http: requests.Session) -> None:
    """Lines 133 to 147."""
    answer = http.get(f"{base}/{LOCATION}/accounts", headers={"Version": "2021-07-28"}, timeout=5)
    assert (answer.status_code, answer.json()) == (
        401, {"statusCode": 401, "message": "Invalid token: access token is invalid", "error": "Unauthorized"},
    )  # fmt: skip


def test_400_has_no_error_key(base: str, http: requests.Session) -> None:
    """Lines 148 to 158."""
    answer = http.get(f"{base}/oauth/instagram/accounts/unknown", headers=HEADERS, timeout=5)
    assert (answer.status_code, set(answer.json())) == (400, {"statusCode", "message"})


def test_start_can_answer_as_the_document_writes_it(base: str, origin: str, http: requests.Session) -> None:
    """Lines 55 to 117: HTTP 200, statusCode 201, every field of `results`."""
    steer = origin + "/sandbox/_control/highlevel"
    http.post(steer, json={"start_mode": "document"}, timeout=5)
    answer = start(base, http)
    http.post(steer, json={"start_mode": "redirect"}, timeout=5)
    told = answer.json()
    assert (answer.status_code, told["statusCode"], told["message"]) == (200, 201, "Added Facebook Account")
    assert set(told["results"]) == {
        "_id", "oAuthId", "oldId", "locationId", "originId", "platform", "type", "name", "avatar", "meta", "active",
        "deleted", "createdAt", "updatedAt",
    }  # fmt: skip
    assert (told["results"]["active"], told["results"]["deleted"]) == (True, True)


def test_100_requests_in_10_seconds(http: requests.Session) -> None:
    """The public contract: five headers always, 429 beyond, no Retry-After."""
    with serve(Sandbox()) as origin:
        where = f"{origin}/sandbox/highlevel/social-media-posting/{LOCATION}/accounts"
        told = [http.get(where, headers=HEADERS, timeout=5) for _ in range(101)]
    assert [answer.status_code for answer in (told[0], told[99], told[100])] == [200, 200, 429]
    assert "Retry-After" not in told[100].headers
    assert told[100].headers["X-RateLimit-Interval-Milliseconds"] == "10000"
    assert told[0].headers["X-RateLimit-Remaining"] == "99"
