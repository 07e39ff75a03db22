"""What pages read with: the desk of this process and a session that can't write."""

from contextlib import AbstractContextManager
from typing import Any

from services import desk as desks
from services.desk import Desk


def desk() -> Desk:
    """Give this process's desk."""
    return desks.current()


def reading() -> AbstractContextManager[Any]:
    """Open a session that can't write: ask one question, take plain values out, leave."""
    return desk().store.reading()
