"""Incidents are told outside once when they begin and once when they recover, to real servers that misbehave."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest

from data import incidents as table
from data import notices
from data.types import Cause, Channel, NoticeState
from services import audit, incidents, trail
from services import desk as desks
from services.access import SYSTEM
from services.desk import Desk
from tests import cached, receivers, seeds
from tests.receivers import Hook, Mailbox
from tests.seeds import NOON

Opening = Callable[..., Desk]
MINUTE = timedelta(minutes=1)
RETRIED = [1, 6, 21, 81, 261]
"""The minutes after the first try at which the next ones come."""


@pytest.fixture
def hook() -> Iterator[Hook]:
    """A web hook."""
    with receivers.hook() as served:
        yield served


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server."""
    with receivers.mailbox() as served:
        yield served


@pytest.fixture
def told_by(desk: Desk, settings_of_test: pytest.MonkeyPatch) -> Opening:
    """Opens the desk anew with the channels that are given."""

    def open_with(hook: Hook | None = None, mailbox: Mailbox | None = None) -> Desk:
        if hook is not None:
            settings_of_test.setenv("PATCHBAY_NOTIFY_URL", hook.url)
        if mailbox is not None:
            settings_of_test.setenv("PATCHBAY_SMTP_URL", mailbox.url)
            settings_of_test.setenv("PATCHBAY_NOTIFY_EMAIL", "ops@example.com, night@example.com")
        return desks.open_desk()

    del desk
    return open_with


def _begin(desk: Desk, minutes: float = 0, **values: Any) -> int:
    words = {"cause": Cause.AUDIT, "message": "Row 7 does not follow.", "advice": "Keep the file."} | values
    with desk.store.bulk() as link:
        return table.begin(link, at=NOON + minutes * MINUTE, **words)


def _end(desk: Desk, minutes: float, **values: Any) -> None:
    with desk.store.bulk() as link:
        told = {"cause": Cause.AUDIT, "why": "It holds again."} | values
        table.end(link, at=NOON + minutes * MINUTE, **told)


def _tell(desk: Desk, minutes: float) -> int:
    return incidents.tell(desk, at=NOON + minutes * MINUTE)


def _states(desk: Desk) -> list[tuple[str, str, str]]:
    return [(row["channel"], row["what"], row["state"]) for row in cached.notices(desk.store)]


def test_each_channel_is_told_once_of_the_beginning_and_once_of_the_recovery(
    told_by: Opening, hook: Hook, mailbox: Mailbox
) -> None:
    desk = told_by(hook, mailbox)
    number = _begin(desk)
    assert [_tell(desk, minutes) for minutes in (1, 2)] == [2, 0]
    _end(desk, 95)
    assert [_tell(desk, minutes) for minutes in (96, 97)] == [2, 0]

    assert [told["event"] for told in hook.told] == ["incident.began", "incident.recovered"]
    assert hook.told[0]["incident"] == {
        "id": number,
        "url": f"http://localhost:8501/incidents?incident={number}",
        "cause": "audit",
        "message": "Row 7 does not follow.",
        "advice": "Keep the file.",
        **dict.fromkeys(("ended_why", "source", "vendor", "connection_id", "account", "ended_at")),
        "began_at": "2026-03-10T12:00:00+00:00",
    }
    assert hook.headers[0]["Idempotency-Key"] == hook.told[0]["id"] != hook.told[1]["id"]
    first, second = mailbox.letters
    assert (first["Subject"], second["Subject"]) == (
        "Patchbay: Broken: Audit chain broken",
        "Patchbay: Recovered: Audit chain broken",
    )
    assert (first["From"], first["To"]) == ("ops@example.com", "ops@example.com, night@example.com")
    assert "What to do: Keep the file." in first.get_content()
    assert "Recovered: 2026-03-10 13:35 UTC, after 1 h 35 min. It holds again." in second.get_content()


def test_what_recovered_before_it_was_told_is_told_in_one_message(told_by: Opening, hook: Hook) -> None:
    desk = told_by(hook)
    hook.answers = [503]
    _begin(desk)
    _tell(desk, 0)
    _end(desk, 0.5)
    _tell(desk, 1)
    _begin(desk, 100, cause=Cause.ZOMBIE)
    _end(desk, 101, cause=Cause.ZOMBIE)
    _tell(desk, 102)
    _tell(desk, 400)

    assert [told["event"] for told in hook.told] == ["incident.began", "incident.recovered", "incident.recovered"]
    assert all("had recovered before its beginning could be told" in told["text"] for told in hook.told[1:])
    assert _states(desk)[0] == ("webhook", "began", "spared")


def test_a_receiver_that_fails_is_tried_again_with_growing_pauses_and_then_no_more(
    told_by: Opening, hook: Hook
) -> None:
    desk = told_by(hook)
    hook.answers = [500, 302, 404, 0, 429, 503, 204]
    _begin(desk)
    came = []
    for minute in sorted({0, *RETRIED, *(each - 0.5 for each in RETRIED), 1000}):
        before = len(hook.told)
        assert _tell(desk, minute) == 0
        came += [minute] * (len(hook.told) - before)

    assert came == [0, *RETRIED]
    (row,) = cached.notices(desk.store)
    assert (row["state"], row["tries"], row["problem"]) == ("failed", 6, "127.0.0.1 answers with HTTP 503.")
    assert {told["path"] for told in hook.told} == {"/hook/s3cret?sig=s3cret"}
    assert len({told["id"] for told in hook.told}) == 1


@pytest.mark.parametrize("fault", ["AUTH 535", "MAIL 550", "RCPT 550", "DATA 554"])
def test_a_refused_e_mail_is_tried_again_and_its_reason_holds_no_secret(
    told_by: Opening, mailbox: Mailbox, fault: str
) -> None:
    desk = told_by(mailbox=mailbox)
    mailbox.faults = [fault] * (2 if fault.startswith("RCPT") else 1)
    _begin(desk)

    assert _tell(desk, 0) == 0
    (row,) = cached.notices(desk.store)
    assert row["state"] == NoticeState.WAITING
    assert "s3cret" not in row["problem"]
    assert _tell(desk, 2) == 1
    assert len(mailbox.letters) == 1


def test_an_e_mail_that_may_have_arrived_is_never_sent_again(told_by: Opening, mailbox: Mailbox) -> None:
    desk = told_by(mailbox=mailbox)
    mailbox.faults = ["DATA cut"]
    _begin(desk)
    assert [_tell(desk, minutes) for minutes in (0, 2, 300)] == [0, 0, 0]

    (row,) = cached.notices(desk.store)
    assert (row["state"], row["problem"]) == (
        "unknown",
        "127.0.0.1 ended the talk. It may have arrived, so it is not sent again.",
    )
    _end(desk, 301)
    assert _tell(desk, 302) == 1


def test_after_a_crash_a_web_hook_is_told_again_under_the_same_id_and_an_e_mail_is_not(
    told_by: Opening, hook: Hook, mailbox: Mailbox
) -> None:
    desk = told_by(hook, mailbox)
    _begin(desk)
    with desk.store.bulk() as link:
        for channel in Channel:
            notices.reserve(link, notices.wanted(link, channel, NOON), NOON)
        for due in notices.due(link, list(Channel), NOON):
            assert notices.claim(link, due.id, until=NOON + incidents.LEASE)

    assert [_tell(desk, minutes) for minutes in (1, 3, 4)] == [0, 1, 0]
    assert [told["event"] for told in hook.told] == ["incident.began"]
    assert mailbox.letters == []
    assert sorted(_states(desk)) == [("email", "began", "unknown"), ("webhook", "began", "sent")]


def test_many_that_look_at_once_send_one_message(told_by: Opening, hook: Hook, mailbox: Mailbox) -> None:
    desk = told_by(hook, mailbox)
    for number in range(4):
        _begin(desk, connection_id=f"c{number}")
    threads = [Thread(target=_tell, args=(desk, 1)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(hook.told), len(mailbox.letters)) == (4, 4)


def test_what_comes_and_goes_is_told_as_recovered_only_once_it_stayed_well(told_by: Opening, hook: Hook) -> None:
    desk = told_by(hook)
    for turn in range(6):
        _begin(desk, 10 * turn)
        _tell(desk, 10 * turn + 1)
        _end(desk, 10 * turn + 5)
        _tell(desk, 10 * turn + 6)
    _tell(desk, 10 * 5 + 5 + 61)

    assert [told["event"].partition(".")[2] for told in hook.told] == ["began", "recovered"] * 3


def test_old_news_and_demo_data_for_another_machine_are_not_told(
    told_by: Opening, hook: Hook, settings_of_test: pytest.MonkeyPatch
) -> None:
    desk = told_by(hook)
    _begin(desk)
    assert _tell(desk, 25 * 60) == 0
    settings_of_test.setenv("PATCHBAY_NOTIFY_URL", "https://hooks.example.com/x")
    away = desks.open_desk()
    _begin(away, 25 * 60, cause=Cause.ZOMBIE)
    assert _tell(away, 25 * 60) == 0
    (way,) = incidents.ways(away.settings)
    assert (way.where, way.closed) == ("hooks.example.com", "Demo data: nothing leaves this machine.")
    assert hook.told == []
    assert _states(desk) == []


def test_what_waits_for_a_channel_that_is_configured_no_more_is_given_up(told_by: Opening, hook: Hook) -> None:
    desk = told_by(hook)
    hook.answers = [500]
    _begin(desk)
    _tell(desk, 0)
    plain = Desk(desk.settings.model_copy(update={"notify_url": None}), desk.store, desk.vault)
    assert _tell(plain, 5) == 0
    assert _states(desk) == [("webhook", "began", "spared")]


def test_words_of_a_vendor_are_only_text_wherever_they_are_told(told_by: Opening, hook: Hook, mailbox: Mailbox) -> None:
    desk = told_by(hook, mailbox)
    source = seeds.source(desk.store, "late-2", vendor="late")
    hostile = "Shop\r\nBcc: all@example.com\r\n\r\n<!channel> [free](http://evil.example) \u202eevil"
    key = seeds.connection(desk.store, source, 1, name=hostile)
    _begin(desk, cause=Cause.RECONNECT, source_id=source, connection_id=key, message=hostile)
    assert _tell(desk, 1) == 2

    (letter,) = mailbox.letters
    assert letter["Bcc"] is None
    assert letter["To"] == "ops@example.com, night@example.com"
    assert "\u202e" not in letter["Subject"] + letter.get_content()
    assert not any(line.startswith("Bcc") for line in letter.get_content().splitlines())
    text = hook.told[0]["text"].removesuffix(hook.told[0]["incident"]["url"])
    assert not any(live in text for live in ("<", "](", "://", "\u202e", "\r"))
    assert hook.told[0]["incident"]["message"] == hostile


def test_a_broken_audit_trail_is_an_incident_until_it_holds_again(desk: Desk) -> None:
    with desk.store.writing() as session:
        audit.record(session, SYSTEM, "thing.do", "thing")
    for reason, expected in (("changed", [None]), (None, ["All rows are as they were written."])):
        with desk.store.bulk() as link:
            link.exec_driver_sql("UPDATE audit SET reason = ? WHERE id = 1", (reason,))
        for _ in range(2):
            trail.verified(desk, SYSTEM)
        (row,) = cached.incidents(desk.store)
        assert [row["ended_why"]] == expected
        assert row["message"] == "The audit trail is broken at row 1: it was changed after it was written."
