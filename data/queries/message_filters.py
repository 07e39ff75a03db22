"""What is asked of the sent messages: a filter, and that filter as SQL conditions."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_

from data import silence
from data.queries._tables import messages as _messages
from data.queries.filters import contains, folded, matches, source_numbers
from data.store import Session, now

_here = _messages.c


@dataclass(frozen=True)
class Filter:
    """Which messages are asked for; values of one field are alternatives, fields narrow each other, empty means any.

    `silent` narrows to those of which nothing was heard for too long (`data.silence`), `sending` to those of one send
    to a list, by its number.
    """

    search: str = ""
    states: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    silent: bool = False
    sending: int | None = None


def conditions(session: Session, wanted: Filter) -> list[ColumnElement[bool]]:
    """Give a filter as conditions."""
    alternatives = (
        (_here.state, wanted.states),
        (_here.family, wanted.families),
        (_here.recipient, wanted.recipients),
        (_here.person, wanted.persons),
    )
    found: list[ColumnElement[bool]] = [field.in_(values) for field, values in alternatives if values]
    if wanted.sources:
        found.append(_here.source_id.in_(source_numbers(session, wanted.sources)))
    if wanted.since is not None:
        found.append(_here.created_at >= wanted.since)
    if wanted.until is not None:
        found.append(_here.created_at <= wanted.until)
    if wanted.silent:
        found.append(silence.is_silent(_here, now()))
    if wanted.sending is not None:
        found.append(_here.sending_id == wanted.sending)
    text = folded(wanted.search)
    return [*found, _searched(session, text)] if text else found


def _searched(session: Session, text: str) -> ColumnElement[bool]:
    """Look in what was reserved, and in the vendor's id, which is only known later."""
    found = matches(session, text, "messages_search")
    if found is not None:
        return _here.id.in_(found)
    return or_(contains(session, text, _messages), _here.transid.icontains(text, autoescape=True))
