"""The rules of DESIGN.md section 3: the six contracts of import-linter, and what they can't say."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("pages", "services", "data")
ASKS_THE_WEB = {"services/vendors/_http.py", "services/outgoing.py"}
READ_ONCE = {
    *("all_inner_texts", "all_text_contents", "bounding_box", "count", "evaluate", "get_attribute", "inner_html"),
    *("inner_text", "input_value", "is_checked", "is_disabled", "is_editable", "is_enabled", "is_hidden", "is_visible"),
    *("text_content", "title", "cookies", "ask", "calls", "log", "planned", "unmet", "rows", "names", "total"),
}
"""What tells how a page, a database or a vendor's log is at this moment, and not how it will be a moment later."""
WAITS = {"expect", "until", "becomes"}
MYPY_PROBE = """
from services.vendors.zocial import ExternalId, NetworkId, Zocial

def by_id(client: Zocial, network: NetworkId) -> None:
    client.disconnect(network)

def by_handle(client: Zocial, network: ExternalId) -> None:
    client.disconnect(network)
"""


def _files(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if "versions" not in path.parts]


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def _nodes(path: Path) -> list[ast.AST]:
    """Give all of a module's syntax; each module is read once for all rules."""
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


@cache
def _imports(path: Path) -> tuple[str, ...]:
    """Give the full names that a module imports."""
    return tuple(_each_import(path))


def _each_import(path: Path) -> Iterator[str]:
    for node in _nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{_name(path)} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _importing(package: str, *folders: str) -> set[str]:
    def hits(path: Path) -> bool:
        return any(name == package or name.startswith(f"{package}.") for name in _imports(path))

    return {_name(path) for path in [ROOT / "app.py", *_files(*folders)] if hits(path)}


def _scripts() -> list[Path]:
    """Give the page scripts: what a person opens, without the shared pieces."""
    return [path for path in _files("pages") if "ui" not in path.parts and path.name != "__init__.py"]


def test_the_import_contracts_are_kept() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-3000:]
    assert " 0 broken" in result.stdout


def test_nobody_imports_the_front_door() -> None:
    assert _importing("app", *PACKAGES) <= {"app.py"}


def test_requests_is_used_where_the_web_is_asked_and_nowhere_else() -> None:
    assert _importing("requests", *PACKAGES) <= ASKS_THE_WEB
    assert "services/vendors/_http.py" in _importing("requests", *PACKAGES)


def test_streamlit_stays_in_the_front_door_and_the_pages() -> None:
    assert {name for name in _importing("streamlit", *PACKAGES) if not name.startswith("pages/")} <= {"app.py"}


def test_streamlit_authenticator_is_known_to_one_module_of_the_interface() -> None:
    found = _importing("streamlit_authenticator", *PACKAGES)
    assert len(found) <= 1
    assert all(name.startswith("pages/ui/") for name in found)


@pytest.mark.parametrize("package", ["sqlalchemy", "sqlmodel", "alembic"])
def test_sql_stays_in_the_data_layer(package: str) -> None:
    assert {name for name in _importing(package, *PACKAGES) if not name.startswith("data/")} == set()


def test_pages_import_no_page_but_the_shared_pieces() -> None:
    wrong = {
        (_name(path), name)
        for path in _files("pages")
        for name in _imports(path)
        if name.startswith("pages.") and not name.startswith("pages.ui")
    }
    assert wrong == set()


def test_the_shared_pieces_import_no_page() -> None:
    wrong = {name for path in _files("pages/ui") for name in _imports(path) if name.startswith("pages.")}
    assert {name for name in wrong if not name.startswith("pages.ui")} == set()


@pytest.mark.parametrize("path", _scripts(), ids=_name)
def test_a_page_script_is_thin(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not [node for node in _nodes(path) if isinstance(node, ast.Try | ast.TryStar)]
    assert not {name for name in _imports(path) if name.split(".")[0] in {"sqlalchemy", "sqlmodel"}}
    assert len(text.splitlines()) <= 120


@pytest.mark.parametrize("path", [ROOT / "app.py", *_files(*PACKAGES)], ids=_name)
def test_what_a_vendor_typed_is_never_drawn_as_html(path: Path) -> None:
    names = {node.arg for node in _nodes(path) if isinstance(node, ast.keyword)}
    assert "unsafe_allow_html" not in names


def test_one_module_opens_dialogs_so_that_each_stays_open_in_every_run() -> None:
    assert [_name(path) for path in _files("pages") if "st.dialog" in path.read_text(encoding="utf-8")] == [
        "pages/ui/dialogs.py"
    ]


def test_only_the_two_places_that_must_not_die_catch_everything() -> None:
    allowed = {"services/jobs.py", "services/webhooks/working.py"}
    broad = {
        _name(path)
        for path in _files(*PACKAGES)
        for node in _nodes(path)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id == "Exception"))
    }
    assert broad <= allowed


def _called(node: ast.AST) -> set[str]:
    """Give what is called within, by its last name; `text.count("a")` counts letters and looks at no page."""
    calls = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
    methods = {(each.func.attr, bool(each.args)) for each in calls if isinstance(each.func, ast.Attribute)}
    return {name for name, _ in methods - {("count", True)}} | {
        each.func.id for each in calls if isinstance(each.func, ast.Name)
    }


def _read_once(source: str) -> list[int]:
    """Give the lines whose assert looks once at what may be a moment late, by itself or through helpers."""
    tree = ast.parse(source)
    helpers = {each.name: _called(each) for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)}
    looks, before = set(READ_ONCE), 0
    while len(looks) > before:
        before = len(looks)
        looks |= {name for name, calls in helpers.items() if calls & looks and not calls & WAITS}
    asserted = [each for each in ast.walk(tree) if isinstance(each, ast.Assert)]
    return [each.lineno for each in asserted if _called(each.test) & looks or ".url" in ast.unparse(each.test)]


@pytest.mark.parametrize("path", _files("tests/browser"), ids=_name)
def test_a_journey_waits_for_what_it_asserts(path: Path) -> None:
    assert _read_once(path.read_text(encoding="utf-8")) == [], "expect(...), desk.becomes and desk.until wait"


def test_a_look_without_patience_is_found_through_helpers_too() -> None:
    helper = "def sent(vendors): return vendors.calls()[0]\ndef twice(vendors): return 2 * sent(vendors)\n"
    patient = "def shown(page):\n    expect(page).to_be_visible()\n    return page.inner_text()\n"
    asserts = ("twice(v) == 2", "page.locator('a').count() == 0", "'x' in page.url", "shown(page)", "'aa'.count('a')")
    assert _read_once(helper + patient + "".join(f"assert {each}\n" for each in asserts)) == [6, 7, 8]


def test_the_handle_that_zocial_calls_network_id_can_not_be_passed_to_disconnect(tmp_path: Path) -> None:
    probe = tmp_path / "probe.py"
    probe.write_text(MYPY_PROBE)
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--follow-imports=silent",
        "--cache-dir",
        str(ROOT / ".mypy_cache"),
        str(probe),
    ]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    errors = [line for line in result.stdout.splitlines() if ": error:" in line]
    assert len(errors) == 1, result.stdout
    assert 'incompatible type "ExternalId"; expected "NetworkId"' in errors[0]
