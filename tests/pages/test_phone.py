"""What the phone is given to draw: a body as it stands, the recipient's variables, and images by our address alone."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from services import desk as desks
from services.desk import Desk
from services.messaging import images
from tests import migrated

SHOWN = "https://images.example.com/{{first_name}}.png"
HIDDEN = (
    *("http://images.example.com/a.png", "https://127.0.0.1/a.png", "https://169.254.169.254/x", "file:///etc/passwd"),
    *("javascript:alert(1)", "//images.example.com/a.png", "www.images.example.com/a.png", "https://", "x"),
)


@pytest.fixture
def real(settings_of_test: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Desk]:
    """A desk whose vendors are real ones."""
    settings_of_test.setenv("PATCHBAY_SANDBOX", "false")
    migrated.put(tmp_path / "patchbay.db")
    desk = desks.current()
    with closing(desk.store):
        yield desk


def page() -> None:
    """Draw a phone; its text is run as a script of its own."""
    import streamlit as st

    from pages.ui.compose.phone import phone

    phone(st.session_state.body, sender="Café Zürich", mode="dark", key="phone", variables={"first_name": "Lena"})


def drawn(body: dict[str, Any]) -> dict[str, Any]:
    """Give what the phone is given."""
    script = AppTest.from_function(page)
    script.session_state.body = body
    script.run()
    assert not script.exception
    data: dict[str, Any] = json.loads(script.get("bidi_component")[0].proto.json)
    return data


def test_an_image_is_asked_of_ourselves_and_of_nobody_else(real: Desk, quick_pages: None) -> None:
    del real, quick_pages
    cards: list[Any] = [{"title": "a", "imageUrl": address} for address in (SHOWN, *HIDDEN)]
    data = drawn({"contentType": "TEMPLATE", "url": 7, "template": [*cards, {"title": "b"}, {"imageUrl": 8}, None]})
    assert list(data["images"]) == [SHOWN]
    ours = urlsplit(data["images"][SHOWN])
    assert (ours.scheme, ours.netloc, ours.path) == ("", "", images.PATH)
    assert parse_qs(ours.query)["url"] == ["https://images.example.com/Lena.png"]
    assert data["sender"] == {"name": "Café Zürich", "handle": "", "initials": "CZ"}
    assert data["lacking"] == "No image"


def test_with_demo_data_no_image_is_asked_of_anybody_and_the_phone_says_so(desk: Desk, quick_pages: None) -> None:
    del desk, quick_pages
    data = drawn({"contentType": "MEDIA", "url": SHOWN})
    assert data["images"] == {}
    assert data["lacking"] == "Images are not fetched with demo data"
    assert drawn({"contentType": "TEMPLATE", "template": "no list"})["images"] == {}
