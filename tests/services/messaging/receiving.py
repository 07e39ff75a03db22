"""Messages that were sent, and what imiconnect tells of them."""

import itertools
import json
from datetime import UTC, datetime
from typing import Any

from data import sources
from data.models import Message, Recipient
from data.store import now
from data.types import MessageState
from services.desk import Desk
from services.messaging import states
from services.webhooks import Heard
from services.webhooks.believing import DELIVERY

SAID = {
    "7501": ("Submited", "Submitted"),
    "7500": ("Delivered", "Delivered"),
    "7502": ("Read", "Read"),
    "7010": ("Failed", "Service provider exception"),
}
_numbers = itertools.count(1)


def source_id(desk: Desk, name: str = "imiconnect") -> int:
    """The number of a source."""
    with desk.store.reading() as session:
        found = sources.named(session, name)
    assert found is not None
    return found.id or 0


def sent(
    desk: Desk,
    press: str,
    *steps: MessageState,
    transid: str | None = None,
    correlation_id: str | None = None,
    attempt_of: int | None = None,
) -> int:
    """Reserve a message and let it take its first steps; gives its number."""
    with desk.store.writing() as session:
        to = Recipient(
            name=f"Ann {press}", name_key=press, igsid=f"79{press}", created_by="t", created_at=now(), changed_at=now()
        )
        session.add(to)
        session.flush()
        made = Message(
            press=press, source_id=source_id(desk), recipient_id=to.id or 0, recipient=to.name, to=to.igsid,
            family="TEXT", payload={}, digest="d", correlation_id=correlation_id or press, person="mia",
            attempt_of=attempt_of, state=MessageState.RESERVED, created_at=now(), changed_at=now(),
        )  # fmt: skip
        states.reserve(session, [made], by="mia", words="Reserved.")
        for step in steps:
            told = transid if step is MessageState.ACCEPTED else None
            states.move(session, made, step, by="patchbay", words=step.value, transid=told)
        return made.id or 0


def notification(
    code: str | None, *, transid: str | None = None, correlation_id: str | None = None, status: str | None = None
) -> dict[str, Any]:
    """What a callback says."""
    word, description = SAID.get(code or "", ("Failed", "words of the vendor"))
    info = {
        "timeStamp": "2026-01-01T10:00:00.000+0000", "Description": description, "code": code,
        "deliveryChannel": "instagram", "additionalInfo": "", "destination": "79", "destinationType": "igsid",
        "deliveryStatus": word if status is None else status,
    }  # fmt: skip
    outer = {
        "deliveryInfo": info,
        "subtid": "s",
        "transid": transid,
        "callbackData": "",
        "correlationid": correlation_id,
    }
    return {"deliveryInfoNotification": {name: value for name, value in outer.items() if value is not None}}


def heard(desk: Desk, press: str, body: dict[str, Any], number: int | None = None) -> Heard:
    """A callback as those who follow it get it."""
    at = datetime.now(UTC)
    return Heard(
        number or next(_numbers), source_id(desk), "imiconnect", "imiconnect", DELIVERY, "e", press, None, at, body
    )  # type: ignore[arg-type]


def message(desk: Desk, number: int) -> Message:
    """A message as it stands."""
    with desk.store.reading() as session:
        found = session.get(Message, number)
    assert found is not None
    return found


def story(desk: Desk, number: int) -> list[tuple[str, str | None, str, bool]]:
    """What was told of a message: by whom, the code, the state, and whether that moved it."""
    with desk.store.reading() as session:
        rows = session.connection().exec_driver_sql(
            'SELECT "by", code, after, moved FROM message_events WHERE message_id = ? ORDER BY id', (number,)
        )
        return [(row[0], row[1], row[2], bool(row[3])) for row in rows]


def raws(desk: Desk, number: int) -> list[dict[str, Any]]:
    """The callbacks that are kept with a message."""
    with desk.store.reading() as session:
        rows = session.connection().exec_driver_sql(
            "SELECT raw FROM message_events WHERE message_id = ? AND raw IS NOT NULL ORDER BY id", (number,)
        )
        return [json.loads(row[0]) for row in rows]
