"""The JWT that a source was given: told before it ends, by its own word, and never shown."""

import base64
import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from data.queries import incidents
from data.store import now
from data.types import Vendor
from services import credentials, jwts, reach
from services.access import SYSTEM
from services.credentials import Application
from services.desk import Desk, open_desk
from services.failures import Failure
from services.jwts import Life
from tests import migrated

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SECRET = "s3cret-signature"


def jwt(**claims: Any) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"fake.{payload}.{SECRET}"


def from_now(made: timedelta, ends: timedelta) -> str:
    return jwt(iat=int((now() + made).timestamp()), exp=int((now() + ends).timestamp()))


@pytest.fixture
def real(settings_of_test: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Desk]:
    settings_of_test.setenv("PATCHBAY_SANDBOX", "false")
    migrated.put(tmp_path / "patchbay.db")
    opened = open_desk()
    with closing(opened.store):
        yield opened


def add(desk: Desk, token: str, **more: str) -> credentials.Listed:
    about = {"app_id": "a_1"}
    secrets = {"jwt": token} | more
    return credentials.add(
        desk, SYSTEM, "emea", Application(Vendor.IMICONNECT, "https://x.example.com", options=about, secrets=secrets)
    )


def opened(desk: Desk) -> list[str]:
    jwts.watch(desk)
    with desk.store.reading() as session:
        return [each.message for each in incidents.open_now(session)]


@pytest.mark.parametrize("token", ["", "fake", "a.b", "a.b.c", "a.NQ.c", jwt(exp="soon"), jwt(exp=1e30), jwt(exp=[])])
def test_what_is_no_jwt_is_a_failure_that_does_not_repeat_it(token: str) -> None:
    with pytest.raises(Failure, match="not of three base64 parts") as caught:
        jwts.life(token)
    assert SECRET not in caught.value.message


def test_a_jwt_says_when_it_was_made_and_when_it_ends() -> None:
    assert jwts.life(jwt(iat=1773144000, exp=1773147600)) == Life(NOON, NOON + HOUR)
    assert jwts.life(f"Bearer {jwt(iat=1773144000)}") == Life(NOON, None)
    assert jwts.life(jwt()) == Life(None, None)


@pytest.mark.parametrize(
    ("made", "ends", "left"),
    [
        (NOON, NOON + HOUR, timedelta(minutes=15)),
        (NOON, NOON + 4 * DAY, DAY),
        (NOON, NOON + 365 * DAY, 7 * DAY),
        (None, NOON + 365 * DAY, 7 * DAY),
        (NOON, NOON + timedelta(minutes=20), timedelta(minutes=15)),
    ],
)
def test_the_last_quarter_of_its_life_is_soon(made: datetime | None, ends: datetime, left: timedelta) -> None:
    life = Life(made, ends)
    assert life.soon(ends - left)
    assert life.soon(ends + DAY)
    assert not life.soon(ends - left - timedelta(seconds=1))
    assert not Life(made, None).soon(NOON)


def test_an_incident_begins_before_it_ends_and_ends_with_a_new_one(real: Desk) -> None:
    listed = add(real, from_now(-HOUR, timedelta(minutes=5)))
    assert listed.jwt_ends is not None
    (message,) = opened(real)
    assert (
        message == f"Messages can be sent until {listed.jwt_ends:%Y-%m-%d %H:%M} UTC: the JWT of this source ends then."
    )
    assert opened(real) == [message]
    credentials.rotate(real, SYSTEM, "emea", {"jwt": from_now(-HOUR, 9 * HOUR)})
    assert opened(real) == []


def test_a_source_that_makes_its_own_needs_nobody(real: Desk) -> None:
    listed = add(real, from_now(-HOUR, -HOUR), jwt_secret=base64.b64encode(b"x").decode(), service_key="k")
    assert listed.jwt_ends is None
    assert opened(real) == []


def test_a_test_of_the_source_tells_it_too_and_never_the_jwt(real: Desk) -> None:
    add(real, from_now(-HOUR, HOUR))
    told = reach.asked(real, SYSTEM, "emea")
    assert told.answer is reach.Answer.NOTHING
    assert "Its JWT ends 20" in told.detail
    credentials.rotate(real, SYSTEM, "emea", {"jwt": jwt()})
    assert "does not say when it ends" in reach.asked(real, SYSTEM, "emea").detail
    credentials.rotate(real, SYSTEM, "emea", {"jwt": from_now(-2 * HOUR, -HOUR)})
    ended = reach.asked(real, SYSTEM, "emea")
    assert (ended.answer, ended.detail) == (reach.Answer.FAILED, "The JWT has expired.")
    assert SECRET not in repr([told, ended, credentials.listing(real, SYSTEM)])


def test_demo_sources_have_none(desk: Desk) -> None:
    assert all(each.jwt_ends is None for each in credentials.listing(desk, SYSTEM))
    assert opened(desk) == []
