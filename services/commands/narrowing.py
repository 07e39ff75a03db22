"""The options that narrow connections or messages, the same for every command that takes them."""

from typing import Annotated

import typer

from data.queries import inventory
from data.queries.filters import Doubt, Filter
from data.queries.messages import Filter as Sent
from data.store import Session, now
from data.types import Family, Health, Kind, MessageState, Status
from services import dates
from services.failures import Misuse

Source = Annotated[list[str] | None, typer.Option(help="Only of this source; may be repeated.")]
Platform = Annotated[list[str] | None, typer.Option(help="Only of this platform; may be repeated.")]
OfKind = Annotated[list[Kind] | None, typer.Option(help="Only of this kind; may be repeated.")]
InStatus = Annotated[list[Status] | None, typer.Option(help="Only in this status; may be repeated.")]
OfHealth = Annotated[list[Health] | None, typer.Option(help="Only of this health; may be repeated.")]
Doubted = Annotated[list[Doubt] | None, typer.Option(help="Only with a figure suspect for this; may be repeated.")]
Search = Annotated[str, typer.Option(help="Any part of a name or handle; case does not matter.")]

InState = Annotated[list[MessageState] | None, typer.Option(help="Only in this state; may be repeated.")]
OfFamily = Annotated[list[Family] | None, typer.Option(help="Only of this family; may be repeated.")]
To = Annotated[list[str] | None, typer.Option(metavar="RECIPIENT", help="Only to them; may be repeated.")]
By = Annotated[list[str] | None, typer.Option(metavar="USER", help="Only of this person; may be repeated.")]
Since = Annotated[str | None, typer.Option(metavar="DATE", help="From here on: a day or an instant.")]
Until = Annotated[str | None, typer.Option(metavar="DATE", help="Up to here: a day or an instant.")]
Silent = Annotated[bool, typer.Option("--silent", help="Only those of which nothing was heard.")]
Text = Annotated[str, typer.Option(help="Any part of a text, a recipient or an id; case does not matter.")]


def wanted(
    source: list[str] | None,
    platform: list[str] | None,
    kind: list[Kind] | None,
    status: list[Status] | None,
    search: str,
    *,
    health: list[Health] | None,
    suspect: list[Doubt] | None,
) -> Filter:
    """Give the filter of these options."""
    return Filter(
        search=search,
        platforms=tuple(name.strip().lower() for name in platform or ()),
        kinds=tuple(kind or ()),
        statuses=tuple(status or ()),
        healths=tuple(health or ()),
        suspects=tuple(suspect or ()),
        sources=tuple(source or ()),
    )


def of_messages(
    source: list[str] | None,
    state: list[MessageState] | None,
    family: list[Family] | None,
    to: list[str] | None,
    by: list[str] | None,
    *,
    search: str,
    since: str | None,
    until: str | None,
    silent: bool,
) -> Sent:
    """Give the filter of these options. Raises Misuse for a date that is none."""
    moment = now()
    return Sent(
        search=search,
        states=tuple(state or ()),
        families=tuple(family or ()),
        sources=tuple(source or ()),
        recipients=tuple(to or ()),
        persons=tuple(by or ()),
        since=None if since is None else dates.start(since, now=moment),
        until=None if until is None else dates.end(until, now=moment),
        silent=silent,
    )


def refuse_unknown(session: Session, names: tuple[str, ...]) -> None:
    """See that each named source exists. Raises Misuse."""
    found = inventory.source_names(session) if names else []
    unknown = [name for name in names if name not in found]
    if unknown:
        raise Misuse(f"There is no source named {unknown[0]!r}.", f"There are: {', '.join(found) or 'none yet'}.")
