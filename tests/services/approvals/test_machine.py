"""Random people do random things in any order: no state that can be reached breaks a rule (DESIGN.md section 6)."""

from collections import Counter
from datetime import timedelta
from itertools import count, pairwise
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from data.models import Case
from data.store import now
from data.types import ACTIVE, Role
from services import audit
from services.access import SYSTEM, Actor
from services.approvals import asking, decisions, own, proof, sending
from services.approvals.typed import Account
from services.desk import Desk
from services.failures import Failure
from services.reports import Wish
from services.sandbox import Sandbox
from services.sync import sync
from tests import cached
from tests.services.approvals.approving import INGRID, MAREK, OLGA, case, events, sent, without
from tests.services.conftest import NOON

PEOPLE = (INGRID, OLGA, MAREK, Actor("mia", Role.MARKETER), Actor("ana", Role.ANALYST), SYSTEM)
ADMINS = {"ingrid", "olga"}
STEPS = {
    ("requested", "approved"),
    ("approved", "submitting"),
    ("submitting", "submitted"),
    ("submitting", "refused"),
    ("submitting", "unknown"),
    *(("submitted", word) for word in ("accepted", "rejected", "suspended", "requested")),
    *(("unknown", word) for word in ("submitted", "accepted", "rejected", "suspended", "requested")),
    *(("approved", "requested"), ("accepted", "requested")),
    *(("requested", word) for word in ("submitted", "accepted", "rejected", "suspended")),
    *(("approved", word) for word in ("submitted", "accepted")),
    *(("requested", word) for word in ("declined", "changes_requested", "held", "withdrawn")),
    *((word, "requested") for word in ("declined", "changes_requested", "held")),
}
FAULTS: tuple[dict[str, Any] | None, ...] = (
    None,
    None,
    {"kind": "status", "status": 403, "body": {"error": "permission_denied", "message": "No"}},
    {"kind": "status", "status": 502},
    {"kind": "reset", "after_effect": True},
    {"kind": "empty_body", "status": 200},
)
DECISIONS = {"case.approve", "case.decline", "case.hold", "case.release", "case.changes"}
_numbers = count()


class Office(RuleBasedStateMachine):
    """A few accounts, and whoever does something to their cases."""

    desk: Desk
    vendors: Sandbox

    def __init__(self) -> None:
        super().__init__()
        self.cases: list[int] = []
        self.minutes = 0
        run = next(_numbers)
        self.accounts = [
            Account("instagram", f"run{run}.{name}", f"https://instagram.com/run{run}.{name}", 1_000, category)
            for name, category in (("one", "tea"), ("reject", "tea"))
        ]

    @rule(who=st.sampled_from(PEOPLE), which=st.integers(0, 1))
    def request(self, who: Actor, which: int) -> None:
        """Ask for the approval of an account."""
        try:
            self.cases.append(asking.submit(self.desk, who, self.accounts[which]).case)
        except Failure:
            return

    @precondition(lambda self: self.cases)
    @rule(
        who=st.sampled_from(PEOPLE),
        pick=st.integers(0, 99),
        action=st.sampled_from(["decline", "request_changes", "hold", "release", "withdraw", "resubmit"]),
        stale=st.booleans(),
    )
    def act(self, who: Actor, pick: int, action: str, *, stale: bool) -> None:
        """Take any step but the approval, sometimes on a stale view."""
        number = self.cases[pick % len(self.cases)]
        words = {"reason": "Because."} if action in {"decline", "request_changes"} else {}
        try:
            getattr(own if action in {"withdraw", "resubmit"} else decisions, action)(
                self.desk, who, number, seen=self._seen(number) - stale, **words
            )
        except Failure:
            return
        assert not stale

    @precondition(lambda self: self.cases)
    @rule(who=st.sampled_from(PEOPLE), pick=st.integers(0, 99), fault=st.sampled_from(FAULTS))
    def approve(self, who: Actor, pick: int, fault: dict[str, Any] | None) -> None:
        """Approve, while the vendor may fail; what its list has since it was sent before is not sent again."""
        number = self.cases[pick % len(self.cases)]
        before, known = len(sent(self.vendors)), self._known_there(number)
        if fault is not None:
            self.vendors.faults.plan("zocial", "approval", **fault)
        try:
            decisions.approve(self.desk, who, number, seen=self._seen(number))
        except Failure:
            return
        finally:
            self.vendors.faults.clear()
            assert len(sent(self.vendors)) == before or not known

    @rule(minutes=st.integers(0, 3), late=st.booleans())
    def time_passes(self, minutes: int, *, late: bool) -> None:
        """Let the vendor think, and sync it; sometimes its list does not show yet what it was asked for."""
        self.minutes += minutes
        self.vendors.clock.set(NOON + timedelta(minutes=self.minutes))
        if late:
            self.vendors.faults.plan("zocial", "networks", **without(self.accounts[0].handle))
        sending.settle_abandoned(self.desk)
        sync(self.desk, ["zocial"], Wish(at=now() + timedelta(minutes=self.minutes)))
        self.vendors.faults.clear()

    @invariant()
    def every_step_is_one_of_the_design(self) -> None:
        """See that the story holds no other step."""
        for number in self.cases:
            story, found = events(self.desk, number), case(self.desk, number)
            assert story[-1].after == found.state
            for earlier, later in pairwise(story):
                assert later.version >= earlier.version
                assert later.after == earlier.after or (earlier.after, later.after) in STEPS

    @invariant()
    def nobody_decided_on_their_own_or_without_the_role(self) -> None:
        """See who took each decision."""
        for number in self.cases:
            found = case(self.desk, number)
            for event in events(self.desk, number):
                if event.action in DECISIONS:
                    assert event.actor in ADMINS - {found.requested_by}
                if event.action == "case.withdraw":
                    assert event.actor in {found.requested_by, "system"}
                assert event.reason or event.after != "declined" or event.action != "case.decline"

    @invariant()
    def an_account_has_one_active_case_and_each_approval_one_request(self) -> None:
        """See that nothing is asked for twice."""
        found = [case(self.desk, number) for number in self.cases]
        active = Counter(each.account_key for each in found if each.state in set(ACTIVE))
        assert max(active.values(), default=0) <= 1
        requests = Counter(body["network_id"] for body in sent(self.vendors))
        for account in self.accounts:
            begun = sum(self._begun(each) for each in found if each.handle == account.handle)
            assert requests[account.handle] <= begun

    def teardown(self) -> None:
        """See that the trail holds what was written, and each step of each case."""
        assert (audit.verify(self.desk), proof.verify(self.desk)) == (None, None)

    def _seen(self, number: int) -> int:
        return case(self.desk, number).version

    def _known_there(self, number: int) -> bool:
        """Tell whether the cache has what was sent for a case as pending or accepted at the vendor."""
        found = case(self.desk, number)
        listed = cached.connections(self.desk.store).get(found.listed_id or "")
        there = listed is not None and listed["vanished_at"] is None
        return there and found.sent_at is not None and listed["status"] in {"pending", "accepted"}

    def _begun(self, found: Case) -> int:
        return sum(
            event.after == "submitting" and event.before == "approved" for event in events(self.desk, found.id or 0)
        )


def test_no_sequence_of_steps_breaks_a_rule(office: Desk, vendors: Sandbox) -> None:
    Office.desk, Office.vendors = office, vendors
    quick = settings(max_examples=10, stateful_step_count=25, database=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Office, settings=quick)
