"""Reads and uses the first table of ours on a page, as a person does."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser import desk
from tests.browser.conftest import settle

SHEET = ".sheet"
"""A table of ours."""
_MINUS = "\N{MINUS SIGN}"
_TOTAL = re.compile(r"\s*([\d,]+)\s+(?:account|connection)")
_READ = """
sheet => {
  const told = cell =>
    cell.classList.contains("none") ? "" :
    cell.classList.contains("chips") ? [...cell.children].map(chip => chip.textContent).join(", ") :
    cell.classList.contains("line") ? cell.querySelector("path").getAttribute("d") :
    cell.matches("td.figure") ? cell.title || cell.textContent : cell.textContent
  const cells = row => [...row.querySelectorAll("[role=columnheader], [role=cell]")]
  const rows = [...sheet.querySelectorAll("[role=row]")].map(row => cells(row).map(told))
  return rows.length === Number(sheet.getAttribute("aria-rowcount")) ? rows : []
}
"""


def rows(page: Page) -> list[dict[str, str]]:
    """Give the rows of the first table that are drawn, once there are some, each as column and text."""
    table = page.locator(SHEET).first
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


def figures(page: Page, column: str) -> list[float]:
    """Give the figures of a column that are known."""
    told = (row[column] for row in rows(page))
    signs = str.maketrans({",": None, "%": None, _MINUS: "-"})
    return [float(each.translate(signs)) for each in told if each]


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
    """Click the box of a row, the first one is 0."""
    _row(page, place).get_by_role("checkbox").click()


def press(page: Page, place: int) -> None:
    """Click a row beside its link, the first one is 0."""
    _row(page, place).get_by_role("cell").first.click()


def link(page: Page, place: int) -> Locator:
    """Give the link of a row, the first one is 0."""
    return _row(page, place).get_by_role("link")


def open_row(page: Page, place: int) -> None:
    """Click the link of a row that leads to what it names."""
    link(page, place).click()


def _row(page: Page, place: int) -> Locator:
    return page.locator(f"{SHEET} tbody tr").nth(place)


def chosen(page: Page, words: str) -> None:
    """Wait until the row above the table says what is chosen."""
    expect(page.locator(".st-key-list_actions")).to_contain_text(words)
    settle(page)
