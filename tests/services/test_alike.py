"""Handles that look alike and are not the same."""

# ruff: noqa: RUF001 (letters that look like others are what this is about)

import pytest

from services.alike import look_alike


@pytest.mark.parametrize(
    ("one", "other"),
    [("cafe", "саfe"), ("cafe", "cafė"), ("paypal", "paypaI"), ("zalando", "zаlаndо"), ("go0d", "good"), ("mo", "rno")],
)
def test_what_is_drawn_alike_is_told(one: str, other: str) -> None:
    assert look_alike(one, other)
    assert look_alike(other, one)


@pytest.mark.parametrize(("one", "other"), [("cafe", "Cafe"), ("@cafe", "@CAFE"), ("cafe", "cafes"), ("мир", "mir")])
def test_the_same_handle_and_another_word_are_not(one: str, other: str) -> None:
    assert not look_alike(one, other)
