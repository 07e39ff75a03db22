"""HighLevel's attaching: what a sign-in offers, which of it a person chose, and the one request that attaches it."""

from collections.abc import Iterable

from data import attempts as table
from data.models import Attempt
from services.connecting import attempts
from services.connecting.confirming import BEGIN_AGAIN, Verdict, names, refused, sentence, waits
from services.connecting.highlevel_list import by_attached
from services.connecting.highlevel_marks import location
from services.connecting.highlevel_words import OURS, label, there_before
from services.desk import Desk
from services.vendors.errors import PASSING, VendorError
from services.vendors.highlevel import AvailableAccount, HighLevel, OauthAccountId


def by_attaching(desk: Desk, vendor: HighLevel, attempt: Attempt, named: OauthAccountId) -> Verdict | None:
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
            if location(attached) not in {None, vendor.location_id}:
                return refused(f"{label(chosen.name)} belongs to another location.", OURS, "other_location")
        told = {"attaching": chosen.id, "attaching_name": chosen.name}
    return by_attached(vendor, attempt, told)


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


def _offer(account: AvailableAccount) -> str:
    """Name an account that is offered, with its Facebook page: two can have the same name."""
    named = label(account.name)
    return f"{named} · Facebook page {account.page_id[:64]}" if account.page_id else named


def _new(offered: Iterable[AvailableAccount]) -> list[AvailableAccount]:
    return [each for each in offered if each.is_connected is not True]
