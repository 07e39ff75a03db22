"""What will leave: a body with its variables filled and all that is ours around it, checked, and its hash.

`prepare` is asked by the composer for each look, by a send again just before it: the same order gives the same
payload, and only a payload whose hash was shown may leave.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypedDict

from data import recipients
from data.models import Recipient, Source
from data.types import Family, Origin, Vendor
from services import credentials, pretended
from services.desk import Desk
from services.failures import Misuse
from services.messaging import addresses, variables
from services.messaging.variables import Filled
from services.vendors import imiconnect
from services.vendors.imiconnect import Problem
from services.vendors.imiconnect.limits import STICKER
from services.webhooks import callback_url

__all__ = ["Order", "Prepared", "Problem", "digest_of", "own", "prepare", "prepared", "unaddressed"]

SAMPLE_ID: Final = "de36bb32-3f5d-46c9-b132-15e010a80ccc"
"""The correlation id of every sample of the document: the vendor would take the second such message for a duplicate."""
_PLACEHOLDERS: Final = ("app-id", "igsid")
_SHARED: Final = ("contentType", "quickReplies", "callbackData", "correlationId", "notificationType", "messagingType")
_OURS: Final = ("from", "to", "callbackUrl")
_OF: Final[Mapping[str, tuple[str, ...]]] = {
    Family.TEXT: ("content",),
    Family.TEMPLATE: ("content", "template", "type"),
    Family.MEDIA: ("url", "type"),
    Family.STICKER: ("type",),
}
_FAMILIES: Final = ("content", "template", "url", "type")
_KNOWN: Final = {name.lower(): name for name in (*_SHARED, *_OURS, *_FAMILIES)}
_SOURCE: Final = "Patchbay"


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asks for: a body, the source and the recipient by name, and the one-time id of the press.

    The body of a new attempt (`attempt_of`) is the one that left: its variables are filled already.
    """

    body: Mapping[str, Any]
    source: str
    recipient: str
    press: str
    draft_id: str | None = None
    correlation_id: str | None = None
    attempt_of: int | None = None

    def __str__(self) -> str:
        return f"message from {self.source} to {self.recipient}"  # the trail names it, never its text


@dataclass(frozen=True, slots=True)
class Prepared:
    """An order as it would leave: `payload` is posted as it is, and only when there are no problems.

    `family` is empty while the body names none; `digest` is the SHA-256 of the payload. `missing` names the variables
    that the recipient has no value for (each is a problem, too); `left_out` the fields of the body that this family
    does not send.
    """

    order: Order
    source_id: int
    recipient_id: int
    to: str
    family: str
    payload: dict[str, Any]
    digest: str
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    missing: tuple[str, ...]
    left_out: tuple[str, ...]


def own(body: Any) -> dict[str, Any]:
    """Give what the family of a body sends of it, under the document's own names; what is ours to say is left out.

    A field that the document does not know stays, to be told of; a body that is no object gives an empty one.
    """
    given = _named(body)
    family = str(given.get("contentType", "")).upper()
    kept = {*_SHARED, *_OF.get(family, _FAMILIES)}
    if family != Family.STICKER and given.get("type") == STICKER:
        kept.discard("type")  # left from the sticker that was chosen before
    sent = {name: value for name, value in given.items() if name in kept or name not in _KNOWN.values()}
    return sent | ({"template": _cards(sent["template"])} if isinstance(sent.get("template"), list) else {})


def prepare(desk: Desk, order: Order) -> Prepared:
    """Prepare an order. Raises Misuse for a source or recipient that is not there; all else is in its problems."""
    with desk.store.reading() as session:
        source = credentials.named(session, order.source)
        recipient = recipients.named(session, order.recipient)
    if source.vendor != Vendor.IMICONNECT:
        raise Misuse(
            f"{source.name} sends no messages: it is a source of {source.vendor}.", "Choose an imiconnect app."
        )
    if recipient is None:
        message = f"There is no test recipient named {order.recipient[:80]!r}."
        raise Misuse(message, "Choose another one, or ask an admin to add them.")
    return prepared(desk, order, source, recipient)


def prepared(desk: Desk, order: Order, source: Source, recipient: Recipient) -> Prepared:
    """Prepare an order for a source and a recipient that were read before."""
    given = own(order.body)
    filled = variables.fill(given, variables.values_of(recipient)) if order.attempt_of is None else Filled(given, ())
    reading = imiconnect.from_body(filled.body if isinstance(order.body, Mapping) else order.body)
    around: _Around = {
        "app_id": _app_id(source),
        "to": recipient.igsid,
        "callback_url": callback_url(desk, source, order.press),
        "correlation_id": _correlation_id(order, reading.correlation_id),
        "callback_data": reading.callback_data,
    }
    payload = _payload(reading.message, around)
    problems = [
        *reading.problems,
        *imiconnect.validate_envelope(**around),
        *_leading_inside(reading.message),
        *(_without_value(gap, recipient) for gap in filled.gaps),
    ]
    warnings = [
        *_replaced(order, payload),
        *_odd(given),
        *(imiconnect.advice(reading.message) if reading.message else []),
    ]
    return Prepared(
        order,
        source.id or 0,
        recipient.id or 0,
        recipient.igsid,
        reading.message.content_type if reading.message else "",
        payload,
        digest_of(payload),
        tuple(problems),
        tuple(warnings),
        filled.missing,
        tuple(name for name in _named(order.body) if name in _FAMILIES and name not in given),
    )


def unaddressed(body: Any) -> tuple[Problem, ...]:
    """Give what is wrong with a body to whomever it goes; its variables count as they are written."""
    return tuple(imiconnect.from_body(own(body)).problems)


def digest_of(payload: Mapping[str, Any]) -> str:
    """Give the SHA-256 of a payload as canonical JSON: what a send button is bound to."""
    written = json.dumps(payload, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def _cards(cards: list[Any]) -> list[Any]:
    """Leave out what a button held before its kind was switched: an address or a payload."""
    return [
        {**card, "buttons": [_button(each) for each in card["buttons"]]}
        if isinstance(card, dict) and isinstance(card.get("buttons"), list)
        else card
        for card in cards
    ]


def _button(button: Any) -> Any:
    if not isinstance(button, dict):
        return button
    other = {"web_url": "payload", "postback": "url"}.get(str(button.get("type", "")).lower())
    return {name: value for name, value in button.items() if name != other}


class _Around(TypedDict):
    """What is ours to say of every message."""

    app_id: str
    to: str
    callback_url: str
    correlation_id: str
    callback_data: str | None


def _named(body: Any) -> dict[str, Any]:
    """Give the fields of a body under the document's names: `content_type` stands in its tables, too."""
    given = body if isinstance(body, Mapping) else {}
    return {_KNOWN.get(str(name).replace("_", "").lower(), str(name)): value for name, value in given.items()}


def _payload(message: imiconnect.Message | None, around: _Around) -> dict[str, Any]:
    """Write the JSON that leaves; of a body that says nothing yet, what stands around it."""
    if message is not None:
        return imiconnect.body(message, **around)
    empty = imiconnect.body(imiconnect.Text(""), **around)
    return {name: value for name, value in empty.items() if name not in {"content", "contentType"}}


def _app_id(source: Source) -> str:
    if source.origin == Origin.SANDBOX:
        return pretended.credentials(Vendor.IMICONNECT)["app_id"]
    return str(source.options.get("app_id", ""))


def _correlation_id(order: Order, written: str | None) -> str:
    """Take the order's id, or the body's if it is one's own, or that of the press: fresh, and the same each time."""
    told = (written or "").strip() not in {"", SAMPLE_ID, *_PLACEHOLDERS}
    return order.correlation_id or (written if written and told else order.press)


def _leading_inside(message: imiconnect.Message | None) -> list[Problem]:
    """Find the addresses of a message whose hosts lead into a private network."""
    places = [(field, imiconnect.host_of(url)) for field, url in imiconnect.addresses_of(message)] if message else []
    inside = addresses.inside(host for _, host in places if host)
    words = "leads into a private network from here, where nobody outside can follow."
    return [
        Problem(field, "a public host", f"{_SOURCE}, only public hosts", f"{host} {words}")
        for field, host in places
        if host in inside
    ]


def _without_value(gap: variables.Gap, recipient: Recipient) -> Problem:
    words = f"{recipient.name} has no value for {{{{{gap.name}}}}}."
    return Problem(gap.field, "a value for each variable", f"{_SOURCE}, variables of the recipient", words)


def _odd(given: Mapping[str, Any]) -> list[Problem]:
    """Tell of braces that look like a variable and are sent as they stand."""
    limit = "names of letters, digits and underscores"
    words = "is no variable and is sent as it stands."
    return [Problem(at, limit, f"{_SOURCE}, variables", f"{name} {words}") for at, name in variables.malformed(given)]


def _replaced(order: Order, payload: Mapping[str, Any]) -> list[Problem]:
    """Tell of what a body says that is ours to say: it is replaced."""
    given = _named(order.body)
    found = []
    for name in (*_OURS, "correlationId"):
        if given.get(name) in (None, "", payload[name], *_PLACEHOLDERS):
            continue
        what = "The id of the document's samples" if given[name] == SAMPLE_ID else f"What the body says as {name}"
        ours = " by ours" if name == "callbackUrl" else f": {payload[name]} is sent"
        found.append(Problem(name, "ours to say", _SOURCE, f"{what} is replaced{ours}."))
    return found
