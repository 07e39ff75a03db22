"""Messages on their way, as the tests of sending speak of them."""

import uuid
from collections.abc import Mapping
from typing import Any

from data.models import Message
from data.types import Role
from services.access import SYSTEM, Actor
from services.desk import Desk
from services.messaging import recipients, sending, wire
from services.messaging.wire import Order
from services.sandbox import Sandbox

MIA = Actor("mia", Role.MARKETER)
INGRID = Actor("ingrid", Role.ADMIN)
ANN = "Ann"
TEXT = {"contentType": "TEXT", "content": "Hello {{first_name}}"}
SECOND = {"contentType": "TEXT", "content": "Another text"}


def known(desk: Desk, *names: str) -> None:
    """Have test recipients of these names."""
    for number, name in enumerate(names or (ANN,)):
        recipients.add(desk, SYSTEM, name, f"1784{number:05}", variables={"first_name": name})


def order(body: Mapping[str, Any] = TEXT, *, to: str = ANN, press: str = "", **more: Any) -> Order:
    """An order from the pretended imiconnect, of a new press unless one is given."""
    return Order(body, "imiconnect", to, press or str(uuid.uuid4()), **more)


def digest(desk: Desk, wanted: Order) -> str:
    """What the button of an order is bound to now."""
    return wire.prepare(desk, wanted).digest


def pressed(desk: Desk, wanted: Order) -> Message:
    """Press the button of an order as it is shown now."""
    return sending.send(desk, MIA, wanted, digest(desk, wanted))


def posted(vendors: Sandbox) -> list[Any]:
    """The bodies of the messages that arrived at the vendor, without the address of their callbacks."""
    bodies = [entry.body for entry in vendors.log if entry.method == "POST" and entry.path.endswith("/messages")]
    return [{name: value for name, value in body.items() if name != "callbackUrl"} for body in bodies]


def states(desk: Desk) -> list[str]:
    """The state of every message, the first one first."""
    return [row[0] for row in rows(desk, "SELECT state FROM messages ORDER BY id")]


def story(desk: Desk, number: int) -> list[tuple[str, str, int]]:
    """Who said what of a message, and whether it moved."""
    query = f'SELECT "by", after, moved FROM message_events WHERE message_id = {number} ORDER BY id'
    return [(row[0], row[1], row[2]) for row in rows(desk, query)]


def trail(desk: Desk) -> list[tuple[str, str, str]]:
    """What the trail says of messages: who, what, and how it ended."""
    found = rows(desk, "SELECT actor, action, outcome FROM audit WHERE action LIKE 'message.%' ORDER BY id")
    return [(row[0], row[1], row[2]) for row in found]


def rows(desk: Desk, query: str) -> list[Any]:
    """Ask the database itself."""
    with desk.store.reading() as session:
        return list(session.connection().exec_driver_sql(query).all())


def write(desk: Desk, statement: str) -> None:
    """Change the database behind everybody's back."""
    with desk.store.bulk() as link:
        link.exec_driver_sql(statement)
