"""A sign from the browser that it has drawn what it was sent and has nothing left to do."""

from collections.abc import Callable

import streamlit as st

_WAIT = """
const RESTS = "[data-testid=stApp][data-test-script-state=notRunning]"
const waiting = new WeakSet()
const ask = window.requestIdleCallback ?? ((then) => setTimeout(then, 200))
const idle = (then) => ask(then, { timeout: 1000 }) // a page that is never quite at rest waits no longer
const frame = (then) => () => requestAnimationFrame(() => idle(then))

export default function ({ parentElement, setTriggerValue }) {
  if (waiting.has(parentElement)) return
  waiting.add(parentElement)
  const here = parentElement.host ?? parentElement
  const row = here.closest("[data-testid=stHorizontalBlock]")
  const tell = () => {
    if (!here.isConnected) return
    if (row) row.style.minHeight = `${row.offsetHeight}px`
    setTriggerValue("idle", true)
    setTimeout(tell, 3000) // should another run have swallowed it
  }
  const look = () => idle(document.querySelector(RESTS) ? frame(frame(tell)) : look)
  idle(look)
}
"""
_sign = st.components.v2.component("patchbay_idle", js=_WAIT)


def then(do: Callable[[], None], *, key: str, height: int = 1) -> None:
    """Keep an empty place; once the script and the browser rest, call `do` and run what this stands in anew.

    The row of columns that it stands in keeps at least its height, so that nothing below moves up meanwhile.
    """
    _sign(key=key, on_idle_change=do, height=height)
