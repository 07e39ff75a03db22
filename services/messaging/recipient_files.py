"""Recipients from a CSV file: first a plan of what it would change, then all of it or nothing.

A name that is known is that recipient: a filled cell replaces what is kept, an empty one leaves it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from data import recipients as table
from data.models import Recipient
from data.names import key
from data.store import Session, now
from services import audit
from services.access import Actor, Permission, requires
from services.desk import Desk
from services.failures import Failure, Misuse
from services.messaging import recipient_rows, recipients
from services.messaging.recipient_rows import Row, Wrong
from services.messaging.recipients import Details

_TOLD = 50
"""Names of each kind that the audit trail holds; the hash of the file stands for all."""
_WORDS = {"name": "name", "igsid": "igsid", "consent": "consent note"}


class Line(NamedTuple):
    """One recipient of a file: where they stand, and what would change of them."""

    line: int
    name: str
    what: str = ""


@dataclass(frozen=True)
class Plan:
    """What a file would do; it is done only when nothing of it is wrong.

    `digest` is of the file and of what it would do: what was shown is what is done.
    """

    new: tuple[Line, ...]
    changed: tuple[Line, ...]
    same: int
    wrong: tuple[Wrong, ...]
    digest: str


@requires(Permission.MANAGE_RECIPIENTS, "recipient.plan_import", otherwise="a file of recipients")
def plan(desk: Desk, _actor: Actor, *, file: bytes) -> Plan:
    """Say what a file would do, without doing it. Raises Misuse for what is no such file."""
    with desk.store.reading() as session:
        return _Reading.of(session, file).plan(file)


@requires(Permission.MANAGE_RECIPIENTS, "recipient.import", otherwise="a file of recipients")
def take(desk: Desk, actor: Actor, *, file: bytes, digest: str | None = None) -> Plan:
    """Do what a file says, all of it, and give what was done.

    Raises Misuse when a line is wrong, and Failure when it is not the plan of that digest any more.
    """
    with desk.store.writing() as session:
        reading = _Reading.of(session, file)
        done = reading.plan(file)
        if done.wrong:
            number, first = len(done.wrong), done.wrong[0]
            message = f"{number:,} of its lines can't be taken, the first is line {first.line}: {first.why}"
            raise Misuse(message, "Nothing was imported. Correct the file, then import it again.")
        if digest is not None and digest != done.digest:
            message = "Recipients were changed since this plan was shown. Nothing was imported."
            raise Failure("changed", message, "Look at the new plan.")
        if reading.deeds:
            table.add_all(session, [deed.done(actor.username) for deed in reading.deeds])
            audit.record(session, actor, "recipient.import", "a file of recipients", after=_audited(done, file))
        return done


@dataclass(frozen=True)
class _Deed:
    """A row that is right: the recipient that it is about, if there is one, and what shall be kept."""

    row: Row
    name: str
    details: Details
    before: Recipient | None

    def done(self, by: str) -> Recipient:
        """Give the recipient as it shall be."""
        if self.before is None:
            return recipients.new(by, self.name, self.details)
        self.before.name = self.name
        recipients.put(self.before, self.details)
        self.before.changed_at = now()
        return self.before

    @property
    def what(self) -> str:
        """Name what changes of a recipient."""
        if self.before is None:
            return ""
        kept = recipients.told(self.before)
        then = {"name": self.name, "igsid": self.details.igsid, "consent": self.details.consent}
        changed = [_WORDS[word] for word in _WORDS if kept[word] != then[word]]
        given = self.details.variables
        return ", ".join([*changed, *(name for name in given if kept["variables"].get(name) != given[name])])


@dataclass
class _Reading:
    """A file beside what is kept: what is right and does something, what is wrong, and how many say nothing new."""

    known: Mapping[str, Recipient]
    owners: Mapping[str, Recipient]
    deeds: list[_Deed] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)
    same: int = 0
    _lines: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, session: Session, file: bytes) -> "_Reading":
        """Read a file. Raises Misuse for what is no such file."""
        kept = table.kept(session)
        reading = cls({row.name_key: row for row in kept}, {row.igsid: row for row in kept})
        for row in recipient_rows.read(file):
            if isinstance(row, Wrong):
                reading.wrong.append(row)
            else:
                reading._take(row)
        return reading

    def plan(self, file: bytes) -> Plan:
        """Give it as a plan."""
        new = tuple(Line(deed.row.line, deed.name) for deed in self.deeds if deed.before is None)
        changed = tuple(Line(deed.row.line, deed.name, deed.what) for deed in self.deeds if deed.before)
        said = repr((new, changed, self.same, self.wrong)).encode("utf-8", "backslashreplace")
        digest = hashlib.sha256(file + said).hexdigest()
        return Plan(new, changed, self.same, tuple(self.wrong), digest)

    def _take(self, row: Row) -> None:
        try:
            name = recipients.checked_name(row.name)
            before = self.known.get(key(name))
            details = recipients.checked(_joined(before, row.details))
            self._refuse_clash(row.line, key(name), details.igsid)
        except Misuse as refused:
            self.wrong.append(Wrong(row.line, row.name, f"{refused.message} {refused.advice}"))
            return
        deed = _Deed(row, name, details, before)
        if before is None or deed.what:
            self.deeds.append(deed)
        else:
            self.same += 1

    def _refuse_clash(self, line: int, name_key: str, igsid: str) -> None:
        """Refuse a name or an id that stands in an earlier line, and an id that another recipient has."""
        owner = self.owners.get(igsid)
        if owner is not None and owner.name_key != name_key:
            raise Misuse(f"The igsid {igsid} belongs to “{owner.name}”.", "Change that one first.")
        for what, place in (("name", f"name {name_key}"), ("igsid", f"igsid {igsid}")):
            if place in self._lines:
                raise Misuse(f"Its {what} stands in line {self._lines[place]} already.", "Keep one of the lines.")
        self._lines |= {f"name {name_key}": line, f"igsid {igsid}": line}


def _joined(before: Recipient | None, told: Details) -> Details:
    """Put what a file tells of a recipient over what is kept."""
    if before is None:
        return told
    return Details(told.igsid or before.igsid, {**before.variables, **told.variables}, told.consent or before.consent)


def _audited(done: Plan, file: bytes) -> dict[str, Any]:
    names = {"new": [line.name for line in done.new], "changed": [line.name for line in done.changed]}
    first = {f"{kind}_names": some[:_TOLD] for kind, some in names.items()}
    numbers = {kind: len(some) for kind, some in names.items()}
    return {**numbers, "same": done.same, "file": hashlib.sha256(file).hexdigest(), **first}
