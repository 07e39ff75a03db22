"""The documents are tested: what they name exists, and what exists is named."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest
from typer.main import get_command

from data.types import Vendor
from services.cli import COMMANDS, app
from services.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def _settings_in_readme() -> set[str]:
    """Every setting the README names; `__NAME` after a vendor's first one is short for the whole name."""
    named: set[str] = set()
    for line in README.splitlines():
        found = re.findall(r"`((?:PATCHBAY)?_{0,2}[A-Z][A-Z0-9_]+)`", line)
        vendor = next((name.split("__")[0] for name in found if name.startswith("PATCHBAY_") and "__" in name), None)
        named |= {vendor + name if name.startswith("__") and vendor else name for name in found}
    return {name for name in named if name.startswith("PATCHBAY_")}


def _settings_that_exist() -> set[str]:
    vendors = {vendor.value for vendor in Vendor}
    plain = {f"PATCHBAY_{name.upper()}" for name in Settings.model_fields if name not in vendors}
    nested = {
        f"PATCHBAY_{vendor.upper()}__{name.upper()}"
        for vendor in vendors
        for name in type(Settings.model_fields[vendor].default).model_fields
    }
    return plain | nested


def test_the_readme_names_every_setting_and_no_other() -> None:
    assert _settings_in_readme() == _settings_that_exist()


def test_the_readme_names_every_command_and_no_other() -> None:
    assert set(re.findall(r"`python -m services (\w+)`", README)) == set(COMMANDS)


def test_the_readme_names_every_subcommand() -> None:
    for name in ("export", "recipients", "users", "sources"):
        group: Any = cast("Any", get_command(app)).get_command(None, name)
        line = next(line for line in README.splitlines() if f"`python -m services {name}`" in line)
        assert set(group.commands) <= set(re.findall(r"`(\w+)`", line)), name


def test_the_readme_names_the_make_targets_that_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"make ([a-z]+)", README)) <= targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_in_the_documents_leads_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)\)", text)
    missing = [link for link in links if not (document.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_the_documents_name_exists(document: Path) -> None:
    named = re.findall(r"`((?:data|services|pages|tests|docs)/[\w/.-]+\.\w+)`", document.read_text(encoding="utf-8"))
    made_at_run_time = {"data/secret.key", "data/patchbay.db", "data/sandbox.db"}
    assert [name for name in named if name not in made_at_run_time and not (ROOT / name).exists()] == []


def test_decisions_are_short() -> None:
    longest = 15
    long = [
        path.name for path in (ROOT / "docs/decisions").glob("*.md") if len(path.read_text().splitlines()) > longest
    ]
    assert long == []


def test_every_requirement_says_why_it_is_there_and_has_a_range() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
            if line and not line.startswith(("#", "-r")):
                assert ">=" in line, line
                assert "#" in line, line


def test_the_command_line_starts_without_the_pages() -> None:
    code = "import sys, services.cli; print([name for name in ('streamlit', 'pandas') if name in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
