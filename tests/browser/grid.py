"""Reads the table of connections as a screen reader would: the grid is a canvas, its table for assistance is text."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser import desk
from tests.browser.conftest import settle

_ROW, _HEAD, _BOX, _AVATAR, _ARROW = 40, 36, 16, 44, 40
_TOTAL = re.compile(r"\s*([\d,]+)\s+(?:account|connection)")
_READ = """
grid => [...grid.querySelectorAll("[role=row]")].map(
  row => [...row.querySelectorAll("[role=columnheader], [role=gridcell]")].map(cell => cell.textContent)
)
"""


def rows(page: Page) -> list[dict[str, str]]:
    """Give the rows of the first table that are drawn, once there are some, each as column and text."""
    table = page.locator("[data-testid=stDataFrame] [role=grid]").first
    drawn: list[list[str]] = []

    def there() -> bool:
        drawn[:] = table.evaluate(_READ)
        return len(drawn) > 1

    desk.until(there, desk.PATIENCE, "the table has rows")
    head, *found = drawn
    return [dict(zip(head, row, strict=True)) for row in found]


def names(page: Page) -> list[str]:
    """Give the names of the accounts in the rows that are drawn."""
    return [row["Account"] for row in rows(page)]


def total(page: Page) -> int:
    """Give how many connections the page says match, once it says it."""
    return until_total(page, lambda _: True, "the page says how many match")


def until_names(page: Page, true: Callable[[list[str]], bool], what: str) -> list[str]:
    """Wait until the names of the accounts are as they should be, and give them."""
    found: list[str] = []

    def there() -> bool:
        found[:] = names(page)
        return true(found)

    desk.until(there, desk.PATIENCE, what)
    return found


def until_total(page: Page, true: Callable[[int], bool], what: str) -> int:
    """Wait until so many connections match as should, and give how many."""
    number = 0

    def there() -> bool:
        nonlocal number
        told = _TOTAL.match(page.locator(".st-key-list_actions").inner_text())
        number = int(told[1].replace(",", "")) if told else 0
        return told is not None and true(number)

    desk.until(there, desk.PATIENCE, what)
    settle(page)
    return number


def tick(page: Page, place: int) -> None:
    """Click the box of a row that is drawn, the first one is 0."""
    _click(page, _BOX, place)


def open_row(page: Page, place: int) -> None:
    """Click the arrow of a row that leads to its account."""
    _click(page, 2 * _BOX + _AVATAR + _ARROW // 2, place)


def _click(page: Page, across: int, place: int) -> None:
    """Click a place of the table once it stands still: what is drawn above it moves it."""
    sheet = page.locator("[data-testid=stDataFrame] .dvn-scroller").first
    sheet.click(position={"x": across, "y": _HEAD + _ROW * place + _ROW // 2})


def chosen(page: Page, words: str) -> None:
    """Wait until the row above the table says what is chosen."""
    expect(page.locator(".st-key-list_actions")).to_contain_text(words)
    settle(page)
