"""Plans of disconnects: what would be sent for each connection, who knows the account, and which cases it touches.

One function makes a plan; carrying it out consumes that very plan: a row that is no longer what it saw is refused.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from data import cases, disconnects, sources
from data.models import Source
from data.queries import accounts
from data.queries.accounts import Witness
from data.queries.filters import Filter
from data.store import Session
from data.types import Contract, Kind, Status, Vendor
from services import plan_size
from services.access import Actor, Permission, requires
from services.desk import Desk
from services.disconnecting import calls
from services.failures import Failure

SECONDS_A_CALL = 0.05
"""Our own pace is 20 calls a second where a vendor documents no limit."""

NO_DRAFT = "No draft is affected: messages leave through an app of imiconnect, not through a connected account."

ASKED_BY_ITSELF = "Nothing: every source that knows it is asked by itself until that is proven. It is not sent twice."


class Knower(NamedTuple):
    """One connection by which a source knows the account: what it is called there, and what was last said of it."""

    connection: str
    source: str
    vendor: str
    called: str
    says: str

    @property
    def gone(self) -> bool:
        """Tell whether it is known to be gone there."""
        return self.says in {Status.DISCONNECTED.value, "vanished"}


class Row(NamedTuple):
    """What a plan does to one connection; `problem` says why it can't (`why`: its kind), and that is all.

    `knowers` are all the connections of the account, this one among them; `cases` its open cases.
    """

    connection: str
    name: str
    source: str = ""
    vendor: str = ""
    sent_as: str = ""
    knowers: tuple[Knower, ...] = ()
    cases: tuple[int, ...] = ()
    problem: str = ""
    advice: str = ""
    why: str = ""

    @property
    def what(self) -> str:
        """Say what will be sent, and who is asked afterwards."""
        asked = ", ".join(dict.fromkeys(each.source for each in self.knowers))
        return f"{self.source} is asked to disconnect it ({self.called}); then {asked}: is it gone?"

    @property
    def called(self) -> str:
        """Say under which kind of id it is sent."""
        return calls.called(Vendor(self.vendor), self.sent_as)

    @property
    def elsewhere(self) -> tuple[Knower, ...]:
        """Give the other connections of the account that are not known to be gone."""
        return tuple(each for each in self.knowers if each.connection != self.connection and not each.gone)

    @property
    def pinned(self) -> str:
        """Give what tells this plan from any other: what is sent to whom, who knows the account, and its cases."""
        made_of = [self.source, self.sent_as, sorted(each.connection for each in self.knowers), sorted(self.cases)]
        return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()

    def document(self) -> dict[str, Any]:
        """Give the row as a receipt keeps it and as `--json` prints it."""
        return {
            "connection": self.connection,
            "name": self.name,
            "source": self.source or None,
            "sent_as": self.sent_as or None,
            "what": None if self.problem else self.what,
            "knowers": [each._asdict() for each in self.knowers],
            "cases": list(self.cases),
            "problem": self.problem or None,
            "advice": self.advice or None,
        }


@dataclass(frozen=True)
class Plan:
    """What will happen, row by row."""

    actor: str
    rows: tuple[Row, ...]

    def __str__(self) -> str:
        return f"plan to disconnect {len(self.rows)}"

    @property
    def doable(self) -> tuple[Row, ...]:
        """Give the rows that can be done."""
        return tuple(row for row in self.rows if not row.problem)

    @property
    def calls(self) -> dict[str, int]:
        """Count the requests that leave for each source."""
        return dict(Counter(row.source for row in self.doable))

    @property
    def asked(self) -> tuple[str, ...]:
        """Name the sources that are asked afterwards."""
        return tuple(sorted({each.source for row in self.doable for each in row.knowers}))

    @property
    def left_alive(self) -> tuple[Knower, ...]:
        """Give the connections of these accounts that are not disconnected by this plan: there they live on."""
        ours = {row.connection for row in self.doable}
        found = {each.connection: each for row in self.doable for each in row.elsewhere}
        return tuple(each for connection, each in found.items() if connection not in ours)

    @property
    def seconds(self) -> float:
        """Estimate how long the requests take at our own pace, and the reading after them."""
        return max(self.calls.values(), default=0) * SECONDS_A_CALL + len(self.asked)


@requires(Permission.CONNECT, "connection.plan_disconnect", otherwise="a filter")
def plan(desk: Desk, actor: Actor, connections: Sequence[str] | Filter, *, whole: bool = False) -> Plan:
    """Tell what disconnecting these connections, or all that match a filter, would do; `whole` takes their accounts.

    Nothing is sent. Raises Misuse for more than 10,000.
    """
    with desk.store.reading() as session:
        given = connections if not isinstance(connections, Filter) else plan_size.matching(session, connections)
        ids = list(dict.fromkeys(given))
        return Plan(actor.username, tuple(rows_of(session, ids, whole=whole)))


def rows_of(session: Session, ids: Sequence[str], *, whole: bool = False) -> list[Row]:
    """Give the row of each of these connections, or of all connections of their accounts."""
    known = cases.accounts_of(session, ids)
    members = accounts.witnesses(session, sorted(set(known.values())))
    if whole:
        groups = dict.fromkeys(known[each] for each in ids if each in known)
        strange = [each for each in ids if each not in known]
        ids = [witness.id for account in groups for witness in members.get(account, ())] + strange
    plan_size.refuse_many(len(ids))
    registered = {each.name: each for each in sources.every(session)}
    busy = {receipt.connection_id for receipt in disconnects.unsettled(session, ids)}
    touched = _cases_of(session, members.values())
    found = {witness.id: witness for each in members.values() for witness in each}
    rows = []
    for each in ids:
        if each not in found:
            rows.append(Row(each, each[:80], problem=f"There is no connection {each[:80]!r}.", why="misuse"))
            continue
        own = found[each]
        row = _row(own, members[own.account_id], touched[own.account_id])
        rows.append(_judged(row, own, registered[own.source], busy=each in busy))
    return rows


def _row(own: Witness, members: Iterable[Witness], touched: tuple[int, ...]) -> Row:
    knowers = tuple(
        Knower(each.id, each.source, each.vendor, calls.called(Vendor(each.vendor), each.vendor_id), said(each))
        for each in members
    )
    named = own.handle or own.name or own.external_id or own.vendor_id
    return Row(own.id, named, own.source, own.vendor, own.vendor_id, knowers, touched)


def said(witness: Witness) -> str:
    """Give what a source last said of a connection: its status, or that it lists it no more."""
    return "vanished" if witness.vanished_at is not None else witness.status


def _judged(row: Row, own: Witness, source: Source, *, busy: bool) -> Row:
    """Say of a row why it can't be done, if so."""
    try:
        _refuse_gone(own)
        _refuse_busy(busy=busy)
        _refuse_off(source)
        calls.refuse_impossible(Vendor(source.vendor), Contract(source.contract), Kind(own.kind), own.vendor_id)
    except Failure as failure:
        return row._replace(problem=failure.message, advice=failure.advice, why=failure.kind)
    return row


def _refuse_busy(*, busy: bool) -> None:
    if busy:
        raise Failure("busy", "It is being disconnected already.", ASKED_BY_ITSELF)


def _refuse_off(source: Source) -> None:
    if source.removed_at is not None or not source.enabled:
        what = "removed" if source.removed_at is not None else "switched off"
        raise Failure("off", f"The source {source.name} is {what}.", "Switch it on, or disconnect it at the vendor.")


def _refuse_gone(own: Witness) -> None:
    if own.vanished_at is not None:
        message = f"{own.source} lists it no more."
        raise Failure("vanished", message, "Nothing: there is nothing left to disconnect there.")
    if own.status == Status.DISCONNECTED:
        raise Failure("disconnected", f"{own.source} calls it disconnected already.", "Nothing.")


def _cases_of(session: Session, groups: Iterable[Sequence[Witness]]) -> dict[int, tuple[int, ...]]:
    """Give the open cases of each account, by its number."""
    marks: dict[str, int] = {}
    found: dict[int, tuple[int, ...]] = {}
    for members in groups:
        account = members[0].account_id
        found[account] = ()
        keys = (cases.account_key(each.platform, each.handle_key) for each in members)
        marks |= dict.fromkeys([*(each.id for each in members), *(key for key in keys if key)], account)
    for brief in cases.active(session, list(marks), list(marks)):
        account = next(marks[mark] for mark in (brief.connection_id, brief.account_key) if mark in marks)
        found[account] += (brief.id,)
    return found
