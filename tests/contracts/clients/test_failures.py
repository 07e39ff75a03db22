"""Answers that failed under a good status, and errors in unusual shapes: the five clients tell both alike."""

from collections.abc import Callable
from typing import Any

import pytest

from services.vendors import errors
from services.vendors._http import Timing
from services.vendors.gipper import Gipper
from services.vendors.highlevel import AccountId, HighLevel, OauthAccountId
from services.vendors.imiconnect.client import Imiconnect
from services.vendors.imiconnect.message import Text
from services.vendors.late import Late
from services.vendors.zocial import ExternalId, NetworkId, Zocial
from tests.services.vendors.pretender import Pretender, answer

QUICK = Timing(total=5.0, overall=5.0, backoff=0.01, tries=1)


def gipper(url: str) -> Any:
    return Gipper(url, "FAKE", contract="current", timing=QUICK).accounts()


def gipper_verify(url: str) -> Any:
    return Gipper(url, "FAKE", contract="current", timing=QUICK).verify()


def late(url: str) -> Any:
    return list(Late(url, "sk_fake", contract="current", timing=QUICK).accounts())


def late_documented(url: str) -> Any:
    return Late(url, "sk_fake", profile_id="p1", timing=QUICK).social_accounts()


def late_health(url: str) -> Any:
    return Late(url, "sk_fake", contract="current", timing=QUICK).health()


def highlevel(url: str) -> Any:
    return _highlevel(url).accounts()


def highlevel_available(url: str) -> Any:
    return _highlevel(url).available_accounts(OauthAccountId("o1"))


def highlevel_delete(url: str) -> Any:
    return _highlevel(url).delete(AccountId("l1"))


def _highlevel(url: str) -> HighLevel:
    return HighLevel(url, "FAKE", location_id="loc", user_id="u", contract="current", timing=QUICK)


def zocial(url: str) -> Any:
    return Zocial(url, "fake", timing=QUICK).networks()


def zocial_status(url: str) -> Any:
    return Zocial(url, "fake", timing=QUICK).status(NetworkId(1))


def zocial_submit(url: str) -> Any:
    handle = ExternalId("a")
    return Zocial(url, "fake", timing=QUICK).submit_approval("instagram", handle, "https://a.example/a", 1, None)


def imiconnect(url: str) -> Any:
    client = Imiconnect(url, service_key="FAKE", app_id="a1", timing=QUICK)
    return client.send(Text("hello"), to="1", callback_url="https://us.example/hook", correlation_id="c1")


Call = Callable[[str], Any]
FAILED: list[tuple[Call, dict[str, Any], type[errors.VendorError], str]] = [
    (gipper, {"success": False, "message": ["no"], "instagram_accounts": []}, errors.Rejected, "no"),
    (gipper, {"success": " False ", "message": "ask kate@mail.com", "instagram_accounts": []}, errors.Rejected, "k…@…"),
    (gipper, {"errors": ["x"], "instagram_accounts": []}, errors.Rejected, "x"),
    (gipper, {"success": False, "instagram_accounts": []}, errors.Rejected, "did not succeed"),
    (gipper, {"success": False, "accounts": [{"name": "a b"}], "meta": {}}, errors.Rejected, "did not succeed"),
    (gipper_verify, {"success": "false", "accounts": []}, errors.Rejected, "did not succeed"),
    (late, {"error": "Unauthorized", "accounts": []}, errors.Rejected, "Unauthorized"),
    (late, {"error": {"code": "nope", "message": "Bad key"}, "accounts": []}, errors.Rejected, "Bad key"),
    (late_documented, {"error": "Unauthorized", "accounts": []}, errors.Rejected, "Unauthorized"),
    (late_documented, {"error": True, "accounts": []}, errors.Rejected, "did not succeed"),
    (late_health, {"errors": {"profileId": ["unknown"]}, "accounts": []}, errors.Rejected, "profileId: unknown"),
    (highlevel, {"success": "false", "message": "bad", "results": {"accounts": []}}, errors.Rejected, "bad"),
    (
        highlevel,
        {"statusCode": 401, "error": "Unauthorized", "results": {"accounts": []}},
        errors.Unauthorised,
        "Unauthorized",
    ),
    (highlevel, {"statusCode": 422, "error": "Bad", "results": {"accounts": []}}, errors.Rejected, "Bad"),
    (highlevel, {"success": True, "statusCode": 200}, errors.UnexpectedAnswer, "'results' is missing"),
    (highlevel_available, {"success": False, "results": {"accounts": []}}, errors.Rejected, "did not succeed"),
    (highlevel_delete, {"success": False, "message": "Nope"}, errors.Rejected, "Nope"),
    (zocial, {"success": False, "networks": []}, errors.Rejected, "did not succeed"),
    (zocial, {"errors": ["x"], "networks": []}, errors.Rejected, "x"),
    (zocial, {"error": None, "networks": [{"id": 1, "network_id": "private words"}]}, errors.Rejected, "without words"),
    (zocial_submit, {"status": "success", "approval_id": 7, "error": None}, errors.OutcomeUnknown, "without words"),
    (imiconnect, {"success": False, "message": "no"}, errors.Rejected, "no"),
    (imiconnect, {"errors": ["x"]}, errors.Rejected, "x"),
    (imiconnect, {"messageId": "m1", "error": "x"}, errors.OutcomeUnknown, "x"),
]


@pytest.mark.parametrize(("call", "body", "kind", "says"), FAILED)
def test_a_body_that_says_it_failed_is_a_failure_under_a_good_status(
    vendor: Pretender, call: Call, body: dict[str, Any], kind: type[errors.VendorError], says: str
) -> None:
    """DESIGN.md, promises 1 and 4: an error with an empty list is no empty list."""
    vendor.will(answer(body, 201))
    with pytest.raises(kind) as caught:
        call(vendor.url)
    assert type(caught.value) is kind
    assert says in caught.value.reason
    assert "private" not in str(caught.value)
    assert len(vendor.asked) == 1


GOOD: list[tuple[Call, dict[str, Any]]] = [
    (gipper, {"success": True, "errors": [], "error": "", "instagram_accounts": []}),
    (late, {"error": None, "errors": {}, "accounts": []}),
    (late_documented, {"success": "true", "accounts": []}),
    (highlevel, {"success": True, "statusCode": 401, "error": None, "results": {"accounts": []}}),
    (highlevel, {"statusCode": 201, "message": "Fetched", "results": {"accounts": []}}),
    (zocial, {"status": "success", "errors": [], "networks": []}),
    (imiconnect, {"messageId": "m1", "errors": []}),
]


@pytest.mark.parametrize(("call", "body"), GOOD)
def test_empty_errors_and_a_number_in_the_body_decide_nothing(
    vendor: Pretender, call: Call, body: dict[str, Any]
) -> None:
    """FAULTS.md 17: the HTTP status decides, not the body's."""
    vendor.will(answer(body))
    assert call(vendor.url) is not None


CALLS: list[Call] = [gipper, late, highlevel, zocial, zocial_status, imiconnect]
UNUSUAL: list[tuple[dict[str, Any], str]] = [
    ({"message": ["one", "two"]}, "one; two"),
    ({"message": {"network": ["bad"]}}, "network: bad"),
    ({"message": {"a": "x\n\x1b[1m"}}, r"a: x\n\x1b[1m"),
    ({"error": {"message": "Bad thing"}}, "Bad thing"),
    ({"error": {"network": "bad"}, "message": None}, "network: bad"),
    ({"error": ["bad"]}, "bad"),
    ({"ig_user_id": ["a", "b"]}, "a; b"),
    ({"ig_user_id": ["a", "b"], "name": ["c"]}, "ig_user_id: a; b; name: c"),
    ({"message": ["long " * 400]}, "long long"),
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(("body", "says"), UNUSUAL)
def test_an_errors_words_are_shown_whatever_shape_they_have(
    vendor: Pretender, call: Call, body: dict[str, Any], says: str
) -> None:
    """FAULTS.md 15: lists and objects are joined, escaped and cut at 300 characters."""
    vendor.will(answer(body, 422))
    with pytest.raises(errors.Rejected) as caught:
        call(vendor.url)
    assert says in caught.value.reason
    assert len(caught.value.reason) <= 300
    assert "None" not in str(caught.value)


def test_a_complaint_about_one_field_names_it(vendor: Pretender) -> None:
    """Gipper's document, lines 60-74: the same form anywhere."""
    vendor.will(answer({"ig_user_id": ["a", "b"], "accounts": [{"name": "some one"}]}, 422))
    with pytest.raises(errors.Rejected) as caught:
        late(vendor.url)
    assert (caught.value.field, caught.value.reason) == ("ig_user_id", "a; b")


@pytest.mark.parametrize("message", [["bad", "worse"], {"token": "bad; worse"}])
def test_a_known_code_of_zocial_keeps_its_words_in_any_shape(vendor: Pretender, message: Any) -> None:
    """contracts/README.md 3-i."""
    vendor.will(answer({"error": "invalid_access_token", "message": message}))
    with pytest.raises(errors.Unauthorised, match="bad; worse"):
        zocial(vendor.url)
    vendor.will(answer({"error": {"code": "invalid_access_token", "message": message}}))
    with pytest.raises(errors.Unauthorised, match="bad; worse"):
        zocial(vendor.url)


def test_results_that_are_a_list_are_called_a_list(vendor: Pretender) -> None:
    """contracts/README.md 0.1: an object is due."""
    vendor.will(answer({"success": True, "results": []}))
    with pytest.raises(errors.UnexpectedAnswer, match="'results' should be an object, a list came"):
        highlevel(vendor.url)


@pytest.mark.parametrize("call", [gipper, late, highlevel, zocial])
def test_a_broken_compression_is_called_so(vendor: Pretender, call: Call) -> None:
    """FAULTS.md 20: an error and no list."""
    vendor.will(answer(b"not gzip", Content_Encoding="gzip"))
    with pytest.raises(errors.UnexpectedAnswer, match="the compression of its answer is broken"):
        call(vendor.url)


def test_gipper_refuses_a_delete_in_its_own_words(vendor: Pretender) -> None:
    """Line 155: success is the word."""
    vendor.will(answer({"success": False, "message": ["It belongs to kate@mail.com"]}))
    with pytest.raises(errors.Rejected, match=r"It belongs to k…@…"):
        Gipper(vendor.url, "FAKE", timing=QUICK).delete(7)  # type: ignore[arg-type]
