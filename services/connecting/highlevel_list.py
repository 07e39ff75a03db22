"""HighLevel's list as the last word: what it was when an attempt began, and what came or works again since then."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from data import attempts as table
from data.models import Attempt
from data.types import Contract, Kind
from services.connecting import attempts, comparing
from services.connecting.comparing import Found, Listed
from services.connecting.confirming import ASKED_AGAIN, Verdict, claimed, names, reading_a_list, waits
from services.connecting.highlevel_marks import expected_id, is_expected
from services.connecting.highlevel_words import connected, dead, gone, label, there_before, unlisted, wrong
from services.desk import Desk
from services.observations import connection_id
from services.vendors.errors import NotFound, PermissionDenied, Rejected
from services.vendors.highlevel import Account, HighLevel, OauthAccountId

A_DAY: Final = timedelta(days=1)


def before(vendor: HighLevel, platform: str) -> dict[str, Any] | None:
    """Give the list as it is now, with the end of each access; None where there is none, or it may not be read."""
    if vendor.contract == Contract.DOCUMENTED.value:
        return None
    try:
        accounts = vendor.accounts().items
    except (PermissionDenied, NotFound, Rejected):
        return None
    ends = {str(each.id): each.expire.isoformat() for each in accounts if each.expire}
    kept = comparing.kept(_as_listed(accounts, platform))
    return {number: [*told, ends.get(number)] for number, told in kept.items()}


def by_list(desk: Desk, vendor: HighLevel, attempt: Attempt) -> Verdict | None:
    """Compare the list with what it was before; another account that came need not be this attempt's doing."""
    if attempt.before is None:
        return unlisted() if (attempt.told or {}).get("address") else None
    accounts = _listing(vendor)
    if (row := _prolonged(attempt, accounts)) is not None:
        return connected(attempt, row.id, label(row.name, row.username))
    listed, expected = _as_listed(accounts, attempt.platform), expected_id(attempt)
    finding = comparing.compare(attempt.before, listed, expects=expected, taken=_taken(desk, attempt))
    return _verdict(attempt, finding) if finding.found is Found.CONNECTED else None


def by_reconnect(desk: Desk, vendor: HighLevel, attempt: Attempt, named: OauthAccountId) -> Verdict | None:
    """See that the sign-in offers the expected account, and that the list says it works again."""
    offered = vendor.available_accounts(named).items
    if offered and not any(is_expected(attempt, {each.id, each.page_id}) for each in offered):
        return wrong(attempt, names(each.name for each in offered))
    accounts = _listing(vendor)
    _keep_remaining(desk, attempt, accounts)
    listed, expected = _as_listed(accounts, attempt.platform), expected_id(attempt)
    return _verdict(attempt, comparing.compare(attempt.before or {}, listed, expects=expected, told=expected))


def by_attached(vendor: HighLevel, attempt: Attempt, told: dict[str, Any]) -> Verdict | None:
    """Find the account that HighLevel was asked to attach in its list."""
    accounts = [each for each in _listing(vendor) if each.platform in {None, attempt.platform}]
    row = next((each for each in accounts if each.origin_id == told["attaching"]), None)
    if row is None:
        name = label(told.get("attaching_name"))
        return waits(f"HighLevel was asked to attach {name}, but does not list it yet.", ASKED_AGAIN, "not_listed")
    listed = _as_listed(accounts, attempt.platform)
    return _verdict(attempt, comparing.compare(attempt.before or {}, listed, told=row.id))


def _prolonged(attempt: Attempt, accounts: Iterable[Account]) -> Account | None:
    """Give the expected account if its access now ends later than before: it need not have ended to be renewed."""
    row = next((each for each in accounts if each.id == expected_id(attempt)), None)
    was = (attempt.before or {}).get(row.id, [])[2:] if row is not None else []
    if row is None or row.is_expired or row.expire is None or not any(was):
        return None
    return row if row.expire - datetime.fromisoformat(was[0]) >= A_DAY else None


def _verdict(attempt: Attempt, finding: comparing.Finding) -> Verdict | None:
    account = finding.account
    if account is None or finding.found is Found.NOTHING:
        return gone(attempt) if attempt.reconnects else None
    if finding.found is Found.CONNECTED:
        return connected(attempt, account.id, account.name)
    if finding.found is Found.ANOTHER:
        return wrong(attempt, account.name)
    if finding.found is Found.STILL_DEAD:
        return dead(attempt, account.name)
    return there_before(account.name)


def _keep_remaining(desk: Desk, attempt: Attempt, accounts: Iterable[Account]) -> None:
    """Keep which other accounts HighLevel wants to have reconnected, as connections that the cache knows."""
    wanted = set((attempt.told or {}).get("reconnect_accounts") or ())
    rows = [each for each in accounts if each.is_expired and wanted & {each.id, each.oauth_id, each.profile_id}]
    ids = {connection_id(attempt.source_id, Kind.NETWORK, each.id) for each in rows} | set(attempt.remaining or ())
    with desk.store.writing() as session:
        found = attempts.in_work(session, attempt.id or 0)
        found.remaining = sorted(table.listed(session, ids - {attempt.reconnects}))
        table.keep(session, found)


def _listing(vendor: HighLevel) -> tuple[Account, ...]:
    with reading_a_list():
        return vendor.accounts().items


def _as_listed(accounts: Iterable[Account], platform: str) -> list[Listed]:
    mine = [each for each in accounts if (each.platform or "").lower() == platform and each.live]
    return [Listed(each.id, label(each.name, each.username), not each.is_expired) for each in mine]


def _taken(desk: Desk, attempt: Attempt) -> set[str]:
    """Give the list's ids of what other attempts were about."""
    prefix = connection_id(attempt.source_id, Kind.NETWORK, "")
    return {each.removeprefix(prefix) for each in claimed(desk, attempt)}
