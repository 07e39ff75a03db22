"""What a database is: read and written once, at its first start."""

from sqlalchemy import inspect
from sqlmodel import select

from data.models import Installation
from data.store import Session


def read(session: Session) -> Installation | None:
    """Give the installation row, or None in a database that is new."""
    return session.exec(select(Installation)).one_or_none()


def foreign_tables(session: Session) -> list[str]:
    """Name the tables of a database that Patchbay has not made; empty when it is new or ours."""
    names = inspect(session.connection()).get_table_names()
    return [] if "alembic_version" in names else names
