"""A source whose credentials the vendor refuses: said of the source itself, as a sync would, until a message proves it.

imiconnect has no call that only reads, so that nothing but a message finds out. What an answer refused is well again
once an answer takes a message; what a callback told, once one gets through: such a vendor takes every message first.
"""

from typing import Final

from data import incidents, problems, sources
from data.store import Session, now
from data.types import Cause
from services.messaging import codes
from services.vendors.errors import PermissionDenied, Unauthorised, VendorError

_ANSWERED: Final = Unauthorised.kind
_TOLD: Final = PermissionDenied.kind
_WELL: Final = {
    "failures": 0,
    "failing_since": None,
    "problem_kind": None,
    "problem_message": None,
    "problem_action": None,
}


def refused(session: Session, source_id: int, error: VendorError) -> None:
    """Say of a source that its credentials were refused, if that is what a send met; of other errors nothing."""
    if isinstance(error, Unauthorised):
        _broke(session, source_id, _ANSWERED, str(error), error.advice)


def failed(session: Session, source_id: int, code: str | None) -> None:
    """Say of a source that its credentials were refused, if that is what a callback told."""
    if codes.is_about_credentials(code):
        told = codes.told(code)
        message = f"imiconnect could not deliver a message: {told.words} (code {code})"
        _broke(session, source_id, _TOLD, message, told.advice)


def accepted(session: Session, source_id: int) -> None:
    """Say of a source whose credentials an answer refused that it is well again: the vendor took a message."""
    _recovered(session, source_id, _ANSWERED, "The vendor took a message again.")


def arrived(session: Session, source_id: int) -> None:
    """Say of a source whose credentials a callback called refused that it is well again: a message got through."""
    _recovered(session, source_id, _TOLD, "A message got through again.")


def _broke(session: Session, source_id: int, kind: str, message: str, advice: str) -> None:
    link, at = session.connection(), now()
    before = problems.standing(link, source_id)
    words = {"problem_kind": kind, "problem_message": message, "problem_action": advice}
    since = before.failing_since or at
    problems.set_standing(link, source_id, failures=before.failures + 1, failing_since=since, **words)
    incidents.begin(link, source_id=source_id, cause=Cause.FAILING, message=message, advice=advice, at=at)


def _recovered(session: Session, source_id: int, kind: str, why: str) -> None:
    source = sources.by_id(session, source_id)
    if source is not None and source.problem_kind == kind:
        link = session.connection()
        problems.set_standing(link, source_id, **_WELL)
        incidents.end(link, source_id=source_id, cause=Cause.FAILING, at=now(), why=why)
