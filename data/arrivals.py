"""Connections that are new: their rows, their first points, and their place in the search index."""

from sqlalchemy import Connection as Link
from sqlalchemy import func, select
from sqlmodel import SQLModel

from data import changes, points, suspicion
from data.models import Connection
from data.staging import FIELDS, Columns, Observation, load, made_native

_connections = SQLModel.metadata.tables[Connection.__tablename__]


def insert(link: Link, observation: Observation, said: Columns) -> None:
    """Insert what no connection exists of yet."""
    told = {name: said[name] for name in ("id", *FIELDS, "fingerprint")}
    number, at = len(told["id"]), observation.at
    since = dict.fromkeys(("health_since", "first_seen_at", "last_seen_at"), [at] * number)
    suspects = [suspicion.at_first(field) for field in said["negative"]] if any(said["negative"]) else [None] * number
    ours: Columns = {
        "source_id": [observation.source_id] * number,
        "followers_since": [None if figure is None else at for figure in told["followers"]],
        "suspect": suspects,
    }
    last = highest(link)
    load(link, _connections, made_native(link, _connections, told | since | ours))
    index(link, above=last)
    points.begin(link, observation, told)
    doubted = ((key, word) for key, word in zip(told["id"], suspects, strict=True) if word)
    changes.keep(link, observation, [(key, "suspect", None, word) for key, word in doubted] if any(suspects) else [])


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
