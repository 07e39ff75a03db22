"""Recipients: the named test recipients, whom an admin adds with their consent; nobody else is sent to."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from data import recipients as table
from data.models import Recipient
from data.names import key
from data.queries import recipients as asked
from data.queries.recipients import Found, Listed
from data.store import Session, now
from services import audit, names
from services.access import SYSTEM, Actor, Permission, requires
from services.desk import Desk
from services.failures import Failure, Misuse
from services.messaging import variables as filling

LONGEST_NAME = 80
LONGEST_CONSENT = 500
LONGEST_VALUE = 1_000
LONGEST_VARIABLE = 40
MOST_VARIABLES = 30
IGSID = re.compile(r"[0-9A-Za-z_-]{1,64}")
PLACEHOLDER = "igsid"
"""What the document writes where the vendor's id of a person belongs."""
_MADE_A_NUMBER = re.compile(r"\d([.,]\d+)?[eE]\+?\d+")


@dataclass(frozen=True)
class Details:
    """What is kept of a recipient besides the name."""

    igsid: str
    variables: Mapping[str, str]
    consent: str = ""


class Stopped(NamedTuple):
    """What removing a recipient would stop: drafts meant for them, and messages that are about to leave."""

    drafts: int
    leaving: int


class Taken(Failure):
    """Another recipient has this name or this id."""

    def __init__(self, message: str) -> None:
        super().__init__("taken", message, "Change that one, or choose another.")


DEMO_RECIPIENTS = (
    ("Test phone Zürich", Details("17841400000000101", {"first_name": "Lena", "city": "Zürich"}, "A phone of ours.")),
    ("Test phone Oslo", Details("17841400000000102", {"first_name": "Sondre", "city": "Oslo"}, "A phone of ours.")),
    ("Right-to-left phone", Details("17841400000000103", {"first_name": "نور"}, "A phone of ours, set to Arabic.")),
    ("Without a name", Details("17841400000000104", {}, "A phone of ours that fills no variable.")),
)
"""Whom to send to while the sandbox is on; nobody is behind these ids."""


@requires(Permission.COMPOSE, "recipient.list", otherwise="every recipient")
def listing(desk: Desk, _actor: Actor, *, search: str = "", limit: int | None = None) -> Found:
    """List the recipients by name, those that match a text if there is one."""
    with desk.store.reading() as session:
        return asked.find(session, search, limit=limit)


@requires(Permission.MANAGE_RECIPIENTS, "recipient.add", "recipient {}")
def add(
    desk: Desk, actor: Actor, name: str, igsid: str, *, variables: Mapping[str, str] | None = None, consent: str = ""
) -> Listed:
    """Add a recipient. Raises Misuse for what is malformed, and Taken for a name or an id that another one has."""
    wanted = checked_name(name)
    given = checked(Details(igsid, variables or {}, consent))
    with desk.store.writing() as session:
        _refuse_taken(session, wanted, given.igsid)
        row = new(actor.username, wanted, given)
        table.add_all(session, [row])
        audit.record(session, actor, "recipient.add", f"recipient {wanted}", after=told(row))
        return _listed(row)


@requires(Permission.MANAGE_RECIPIENTS, "recipient.change", "recipient {}")
def change(
    desk: Desk, actor: Actor, name: str, details: Details, *, new_name: str | None = None, seen: Listed | None = None
) -> Listed:
    """Change what is kept of a recipient, all of it. Raises Misuse for an unknown one, and like `add`.

    Raises Failure, too, when it is not any more as it was `seen`.
    """
    wanted = checked_name(name if new_name is None else new_name)
    given = checked(details)
    with desk.store.writing() as session:
        row = _found(session, name)
        if seen is not None and _listed(row) != seen:
            message = f"Somebody changed {row.name} while you did."
            raise Failure("changed", message, "Close this form and open it again: it shows what is kept now.")
        _refuse_taken(session, wanted, given.igsid, besides=row)
        before = told(row)
        put(row, given)
        row.name, row.name_key = wanted, key(wanted)
        if told(row) != before:
            row.changed_at = now()
            table.add_all(session, [row])
            audit.record(session, actor, "recipient.change", f"recipient {wanted}", before=before, after=told(row))
        return _listed(row)


@requires(Permission.MANAGE_RECIPIENTS, "recipient.removal", "recipient {}")
def removal(desk: Desk, _actor: Actor, name: str) -> Stopped:
    """Tell what removing a recipient would stop. Raises Misuse for an unknown one."""
    with desk.store.reading() as session:
        number = _found(session, name).id or 0
        return Stopped(table.drafts_for(session, number), table.leaving_for(session, number))


@requires(Permission.MANAGE_RECIPIENTS, "recipient.remove", "recipient {}")
def remove(desk: Desk, actor: Actor, name: str) -> Listed:
    """Remove a recipient: nothing is sent to them any more, and what was sent stays. Raises Misuse for an unknown."""
    with desk.store.writing() as session:
        row = _found(session, name)
        row.removed_at = now()
        table.add_all(session, [row])
        audit.record(session, actor, "recipient.remove", f"recipient {row.name}", before=told(row))
        return _listed(row)


def ensure_demo_recipients(desk: Desk) -> None:
    """In sandbox mode, add the demo recipients to a database that never had any; outside it, do nothing."""
    if not desk.settings.demo:
        return
    with desk.store.reading() as session:
        if table.any_ever(session):
            return
    with desk.store.writing() as session:
        if not table.any_ever(session):
            rows = [new(SYSTEM.username, name, details) for name, details in DEMO_RECIPIENTS]
            table.add_all(session, rows)
            for row in rows:
                audit.record(session, SYSTEM, "recipient.add", f"recipient {row.name}", after=told(row))


def checked_name(name: str) -> str:
    """Give a recipient's name as it is shown. Raises Misuse."""
    return names.checked(name, whose="A recipient's", longest=LONGEST_NAME)


def checked(details: Details) -> Details:
    """Give details as they are kept. Raises Misuse that says what is wrong with which of them."""
    igsid = checked_igsid(details.igsid)
    consent = " ".join(details.consent.split())
    if len(consent) > LONGEST_CONSENT or not _storable(consent):
        raise Misuse(f"A consent note has at most {LONGEST_CONSENT} characters of text.", "Say it shorter.")
    given = {checked_variable(name): checked_value(name, value) for name, value in details.variables.items()}
    kept = {name: value for name, value in given.items() if value}
    if len(kept) > MOST_VARIABLES:
        raise Misuse(f"A recipient has at most {MOST_VARIABLES} variables.", "Leave out what no message needs.")
    return Details(igsid, kept, consent)


def checked_igsid(igsid: str) -> str:
    """Give the vendor's id of a person. Raises Misuse for what can't be one."""
    wanted = igsid.strip()
    if wanted.casefold() == PLACEHOLDER:
        message = f"“{wanted}” is the document's placeholder, not the id of a person."
        raise Misuse(message, "Take the igsid from a message that this person sent to the account.")
    if _MADE_A_NUMBER.fullmatch(wanted):
        message = f"“{wanted}” is a number that a spreadsheet has rounded: digits of the id are lost."
        raise Misuse(message, "Format the column as text before the ids are put into it.")
    if not IGSID.fullmatch(wanted):
        message = "An igsid is 1 to 64 letters, digits, dashes or underscores."
        raise Misuse(message if wanted else f"The igsid is missing. {message}", "For example: 17841400000000101")
    return wanted


def checked_variable(name: str) -> str:
    """Give the name of a variable, as it stands in `{{…}}`. Raises Misuse for what can't stand there."""
    wanted = name.strip()
    if not filling.NAME.fullmatch(wanted) or len(wanted) > LONGEST_VARIABLE:
        message = f"{wanted[:60]!r} can't stand in {{{{…}}}}: a variable's name is letters, digits and underscores."
        raise Misuse(
            message, f"At most {LONGEST_VARIABLE} of them, not beginning with a digit. For example: first_name"
        )
    return wanted


def checked_value(name: str, value: str) -> str:
    """Give the value of a variable. Raises Misuse for one that is too long or no text."""
    wanted = value.strip()
    if len(wanted) > LONGEST_VALUE or not _storable(wanted):
        message = f"The value of {name.strip()[:60]} has {len(wanted):,} characters, or some that are no text."
        raise Misuse(message, f"Keep it to one line of at most {LONGEST_VALUE:,} characters.")
    return wanted


def given(lines: Iterable[str]) -> dict[str, str]:
    """Read variables from texts like “first_name = Lena”. Raises Misuse for one without a value, or given twice."""
    parts = [line.partition("=") for line in lines if line.strip()]
    unclear = next((name for name, sign, _ in parts if not sign), None)
    if unclear is not None:
        raise Misuse(f"The variable {unclear.strip()[:40]!r} has no value.", "For example: first_name=Lena")
    found = {name.strip(): value.strip() for name, _, value in parts}
    if len(found) < len(parts):
        raise Misuse("A variable is given twice.", "Give each of them once.")
    return found


def new(by: str, name: str, details: Details) -> Recipient:
    """Make the row of a new recipient; what it says was checked before."""
    at = now()
    row = Recipient(name=name, name_key=key(name), igsid="", created_by=by, created_at=at, changed_at=at)
    put(row, details)
    return row


def put(row: Recipient, details: Details) -> None:
    """Put checked details into a row."""
    row.igsid, row.variables, row.consent = details.igsid, dict(details.variables), details.consent


def told(row: Recipient) -> dict[str, Any]:
    """Give what the audit trail says of a recipient."""
    return {"name": row.name, "igsid": row.igsid, "variables": dict(row.variables), "consent": row.consent}


def _storable(text: str) -> bool:
    """Tell whether text is one whole line: without control characters and halves of characters."""
    return not any(letter < " " or "\x7f" <= letter <= "\x9f" or "\ud800" <= letter <= "\udfff" for letter in text)


def _refuse_taken(session: Session, name: str, igsid: str, *, besides: Recipient | None = None) -> None:
    number = None if besides is None else besides.id
    same = table.named(session, name)
    if same is not None and same.id != number:
        raise Taken(f"There is a recipient named “{same.name}” already.")
    other = table.of_igsid(session, igsid)
    if other is not None and other.id != number:
        raise Taken(f"The igsid {igsid} belongs to “{other.name}” already.")


def _found(session: Session, name: str) -> Recipient:
    row = table.named(session, name)
    if row is None:
        message = f"There is no test recipient named {name[:LONGEST_NAME]!r}."
        raise Misuse(message, "`python -m services recipients list` names all.")
    return row


def _listed(row: Recipient) -> Listed:
    about = row.created_by, row.created_at, row.changed_at
    return Listed(row.id or 0, row.name, row.igsid, row.variables, row.consent, *about)
