"""Who is here, asked of the session's row on every run; and the two steps that only a browser can take."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import streamlit as st

from pages.ui import resources
from services import front, sessions
from services.access import Actor
from services.failures import Forbidden
from services.sessions import Person

WATCH_EVERY = "45s"  # an ended session leaves an open, idle tab within a minute

_STEP = """
const taken = new WeakMap()

export default function ({ data, parentElement, setTriggerValue }) {
  if (taken.get(parentElement) === data.step) return
  taken.set(parentElement, data.step)
  const request = {
    method: "POST",
    credentials: "same-origin",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(data.body),
  }
  const refuse = (sentence) => setTriggerValue("refused", sentence)
  fetch(data.path, request)
    .then(async (answer) => {
      if (!answer.ok) return refuse((await answer.json()).error)
      if (data.leave) window.location.assign(data.leave)
      else window.location.reload()
    })
    .catch(() => refuse("The server could not be reached. Try again."))
}
"""
_step = st.components.v2.component("patchbay_session_step", js=_STEP)


_staying: ContextVar[Person | None] = ContextVar("staying", default=None)


def token() -> str | None:
    """Give the cookie that this tab opened its connection with."""
    found = st.context.cookies.get(front.COOKIE)
    return found if isinstance(found, str) else None


def person() -> Person | None:
    """Tell who is signed in now, or None."""
    return _staying.get() or sessions.person(resources.desk(), token())


@contextmanager
def staying(someone: Person) -> Iterator[None]:
    """Let who was read at the start of a run be the one who is here until its end: a page asks many times.

    What a press calls and what a fragment does by itself is outside of it, and reads the session's row again.
    """
    before = _staying.set(someone)
    try:
        yield
    finally:
        _staying.reset(before)


def here() -> Person:
    """Give the signed-in person. Raises Forbidden when the session has ended meanwhile."""
    someone = person()
    if someone is None:
        raise Forbidden("You are not signed in any more.", "Reload the page and sign in again.")
    return someone


def actor() -> Actor:
    """Give the signed-in person as services ask for it. Raises Forbidden when the session has ended meanwhile."""
    return here().actor


def address() -> str:
    """Tell from where the browser asks."""
    found = st.context.ip_address
    return found if isinstance(found, str) else "this machine"


def agent() -> str:
    """Tell what the browser says of itself."""
    found = st.context.headers.get("user-agent")
    return found if isinstance(found, str) else ""


def seen(someone: Person) -> Person:
    """Note that a person is here; gives them as their row says then, which knows of the visit before this one."""
    noted = sessions.seen(resources.desk(), someone)
    return (person() if noted else None) or someone


def watch(shown: Person) -> None:
    """Draw nothing; run the page anew once the session has ended or changed. Looking does not count as a visit."""
    _watch(shown, [shown])


@st.fragment(run_every=WATCH_EVERY)
def _watch(shown: Person, just_read: list[Person]) -> None:
    """Look again; not in the run of the page itself, which has asked a moment ago."""
    if just_read:
        just_read.clear()
    elif person() != shown:
        st.rerun(scope="app")


def hand_over(ticket: str) -> str | None:
    """Let the browser swap a ticket for the cookie and reload the same address; gives a sentence when it is refused."""
    return _take("hand_over", {"path": front.SESSION_PATH, "step": ticket, "body": {"ticket": ticket}})


def leave() -> str | None:
    """Let the browser end the session and go to the first page; gives a sentence when it is refused."""
    return _take("leave", {"path": front.SIGN_OUT_PATH, "step": "leave", "body": {}, "leave": "/"})


def _take(key: str, data: dict[str, object]) -> str | None:
    result = _step(key=key, data=data, on_refused_change=lambda: None)
    refused = getattr(result, "refused", None)
    return refused if isinstance(refused, str) else None
