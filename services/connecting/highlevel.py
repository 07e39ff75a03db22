"""HighLevel's flow: the consent page of its window, and what its API says of the account that the window named.

What the window says is a hint (contracts/README.md, 0.3): the API is asked about its accountId with our own location,
and what the API does not know counts for nothing. Without a word of the window (another tab, a cut opener) the list is
compared with what it was before.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from data import attempts as table
from data.models import Attempt, Source
from data.types import AttemptState, Contract, Health, Kind, Status
from services.clients import Client
from services.connecting import attempts, comparing
from services.connecting.comparing import Found, Listed
from services.connecting.confirming import (
    ASKED_AGAIN,
    BEGIN_AGAIN,
    Minted,
    Verdict,
    asking,
    claimed,
    names,
    reading_a_list,
    refused,
    sentence,
    waits,
)
from services.connecting.highlevel_words import connected, dead, gone, label, there_before, unnamed, wrong
from services.desk import Desk
from services.failures import Failure
from services.handles import handle_key
from services.observations import attached_account, connection_id, recorded
from services.vendors.errors import PASSING, NotFound, PermissionDenied, Rejected, VendorError
from services.vendors.highlevel import (
    Account,
    AttachedAccount,
    AvailableAccount,
    ConsentPage,
    HighLevel,
    OauthAccountId,
)

A_DAY: Final = timedelta(days=1)
_S = AttemptState
_OURS: Final = "Nothing was changed here. Begin again, and sign in to an account of this location."


def mint(desk: Desk, attempt: Attempt, source: Source) -> Minted:
    """Ask HighLevel once for its consent page, after its list was kept for comparing. Raises VendorError or Failure."""
    with asking(desk, source) as client:
        vendor = _highlevel(client)
        if not vendor.user_id:
            why = f"The source {source.name} lacks its user id, which HighLevel asks for when somebody signs in."
            raise Failure("settings", why, "Enter it on the Sources page, or set PATCHBAY_HIGHLEVEL__USER_ID.")
        before = _before(vendor, attempt.platform)
        told = vendor.start_instagram_oauth(page="integration", reconnect=True if attempt.reconnects else None)
    if isinstance(told, ConsentPage):
        return Minted(told.url, before)
    if told.oauth_id is None:
        why = f"HighLevel answered without a sign-in page, as if {told.name or 'an account'} were connected already"
        raise Failure("unexpected_answer", f"{why}, but named no account that can be looked up.", "Tell HighLevel.")
    return Minted(None, before, {"account_id": told.oauth_id})


def judge(desk: Desk, attempt: Attempt, source: Source) -> Verdict | None:
    """Ask HighLevel what became of an attempt; None when it says nothing new. Raises VendorError or Failure."""
    named = (attempt.told or {}).get("account_id")
    with asking(desk, source) as client:
        vendor = _highlevel(client)
        if named is None and vendor.contract == Contract.DOCUMENTED.value:
            return unnamed()
        if named is None:
            return _by_list(desk, vendor, attempt)
        if vendor.contract == Contract.DOCUMENTED.value:
            return _by_account(desk, vendor, attempt, OauthAccountId(named))
        if attempt.reconnects is None:
            return _by_attaching(desk, vendor, attempt, OauthAccountId(named))
        return _by_reconnect(desk, vendor, attempt, OauthAccountId(named))


def _by_list(desk: Desk, vendor: HighLevel, attempt: Attempt) -> Verdict | None:
    """Compare the list with what it was before; another account that came need not be this attempt's doing."""
    if attempt.before is None:
        return None
    accounts = _listing(vendor)
    if (row := _prolonged(attempt, accounts)) is not None:
        return connected(attempt, row.id, label(row.name, row.username))
    listed, expected = _as_listed(accounts, attempt.platform), _expected_id(attempt)
    finding = comparing.compare(attempt.before, listed, expects=expected, taken=_taken(desk, attempt))
    return _verdict(attempt, finding) if finding.found is Found.CONNECTED else None


def _prolonged(attempt: Attempt, accounts: Iterable[Account]) -> Account | None:
    """Give the expected account if its access now ends later than before: it need not have ended to be renewed."""
    row = next((each for each in accounts if each.id == _expected_id(attempt)), None)
    was = (attempt.before or {}).get(row.id, [])[2:] if row is not None else []
    if row is None or row.is_expired or row.expire is None or not any(was):
        return None
    return row if row.expire - datetime.fromisoformat(was[0]) >= A_DAY else None


def _by_account(desk: Desk, vendor: HighLevel, attempt: Attempt, named: OauthAccountId) -> Verdict:
    """Read the account by the document's path: it is ours, it lives, and it is the expected one."""
    record = vendor.account(named)
    name = label(record.name, (record.meta or {}).get("username"))
    if _location(record) not in {None, vendor.location_id}:
        return refused(f"{name} belongs to another location of HighLevel.", _OURS, "other_location")
    if attempt.reconnects is not None and not _is_expected(attempt, _marks(record)):
        return wrong(attempt, name)
    if record.live is False:
        return dead(attempt, name)
    vendor_id = str((attempt.expects or {}).get("vendor_id") or record.id)
    number = connection_id(attempt.source_id, Kind.NETWORK, vendor_id)
    if attempt.reconnects is None and _stood(desk, attempt, number):
        return there_before(name)
    _keep_asked(desk, attempt)
    row = attached_account(record, attempt.source_id, asked=named) | {"id": number, "vendor_id": vendor_id}
    return connected(attempt, vendor_id, name, records=(recorded(row),))


def _stood(desk: Desk, attempt: Attempt, number: str) -> bool:
    """Tell whether a connection worked before an attempt began, by the cache: this contract has no list."""
    with desk.store.reading() as session:
        known = table.listed(session, [number]).get(number)
    if known is None or known.first_seen_at >= attempt.began_at:
        return False
    return known.status == Status.ACCEPTED and known.health != Health.BROKEN


def _by_reconnect(desk: Desk, vendor: HighLevel, attempt: Attempt, named: OauthAccountId) -> Verdict | None:
    """See that the sign-in offers the expected account, and that the list says it works again."""
    offered = vendor.available_accounts(named).items
    if offered and not any(_is_expected(attempt, {each.id, each.page_id}) for each in offered):
        return wrong(attempt, names(each.name for each in offered))
    accounts = _listing(vendor)
    _keep_remaining(desk, attempt, accounts)
    listed, expected = _as_listed(accounts, attempt.platform), _expected_id(attempt)
    return _verdict(attempt, comparing.compare(attempt.before or {}, listed, expects=expected, told=expected))


def _by_attaching(desk: Desk, vendor: HighLevel, attempt: Attempt, named: OauthAccountId) -> Verdict | None:
    """Attach the one account that was offered or chosen, once, and find it in the list."""
    told = attempt.told or {}
    if told.get("attaching") is None:
        offered = vendor.available_accounts(named).items
        verdict = _unclear(desk, attempt, offered)
        if verdict is not None:
            return verdict
        chosen = next(each for each in _new(offered) if told.get("chosen") in {None, each.id})
        if _mark(desk, attempt, chosen):
            try:
                attached = vendor.attach(named, chosen)
            except VendorError as error:
                if error.kind in PASSING:  # of a write: it was not taken, and it is not sent again by itself
                    return refused(sentence(error), BEGIN_AGAIN, error.kind)
                raise
            if _location(attached) not in {None, vendor.location_id}:
                return refused(f"{label(chosen.name)} belongs to another location.", _OURS, "other_location")
        told = {"attaching": chosen.id, "attaching_name": chosen.name}
    return _by_attached(vendor, attempt, told)


def _by_attached(vendor: HighLevel, attempt: Attempt, told: dict[str, Any]) -> Verdict | None:
    accounts = [each for each in _listing(vendor) if each.platform in {None, attempt.platform}]
    row = next((each for each in accounts if each.origin_id == told["attaching"]), None)
    if row is None:
        name = label(told.get("attaching_name"))
        return waits(f"HighLevel was asked to attach {name}, but does not list it yet.", ASKED_AGAIN, "not_listed")
    listed = _as_listed(accounts, attempt.platform)
    return _verdict(attempt, comparing.compare(attempt.before or {}, listed, told=row.id))


def _unclear(desk: Desk, attempt: Attempt, offered: Iterable[AvailableAccount]) -> Verdict | None:
    """Say why none of the offered accounts can be attached as it stands: there is none, none is new, or several are."""
    offered, chosen = list(offered), (attempt.told or {}).get("chosen")
    fresh = _new(offered)
    if not offered:
        advice = (
            "Sign in with a person who manages a Facebook page with an Instagram business account, then begin again."
        )
        return refused("The sign-in offers no Instagram account that could be attached.", advice, "none_offered")
    if not fresh:
        return there_before(names(each.name for each in offered))
    if any(each.id == chosen for each in fresh) or (chosen is None and len(fresh) == 1):
        return None
    with desk.store.writing() as session:
        found = attempts.in_work(session, attempt.id or 0)
        attempts.remember(found, offered=[{"id": each.id, "name": _offer(each)} for each in fresh])
        table.keep(session, found)
    return waits(f"The sign-in offers {len(fresh)} accounts.", "Choose which one to connect.", "choose")


def _mark(desk: Desk, attempt: Attempt, chosen: AvailableAccount) -> bool:
    """Write down that an account is about to be attached; False when another one of us does so already."""
    with desk.store.writing() as session:
        found = attempts.in_work(session, attempt.id or 0)
        if not attempts.is_open(found) or (found.told or {}).get("attaching"):
            return False
        attempts.remember(found, attaching=chosen.id, attaching_name=chosen.name, offered=None)
        attempts.note(session, found, "vendor", f"HighLevel is asked to attach {label(chosen.name)}.")
    return True


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


def _before(vendor: HighLevel, platform: str) -> dict[str, Any] | None:
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


def _offer(account: AvailableAccount) -> str:
    """Name an account that is offered, with its Facebook page: two can have the same name."""
    named = label(account.name)
    return f"{named} · Facebook page {account.page_id[:64]}" if account.page_id else named


def _new(offered: Iterable[AvailableAccount]) -> list[AvailableAccount]:
    return [each for each in offered if each.is_connected is not True]


def _expected_id(attempt: Attempt) -> str | None:
    return None if attempt.reconnects is None else str((attempt.expects or {}).get("vendor_id"))


def _is_expected(attempt: Attempt, marks: set[str | None]) -> bool:
    """Tell whether any id, page or handle of an account is one that is known of the expected account."""
    known = attempt.expects or {}
    ours = {known.get(name) for name in ("vendor_id", "external_id", "platform_id", "page_id", "oauth_id")}
    ours.add(handle_key(known.get("handle"), None))
    return bool((ours & marks) - {None, ""})


def _marks(record: AttachedAccount) -> set[str | None]:
    meta = record.meta or {}
    username = meta.get("username")
    told = [record.id, record.oauth_id, record.old_id, record.origin_id, meta.get("pageId")]
    handle = handle_key(username, None) if isinstance(username, str) else None
    return {each for each in [*told, handle] if isinstance(each, str)}


def _location(record: AttachedAccount) -> str | None:
    told = record.location_id or (record.meta or {}).get("locationId")
    return told if isinstance(told, str) else None


def _highlevel(client: Client) -> HighLevel:
    if not isinstance(client, HighLevel):
        raise Failure("settings", "This attempt belongs to a source that is none of HighLevel.", "Begin again.")
    return client
