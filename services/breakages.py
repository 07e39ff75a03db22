"""When someone must reconnect something: an incident for each connection, or one for many that broke at once.

Each of a few is somebody's account, with a name that whoever is told must read; two hundred at once have one reason,
and two hundred messages would hide it. A source that fails breaks all of its connections: that is its own incident.
"""

from typing import Any

from data import breakages, incidents
from data.breakages import Broken
from data.staging import Observation
from data.types import Cause
from services import incident_words, listing_address

FEW = 5
_NAMED, _LONGEST = 3, 60


def follow(link: Any, observation: Observation) -> None:
    """Begin and end the incidents of a source whose run did not fail, within the run's last transaction."""
    about: dict[str, Any] = {"cause": Cause.RECONNECT, "source_id": observation.source_id, "at": observation.at}
    for connection_id, why in breakages.mended(link, observation.source_id):
        incidents.end(link, **about, connection_id=connection_id, why=why)
    since = breakages.together(link, observation.source_id)
    found = breakages.untold(link, observation.source_id, since=since, limit=FEW + 1)
    if len(found) <= FEW:
        for each in found:
            own: dict[str, Any] = {"connection_id": each.id, "since": each.since, "message": _message(each)}
            incidents.begin(link, **about, **own, advice="Reconnect it, signed in as this same account.")
    if since is not None or len(found) > FEW:
        _together(link, observation, about)


def _together(link: Any, observation: Observation, about: dict[str, Any]) -> None:
    """Say how many there are by now of those that broke at once; it is over when there are none."""
    number = breakages.number_untold(link, observation.source_id)
    if number == 0:
        incidents.end(link, **about, why="None of them is broken any more.")
        return
    some = breakages.untold(link, observation.source_id, since=None, limit=_NAMED)
    named = ", ".join(_name(each) for each in some) + (" and others" if number > len(some) else "")
    message = f"{number:,} {'connection' if number == 1 else 'connections'} must be reconnected: {named}."
    incidents.begin(link, **about, message=message, advice="Look at the broken connections, and reconnect each.")


def _message(broken: Broken) -> str:
    where = listing_address.platform(broken.platform)
    return f"{_name(broken)} on {where}: {broken.reason or 'the vendor says that it is broken.'}"


def _name(broken: Broken) -> str:
    return incident_words.line(broken.name or broken.handle, _LONGEST) or "(no name given)"
