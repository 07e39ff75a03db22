"""What a reviewer sees of an account, pinned with each decision: and how two such views differ."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from data import cases
from data.case_openings import OF_A_SOURCE, TOLD
from data.models import Case
from data.queries import accounts
from data.queries.accounts import Witness
from data.staging import chunks
from data.store import Session
from data.types import Status
from services.handles import handle_key
from services.observations import folded

Evidence = dict[str, Any]
Known = dict[str, tuple[Evidence, tuple[Witness, ...]]]
"""What is known of connections, by their id, with all witnesses of the account of each."""
_COLUMNS = ("kind", "platform", "handle", "name", "url", "followers", "category", "owner", "handle_key")


def of_connections(session: Session, connection_ids: Sequence[str]) -> Known:
    """Give what is known of each of these connections, with all witnesses of its account; unknown ids are left out."""
    seen = cases.accounts_of(session, connection_ids)
    witnesses: dict[int, tuple[Witness, ...]] = {}
    for stretch in chunks(sorted(set(seen.values()))):
        witnesses |= accounts.witnesses(session, stretch)
    return {each: (_told(each, witnesses[account]), witnesses[account]) for each, account in seen.items()}


def of_case(session: Session, case: Case) -> Evidence:
    """Give what is known now of the account of a case; of one that no source reports, what was typed in."""
    return of_cases(session, [case])[case.id or 0]


def of_cases(session: Session, found: Iterable[Case]) -> dict[int, Evidence]:
    """Give what is known now of the account of each case, by its number."""
    every = list(found)
    known = of_connections(session, [case.connection_id for case in every if case.connection_id is not None])
    return {
        case.id or 0: known[case.connection_id][0] if case.connection_id in known else typed(case) for case in every
    }


def typed(case: Case) -> Evidence:
    """Give what was typed in of an account that no source reports."""
    blank: Evidence = dict.fromkeys((*TOLD, "category", "owner", "growth", "suspect"))
    told = ("kind", "platform", "handle", "name", "url", "followers", "category", "owner")
    return (
        blank
        | {name: getattr(case, name) for name in told}
        | {"handle_key": handle_key(case.handle, case.url), "sources": [], "disagree": []}
    )


def owner_of(extra: Mapping[str, Any] | None) -> str | None:
    """Give the vendor's user that an account belongs to, where the vendor tells one."""
    given = (extra or {}).get("user_id")
    return None if given is None else str(given)


def absence(evidence: Evidence, connection_id: str | None) -> str:
    """Say that the connection which a case is about is gone by now, or disconnected; nothing where it is not."""
    own = next((each for each in evidence["sources"] if each["connection"] == connection_id), None)
    if own is None:
        return ""
    if not own["listed"]:
        return f"{own['source']} no longer lists it"
    return f"it is disconnected at {own['source']}" if own["status"] == Status.DISCONNECTED else ""


def fingerprint(evidence: Evidence) -> str:
    """Give a short text that differs as soon as anything differs that a reviewer saw."""
    return hashlib.sha256(json.dumps(evidence, sort_keys=True).encode()).hexdigest()[:16]


def difference(before: Evidence, after: Evidence) -> dict[str, list[Any]]:
    """Give each field of the account that differs, with what it was and what it is."""
    return {
        name: [before.get(name), after.get(name)]
        for name in after
        if name not in {"sources", "disagree", "handle_key"} and before.get(name) != after.get(name)
    }


def pin(session: Session, case: Case, evidence: Evidence) -> None:
    """Pin evidence to a case, with the columns that are searched, sorted and watched.

    A handle that another active case has by now is told, but does not make this a case of that account.
    """
    key = cases.account_key(evidence["platform"], evidence["handle_key"])
    others = {other.id for other in cases.active(session, [], [key] if key else [])}
    take(case, evidence)
    if not others - {case.id}:
        case.account_key = key


def take(case: Case, evidence: Evidence) -> None:
    """Put evidence into a case and its columns, all but the key of its account."""
    for name, value in columns(evidence).items():
        setattr(case, name, value)


def columns(evidence: Evidence) -> dict[str, Any]:
    """Give the columns of a case that evidence fills, all but the key of its account."""
    told = {name: evidence[name] for name in _COLUMNS}
    words = folded(f"{evidence['name'] or ''}\n{evidence['handle'] or ''}")  # as its connection is found by
    return told | {"evidence": evidence, "search_text": words}


def _told(connection_id: str, members: tuple[Witness, ...]) -> Evidence:
    own = next(member for member in members if member.id == connection_id)
    evidence: Evidence = {name: getattr(own, name) for name in TOLD}
    evidence |= {"category": own.category, "owner": owner_of(own.extra), "suspect": own.suspect}
    evidence |= {"growth": own.growth, "handle_key": own.handle_key}
    evidence["sources"] = [_says(member) for member in members]
    evidence["disagree"] = sorted(accounts.disagreements(members)) if len(members) > 1 else []
    return evidence


def _says(member: Witness) -> dict[str, Any]:
    told = {"connection": member.id, "source": member.source, "listed": member.vanished_at is None}
    return told | {"owner": owner_of(member.extra)} | {name: getattr(member, name) for name in OF_A_SOURCE}
