"""What the tables share: their instants, and what is open."""

from typing import Any

from sqlalchemy import text
from sqlmodel import Field

from data.types import UtcDateTime

OPEN = text("ended_at IS NULL")


def instant(*, null: bool = True, index: bool = False) -> Any:
    """Give a column of an instant."""
    return Field(default=None, sa_type=UtcDateTime, nullable=null, index=index)
