"""The shell: nobody passes it, roles see their pages, and what is wrong is said calmly."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import streamlit
from sqlalchemy import event
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from data.models import SignInSession
from data.types import Role
from pages.ui import failures, menu
from services import desk as desks
from services import front, people, sessions
from services.access import SYSTEM, Permission
from services.desk import Desk
from services.failures import Misuse
from tests.pages.sheets import sheets

ROOT = Path(__file__).resolve().parents[2]
SHELL = str(ROOT / "pages" / "shell.py")
pytestmark = pytest.mark.usefixtures("quick_pages")


@pytest.fixture
def enter(cookie: Callable[[str], str], monkeypatch: pytest.MonkeyPatch) -> Callable[[str], AppTest]:
    """Opens the shell with the cookie of a demo person; AppTest has no browser that could send one."""

    def opened(username: str) -> AppTest:
        cookies = {front.COOKIE: cookie(username)}
        monkeypatch.setattr(type(streamlit.context), "cookies", property(lambda _context: cookies))
        return AppTest.from_file(SHELL, default_timeout=20)

    return opened


def _words(app: AppTest) -> str:
    return "\n".join(str(element.value) for element in [*app.markdown, *app.header, *app.error])


@pytest.mark.parametrize("script", [None, *(entry.script for entry in menu.MENU)])
def test_without_a_cookie_every_page_is_the_sign_in(desk: Desk, script: str | None) -> None:
    people.ensure_demo_people(desk)
    app = AppTest.from_file(SHELL, default_timeout=20)
    app.run()
    if script:
        app.switch_page(script).run()
    assert not app.exception
    assert [each.value for each in app.header] == ["Sign in"]
    assert not sheets(app)
    assert "Demo data" in _words(app)


def test_a_session_that_ends_shows_the_sign_in_on_the_next_run(desk: Desk, enter: Callable[[str], AppTest]) -> None:
    app = enter("ana").run()
    assert "Sign in" not in [each.value for each in app.header]
    people.set_role(desk, SYSTEM, "ana", Role.MARKETER)
    app.run()
    assert [each.value for each in app.header] == ["Sign in"]


def test_a_page_that_asks_often_who_is_here_reads_the_session_once(desk: Desk, enter: Callable[[str], AppTest]) -> None:
    app = enter("ingrid").run()
    app.switch_page("approvals/approvals.py").run()
    asked: list[str] = []

    def note(_link: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(desk.store.reader, "before_cursor_execute", note)
    app.run()
    event.remove(desk.store.reader, "before_cursor_execute", note)

    assert not app.exception
    assert sum(f"FROM {SignInSession.__tablename__}" in statement for statement in asked) == 1


def test_a_page_that_a_role_may_not_see_says_so_and_whom_to_ask(
    enter: Callable[[str], AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = menu.MENU[0]
    closed = menu.Entry(first.section, first.script, first.title, first.icon, first.address, Permission.MANAGE_PEOPLE)
    monkeypatch.setattr(menu, "MENU", (closed, *menu.MENU[1:]))
    app = enter("ana").run()
    assert "may not manage people" in _words(app)
    assert "Ask a person with the role admin" in _words(app)
    assert not app.metric
    assert "may not manage people" not in _words(enter("ingrid").run())


def test_every_page_is_registered_for_every_role_and_has_its_own_address() -> None:
    assert len({entry.address for entry in menu.MENU}) == len(menu.MENU)
    assert all((menu.PAGES / entry.script).is_file() for entry in menu.MENU)


def test_no_page_runs_by_itself_beside_the_shell() -> None:
    beside = {path.name for path in (ROOT / "pages").glob("*.py")}
    assert beside == {"__init__.py", "shell.py"}
    assert not (ROOT / "pages" / "pages").exists()


@pytest.mark.parametrize("error", [ValueError("token-of-nobody-123"), KeyError("token-of-nobody-123")])
def test_an_uncaught_error_shows_an_id_and_logs_its_place_but_no_secret(
    error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(type(error)) as caught:
        raise error
    assert failures.show(caught.value)
    told = capsys.readouterr()
    assert "test_shell.py" in told.out + told.err
    assert "token-of-nobody-123" not in told.out + told.err


def test_an_error_of_ours_is_shown_in_its_own_words(desk: Desk) -> None:
    del desk

    def script() -> None:
        from pages.ui import failures
        from services.failures import Misuse

        failures.show(Misuse("There is no <b>such</b> thing.", "Try [another](http://evil.test)."))

    app = AppTest.from_function(script).run()
    shown = app.error[0].value
    assert "such" in shown
    assert "](http" not in shown
    assert isinstance(Misuse("x"), Exception)


def test_the_first_admin_is_made_on_the_command_line(settings_of_test: pytest.MonkeyPatch) -> None:
    settings_of_test.setenv("PATCHBAY_SANDBOX", "false")
    app = AppTest.from_file(SHELL, default_timeout=20).run()
    assert app.code[0].value == "python -m services users add NAME --role admin"
    assert not app.text_input
    assert "Demo" not in _words(app)
    desks.current().store.close()


def test_the_demo_people_stand_on_the_page_and_fill_in_the_form(desk: Desk) -> None:
    people.ensure_demo_people(desk)
    app = AppTest.from_file(SHELL, default_timeout=20).run()
    for person in people.DEMO_PEOPLE:
        assert f"{person.username} · {person.password}" in _words(app)
    app.button(key="use_ingrid").click().run()
    assert [each.value for each in app.text_input] == ["ingrid", "all-the-keys"]


def test_looking_at_an_open_tab_does_not_keep_its_session_alive(
    desk: Desk, cookie: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    token = cookie("ana")
    with desk.store.writing() as session:
        for row in session.exec(select(SignInSession)):
            row.last_seen_at = row.last_seen_at - timedelta(minutes=90)
    before = sessions.person(desk, token)
    monkeypatch.setattr(type(streamlit.context), "cookies", property(lambda _context: {front.COOKIE: token}))

    def script(shown: object) -> None:
        from pages.ui import session

        session.watch(shown)  # type: ignore[arg-type]

    assert not AppTest.from_function(script, args=(before,)).run().exception
    after = sessions.person(desk, token)
    assert before is not None
    assert after is not None
    assert after.last_seen_at == before.last_seen_at
    AppTest.from_file(SHELL, default_timeout=20).run()
    now_seen = sessions.person(desk, token)
    assert now_seen is not None
    assert now_seen.last_seen_at > before.last_seen_at
