"""Attempts, consents and lists, as the tests of connecting speak of them."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sqlmodel import col, select

from data import attempts as table
from data.models import Attempt, AttemptEvent
from data.store import Session
from data.types import Role
from services.access import Actor
from services.connecting import attempts, beginning, messages, windows
from services.desk import Desk
from services.sandbox import Sandbox, serve
from services.sandbox.highlevel import LOCATION_ID
from services.sandbox.highlevel_book import Book
from services.sync import sync

INGRID = Actor("ingrid", Role.ADMIN)
OLGA = Actor("olga", Role.ADMIN)
MAREK = Actor("marek", Role.MARKETER)
ANA = Actor("ana", Role.ANALYST)
START = "/social-media-posting/oauth/instagram/start"


def shared() -> Iterator[tuple[Sandbox, str]]:
    """Serve the five vendors for a whole module, whose tests begin with `forgotten`."""
    sandbox = Sandbox(rate_limits=False)
    with serve(sandbox) as origin:
        yield sandbox, origin


def forgotten(vendors: Sandbox) -> None:
    """Let HighLevel forget what was connected there."""
    vendors.highlevel.book = Book(vendors.kit, LOCATION_ID)
    vendors.highlevel.start_mode = "redirect"


def begun(desk: Desk, *, by: Actor = INGRID, **aim: Any) -> Attempt:
    """Begin to connect an Instagram account through HighLevel."""
    return beginning.begin(desk, by, "highlevel", "instagram", **aim).attempt


def opened(desk: Desk, *, by: Actor = INGRID, **aim: Any) -> tuple[Attempt, str]:
    """Begin, open the window, and give the attempt with the state of its consent."""
    attempt = begun(desk, by=by, **aim)
    address = windows.open_window(desk, by, attempt.key).address
    assert address is not None
    return now(desk, attempt), parse_qs(urlsplit(address).query)["state"][0]


def consented(vendors: Sandbox, state: str, **how: Any) -> dict[str, Any]:
    """Approve a consent as a person does in the window, and give the message that it sends."""
    told = vendors.highlevel.book.finish(state, approve=True, **how)
    assert told
    return {**told, "page": "social-media-posting"}


def heard(desk: Desk, attempt: Attempt, message: Any, *, by: Actor = INGRID, origin: str = "") -> Attempt:
    """Hear a message, from the window's own origin unless another one is given."""
    believed = messages.origins_of(desk, attempt.key)[0]
    return messages.heard(desk, by, attempt.key, origin or believed, message)


def offered(attempt: Attempt) -> list[str]:
    """Give the ids of the accounts that the sign-in offered."""
    return [each["id"] for each in (attempt.told or {}).get("offered") or ()]


def lapsed(desk: Desk, vendors: Sandbox) -> list[dict[str, Any]]:
    """Let the access of two Instagram accounts end, sync them, and give them as HighLevel lists them."""
    book = vendors.highlevel.book
    numbers = [number for number, _ in book.connected("instagram")][:2]
    assert all(book.lapse(number) for number in numbers)
    sync(desk, ["highlevel"])
    return [row for row in book.accounts() if row["id"] in numbers]


def now(desk: Desk, attempt: Attempt) -> Attempt:
    """Give an attempt as it stands."""
    found = attempts.by_key(desk, attempt.key)
    assert found is not None
    return found


def events(desk: Desk, attempt: Attempt) -> list[AttemptEvent]:
    """Give the story of an attempt."""
    with desk.store.reading() as session:
        query = select(AttemptEvent).where(AttemptEvent.attempt_id == attempt.id).order_by(col(AttemptEvent.id))
        return list(session.exec(query))


def words(desk: Desk, attempt: Attempt) -> str:
    """Give all that was ever said of an attempt."""
    return " ".join(event.words for event in events(desk, attempt))


def starts(vendors: Sandbox) -> int:
    """Count how often HighLevel was asked for its page."""
    return sum(entry.path == START for entry in vendors.log)


def change(desk: Desk, attempt: Attempt, **values: Any) -> None:
    """Change the row of an attempt as no service would."""

    def put(session: Session) -> None:
        found = table.by_id(session, attempt.id or 0)
        for name, value in values.items():
            setattr(found, name, value)
        if found is not None:
            table.keep(session, found)

    with desk.store.writing() as session:
        put(session)


def statement(desk: Desk, text: str) -> None:
    """Change the cache as no service would."""
    with desk.store.bulk() as link:
        link.exec_driver_sql(text)
