"""Sources: an admin adds, tests, renews and removes; a secret is in no page, state, log or audit row."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from data import trail
from data.types import Vendor
from pages.ui import source_form
from pages.ui.text import plain
from services import credentials, people
from services import desk as desks
from services.access import SYSTEM
from services.credentials import Application, Removal
from services.desk import Desk
from services.failures import Misuse
from services.messaging import drafts
from services.sandbox import Sandbox, serve
from services.sandbox import credentials as accepted
from tests import seeds
from tests.pages import sheets

SOURCES = "settings/sources.py"
CANARY = "sk_fake_canary_91be"

Opener = Callable[..., AppTest]


@pytest.fixture(params=["real"])
def desk(request: pytest.FixtureRequest, settings_of_test: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A desk for real data (or of the demo, by the parameter), opened as the process's own, with the demo's people."""
    demo = request.param == "demo"
    settings_of_test.setenv("PATCHBAY_SANDBOX", "true" if demo else "false")
    opened = desks.current()
    for each in () if demo else people.DEMO_PEOPLE:
        people.add(opened, SYSTEM, each.username, role=each.role, password="a long enough one")
    yield opened
    opened.store.close()


@pytest.fixture(scope="module")
def place() -> Iterator[str]:
    """Where a pretended Zocial answers that is taken for a real one."""
    with serve(Sandbox(rate_limits=False)) as origin:
        yield f"{origin}/sandbox/zocial"


def words(page: AppTest) -> str:
    return "\n".join(element.value for element in page.markdown)


def shown(opened: Opener, name: str | None = None, who: str = "ingrid") -> AppTest:
    """Open the page with one source chosen."""
    page = opened("overview/today.py", who)
    if name:
        page.query_params["source"] = name
    return page.switch_page(SOURCES).run()


def typed(page: AppTest, values: dict[str, str]) -> None:
    for label, value in values.items():
        next(each for each in page.text_input if each.label == label).set_value(value)


def pressed(page: AppTest, label: str) -> AppTest:
    page = next(each for each in page.button if each.label == label).click().run()
    assert not page.exception
    return page


def add(desk: Desk, place: str, name: str = "zocial-emea", token: str = CANARY) -> None:
    credentials.add(desk, SYSTEM, name, Application(Vendor.ZOCIAL, place, secrets={"token": token}))


def everything(desk: Desk, page: AppTest) -> str:
    """All that the page, its session and the audit trail hold."""
    drawn = [str(element.proto) for element in page.main]
    with desk.store.reading() as session:
        return "\n".join([*drawn, str(vars(page.session_state._state)), str(list(trail.in_order(session)))])


@pytest.mark.parametrize("who", ["ana", "marek"])
def test_who_is_no_admin_is_told_whom_to_ask(opened: Opener, who: str) -> None:
    page = opened(SOURCES, who)
    assert "may not manage sources" in words(page)
    assert not sheets.sheets(page)


def test_without_a_source_the_page_says_what_to_do(opened: Opener) -> None:
    assert "**No source is known yet.**" in words(opened(SOURCES, "ingrid"))


@pytest.mark.parametrize("vendor", list(Vendor))
def test_the_form_has_exactly_the_fields_of_its_vendor(opened: Opener, vendor: Vendor) -> None:
    page = opened(SOURCES, "ingrid").button(key="add_source").click().run()
    page.selectbox(key="source_vendor").set_value(vendor.value).run()
    fields = [*credentials.plain_fields(vendor), *credentials.secret_fields(vendor)]
    assert {each.label for each in (*page.text_input, *page.toggle)} == {
        "Name here",
        "Address",
        *(source_form.label(name) for name in fields),
    }
    secret = {source_form.label(name) for name in credentials.secret_fields(vendor)}
    assert {each.label for each in page.text_input if each.proto.type == each.proto.PASSWORD} == secret


def test_an_added_source_is_there_and_its_secret_is_nowhere(
    desk: Desk, opened: Opener, place: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    page = opened(SOURCES, "ingrid").button(key="add_source").click().run()
    page.selectbox(key="source_vendor").set_value("zocial").run()
    typed(page, {"Name here": "zocial-emea", "Address": place, "Token": CANARY})
    page = pressed(page, "Add the source")
    assert [each.value for each in page.toast] == [plain("zocial-emea was added. Test it, then sync it under Health.")]
    assert sheets.column(page, "name") == ["zocial-emea"]
    page = page.button(key="test_source").click().run()
    assert "It does not answer as it should" in words(page)
    assert CANARY not in everything(desk, page)
    assert CANARY.encode() not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
    told = capfd.readouterr()
    assert CANARY not in told.out + told.err


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"Name here": "a b", "Address": "https://vendor.example", "Token": CANARY}, "name is 1 to 64"),
        ({"Name here": "x", "Address": "http://vendor.example", "Token": CANARY}, "https"),
        ({"Name here": "x", "Address": "https://vendor.example"}, "also needs"),
        ({"Name here": "x", "Address": "https://vendor.example", "Token": CANARY + "\n"}, "printable"),
    ],
)
def test_what_can_be_no_source_is_refused_and_the_secret_is_nowhere(
    desk: Desk, opened: Opener, values: dict[str, str], says: str
) -> None:
    page = opened(SOURCES, "ingrid").button(key="add_source").click().run()
    page.selectbox(key="source_vendor").set_value("zocial").run()
    typed(page, values)
    page = pressed(page, "Add the source")
    assert not page.toast
    assert credentials.listing(desk, SYSTEM) == []
    with desk.store.reading() as session:
        assert says in (trail.newest(session, 1)[0].reason or "")
    assert CANARY not in everything(desk, page)


def test_a_new_secret_replaces_the_old_one_and_the_test_says_so(desk: Desk, opened: Opener, place: str) -> None:
    add(desk, place)
    page = shown(opened, "zocial-emea").button(key="test_source").click().run()
    assert "It does not answer as it should" in words(page)
    page = page.button(key="rotate_source").click().run()
    typed(page, {"Token": accepted()["zocial"]["token"]})
    page = pressed(page, "Replace the secrets")
    page = page.button(key="test_source").click().run()
    assert "It answers and takes the credential" in words(page)
    assert accepted()["zocial"]["token"] not in everything(desk, page)


def test_switching_off_and_on_shows_its_plan_first(desk: Desk, opened: Opener, place: str) -> None:
    add(desk, place)
    page = shown(opened, "zocial-emea").button(key="switch_off").click().run()
    assert "is no longer asked" in words(page)
    assert credentials.listing(desk, SYSTEM)[0].enabled
    page = page.button(key="plan_do").click().run()
    assert not credentials.listing(desk, SYSTEM)[0].enabled
    page = page.button(key="switch_on").click().run()
    page.button(key="plan_do").click().run()
    assert credentials.listing(desk, SYSTEM)[0].enabled


def test_removing_says_what_stays_and_deletes_the_secret(desk: Desk, opened: Opener, place: str) -> None:
    add(desk, place)
    for number in range(3):
        seeds.connection(desk.store, 1, number)
    page = shown(opened, "zocial-emea").button(key="remove_source").click().run()
    assert "Its 3 connections and their history stay." in words(page)
    assert credentials.removal(desk, SYSTEM, "zocial-emea") == Removal(connections=3, drafts=0)
    page.button(key="plan_do").click().run()
    assert credentials.listing(desk, SYSTEM) == []


def test_removing_an_app_says_which_drafts_need_another_one(desk: Desk, opened: Opener) -> None:
    secrets, options = {"service_key": CANARY}, {"app_id": "a_1"}
    there = Application(Vendor.IMICONNECT, "https://api.example.com", options=options, secrets=secrets)
    credentials.add(desk, SYSTEM, "insta", there)
    kept, discarded = (drafts.create(desk, SYSTEM, {"content": "Hi"}, source="insta") for _ in range(2))
    drafts.discard(desk, SYSTEM, discarded.id)
    page = shown(opened, "insta").button(key="remove_source").click().run()
    assert "1 draft can't be sent until another source is chosen." in words(page)
    page.button(key="plan_do").click().run()
    saved = drafts.save(desk, SYSTEM, kept.id, 1, body={"content": "Hoi"}, source="insta")
    assert saved.source_gone


@pytest.mark.parametrize(("exp", "says"), [(4102444800, "2100-01-01 00:00:00 UTC · in"), (1, "ended")])
def test_when_a_jwt_ends_is_told_and_never_the_jwt(desk: Desk, opened: Opener, exp: int, says: str) -> None:
    payload = base64.urlsafe_b64encode(json.dumps({"exp": exp}).encode()).decode()
    about = Application(Vendor.IMICONNECT, "https://x.example.com", None, {"app_id": "a_1"}, {})
    credentials.add(desk, SYSTEM, "emea", replace(about, secrets={"jwt": f"e30.{payload}.{CANARY}"}))
    page = shown(opened, "emea")
    told = str(page.table[0].value.to_dict())
    assert says in told
    assert CANARY not in words(page) + told


def test_a_source_of_the_settings_is_changed_there(desk: Desk, opened: Opener) -> None:
    seeds.source(desk.store, "late", vendor="late", origin="environment")
    page = shown(opened, "late")
    assert "stands in the settings" in words(page)
    assert plain("PATCHBAY_LATE__") in words(page)
    assert {each.key for each in page.button} >= {"test_source"}
    assert not {"rotate_source", "switch_off", "remove_source"} & {each.key for each in page.button}
    with pytest.raises(Misuse):
        credentials.removal(desk, SYSTEM, "late")


def test_hostile_words_of_a_source_stay_text(desk: Desk, opened: Opener) -> None:
    hostile = "![x](http://127.0.0.1:9/x) :material/bolt:"
    seeds.source(
        desk.store,
        "north",
        options={hostile: hostile},
        base_url=hostile,
        failures=1,
        problem_kind="timeout",
        problem_message=hostile,
        problem_action=hostile,
    )
    page = shown(opened, "north")
    assert "![x](http" not in words(page) + str(page.table[0].value.to_dict())


@pytest.mark.parametrize("desk", ["demo"], indirect=True)
@pytest.mark.usefixtures("desk")
def test_in_the_sandbox_adding_is_refused_with_the_reason(opened: Opener) -> None:
    page = opened(SOURCES, "ingrid").button(key="add_source").click().run()
    assert "demo and real data never mix" in words(page)
    assert not page.text_input
    assert "pretended source" in words(page)
