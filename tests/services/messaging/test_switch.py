"""The switch that turns sending off: a person's word outlives a restart, and the settings' word stands above it."""

import pytest

from data.types import Vendor
from services import credentials
from services.access import SYSTEM
from services.credentials import Application
from services.desk import Desk, open_desk
from services.failures import Failure, Forbidden, Misuse
from services.messaging import switch
from services.sandbox import Sandbox
from tests.services.messaging.leaving import INGRID, MIA, trail


def is_on(desk: Desk, name: str = "imiconnect") -> bool:
    with desk.store.reading() as session:
        return switch.sending_is_on(credentials.named(session, name))


def test_what_a_person_turned_off_stays_off_until_a_person_turns_it_on(desk: Desk) -> None:
    assert is_on(desk)
    assert switch.turn(desk, INGRID, "imiconnect", on=False) is False
    again = open_desk()
    assert not is_on(again)
    assert switch.turn(again, INGRID, "imiconnect", on=True) is True
    again.store.close()
    assert is_on(desk)
    assert trail(desk) == [("ingrid", "message.switch", "done")] * 2


def test_only_who_manages_sources_turns_it_and_only_for_imiconnect(desk: Desk) -> None:
    with pytest.raises(Forbidden):
        switch.turn(desk, MIA, "imiconnect", on=False)
    with pytest.raises(Misuse, match="sends no messages"):
        switch.turn(desk, INGRID, "late", on=False)
    with pytest.raises(Misuse, match="no source named 'nobody'"):
        switch.turn(desk, INGRID, "nobody", on=False)
    assert is_on(desk)


def test_what_the_settings_turn_off_no_page_turns_on(settings_of_test: pytest.MonkeyPatch, vendors: Sandbox) -> None:
    del vendors
    given = {"BASE_URL": "https://api.example", "SERVICE_KEY": "fake", "APP_ID": "app", "SENDING": "false"}
    for name, value in given.items():
        settings_of_test.setenv(f"PATCHBAY_IMICONNECT__{name}", value)
    desk = open_desk()
    assert not is_on(desk)
    with pytest.raises(Failure, match="The settings turn the sending by imiconnect off"):
        switch.turn(desk, INGRID, "imiconnect", on=True)
    desk.store.close()


def test_an_added_source_keeps_its_switch_when_its_secret_is_renewed(
    settings_of_test: pytest.MonkeyPatch,
) -> None:
    settings_of_test.setenv("PATCHBAY_SANDBOX", "false")
    desk = open_desk()
    options = {"app_id": "app", "per_second": "5"}
    wanted = Application(Vendor.IMICONNECT, "https://api.example", None, options, {"service_key": "fake"})
    credentials.add(desk, SYSTEM, "second", wanted)
    switch.turn(desk, INGRID, "second", on=False)
    credentials.rotate(desk, SYSTEM, "second", {"service_key": "renewed"})
    assert not is_on(desk, "second")
    desk.store.close()
