"""Rehearsal over real sockets: a message per script goes out, its callbacks come in, and each life ends as told."""

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette

from data.models import Message
from data.types import Role
from services import credentials, pretended, sandbox
from services import desk as desks
from services.access import SYSTEM, Actor
from services.desk import Desk
from services.failures import Failure, Forbidden, Misuse
from services.messaging import lists, recipients, rehearsal, sending, wire
from services.messaging.wire import Order
from services.sandbox import Sandbox
from services.sandbox.imiconnect_receipts import Pace
from services.sandbox.imiconnect_scripts import SCRIPTS, Chosen
from services.webhooks import callback_url, keeping, routes
from services.webhooks.working import Worker
from tests.browser.desk import until
from tests.served import Client, served
from tests.services.messaging.receiving import message, notification, raws, story

MIA = Actor("mia", Role.MARKETER)
BODY = {"contentType": "TEXT", "content": "Hello"}
QUICK = Pace(first=0.05, step=0.05, late=0.4, afterwards=1.8)
LONGEST = 15.0
ENDS: dict[str, tuple[str, str | None, list[tuple[str, bool]]]] = {
    "read": ("read", "7502", [("7501", True), ("7500", True), ("7502", True)]),
    "delivered": ("delivered", "7500", [("7501", True), ("7500", True)]),
    "failed": ("failed", "7010", [("7501", True), ("7010", True)]),
    "late": ("delivered", "7500", [("7501", True), ("7500", True)]),
    "twice": (
        "read",
        "7502",
        [("7501", True), ("7501", False), ("7500", True), ("7500", False), ("7502", True), ("7502", False)],
    ),
    "out_of_order": ("read", "7502", [("7502", True), ("7500", False), ("7501", False)]),
    "wrong_token": ("accepted", None, []),
    "silent": ("accepted", None, []),
    "window_closed": ("failed", "7313", [("7313", True)]),
    "window_closed_at_once": ("refused", "7313", []),
    "rate_limited": ("failed", "7302", [("7302", True)]),
    "rate_limited_at_once": ("refused", "7302", []),
    "no_permission": ("failed", "7526", [("7526", True)]),
    "expired": ("failed", "7301", [("7501", True), ("7301", True)]),
    "too_many_requests": ("refused", None, []),
    "lost_answer": ("read", "7502", [("7501", True), ("7500", True), ("7502", True)]),
    "lost_for_good": ("unknown", None, []),
    "time_out": ("read", "7502", [("7501", True), ("7500", True), ("7502", True)]),
    "server_error": ("unknown", "7006", []),
    "html": ("read", "7502", [("7501", True), ("7500", True), ("7502", True)]),
}
"""Each script: the state and code that its message ends with, and its callbacks, each with whether it moved it."""
UNKNOWN_FIRST = {"lost_answer", "lost_for_good", "time_out", "server_error", "html"}


@pytest.fixture
def hooks(empty: Desk, vendors: Sandbox) -> Iterator[Client]:
    """Our hooks at a port that the public URL does not name, and the worker behind them."""
    receipts, stop = vendors.imiconnect.receipts, threading.Event()
    receipts.pace, usual = QUICK, receipts.pace
    worker = threading.Thread(target=Worker(empty, stop).run)
    with served(Starlette(routes=routes.routes())) as client:
        receipts.doors = {empty.settings.public_url: client.origin}
        worker.start()
        yield client
        stop.set()
        keeping.keeper(empty).arrived.set()
        worker.join()
    receipts.doors, receipts.pace = {}, usual
    keeping.keeper(empty).intake.close()
    keeping._keepers.clear()
    desks.current().store.close()


@pytest.fixture
def send(empty: Desk) -> Callable[..., Message]:
    """Sends a message to a recipient, by a script if one is named; gives it as the outcome left it."""
    recipients.add(empty, SYSTEM, "Ann", "7947908538583264")

    def one(script: str | None = None, **more: Any) -> Message:
        order = Order(BODY, "imiconnect", "Ann", str(uuid.uuid4()), **more)
        if script is not None:
            rehearsal.choose(empty, MIA, order.press, script)
        return sending.send(empty, MIA, order, wire.prepare(empty, order).digest)

    return one


def number(found: Message) -> int:
    """The number of a message."""
    assert found.id is not None
    return found.id


def hook_of(desk: Desk, found: Message) -> str:
    """The path of the address that a message's callbacks are told."""
    with desk.store.reading() as session:
        source = credentials.named(session, "imiconnect")
    return urlsplit(callback_url(desk, source, found.press)).path


def inbox(desk: Desk) -> list[tuple[str, str]]:
    """What became of each webhook, and why."""
    with desk.store.reading() as session:
        rows = session.connection().exec_driver_sql("SELECT state, reason FROM inbox ORDER BY id").all()
    return [(row[0], row[1] or "") for row in rows]


def refused(desk: Desk) -> dict[str, int]:
    """How often webhooks were refused, by reason."""
    with desk.store.reading() as session:
        rows = session.connection().exec_driver_sql("SELECT reason, count FROM inbox_refusals").all()
    return {row[0]: row[1] for row in rows}


def incidents(desk: Desk) -> list[tuple[str, str | None]]:
    """The incidents by their cause, each with why it ended."""
    with desk.store.reading() as session:
        rows = session.connection().exec_driver_sql("SELECT cause, ended_why FROM incidents ORDER BY id").all()
    return [(row[0], row[1]) for row in rows]


def sends(vendors: Sandbox) -> int:
    """How many requests the vendor got."""
    return sum(entry.vendor == "imiconnect" for entry in vendors.log)


def test_every_script_is_told_of() -> None:
    assert set(ENDS) == set(SCRIPTS)


def test_every_script_lives_its_life_beside_all_others(
    empty: Desk, hooks: Client, vendors: Sandbox, send: Callable[..., Message]
) -> None:
    del hooks
    scripts = sorted(set(ENDS) - {"too_many_requests"})
    with ThreadPoolExecutor(len(scripts)) as pool:
        sent = dict(zip(scripts, pool.map(send, scripts), strict=True))
    last = send("too_many_requests")  # it slows the whole source, as a 429 should
    sent["too_many_requests"] = last
    assert {name for name, found in sent.items() if found.state == "unknown"} <= UNKNOWN_FIRST
    for name, (state, code, callbacks) in ENDS.items():
        this = number(sent[name])
        until(lambda this=this, callbacks=callbacks: len(raws(empty, this)) == len(callbacks), LONGEST, name)  # type: ignore[misc]
        found = message(empty, this)
        assert (name, found.state, found.code) == (name, state, code)
        told = [(code, moved) for by, code, _, moved in story(empty, this) if by == "callback"]
        assert told == callbacks, name
        assert any(after == "unknown" for _, _, after, _ in story(empty, this)) == (name in UNKNOWN_FIRST), name
    assert sends(vendors) == len(ENDS)
    until(lambda: refused(empty) == {"token": 2}, LONGEST, "the wrong token is counted")


def test_a_new_attempt_that_is_a_duplicate_settles_the_first(
    empty: Desk, hooks: Client, send: Callable[..., Message]
) -> None:
    del hooks
    first = send("lost_for_good")
    assert first.state == "unknown"
    again = sending.again(empty, MIA, number(first), str(uuid.uuid4()))
    second = sending.send(empty, MIA, again.order, again.digest)
    assert (second.state, second.code) == ("refused", "7306")
    assert message(empty, number(first)).state == "accepted"


def test_each_message_of_a_list_follows_the_script_of_its_press(
    empty: Desk, hooks: Client, send: Callable[..., Message]
) -> None:
    del hooks, send
    names, press = ["Ann", "Bob", "Cleo"], str(uuid.uuid4())
    for place, name in enumerate(names[1:]):
        recipients.add(empty, SYSTEM, name, f"794790853858327{place}")
    rehearsal.choose(empty, MIA, press, "window_closed")
    lists.begin(empty, MIA, lists.prepare(empty, press, BODY, "imiconnect", names))
    until(lambda: [message(empty, each).code for each in (1, 2, 3)] == ["7313"] * 3, LONGEST, "each has failed")


def test_callbacks_that_contradict_are_kept_with_the_reason_and_move_nothing(
    empty: Desk, hooks: Client, send: Callable[..., Message]
) -> None:
    first, second = send("silent"), send("silent")
    hook = hook_of(empty, first)
    ours = {"transid": first.transid, "correlation_id": first.correlation_id}
    theirs = {"transid": second.transid, "correlation_id": second.correlation_id}
    answers = [
        hooks.post(hook[:-6] + "000000", json=notification("7500", **ours)),
        hooks.post(hook, data=b" " * (1 << 20), headers={"content-type": "application/json"}),
        hooks.post(hook, json=notification("7502", **theirs)),
        hooks.post(hook, json=notification("7500", transid=str(uuid.uuid4()))),
    ]
    assert [answer.status_code for answer in answers] == [401, 413, 202, 202]
    until(lambda: len(inbox(empty)) == 2 and all(reason for _, reason in inbox(empty)), LONGEST, "both are looked at")
    words = f"It came to the address of message {first.id} with the ids of message {second.id}: neither was moved."
    assert inbox(empty)[0] == ("ignored", words)
    assert inbox(empty)[1][0] == "waiting"
    assert [message(empty, number(each)).state for each in (first, second)] == ["accepted", "accepted"]
    assert raws(empty, number(first)) == raws(empty, number(second)) == []
    assert set(refused(empty)) == {"token", "too_large"}


def test_a_replayed_callback_and_an_earlier_state_have_no_effect(
    empty: Desk, hooks: Client, send: Callable[..., Message]
) -> None:
    found = send("silent")
    hook, this = hook_of(empty, found), number(found)
    for code in ("7502", "7502", "7500"):
        body = notification(code, transid=found.transid, correlation_id=found.correlation_id)
        assert hooks.post(hook, json=body).status_code == 202
    until(lambda: len(raws(empty, this)) == 2, LONGEST, "both callbacks are worked off")
    assert message(empty, this).state == "read"
    assert [(code, moved) for by, code, _, moved in story(empty, this) if by == "callback"] == [
        ("7502", True),
        ("7500", False),
    ]
    assert hooks.head(hook).status_code == 200


def test_a_callback_counts_for_a_source_that_was_switched_off_meanwhile(
    empty: Desk, hooks: Client, send: Callable[..., Message]
) -> None:
    found = send("silent")
    with empty.store.bulk() as link:
        link.exec_driver_sql("UPDATE sources SET enabled = 0 WHERE name = 'imiconnect'")
    hooks.post(hook_of(empty, found), json=notification("7500", transid=found.transid))
    until(lambda: message(empty, number(found)).state == "delivered", LONGEST, "it is delivered")


def test_a_refused_credential_is_an_incident_of_the_source_until_a_message_is_taken(
    empty: Desk, vendors: Sandbox, send: Callable[..., Message]
) -> None:
    refusal = {"code": "7001", "message": "Authentication failed."}
    vendors.faults.plan("imiconnect", "send", kind="status", status=403, body=refusal, no_effect=True)
    found = send()
    assert (found.state, found.code, found.advice) == ("refused", "7001", "Enter the service key or JWT anew.")
    assert incidents(empty) == [("failing", None)]
    assert send("silent").state == "accepted"
    assert incidents(empty) == [("failing", "The vendor took a message again.")]


# ----------------------------------------------------------------------------------------- choosing


def test_a_script_is_chosen_for_one_message_and_told_in_words(empty: Desk, vendors: Sandbox) -> None:
    offered = rehearsal.scripts(empty)
    assert [each.name for each in offered] == list(SCRIPTS)
    assert all(each.words for each in offered)
    rehearsal.choose(empty, MIA, "p1", "failed")
    rehearsal.choose(empty, MIA, "p1", "late")
    with empty.store.reading() as session:
        source = credentials.named(session, "imiconnect")
    chosen = vendors.imiconnect.receipts.chosen
    assert chosen.of({"callbackUrl": callback_url(empty, source, "p1")}) is SCRIPTS["late"]
    assert chosen.of({"callbackUrl": callback_url(empty, source, "p2")}) is SCRIPTS["read"]


def test_the_choices_of_very_many_messages_are_bounded_and_the_latest_counts() -> None:
    chosen = Chosen()
    for number in range(1_500):
        chosen.choose(f"m{number}", "failed")
    assert chosen.of({"correlationId": "m0"}) is SCRIPTS["read"]
    assert chosen.of({"correlationId": "m1499"}) is SCRIPTS["failed"]
    chosen.choose("m1499", "late")
    chosen.choose("token", "twice")
    assert chosen.of({"correlationId": "m1499", "callbackUrl": "http://x/hooks/token"}) is SCRIPTS["twice"]
    for wrong in (b"", b"{", b"[]", b"5", b"[" * 100_000):
        assert chosen.fault("imiconnect", wrong) is None


@pytest.mark.parametrize("source", [None, "imiconnect"])
def test_what_can_not_be_rehearsed_is_refused(empty: Desk, vendors: Sandbox, source: str | None) -> None:
    del vendors
    with pytest.raises(Misuse, match="no script"):
        rehearsal.choose(empty, MIA, "p1", "<script>", source)
    with pytest.raises(Forbidden):
        rehearsal.choose(empty, Actor("ana", Role.ANALYST), "p1", "read", source)
    with empty.store.bulk() as link:
        link.exec_driver_sql("UPDATE sources SET origin = 'added' WHERE name = 'imiconnect'")
    assert rehearsal.scripts(empty, source) == ()
    with pytest.raises(Misuse, match="no source of the sandbox"):
        rehearsal.choose(empty, MIA, "p1", "read", source)


def test_a_sandbox_that_is_away_is_said_so(empty: Desk, vendors: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    del vendors
    monkeypatch.setattr(pretended._place, "origin", "http://127.0.0.1:9")
    with pytest.raises(Failure, match="did not take that"):
        rehearsal.choose(empty, MIA, "p1", "read")


def test_the_control_route_takes_scripts_for_one_and_for_all() -> None:
    with sandbox.serve(Sandbox()) as origin, Client(origin) as client:
        path = "/sandbox/_control/imiconnect"
        assert client.post(f"{path}/script", json={"message": "m1", "script": "late"}).status_code == 201
        for wrong in ({"message": "", "script": "late"}, {"message": "m1", "script": "x"}, {}):
            assert client.post(f"{path}/script", json=wrong).status_code == 400
        told = client.post(path, json={"script": "window_closed", "late": 2})
        assert json.loads(told.text) == {"family": "v1", "script": "window_closed"}
