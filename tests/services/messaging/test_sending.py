"""One press, one message: what leaves is what was shown, and every end of a request is told as it is."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from data import store
from data.errors import DatabaseProblem
from data.store import sqlite_module
from data.types import MessageState, Role
from services import audit, pretended
from services.access import SYSTEM, Actor
from services.desk import Desk
from services.failures import Failure, Forbidden, Misuse
from services.messaging import drafts, leaving, recipients, reserving, resuming, sending, states, switch, wire
from services.sandbox import Sandbox
from services.vendors._http import Timing
from tests.browser.desk import until
from tests.services.approvals.conftest import PATIENT
from tests.services.messaging.crashing import counting
from tests.services.messaging.leaving import (
    ANN,
    INGRID,
    MIA,
    SECOND,
    TEXT,
    digest,
    known,
    order,
    posted,
    pressed,
    rows,
    story,
    trail,
    write,
)
from tests.services.messaging.leaving import states as found_states


@pytest.fixture
def desk(empty: Desk) -> Desk:
    """A desk with one test recipient, and more patience than a busy machine needs."""
    known(empty)
    return replace(empty, timing=PATIENT)


@contextmanager
def locked(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hold the write lock as another process would; whoever waits for it has little patience."""
    monkeypatch.setattr(store, "BUSY_TIMEOUT_MS", 50)
    desk.store.writer.dispose()
    other = sqlite_module().connect(desk.store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.close()


def test_what_was_shown_leaves_once_and_its_story_is_written(desk: Desk, vendors: Sandbox) -> None:
    wanted = order()
    shown = wire.prepare(desk, wanted)
    message = sending.send(desk, MIA, wanted, shown.digest)
    assert (message.state, message.person, message.recipient, message.family) == ("accepted", "mia", ANN, "TEXT")
    assert posted(vendors) == [message.payload]
    assert message.payload == {name: value for name, value in shown.payload.items() if name != "callbackUrl"}
    assert message.digest == shown.digest
    assert message.transid
    assert message.correlation_id == wanted.press
    assert "hello ann" in message.search_text
    assert None not in (message.posting_at, message.answered_at)
    assert story(desk, message.id or 0) == [
        ("mia", "reserved", 1),
        ("system", "posting", 1),
        ("imiconnect", "accepted", 1),
    ]
    assert trail(desk) == [("mia", "message.send", "begun"), ("mia", "message.answered", "done")]
    assert "Hello" not in str(rows(desk, "SELECT * FROM audit WHERE action LIKE 'message.%'"))
    assert audit.verify(desk) is None


def test_a_second_press_finds_the_first_ones_message_and_sends_nothing(desk: Desk, vendors: Sandbox) -> None:
    wanted = order()
    first, second = pressed(desk, wanted), pressed(desk, wanted)
    assert (second.id, second.state, len(posted(vendors))) == (first.id, "accepted", 1)
    other = replace(wanted, body=SECOND)
    with pytest.raises(Failure, match=r"has sent message 1 already, which was another one") as caught:
        sending.send(desk, MIA, other, digest(desk, other))
    assert (caught.value.kind, len(posted(vendors))) == ("sent_already", 1)


def test_of_many_presses_at_once_one_sends(desk: Desk, vendors: Sandbox) -> None:
    wanted, together = order(), threading.Barrier(6)
    shown = digest(desk, wanted)

    def press() -> int | None:
        together.wait(timeout=10)
        return sending.send(desk, MIA, wanted, shown).id

    with ThreadPoolExecutor(6) as pool:
        numbers = {future.result() for future in [pool.submit(press) for _ in range(6)]}
    assert (numbers, len(posted(vendors)), found_states(desk)) == ({1}, 1, ["accepted"])


@pytest.mark.parametrize(
    ("fault", "state", "arrived"),
    [
        ({"kind": "hang", "after_effect": True}, "unknown", 1),
        ({"kind": "close", "after_effect": True}, "unknown", 1),
        ({"kind": "reset", "after_effect": True}, "unknown", 1),
        ({"kind": "status", "status": 503, "no_effect": True}, "unknown", 1),
        ({"kind": "html"}, "unknown", 1),
        ({"kind": "empty_body"}, "unknown", 1),
        ({"kind": "null"}, "unknown", 1),
        ({"kind": "truncated_json"}, "unknown", 1),
        ({"kind": "status", "status": 429, "no_effect": True}, "refused", 1),
        ({"kind": "status", "status": 400, "no_effect": True, "body": {"code": "7313", "message": "x"}}, "refused", 1),
        ({"kind": "status", "status": 200, "no_effect": True, "body": {"code": "7302", "message": "x"}}, "refused", 1),
        ({"kind": "status", "status": 200, "no_effect": True, "body": {"code": "7200", "message": "x"}}, "unknown", 1),
    ],
)
def test_every_end_of_a_request_is_told_and_none_is_sent_again(
    desk: Desk, vendors: Sandbox, *, fault: dict[str, Any], state: str, arrived: int
) -> None:
    vendors.faults.plan("imiconnect", "send", **fault)
    message = pressed(desk, order())
    assert message.state == state
    assert message.reason
    assert message.advice
    assert message.code == (fault["body"]["code"] if "body" in fault else None)
    resuming.resume(desk)
    assert (found_states(desk), len(posted(vendors))) == ([state], arrived)
    assert trail(desk)[-1] == ("mia", "message.answered", state)


def test_what_surely_never_left_is_refused_and_says_so(desk: Desk, settings_of_test: pytest.MonkeyPatch) -> None:
    settings_of_test.setattr(pretended._place, "origin", "http://127.0.0.1:9")
    message = pressed(desk, order())
    assert (message.state, message.code) == ("refused", None)
    assert (message.reason or "").endswith("the connection was refused. Nothing was sent.")


def test_who_may_not_send_is_refused_and_written_down(desk: Desk, vendors: Sandbox) -> None:
    wanted = order()
    with pytest.raises(Forbidden):
        sending.send(desk, Actor("ana", Role.ANALYST), wanted, digest(desk, wanted))
    assert (posted(vendors), found_states(desk)) == ([], [])
    assert trail(desk) == [("ana", "message.send", "refused")]
    (about,) = rows(desk, "SELECT subject FROM audit WHERE outcome = 'refused'")
    assert about[0] == "message from imiconnect to Ann"


def test_what_changed_since_it_was_shown_does_not_leave(desk: Desk, vendors: Sandbox) -> None:
    wanted = order()
    shown = digest(desk, wanted)
    recipients.change(desk, SYSTEM, ANN, recipients.Details("178400000", {"first_name": "Anna"}))
    with pytest.raises(Failure, match="changed since it was shown"):
        sending.send(desk, MIA, wanted, shown)
    recipients.remove(desk, SYSTEM, ANN)
    with pytest.raises(Misuse, match="no test recipient named 'Ann'"):
        sending.send(desk, MIA, wanted, shown)
    assert (posted(vendors), found_states(desk)) == ([], [])
    assert [outcome for _, _, outcome in trail(desk)] == ["refused", "refused"]


def test_a_draft_that_somebody_else_edited_or_discarded_does_not_leave(desk: Desk, vendors: Sandbox) -> None:
    draft = drafts.create(desk, MIA, TEXT, source="imiconnect", recipient=ANN)
    wanted = order(press=draft.press, draft_id=draft.id)
    shown = digest(desk, wanted)
    saved = drafts.save(desk, INGRID, draft.id, draft.version, body=SECOND, source="imiconnect", recipient=ANN)
    with pytest.raises(Failure, match="ingrid changed the draft meanwhile"):
        sending.send(desk, MIA, wanted, shown)
    assert posted(vendors) == []
    now = replace(wanted, body=SECOND)
    assert sending.send(desk, MIA, now, digest(desk, now)).draft_id == saved.id
    drafts.discard(desk, MIA, draft.id)
    other = replace(order(SECOND), draft_id=draft.id)
    with pytest.raises(Failure, match="discarded"):
        sending.send(desk, MIA, other, digest(desk, other))


def test_a_source_that_sends_no_more_sends_nothing(desk: Desk, vendors: Sandbox) -> None:
    wanted = order()
    shown = digest(desk, wanted)
    switch.turn(desk, INGRID, "imiconnect", on=False)
    with pytest.raises(Failure, match=r"was turned off by ingrid\. Nothing was sent"):
        sending.send(desk, MIA, wanted, shown)
    write(desk, "UPDATE sources SET enabled = 0 WHERE name = 'imiconnect'")
    with pytest.raises(Failure, match="is switched off"):
        sending.send(desk, MIA, wanted, shown)
    assert (posted(vendors), found_states(desk)) == ([], [])


def test_what_comes_between_reservation_and_mark_stops_the_message(desk: Desk, vendors: Sandbox) -> None:
    wanted = order()
    message, _ = sending._reserved(desk, MIA, wanted, digest(desk, wanted))
    recipients.remove(desk, SYSTEM, ANN)
    leaving.leave(desk, message.id or 0)
    message = sending.now_of(desk, message)
    assert (message.state, message.code) == ("refused", "recipient")
    assert message.reason == "Ann is no test recipient any more. Nothing was sent."
    assert posted(vendors) == []


def test_a_body_that_breaks_limits_is_refused_with_the_fields_named(desk: Desk, vendors: Sandbox) -> None:
    for body in ({"contentType": "TEXT", "content": "x" * 1001}, {}, {"contentType": "TEXT", "content": "{{none}}"}):
        wanted = order(body)
        with pytest.raises(reserving.Invalid) as caught:
            sending.send(desk, MIA, wanted, digest(desk, wanted))
        assert caught.value.problems
        assert caught.value.message.endswith("Nothing was sent.")
    assert (posted(vendors), found_states(desk)) == ([], [])


def test_a_correlation_id_serves_one_body_alone(desk: Desk, vendors: Sandbox) -> None:
    assert pressed(desk, order({**TEXT, "correlationId": "mine"})).state == "accepted"
    other = order({**SECOND, "correlationId": "mine"})
    with pytest.raises(Failure, match=r"Another message \(1\) went out under the correlation id mine") as caught:
        sending.send(desk, MIA, other, digest(desk, other))
    assert (caught.value.kind, len(posted(vendors))) == ("correlation_used", 1)


def test_a_deliberate_new_attempt_is_told_duplicate_and_settles_the_first(desk: Desk, vendors: Sandbox) -> None:
    vendors.faults.plan("imiconnect", "send", kind="close", after_effect=True)
    first = pressed(desk, order())
    assert first.state == "unknown"
    again = sending.again(desk, MIA, first.id or 0, "a-new-press")
    second = sending.send(desk, MIA, again.order, again.digest)
    assert (second.state, second.code, second.attempt_of) == ("refused", "7306", first.id)
    assert second.correlation_id == first.correlation_id
    assert sending.now_of(desk, first).state == "accepted"
    assert posted(vendors) == [first.payload] * 2


def test_a_new_attempt_says_what_the_first_said_though_a_value_looks_like_a_variable(
    desk: Desk, vendors: Sandbox
) -> None:
    recipients.add(desk, SYSTEM, "Ute", "99", variables={"first_name": "{{first_name}} {{last_name}}"})
    first = pressed(desk, order(to="Ute"))
    again = sending.again(desk, MIA, first.id or 0, "a-new-press")
    sending.send(desk, MIA, again.order, again.digest)
    assert posted(vendors) == [first.payload] * 2


def test_a_late_answer_moves_nothing_back_and_fills_the_vendors_id(desk: Desk) -> None:
    wanted = order()
    message, _ = sending._reserved(desk, MIA, wanted, digest(desk, wanted))
    with desk.store.writing() as session:
        row = session.merge(message)
        states.move(session, row, MessageState.POSTING, by="system", words="")
        states.move(session, row, MessageState.DELIVERED, by="callback", words="It was delivered.")
    answer = leaving.Outcome(MessageState.ACCEPTED, "The vendor took the message.", transid="t-1")
    with desk.store.writing() as session:
        row = session.merge(sending.now_of(desk, message))
        leaving.ended(session, row, answer, by="imiconnect")
    now = sending.now_of(desk, message)
    assert (now.state, now.transid) == ("delivered", "t-1")
    assert story(desk, message.id or 0)[-1] == ("imiconnect", "accepted", 0)


def test_a_database_that_is_locked_when_it_is_to_be_reserved_sends_nothing(
    desk: Desk, vendors: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = order()
    shown = digest(desk, wanted)
    with locked(desk, monkeypatch), pytest.raises(DatabaseProblem, match="busy with another writer"):
        sending.send(desk, MIA, wanted, shown)
    assert (posted(vendors), found_states(desk)) == ([], [])
    assert sending.send(desk, MIA, wanted, shown).state == "accepted"


def test_a_database_that_is_locked_at_the_outcome_is_asked_until_it_takes_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = order()
    message, _ = sending._reserved(desk, MIA, wanted, digest(desk, wanted))
    with counting() as vendor:
        monkeypatch.setattr(pretended._place, "origin", vendor.origin)
        vendor.seconds = 20.0
        worker = threading.Thread(target=leaving.leave, args=(replace(desk, timing=Timing()), message.id))
        worker.start()
        until(lambda: len(vendor.bodies) == 1, 10, "it is on its way")
        with locked(desk, monkeypatch):
            vendor.going.set()
            worker.join(timeout=1.0)
            assert worker.is_alive()
        worker.join(timeout=20)
    assert found_states(desk) == ["accepted"]


def test_begin_gives_the_reserved_message_and_sends_beside(desk: Desk, vendors: Sandbox) -> None:
    wanted = order()
    message = sending.begin(desk, MIA, wanted, digest(desk, wanted))
    assert message.state == "reserved"
    until(lambda: found_states(desk) == ["accepted"], 10, "it is accepted")
    assert len(posted(vendors)) == 1
