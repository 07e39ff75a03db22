"""`recipients`: the named test recipients by the command line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def _outside_the_sandbox(real: None) -> None:
    del real


def test_a_recipient_is_added_listed_and_removed(run: Run) -> None:
    said = run(
        "recipients", "add", "Test phone", "17", "--consent", "Mail", "--variable", "first_name=Lena=1", "--json"
    )
    assert said.code == 0
    added = said.document["recipient"]
    assert set(added) == {"id", "name", "igsid", "variables", "consent", "created_by", "created_at", "changed_at"}
    assert (added["variables"], added["created_by"]) == ({"first_name": "Lena=1"}, "system")
    assert run("recipients", "list", "--limit", "0", "--json").document == {"total": 1, "recipients": []}
    assert run("recipients", "list", "--search", "PHO", "--json").document["recipients"] == [added]
    assert "first_name=Lena=1" in run("recipients", "list").out
    assert run("recipients", "remove", "test phone", "--json").document["recipient"]["id"] == added["id"]
    assert run("recipients", "list", "--json").document["total"] == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("add", "Lena", "igsid"), "placeholder"),
        (("add", "Lena", "1", "--variable", "first_name"), "no value"),
        (("add", "Lena", "1", "--variable", "a=1", "--variable", "a=2"), "twice"),
        (("remove", "Nobody"), "no test recipient"),
        (("list", "--as", "nobody"), "no person"),
    ],
)
def test_wrong_use_is_told_and_does_nothing(run: Run, arguments: tuple[str, ...], says: str) -> None:
    said = run("recipients", *arguments, "--json")
    assert said.code == 2
    assert says in said.error["message"]
    assert run("recipients", "list", "--json").document["total"] == 0


def test_a_name_that_is_taken_is_no_wrong_use(run: Run) -> None:
    run("recipients", "add", "Lena", "1")
    said = run("recipients", "add", "LENA", "2", "--json")
    assert (said.code, said.error["kind"]) == (1, "taken")


def test_a_role_that_may_not_is_refused(run: Run) -> None:
    run("users", "add", "mia", "--role", "marketer", stdin=b"an obviously fake one\n")
    assert run("recipients", "list", "--as", "mia", "--json").code == 0
    said = run("recipients", "add", "Lena", "1", "--as", "mia", "--json")
    assert (said.code, said.error["kind"]) == (1, "forbidden")


def test_a_file_is_planned_then_imported_whole_or_not_at_all(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "phones.csv"
    file.write_text("name;igsid;first_name\nLena;1;Lena\nOtto;igsid;Otto\n", encoding="utf-8-sig")
    said = run("recipients", "import", str(file), "--json")
    assert said.code == 2
    assert (said.document["imported"], [each["line"] for each in said.document["invalid"]]) == (False, [3])
    assert run("recipients", "import", str(file)).code == 2
    assert "3\tOtto\twrong: “igsid”" in run("recipients", "import", str(file)).out
    file.write_text("name;igsid;first_name\nLena;1;Lena\nOtto;2;Otto\n", encoding="utf-8")
    planned = run("recipients", "import", str(file), "--plan", "--json")
    assert (planned.code, planned.document) == (
        0,
        {"imported": False, "new": 2, "changed": 0, "same": 0, "invalid": []},
    )
    assert run("recipients", "list", "--json").document["total"] == 0
    assert "Imported: 2 new, 0 changed, 0 as they were." in run("recipients", "import", str(file)).out
    assert run("recipients", "import", str(file), "--json").document["same"] == 2
    assert run("recipients", "list", "--json").document["total"] == 2


def test_a_file_that_is_none_is_told(run: Run, tmp_path: Path) -> None:
    said = run("recipients", "import", str(tmp_path / "missing.csv"), "--json")
    assert (said.code, said.error["kind"]) == (2, "misuse")
    file = tmp_path / "other.csv"
    file.write_bytes(b"a,b\n1,2\n")
    said = run("recipients", "import", str(file), "--json")
    assert (said.code, "no column named name" in said.error["message"]) == (2, True)
