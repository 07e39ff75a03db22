"""A person's word on which connections are one real account: it stays, whatever the vendors say later."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from data import identity, rollups
from data.grouping import ALONE, SPLIT, Verdict
from data.queries import accounts
from data.queries.accounts import Witness
from data.staging import Observation
from data.store import Session, now
from data.types import AccountBy
from services import audit
from services.access import Actor, Permission, requires
from services.desk import Desk
from services.failures import Misuse

NO_RUN = NO_SOURCE = 0
LONGEST_REASON = 1_000  # characters
Members = tuple[Witness, ...]


@dataclass(frozen=True)
class Merger:
    """What a merge would do: whole accounts become one, so all their connections are named."""

    members: Members

    @property
    def accounts(self) -> int:
        """Count the accounts that become one."""
        return len({member.account_id for member in self.members})

    @property
    def sentence(self) -> str:
        """Say what will happen."""
        named = ", ".join(f"{member.id} ({member.source})" for member in self.members)
        return f"{self._becomes}, with all their connections: {named}. No sync will part them."

    @property
    def summary(self) -> str:
        """Say the same where the connections stand beside it."""
        return f"{self._becomes}, with all {len(self.members)} connections. No sync will part them."

    @property
    def _becomes(self) -> str:
        return f"{self.accounts} accounts become one" if self.accounts > 1 else "One account stays as it is"


def planned(desk: Desk, connection_ids: Sequence[str]) -> Merger:
    """Tell what a merge would do. Raises Misuse where it is none."""
    with desk.store.reading() as session:
        return _merger(session, connection_ids)


@requires(Permission.RULE_ON_ACCOUNTS, "account.merge", "connections {}")
def merge(desk: Desk, actor: Actor, connection_ids: Sequence[str], reason: str) -> Members:
    """Make one account of the whole accounts of these connections; gives its members. Raises Misuse."""
    why = _checked(reason)
    with desk.store.writing() as session:
        before = _merger(session, connection_ids).members
        first = min(member.number for member in before)
        rulings = {member.number: Verdict(first, AccountBy.PERSON.value) for member in before}
        _rule(session, rulings)
        subject = f"connections {', '.join(connection_ids)}"
        return _record(session, actor, "account.merge", subject, before, reason=why)


@requires(Permission.RULE_ON_ACCOUNTS, "account.split", "connection {}")
def split(desk: Desk, actor: Actor, connection_id: str, reason: str) -> Members:
    """Let a connection stand alone from now on; gives those it was joined with, as they are joined now. Raises Misuse.

    What only the connection held together parts as well.
    """
    why = _checked(reason)
    with desk.store.writing() as session:
        before = _members(session, connection_id)
        if len(before) == 1:
            raise Misuse(f"{connection_id} stands alone already.", "Split a connection that shares its account.")
        rest = [member for member in before if member.id != connection_id]
        ruled = [member for member in rest if member.account_by == AccountBy.PERSON.value]
        rulings = {member.number: SPLIT for member in before if member.id == connection_id}
        rulings |= {member.number: ALONE for member in ruled if len(ruled) == 1}
        _rule(session, rulings)
        after = _record(session, actor, "account.split", f"connection {connection_id}", before, reason=why)
        return tuple(member for member in after if member.id != connection_id)


def _merger(session: Session, connection_ids: Sequence[str]) -> Merger:
    if len(set(connection_ids)) < 2:  # noqa: PLR2004 - one is no merge
        raise Misuse("A merge needs two connections or more.", "Name each by its id.")
    found = {member.number: member for each in connection_ids for member in _members(session, each)}
    platforms = sorted({identity.platform(member.platform) for member in found.values()})
    if len(platforms) > 1:
        message = f"Connections of {' and '.join(platforms)} can't be one account: an account is on one platform."
        raise Misuse(message, "Merge those of one platform.")
    return Merger(tuple(found[number] for number in sorted(found)))


def _members(session: Session, connection_id: str) -> Members:
    found = accounts.members(session, connection_id)
    if not found:
        raise Misuse(f"There is no connection {connection_id!r}.", "`python -m services connections` names all.")
    return found


def _checked(reason: str) -> str:
    told = reason.strip()
    if not told or len(told) > LONGEST_REASON:
        message = f"A reason of 1 to {LONGEST_REASON:,} characters is required: it stands in the audit trail."
        raise Misuse(message, "Say how you know.")
    return told


def _rule(session: Session, rulings: dict[int, Verdict]) -> None:
    """Write the ruling down, and count anew what the accounts that it touches add to the totals of followers."""
    link = session.connection()
    touched = identity.rule(link, Observation(NO_RUN, NO_SOURCE, now()), rulings)
    rollups.restate(link, touched)


def _record(session: Session, actor: Actor, action: str, subject: str, before: Members, *, reason: str) -> Members:
    """Write the ruling into the trail; gives all that it touched, as they are now."""
    found = {member.number: member for witness in before for member in accounts.members(session, witness.id)}
    after = tuple(found[number] for number in sorted(found))
    audit.record(session, actor, action, subject, before=_told(before), after=_told(after), reason=reason)
    return after


def _told(members: Iterable[Witness]) -> dict[int, list[str]]:
    """Name the connections of each account."""
    found: dict[int, list[str]] = {}
    for member in members:
        found.setdefault(member.account_id, []).append(member.id)
    return found
