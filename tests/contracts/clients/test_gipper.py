"""What our Gipper client sends and understands, against its document (documents/gipper.txt) and current API."""

from dataclasses import replace
from typing import Any

import pytest

from services.vendors import errors
from services.vendors._http import Timing
from services.vendors.gipper import (
    LOCATIONS,
    FacebookAccount,
    Gipper,
    InstagramAccount,
    InstagramUid,
    InternalId,
    Outcome,
    hint,
)
from tests.services.vendors.pretender import Pretender, answer

REMOVE = "To connect this social media account to your Personal, you must first remove it from your Workspace accounts"
ASK = "This social account is already connected to your Workspace! Please ask example@mail.com for access"
CREATED = {
    "id": 7586,
    "ig_user_id": "17841405902213202",
    "ig_user_name": "twentyonekate",
    "ig_profile_picture_url": None,
    "facebook_page_id": None,
    "user_id": None,
    "created_at": "2024-06-21T06:41:04.966Z",
    "updated_at": "2024-06-21T06:41:04.966Z",
    "nickname": "",
    "connected_teams": None,
    "fb_token": "CANARY_ECHOED_BACK",
    "facebook_account_id": 10528,
}
FACEBOOK = FacebookAccount("FAKE_TOKEN", "FAKE_UID", "templateBranding")
KATE = InstagramAccount(InstagramUid("17841405902213202"), "twentyonekate", "FAKE_ACCESS", "https://cdn.example/p.png")
OTHER = replace(KATE, id=InstagramUid("2"), username="Ov_dev_sl_2")


def gipper(vendor: Pretender, **options: Any) -> Gipper:
    return Gipper(vendor.url, "FAKE_SERVER_TOKEN", timing=Timing(total=5.0, overall=5.0, backoff=0.01), **options)


def test_create(vendor: Pretender) -> None:
    """Lines 1-27 and 39-58: fb_uid instead of the example's rb_uid; the echoed token is dropped."""
    vendor.will(answer({"success": True, "ig_accounts": [CREATED], "message": []}))
    found = gipper(vendor).create_instagram_accounts(FACEBOOK, [KATE])
    assert found.success
    (outcome,) = found.outcomes
    assert outcome.outcome is Outcome.CONNECTED
    assert outcome.account is not None
    assert (outcome.account.id, outcome.account.ig_user_name) == (7586, "twentyonekate")
    assert "CANARY" not in repr(found)
    assert found.drift == ()
    (asked,) = vendor.asked
    assert (asked.method, asked.target) == ("POST", "/api/v3/instagram_accounts")
    assert asked.headers["authentication"] == "Bearer FAKE_SERVER_TOKEN"
    assert "authorization" not in asked.headers
    assert asked.json == {
        "facebook_account": {"fb_token": "FAKE_TOKEN", "fb_uid": "FAKE_UID", "location": "templateBranding"},
        "ig_accounts": [
            {
                "id": "17841405902213202",
                "username": "twentyonekate",
                "fb_token": "FAKE_ACCESS",
                "profile_picture_url": "https://cdn.example/p.png",
            }
        ],
    }


def test_the_examples_name_of_the_uid_can_be_sent_too(vendor: Pretender) -> None:
    """Line 15: rb_uid beside fb_uid, when a server wants it."""
    vendor.will(answer({"success": True, "ig_accounts": [CREATED]}))
    gipper(vendor, send_rb_uid=True).create_instagram_accounts(FACEBOOK, [KATE])
    person = vendor.asked[0].json["facebook_account"]
    assert person["fb_uid"] == person["rb_uid"] == "FAKE_UID"


def test_success_false_in_the_success_body_is_a_refusal(vendor: Pretender) -> None:
    """Lines 29-37."""
    message = f"Instagram account IG_NAME not connected. {REMOVE}"
    vendor.will(answer({"success": False, "ig_accounts": [], "message": [message]}))
    found = gipper(vendor).create_instagram_accounts(FACEBOOK, [KATE])
    assert not found.success
    assert [(one.outcome, one.reason, one.hint) for one in found.outcomes] == [(Outcome.REFUSED, message, "workspace")]


def test_a_part_may_be_connected(vendor: Pretender) -> None:
    """Lines 31-58: accounts and messages side by side; a message may be a text."""
    message = "Instagram account Ov_dev_sl_2 not connected."
    vendor.will(answer({"success": True, "ig_accounts": [CREATED], "message": message}))
    third = replace(KATE, id=InstagramUid("3"), username="sl_2")
    found = gipper(vendor).create_instagram_accounts(FACEBOOK, [KATE, OTHER, third])
    assert [one.outcome for one in found.outcomes] == [Outcome.CONNECTED, Outcome.REFUSED, Outcome.UNKNOWN]
    assert found.outcomes[1].reason == message
    assert not found.success


@pytest.mark.parametrize(
    "body", [{}, {"ig_accounts": []}, {"success": "yes"}, {"success": None, "ig_accounts": [CREATED]}]
)
def test_an_answer_without_its_word_is_unknown(vendor: Pretender, body: dict[str, Any]) -> None:
    """Line 32: success is a flag."""
    vendor.will(answer(body))
    with pytest.raises(errors.OutcomeUnknown):
        gipper(vendor).create_instagram_accounts(FACEBOOK, [KATE])
    assert len(vendor.asked) == 1


@pytest.mark.parametrize(("text", "kind"), [(REMOVE, "workspace"), (ASK, "owner")])
def test_both_dialects_of_a_422(vendor: Pretender, text: str, kind: str) -> None:
    """Lines 60-74: a field with its messages and no envelope; the other person's address is masked."""
    vendor.will(answer({"ig_user_id": [text]}, 422))
    with pytest.raises(errors.Rejected) as caught:
        gipper(vendor).create_instagram_accounts(FACEBOOK, [KATE])
    assert caught.value.field == "ig_user_id"
    assert "example@mail.com" not in str(caught.value)
    assert hint(caught.value.reason) == kind


INVALID: list[tuple[Any, list[Any], str]] = [
    (replace(FACEBOOK, fb_token=""), [KATE], "facebook_account[fb_token]"),
    (replace(FACEBOOK, fb_uid=5), [KATE], "facebook_account[fb_uid]"),
    (replace(FACEBOOK, location="elsewhere"), [KATE], "facebook_account[location]"),
    (FACEBOOK, [], "ig_accounts"),
    (FACEBOOK, [replace(KATE, id=17841405902213202)], "ig_accounts[0][id]"),
    (FACEBOOK, [KATE, replace(KATE, username="")], "ig_accounts[1][username]"),
    (FACEBOOK, [replace(KATE, profile_picture_url=None)], "ig_accounts[0][profile_picture_url]"),
    (FACEBOOK, [replace(KATE, fb_token=None)], "ig_accounts[0][fb_token]"),
]


@pytest.mark.parametrize(("facebook", "accounts", "name"), INVALID)
def test_every_validation_holds_before_anything_leaves(
    vendor: Pretender, facebook: Any, accounts: Any, name: str
) -> None:
    """Lines 76-140."""
    with pytest.raises(errors.Rejected) as caught:
        gipper(vendor).create_instagram_accounts(facebook, accounts)
    assert caught.value.field == name
    assert "FAKE" not in str(caught.value)
    assert vendor.asked == []


def test_the_six_locations() -> None:
    """Line 105."""
    assert len(LOCATIONS) == 6


def test_delete(vendor: Pretender) -> None:
    """Lines 143-157; a 404 means that it is gone already."""
    vendor.will(answer({"success": True, "instagram_account_id": 1}), answer({"error": "x"}, 404))
    assert gipper(vendor).delete(InternalId(1)) is True
    assert gipper(vendor).delete(InternalId(1)) is False
    assert (vendor.asked[0].method, vendor.asked[0].target) == ("DELETE", "/api/v3/instagram_accounts/1")


@pytest.mark.parametrize("wrong", [17841405902213202, "1", True, 0, -1, 1.0, None])
def test_an_instagram_uid_is_never_deleted(vendor: Pretender, wrong: Any) -> None:
    """Lines 159-169: must be an integer, and Gipper's own."""
    with pytest.raises(errors.Rejected):
        gipper(vendor).delete(wrong)
    assert vendor.asked == []


def test_a_delete_that_does_not_say_success_is_unknown(vendor: Pretender) -> None:
    """Line 155."""
    vendor.will(answer({"success": False}))
    with pytest.raises(errors.OutcomeUnknown):
        gipper(vendor).delete(InternalId(1))


V2 = {
    "twitter_accounts": [],
    "facebook_pages": [],
    "instagram_accounts": [
        {"id": 7586, "ig_user_name": "kate", "ig_user_id": "17841405902213202", "ig_profile_picture_url": None}
    ],
}
V4_ROW = {"id": 1, "social_channel": "Instagram", "name": "kate", "nickname": "Kate", "logo": "https://x.example/l.png"}


def test_the_list_of_v2_and_v4(vendor: Pretender) -> None:
    """contracts/README.md 1: two shapes of the list; other channels are left out."""
    twitter = {**V4_ROW, "id": 2, "social_channel": "Twitter"}
    vendor.will(answer(V2), answer({"accounts": [V4_ROW, twitter], "meta": {"total_count": 2}}))
    client = gipper(vendor, contract="current")
    second = client.accounts()
    fourth = client.accounts()
    assert [(one.id, one.username, one.uid) for one in second.items] == [(7586, "kate", "17841405902213202")]
    assert [(one.id, one.username, one.name) for one in fourth.items] == [(1, "kate", "Kate")]
    assert (second.drift, fourth.drift) == ((), ())
    assert {asked.target for asked in vendor.asked} == {"/api/v2/social_accounts"}


def test_the_pages_of_v4(vendor: Pretender) -> None:
    """facts.json, list_v4_response: meta.total_count ends the paging; a page that repeats is an error."""
    first = {"accounts": [V4_ROW], "meta": {"total_count": 2}}
    last = {"accounts": [{**V4_ROW, "id": 2}], "meta": {"total_count": 2}}
    vendor.will(answer(first), answer(last))
    pages = list(gipper(vendor).account_pages())
    assert [[one.id for one in page.items] for page in pages] == [[1], [2]]
    vendor.will(answer(first))
    with pytest.raises(errors.UnexpectedAnswer, match="repeats"):
        list(gipper(vendor).account_pages())


def _of_v4(total: int, *ids: int) -> Any:
    return answer({"accounts": [{**V4_ROW, "id": one} for one in ids], "meta": {"total_count": total}})


def test_a_v4_list_that_got_shorter_between_pages_is_read_once_more(vendor: Pretender) -> None:
    """FAULTS.md 37: 1 left after the first page, so that 3 moved to it and is on none of the pages that follow."""
    vendor.will(_of_v4(5, 1, 2), _of_v4(4, 4, 5), _of_v4(4, 2, 3), _of_v4(4, 4, 5))
    pages = list(gipper(vendor).account_pages())
    assert [[one.id for one in page.items] for page in pages] == [[1, 2], [4, 5], [2, 3], [4, 5]]
    assert [page.more for page in pages] == ["2", "1", "2", None]


def test_a_v4_list_that_gets_shorter_at_each_reading_is_not_called_complete(vendor: Pretender) -> None:
    """FAULTS.md 37: what is missing from it has not vanished."""
    vendor.will(*(_of_v4(total, *ids) for _ in range(3) for total, ids in ((4, (1, 2)), (3, (3,)))))
    with pytest.raises(errors.UnexpectedAnswer, match="shorter"):
        list(gipper(vendor).account_pages())


@pytest.mark.parametrize("label", [None, "", "  "])
def test_in_v4_the_nickname_is_a_label_that_may_be_missing(vendor: Pretender, label: str | None) -> None:
    """facts.json, list_v4_response: name is the user name."""
    rows = [{**V4_ROW, "nickname": label}, {**V4_ROW, "id": 2, "name": label}]
    vendor.will(answer({"accounts": rows, "meta": {"total_count": 2}}))
    found = gipper(vendor, contract="current").accounts()
    assert [(one.username, one.name) for one in found.items] == [("kate", None), (None, "Kate")]
    assert found.drift == ()


@pytest.mark.parametrize("body", [None, [], {}, {"instagram_accounts": None}, {"twitter_accounts": []}])
def test_another_shape_is_never_an_empty_list(vendor: Pretender, body: Any) -> None:
    """contracts/README.md 1."""
    vendor.will(answer(body))
    with pytest.raises(errors.UnexpectedAnswer):
        gipper(vendor, contract="current").accounts()


def test_verify(vendor: Pretender) -> None:
    """contracts/README.md 1: per account verified and error_message."""
    rows = [
        {"id": 1, "nickname": "kate", "verified": {"verified": False, "error_message": "Token expired"}},
        {"id": 2, "verified": {"verified": True, "error_message": None}},
        {"name": "no id"},
    ]
    vendor.will(answer({"accounts": rows}))
    found = gipper(vendor, contract="current").verify()
    assert [(one.id, one.verified, one.error_message) for one in found.items] == [
        (1, False, "Token expired"),
        (2, True, None),
    ]
    assert len(found.rejected) == 1
    assert vendor.asked[0].path == "/api/v2/verify_social_accounts"
    assert vendor.asked[0].query == {"type": "instagram", "page": "1"}
