"""Random people, windows, answers and clocks in any order: no state that can be reached breaks a rule."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from data.models import Attempt
from services import audit
from services.access import SYSTEM, Actor
from services.connecting import attempts, beginning, confirming, flows, messages, naming, windows
from services.desk import Desk
from services.failures import Failure
from services.sandbox import Sandbox
from services.vendors._http import Timing
from tests import cached
from tests.services.connecting.connecting import (
    ANA,
    INGRID,
    OLGA,
    change,
    consented,
    events,
    heard,
    lapsed,
    now,
    offered,
)

PEOPLE = (INGRID, OLGA, ANA)
OWNERS = st.sampled_from([None, None, None, None, None, *PEOPLE])
"""Who acts: mostly the person whose attempt it is."""
STEPS = {
    ("started", "waiting"),
    *(("started", end) for end in ("cancelled", "blocked", "timed_out", "refused")),
    *(("waiting", end) for end in ("connected", "wrong_account", "cancelled", "timed_out", "refused")),
}
PATIENT = Timing(connect=5.0, read=5.0, total=8.0, overall=9.0, backoff=0.01, tries=2)
ENDS = {end for _, end in STEPS} - {"waiting"}
FAULTS: tuple[tuple[str, dict[str, Any]] | None, ...] = (
    None,
    None,
    None,
    ("start", {"kind": "status", "status": 502}),
    ("account", {"kind": "status", "status": 503, "times": None}),
    ("account", {"kind": "reset", "after_effect": True, "times": None}),
    ("accounts", {"kind": "empty_body", "status": 200, "times": None}),
)


class Office(RuleBasedStateMachine):
    """Two admins and an analyst, two lapsed accounts, and windows that say what they like."""

    desk: Desk
    vendors: Sandbox
    asked = 0

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[str] = []
        self.states: dict[str, str] = {}
        self.said: list[dict[str, Any]] = []
        self.ended: dict[str, tuple[Any, ...]] = {}
        self.vendors.highlevel.book._attached.clear()
        number = cached.source(self.desk.store, "highlevel")["id"]
        self.lapsed = [f"{number}-n-{row['id']}" for row in lapsed(self.desk, self.vendors)]

    @rule(who=st.sampled_from(PEOPLE), which=st.sampled_from([None, None, 0, 1]))
    def begin(self, who: Actor, which: int | None) -> None:
        """Begin to connect or to reconnect; the same again resumes."""
        aim = None if which is None else self.lapsed[which]
        before = {each.key: each for each in attempts.open_of(self.desk, who.username)}
        try:
            made = beginning.begin(self.desk, who, "highlevel", "instagram", reconnects=aim)
        except Failure:
            return
        assert made.resumed == (made.key in before)
        assert all(each.reconnects != aim for each in before.values()) or made.resumed
        self.keys += [] if made.key in self.keys else [made.key]

    @rule(who=OWNERS, pick=st.integers(0, 99), fault=st.sampled_from(FAULTS))
    def open_window(self, who: Actor | None, pick: int, fault: tuple[str, dict[str, Any]] | None) -> None:
        """Open the window of any attempt, while the vendor may fail."""
        if not self.keys:
            return
        key = self._key(pick)
        told = self._try(lambda: windows.open_window(self.desk, self._by(who, key), key), fault)
        if told is not None and told.address is not None:
            self.states[key] = told.address.rpartition("state=")[2]

    @rule(pick=st.integers(0, 99), account=st.sampled_from(["", "own", "other"]), approve=st.booleans())
    def consent(self, pick: int, account: str, *, approve: bool) -> None:
        """Consent, or not, as a new account, the expected one or another one; the window then has a message."""
        if not self.states:
            return
        key = sorted(self.states)[pick % len(self.states)]
        known = [each.partition("-n-")[2] for each in self.lapsed]
        expected = (now(self.desk, self._attempt(key)).reconnects or self.lapsed[0]).partition("-n-")[2]
        chosen = {"": "", "own": expected, "other": next(each for each in known if each != expected)}[account]
        book = self.vendors.highlevel.book
        if not approve:
            book.finish(self.states[key], approve=False)
        elif book.platform_of(self.states[key]) is not None:
            self.said.append(consented(self.vendors, self.states[key], account=chosen))

    @rule(which=st.sampled_from([None, None, 0, 1]), account=st.sampled_from(["", "own", "own", "other"]))
    def go_all_the_way(self, which: int | None, account: str) -> None:
        """Do what a person does who is not disturbed: begin, consent, and let the window say so."""
        self.begin(INGRID, which)
        (attempt,) = attempts.open_of(self.desk, INGRID.username)
        pick = self.keys.index(attempt.key)
        self.open_window(INGRID, pick, None)
        if attempt.key in self.states:
            self.consent(sorted(self.states).index(attempt.key), account, approve=True)
        if self.said:
            self.message(INGRID, pick, len(self.said) - 1, None)
            self.act(INGRID, pick, "choose", None)

    @rule(who=OWNERS, pick=st.integers(0, 99), say=st.integers(0, 99), fault=st.sampled_from(FAULTS))
    def message(self, who: Actor | None, pick: int, say: int, fault: tuple[str, dict[str, Any]] | None) -> None:
        """Say anything that any window ever said, for any attempt: late, repeated and foreign messages."""
        if not self.said:
            return
        attempt, words = self._attempt(self._key(pick)), self.said[say % len(self.said)]
        self._try(lambda: heard(self.desk, attempt, words, by=self._by(who, attempt.key)), fault)

    @rule(
        who=OWNERS,
        pick=st.integers(0, 99),
        act=st.sampled_from(["check", "cancel", "closed", "blocked", "forged", "typed", "choose"]),
        fault=st.sampled_from(FAULTS),
    )
    def act(self, who: Actor | None, pick: int, act: str, fault: tuple[str, dict[str, Any]] | None) -> None:
        """Do anything else that a page does."""
        if not self.keys:
            return
        key, desk = self._key(pick), self.desk
        attempt, who = self._attempt(key), self._by(who, key)
        forged = {"page": "social_media_posting", "accountId": "658a9b6833b91e0ecb8f3958"}
        acts = {
            "check": lambda: flows.check(desk, who, key),
            "cancel": lambda: attempts.cancel(desk, who, key),
            "closed": lambda: windows.closed(desk, who, key),
            "blocked": lambda: windows.blocked(desk, who, key),
            "forged": lambda: heard(desk, attempt, forged, by=who, origin="https://evil.example"),
            "typed": lambda: naming.named(desk, who, key, forged["accountId"]),
            "choose": lambda: messages.choose(desk, who, key, next(iter(offered(attempt)), "none")),
        }
        self._try(acts[act], fault)

    @rule(which=st.sampled_from([None, None, 0]), cancelled=st.booleans())
    def answers_are_overtaken(self, which: int | None, *, cancelled: bool) -> None:
        """Let one new account answer two people's attempts at once, of which one may end while it is on its way."""
        self.begin(INGRID, which)
        self.begin(OLGA, None)
        pair = [attempts.open_of(self.desk, who.username)[0] for who in (INGRID, OLGA)]
        for each in pair:
            self.open_window(None, self.keys.index(each.key), None)
        if pair[1].key in self.states:
            self.vendors.highlevel.book.finish(self.states[pair[1].key], approve=True, alone=True)
        pair = [self._attempt(each.key) for each in pair]
        source = confirming.source_of(self.desk, pair[0])
        seen = [(each, flows._judged(self.desk, each, source)) for each in pair if each.state == "waiting"]
        if cancelled:
            attempts.cancel(self.desk, INGRID, pair[0].key)
        for each, verdict in seen:
            if verdict is not None:
                confirming.conclude(self.desk, each, source, verdict, by="list")

    @rule(late=st.booleans())
    def time_passes(self, *, late: bool) -> None:
        """Let the jobs run, sometimes when an attempt's time is over."""
        if late and self.keys:
            attempt = self._attempt(self.keys[-1])
            change(self.desk, attempt, ends_at=datetime.now(UTC) - timedelta(seconds=1))
        attempts.expire(self.desk)
        flows._asked.keep([])
        flows.settle_waiting(self.desk)

    @invariant()
    def every_step_is_one_of_the_design_and_an_end_stays(self) -> None:
        """See that each story holds no other step, and that nothing of an ended attempt moves again."""
        for attempt in self._all():
            for event in events(self.desk, attempt):
                assert event.before in {None, event.after} or (event.before, event.after) in STEPS
            for earlier, later in pairwise(events(self.desk, attempt)):
                assert later.before == earlier.after
            assert (attempt.state in ENDS) == (attempt.ended_at is not None)
            if attempt.ended_at is not None:
                told = (attempt.state, attempt.ended_at, attempt.message, attempt.connection_id)
                assert self.ended.setdefault(attempt.key, told) == told
                assert attempt.advice or attempt.state == "connected" or attempt.problem == "superseded"

    @invariant()
    def what_is_connected_is_listed_expected_and_ended_one_attempt(self) -> None:
        """See that connected means: the vendor lists it, the cache holds it, it is the expected one, and one's own."""
        done = [each for each in self._all() if each.state == "connected"]
        listed = {row["id"] for row in self.vendors.highlevel.book.accounts() if not row["isExpired"]}
        held = cached.of_vendor(self.desk.store, "highlevel") if done else {}
        for attempt in done:
            number = attempt.connection_id or ""
            assert number in held
            assert number.partition("-n-")[2] in listed
            assert attempt.reconnects in {None, number}
        made = Counter(each.connection_id for each in done if each.reconnects is None)
        assert max(made.values(), default=0) <= 1

    @invariant()
    def a_person_has_one_open_attempt_and_each_attempt_asked_once(self) -> None:
        """See that nothing is asked for twice."""
        found = self._all()
        assert max(Counter(each.person for each in found if each.ended_at is None).values(), default=0) <= 1
        assert all(each.person in {"ingrid", "olga"} for each in found)
        asked = sum(entry.path.endswith("/start") for entry in self.vendors.log) - type(self).asked
        opened = sum(each.state != "started" and self._was_opened(each) for each in found)
        assert asked <= opened

    def teardown(self) -> None:
        """See that the trail is whole, and leave nothing open for the next run."""
        for attempt in self._all():
            if attempt.ended_at is None:
                attempts.cancel(self.desk, Actor(attempt.person, INGRID.role), attempt.key)
        assert audit.verify(self.desk) is None
        type(self).asked = sum(entry.path.endswith("/start") for entry in self.vendors.log)

    def _try(self, act: Any, fault: tuple[str, dict[str, Any]] | None) -> Any:
        if fault is not None:
            self.vendors.faults.plan("highlevel", fault[0], **fault[1])
        try:
            return act()
        except Failure:
            return None
        finally:
            self.vendors.faults.clear()

    def _all(self) -> list[Attempt]:
        return [self._attempt(key) for key in self.keys]

    def _key(self, pick: int) -> str:
        return self.keys[pick % len(self.keys)]

    def _attempt(self, key: str) -> Attempt:
        return attempts.of_person(self.desk, SYSTEM, key)

    def _by(self, who: Actor | None, key: str) -> Actor:
        return who or Actor(self._attempt(key).person, INGRID.role)

    def _was_opened(self, attempt: Attempt) -> bool:
        return any(event.before == "started" and event.after == "waiting" for event in events(self.desk, attempt))


def test_no_sequence_of_answers_breaks_a_rule(office: Desk, vendors: Sandbox) -> None:
    Office.desk, Office.vendors = replace(office, timing=PATIENT), vendors
    quick = settings(max_examples=8, stateful_step_count=20, database=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Office, settings=quick)
