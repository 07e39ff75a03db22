"""A source whose credentials the vendor refuses: said of the source itself, as a sync would, until it takes a message.

imiconnect has no call that only reads, so that nothing but a message finds out.
"""

from data import incidents, problems
from data.store import Session, now
from data.types import Cause
from services.messaging import codes
from services.vendors.errors import Unauthorised, VendorError

_WELL = {
    "failures": 0,
    "failing_since": None,
    "problem_kind": None,
    "problem_message": None,
    "problem_action": None,
}


def refused(session: Session, source_id: int, error: VendorError) -> None:
    """Say of a source that its credentials were refused, if that is what a send met; of other errors nothing."""
    if isinstance(error, Unauthorised):
        _broke(session, source_id, str(error), error.advice)


def failed(session: Session, source_id: int, code: str | None) -> None:
    """Say of a source that its credentials were refused, if that is what a callback told."""
    if codes.is_about_credentials(code):
        told = codes.told(code)
        _broke(session, source_id, f"imiconnect could not deliver a message: {told.words} (code {code})", told.advice)


def accepted(session: Session, source_id: int) -> None:
    """Say of a source that it is well again: the vendor took a message."""
    link = session.connection()
    if problems.standing(link, source_id).failures:
        problems.set_standing(link, source_id, **_WELL)
        incidents.end(link, source_id=source_id, cause=Cause.FAILING, at=now(), why="The vendor took a message again.")


def _broke(session: Session, source_id: int, message: str, advice: str) -> None:
    link, at = session.connection(), now()
    before = problems.standing(link, source_id)
    words = {"problem_kind": Unauthorised.kind, "problem_message": message, "problem_action": advice}
    since = before.failing_since or at
    problems.set_standing(link, source_id, failures=before.failures + 1, failing_since=since, **words)
    incidents.begin(link, source_id=source_id, cause=Cause.FAILING, message=message, advice=advice, at=at)
