"""What a person sees when something went wrong: a calm sentence, never a stack trace."""

import secrets
import traceback

import streamlit as st

from data.errors import DatabaseProblem
from pages.ui.text import plain
from services import logs
from services.failures import Failure


def show(error: Exception) -> bool:
    """Show an uncaught error: its own sentence when it has one, else an id that the log explains. Always handled."""
    if isinstance(error, Failure | DatabaseProblem):
        st.error(f"{plain(error.message)}  \n{plain(error.advice)}", icon=":material/error:")
        return True
    number = secrets.token_hex(4)
    logs.logger(__name__).error("a page failed", id=number, **told(error))
    st.error(
        f"Something went wrong on this page. Nothing else is affected. Error id **{number}**: "
        "reload the page, or give the id to an admin, who finds the cause in the log.",
        icon=":material/error:",
    )
    return True


def told(error: Exception) -> dict[str, object]:
    """Describe an error for the log: its type and where it came from, not its text, which may hold a secret."""
    frames = traceback.extract_tb(error.__traceback__)
    return {"type": type(error).__name__, "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]}
