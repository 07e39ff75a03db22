"""Cases that a sync opens many of at once: what is told of them is copied from the connections by the database."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, insert, literal, or_
from sqlalchemy import select as rows
from sqlmodel import SQLModel

from data.models import Case, CaseEvent, Connection, Source
from data.staging import among, load, made_native
from data.store import Session
from data.types import Vendor

TOLD = (
    *("kind", "platform", "handle", "external_id", "name", "url"),
    *("status", "verified", "health", "followers", "engagement_rate"),
)
"""What evidence tells of an account first, as the connection tells it."""
OF_A_SOURCE = (
    *("kind", "status", "handle", "external_id", "followers"),
    *("engagement_rate", "category", "verified", "health"),
)
"""What evidence tells of each of its sources last, as that source tells it."""

_cases = SQLModel.metadata.tables[Case.__tablename__]
_events = SQLModel.metadata.tables[CaseEvent.__tablename__]
_connections = SQLModel.metadata.tables[Connection.__tablename__]
_sources = SQLModel.metadata.tables[Source.__tablename__]
_here = _connections.c
_owner = _here.extra["user_id"].as_string()
account_key = case((_here.platform == "x", "twitter"), else_=_here.platform) + ":" + func.nullif(_here.handle_key, "")
"""Platform and handle of a connection in compared form, as `data.cases.account_key` gives it."""


class Numbers(NamedTuple):
    """The first and the last of the cases that were opened together."""

    first: int
    last: int


def copied() -> ColumnElement[bool]:
    """Tell whether the database can write the evidence of a connection by itself.

    Another witness of its account makes it a matter of comparing; and older versions of SQLite round a figure.
    """
    exact = (
        or_(column.is_(None), func.json_extract(func.json_array(column), "$[0]") == column)
        for column in (_here.engagement_rate, _here.growth)
    )
    return and_(_here.account.is_(None), *exact)


def keep(
    session: Session, shared: Case, event: CaseEvent, copy: Sequence[int], made: Sequence[dict[str, Any]]
) -> Numbers:
    """Write many new cases of one source, and the same first step of each with its evidence.

    `shared` holds what all have in common. `copy` are the numbers of connections whose case tells what they say,
    `made` cases given by the same columns.
    """
    link = session.connection()
    highest = link.execute(rows(func.coalesce(func.max(_cases.c.id), 0))).scalar_one()
    if copy:
        _copy(session, shared, copy)
    if made:
        _load(session, shared, made)
    new = (_cases.c.id > highest) & (_cases.c.source_id == shared.source_id)
    told = _told(_events, event) | {"case_id": _cases.c.id, "evidence": _cases.c.evidence}
    link.execute(insert(_events).from_select(list(told), rows(*told.values()).where(new).order_by(_cases.c.id)))
    return Numbers._make(link.execute(rows(func.min(_cases.c.id), func.max(_cases.c.id)).where(new)).one())


def _load(session: Session, shared: Case, made: Sequence[dict[str, Any]]) -> None:
    link, alike = session.connection(), shared.model_dump(exclude={"id"})
    columns = {
        name: [told[name] for told in made] if name in made[0] else [value] * len(made) for name, value in alike.items()
    }
    load(link, _cases, made_native(link, _cases, columns))


def _copy(session: Session, shared: Case, numbers: Sequence[int]) -> None:
    """Copy what connections tell into cases that are about them."""
    of_zocial = _sources.c.vendor == Vendor.ZOCIAL.value
    same = ("kind", "platform", "handle", "handle_key", "name", "url", "followers", "category", "search_text")
    told = _told(_cases, shared) | {name: _here[name] for name in same}
    told |= {"connection_id": _here.id, "account_key": account_key, "owner": _owner, "evidence": _evidence()}
    told |= {"listed_id": case((of_zocial, _here.id)), "vendor_word": case((of_zocial, _here.status))}
    told["vendor_word_at"] = case((of_zocial, told["requested_at"]))
    link = session.connection()
    query = rows(*told.values()).select_from(_connections.join(_sources, _sources.c.id == _here.source_id))
    query = query.where(among(link, _here.number, list(numbers))).order_by(_here.number)
    link.execute(insert(_cases).from_select(list(told), query))


def _told(table: Any, row: Case | CaseEvent) -> dict[str, ColumnElement[Any]]:
    """Give what a row tells as literals of its columns."""
    return {name: literal(value, table.c[name].type) for name, value in row if value is not None}


def _evidence() -> ColumnElement[Any]:
    """Write what `services.approvals.evidence` makes of a connection that is its account's only witness."""
    source: dict[str, Any] = {"connection": _here.id, "source": _sources.c.name}
    source |= {"listed": _truth(_here.vanished_at.is_(None)), "owner": _owner}
    told = {name: _here[name] for name in TOLD} | {"category": _here.category, "owner": _owner}
    told |= {name: _here[name] for name in ("suspect", "growth", "handle_key")}
    told |= {"sources": func.json_array(_object(source | {name: _here[name] for name in OF_A_SOURCE}))}
    return _object(told | {"disagree": func.json_array()})


def _object(told: dict[str, Any]) -> ColumnElement[Any]:
    """Write an object of JSON, in this order."""
    parts = ((name, _truth(value) if name == "verified" else value) for name, value in told.items())
    return func.json_object(*(part for pair in parts for part in pair))


def _truth(told: ColumnElement[Any]) -> ColumnElement[Any]:
    """Write a truth as JSON does: a number would be another value."""
    return func.json(case((told.is_(None), "null"), (told, "true"), else_="false"))
