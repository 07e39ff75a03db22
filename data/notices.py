"""What is told of incidents outside of the app: each message is reserved before it is sent, and settled after."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection as Link
from sqlalchemy import Select, and_, exists, func, insert, literal, or_, select, update
from sqlmodel import SQLModel

from data import incidents
from data.models import Connection, Incident, Notice, Source
from data.types import Channel, NoticeState, Told

NEWS, LATE = timedelta(days=1), timedelta(days=7)
"""What was noticed longer ago is no news; a recovery is told for longer, to those who know what broke."""
_notices = SQLModel.metadata.tables[Notice.__tablename__]
_incidents = SQLModel.metadata.tables[Incident.__tablename__]
_sources = SQLModel.metadata.tables[Source.__tablename__]
_connections = SQLModel.metadata.tables[Connection.__tablename__]


class Wanted(NamedTuple):
    """A message that is due and not there yet; and the one of the beginning that it makes needless."""

    incident_id: int
    what: Told
    channel: Channel
    needless: int | None = None


class Due(NamedTuple):
    """A message that can go now, with all that it tells; `first` says whether it is the first one of its incident."""

    id: int
    what: str
    channel: str
    tries: int
    incident_id: int
    cause: str
    message: str
    advice: str
    began_at: datetime
    ended_at: datetime | None
    ended_why: str | None
    source: str | None
    vendor: str | None
    connection_id: str | None
    account: str | None
    first: bool


def wanted(link: Link, channel: Channel, at: datetime) -> list[Wanted]:
    """Give what is to be told by a channel and is not reserved yet."""
    here = _incidents.c
    began = select(here.id).where(here.ended_at.is_(None), here.noted_at > at - NEWS, ~_told(channel, Told.BEGAN))
    found = [Wanted(number, Told.BEGAN, channel) for number in link.execute(began).scalars()]
    for row in link.execute(_recovered(channel, at)).all():
        calm = row.ended_at <= at - incidents.CALM or not incidents.restless(link, row.slot, row.ended_at)
        if calm and row.state != NoticeState.SENDING:
            needless = row.notice if row.state == NoticeState.WAITING else None
            found.append(Wanted(row.id, Told.RECOVERED, channel, needless))
    return found


def _told(channel: Channel, what: Told) -> Any:
    here = _notices.c
    return exists().where(here.incident_id == _incidents.c.id, here.what == what.value, here.channel == channel.value)


def _recovered(channel: Channel, at: datetime) -> Select[Any]:
    """Ask for what ended and was not told so, with the message of its beginning."""
    here, first = _incidents.c, _notices.alias()
    joined = _incidents.outerjoin(
        first,
        and_(first.c.incident_id == here.id, first.c.what == Told.BEGAN.value, first.c.channel == channel.value),
    )
    query = select(here.id, here.slot, here.ended_at, first.c.id.label("notice"), first.c.state).select_from(joined)
    return query.where(
        here.ended_at > at - LATE,
        or_(first.c.id.is_not(None), here.noted_at > at - NEWS),
        ~_told(channel, Told.RECOVERED),
    )


def reserve(link: Link, found: Iterable[Wanted], at: datetime) -> None:
    """Write down what will be told, once: of two processes the second one finds it there."""
    for each in found:
        key = {"incident_id": each.incident_id, "what": each.what.value, "channel": each.channel.value}
        here = [_notices.c[name] == value for name, value in key.items()]
        if link.execute(select(_notices.c.id).where(*here)).first():
            continue
        if each.needless is not None:
            _spare(link, _notices.c.id == each.needless, "It had recovered before the message went.")
        values = {"state": NoticeState.WAITING.value, "tries": 0, "created_at": at, "next_at": at}
        link.execute(insert(_notices).values(key | values))


def spare_others(link: Link, channels: Sequence[Channel]) -> None:
    """Give up what waits for a channel that is configured no more."""
    gone = _notices.c.channel.not_in([each.value for each in channels])
    _spare(link, gone, "Nobody is told by this way any more.")


def _spare(link: Link, which: Any, why: str) -> None:
    waits = _notices.c.state == NoticeState.WAITING.value
    values = {"state": NoticeState.SPARED.value, "problem": why, "next_at": None}
    link.execute(update(_notices).where(waits, which).values(values))


def unsettled(link: Link, channels: Sequence[Channel], at: datetime) -> bool:
    """Tell whether anything waits for a channel that is gone, or was on its way when its process stopped."""
    here = _notices.c
    gone = and_(here.state == NoticeState.WAITING.value, here.channel.not_in([each.value for each in channels]))
    return link.execute(select(here.id).where(or_(gone, _abandoned(at))).limit(1)).first() is not None


def _abandoned(at: datetime) -> Any:
    return and_(_notices.c.state == NoticeState.SENDING.value, _notices.c.next_at < at)


def settle_abandoned(link: Link, at: datetime) -> None:
    """Decide on what was on its way when its process stopped.

    A web hook is told again: the message carries an id by which its receiver knows it. An e-mail is not: nobody could
    take it back, and what became of it is shown as not known.
    """
    by_mail = and_(_abandoned(at), _notices.c.channel == Channel.EMAIL.value)
    why = "Patchbay stopped while it was on its way: it may have arrived."
    lost = {"state": NoticeState.UNKNOWN.value, "problem": why, "next_at": None}
    link.execute(update(_notices).where(by_mail).values(lost))
    link.execute(update(_notices).where(_abandoned(at)).values(state=NoticeState.WAITING.value, next_at=at))


def due(link: Link, channels: Sequence[Channel], at: datetime, *, limit: int = 20) -> list[Due]:
    """Give what can go now, the oldest first."""
    here, about = _notices.c, _incidents.c
    began = _notices.alias()
    unheard = and_(here.what == Told.RECOVERED.value, ~_heard(began))
    columns = {
        "incident_id": about.id,
        "source": _sources.c.name,
        "vendor": _sources.c.vendor,
        "account": func.coalesce(_connections.c.name, _connections.c.handle),
        "first": or_(here.what == Told.BEGAN.value, unheard),
    }
    own = {name: here[name] for name in ("id", "what", "channel", "tries")}
    shown = [columns.get(name, own.get(name, about.get(name, literal(None)))).label(name) for name in Due._fields]
    joined = _notices.join(_incidents, about.id == here.incident_id)
    joined = joined.outerjoin(_sources, _sources.c.id == about.source_id)
    joined = joined.outerjoin(_connections, _connections.c.id == about.connection_id)
    query = (
        select(*shown)
        .select_from(joined)
        .where(here.state == NoticeState.WAITING.value, here.next_at <= at)
        .where(here.channel.in_([each.value for each in channels]))
        .order_by(here.next_at, here.id)
        .limit(limit)
    )
    return [Due._make(row) for row in link.execute(query)]


def _heard(began: Any) -> Any:
    """Tell whether the beginning arrived, or may have."""
    arrived = (NoticeState.SENT.value, NoticeState.UNKNOWN.value)
    same = (began.c.incident_id == _notices.c.incident_id, began.c.channel == _notices.c.channel)
    return exists().where(*same, began.c.what == Told.BEGAN.value, began.c.state.in_(arrived))


def claim(link: Link, notice: int, *, until: datetime) -> bool:
    """Mark a message as on its way, before it goes; False when another process took it, or it is needless by now."""
    waits = and_(_notices.c.id == notice, _notices.c.state == NoticeState.WAITING.value)
    values = {"state": NoticeState.SENDING.value, "tries": _notices.c.tries + 1, "next_at": until}
    return link.execute(update(_notices).where(waits).values(values)).rowcount == 1


def settle(
    link: Link,
    notice: int,
    state: NoticeState,
    *,
    problem: str | None = None,
    sent_at: datetime | None = None,
    next_at: datetime | None = None,
) -> None:
    """Write down what became of a message that was on its way."""
    sending = and_(_notices.c.id == notice, _notices.c.state == NoticeState.SENDING.value)
    values = {"state": state.value, "problem": problem, "sent_at": sent_at, "next_at": next_at}
    link.execute(update(_notices).where(sending).values(values))
