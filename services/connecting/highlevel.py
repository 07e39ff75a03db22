"""HighLevel's flow: the consent page of its window, and what its API says of the account that the window named.

What the window says is a hint (contracts/README.md, 0.3): the API is asked about its accountId with our own location,
and what the API does not know counts for nothing. Without a word of the window (a cut opener) the list is compared with
what it was before; where there is no list, a person names the account.
"""

from data.models import Attempt, Source
from data.types import Contract
from services.clients import Client
from services.connecting.confirming import Minted, Verdict, asking
from services.connecting.highlevel_account import by_message, by_typed_id
from services.connecting.highlevel_attaching import by_attaching
from services.connecting.highlevel_list import before, by_list, by_reconnect
from services.connecting.highlevel_words import unnamed
from services.desk import Desk
from services.failures import Failure
from services.vendors.highlevel import ConsentPage, HighLevel, OauthAccountId


def mint(desk: Desk, attempt: Attempt, source: Source) -> Minted:
    """Ask HighLevel once for its consent page, after its list was kept for comparing. Raises VendorError or Failure."""
    with asking(desk, source) as client:
        vendor = _highlevel(client)
        if not vendor.user_id:
            why = f"The source {source.name} lacks its user id, which HighLevel asks for when somebody signs in."
            raise Failure("settings", why, "Enter it on the Sources page, or set PATCHBAY_HIGHLEVEL__USER_ID.")
        listed = before(vendor, attempt.platform)
        told = vendor.start_instagram_oauth(page="integration", reconnect=True if attempt.reconnects else None)
    if isinstance(told, ConsentPage):
        return Minted(told.url, listed)
    if told.oauth_id is None:
        why = f"HighLevel answered without a sign-in page, as if {told.name or 'an account'} were connected already"
        raise Failure("unexpected_answer", f"{why}, but named no account that can be looked up.", "Tell HighLevel.")
    return Minted(None, listed, {"account_id": told.oauth_id})


def judge(desk: Desk, attempt: Attempt, source: Source) -> Verdict | None:
    """Ask HighLevel what became of an attempt; None when it says nothing new. Raises VendorError or Failure."""
    named = (attempt.told or {}).get("account_id")
    with asking(desk, source) as client:
        vendor = _highlevel(client)
        if named is None and vendor.contract == Contract.DOCUMENTED.value:
            return unnamed(attempt)
        if named is None:
            return by_list(desk, vendor, attempt)
        if vendor.contract == Contract.DOCUMENTED.value:
            return by_message(desk, vendor, attempt, OauthAccountId(named))
        if attempt.reconnects is None:
            return by_attaching(desk, vendor, attempt, OauthAccountId(named))
        return by_reconnect(desk, vendor, attempt, OauthAccountId(named))


def judge_typed(desk: Desk, attempt: Attempt, source: Source, named: OauthAccountId) -> Verdict:
    """Ask HighLevel's account call about an id that a person typed. Raises VendorError or Failure."""
    with asking(desk, source) as client:
        return by_typed_id(desk, _highlevel(client), attempt, named)


def _highlevel(client: Client) -> HighLevel:
    if not isinstance(client, HighLevel):
        raise Failure("settings", "This attempt belongs to a source that is none of HighLevel.", "Begin again.")
    return client
