"""The story of a case: every step with who took it, when, why, and what came of it."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from data.queries.cases import Happened
from pages.ui import folds, formats
from pages.ui.approvals import case_fields, case_looks
from pages.ui.text import plain, short
from services.approvals.sending import CONNECTED

_REASON, _AT_ONCE = 400, 60
_STEPS = {
    "case.request": ("Requested", "add_task", "orange"),
    "case.resubmit": ("Requested again", "replay", "orange"),
    "case.approve": ("Approved", "check_circle", "blue"),
    "case.approve_first": ("First of two approvals", "looks_one", "blue"),
    "case.decline": ("Declined", "do_not_disturb_on", "red"),
    "case.changes": ("Changes asked for", "rate_review", "orange"),
    "case.hold": ("Put on hold", "front_hand", "gray"),
    "case.release": ("Released", "play_circle", "gray"),
    "case.withdraw": ("Withdrawn", "undo", "gray"),
    "case.late_answer": ("A late answer of Zocial", "schedule_send", "orange"),
    "case.listed": ("Found in Zocial's list", "checklist", "gray"),
    "case.reopen": ("Came back", "history", "orange"),
    "case.remind": ("Reminder: its agreed time is near", "notifications", "orange"),
    "case.flag": ("Over its agreed time", "timer", "red"),
    "case.escalate": ("Escalated to every admin", "campaign", "red"),
}
_SENDING = {
    "submitting": ("Sent", "outgoing_mail", "blue"),
    "submitted": ("Taken by Zocial", "hourglass_top", "blue"),
    "refused": ("Refused by Zocial", "error", "red"),
    "unknown": ("Outcome unknown", "help", "gray"),
}


def card(steps: Sequence[Happened], me: str) -> None:
    """Draw the story, the newest step first, folded until somebody wants it."""
    label = f"Story · {formats.plural(len(steps), 'step')}"
    folds.fold(label, partial(_steps, steps, me), icon=":material/history:", key="case_story")


def _steps(steps: Sequence[Happened], me: str) -> None:
    st.caption("Newest first, times in UTC")
    with st.container(gap="xsmall"):
        for step in reversed(steps[-_AT_ONCE:]):
            _step(step, me)
    if len(steps) > _AT_ONCE:
        st.caption(f"{formats.plural(len(steps) - _AT_ONCE, 'earlier step')}: the export of this case has all")


def _step(step: Happened, me: str) -> None:
    name, icon, colour = title(step)
    by = case_looks.who(step.actor, me)
    when = f":small[:gray[by {by} · {step.at:%Y-%m-%d %H:%M}]]"
    below = "  \n".join(f":small[:gray[{line}]]" for line in why(step))
    st.markdown(f":{colour}[:material/{icon}:] **{name}** {when}" + (f"  \n{below}" if below else ""))


def title(step: Happened) -> tuple[str, str, str]:
    """Name a step, with its icon and its colour."""
    told = step.told or {}
    if step.action == "case.send" and told.get("code") in CONNECTED:
        return "Zocial has it already", "link", "blue"
    if step.action == "case.send":
        return _SENDING.get(step.after, _SENDING["unknown"])
    if step.action == "case.assign":
        to = told.get("assignee")
        return (f"Given to {case_looks.who(str(to))}" if to else "Given to nobody", "person_add", "gray")
    if step.action == "case.vendor":
        look = formats.status(str(told.get("vendor_word")))
        return (f"Zocial says {look.word.lower()}", look.icon, look.colour or "gray")
    spoken = step.action.removeprefix("case.").replace("_", " ").capitalize()
    return _STEPS.get(step.action, (plain(spoken), "edit_note", "gray"))


def why(step: Happened) -> list[str]:
    """Give the lines below a step: the reason, and what else is told of it."""
    told, lines = step.told or {}, list[str]()
    if step.reason:
        lines.append(f"“{plain(short(step.reason, _REASON))}”")
    difference = told.get("difference") or {}
    if difference:
        lines.append("; ".join(case_fields.moved(field, difference[field]) for field in case_fields.ranked(difference)))
    if told.get("source"):
        lines.append(f"one request to {plain(str(told['source']))}")
    if told.get("approval_id") is not None:
        lines.append(f"its number there is {plain(str(told['approval_id']))}")
    if told.get("sent") is False:
        lines.append(plain(str(told.get("why") or "nothing was sent")))
    if told.get("code"):
        field = f", field {plain(str(told['field']))}" if told.get("field") else ""
        lines.append(f"code {plain(str(told['code']))}{field}")
    if told.get("vendor_word_before"):
        lines.append(f"{formats.status(str(told['vendor_word_before'])).word.lower()} before")
    return lines
