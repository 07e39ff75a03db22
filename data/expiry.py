"""What time alone does to access: a record that says nothing new is not read again, but its end comes nearer."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection as Link
from sqlalchemy import bindparam, or_, select, update
from sqlmodel import SQLModel

from data import changes, reasons
from data.models import Connection
from data.staging import UNREAD, Observation
from data.types import Health

_connections = SQLModel.metadata.tables[Connection.__tablename__]
_NOT_WORSE = (Health.BROKEN.value, Health.UNKNOWN.value)


class Ending(NamedTuple):
    """A connection whose access ends soon, or has ended, and the health that does not say so yet."""

    id: str
    expires_at: datetime
    health: str


def ending(link: Link, observation: Observation, within: timedelta) -> list[Ending]:
    """Give the listed connections of a source whose health is behind the end of their access; the index of ends leads.

    A passing fault hides an end that is near, but not one that has come.
    """
    here = _connections.c
    query = select(here.id, here.expires_at, here.health).where(
        here.expires_at <= observation.at + within,
        or_(here.expires_at <= observation.at, here.health == Health.HEALTHY.value),
        here.health.not_in(_NOT_WORSE),
        here.source_id + 0 == observation.source_id,  # a term that no index answers
        here.vanished_at.is_(None),
    )
    return [Ending(*row) for row in link.execute(query)]


def judge(link: Link, observation: Observation, judged: list[tuple[Ending, str, str | None]]) -> None:
    """Give connections the health and the reason that follow from the end of their access."""
    moved = [(found, health, reason) for found, health, reason in judged if health != found.health]
    if not moved:
        return
    changes.keep(link, observation, [(found.id, "health", found.health, health) for found, health, _ in moved])
    for found, _, reason in moved:
        reasons.keep(link, observation, reason, where=_connections.c.id == found.id)
    statement = (
        update(_connections)
        .where(_connections.c.id == bindparam("ended"))
        .values(
            health=bindparam("judged"),
            health_reason=bindparam("because"),
            health_since=observation.at,
            fingerprint=UNREAD,
        )
    )
    link.execute(
        statement, [{"ended": found.id, "judged": health, "because": reason} for found, health, reason in moved]
    )
