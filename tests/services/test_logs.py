"""The log: nothing that it tells of fails because of it."""

import io
import json
import sys

import pytest

from services import logs


class Full(io.StringIO):
    """A stderr on a full disk."""

    def write(self, _text: str) -> int:
        """Refuse."""
        raise OSError(28, "No space left on device")


def closed() -> io.StringIO:
    stream = io.StringIO()
    stream.close()
    return stream


@pytest.mark.parametrize("stream", [Full(), closed()], ids=["full", "closed"])
def test_a_line_that_cannot_be_written_stops_nobody(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO) -> None:
    logs.configure()
    monkeypatch.setattr(sys, "stderr", stream)
    for level in ("debug", "info", "warning", "error", "critical"):
        getattr(logs.logger("a.module"), level)("something happened")


def test_a_line_is_one_json_document(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    logs.logger("a.module").warning("two\nlines", count=2)
    told = json.loads(capsys.readouterr().err)
    assert (told["event"], told["count"], told["module"]) == ("two\nlines", 2, "a.module")
