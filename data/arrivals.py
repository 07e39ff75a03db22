"""Connections that are new: their rows, their first points, and their place in the search index."""

from sqlalchemy import Connection as Link
from sqlalchemy import func, select
from sqlmodel import SQLModel

from data import changes, points, suspicion
from data.models import Connection
from data.staging import FIELDS, Columns, Observation, load, made_native

_connections = SQLModel.metadata.tables[Connection.__tablename__]


def rows(link: Link, observation: Observation, said: Columns) -> Columns:
    """Make the rows of connections that are new, as the driver keeps them; asks the database nothing."""
    told = {name: said[name] for name in ("id", *FIELDS, "fingerprint")}
    number, at = len(told["id"]), observation.at
    since = dict.fromkeys(("health_since", "first_seen_at", "last_seen_at"), [at] * number)
    ours: Columns = {
        "source_id": [observation.source_id] * number,
        "followers_since": [None if figure is None else at for figure in told["followers"]],
        "suspect": [field and suspicion.at_first(field) for field in said["negative"]],
    }
    return made_native(link, _connections, told | since | ours)


def insert(link: Link, observation: Observation, made: Columns) -> None:
    """Insert what no connection exists of yet, as `rows` made it."""
    last = highest(link)
    load(link, _connections, made)
    index(link, above=last)
    points.begin(link, observation, above=last)
    doubted = zip(made["id"], made["suspect"], strict=True) if any(made["suspect"]) else ()
    changes.keep(link, observation, [(key, "suspect", None, word) for key, word in doubted if word])


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
