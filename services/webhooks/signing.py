"""The secrets that Late's webhooks are signed with: during a rotation the old one is good beside the new one."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from data.models import Source
from data.types import Origin, Vendor
from services import pretended
from services.clients import secrets_of
from services.desk import Desk

REDELIVERY = timedelta(hours=51 + 24)
"""How long Late may tell an event again (contracts README, section 2.3: some 51 h), and a day for clocks and queues."""
SECRET, _BEFORE, _UNTIL = "webhook_secret", "webhook_secret_before", "webhook_secret_until"


def overlapping(before: Mapping[str, str], after: Mapping[str, str], at: datetime) -> dict[str, str]:
    """Give new secrets with the old webhook secret beside them, good as long as the vendor may still use it.

    Secrets that come without one leave it as it was: a new API key does not turn the webhooks off.
    """
    old, new = before.get(SECRET), after.get(SECRET)
    if old is None or new == old:
        return dict(after)
    if new is None:
        return {**after, **{name: before[name] for name in (SECRET, _BEFORE, _UNTIL) if name in before}}
    return {**after, _BEFORE: old, _UNTIL: (at + REDELIVERY).isoformat()}


def accepted(desk: Desk, source: Source, at: datetime) -> list[str]:
    """Give the secrets that a webhook of a source may be signed with; none means that all are refused."""
    if source.origin == Origin.SANDBOX:
        return [pretended.credentials(Vendor(source.vendor))[SECRET]]
    secrets = secrets_of(desk, source)
    found = [secrets[SECRET]] if secrets.get(SECRET) else []
    if secrets.get(_BEFORE) and _still_good(source, secrets, at):
        found.append(secrets[_BEFORE])
    return found


def _still_good(source: Source, secrets: Mapping[str, str], at: datetime) -> bool:
    """Tell whether the secret before is: of an added source for a while, of the settings as long as it stands there."""
    if source.origin == Origin.ENVIRONMENT:
        return True
    return _UNTIL in secrets and at < datetime.fromisoformat(secrets[_UNTIL])
