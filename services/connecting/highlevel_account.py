"""HighLevel's documented contract has no list: one account is read by its id, and its answer is the proof."""

from data import attempts as table
from data.models import Attempt
from data.types import AttemptState, Health, Kind, Status
from services.connecting import attempts
from services.connecting.confirming import Verdict, refused
from services.connecting.highlevel_marks import called, is_the_expected, location
from services.connecting.highlevel_words import OURS, answers, connected, dead, mistyped, there_before, wrong
from services.desk import Desk
from services.observations import attached_account, connection_id, recorded
from services.vendors.highlevel import AttachedAccount, HighLevel, OauthAccountId


def by_message(desk: Desk, vendor: HighLevel, attempt: Attempt, named: OauthAccountId) -> Verdict:
    """Read the account that the sign-in's message named: it is ours, it lives, and it is the expected one."""
    record = vendor.account(named)
    verdict = _judged(vendor, attempt, record, named)
    if attempt.reconnects is None and verdict.state is AttemptState.CONNECTED and _stood(desk, attempt, verdict):
        return there_before(called(record))
    if verdict.state is AttemptState.CONNECTED:
        _keep_asked(desk, attempt)
    return verdict


def by_typed_id(desk: Desk, vendor: HighLevel, attempt: Attempt, named: OauthAccountId) -> Verdict:
    """Read the account whose id a person typed; one that the cache knew before the attempt proves no sign-in."""
    record = vendor.account(named)
    verdict = _judged(vendor, attempt, record, named)
    if verdict.state is AttemptState.WRONG_ACCOUNT:
        return mistyped(attempt, called(record))
    if verdict.state is AttemptState.WAITING:  # nobody asks again by itself about an id that was typed
        return refused(verdict.message, "Enter its id again in a minute.", verdict.problem or "refused")
    if verdict.state is not AttemptState.CONNECTED:
        return verdict
    if attempt.reconnects is not None:
        return answers(verdict, called(record))
    return there_before(called(record)) if _was_known(desk, attempt, verdict, named) else verdict


def _judged(vendor: HighLevel, attempt: Attempt, record: AttachedAccount, named: OauthAccountId) -> Verdict:
    """Judge an account by what the call says of it alone."""
    name = called(record)
    if location(record) not in {None, vendor.location_id}:
        return refused(f"{name} belongs to another location of HighLevel.", OURS, "other_location")
    if attempt.reconnects is not None and not is_the_expected(attempt, record):
        return wrong(attempt, name)
    if record.live is False:
        return dead(attempt, name)
    vendor_id = str((attempt.expects or {}).get("vendor_id") or record.id)
    number = connection_id(attempt.source_id, Kind.NETWORK, vendor_id)
    row = attached_account(record, attempt.source_id, asked=named) | {"id": number, "vendor_id": vendor_id}
    return connected(attempt, vendor_id, name, records=(recorded(row),))


def _stood(desk: Desk, attempt: Attempt, verdict: Verdict) -> bool:
    """Tell whether a connection worked before an attempt began, by the cache: this contract has no list."""
    number = connection_id(attempt.source_id, Kind.NETWORK, verdict.vendor_id)
    with desk.store.reading() as session:
        known = table.listed(session, [number]).get(number)
    if known is None or known.first_seen_at >= attempt.began_at:
        return False
    return known.status == Status.ACCEPTED and known.health != Health.BROKEN


def _was_known(desk: Desk, attempt: Attempt, verdict: Verdict, named: OauthAccountId) -> bool:
    """Tell whether the cache knew an account before an attempt began, by any of its ids."""
    number = connection_id(attempt.source_id, Kind.NETWORK, verdict.vendor_id)
    with desk.store.reading() as session:
        asked = table.asked_by(session, attempt.source_id, {named})
        known = table.listed(session, asked | {number})
    return any(each.first_seen_at < attempt.began_at for each in known.values())


def _keep_asked(desk: Desk, attempt: Attempt) -> None:
    """Keep which other accounts HighLevel wants to have reconnected, as the cache knows them without its list."""
    wanted = set((attempt.told or {}).get("reconnect_accounts") or ())
    if not wanted:
        return
    with desk.store.writing() as session:
        found = attempts.in_work(session, attempt.id or 0)
        ids = table.asked_by(session, attempt.source_id, wanted) | set(attempt.remaining or ())
        found.remaining = sorted(ids - {attempt.reconnects})
        table.keep(session, found)
