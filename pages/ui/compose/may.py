"""What the signed-in person may do with messages."""

from pages.ui import session
from services.access import Permission


def switch() -> bool:
    """Tell whether they may turn the sending of a source on and off."""
    return _may(Permission.MANAGE_SOURCES)


def recipients() -> bool:
    """Tell whether they may keep the list of recipients."""
    return _may(Permission.MANAGE_RECIPIENTS)


def discard(owner: str) -> bool:
    """Tell whether they may discard somebody's draft."""
    return owner == session.here().username or _may(Permission.MANAGE_PEOPLE)


def _may(permission: Permission) -> bool:
    person = session.person()
    return person is not None and person.actor.may(permission)
