"""The log remembers requests without any credential, over every vendor's dialect."""

import dataclasses
from datetime import UTC, datetime

import pytest
import requests

from services.sandbox import Entry, Sandbox, credentials
from services.sandbox.log import KEPT, Log

ACCESS = credentials()
SECRETS = [
    ACCESS["zocial"]["token"], ACCESS["late"]["api_key"], ACCESS["highlevel"]["token"], ACCESS["gipper"]["token"],
    ACCESS["imiconnect"]["service_key"], "canary-token-of-a-user", "canary-in-a-path",
]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ({"Authorization": f"Bearer {ACCESS['zocial']['token']}"}, "present"),
        ({"Authorization": "x"}, "wrong"),
        ({}, "missing"),
    ],
)
def test_a_credential_is_present_wrong_or_missing(
    sandbox: Sandbox, origin: str, http: requests.Session, header: dict[str, str], told: str
) -> None:
    http.post(origin + "/sandbox/zocial/api/get/networks/", headers=header, timeout=5)
    assert sandbox.log[-1].headers["authorization"] == told


def test_an_entry_tells_everything_else(sandbox: Sandbox, origin: str, http: requests.Session) -> None:
    header = {"Authorization": f"Bearer {ACCESS['zocial']['token']}"}
    http.post(origin + "/sandbox/zocial/api/network/status/?a=b", data={"network_id": 1001}, headers=header, timeout=5)
    entry = sandbox.log[-1]
    assert (entry.vendor, entry.method, entry.path) == ("zocial", "POST", "/api/network/status/")
    assert (entry.query, entry.body, entry.status) == ({"a": "b"}, {"network_id": "1001"}, 200)
    assert entry.content_type == "application/x-www-form-urlencoded"


def test_no_secret_is_kept(sandbox: Sandbox, origin: str, http: requests.Session) -> None:
    canary = "canary-token-of-a-user"
    where = origin + "/sandbox"
    zocial = {"Authorization": f"Bearer {ACCESS['zocial']['token']}"}
    http.post(
        f"{where}/zocial/api/auth/twitter/", data={"access_token": canary, "user_id": "u1"}, headers=zocial, timeout=5
    )
    gipper = {"Authentication": f"Bearer {ACCESS['gipper']['token']}"}
    body = {"facebook_account": {"fb_token": canary, "fb_uid": "1"}, "ig_accounts": [{"fb_token": canary}]}
    http.post(f"{where}/gipper/api/v3/instagram_accounts", json=body, headers=gipper, timeout=5)
    imi = {"key": ACCESS["imiconnect"]["service_key"]}
    message = {"callbackUrl": "https://us.example/hook/canary-in-a-path", "contentType": "TEXT"}
    http.post(f"{where}/imiconnect/v1/instagram/messages", json=message, headers=imi, timeout=5)
    http.get(
        f"{where}/late/api/v1/accounts?token={canary}", headers={"Authorization": ACCESS["late"]["api_key"]}, timeout=5
    )
    http.get(f"{where}/highlevel/social-media-posting/x/accounts", headers={"Authorization": canary}, timeout=5)
    told = http.get(f"{where}/_control/log", timeout=5).text + repr(sandbox.log)
    assert len(sandbox.log) == 5
    assert [secret for secret in SECRETS if secret in told] == []


def test_the_log_is_cleared_over_http(sandbox: Sandbox, origin: str, http: requests.Session) -> None:
    http.post(origin + "/sandbox/zocial/api/get/networks/", timeout=5)
    assert http.delete(origin + "/sandbox/_control/log", timeout=5).status_code == 204
    assert sandbox.log == []


def test_a_large_body_is_counted_and_not_kept(sandbox: Sandbox, origin: str, http: requests.Session) -> None:
    http.post(origin + "/sandbox/zocial/api/action/network/approval/", json={"network_id": "x" * 70_000}, timeout=5)
    assert sandbox.log[-1].body == "[70018 bytes of application/json]"


def test_only_the_last_ten_thousand_are_kept() -> None:
    kept = Log()
    entry = Entry(datetime.now(UTC), "zocial", "POST", "/", {}, {}, "", None, 200, 0.0)
    for number in range(KEPT + 5):
        kept.add(dataclasses.replace(entry, status=number))
    assert [kept.entries()[0].status, len(kept.entries())] == [5, 10_000]
