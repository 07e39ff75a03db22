"""Brings the accounts in line with the keys: after a run looks only at what it made or changed, and what that touches.

The rule itself is `data.grouping`. The statements gather what has to be looked at: from connections to the keys that
several sources tell, from these to all connections that tell them, until no more are met. So that memory stays flat a
long list is taken a stretch at a time; each stretch is whole in itself.
"""

from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, String, Table, cast, func, insert, select, text, update
from sqlalchemy import Connection as Link
from sqlmodel import SQLModel

from data import changes, staging
from data.grouping import Known, Verdict, grouped
from data.models import Change, Connection, Source, SyncRun
from data.staging import Observation

KEYS = ("handle", "external_id", "url", "platform", "vanished")
"""The fields whose changes may change what a connection is joined by."""
_PLATFORM = "CASE c.platform WHEN 'x' THEN 'twitter' ELSE c.platform END"

_connections = SQLModel.metadata.tables[Connection.__tablename__]
_changes = SQLModel.metadata.tables[Change.__tablename__]
_sources = SQLModel.metadata.tables[Source.__tablename__]
_runs = SQLModel.metadata.tables[SyncRun.__tablename__]

_rekeyed = Table("rekeyed", staging.TEMPORARY, Column("number", Integer, primary_key=True), prefixes=["TEMPORARY"])
_related = Table(
    "related",
    staging.TEMPORARY,
    Column("number", Integer, primary_key=True),
    Column("step", Integer),
    prefixes=["TEMPORARY"],
)
_shared_keys = Table(
    "shared_keys",
    staging.TEMPORARY,
    Column("kind", String, primary_key=True),
    Column("platform", String, primary_key=True),
    Column("value", String, primary_key=True),
    Column("step", Integer),
    prefixes=["TEMPORARY"],
)
_verdicts = Table(
    "verdicts",
    staging.TEMPORARY,
    Column("id", BigInteger, primary_key=True),
    Column("account", BigInteger),
    Column("account_by", String),
    prefixes=["TEMPORARY"],
)

_SEEDS = "rekeyed n CROSS JOIN connections c WHERE c.number = n.number AND n.number BETWEEN :first AND :last"
_NEWEST = "related n CROSS JOIN connections c WHERE c.number = n.number AND n.step = :step"
_SHARED_KEYS = """
INSERT INTO shared_keys (kind, platform, value, step)
SELECT '{key}', k.platform, k.value, :step
FROM (SELECT {platform} AS platform, c.{key} AS value FROM {rows} AND c.{key} IS NOT NULL
  EXCEPT SELECT platform, value FROM shared_keys WHERE kind = '{key}') k
CROSS JOIN connections c WHERE c.{key} = k.value AND {platform} = k.platform
GROUP BY k.platform, k.value HAVING min(c.source_id) <> max(c.source_id)
ON CONFLICT DO NOTHING
"""
_OWN_ACCOUNTS = """
INSERT INTO shared_keys (kind, platform, value, step)
SELECT DISTINCT 'account', '', CAST(c.account AS TEXT), :step FROM {rows} AND c.account IS NOT NULL
ON CONFLICT DO NOTHING
"""
_TELLING = """
INSERT INTO related (number, step)
SELECT c.number, :step + 1 FROM shared_keys k CROSS JOIN connections c
WHERE k.step = :step AND k.kind = '{key}' AND c.{key} = k.value AND {platform} = k.platform
ON CONFLICT DO NOTHING
"""
_OF_ACCOUNTS = """
INSERT INTO related (number, step)
SELECT c.number, :step + 1 FROM shared_keys k CROSS JOIN connections c
WHERE k.step = :step AND k.kind = 'account' AND c.account = CAST(k.value AS BIGINT)
ON CONFLICT DO NOTHING
"""
_ALSO_TOUCHED = "INSERT INTO related (number, step) SELECT n.number, 0 FROM rekeyed n WHERE true ON CONFLICT DO NOTHING"
_KNOWN = f"""
SELECT c.number, c.source_id, {_PLATFORM}, c.kind, c.vanished_at IS NOT NULL, c.handle_key, c.platform_id,
  c.handle IS NOT NULL AND (c.handle = c.handle_key OR lower(c.handle) = c.handle_key), c.account, c.account_by
FROM related CROSS JOIN connections c WHERE c.number = related.number
"""  # noqa: S608 (our own words)


def platform(word: str) -> str:
    """Give the platform that an account is on: Twitter under both of its names is one."""
    return "twitter" if word == "x" else word


def regroup(link: Link, observation: Observation, *, created: bool) -> set[int]:
    """Join and part what the source's runs created, or changed in a key, since its last one that did so.

    Gives the sources of the accounts that this touched: who speaks for them may be another one now.
    """
    here = _sources.c.id == observation.source_id
    since = link.execute(select(_sources.c.joined_run).where(here)).scalar_one()
    link.execute(update(_sources).where(here).values(joined_run=observation.run_id))
    if not _several_sources(link):
        return set()
    staging.empty(link, _rekeyed)
    if since is None:
        _touch(link, _connections.c.source_id == observation.source_id)
    else:
        _touch_moved(link, observation, since, created=created)
    return _settle(link, observation, {})


def join_next(
    link: Link, observation: Observation, after: int, *, many: int = staging.CHUNK, touched: set[int] | None = None
) -> int | None:
    """Join the next stretch of a source that was never joined, above a number; gives its last number, None at the end.

    The sources of the accounts that this touches are added to `touched`.

    Each stretch may be a transaction of its own; one that was cut off begins anew, and finds the same.
    """
    source = _sources.c.id == observation.source_id
    since = link.execute(select(_sources.c.joined_run).where(source)).scalar_one()
    if since is not None or not _several_sources(link):
        return None
    here, number = _connections.c.source_id + 0 == observation.source_id, _connections.c.number  # in order of numbers
    staging.empty(link, _rekeyed)
    _touch(link, number.in_(select(number).where(here, number > after).order_by(number).limit(many)))
    last: int | None = link.execute(select(func.max(_rekeyed.c.number))).scalar_one()
    found = _settle(link, observation, {})
    if touched is not None:
        touched |= found
    if last is None and after:
        link.execute(update(_sources).where(source).values(joined_run=observation.run_id - 1))
    return last


def rule(link: Link, observation: Observation, rulings: Mapping[int, Verdict]) -> set[int]:
    """Write down what a person ruled on these connections, and let the others follow; gives the sources touched."""
    staging.empty(link, _rekeyed)
    _touch(link, _connections.c.number.in_(rulings))
    return _settle(link, observation, rulings)


def _several_sources(link: Link) -> bool:
    """Tell whether more than one source has connections: one alone has nothing to compare."""
    ends = [select(end(_connections.c.source_id)).scalar_subquery() for end in (func.min, func.max)]
    lowest, highest = link.execute(select(*ends)).one()
    return bool(lowest != highest)


def _touch(link: Link, which: Any) -> None:
    known = _connections.c.number.not_in(select(_rekeyed.c.number))
    link.execute(insert(_rekeyed).from_select(["number"], select(_connections.c.number).where(which, known)))


def _touch_moved(link: Link, observation: Observation, since: int, *, created: bool) -> None:
    """Note what was created, or changed in a key, after a run: by this one, and by those cut off before it."""
    query = select(_runs.c.id, _runs.c.observed_at).where(
        _runs.c.id > since, _runs.c.source_id == observation.source_id
    )
    runs: list[tuple[int, datetime]] = [(row.id, row.observed_at) for row in link.execute(query)]
    ids, instants = [number for number, _ in runs], {at for _, at in runs}
    moved = select(_changes.c.connection_id).where(
        _changes.c.at.in_(instants), _changes.c.run_id.in_(ids), _changes.c.field.in_(KEYS)
    )
    _touch(link, _connections.c.id.in_(moved))
    if created or len(runs) > 1:
        here = _connections.c.source_id == observation.source_id
        _touch(link, here & _connections.c.first_seen_at.in_(instants))


def _settle(link: Link, observation: Observation, rulings: Mapping[int, Verdict]) -> set[int]:
    """Decide on all that is touched, a stretch at a time; gives the sources of the accounts that this is about."""
    found = set[int]()
    query, last = select(_rekeyed.c.number).order_by(_rekeyed.c.number).limit(staging.CHUNK), 0
    while numbers := list(link.execute(query.where(_rekeyed.c.number > last)).scalars()):
        _gather(link, numbers[0], numbers[-1])
        if rulings:
            link.execute(text(_ALSO_TOUCHED))
        rows = list(map(Known._make, link.execute(text(_KNOWN))))
        verdicts = grouped([_ruled(row, rulings) for row in rows])
        _write(link, observation, [(row.number, verdicts[row.number]) for row in rows if _differs(row, verdicts)])
        found |= _sources_of(rows, verdicts, set(numbers))
        last = numbers[-1]
    return found


def _sources_of(rows: Sequence[Known], verdicts: Mapping[int, Verdict], touched: Container[int]) -> set[int]:
    """Give the sources of all rows that are, or were, of one account with a touched one."""
    both = [(row, {row.account or row.number, verdicts[row.number].account or row.number}) for row in rows]
    accounts = {account for row, own in both if row.number in touched for account in own}
    return {row.source for row, own in both if own & accounts}


def _ruled(row: Known, rulings: Mapping[int, Verdict]) -> Known:
    ruling = rulings.get(row.number)
    return row if ruling is None else row._replace(account=ruling.account, account_by=ruling.by)


def _differs(row: Known, verdicts: Mapping[int, Verdict]) -> bool:
    return verdicts[row.number] != (row.account, row.account_by)


def _gather(link: Link, first: int, last: int) -> None:
    """Meet all that hang together with a stretch of what is touched, step by step."""
    staging.empty(link, _related)
    staging.empty(link, _shared_keys)
    step, rows, stretch = 0, _SEEDS, {"first": first, "last": last}
    while True:
        given = {"step": step} | (stretch if step == 0 else {})
        for key in ("handle_key", "platform_id"):
            link.execute(text(_SHARED_KEYS.format(key=key, platform=_PLATFORM, rows=rows)), given)
        link.execute(text(_OWN_ACCOUNTS.format(rows=rows)), given)
        telling = [_TELLING.format(key=key, platform=_PLATFORM) for key in ("handle_key", "platform_id")]
        met = sum(link.execute(text(each), {"step": step}).rowcount for each in (*telling, _OF_ACCOUNTS))
        if not met:
            return
        step, rows = step + 1, _NEWEST


def _write(link: Link, observation: Observation, verdicts: list[tuple[int, Verdict]]) -> None:
    """Write the verdicts that are new, and each move of a connection known before to another account as a change."""
    rows = ({"id": number, "account": told.account, "account_by": told.by} for number, told in verdicts)
    staging.fill(link, _verdicts, rows)
    here = _connections.c.number == _verdicts.c.id
    changes.keep_where(
        link,
        observation,
        "account",
        before=func.coalesce(_connections.c.account, _connections.c.number),
        after=cast(func.coalesce(_verdicts.c.account, _verdicts.c.id), String),
        where=here & (_connections.c.first_seen_at < observation.at),
    )
    values = {name: _verdicts.c[name] for name in ("account", "account_by")}
    link.execute(update(_connections).where(here).values(values))
