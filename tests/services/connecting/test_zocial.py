"""Zocial's forms: sent once, refused in words, and connected only once Zocial's own list holds the account."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from data.models import Attempt
from data.types import Kind
from services import audit
from services.connecting import attempts, beginning, flows, submitting, zocial
from services.connecting.zocial import Access, Addition
from services.desk import Desk
from services.failures import Failure, Forbidden, Misuse
from services.reports import Wish
from services.sandbox import Sandbox
from services.sync import sync
from tests import cached, processes
from tests.browser.desk import until
from tests.services.connecting.connecting import ANA, INGRID, MAREK, OLGA, change, now, words

TOKEN = "EAAB-the-token-of-a-person"
NOVA = Access("instagram", TOKEN, "nova.coffee")
PAGE = Addition(
    Kind.PAGE, "facebook", "nova.page", "Nova & <b>Coffee</b>", "https://facebook.com/nova.page", "8000", "x"
)
AUTH, ADD = "/api/auth/instagram/", "/api/add/social-page/"
HOSTILE = ("'; DROP TABLE attempts; --", "<b>two words</b>", "x" * 10_000, "a\x00b", "")


@pytest.fixture
def office(empty: Desk, vendors: Sandbox) -> Desk:
    """A desk that synced Zocial just now."""
    vendors.clock.set(datetime.now(UTC))
    (report,) = sync(empty, ["zocial"], Wish())
    assert report.state == "ok"
    vendors.clear_log()
    return empty


def _sent(desk: Desk, form: Access | Addition = NOVA) -> Attempt:
    (attempt,) = submitting.submit(desk, INGRID, "zocial", form)
    return attempt


def _requests(vendors: Sandbox, path: str = AUTH) -> int:
    return sum(entry.path == path for entry in vendors.log)


def test_a_person_s_own_access_connects_an_account(office: Desk, vendors: Sandbox) -> None:
    for platform in ("facebook", "google", "instagram", "twitter"):
        ended = _sent(office, replace(NOVA, platform=platform))
        found = cached.connections(office.store)[ended.connection_id or ""]
        assert (ended.state, found["handle"], found["status"]) == ("connected", "nova.coffee", "accepted"), platform
        assert _requests(vendors, f"/api/auth/{platform}/") == 1
    assert audit.verify(office) is None


def test_a_page_a_wall_and_a_channel_are_added_as_typed(office: Desk, vendors: Sandbox) -> None:
    for kind in (Kind.PAGE, Kind.WALL, Kind.CHANNEL):
        ended = _sent(office, replace(PAGE, kind=kind))
        found = cached.connections(office.store)[ended.connection_id or ""]
        assert (ended.state, found["kind"], found["name"], found["followers"]) == ("connected", kind, PAGE.name, 8000)
        assert _requests(vendors, f"/api/add/social-{kind}/") == 1


def test_every_wrong_field_is_named_and_nothing_leaves(office: Desk, vendors: Sandbox) -> None:
    for hostile in HOSTILE:
        with pytest.raises(Misuse) as caught:
            _sent(office, Access(hostile, hostile, hostile))
        named = [each for each in ("platform", "access_token", "user_id") if f"{each}:" in caught.value.message]
        assert len(named) == 3
        assert not hostile or hostile not in caught.value.message
        typed = Addition(Kind.PAGE, hostile, hostile, hostile, hostile, hostile, hostile)
        assert {"platform", "external_id", "url", "followers"} <= typed.faults().keys()
    assert replace(PAGE, name="'; DROP TABLE attempts; --", category="<i>").faults() == {}
    assert not vendors.log
    assert attempts.open_of(office, "ingrid") == []


def test_other_platforms_can_only_be_submitted_for_approval() -> None:
    assert zocial.ONLY_APPROVAL == ("youtube", "tiktok", "linkedin", "pinterest")
    for platform in zocial.ONLY_APPROVAL:
        assert "only submitted for approval" in replace(NOVA, platform=platform).faults()["platform"]


def test_refusals_end_in_words_with_what_to_do(office: Desk, vendors: Sandbox) -> None:
    for status, code, advice in (
        (403, "network_limit_reached", "does not help"),
        (403, "permission_denied", "owner"),
        (401, "invalid_access_token", "fresh access token"),
        (200, "network_verification_failed", "fresh access token"),
        (400, "validation_error", "field"),
    ):
        body = {"error": code, "message": f"It is {code} <b>now</b>", "field": "user_id"}
        vendors.faults.plan("zocial", "authenticate", kind="status", status=status, body=body, no_effect=True)
        ended = _sent(office)
        assert (ended.state, ended.problem) == ("refused", code)
        assert (advice in ended.advice, "user_id" in ended.message) == (True, True), code
    assert _requests(vendors) == 5


def test_connected_already_is_a_success_only_if_the_list_says_so(office: Desk, vendors: Sandbox) -> None:
    first = _sent(office)
    again = _sent(office)
    assert (again.state, again.connection_id) == ("connected", first.connection_id)
    assert (again.id, "before" in again.message) == ((first.id or 0) + 1, True)
    body = {"error": "network_already_connected", "message": "This network is already connected"}
    vendors.faults.plan("zocial", "authenticate", kind="status", status=409, body=body, no_effect=True)
    ended = _sent(office, replace(NOVA, user_id="somebody.else"))
    assert (ended.state, ended.problem, ended.connection_id) == ("refused", "network_already_connected", None)


def test_a_lost_answer_is_settled_by_the_list_and_never_sent_twice(office: Desk, vendors: Sandbox) -> None:
    for form, path, kind in ((NOVA, AUTH, "hang"), (PAGE, ADD, "close")):
        vendors.faults.plan("zocial", path, kind=kind, after_effect=True)
        ended = _sent(office, form)
        assert (ended.state, _requests(vendors, path)) == ("connected", 1), path


def test_an_account_that_waits_for_approval_is_not_taken_for_a_connected_one(office: Desk, vendors: Sandbox) -> None:
    rows = vendors.zocial.desk.networks()
    waits = next(row for row in rows if row["status"] == "pending" and row["network"] == "instagram")
    vendors.faults.plan("zocial", AUTH, kind="close")
    ended = _sent(office, replace(NOVA, user_id=waits["network_id"]))
    assert (ended.state, "calls it pending" in ended.message) == ("waiting", True)


def test_a_success_that_names_another_account_of_before_connects_nothing(office: Desk, vendors: Sandbox) -> None:
    first = _sent(office, replace(NOVA, platform="facebook"))
    for platform in ("facebook", "instagram"):
        body = {"status": "success", "network_id": int((first.connection_id or "").rpartition("-")[2])}
        vendors.faults.plan("zocial", f"/api/auth/{platform}/", kind="status", status=200, body=body, no_effect=True)
        ended = _sent(office, replace(NOVA, platform=platform, user_id="somebody.else"))
        assert (ended.state, ended.problem, ended.connection_id) == ("wrong_account", "there_before", None), platform
        assert "@nova.coffee on facebook" in ended.message


@pytest.mark.parametrize(
    ("status", "state", "said"),
    [
        ("suspended", "waiting", "calls it suspended"),
        ("rejected", "waiting", "calls it rejected"),
        ("pending", "connected", "waits for the vendor's approval"),
    ],
)
def test_a_success_says_what_the_list_calls_the_account(
    office: Desk, vendors: Sandbox, status: str, state: str, said: str
) -> None:
    rows = vendors.zocial.desk.networks()
    row = next(row for row in rows if row["status"] == status and row["network"] in zocial.AUTHENTICATORS)
    path, body = f"/api/auth/{row['network']}/", {"status": "success", "network_id": row["id"]}
    vendors.faults.plan("zocial", path, kind="status", status=200, body=body, no_effect=True)
    ended = _sent(office, Access(row["network"], TOKEN, row["network_id"]))
    assert (ended.state, said in ended.message) == (state, True)


def test_what_the_list_does_not_hold_stays_unknown_and_is_not_sent_again(office: Desk, vendors: Sandbox) -> None:
    vendors.faults.plan("zocial", "authenticate", kind="close")
    waiting = _sent(office)
    assert (waiting.state, waiting.problem) == ("waiting", "unknown_outcome")
    assert _sent(office).id == waiting.id
    vendors.faults.plan("zocial", "networks", kind="status", status=503, times=2)
    assert flows.check(office, INGRID, waiting.key).state == "waiting"
    assert _requests(vendors) == 1

    change(office, waiting, ends_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert attempts.expire(office) == 1
    ended = now(office, waiting)
    assert (ended.state, "did not confirm" in ended.message) == ("timed_out", True)
    assert _sent(office).state == "connected"
    assert _requests(vendors) == 2


def test_one_form_pressed_in_two_tabs_at_once_is_sent_once(office: Desk, vendors: Sandbox) -> None:
    vendors.faults.plan("zocial", "authenticate", kind="slow", seconds=0.3)
    with ThreadPoolExecutor(4) as tabs:
        ended = list(tabs.map(lambda _: _sent(office), range(4)))
    assert len({each.id for each in ended}) == 1
    assert (now(office, ended[0]).state, _requests(vendors)) == ("connected", 1)


def test_a_vendor_that_takes_no_request_now_says_that_nothing_was_connected(office: Desk, vendors: Sandbox) -> None:
    vendors.faults.plan("zocial", "authenticate", kind="status", status=429, no_effect=True)
    ended = _sent(office)
    assert (ended.state, ended.problem, "Nothing was connected" in ended.advice) == ("refused", "rate_limited", True)


def test_an_attempt_given_up_says_that_nobody_knows(office: Desk, vendors: Sandbox) -> None:
    vendors.faults.plan("zocial", "authenticate", kind="close")
    waiting = _sent(office)
    assert "Nobody knows" in attempts.cancel(office, INGRID, waiting.key).advice


def test_a_list_that_cannot_be_read_says_so_and_the_job_settles_it(office: Desk, vendors: Sandbox) -> None:
    vendors.faults.plan("zocial", "networks", kind="status", status=503, times=4)
    waiting = _sent(office)
    assert (waiting.state, waiting.connection_id) == ("waiting", None)
    assert flows.settle_waiting(office) == 1
    assert now(office, waiting).state == "connected"
    assert _requests(vendors) == 1


def test_only_admins_connect(office: Desk, vendors: Sandbox) -> None:
    for who in (ANA, MAREK):
        with pytest.raises(Forbidden):
            submitting.submit(office, who, "zocial", NOVA)
    assert not vendors.log


def test_a_source_that_is_off_or_another_vendor_s_gets_nothing(office: Desk, vendors: Sandbox) -> None:
    with pytest.raises(Misuse, match="no source of zocial"):
        submitting.submit(office, INGRID, "late", NOVA)
    with pytest.raises(Misuse, match="by a form"):
        beginning.begin(office, INGRID, "zocial", "instagram")
    with office.store.bulk() as link:
        link.exec_driver_sql("UPDATE sources SET enabled = 0 WHERE name = 'zocial'")
    with pytest.raises(Failure, match="is off"):
        _sent(office)
    assert not vendors.log


def test_two_people_s_attempts_stand_side_by_side_and_no_token_is_kept(office: Desk, vendors: Sandbox) -> None:
    vendors.faults.plan("zocial", "authenticate", kind="close", after_effect=True)
    mine = _sent(office)
    (theirs,) = submitting.submit(office, OLGA, "zocial", NOVA)
    assert (theirs.state, theirs.id != mine.id) == ("connected", True)
    assert flows.check(office, INGRID, mine.key).state == "connected"
    with office.store.reading() as session:
        tables = ("attempts", "attempt_events", "audit", "connections", "sync_runs")
        rows = [session.connection().exec_driver_sql(f"SELECT * FROM {name}").all() for name in tables]
    assert TOKEN not in str(rows) + words(office, mine) + repr(NOVA)


SUBMIT = """
import os, sys
from sqlalchemy import event
from data.types import Role
from services import pretended
from services.access import Actor
from services.connecting import submitting
from services.connecting.zocial import Access
from services.desk import open_desk
pretended.answer_at(sys.argv[1])
desk, commits = open_desk(), 0

@event.listens_for(desk.store.writer, "commit")
def count(link):
    global commits
    commits += 1
    if sys.argv[2] == f"commit {commits}":
        os.kill(os.getpid(), 9)

def watch(name, arguments):
    if name == "socket.connect" and sys.argv[2] == "connect":
        os.kill(os.getpid(), 9)

sys.addaudithook(watch)
submitting.submit(desk, Actor("ingrid", Role.ADMIN), "zocial", Access("instagram", "EAAB", "nova.coffee"))
"""


@pytest.mark.parametrize(
    ("dies_at", "left", "requests", "then"),
    [
        ("commit 2", "started", 0, "connected"),
        ("connect", "waiting", 0, "waiting"),
        ("commit 3", "waiting", 1, "connected"),
    ],
)
def test_a_process_that_dies_leaves_an_attempt_that_the_list_settles(
    office: Desk,
    vendors: Sandbox,
    pretended_vendors: tuple[Sandbox, str],
    *,
    dies_at: str,
    left: str,
    requests: int,
    then: str,
) -> None:
    process = processes.start(SUBMIT, pretended_vendors[1], dies_at)
    process.communicate(timeout=60)
    assert process.returncode == -9
    (attempt,) = attempts.open_of(office, "ingrid")
    assert (attempt.state, _requests(vendors)) == (left, requests)

    assert _sent(office).state == then  # the same form pressed again: only one that never left is sent
    assert (now(office, attempt).state, _requests(vendors)) == (then, max(requests, left == "started"))


def test_a_process_that_dies_while_the_vendor_thinks_is_settled_too(
    office: Desk, vendors: Sandbox, pretended_vendors: tuple[Sandbox, str]
) -> None:
    vendors.faults.plan("zocial", "authenticate", kind="hang", after_effect=True)
    process = processes.start(SUBMIT, pretended_vendors[1], "never")
    until(lambda: _requests(vendors) > 0, 30, "the vendor has the request")
    process.kill()
    process.communicate(timeout=60)
    assert flows.settle_waiting(office) == 1
    assert _requests(vendors) == 1
