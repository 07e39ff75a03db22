"""Reads the tables of our own on a page, as it sent them to the browser."""

import json
from typing import Any

from streamlit.testing.v1 import AppTest

NAME = "patchbay_table"


def sheets(page: AppTest) -> list[dict[str, Any]]:
    """Give what each table of a page was given, in their order."""
    found = [element.proto for element in page.get("bidi_component")]
    given = [json.loads(one.json) for one in found if one.component_name == NAME]
    return [data | json.loads(data["sheet"]) for data in given]


def rows(page: AppTest, which: int = 0) -> list[dict[str, Any]]:
    """Give the rows of a table by the names of its columns."""
    sheet = sheets(page)[which]
    names = [column["name"] for column in sheet["columns"]]
    return [dict(zip(names, row, strict=True)) for row in sheet["rows"]]


def column(page: AppTest, name: str, which: int = 0) -> list[Any]:
    """Give the cells of one column of a table."""
    return [row[name] for row in rows(page, which)]


def words(page: AppTest, name: str, which: int = 0) -> list[list[str]]:
    """Give the words of the chips in one column of a table."""
    return [[chip[0] for chip in cell] for cell in column(page, name, which)]
