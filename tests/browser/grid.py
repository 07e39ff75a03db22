"""Reads the table of connections as a screen reader would: the grid is a canvas, its table for assistance is text."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser import desk
from tests.browser.conftest import settle

_ROW, _HEAD, _BOX, _AVATAR, _ARROW = 40, 36, 16, 44, 40
_READ = """
grid => [...grid.querySelectorAll("[role=row]")].map(
  row => [...row.querySelectorAll("[role=columnheader], [role=gridcell]")].map(cell => cell.textContent)
)
"""


def rows(page: Page) -> list[dict[str, str]]:
    """Give the rows of the first table that are drawn, each as column and text."""
    table = page.locator("[data-testid=stDataFrame] [role=grid]").first
    table.wait_for(state="attached")
    head, *found = table.evaluate(_READ)
    return [dict(zip(head, row, strict=True)) for row in found]


def names(page: Page) -> list[str]:
    """Give the names of the accounts in the rows that are drawn."""
    return [row["Account"] for row in rows(page)]


def total(page: Page) -> int:
    """Give how many connections the page says match."""
    told = page.locator(".st-key-list_actions").inner_text()
    found = re.match(r"\s*([\d,]+)\s+(?:account|connection)", told)
    assert found, told
    return int(found[1].replace(",", ""))


def until_names(page: Page, true: Callable[[list[str]], bool], what: str) -> list[str]:
    """Wait until the names of the accounts are as they should be, and give them."""
    desk.until(lambda: true(names(page)), 10, what)
    return names(page)


def until_total(page: Page, true: Callable[[int], bool], what: str) -> int:
    """Wait until so many connections match as should, and give how many."""
    desk.until(lambda: true(total(page)), 10, what)
    settle(page)
    return total(page)


def tick(page: Page, place: int) -> None:
    """Click the box of a row that is drawn, the first one is 0."""
    _click(page, _BOX, place)


def open_row(page: Page, place: int) -> None:
    """Click the arrow of a row that leads to its account."""
    _click(page, 2 * _BOX + _AVATAR + _ARROW // 2, place)


def _click(page: Page, across: int, place: int) -> None:
    canvas = page.locator("[data-testid=stDataFrame] canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box, "the table is drawn"
    page.mouse.click(box["x"] + across, box["y"] + _HEAD + _ROW * place + _ROW // 2)


def chosen(page: Page, words: str) -> None:
    """Wait until the row above the table says what is chosen."""
    expect(page.locator(".st-key-list_actions")).to_contain_text(words)
    settle(page)
