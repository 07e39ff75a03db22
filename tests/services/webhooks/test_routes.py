"""The two hooks over a real socket: what is believed, what is refused and how, and that nothing is lost."""

import json
import socket
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from data import store as store_module
from data.intake import Entry, Intake
from data.models import Source
from data.types import Contract, Vendor
from services import credentials, pretended
from services.access import SYSTEM
from services.credentials import Application
from services.desk import Desk
from services.sandbox import Sandbox
from services.webhooks import callback_url, keeping, refusals, routes
from services.webhooks.routes import LARGEST, MOST_AT_ONCE
from services.webhooks.working import take_in
from tests import processes
from tests.served import Client
from tests.services.webhooks.telling import LATE, SECRET, post, signed, told

RECEIPT = {
    "deliveryInfoNotification": {
        "deliveryInfo": {
            "timeStamp": "2026-03-10T12:00:00Z",
            "Description": "Delivered",
            "code": "7500",
            "deliveryChannel": "instagram",
            "destination": "17841",
            "deliveryStatus": "Delivered",
        },
        "transid": "t-1",
        "callbackData": "",
        "correlationid": "c-1",
    }
}


def kept(desk: Desk) -> list[Entry]:
    """What is durable."""
    return [entry for _, entry in keeping.keeper(desk).intake.waiting(5_000)]


def refused(desk: Desk) -> dict[tuple[str, str, str], int]:
    """What was refused: hook, source and reason."""
    refusals.write_down(desk)
    with desk.store.reading() as session:
        rows = session.connection().exec_driver_sql("SELECT hook, source, reason, count FROM inbox_refusals").all()
    return {(row[0], row[1], row[2]): row[3] for row in rows}


def inbox(desk: Desk) -> list[tuple[str, int]]:
    """The ids in the inbox, with how often they were repeated."""
    take_in(desk)
    with desk.store.reading() as session:
        rows = session.connection().exec_driver_sql("SELECT event_id, repeats FROM inbox ORDER BY id").all()
    return [(row[0], row[1]) for row in rows]


@pytest.fixture
def receipts(desk: Desk) -> str:
    """The path of an address that was given to imiconnect."""
    with desk.store.reading() as session:
        source = session.connection().exec_driver_sql("SELECT id FROM sources WHERE name = 'imiconnect'").scalar_one()
    url = callback_url(desk, Source(id=source, name="", vendor="", contract="", base_url="", origin=""), "m-7")
    assert url.startswith(f"{desk.settings.public_url}/hooks/imiconnect/")
    return urlsplit(url).path


@pytest.mark.parametrize("header", ["X-Zernio-Signature", "X-Late-Signature", "x-late-signature"])
def test_what_is_signed_is_durable_before_it_is_acknowledged(desk: Desk, client: Client, header: str) -> None:
    assert pretended.credentials(Vendor.LATE)["webhook_secret"] == SECRET
    content = told()
    answer = post(client, content, header=header)
    assert (answer.status_code, answer.json()) == (200, {"received": True})
    assert (answer.headers["x-content-type-options"], answer.headers["cache-control"]) == ("nosniff", "no-store")
    (entry,) = kept(desk)
    assert (entry.event_id, entry.event, entry.about) == (content["id"], "account.connected", "a1")
    assert json.loads(entry.body) == content


@pytest.mark.parametrize(
    ("heads", "reason"),
    [
        ({"X-Late-Signature": "0" * 64}, "signature"),
        ({"X-Late-Signature": "\xff\xe9"}, "signature"),
        ({"X-Late-Signature": ""}, "unsigned"),
        ({}, "unsigned"),
        (signed(b"another body"), "signature"),
        (signed(json.dumps({"id": "1"}).encode(), secret="the wrong one"), "signature"),
    ],
)
def test_what_is_not_signed_is_401_and_only_counted(
    desk: Desk, client: Client, heads: dict[str, str], reason: str, capfd: pytest.CaptureFixture[str]
) -> None:
    body = json.dumps({"id": "1", "canary": "never-logged"}).encode()
    answer = client.post(LATE, data=body, headers={"content-type": "application/json"} | heads)
    assert (answer.status_code, answer.json()) == (401, {"error": "The signature is missing or wrong."})
    assert kept(desk) == []
    assert refused(desk) == {("late", "late", reason): 1}
    assert "never-logged" not in "".join(capfd.readouterr())


def test_one_space_more_is_another_body(desk: Desk, client: Client) -> None:
    body = json.dumps(told()).encode()
    assert client.post(LATE, data=body + b" ", headers=signed(body)).status_code == 401
    assert client.post(LATE, data=body, headers=signed(body)).status_code == 200
    assert len(kept(desk)) == 1


@pytest.mark.parametrize("name", ["nobody", "zocial", "late'--", "%2e%2e", "x" * 3_000])
def test_a_source_that_is_not_there_answers_as_a_wrong_signature(desk: Desk, client: Client, name: str) -> None:
    wrong = post(client, told(), secret="wrong")
    answer = post(client, told(), f"/hooks/late/{name}")
    assert (answer.status_code, answer.content) == (401, wrong.content)
    assert {key for key in refused(desk) if key[2] == "unknown_source"} == {("late", "", "unknown_source")}


def test_a_repeat_is_acknowledged_and_counted(desk: Desk, client: Client) -> None:
    content = told()
    assert [post(client, content).status_code for _ in range(3)] == [200] * 3
    assert inbox(desk) == [(content["id"], 2)]
    assert post(client, content).status_code == 200
    assert inbox(desk) == [(content["id"], 3)]


@pytest.mark.parametrize(
    "content",
    [
        told("post.published"),
        told("webhook.test", test=True),
        {"platform": "instagram", "username": "nova", "profile_id": "p1"},
        {"id": ["no id"], "event": 5, "account": "none", "timestamp": "soon"},
        {"id": "x" * 600, "event": "'; DROP TABLE inbox; --", "account": {"username": "<script>" * 500}},
        {},
        b'{"id": "\\ud800", "event": "\\u0000", "account": {"accountId": 5, "\\udfff": NaN}, "timestamp": 1e999}',
    ],
)
def test_what_is_signed_and_unknown_is_kept(desk: Desk, client: Client, content: dict[str, Any]) -> None:
    assert post(client, content).status_code == 200
    assert len(kept(desk)) == 1


@pytest.mark.parametrize(("hours", "status"), [(0, 200), (51, 200), (74, 200), (76, 400), (9_000, 400)])
def test_a_replay_is_refused_once_the_vendor_tells_it_no_more(
    desk: Desk, client: Client, hours: int, status: int
) -> None:
    assert post(client, told(at=datetime.now(UTC) - timedelta(hours=hours))).status_code == status
    assert refused(desk) == ({} if status == 200 else {("late", "late", "stale"): 1})


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"null", b"\xff\xfe", b"[" * 50_000])
def test_what_is_signed_and_no_json_object_is_400(desk: Desk, client: Client, body: bytes) -> None:
    assert post(client, body).status_code == 400
    assert refused(desk) == {("late", "late", "unreadable"): 1}


def test_a_secret_in_a_body_is_not_kept(desk: Desk, client: Client) -> None:
    content = told(account={"accountId": "a1", "accessToken": "canary-1", "deep": [{"fb_token": "canary-2"}]})
    assert post(client, content).status_code == 200
    assert "canary" not in kept(desk)[0].body


@pytest.mark.parametrize("path", [LATE, "/hooks/imiconnect/token"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_any_other_method_is_405_but_the_vendor_s_own_try(client: Client, path: str, method: str) -> None:
    expected = 200 if (method, path) == ("HEAD", "/hooks/imiconnect/token") else 405
    answer = client.request(method, path)
    assert answer.status_code == expected
    assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize("path", ["/hooks", "/hooks/", "/hooks/late", "/hooks/late/", "/hooks/late/late/more"])
def test_what_leads_to_no_hook_is_said_so(client: Client, path: str) -> None:
    for method in ("GET", "POST"):
        assert client.request(method, path, json={}).status_code == 404


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_any_other_content_type_is_415(desk: Desk, client: Client, kind: str) -> None:
    body = json.dumps(told()).encode()
    assert client.post(LATE, data=body, headers=signed(body) | {"content-type": kind}).status_code == 415
    assert kept(desk) == []


def test_no_cookie_is_asked_for_and_the_origin_of_a_page_does_not_matter(client: Client) -> None:
    body = json.dumps(told()).encode()
    heads = signed(body) | {"origin": "https://zernio.com", "sec-fetch-site": "cross-site", "cookie": "x=y"}
    answer = client.post(LATE, data=body, headers=heads)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers


def _raw(client: Client, head: str, *parts: bytes, more: bool = False) -> bytes:
    """Say something bare, and hear the first line of the answer; `more` leaves the body unfinished."""
    address = urlsplit(client.origin)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=10) as line:
        line.sendall(f"POST {LATE} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{head}\r\n\r\n".encode())
        for part in parts:
            line.sendall(part)
        if not more:
            line.shutdown(socket.SHUT_WR)
        return line.recv(200).split(b"\r\n")[0]


def test_a_body_that_is_said_to_be_huge_is_not_even_read(desk: Desk, client: Client) -> None:
    assert b" 413 " in _raw(client, f"Content-Length: {50 * 1024 * 1024}", b"x" * 1000, more=True)
    assert refused(desk) == {("late", "", "too_large"): 1}


def test_a_body_that_grows_is_cut_off(client: Client) -> None:
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    assert b" 413 " in _raw(client, "Transfer-Encoding: chunked", *[chunk] * 5, more=True)


def test_the_largest_body_is_taken(client: Client) -> None:
    body = json.dumps(told(pad="")).encode()
    whole = json.dumps(told(pad="x" * (LARGEST - len(body)))).encode()
    assert len(whole) == LARGEST
    assert post(client, whole).status_code == 200
    assert post(client, whole + b" ").status_code == 413


def test_a_slow_body_is_given_up(desk: Desk, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routes, "PATIENCE", 0.1)
    assert b" 408 " in _raw(client, "Content-Length: 50", b"{", more=True)
    assert refused(desk) == {("late", "", "too_slow"): 1}


def test_too_many_at_once_are_sent_away_and_the_rest_is_kept(
    desk: Desk, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "PATIENCE", 20.0)
    address = urlsplit(client.origin)
    head = f"POST {LATE} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n".encode()
    lines = []
    for _ in range(MOST_AT_ONCE):
        line = socket.create_connection((address.hostname or "", address.port or 0), timeout=10)
        line.sendall(head)
        lines.append(line)
    answer = _until_crowded(client)
    for line in lines:
        line.close()
    assert answer.headers["retry-after"] == "10"
    assert ("late", "", "crowded") in refused(desk)
    assert _until_heard(client).json() == {"received": True}


def _until_crowded(client: Client) -> Any:
    for _ in range(200):
        answer = post(client, told())
        if answer.status_code == 503:
            return answer
    raise AssertionError("all of them were let in")


def _until_heard(client: Client) -> Any:
    for _ in range(200):
        answer = post(client, told())
        if answer.status_code == 200:
            return answer
    raise AssertionError("nobody was let in again")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a lock for a moment only."""
    monkeypatch.setattr(store_module, "BUSY_TIMEOUT_MS", 50)


def test_a_locked_database_keeps_nobody_waiting(desk: Desk, client: Client) -> None:
    with desk.store.bulk():
        assert post(client, told()).status_code == 200
    assert len(inbox(desk)) == 1


@pytest.mark.usefixtures("impatient")
def test_what_can_not_be_kept_is_not_acknowledged_and_comes_again(desk: Desk, client: Client) -> None:
    content = told()
    assert post(client, told()).status_code == 200
    other = store_module.sqlite_module().connect(keeping.keeper(desk).intake.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answer = post(client, content)
    assert (answer.status_code, answer.json()) == (503, {"error": "It could not be kept."})
    assert answer.headers["retry-after"] == "10"
    other.execute("ROLLBACK")
    other.close()
    assert len(kept(desk)) == 1
    assert post(client, content).status_code == 200
    assert len(kept(desk)) == 2
    assert refused(desk) == {("late", "", "own_fault"): 1}


def test_a_full_disk_is_no_acknowledgement(desk: Desk, client: Client) -> None:
    assert post(client, told()).status_code == 200
    intake = keeping.keeper(desk).intake
    with intake._store.bulk() as link:
        link.exec_driver_sql(f"PRAGMA max_page_count={link.exec_driver_sql('PRAGMA page_count').scalar_one()}")
    assert post(client, told(pad="x" * 100_000)).status_code == 503
    assert len(kept(desk)) == 1


def test_a_burst_from_many_connections_loses_nothing(desk: Desk, client: Client) -> None:
    contents = [told() for _ in range(30)]
    statuses: list[int] = []

    def tell(part: int) -> None:
        with Client(client.origin) as own:
            statuses.extend(post(own, content).status_code for content in contents[part::2] * 2)

    threads = [threading.Thread(target=tell, args=(part % 2,)) for part in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 180
    assert sorted(inbox(desk)) == sorted((content["id"], 5) for content in contents)


KEEPS = """
import sys
from pathlib import Path
from data.intake import Entry, Intake
from data.store import now
intake = Intake(Path(sys.argv[1]))
while True:
    intake.keep([Entry(1, "e", "x", None, None, now(), "{}")])
    print("kept", flush=True)
"""


def test_what_was_acknowledged_outlives_a_killed_process(tmp_path: Path) -> None:
    process = processes.start(KEEPS, str(tmp_path / "intake.db"))
    for _ in range(5):
        assert processes.said(process) == "kept"
    process.kill()
    process.communicate()
    intake = Intake(tmp_path / "intake.db")
    assert len(intake.waiting(10_000)) >= 5
    intake.close()


def test_the_pretended_late_is_believed(desk: Desk, client: Client) -> None:
    sandbox = Sandbox()
    sandbox.tell(client.origin)
    account = sandbox.late.book.accounts()[0]["_id"]
    sandbox.late.book.delete(account)
    for _ in range(500):
        if sandbox.courier.deliveries():
            break
        client.get(LATE)
    sandbox.close()
    assert [delivery.status for delivery in sandbox.courier.deliveries()] == [200]
    assert [(entry.event, entry.about) for entry in kept(desk)] == [("account.disconnected", account)]


@pytest.fixture
def real(desk: Desk, client: Client, settings_of_test: pytest.MonkeyPatch) -> str:
    """A source that an admin added, signed with a secret of its own."""
    del client, settings_of_test
    object.__setattr__(desk.settings, "sandbox", False)
    desk.settings.__dict__.pop("demo", None)
    credentials.add(desk, SYSTEM, "late-emea", _application("first-secret"))
    return "/hooks/late/late-emea"


def _application(secret: str | None) -> Application:
    secrets = {"api_key": "sk_x"} | ({"webhook_secret": secret} if secret else {})
    return Application(Vendor.LATE, "https://zernio.com", Contract.CURRENT, {}, secrets)


def test_during_a_rotation_both_secrets_are_good_and_afterwards_the_new_one(
    desk: Desk, client: Client, real: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert post(client, told(), real, secret="first-secret").status_code == 200
    credentials.rotate(desk, SYSTEM, "late-emea", {"api_key": "sk_y", "webhook_secret": "second-secret"})
    for secret in ("first-secret", "second-secret"):
        assert post(client, told(), real, secret=secret).status_code == 200
    later = datetime.now(UTC) + timedelta(days=4)
    monkeypatch.setattr("services.webhooks.believing.now", lambda: later)
    assert post(client, told(at=later), real, secret="first-secret").status_code == 401
    assert post(client, told(at=later), real, secret="second-secret").status_code == 200


def test_a_new_api_key_leaves_the_webhooks_as_they_were(desk: Desk, client: Client, real: str) -> None:
    credentials.rotate(desk, SYSTEM, "late-emea", {"api_key": "sk_y"})
    assert post(client, told(), real, secret="first-secret").status_code == 200


def test_without_a_secret_everything_is_refused(desk: Desk, client: Client, real: str) -> None:
    del real
    credentials.add(desk, SYSTEM, "late-none", _application(None))
    for secret in ("first-secret", "no source has this secret", "x"):
        assert post(client, told(), "/hooks/late/late-none", secret=secret).status_code == 401
    assert refused(desk) == {("late", "late-none", "no_secret"): 3}


def test_a_receipt_at_an_address_of_ours_is_kept_under_our_own_reference(
    desk: Desk, client: Client, receipts: str
) -> None:
    answer = client.post(receipts, json=RECEIPT)
    assert (answer.status_code, client.post(receipts, json=RECEIPT).status_code) == (202, 202)
    entry = kept(desk)[0]
    assert (entry.event, entry.about, entry.event_id.split(":")[:2]) == ("delivery", "m-7", ["t-1", "7500"])
    assert len(inbox(desk)) == 1


def test_the_address_itself_is_not_kept_though_a_receipt_quotes_it(desk: Desk, client: Client, receipts: str) -> None:
    assert client.post(receipts, json=RECEIPT | {"callbackUrl": f"https://us.example{receipts}"}).status_code == 202
    assert receipts.rpartition("/")[2] not in kept(desk)[0].body


@pytest.mark.parametrize("spoilt", ["", "x", "a.b", "MTptLTg.0", "é" * 20, "x" * 5_000])
def test_an_address_that_we_never_gave_is_401(desk: Desk, client: Client, receipts: str, spoilt: str) -> None:
    token = receipts.rpartition("/")[2]
    written_otherwise = receipts.replace(".", "=.")
    for path in (
        f"/hooks/imiconnect/{spoilt or token[:-1]}",
        f"{receipts[:-6]}000000",
        f"{receipts}0",
        written_otherwise,
    ):
        assert client.post(path, json=RECEIPT).status_code == 401
    assert kept(desk) == []
    assert refused(desk) == {("imiconnect", "", "token"): 4}


@pytest.mark.parametrize("content", [{}, {"deliveryInfoNotification": 5}, [], told()])
def test_what_is_no_receipt_is_400(client: Client, receipts: str, content: Any) -> None:
    assert client.post(receipts, json=content).status_code == 400
