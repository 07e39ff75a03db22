"""Why a health was what it was: kept when another reason takes its place, so that the past never shows today's."""

from sqlalchemy import ColumnElement, literal, select
from sqlalchemy import Connection as Link
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel

from data.models import Connection, HealthReason
from data.staging import Observation
from data.types import UtcDateTime

_connections = SQLModel.metadata.tables[Connection.__tablename__]
_reasons = SQLModel.metadata.tables[HealthReason.__tablename__]


def keep(
    link: Link, observation: Observation, becomes: str | ColumnElement[str] | None, *, where: ColumnElement[bool]
) -> None:
    """Keep the reasons of connections whose reason becomes another, before it does.

    Of two that end at one instant the first stays: it is that of before.
    """
    here, until = _connections.c, literal(observation.at, UtcDateTime())
    other = here.health_reason.is_distinct_from(becomes)
    query = select(here.id, until, here.health_reason).where(where, other)
    dialect = sqlite if link.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(_reasons).from_select(["connection_id", "until", "reason"], query)
    link.execute(statement.on_conflict_do_nothing())
