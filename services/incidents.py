"""Tells of incidents outside of the app: by each channel one message when something breaks, one when it recovers."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from data import installation, notices
from data.notices import Due
from data.store import now
from data.types import Channel, NoticeState
from services import channels, incident_words, outgoing
from services.channels import Hook, MailServer
from services.desk import Desk
from services.outgoing import NotSent
from services.settings import Settings
from services.vendors._address import is_loopback

PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=3))
"""How long after each failed try the next one comes; after the last of them the message has failed."""
LEASE = timedelta(minutes=2)
"""A message that is on its way for longer belongs to a process that is no more."""
_KINDS = {"began": "incident.began", "recovered": "incident.recovered"}


@dataclass(frozen=True)
class Way:
    """A channel that is configured: where it leads, as it may be shown, and why nothing is sent there, if so."""

    channel: Channel
    where: str
    hook: Hook | None = None
    server: MailServer | None = None
    to: tuple[str, ...] = ()
    closed: str | None = None


def ways(settings: Settings) -> list[Way]:
    """Give the channels that are configured; demo data leaves this machine by none of them."""
    found = []
    if settings.notify_url is not None:
        hook = channels.hook(settings.notify_url.get_secret_value())
        found.append(Way(Channel.WEBHOOK, hook.host, hook=hook, closed=_closed(settings, hook.host)))
    if settings.smtp_url is not None and settings.notify_email is not None:
        server = channels.mail_server(settings.smtp_url.get_secret_value())
        to, closed = channels.recipients(settings.notify_email), _closed(settings, server.host)
        found.append(Way(Channel.EMAIL, ", ".join(to), server=server, to=to, closed=closed))
    return found


def _closed(settings: Settings, host: str) -> str | None:
    return "Demo data: nothing leaves this machine." if settings.demo and not is_loopback(host) else None


def half_configured(settings: Settings) -> str | None:
    """Name the setting without which no e-mail can go although another one asks for it."""
    if settings.smtp_url is None and settings.notify_email is not None:
        return "PATCHBAY_SMTP_URL"
    return "PATCHBAY_NOTIFY_EMAIL" if settings.smtp_url is not None and settings.notify_email is None else None


def reach(way: Way) -> None:
    """Connect to where a channel leads, and leave again without telling anything. Raises NotSent."""
    if way.closed is not None:
        return
    if way.hook is not None:
        outgoing.reach(way.hook)
    if way.server is not None:
        outgoing.sign_in(way.server)


def nobody(settings: Settings, noted_at: datetime | None, ended_at: datetime | None) -> str:
    """Say why nobody was told of an incident of which there is no message."""
    found = ways(settings)
    if not found:
        return "No channel is set up."
    if all(way.closed for way in found):
        return found[0].closed or ""
    if noted_at is None or noted_at <= now() - notices.NEWS:
        return "It was noticed before there was anyone to tell."
    return "The message goes in a moment." if ended_at is None else "It comes and goes: told once it stays well."


def tell(desk: Desk, stop: threading.Event | None = None, *, at: datetime | None = None) -> int:
    """Send what is due by now; gives how many messages went. Safe in several processes at once."""
    open_ways = {way.channel: way for way in ways(desk.settings) if way.closed is None}
    moment = at or now()
    _reserve(desk, list(open_ways), moment)
    if not open_ways:
        return 0
    with desk.store.reading() as session:
        found = notices.due(session.connection(), list(open_ways), moment)
    return sum(_send(desk, open_ways[Channel(each.channel)], each, at or now()) for each in found if not _ends(stop))


def _ends(stop: threading.Event | None) -> bool:
    return stop is not None and stop.is_set()


def _reserve(desk: Desk, known: list[Channel], at: datetime) -> None:
    """Write down what is to be told, before anything goes; the lock is only taken when there is something to write."""
    with desk.store.reading() as session:
        link = session.connection()
        found = [each for channel in known for each in notices.wanted(link, channel, at)]
        unsettled = notices.unsettled(link, known, at)
    if found or unsettled:
        with desk.store.bulk() as link:
            notices.settle_abandoned(link, at)
            notices.spare_others(link, known)
            notices.reserve(link, [each for channel in known for each in notices.wanted(link, channel, at)], at)


def _send(desk: Desk, way: Way, due: Due, at: datetime) -> bool:
    """Send one message, once: it is marked as on its way before it goes."""
    with desk.store.bulk() as link:
        if not notices.claim(link, due.id, until=at + LEASE):
            return False
    try:
        _deliver(desk, way, due)
    except NotSent as error:
        _not_sent(desk, due, error, at)
        return False
    with desk.store.bulk() as link:
        notices.settle(link, due.id, NoticeState.SENT, sent_at=at)
    return True


def _not_sent(desk: Desk, due: Due, error: NotSent, at: datetime) -> None:
    """Try again after a pause that grows; an e-mail that may have arrived is never sent again."""
    with desk.store.bulk() as link:
        if error.perhaps and due.channel == Channel.EMAIL:
            problem = f"{error.message} It may have arrived, so it is not sent again."
            notices.settle(link, due.id, NoticeState.UNKNOWN, problem=problem)
        elif due.tries < len(PAUSES):
            pause = PAUSES[due.tries]
            notices.settle(link, due.id, NoticeState.WAITING, problem=error.message, next_at=at + pause)
        else:
            notices.settle(link, due.id, NoticeState.FAILED, problem=error.message)


def _deliver(desk: Desk, way: Way, due: Due) -> None:
    delivery = f"{_installation(desk)}-{due.id}"
    address = f"{desk.settings.public_url}/incidents?incident={due.incident_id}"
    if way.hook is not None:
        outgoing.post(way.hook, _document(due, delivery, address), delivery=delivery)
    if way.server is not None:
        text = "\n".join([*incident_words.lines(due), "", address, ""])
        subject = incident_words.subject(due)
        outgoing.mail(
            way.server, way.to, subject, text, message_id=f"{delivery}@{urlsplit(desk.settings.public_url).hostname}"
        )


def _installation(desk: Desk) -> str:
    with desk.store.reading() as session:
        found = installation.read(session)
    return found.uuid if found is not None else "new"


def _document(due: Due, delivery: str, address: str) -> dict[str, Any]:
    """Give what a web hook is told: `text` for chat rooms, and the same for programs."""
    told = [incident_words.subject(due), *incident_words.lines(due)]
    instants = {"began_at": due.began_at.isoformat(), "ended_at": due.ended_at and due.ended_at.isoformat()}
    names = ("cause", "message", "advice", "ended_why", "source", "vendor", "connection_id", "account")
    return {
        "id": delivery,
        "event": _KINDS[due.what],
        "text": "\n".join([*map(incident_words.inert, told), address]),
        "incident": {"id": due.incident_id, "url": address} | {name: getattr(due, name) for name in names} | instants,
    }
