"""One press to many recipients: each has a message and a result of their own, and a stop sends nothing more."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import event

from data import recipients as table
from services import audit, jobs, pretended
from services.access import SYSTEM
from services.desk import Desk
from services.failures import Failure, Misuse
from services.messaging import drafts, lists, recipients, reserving, stopping, streams, switch
from services.messaging.recipients import Details
from services.sandbox import Sandbox
from services.vendors._http import Timing
from tests.browser.desk import until
from tests.services.messaging.crashing import Vendor, counting
from tests.services.messaging.leaving import (
    INGRID,
    MIA,
    SECOND,
    TEXT,
    known,
    order,
    posted,
    pressed,
    rows,
    states,
    trail,
    write,
)

MANY = [f"Person {number}" for number in range(12)]


@pytest.fixture
def desk(empty: Desk) -> Desk:
    """A desk with many test recipients, and patience."""
    known(empty, *MANY)
    return replace(empty, timing=Timing(backoff=0.01))


def begun(desk: Desk, names: list[str] = MANY, **more: object) -> int:
    """Press the button of a list, the same one each time of a test; gives the number of its sending."""
    body, press = {**TEXT, **more}, f"press of {desk.store.url}"
    listed = lists.prepare(desk, press, body, "imiconnect", names)
    return lists.begin(desk, MIA, listed).id or 0


def ended(desk: Desk) -> str:
    """Wait until a list is over; gives how it ended."""
    until(lambda: rows(desk, "SELECT 1 FROM sendings WHERE ended_at IS NOT NULL") != [], 20, "the list is over")
    until(lambda: not {"reserved", "posting"} & set(states(desk)), 20, "its messages are out")
    return str(rows(desk, "SELECT state FROM sendings")[0][0])


def test_each_recipient_gets_one_message_of_their_own(desk: Desk, vendors: Sandbox) -> None:
    number = begun(desk)
    assert ended(desk) == "done"
    assert states(desk) == ["accepted"] * len(MANY)
    assert sorted(body["content"] for body in posted(vendors)) == sorted(f"Hello {name}" for name in MANY)
    assert len({body["correlationId"] for body in posted(vendors)}) == len(MANY)
    assert begun(desk) == number  # a second press
    assert (len(posted(vendors)), len(states(desk))) == (len(MANY), len(MANY))
    assert trail(desk)[0] == ("mia", "message.send_list", "begun")
    assert audit.verify(desk) is None


def test_a_correlation_id_of_ones_own_stays_apart_for_each(desk: Desk, vendors: Sandbox) -> None:
    begun(desk, correlationId="mine", names=MANY[:2])
    ended(desk)
    assert sorted(body["correlationId"] for body in posted(vendors)) == ["mine:1", "mine:2"]


def test_one_that_fails_stops_no_other(desk: Desk, vendors: Sandbox) -> None:
    body = {"code": "7313", "message": "no inbound message"}
    vendors.faults.plan("imiconnect", "send", kind="status", status=400, body=body, no_effect=True, skip=3)
    begun(desk)
    ended(desk)
    assert sorted(states(desk)) == ["accepted"] * 11 + ["refused"]
    assert len(posted(vendors)) == len(MANY)


def test_a_refusal_that_all_would_meet_spares_the_rest(desk: Desk, vendors: Sandbox) -> None:
    body = {"code": "7001", "message": "Authentication failed."}
    vendors.faults.plan("imiconnect", "send", kind="status", status=403, body=body, no_effect=True, times=12)
    begun(desk, names=_more(desk, 60))
    ended(desk)
    vendors.faults.clear()
    assert states(desk) == ["refused"] * 60
    assert len(posted(vendors)) <= 2 * streams.THREADS
    said = [row[0] for row in rows(desk, "SELECT reason FROM messages WHERE code = 'halted'")]
    assert len(said) >= 60 - 2 * streams.THREADS
    assert all(reason.endswith("Nothing was sent.") for reason in said)


def test_the_list_waits_when_its_vendor_says_so(desk: Desk, vendors: Sandbox) -> None:
    headers = {"Retry-After": "1"}
    vendors.faults.plan("imiconnect", "send", kind="status", status=429, headers=headers, no_effect=True)
    began = time.monotonic()
    begun(desk)
    ended(desk)
    assert sorted(states(desk)) == ["accepted"] * 11 + ["refused"]
    assert time.monotonic() - began >= 1.0


def test_a_vendor_that_is_out_of_reach_is_not_tried_to_the_end(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pretended._place, "origin", "http://127.0.0.1:9")
    begun(desk)
    assert ended(desk) == "done"
    said = [row[0] for row in rows(desk, "SELECT reason FROM messages")]
    assert all(reason.endswith("Nothing was sent.") for reason in said)
    assert 1 <= sum(reason.startswith("An earlier one met this: ") for reason in said) <= len(MANY) - 3


def test_a_stop_refuses_what_has_not_left(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with counting() as vendor:
        monkeypatch.setattr(pretended._place, "origin", vendor.origin)
        vendor.seconds = 20.0
        number = begun(desk)
        until(lambda: len(vendor.bodies) > 0, 10, "the first are on their way")
        stopped = stopping.stop(desk, INGRID, number)
        vendor.going.set()
        assert (stopped.state, stopped.stopped_by) == ("stopped", "ingrid")
        assert ended(desk) == "stopped"
        _see(desk, vendor)
    assert stopping.stop(desk, INGRID, number).stopped_by == "ingrid"
    with pytest.raises(Misuse, match="no send to a list 99"):
        stopping.stop(desk, MIA, 99)


def _more(desk: Desk, number: int) -> list[str]:
    """Have more test recipients."""
    people = [Details(f"2784{place:05}", {"first_name": "Ann"}) for place in range(number)]
    many = [f"More {place}" for place in range(number)]
    with desk.store.writing() as session:
        table.add_all(session, [recipients.new("x", *told) for told in zip(many, people, strict=True)])
    return many


def _see(desk: Desk, vendor: Vendor) -> None:
    found = states(desk)
    assert found.count("accepted") == len(vendor.bodies) <= streams.THREADS
    reasons = {row[0] for row in rows(desk, "SELECT reason FROM messages WHERE state = 'refused'")}
    assert (reasons, len(found)) == ({"Stopped by ingrid; nothing was sent."}, len(MANY))


def test_what_a_stop_counts_is_what_never_leaves(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    many = _more(desk, 300)
    with counting() as vendor:
        monkeypatch.setattr(pretended._place, "origin", vendor.origin)
        number = begun(desk, names=many)
        until(lambda: len(vendor.bodies) > 5, 10, "some have left")
        stopping.stop(desk, INGRID, number)
        ended(desk)
    found = states(desk)
    ((after,),) = rows(desk, "SELECT after FROM audit WHERE action = 'message.stop_list'")
    assert json.loads(after) == {"state": "stopped", "not_sent": found.count("refused")}
    assert found.count("accepted") == len(vendor.bodies) == len(many) - found.count("refused")
    assert audit.verify(desk) is None


def test_a_stop_holds_from_its_first_commit_on(desk: Desk, vendors: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[Callable[[], object]] = []
    monkeypatch.setattr(jobs, "beside", lambda job, _name, _stop: kept.append(job))
    begun(desk)
    write(desk, "UPDATE sendings SET state = 'stopped', stopped_by = 'ingrid', ended_at = began_at")
    for job in kept:  # as if the process of the stop had died, and the senders go on
        job()
    assert posted(vendors) == []
    assert {*rows(desk, "SELECT state, reason FROM messages")} == {("refused", "Stopped by ingrid; nothing was sent.")}


def test_others_write_while_a_long_list_is_stopped(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "beside", lambda *_told: None)
    monkeypatch.setattr(stopping, "CHUNK", 5)
    number = begun(desk)
    written: list[int] = []
    count = "SELECT count(*) FROM messages WHERE state = 'refused'"
    event.listen(desk.store.writer, "commit", lambda link: written.append(link.exec_driver_sql(count).scalar()))
    stopping.stop(desk, INGRID, number)
    assert written == [0, 5, 10, 12]


@pytest.mark.usefixtures("vendors")
def test_those_whom_a_plan_leaves_out_get_nothing_and_are_named_in_the_trail(desk: Desk) -> None:
    for place, name in enumerate(("Ada", "Ben")):
        recipients.add(desk, SYSTEM, name, f"99{place}", variables={})
    planned = lists.prepare(desk, "a press", TEXT, "imiconnect", [*MANY, "Ada", "Ben"])
    assert [one.recipient for one in planned.invalid] == ["Ada", "Ben"]
    assert planned.without([]) == planned.without(MANY) == planned, "nobody is left out who could get it"
    with pytest.raises(reserving.Invalid, match="To Ben"):
        lists.begin(desk, MIA, planned.without(["Ada"]))
    less = planned.without(["Ada", "Ben"])
    assert (less.total, [one.recipient for one in less.left_out], less.invalid) == (12, ["Ada", "Ben"], ())
    assert less.digest != planned.digest
    made = lists.begin(desk, MIA, less)
    assert ended(desk) == "done"
    assert (made.total, states(desk)) == (12, ["accepted"] * 12)
    ((after,),) = rows(desk, "SELECT after FROM audit WHERE action = 'message.send_list' AND outcome = 'begun'")
    why = ["content: a value for each variable"]
    assert json.loads(after)["left_out"] == {"Ada": why, "Ben": why}


def test_nothing_leaves_when_one_of_the_list_may_not(desk: Desk, vendors: Sandbox) -> None:
    recipients.add(desk, SYSTEM, "Without a name", "999999", variables={})
    with pytest.raises(reserving.Invalid, match=r"To Without a name: .*first_name"):
        begun(desk, names=[*MANY, "Without a name"])
    with pytest.raises(Misuse, match="no test recipient named 'Nobody'"):
        begun(desk, names=[*MANY, "Nobody"])
    with pytest.raises(Misuse, match="1 to 10,000 recipients"):
        begun(desk, names=[])
    listed = lists.prepare(desk, "p", TEXT, "imiconnect", MANY)
    recipients.change(desk, SYSTEM, MANY[3], Details("178400003", {"first_name": "Another"}))
    with pytest.raises(Failure, match="changed since it was shown"):
        lists.begin(desk, MIA, listed)
    switch.turn(desk, INGRID, "imiconnect", on=False)
    with pytest.raises(Failure, match="turned off by ingrid"):
        begun(desk)
    assert (posted(vendors), states(desk), rows(desk, "SELECT 1 FROM sendings")) == ([], [], [])


def test_a_press_sends_to_a_list_or_to_one_and_never_both(desk: Desk, vendors: Sandbox) -> None:
    begun(desk)
    ended(desk)
    alone = order(to=MANY[0], press=f"press of {desk.store.url}")
    with pytest.raises(Failure, match="has sent a list of messages already"):
        pressed(desk, alone)
    other = order(to=MANY[0])
    pressed(desk, other)
    listed = lists.prepare(desk, other.press, TEXT, "imiconnect", MANY)
    with pytest.raises(Failure, match=r"has sent message \d+ already"):
        lists.begin(desk, MIA, listed)
    assert len(posted(vendors)) == len(MANY) + 1


def test_a_draft_that_changed_meanwhile_goes_to_nobody(desk: Desk, vendors: Sandbox) -> None:
    draft = drafts.create(desk, MIA, TEXT, source="imiconnect")
    listed = lists.prepare(desk, draft.press, TEXT, "imiconnect", MANY, draft_id=draft.id)
    drafts.save(desk, INGRID, draft.id, draft.version, body=SECOND, source="imiconnect", recipient=None)
    with pytest.raises(Failure, match="ingrid changed the draft"):
        lists.begin(desk, MIA, listed)
    assert posted(vendors) == []


def test_a_source_that_is_switched_off_in_the_middle_ends_the_list(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with counting() as vendor:
        monkeypatch.setattr(pretended._place, "origin", vendor.origin)
        vendor.seconds = 20.0
        begun(desk)
        until(lambda: len(vendor.bodies) > 0, 10, "the first are on their way")
        write(desk, "UPDATE sources SET enabled = 0 WHERE name = 'imiconnect'")
        vendor.going.set()
        ended(desk)
        refused = rows(desk, "SELECT reason FROM messages WHERE state = 'refused'")
        assert len(vendor.bodies) + len(refused) == len(MANY)
    assert {row[0] for row in refused} == {"The source imiconnect is switched off. Nothing was sent."}


def test_two_presses_of_one_list_at_once_are_one(desk: Desk, vendors: Sandbox) -> None:
    numbers: list[int] = []
    threads = [threading.Thread(target=lambda: numbers.append(begun(desk))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ended(desk)
    assert (set(numbers), len(posted(vendors))) == ({1}, len(MANY))


def test_a_list_that_is_wrong_for_everybody_is_not_looked_at_to_its_end(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "ENOUGH", 3)
    body = {"contentType": "TEXT", "content": "{{first_name}} " * 1_000}
    listed = lists.prepare(desk, "a press", body, "imiconnect", MANY)
    assert (len(listed.each), len(listed.invalid), listed.total) == (3, 3, len(MANY))
    assert listed.without(MANY) == listed, "whom nobody looked at is not left out"
    with pytest.raises(reserving.Invalid, match="To Person 0: content"):
        lists.begin(desk, MIA, listed)
    assert states(desk) == []
