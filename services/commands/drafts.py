"""Files that are written as a whole or not at all: beside the wanted one first, then put in its place."""

import fcntl
import os
import re
import secrets
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_ENDING = re.compile(r"-[0-9a-f]{8}\.part")


@contextmanager
def whole(file: Path) -> Iterator[BinaryIO]:
    """Open a draft of a file, and put it in its place at the end; whatever fails leaves nothing behind.

    A link is followed, and an existing file keeps its mode. What an export of the same file left that was killed is
    taken away. Raises OSError that names the file.
    """
    place = Path(os.path.realpath(file))
    prefix = f".{place.name[:60]}"
    try:
        _sweep(place.parent, prefix)
        with _as_interrupts(), _locked(place.parent, prefix) as (draft, opened):
            _keep_mode(opened, place)
            yield opened
            opened.flush()
            os.fsync(opened.fileno())
            draft.replace(place)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(file)) from error


@contextmanager
def _locked(folder: Path, prefix: str) -> Iterator[tuple[Path, BinaryIO]]:
    """Make a draft and lock it: the lock ends with this process, however it ends, and tells a sweep that it runs."""
    while True:
        draft = folder / f"{prefix}-{secrets.token_hex(4)}.part"
        try:
            with draft.open("xb") as opened:
                fcntl.flock(opened, fcntl.LOCK_EX)
                if os.fstat(opened.fileno()).st_nlink:  # else it was swept away before it was locked
                    yield draft, opened
                    return
        finally:
            draft.unlink(missing_ok=True)


def _sweep(folder: Path, prefix: str) -> None:
    """Take away the drafts that nobody holds any more."""
    for left in folder.iterdir():
        if left.name.startswith(prefix) and _ENDING.fullmatch(left.name, len(prefix)):
            with suppress(OSError), left.open("rb") as opened:  # one that is locked, or not ours, stays
                fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
                left.unlink()


def _keep_mode(opened: BinaryIO, place: Path) -> None:
    with suppress(FileNotFoundError):  # a new file has what the umask gives it
        os.fchmod(opened.fileno(), stat.S_IMODE(place.stat().st_mode))


@contextmanager
def _as_interrupts() -> Iterator[None]:
    """Take an end from outside as Ctrl-C, so that it is cleaned up after too; a signal that is ignored stays so."""
    asked = (signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in asked}
    heard = [number for number in asked if before[number] != signal.SIG_IGN]
    for number in heard:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, before[number])
