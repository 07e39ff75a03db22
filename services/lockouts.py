"""Lock-outs: who failed too often waits; an account and an address each by itself, the same in all processes.

What reaches the audit trail is bounded: every failure of a known person (the lock-out of the account bounds them),
one row a minute for all names that nobody has, with their number, and one for each time that somebody has to wait.
A try that is turned away while waiting is no row.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from data import people as table
from data.models import Lockout
from data.store import Session, now
from services.desk import Desk
from services.failures import Failure

ACCOUNT_TRIES = 5
ADDRESS_TRIES = 20
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(days=1)
UNKNOWN = "names nobody has"  # its row counts the failures that are not in the audit trail yet
UNKNOWN_EVERY = timedelta(minutes=1)
_DOUBLINGS = 10  # more would only overflow: the longest wait is reached before


class TooMany(Failure):
    """Too many failed sign-ins: `seconds` tells how long to wait."""

    def __init__(self, seconds: int) -> None:
        message = f"Too many failed sign-ins. Wait {spoken(seconds)}, then try again."
        super().__init__("locked_out", message, "An admin can set a new password, which ends the wait for an account.")
        self.seconds = seconds


@dataclass(frozen=True)
class Tried:
    """One counted try: what to take back when the password turns out to be right."""

    account: str
    address: str
    waits: dict[str, int] = field(default_factory=dict)
    """Who has to wait now if the password is wrong: the account, the address, and each one's seconds."""


def count(desk: Desk, name: str, address: str) -> Tried:
    """Count a try of an account from an address before its password is checked. Raises TooMany while either waits."""
    tried = Tried(f"account:{name[:64]}", f"address:{address[:64]}")
    at = now()
    with desk.store.writing() as session:
        table.forget_lockouts(session, at - FORGOTTEN_AFTER)
        rows = [_row(session, tried.account, at), _row(session, tried.address, at)]
        wait = max(_wait(row, at) for row in rows)
        if not wait:
            _count(rows[0], ACCOUNT_TRIES, at)
            _count(rows[1], ADDRESS_TRIES, at)
            session.add_all(rows)
            tried.waits.update({row.subject: _wait(row, at) for row in rows if _wait(row, at)})
    if wait:
        raise TooMany(wait)
    return tried


def forgive(session: Session, tried: Tried) -> None:
    """After a good password: the account starts anew, and the address is not charged for this try."""
    table.clear_lockout(session, tried.account)
    row = table.lockout(session, tried.address)
    if row is not None:
        row.failures = max(row.failures - 1, 0)
        if row.failures < ADDRESS_TRIES:
            row.locked_until = None
        session.add(row)


def unknown_tries(session: Session) -> int:
    """Count one more failure with a name that nobody has; gives how many to tell now, 0 for not yet."""
    at = now()
    row = table.lockout(session, UNKNOWN)
    fresh = row is None
    row = row or Lockout(subject=UNKNOWN, last_at=at)
    row.failures += 1
    session.add(row)
    if not fresh and row.last_at + UNKNOWN_EVERY > at:
        return 0
    told, row.failures, row.last_at = row.failures, 0, at
    return told


def spoken(seconds: int) -> str:
    """Say a wait in words: seconds up to two minutes, then minutes."""
    if seconds < 120:  # noqa: PLR2004 (said in the docstring)
        return f"{seconds} second" + ("" if seconds == 1 else "s")
    return f"{-(-seconds // 60)} minutes"


def _row(session: Session, subject: str, at: datetime) -> Lockout:
    return table.lockout(session, subject) or Lockout(subject=subject, last_at=at)


def _wait(row: Lockout, at: datetime) -> int:
    if row.locked_until is None or row.locked_until <= at:
        return 0
    return int((row.locked_until - at).total_seconds())


def _count(row: Lockout, tries: int, at: datetime) -> None:
    row.failures, row.last_at = row.failures + 1, at
    if row.failures >= tries:
        doubled = FIRST_WAIT * 2 ** min(row.failures - tries, _DOUBLINGS)
        row.locked_until = at + min(doubled, LONGEST_WAIT)
