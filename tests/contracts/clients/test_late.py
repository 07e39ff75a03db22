"""What our Late client sends and understands, against the document (documents/late.txt) and the current contract."""

import hashlib
import hmac
from datetime import date
from typing import Any

import pytest

from services.vendors import errors
from services.vendors._http import Timing
from services.vendors.late import AccountId, Late, signature_matches
from tests.services.vendors.pretender import Pretender, answer

PROFILE = "69568fa185cefc061f3f7a32"
ACCOUNT = {"_id": "a1", "platform": "instagram", "profileId": PROFILE, "isActive": True, "username": "@brand"}


def late(vendor: Pretender, contract: Any = "documented") -> Late:
    timing = Timing(total=5.0, overall=5.0, backoff=0.01)
    return Late(vendor.url, "sk_fake", profile_id=PROFILE, contract=contract, timing=timing)


def test_connect(vendor: Pretender) -> None:
    """Lines 1-8 and 25-42: raw JSON, and a connect_url in the answer."""
    vendor.will(answer({"connect_url": "https://getlate.dev/connect/instagram?token=abcd1234"}))
    found = late(vendor).connect("instagram")
    assert found.url == "https://getlate.dev/connect/instagram?token=abcd1234"
    assert "abcd1234" not in repr(found)
    (asked,) = vendor.asked
    assert (asked.method, asked.target) == ("POST", "/api/v1/social-accounts/connect")
    assert asked.headers["authorization"] == "Bearer sk_fake"
    assert asked.json == {"platform": "instagram", "profile_id": PROFILE}


def test_connect_without_a_profile(vendor: Pretender) -> None:
    """Line 22: profile_id is optional."""
    vendor.will(answer({"connect_url": "https://getlate.dev/connect/x"}))
    Late(vendor.url, "sk_fake").connect("instagram")
    assert vendor.asked[0].json == {"platform": "instagram"}


@pytest.mark.parametrize("url", [None, "", 5, "javascript:alert(1)", "https://evil.example/x", "http://getlate.dev/x"])
def test_a_connect_address_elsewhere_is_refused(vendor: Pretender, url: Any) -> None:
    """Line 41: the address is Late's own."""
    vendor.will(answer({"connect_url": url}))
    with pytest.raises(errors.UnexpectedAnswer, match="connect_url"):
        late(vendor).connect("instagram")


def test_a_failed_connect_is_not_tried_again(vendor: Pretender) -> None:
    """Line 17: a POST that mints a single-use address."""
    vendor.will(answer({"error": "x"}, 503))
    with pytest.raises(errors.VendorDown):
        late(vendor).connect("instagram")
    assert len(vendor.asked) == 1


@pytest.mark.parametrize("key", [None, "accounts", "data", "social_accounts"])
def test_social_accounts(vendor: Pretender, key: str | None) -> None:
    """Lines 121-139: a bare list of accounts with platform and username; three wrappings are understood too."""
    rows = [{"platform": "instagram", "username": "brand", "profile_id": PROFILE}, {"id": "7", "platform": "tiktok"}]
    vendor.will(answer(rows if key is None else {key: rows}))
    first, second = late(vendor).social_accounts().items
    assert (first.id, first.platform, first.username, first.profile_id) == (
        "instagram:brand",
        "instagram",
        "brand",
        PROFILE,
    )
    assert (second.id, second.username) == ("7", None)
    assert (vendor.asked[0].method, vendor.asked[0].target) == ("GET", f"/api/v1/profiles/{PROFILE}/social-accounts")


@pytest.mark.parametrize("blank", [None, "", " "])
def test_only_the_documented_list_may_leave_its_ids_out(vendor: Pretender, blank: str | None) -> None:
    """DESIGN.md section 5: `_id`, in the documented list else `id`, else platform and username."""
    rows = [
        {"_id": "a1", "id": "a1", "platform": "instagram"},
        {"_id": blank, "id": "7", "platform": "tiktok"},
        {"id": blank, "platform": "instagram", "username": "@brand"},
        {"_id": blank, "platform": "instagram", "username": blank},
    ]
    vendor.will(answer({"accounts": rows}))
    (current,) = list(late(vendor, contract="current").accounts())
    assert [account.id for account in current.items] == ["a1"]
    assert [one.position for one in current.rejected] == [1, 2, 3]
    documented = late(vendor).social_accounts()
    assert [account.id for account in documented.items] == ["a1", "7", "instagram:brand"]
    assert [one.position for one in documented.rejected] == [3]


@pytest.mark.parametrize("body", [None, {}, {"accounts": None}, "text"])
def test_another_shape_is_never_an_empty_list(vendor: Pretender, body: Any) -> None:
    """Line 131: a list is due."""
    vendor.will(answer(body))
    with pytest.raises(errors.UnexpectedAnswer):
        late(vendor).social_accounts()


@pytest.mark.parametrize("profile", ["", "..", "a/b", "a?b"])
def test_a_profile_id_cannot_change_the_path(vendor: Pretender, profile: str) -> None:
    """Line 123: the profile id is a part of the path."""
    with pytest.raises(errors.Rejected):
        Late(vendor.url, "sk_fake", profile_id=profile).social_accounts()
    assert vendor.asked == []


def test_current_connect(vendor: Pretender) -> None:
    """contracts/README.md 2.1: GET connect by platform gives authUrl and state."""
    vendor.will(answer({"authUrl": "https://www.instagram.com/oauth/authorize?x=1", "state": "fake-state"}))
    found = late(vendor, "current").connect("instagram", redirect_url="https://us.example/done?n=1")
    assert (found.url, found.state) == ("https://www.instagram.com/oauth/authorize?x=1", "fake-state")
    assert "fake-state" not in repr(found)
    assert (vendor.asked[0].method, vendor.asked[0].path) == ("GET", "/api/v1/connect/instagram")
    assert vendor.asked[0].query == {"profileId": PROFILE, "redirect_url": "https://us.example/done?n=1"}


def page(number: int, pages: int, *ids: str) -> dict[str, Any]:
    rows = [{**ACCOUNT, "_id": one, "profileId": {"_id": PROFILE, "name": "Main"}} for one in ids]
    return {"accounts": rows, "hasAnalyticsAccess": True, "pagination": {"page": number, "limit": 2, "pages": pages}}


def test_accounts_come_page_by_page(vendor: Pretender) -> None:
    """contracts/README.md 2.2: page and limit always together; profileId is text or an object."""
    vendor.will(answer(page(1, 2, "a", "b")), answer(page(2, 2, "c")))
    pages = list(late(vendor, "current").accounts(page_size=2))
    assert [account.id for one in pages for account in one.items] == ["a", "b", "c"]
    assert {account.profile_id for one in pages for account in one.items} == {PROFILE}
    assert [one.more for one in pages] == ["2", None]
    assert pages[0].items[0].username == "brand"
    assert [asked.query for asked in vendor.asked] == [
        {"page": "1", "limit": "2", "profileId": PROFILE},
        {"page": "2", "limit": "2", "profileId": PROFILE},
    ]


def test_pages_that_loop_are_told_after_the_good_ones(vendor: Pretender) -> None:
    """FAULTS.md 35: a page that comes again ends the reading with an error."""
    vendor.will(answer(page(1, 9, "a", "b")), answer(page(2, 9, "c", "d")), answer(page(1, 9, "a", "b")))
    pages = late(vendor, "current").accounts(page_size=2)
    assert len([next(pages), next(pages)]) == 2
    with pytest.raises(errors.UnexpectedAnswer, match="repeats"):
        next(pages)


def shorter(number: int, total: int, *ids: str) -> dict[str, Any]:
    told = page(number, (total + 1) // 2, *ids)
    told["pagination"]["total"] = total
    return told


def test_a_list_that_got_shorter_between_pages_is_read_once_more(vendor: Pretender) -> None:
    """FAULTS.md 37: "a" left after the first page, so that "c" moved to it and is on none of the pages that follow."""
    readings = (shorter(1, 5, "a", "b"), shorter(2, 4, "d", "e")), (shorter(1, 4, "b", "c"), shorter(2, 4, "d", "e"))
    vendor.will(*(answer(one) for reading in readings for one in reading))
    pages = list(late(vendor, "current").accounts(page_size=2))
    assert [[account.id for account in one.items] for one in pages] == [["a", "b"], ["d", "e"], ["b", "c"], ["d", "e"]]
    assert [one.more for one in pages] == ["2", "1", "2", None]


def test_a_list_that_gets_shorter_at_each_reading_is_not_called_complete(vendor: Pretender) -> None:
    """FAULTS.md 37: what is missing from it has not vanished."""
    vendor.will(*(answer(shorter(number, 5 - number, "a", "b")) for _ in range(3) for number in (1, 2)))
    pages = late(vendor, "current").accounts(page_size=2)
    with pytest.raises(errors.UnexpectedAnswer, match="shorter"):
        list(pages)


def test_a_list_without_paging_ends_after_one_page(vendor: Pretender) -> None:
    """contracts/README.md 2.2: the pagination block may be missing."""
    vendor.will(answer({"accounts": [ACCOUNT], "hasAnalyticsAccess": False}))
    (only,) = late(vendor, "current").accounts()
    assert (only.more, len(only.items)) == (None, 1)


def test_health(vendor: Pretender) -> None:
    """contracts/README.md 2.2: summary and accounts."""
    row = {
        "accountId": "a1",
        "platform": "instagram",
        "status": "error",
        "canPost": False,
        "canFetchAnalytics": True,
        "tokenValid": False,
        "tokenExpiresAt": "2026-01-01T00:00:00Z",
        "needsReconnect": True,
        "issues": ["Expired"],
    }
    vendor.will(answer({"summary": {"total": 1}, "accounts": [row]}))
    (found,) = late(vendor, "current").health().items
    assert (found.account_id, found.status, found.needs_reconnect, found.issues) == ("a1", "error", True, ("Expired",))
    assert vendor.asked[0].path == "/api/v1/accounts/health"


def test_follower_statistics(vendor: Pretender) -> None:
    """contracts/README.md 2.2: stats by account and day."""
    rows = [
        {"date": "2026-01-02", "followers": 12},
        {"date": "2026-01-01", "followers": 10},
        {"date": "2026-01-03", "followers": None},
    ]
    vendor.will(answer({"accounts": [], "stats": {"a1": rows}}))
    found = late(vendor, "current").follower_stats(from_date=date(2026, 1, 1))
    assert [(p.day.day, p.followers) for p in found.points[AccountId("a1")]] == [(1, 10), (2, 12), (3, None)]
    assert vendor.asked[0].query == {"profileId": PROFILE, "fromDate": "2026-01-01"}


def test_statistics_without_the_addon_are_not_available(vendor: Pretender) -> None:
    """contracts/README.md 2.2: 403 with requiresAddon; any other 403 is an error."""
    vendor.will(
        answer({"error": "x", "message": "Add-on needed", "requiresAddon": True}, 403), answer({"error": "no"}, 403)
    )
    client = late(vendor, "current")
    found = client.follower_stats()
    assert (found.available, found.reason, found.points) == (False, "Add-on needed", {})
    with pytest.raises(errors.PermissionDenied, match="no"):
        client.follower_stats()


@pytest.mark.parametrize("body", [{"error": "Bad key"}, {"error": {"message": "Bad key", "code": "c"}}])
def test_errors_are_a_text_or_an_object(vendor: Pretender, body: dict[str, Any]) -> None:
    """contracts/README.md 2-h."""
    vendor.will(answer(body, 401))
    with pytest.raises(errors.Unauthorised, match="Bad key"):
        late(vendor).social_accounts()


def test_a_signature_is_hex_hmac_over_the_raw_body() -> None:
    """contracts/README.md 2.3: it fails closed."""
    body = b'{"id": "1"}'
    good = hmac.new(b"fake-secret", body, hashlib.sha256).hexdigest()
    assert signature_matches("fake-secret", body, good)
    assert not signature_matches("fake-secret", body + b" ", good)
    assert not signature_matches("fake-secret", body, good[:-1])
    assert not signature_matches("fake-secret", body, "é" * 64)
    assert not signature_matches("fake-secret", body, None)
    assert not signature_matches("", body, hmac.new(b"", body, hashlib.sha256).hexdigest())
    assert not signature_matches(None, body, good)
