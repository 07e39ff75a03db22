"""Sends an approved case to Zocial: one request a decision, its mark written before, its outcome after.

A mark that stays (a crash, a time-out, a 5xx) says that nobody knows. Only the list that a later sync reads settles
it, never a second request.
"""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from data import cases, leases, sources
from data.models import Case, Source
from data.store import Session, now
from data.types import CaseState, Status, Vendor
from services.access import SYSTEM, Actor
from services.approvals.steps import Step, take, tell
from services.clients import client_of
from services.desk import Desk
from services.failures import Failure
from services.vendors.errors import Conflict, OutcomeUnknown, VendorError
from services.vendors.zocial import NETWORKS, ApprovalId, ExternalId, Zocial

CONNECTED = frozenset({"network_already_connected", "conflict"})
"""Codes by which the vendor says that it has the account, whatever its list shows."""
STOPS = frozenset({"unreachable", "rate_limited", "unauthorised", "limit_reached"})
"""Kinds of refusals that every further request of a bulk would meet as well."""
PASSING = frozenset({"unreachable", "rate_limited"})
"""Kinds of refusals that pass by themselves: of other calls, not of a case, which is never sent again by itself."""
SENDING = "case.send"
_STANDING = {Status.PENDING.value: CaseState.SUBMITTED, Status.ACCEPTED.value: CaseState.ACCEPTED}
_SPELLED = {"x": "twitter"}
_PROFILES = {
    "instagram": "https://www.instagram.com/{}",
    "facebook": "https://www.facebook.com/{}",
    "twitter": "https://x.com/{}",
    "youtube": "https://www.youtube.com/@{}",
    "tiktok": "https://www.tiktok.com/@{}",
    "linkedin": "https://www.linkedin.com/company/{}",
    "pinterest": "https://www.pinterest.com/{}",
}
"""Where an account of a handle has its profile, for one whose source tells no address."""


def zocial_sources(session: Session) -> list[Source]:
    """Give the Zocial sources that are on, the first one first."""
    on = [each for each in sources.active(session) if each.vendor == Vendor.ZOCIAL and each.enabled]
    return sorted(on, key=lambda each: each.id or 0)


def chosen(zocial: Iterable[Source], source_id: int | None, evidence: dict[str, Any]) -> Source | None:
    """Give the one that a case goes to: its connection's own, else one that knows the account, else the first."""
    knowing = {each["source"] for each in evidence["sources"]}
    return min(zocial, key=lambda each: (each.id != source_id, each.name not in knowing, each.id or 0), default=None)


def at_vendor(session: Session, case: Case, source: Source | None) -> CaseState | None:
    """Give where a case stands by the list of the source that it was sent to before: it is not sent there again.

    None where it was not sent there, and where the list shows neither a request nor an account of it.
    """
    if source is None or case.sent_source_id != source.id or case.listed_id is None:
        return None
    return _STANDING.get(cases.listed_as(session, case.listed_id) or "")


def not_again(source: Source, state: CaseState) -> str:
    """Say why an approval sends nothing for a case that was sent before."""
    word = "pending" if state is CaseState.SUBMITTED else state.value
    return f"Nothing is sent again: {source.name} lists the account as {word}."


def client_for(desk: Desk, source: Source) -> Zocial:
    """Make the client of a Zocial source. Raises Failure when its secret is missing."""
    client = client_of(desk, source)
    if not isinstance(client, Zocial):
        raise Failure("settings", f"The source {source.name} is none of Zocial.")
    return client


def sent_id(evidence: dict[str, Any], source: str) -> str | None:
    """Give the platform's own handle or id under which an account is sent.

    As the source that it goes to lists the account itself, else as its connection's source tells it, else its handle.
    """
    theirs = (each for each in evidence["sources"] if each["source"] == source and each["listed"])
    known = next((each["external_id"] for each in theirs if each["kind"] == evidence["kind"]), None)
    told: str | None = known or evidence["external_id"] or evidence["handle"]
    return told


def body_of(evidence: dict[str, Any], told_id: str | None) -> dict[str, Any]:
    """Give what is sent, as the document names it. Raises Failure for what the document can't take."""
    platform = _SPELLED.get(evidence["platform"], evidence["platform"])
    handle, url = evidence["handle"], evidence["url"]
    if platform not in NETWORKS:
        message = f"Zocial takes no accounts of {platform}."
        raise Failure("not_sendable", message, f"It takes {', '.join(NETWORKS)}.")
    if not told_id or not (url or handle):
        message = "No source tells the handle or the address of this account, and Zocial asks for them."
        raise Failure("not_sendable", message, "Submit it with its handle typed in.")
    profile = url or _PROFILES[platform].format(quote(handle, safe=""))
    body = {"network_type": platform, "network_id": told_id, "network_url": profile}
    told = {"followers": evidence["followers"], "category": evidence["category"]}
    return body | {name: value for name, value in told.items() if value is not None}


def mark(session: Session, case: Case, source: Source, by: Actor) -> None:
    """Write down that the request is about to leave, in the transaction that ends before it does."""
    case.sent_source_id, case.sent_at = source.id, now()
    case.sent_by, case.sent_until = leases.this_process(), cases.mark_until(session)
    case.waits_after = cases.latest_run(session)
    case.approval_id = case.code = case.code_field = case.answer = None
    case.sent_as = sent_id(case.evidence, source.name)
    told = {"source": source.name, "network_id": case.sent_as}
    step = Step(SENDING, CaseState.SUBMITTING, told=told, outcome="begun")
    take(session, case, step, by)


def send(desk: Desk, case: Case, client: Zocial, by: Actor) -> VendorError | None:
    """Send the one request of a marked case and write down how it ended; gives the vendor's refusal or doubt."""
    body = body_of(case.evidence, case.sent_as)
    try:
        approval = client.submit_approval(
            body["network_type"],
            ExternalId(body["network_id"]),
            body["network_url"],
            body.get("followers"),
            body.get("category"),
        )
    except VendorError as error:
        _write(desk, case, _refused(error), by, error=error)
        return error
    _write(desk, case, Step(SENDING, CaseState.SUBMITTED, told={"approval_id": approval}), by, approval=approval)
    return None


def abandon(session: Session, case: Case) -> None:
    """Call the outcome of a request unknown that nobody waits for any more."""
    reason = "The request was cut off before its answer was written down."
    case.waits_after, case.answer = cases.latest_run(session), reason
    take(session, case, Step(SENDING, CaseState.UNKNOWN, reason=reason, outcome="unknown"), SYSTEM)


def settle_abandoned(desk: Desk) -> int:
    """Call unknown what a dead or silent process left on its way; gives how many cases."""
    with desk.store.reading() as session:
        if not cases.abandoned(session):
            return 0
    with desk.store.writing() as session:
        left = cases.abandoned(session)
        for case in left:
            abandon(session, case)
    return len(left)


def advised(error: VendorError) -> str:
    """Give what to do about a refusal or a doubt of the vendor, where nothing is tried again by itself."""
    return "Nothing is sent again by itself." if error.kind in PASSING else error.advice


def _refused(error: VendorError) -> Step:
    """Give the step that an error stands for: a connected account and a missing answer are settled by the list."""
    told = {"code": error.code or error.kind, "field": error.field, "advice": advised(error)}
    doubt = isinstance(error, OutcomeUnknown | Conflict)
    state = CaseState.UNKNOWN if doubt else CaseState.REFUSED
    outcome = "unknown" if doubt else "refused"
    return Step(SENDING, state, reason=str(error), told=told, outcome=outcome)


def _write(
    desk: Desk,
    sent: Case,
    step: Step,
    by: Actor,
    *,
    error: VendorError | None = None,
    approval: ApprovalId | None = None,
) -> None:
    """Write an outcome down; an answer that comes after its case was called unknown is told, and moves nothing."""
    with desk.store.writing() as session:
        case = cases.by_id(session, sent.id or 0)
        if case is None:
            return
        if (case.state, case.sent_by, case.sent_at) != (CaseState.SUBMITTING.value, sent.sent_by, sent.sent_at):
            tell(session, case, step._replace(action="case.late_answer"), by)
            return
        case.approval_id, case.waits_after = approval, cases.latest_run(session)
        if error is not None:
            case.code, case.code_field, case.answer = (
                error.code or error.kind,
                error.field,
                f"{str(error).rstrip('.')}. {advised(error)}",
            )
        take(session, case, step, by)
