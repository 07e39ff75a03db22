"""Opens the desk for a command: what would fail only later, and less clearly, is looked at first."""

from contextlib import ExitStack

from data import address
from data.types import Vendor
from services import settings
from services.desk import Desk, open_desk
from services.settings import PREFIX, Settings, WrongSettings

IN_HEADERS = ("token", "api_key", "service_key", "jwt")
"""The secrets that travel in a header, where only printable ASCII can."""


_open = ExitStack()
"""What the command in work has opened; it is closed at its end, so that the WAL is moved into the file."""


def opened() -> Desk:
    """Open the desk. Raises Failure or DatabaseProblem with a sentence; then nothing was made."""
    return desk_of(checked())


def close() -> None:
    """Close every desk that was opened here."""
    _open.close()


def checked() -> Settings:
    """Read the settings. Raises WrongSettings, also for a credential that no header can carry."""
    found = settings.load()
    problems = [problem for vendor in found.configured for problem in _unusable(found, vendor)]
    if problems:
        raise WrongSettings(problems)
    return found


def desk_of(chosen: Settings) -> Desk:
    """Open the desk of these settings. Raises Failure or DatabaseProblem."""
    address.refuse_unusable(chosen.database)
    desk = open_desk(chosen)
    _open.callback(desk.store.close)
    return desk


def _unusable(found: Settings, vendor: Vendor) -> list[str]:
    given = {name: value for name, value in found.vendor(vendor).secrets().items() if name in IN_HEADERS}
    wrong = [name for name, value in given.items() if not fits_a_header(value)]
    return [f"{PREFIX}{vendor.upper()}__{name.upper()} must be one line of printable ASCII text." for name in wrong]


def fits_a_header(value: str) -> bool:
    """Tell whether a credential can travel in a header as it is."""
    return bool(value) and value.isascii() and value.isprintable() and value == value.strip()
