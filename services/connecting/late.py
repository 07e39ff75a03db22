"""Late's flow: an address minted on the click, and its list compared before and after; whoever tells more only hints.

The webhook, the return address and “I have finished” have the list asked. Only what that list holds ends an attempt.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from data.models import Attempt, Source
from data.types import AttemptState, Contract, Kind
from services.connecting import attempts
from services.connecting.comparing import Finding, Found, Listed, compare, kept
from services.connecting.confirming import Minted, Verdict, asking, claimed, names, reading_a_list, waits
from services.desk import Desk
from services.failures import Failure, Misuse
from services.handles import shown
from services.listing_address import platform
from services.observations import connection_id
from services.vendors.errors import NotFound, PermissionDenied, VendorError
from services.vendors.late import Account, AccountId, Late

_S = AttemptState
BACK: Final = "/connecting/back/"
_PROFILE: Final = frozenset({"profile_id", "profileId"})
_REFUSALS: Final = {
    400: ("late_refused", "Late did not take the request.", "Choose a platform that Late connects, then begin again."),
    401: (
        "unauthorised",
        "Late does not accept the API key of this source.",
        "Enter a valid key for it under Sources, then begin again.",
    ),
    402: (
        "payment_required",
        "Late's plan of this profile has no room for another account.",
        "Raise the plan in Late's dashboard or disconnect an account there, then begin again.",
    ),
    403: (
        "permission_denied",
        "The API key of this source may not connect accounts.",
        "Give the key that permission in Late's dashboard, or enter another key under Sources.",
    ),
    404: (
        "profile_not_found",
        "Late does not know the profile of this source.",
        "Correct the profile id of the source under Sources, then begin again.",
    ),
    409: (
        "conflict",
        "Late says that this account or platform is connected in the profile already.",
        "Sync the source to see it. To renew its access, reconnect it from its account page.",
    ),
}


def mint(desk: Desk, attempt: Attempt, source: Source) -> Minted:
    """Ask Late once for the page of consent, after its list: what it holds before can't be new afterwards.

    Raises VendorError, and Failure with what to do for the refusals that Late documents.
    """
    with asking(desk, source) as client:
        late = _late(client)
        try:
            before = kept(_accounts(late, attempt.platform))
            given = late.connect(attempt.platform, redirect_url=f"{desk.settings.public_url}{BACK}{attempt.key}")
        except VendorError as error:
            raise _in_words(error) from error
    return Minted(given.url, before={"accounts": before})


def judge(desk: Desk, attempt: Attempt, source: Source) -> Verdict | None:
    """Compare Late's list with the one before; None when there was none. Raises VendorError."""
    if attempt.before is None:
        return None
    told = attempt.told or {}
    expects = (attempt.expects or {}).get("vendor_id") if attempt.reconnects else None
    others = claimed(desk, attempt)
    with asking(desk, source) as client, reading_a_list():
        late = _late(client)
        found = list(_accounts(late, attempt.platform))
        taken = [each.id for each in found if connection_id(attempt.source_id, Kind.NETWORK, each.id) in others]
        before = attempt.before["accounts"]
        finding = compare(before, found, expects=expects, told=told.get("account_id"), taken=taken)
        if finding.found is Found.CONNECTED:
            return _connected(finding, _health(late, source, finding.account))
    return _otherwise(attempt, finding, before)


def _late(client: object) -> Late:
    if not isinstance(client, Late):
        raise Misuse("This attempt is none of Late's.", "Begin again on the Connect page.")
    return client


def _accounts(late: Late, platform: str) -> Iterator[Listed]:
    """Give what Late lists of a platform, of either contract; a list that breaks off is an error, never a short one."""
    documented = late.contract == Contract.DOCUMENTED.value
    pages = [late.social_accounts()] if documented else late.accounts(platform=platform)
    for page in pages:
        mine = (each for each in page.items if (each.platform or "").strip().lower() == platform)
        yield from (Listed(each.id, _name(each), _live(each)) for each in mine)


def _name(account: Account) -> str:
    return shown(account.username) or account.display_name or account.id


def _live(account: Account) -> bool | None:
    """Tell whether an account can be used; the documented list does not say."""
    if account.is_active is None and account.needs_reconnection is None:
        return None
    return account.is_active is not False and not account.needs_reconnection


def _health(late: Late, source: Source, account: Listed | None) -> str | None:
    """Give Late's own words when its health call refuses an account; "" when it can't be asked, None when it is well.

    Raises VendorError: an attempt is not connected while nobody knows.
    """
    if source.contract == Contract.DOCUMENTED or account is None:
        return ""
    try:
        told = {each.account_id: each for each in late.health().items}
    except (PermissionDenied, NotFound):
        return ""
    health = told.get(AccountId(account.id))
    if health is None:
        return ""
    refused = health.needs_reconnect or health.token_valid is False
    return "; ".join(health.issues or ()) or "it needs to be reconnected" if refused else None


def _connected(finding: Finding, health: str | None) -> Verdict:
    account = finding.account or Listed("", "")
    if health:
        words = f"Late lists {account.name}, but says of its access: {health}"
        return waits(f"{words[:300].rstrip('.')}.", "Reconnect it once more, or wait until Late's own check is done.")
    more = f" {names(each.name for each in finding.others)} came in the meantime as well." if finding.others else ""
    words = f"Late lists {account.name} as connected" + (
        ", and its own check finds it well." if health is None else "."
    )
    return Verdict(_S.CONNECTED, f"{words}{more}", vendor_id=account.id, account=account.name)


def _otherwise(attempt: Attempt, finding: Finding, before: Mapping[str, Any]) -> Verdict:
    account = finding.account or Listed("", "the account")
    if finding.found is Found.ANOTHER:
        expected = attempts.named(attempt.expects)
        new = "" if account.id in before else f" Late has {account.name} connected now as well."
        words = f"{account.name} was signed in, but {expected} was expected, which is as it was before.{new}"
        advice = f"Sign out of {account.name} at the platform, then reconnect {expected} again."
        return Verdict(_S.WRONG_ACCOUNT, words, advice, "another_account", account=account.name)
    if finding.found is Found.THERE_BEFORE:
        words = f"{account.name} was connected before, so nothing new was connected."
        advice = "To add another account, sign out of this one at the platform, then begin again."
        return Verdict(_S.WRONG_ACCOUNT, words, advice, "there_before", account=account.name)
    if finding.found is Found.STILL_DEAD:
        return waits(f"Late still says that {account.name} needs to be reconnected.", "Check again, or reconnect anew.")
    if attempt.reconnects:
        words = f"Late's list does not show yet that {attempts.named(attempt.expects)} was reconnected."
    else:
        held = f" It held {names(str(name) for name, _ in before.values())} before." if before else ""
        words = f"Late lists nothing new on {platform(attempt.platform)} yet.{held}"
    return waits(words, "Finish the sign-in in its window, then press “I have finished”; or cancel.")


def _in_words(error: VendorError) -> Exception:
    """Give a refusal that Late documents in words of ours, with Late's own beside them; any other error as it is."""
    if error.status is None and error.field in _PROFILE:  # nothing was sent
        return Failure(
            "settings", "This source has no usable profile id, which Late asks for.", "Enter it under Sources."
        )
    kind, words, advice = _REFUSALS.get(error.status or 0, ("", "", ""))
    return Failure(kind, f"{words} Late says: {error.reason}", advice) if kind else error
