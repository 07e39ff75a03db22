"""Pages as a person sees them: signed in through a real session row, run from the shell."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import session
from services.desk import Desk

SHELL = Path(__file__).resolve().parents[2] / "pages" / "shell.py"
Opener = Callable[..., AppTest]


@pytest.fixture
def opened(desk: Desk, cookie: Callable[[str], str], quick_pages: None, monkeypatch: pytest.MonkeyPatch) -> Opener:
    """Opens a page as one of the demo people, with an address's parameters; AppTest itself has no cookies."""
    del desk, quick_pages

    def open_page(script: str, who: str = "ana", **parameters: str | list[str]) -> AppTest:
        token = cookie(who)
        monkeypatch.setattr(session, "token", lambda: token)
        page = AppTest.from_file(str(SHELL), default_timeout=20)
        for name, value in parameters.items():
            page.query_params[name] = value
        page.run()
        if script != "overview/today.py":
            page.switch_page(script).run()
        assert not page.exception
        return page

    return open_page
