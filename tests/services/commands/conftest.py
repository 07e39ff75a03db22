"""Commands run as a person runs them, against the pretended vendors taken for real ones."""

import io
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from services.cli import main
from services.commands.sandbox import settings_at
from services.sandbox import Sandbox, serve
from tests import migrated


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document on stdout; anything else there fails."""
        found: dict[str, Any] = json.loads(self.out)
        return found

    @property
    def error(self) -> dict[str, str]:
        """The error of the document."""
        found: dict[str, str] = self.document["error"]
        assert set(found) == {"kind", "message", "advice"}
        return found


Run = Callable[..., Said]


@pytest.fixture
def begun(tmp_path: Path) -> None:
    """An empty database at the newest schema: to migrate one for each test takes most of its time."""
    migrated.put(tmp_path / "patchbay.db")


@pytest.fixture
def run(
    settings_of_test: pytest.MonkeyPatch,
    begun: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Runs a command in this process and gives what it answered."""
    del settings_of_test, begun

    def command(*arguments: str, stdin: bytes = b"") -> Said:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        code = main(arguments)
        told = capsys.readouterr()
        return Said(code, told.out, told.err)

    return command


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Sandbox, str]]:
    pretended = Sandbox(rate_limits=False)
    with serve(pretended) as origin:
        yield pretended, origin


@pytest.fixture
def vendors(served: tuple[Sandbox, str], settings_of_test: pytest.MonkeyPatch, begun: None) -> Iterator[Sandbox]:
    """The five vendors in the settings, and their planned faults accounted for."""
    del begun
    pretended, origin = served
    pretended.faults.clear()
    for name, value in settings_at(origin).items():
        settings_of_test.setenv(name, value)
    yield pretended
    pretended.faults.assert_all_met()


@pytest.fixture
def real(settings_of_test: pytest.MonkeyPatch, begun: None) -> None:
    """No vendor in the settings, and no sandbox either."""
    del begun
    settings_of_test.setenv("PATCHBAY_SANDBOX", "false")
