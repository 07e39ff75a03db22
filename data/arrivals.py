"""Connections that are new: their rows, their first points, and their place in the search index."""

from collections.abc import Iterable
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection as Link
from sqlalchemy import func, select
from sqlmodel import SQLModel

from data import changes, points, suspicion
from data.models import Connection
from data.staging import FIELDS, Observation, load, make_native, native

_connections = SQLModel.metadata.tables[Connection.__tablename__]
_TOLD = ("id", *FIELDS, "fingerprint")
_SINCE = ("source_id", "health_since", "first_seen_at", "last_seen_at")
_take = itemgetter(*_TOLD)


def insert(link: Link, observation: Observation, records: Iterable[dict[str, Any]]) -> None:
    """Insert what no connection exists of yet."""
    rows, at = list(records), native(link, _connections.c.first_seen_at, observation.at)
    since = (observation.source_id, at, at, at)
    if link.dialect.name == "sqlite":
        for row in rows:
            make_native(row)
    suspects = [(row["id"], "suspect", None, word) for row in rows if (word := suspicion.at_first(row)) is not None]
    doubted = {number: word for number, _, _, word in suspects}
    last = highest(link)
    load(
        link,
        _connections,
        (*_TOLD, *_SINCE, "followers_since", "suspect"),
        [(*_take(row), *since, None if row["followers"] is None else at, doubted.get(row["id"])) for row in rows],
    )
    index(link, above=last)
    points.begin(link, observation, rows)
    changes.keep(link, observation, suspects)


def highest(link: Link) -> int:
    """Give the highest number of a connection, or 0."""
    return int(link.execute(select(func.coalesce(func.max(_connections.c.number), 0))).scalar_one())


def index(link: Link, *, above: int) -> None:
    """Make connections above a number findable: one statement for many rows, which a trigger would do one by one."""
    if link.dialect.name == "sqlite":
        link.exec_driver_sql(
            "INSERT INTO connections_search(rowid, search_text) SELECT number, search_text FROM connections"
            " WHERE number > ?",
            (above,),
        )
