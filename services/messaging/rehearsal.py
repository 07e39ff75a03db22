"""Rehearsal: what the pretended imiconnect does with one message, so that its whole life is seen before a customer's.

The script belongs to one press: two marketers who rehearse at once don't disturb each other.
"""

from typing import NamedTuple

from data import sources
from data.models import Source
from data.types import Origin, Vendor
from services import audit, pretended, sandbox
from services.access import Actor, Permission, requires
from services.desk import Desk
from services.failures import Misuse
from services.webhooks import callback_url


class Script(NamedTuple):
    """A script by its name, and what it does in words."""

    name: str
    words: str


def scripts(desk: Desk, source: str | None = None) -> tuple[Script, ...]:
    """Give the scripts there are for a source (or for any); none where no source is the sandbox's."""
    if not _pretended(desk, source):
        return ()
    return tuple(Script(name, each.words) for name, each in sandbox.SCRIPTS.items())


@requires(Permission.SEND_TESTS, "message.rehearse", "message of press {}")
def choose(desk: Desk, actor: Actor, press: str, script: str, source: str | None = None) -> None:
    """Let the message of a press, or each of its list, follow a script, whenever it is sent.

    Raises Misuse for an unknown script and for a source that is not the sandbox's, Failure when the sandbox is away.
    """
    found = _pretended(desk, source)
    if not found:
        raise Misuse(f"{source or 'This source'} is no source of the sandbox: it follows no script.")
    if script not in sandbox.SCRIPTS:
        raise Misuse(f"There is no script {script!r}.", f"Choose one of {', '.join(sandbox.SCRIPTS)}.")
    for message in (f"{press}:", *(callback_url(desk, each, press).rpartition("/")[2] for each in found)):
        pretended.steer("imiconnect/script", {"message": message, "script": script})
    with desk.store.writing() as session:
        audit.record(session, actor, "message.rehearse", f"message of press {press}", after={"script": script})


def _pretended(desk: Desk, name: str | None) -> list[Source]:
    with desk.store.reading() as session:
        known = sources.active(session)
    ours = [each for each in known if each.vendor == Vendor.IMICONNECT and each.origin == Origin.SANDBOX]
    return ours if name is None else [each for each in ours if each.name == name]
