"""Beginning a draft: empty, from an example, from a template; addressed like the one before."""

from functools import partial
from typing import Any

import streamlit as st

from data.queries import drafts as kept
from data.queries import recipients
from pages.ui import plans, resources, session
from services.messaging import drafts, senders, templates

FORM = "compose_begin"
"""Under this name stands what was refused."""


def open_draft(draft_id: str) -> None:
    """Put a draft into the address: it is drawn next."""
    st.query_params.from_dict({"draft": draft_id})


def empty() -> None:
    """Begin an empty message."""
    from_body({"contentType": "TEXT"})


def from_body(body: dict[str, Any]) -> None:
    """Begin a draft with a body, and open it."""
    plans.attempted(partial(_begin, body), "", FORM)


def from_template(template_id: int) -> None:
    """Begin a draft with a template, and open it."""
    plans.attempted(partial(_use, template_id), "", FORM)


def _begin(body: dict[str, Any]) -> None:
    source, recipient = _usual()
    made = drafts.create(resources.desk(), session.actor(), body, source=source, recipient=recipient)
    open_draft(made.id)


def _use(template_id: int) -> None:
    desk, me = resources.desk(), session.actor()
    source, recipient = _usual()
    made = templates.use(desk, me, template_id)
    drafts.save(desk, me, made.id, made.version, body=made.body, source=source, recipient=recipient)
    open_draft(made.id)


def _usual() -> tuple[str | None, str | None]:
    """Give the sender and the recipient of the person's draft before, where they are there still.

    Else the first sender, and nobody to send to unless there is only one: a person chooses who gets a message.
    """
    with resources.reading() as reading:
        before = kept.mine(reading, session.here().username, most=1)
        everybody = recipients.find(reading, limit=2).rows
    known = [each.name for each in senders.every(resources.desk()) if each.refusal is None]
    told = before[0] if before else None
    source = told.source if told and told.source in known else next(iter(known), None)
    recipient = told.recipient if told and told.recipient and not told.recipient_gone else None
    return source, recipient or (everybody[0].name if len(everybody) == 1 else None)
