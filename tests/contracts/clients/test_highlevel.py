"""What our HighLevel client sends and understands, against its document (documents/highlevel.txt) and current API."""

from typing import Any

import pytest

from services.vendors import errors
from services.vendors._http import Timing
from services.vendors.highlevel import (
    AccountId,
    AttachedAccount,
    AvailableAccount,
    ConsentPage,
    HighLevel,
    OauthAccountId,
    ProfileId,
    popup_message,
    reconnect_accounts,
)
from tests.services.vendors.pretender import Pretender, answer

LOCATION = "w37swmmLbA02zgqKPpxITe2"
SAME = "u37swmmLbA02zgqKPpxITe2"
DOCUMENT = {
    "success": True,
    "statusCode": 201,
    "message": "Added Facebook Account",
    "results": {
        "_id": "65f2d989a4f2f1e5322c3856",
        "oAuthId": SAME,
        "oldId": SAME,
        "locationId": SAME,
        "originId": SAME,
        "platform": "facebook",
        "type": "page",
        "name": "Account Name",
        "avatar": SAME,
        "meta": {"pageId": SAME, "isVerified": "true", "verified": True, "username": "testUser"},
        "active": True,
        "deleted": True,
        "createdAt": "2024-03-14T11:03:37.015Z",
        "updatedAt": "2024-03-14T11:03:37.015Z",
    },
}


def highlevel(vendor: Pretender, **options: Any) -> HighLevel:
    timing = Timing(total=5.0, overall=5.0, backoff=0.01)
    given = {"location_id": LOCATION, "user_id": SAME} | options
    return HighLevel(vendor.url, "fake-token", timing=timing, **given)


def test_start(vendor: Pretender) -> None:
    """Lines 1-3 and 29-54: four parameters, two headers; the consent page is the Location, which is not followed."""
    consent = "https://www.instagram.com/oauth/authorize?client_id=1&state=fake-signed-state"
    vendor.will(answer(b"", 302, kind=None, Location=consent))
    found = highlevel(vendor).start_instagram_oauth(page="integration", reconnect=True)
    assert found == ConsentPage(consent)
    assert "fake-signed-state" not in repr(found)
    (asked,) = vendor.asked
    assert (asked.method, asked.path) == ("GET", "/social-media-posting/oauth/instagram/start")
    assert asked.query == {"locationId": LOCATION, "userId": SAME, "page": "integration", "reconnect": "true"}
    assert (asked.headers["authorization"], asked.headers["version"]) == ("Bearer fake-token", "2021-07-28")


@pytest.mark.parametrize("key", ["url", "redirectUrl", "authUrl"])
def test_start_may_answer_with_an_address(vendor: Pretender, key: str) -> None:
    """contracts/README.md 0.2: a JSON fallback."""
    vendor.will(answer({key: "https://services.leadconnectorhq.com/x"}))
    assert highlevel(vendor).start_instagram_oauth() == ConsentPage("https://services.leadconnectorhq.com/x")


def test_start_may_answer_as_documented(vendor: Pretender) -> None:
    """Lines 55-117: the account is attached already; statusCode and contradictory flags are not believed."""
    vendor.will(answer(DOCUMENT))
    found = highlevel(vendor).start_instagram_oauth()
    assert isinstance(found, AttachedAccount)
    assert (found.id, found.name, found.oauth_id, found.platform) == (
        "65f2d989a4f2f1e5322c3856",
        "Account Name",
        SAME,
        "facebook",
    )
    assert (found.active, found.deleted, found.live, found.verified) == (True, True, False, True)
    assert found.drift == ()


@pytest.mark.parametrize(
    "location", ["https://evil.example/x", "javascript:alert(1)", "file:///etc/passwd", "http://instagram.com/"]
)
def test_a_consent_page_elsewhere_is_refused(vendor: Pretender, location: str) -> None:
    """FAULTS.md 88: only https to an allowed host is shown."""
    vendor.will(answer(b"", 302, kind=None, Location=location))
    with pytest.raises(errors.UnexpectedAnswer) as caught:
        highlevel(vendor).start_instagram_oauth()
    assert "evil" not in str(caught.value)


@pytest.mark.parametrize(
    "step", [answer({"success": True}), answer(b"<html></html>", kind="text/html"), answer(b"", kind=None)]
)
def test_a_200_without_an_address_means_a_missing_scope(vendor: Pretender, step: Any) -> None:
    """contracts/README.md 0.2: it has only ever meant that."""
    vendor.will(step)
    with pytest.raises(errors.PermissionDenied, match="permission"):
        highlevel(vendor).start_instagram_oauth()
    assert len(vendor.asked) == 1


def test_start_is_never_tried_again(vendor: Pretender) -> None:
    """contracts/README.md 0-l: it has side effects."""
    vendor.will(answer({"message": "x"}, 503))
    with pytest.raises(errors.VendorDown):
        highlevel(vendor).start_instagram_oauth()
    assert len(vendor.asked) == 1


@pytest.mark.parametrize("missing", ["location_id", "user_id"])
def test_start_needs_location_and_user(vendor: Pretender, missing: str) -> None:
    """contracts/README.md 0-c: both are required, though the document does not say so."""
    with pytest.raises(errors.Rejected, match="missing"):
        highlevel(vendor, **{missing: ""}).start_instagram_oauth()
    assert vendor.asked == []


ERRORS = [
    (422, {"statusCode": 422, "message": ["Unprocessable Entity"], "error": "Unprocessable Entity"}, errors.Rejected),
    (
        401,
        {"statusCode": 401, "message": "Invalid token: access token is invalid", "error": "Unauthorized"},
        errors.Unauthorised,
    ),
    (400, {"statusCode": 400, "message": "Bad Request"}, errors.Rejected),
    (401, {"statusCode": 401, "message": "The token is not authorized for this scope."}, errors.PermissionDenied),
]


@pytest.mark.parametrize(("status", "body", "kind"), ERRORS)
def test_errors(vendor: Pretender, status: int, body: dict[str, Any], kind: type[errors.VendorError]) -> None:
    """Lines 118-158: the message is a list or a text; a missing scope is no bad token."""
    vendor.will(answer(body, status))
    with pytest.raises(
        kind, match=body["message"] if isinstance(body["message"], str) else body["message"][0]
    ) as caught:
        highlevel(vendor).start_instagram_oauth()
    assert caught.value.status == status


def test_account_by_id(vendor: Pretender) -> None:
    """Lines 21-23: the document's path, with the popup's accountId."""
    vendor.will(answer(DOCUMENT))
    found = highlevel(vendor).account(OauthAccountId("658a9b6833b91e0ecb8f3958"))
    assert found.name == "Account Name"
    path = "/social-media-posting/oauth/instagram/accounts/658a9b6833b91e0ecb8f3958"
    assert (vendor.asked[0].method, vendor.asked[0].target) == ("GET", path)


@pytest.mark.parametrize("wrong", ["", "..", "a/b", "a?x", "é"])
def test_an_id_cannot_change_the_path(vendor: Pretender, wrong: str) -> None:
    """Line 22: the id is a part of the path."""
    with pytest.raises(errors.Rejected):
        highlevel(vendor).account(OauthAccountId(wrong))
    assert vendor.asked == []


def test_attach(vendor: Pretender) -> None:
    """contracts/README.md 0.1, steps 2 and 3: the location in the path; all four fields are sent."""
    row = {"id": "17841", "name": "Brand", "avatar": "https://x.example/a.png", "pageId": "p1", "isConnected": False}
    vendor.will(answer({"success": True, "results": {"accounts": [row]}}), answer(DOCUMENT, 201))
    client = highlevel(vendor, contract="current")
    (found,) = client.available_accounts(OauthAccountId("o1")).items
    attached = client.attach(OauthAccountId("o1"), found)
    assert attached.id == "65f2d989a4f2f1e5322c3856"
    assert {asked.path for asked in vendor.asked} == {f"/social-media-posting/oauth/{LOCATION}/instagram/accounts/o1"}
    assert vendor.asked[1].json == {
        "originId": "17841",
        "name": "Brand",
        "avatar": "https://x.example/a.png",
        "pageId": "p1",
    }


def test_attach_needs_the_page(vendor: Pretender) -> None:
    """facts.json, attach: pageId is required."""
    without = AvailableAccount("1", None, None, None, None, frozenset(), {}, {})
    with pytest.raises(errors.Rejected, match="pageId"):
        highlevel(vendor).attach(OauthAccountId("o1"), without)
    assert vendor.asked == []


def test_accounts(vendor: Pretender) -> None:
    """contracts/README.md 0.1: the list, whose ids have three meanings."""
    row = {
        "id": "l1",
        "oauthId": "o1",
        "profileId": "p1",
        "name": "Brand",
        "platform": "instagram",
        "type": "profile",
        "expire": "2026-01-01T00:00:00.000Z",
        "isExpired": "false",
        "meta": {"username": "brand", "isVerified": "true"},
    }
    vendor.will(answer({"success": True, "statusCode": 200, "results": {"accounts": [row], "groups": []}}))
    found = highlevel(vendor, contract="current").accounts()
    (account,) = found.items
    assert (account.id, account.oauth_id, account.profile_id) == ("l1", "o1", "p1")
    assert (account.is_expired, account.live, account.username, account.verified) == (False, True, "brand", True)
    assert found.drift == ()
    assert vendor.asked[0].target == f"/social-media-posting/{LOCATION}/accounts"


@pytest.mark.parametrize("body", [None, [], {}, {"results": None}, {"results": {"accounts": None}}, {"results": []}])
def test_another_shape_is_never_an_empty_list(vendor: Pretender, body: Any) -> None:
    """facts.json, list."""
    vendor.will(answer(body))
    with pytest.raises(errors.UnexpectedAnswer):
        highlevel(vendor, contract="current").accounts()


def test_success_false_is_a_failure_at_any_status(vendor: Pretender) -> None:
    """DESIGN.md, promise 4."""
    vendor.will(answer({"success": False, "message": "Nope", "results": {"accounts": []}}))
    with pytest.raises(errors.Rejected, match="Nope"):
        highlevel(vendor, contract="current").accounts()


def test_delete_and_statistics(vendor: Pretender) -> None:
    """contracts/README.md 0.1: delete by the list's id; statistics are a read made by POST, 201 or 200."""
    vendor.will(
        answer({"success": True, "results": {"locationId": LOCATION, "id": "l1"}}),
        answer({}, 503),
        answer({"results": {"totals": {"posts": 3}}}, 201),
    )
    client = highlevel(vendor, contract="current")
    client.delete(AccountId("l1"))
    assert client.statistics([ProfileId("p1")], ["instagram"]) == {"totals": {"posts": 3}}
    assert (vendor.asked[0].method, vendor.asked[0].target) == (
        "DELETE",
        f"/social-media-posting/{LOCATION}/accounts/l1",
    )
    assert vendor.asked[2].target == f"/social-media-posting/statistics?locationId={LOCATION}"
    assert vendor.asked[2].json == {"profileIds": ["p1"], "platforms": ["instagram"]}


EVENT = {
    "actionType": "close",
    "page": "social-media-posting",
    "platform": "instagram",
    "placement": "placement",
    "accountId": "658a9b6833b91e0ecb8f3958",
    "reconnectAccounts": ["658a9b6833b91e0ecb834acd", "efd2daa9b6833b91e0ecb8f3511"],
}


@pytest.mark.parametrize("page", ["social-media-posting", "social_media_posting", "Social_Media-Posting"])
def test_the_popups_message(page: str) -> None:
    """Lines 4-20: both spellings of the page."""
    found = popup_message({**EVENT, "page": page})
    assert found is not None
    assert (found.action, found.platform, found.account_id) == ("close", "instagram", "658a9b6833b91e0ecb8f3958")
    assert found.reconnect_accounts == ("658a9b6833b91e0ecb834acd", "efd2daa9b6833b91e0ecb8f3511")


@pytest.mark.parametrize(
    "change", [{"page": "other"}, {"page": None}, {"accountId": "../x"}, {"accountId": "a" * 65}, {"accountId": 5}]
)
def test_another_message_is_dropped(change: dict[str, Any]) -> None:
    """FAULTS.md 87: another page or an impossible id."""
    assert popup_message({**EVENT, **change}) is None
    assert popup_message("close") is None


@pytest.mark.parametrize(("value", "wanted"), [(None, ()), ("a", ("a",)), (["a", 5, "b/c", "b"], ("a", "b")), ({}, ())])
def test_accounts_to_reconnect_come_in_any_form(value: Any, wanted: tuple[str, ...]) -> None:
    """Line 19: `string[]]`."""
    assert reconnect_accounts(value) == wanted


def test_a_username_beyond_reason_is_unknown_and_counted(vendor: Pretender) -> None:
    """contracts/README.md 0.1: the username stands in `meta`."""
    rows = [{"id": "l1", "meta": {"username": "x" * 513}}, {"id": "l2", "meta": {"username": ""}}, {"id": "l3"}]
    vendor.will(answer({"results": {"accounts": rows}}))
    found = highlevel(vendor, contract="current").accounts()
    assert [account.username for account in found.items] == [None, None, None]
    assert [(one.field, one.kind, one.count) for one in found.drift] == [("username", "bad_value", 1)]
