"""Puts sent messages into a database, straight through Core: recipients, messages in any state, and their stories."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select

from data.models import SQLModel
from data.queries.filters import folded
from data.store import Store, now
from data.types import MessageState
from tests import seeds

_tables = SQLModel.metadata.tables
_WAY = ("reserved", "posting", "accepted", "submitted", "delivered", "read")
_ENDS = {"refused": ("reserved", "posting"), "unknown": ("reserved", "posting"), "failed": _WAY[:4]}
"""The states that a message had before one that is not on the usual way."""
_INSTANTS = {"posting": "posting_at", "refused": "answered_at", "accepted": "answered_at"} | {
    state: f"{state}_at" for state in ("submitted", "delivered", "read", "failed")
}
_NULL = (*_INSTANTS.values(), "transid")
_PAYLOADS: dict[str, dict[str, Any]] = {
    "TEXT": {"content": "Hello {number}"},
    "TEMPLATE": {"content": "Cards", "template": [{"title": "Card {number}"}]},
    "MEDIA": {"url": "https://example.com/{number}.png"},
    "STICKER": {"type": "like_heart"},
}


def source(store: Store, name: str = "app") -> int:
    """Add a source of imiconnect and give its number."""
    return seeds.source(store, name, vendor="imiconnect", options={"app_id": "app-1"})


def recipient(store: Store, name: str = "Test phone", **values: Any) -> int:
    """Add a recipient and give its number; its igsid carries the name unless given."""
    row = {"name": name, "name_key": name.casefold(), "igsid": f"igsid of {name}", "variables": {}, "consent": ""}
    row |= {"created_by": "ingrid", "created_at": now(), "changed_at": now()}
    with store.bulk() as link:
        return int(link.execute(insert(_tables["recipients"]).values(row | values)).inserted_primary_key[0])


def message(store: Store, whose: tuple[int, int], number: int, state: str = "delivered", **values: Any) -> int:
    """Add a message of a source to a recipient, with its story up to a state, a second for each step.

    Its texts and its instants carry the number unless given.
    """
    made = values.pop("created_at", now() - timedelta(minutes=5))
    row = _row(whose, number, state, made, values)
    with store.bulk() as link:
        message_id = int(link.execute(insert(_tables["messages"]).values(row)).inserted_primary_key[0])
        link.execute(insert(_tables["message_events"]), _steps(message_id, state, made))
    return message_id


def many(store: Store, whose: Sequence[tuple[int, int]], count: int, states: Sequence[str], span: timedelta) -> None:
    """Add many messages in one go, of these pairs and states in turns, from a span ago until now."""
    families, begun = list(_PAYLOADS), now() - span
    made = [begun + span * (number / count) for number in range(count)]
    every = range(count)
    with store.bulk() as link:
        first = int(link.execute(select(func.coalesce(func.max(_tables["messages"].c.id), 0))).scalar_one()) + 1
        rows = [
            dict.fromkeys(_NULL)
            | {"id": first + number}
            | _row(
                whose[number % len(whose)],
                number,
                states[number % len(states)],
                made[number],
                {"family": families[number % len(families)]},
            )
            for number in every
        ]
        link.execute(insert(_tables["messages"]), rows)
        steps = [_steps(first + number, states[number % len(states)], made[number]) for number in every]
        link.execute(insert(_tables["message_events"]), [step for story in steps for step in story])


def event(store: Store, message_id: int, after: str, **values: Any) -> None:
    """Add a step to the story of a message, told by a callback unless given."""
    row = {"message_id": message_id, "at": now(), "by": "callback", "after": after, "moved": True, "words": ""}
    with store.bulk() as link:
        link.execute(insert(_tables["message_events"]).values(row | values))


def sending(store: Store, source_id: int, total: int, state: str = "running", **values: Any) -> int:
    """Add a send to a list and give its number."""
    row = {"press": f"list {total}", "source_id": source_id, "person": "marek", "state": state, "total": total}
    with store.bulk() as link:
        made = insert(_tables["sendings"]).values(row | {"began_at": now()} | values)
        return int(link.execute(made).inserted_primary_key[0])


def passed(state: str) -> tuple[str, ...]:
    """Give the states that a message has had, the last one included."""
    return (*_ENDS[state], state) if state in _ENDS else _WAY[: _WAY.index(state) + 1]


def _row(whose: tuple[int, int], number: int, state: str, made: datetime, values: dict[str, Any]) -> dict[str, Any]:
    family = values.get("family", "TEXT")
    told = _filled(_PAYLOADS[family], number)
    row: dict[str, Any] = {
        "press": f"press-{number}",
        "source_id": whose[0],
        "recipient_id": whose[1],
        "recipient": "Test phone",
        "to": "igsid of Test phone",
        "family": family,
        "payload": {"from": "app-1", "to": "igsid of Test phone", "contentType": family} | told,
        "digest": "0" * 64,
        "correlation_id": f"correlation-{number}",
        "person": "marek",
        "state": state,
        "sent_by": "",
        "sent_until": 0.0,
        "created_at": made,
        "changed_at": made,
    }
    if MessageState.ACCEPTED.value in passed(state):
        row["transid"] = f"TX-{number}"
    row |= {_INSTANTS[each]: made + timedelta(seconds=place) for place, each in _stamped(state)} | values
    row.setdefault("search_text", folded(f"{row['recipient']}\n{told}\n{row['correlation_id']}"))
    return row


def _filled(payload: Any, number: int) -> Any:
    if isinstance(payload, dict):
        return {name: _filled(value, number) for name, value in payload.items()}
    if isinstance(payload, list):
        return [_filled(value, number) for value in payload]
    return payload.replace("{number}", str(number))


def _stamped(state: str) -> list[tuple[int, str]]:
    return [(place, each) for place, each in enumerate(passed(state)) if each in _INSTANTS]


def _steps(message_id: int, state: str, made: datetime) -> list[dict[str, Any]]:
    way = passed(state)
    by = {"reserved": "marek", "posting": "system", "accepted": "vendor", "refused": "vendor", "unknown": "system"}
    return [
        {
            "message_id": message_id,
            "at": made + timedelta(seconds=place),
            "by": by.get(each, "callback"),
            "before": way[place - 1] if place else None,
            "after": each,
            "moved": True,
            "words": f"It is {each}.",
        }
        for place, each in enumerate(way)
    ]
