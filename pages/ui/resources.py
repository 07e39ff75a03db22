"""What pages read with: the desk of this process and a session that can't write."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Concatenate, ParamSpec, TypeVar

from pages.ui import formats
from services import desk as desks
from services.desk import Desk

P = ParamSpec("P")
T = TypeVar("T")


def desk() -> Desk:
    """Give this process's desk."""
    return desks.current()


def reading() -> AbstractContextManager[Any]:
    """Open a session that can't write: ask one question, take plain values out, leave."""
    return desk().store.reading()


def kept(question: Callable[Concatenate[Any, P], T], *args: P.args, **named: P.kwargs) -> T:
    """Ask what is the same for everyone: read anew after any commit, and once a minute for what depends on the time."""
    return desk().store.kept.ask(formats.now().replace(second=0, microsecond=0), question, *args, **named)
