"""Incidents: open ones first, filtered by their address, and one in words with who was told of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from data import incidents as begun
from data.queries import newest
from data.store import now
from data.types import Cause
from services import desk as desks
from services.desk import Desk
from tests import seeds
from tests.pages import sheets

INCIDENTS = "operations/incidents.py"
HOSTILE = "![x](http://127.0.0.1:9/x) :material/bolt:"
HOUR = timedelta(hours=1)

Opener = Callable[..., AppTest]


@pytest.fixture
def filled(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Eight incidents that ended, five a page, of two sources, and two that are open."""
    monkeypatch.setattr(newest, "SIZE", 5)
    north, south = seeds.source(desk.store, "north"), seeds.source(desk.store, "south")
    for number in range(8):
        about = {"source_id": south if number % 4 == 0 else north, "cause": Cause.FAILING}
        at = now() - (100 - 10 * number) * HOUR
        seeds.incident(desk.store, message=f"m{number}", at=at, **about)
        with desk.store.bulk() as link:
            begun.end(link, at=at + HOUR, why=HOSTILE, **about)
    key = seeds.connection(desk.store, north, 1, name="Café")
    seeds.incident(desk.store, north, Cause.RECONNECT, HOSTILE, connection_id=key, at=now() - 2 * HOUR)
    seeds.incident(desk.store, None, Cause.AUDIT, "open2", since=now() - HOUR)
    return desk


def words(page: AppTest) -> str:
    return "\n".join(element.value for element in page.markdown)


def asked(opened: Opener, who: str = "ana", **parameters: str) -> AppTest:
    page = opened("overview/today.py", who)
    for name, value in parameters.items():
        page.query_params[name] = value
    page = page.switch_page(INCIDENTS).run()
    assert not page.exception
    return page


def seen(page: AppTest) -> list[str]:
    return sheets.column(page, "message")


@pytest.mark.usefixtures("filled")
def test_open_ones_come_first_then_those_that_ended_page_by_page(opened: Opener) -> None:
    page = asked(opened)
    assert seen(page) == ["open2", HOSTILE, "m7", "m6", "m5", "m4", "m3"]
    assert "2 open" in words(page)
    page = page.button(key="go_after").click().run()
    assert seen(page) == ["m2", "m1", "m0"]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("parameters", "messages"),
    [
        ({"state": "open"}, ["open2", HOSTILE]),
        ({"state": "ended", "source": "south"}, ["m4", "m0"]),
        ({"source": "south"}, ["m4", "m0"]),
        ({"cause": "audit"}, ["open2"]),
        ({"cause": "loss"}, []),
        ({"state": HOSTILE, "source": HOSTILE}, []),
    ],
)
def test_the_address_narrows_the_list(opened: Opener, parameters: dict[str, str], messages: list[str]) -> None:
    page = asked(opened, **parameters)
    if messages:
        assert seen(page) == messages
    else:
        assert "**No incident matches**" in words(page)
        assert "![x](http" not in words(page)
        assert sheets.sheets(page.button(key="clear_all").click().run())


def test_a_chosen_incident_says_what_it_is_where_it_leads_and_who_was_told(filled: Desk, opened: Opener) -> None:
    seeds.notice(filled.store, 9, "began", "failed", problem=HOSTILE, tries=6)
    seeds.notice(filled.store, 9, "began", "sent", channel="webhook", sent_at=now())
    page = asked(opened, incident="9")
    told = words(page) + str(page.table[0].value.to_dict())
    assert "Must be reconnected" in told
    assert "Café" in told
    assert "by e-mail that it began" in told
    assert "![x](http" not in told
    assert [link.label for link in page.get("page_link")][-2:] == ["Account", "Reconnect"]
    assert sheets.column(page, "told")[:2] == [None, "e-mail failed"]

    ended = asked(opened, incident="8")
    assert "1 h" in str(ended.table[0].value.to_dict())
    assert "Nobody outside of the app. No channel is set up." in words(ended).replace("\\", "")


def test_the_page_says_who_is_told_and_what_is_missing_for_it(
    opened: Opener, settings_of_test: pytest.MonkeyPatch, desk: Desk
) -> None:
    del desk
    assert "Nobody is told outside of the app" in words(asked(opened))
    settings_of_test.setenv("PATCHBAY_NOTIFY_URL", "http://127.0.0.1:9/s3cret")
    settings_of_test.setenv("PATCHBAY_SMTP_URL", "smtp://u:s3cret@mail.example.com")
    desks.current.cache_clear()
    told = words(asked(opened)).replace("\\", "")
    assert "by web hook to 127.0.0.1" in told
    assert "`PATCHBAY_NOTIFY_EMAIL` is not set" in told
    assert "s3cret" not in told
    settings_of_test.setenv("PATCHBAY_NOTIFY_EMAIL", "ops@example.com")
    desks.current.cache_clear()
    assert "Demo data: nothing leaves this machine." in words(asked(opened)).replace("\\", "")


def test_no_incident_at_all_and_one_that_does_not_exist_are_said(opened: Opener, desk: Desk) -> None:
    assert "**Nothing is broken, and nothing was.**" in words(asked(opened))
    seeds.incident(desk.store, None, Cause.AUDIT, "m")
    assert "There is no such incident." in words(asked(opened, incident="999"))


def test_today_tells_each_incident_once_and_leads_to_it(filled: Desk, opened: Opener) -> None:
    with filled.store.bulk() as link:
        link.exec_driver_sql("UPDATE connections SET health = 'broken', health_reason = 'expired'")
        link.exec_driver_sql("UPDATE sources SET failures = 3, problem_kind = 'timeout' WHERE name = 'north'")
    seeds.incident(filled.store, _number(filled, "north"), Cause.FAILING, "It fails.")
    page = opened("overview/today.py")
    links = [
        link for link in page.get("page_link") if link.proto.page.endswith("incidents") and link.proto.query_string
    ]
    assert [link.proto.query_string for link in links] == ["incident=10"]


def _number(desk: Desk, name: str) -> int:
    with desk.store.reading() as session:
        return int(session.connection().exec_driver_sql(f"SELECT id FROM sources WHERE name = '{name}'").scalar_one())


def test_the_reason_stands_without_the_account_which_has_its_own_column(desk: Desk, opened: Opener) -> None:
    north = seeds.source(desk.store, "north")
    key = seeds.connection(desk.store, north, 1, name="Nova: the café")
    for message in ("Nova on X: it ended: now.", "It is no list."):
        seeds.incident(desk.store, north, Cause.RECONNECT if "X" in message else Cause.LOSS, message, connection_id=key)
    page = asked(opened)
    assert set(seen(page)) == {"Nova on X: it ended: now.", "It is no list."}
    other = seeds.connection(desk.store, north, 2, name="Nova")
    seeds.incident(desk.store, north, Cause.RECONNECT, "Nova on X: it ended: now.", connection_id=other)
    assert "it ended: now." in seen(asked(opened))
