"""The options that narrow connections, the same for every command that takes them."""

from typing import Annotated

import typer

from data.queries import inventory
from data.queries.filters import Doubt, Filter
from data.store import Session
from data.types import Health, Kind, Status
from services.failures import Misuse

Source = Annotated[list[str] | None, typer.Option(help="Only of this source; may be repeated.")]
Platform = Annotated[list[str] | None, typer.Option(help="Only of this platform; may be repeated.")]
OfKind = Annotated[list[Kind] | None, typer.Option(help="Only of this kind; may be repeated.")]
InStatus = Annotated[list[Status] | None, typer.Option(help="Only in this status; may be repeated.")]
OfHealth = Annotated[list[Health] | None, typer.Option(help="Only of this health; may be repeated.")]
Doubted = Annotated[list[Doubt] | None, typer.Option(help="Only with a figure suspect for this; may be repeated.")]
Search = Annotated[str, typer.Option(help="Any part of a name or handle; case does not matter.")]


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


def refuse_unknown(session: Session, names: tuple[str, ...]) -> None:
    """See that each named source exists. Raises Misuse."""
    found = inventory.source_names(session) if names else []
    unknown = [name for name in names if name not in found]
    if unknown:
        raise Misuse(f"There is no source named {unknown[0]!r}.", f"There are: {', '.join(found) or 'none yet'}.")
