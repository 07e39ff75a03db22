"""Late's webhooks: the public envelope, the document's fields, and what neither of them says."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.vendors.late_events import Event, event

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "heard"),
    [
        (
            {
                "id": "1",
                "event": "account.connected",
                "timestamp": "2026-03-10T12:00:00Z",
                "account": {"accountId": "a"},
            },
            Event("1", "account.connected", AT, False, "a"),
        ),
        (
            {"id": "2", "event": "message.received", "timestamp": 1773144000000, "account": {"id": "b"}},
            Event("2", "message.received", AT, False, "b"),
        ),
        ({"platform": "instagram", "profile_id": "p"}, Event(None, "account.connected", None, False, None)),
        ({"platform": "instagram", "account_id": 7}, Event(None, "account.connected", None, False, "7")),
        ({"id": 5, "event": "webhook.test"}, Event("5", "webhook.test", None, True, None)),
        ({"id": "6", "event": "account.connected", "test": True}, Event("6", "account.connected", None, True, None)),
        ({"id": {}, "event": [], "timestamp": "soon", "account": "x"}, Event(None, None, None, False, None)),
        ({}, Event(None, None, None, False, None)),
    ],
)
def test_an_event_in_any_spelling(told: dict[str, Any], heard: Event) -> None:
    assert event(told) == heard
