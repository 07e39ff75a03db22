"""`cases rules` and `cases away`: what approvals go by, tried on the last 30 days first, and who stands in for whom."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

import typer

from data.store import now
from data.types import Rule
from services import dates
from services.approvals import rules as approvals_rules
from services.approvals.rules import StandIn
from services.commands import output
from services.commands.users import actor_of
from services.desk import Desk
from services.failures import Misuse
from services.opening import opened

LATEST = timedelta(days=3_650)
"""How far ahead a time may be agreed on."""
OFF = "off"
_NAMES: Mapping[Rule, str] = {
    Rule.TWO_ABOVE: "second-above",
    Rule.DUE_HOURS: "due-hours",
    Rule.REMIND_HOURS: "remind-hours",
    Rule.ESCALATE_HOURS: "escalate-hours",
}
_Hours = Annotated[str | None, typer.Option(metavar="H", help="Hours, or off.")]


def rules(
    *,
    second_above: Annotated[str | None, typer.Option(metavar="N", help="Followers, or off.")] = None,
    due_hours: _Hours = None,
    remind_hours: _Hours = None,
    escalate_hours: _Hours = None,
    shadow: Annotated[bool, typer.Option("--shadow", help="Only tell what they would have done in 30 days.")] = False,
    acting_as: output.ActingAs = None,
    as_json: output.Json = False,
) -> None:
    """Tell the rules of approvals, or set some: two approvals above N followers, hours until due, and around that."""
    given = zip(_NAMES, (second_above, due_hours, remind_hours, escalate_hours), strict=True)
    wished = {rule: _number(rule, text) for rule, text in given if text is not None}
    desk = opened()
    actor = actor_of(desk, acting_as)
    if shadow:
        _tell_shadow(desk, approvals_rules.rules(desk) | wished, as_json=as_json)
        return
    for rule, number in wished.items():
        approvals_rules.set_rule(desk, actor, rule, number)
    in_force = approvals_rules.rules(desk)
    if as_json:
        output.document({"rules": {rule.value: in_force.get(rule) for rule in Rule}})
        return
    rows = ((name, in_force.get(rule, OFF), approvals_rules.SAYS[rule]) for rule, name in _NAMES.items())
    output.table(("rule", "number", "says"), rows)


def away(
    *,
    to: Annotated[str | None, typer.Option(metavar="USER", help="Who decides meanwhile.")] = None,
    since: Annotated[str | None, typer.Option("--from", metavar="DATE", help="Its first day or instant.")] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="Its last day or instant.")] = None,
    end: Annotated[int | None, typer.Option(metavar="NUMBER", help="End this one now.")] = None,
    acting_as: output.ActingAs = None,
    as_json: output.Json = False,
) -> None:
    """Tell who stands in for whom; let another person decide while one is away; or end that."""
    given = [each is not None for each in (to, since, until)]
    if any(given) and (not all(given) or end is not None):
        raise Misuse("Name who, from when and until when.", "For example: cases away --to olga --from … --until …")
    desk = opened()
    actor = actor_of(desk, acting_as)
    if end is not None:
        approvals_rules.end_delegation(desk, actor, end)
    if to is not None and since is not None and until is not None:
        latest = now() + LATEST
        begins, ends = dates.start(since, now=latest), dates.end(until, now=latest)
        approvals_rules.delegate(desk, actor, to, since=begins, until=ends)
    _tell_away(approvals_rules.stand_ins(desk), as_json=as_json)


def _number(rule: Rule, text: str) -> int | None:
    if text == OFF:
        return None
    if not (text.isascii() and text.isdecimal()):
        raise Misuse(f"--{_NAMES[rule]} takes a whole number, or {OFF}.", "For example: --due-hours 48")
    return int(text)


def _tell_shadow(desk: Desk, wished: Mapping[Rule, int | None], *, as_json: bool) -> None:
    """Say what these rules would have done, of those that are not off."""
    above, due = wished.get(Rule.TWO_ABOVE), wished.get(Rule.DUE_HOURS)
    two = None if above is None else approvals_rules.shadow(desk, above)
    around = {"remind": wished.get(Rule.REMIND_HOURS), "escalate": wished.get(Rule.ESCALATE_HOURS)}
    pace = None if due is None else approvals_rules.pace(desk, due, **around)
    if as_json:
        output.document({"shadow": {"two": two and asdict(two), "pace": pace and pace._asdict()}})
        return
    if two is not None:
        needing = f"{two.needing_two:,} of {two.approved:,} approvals of the last 30 days would have needed two"
        output.line(f"{needing}; of {two.unknown:,} the followers were not told.")
    if pace is not None:
        marked = f"{pace.reminded:,} reminded, {pace.flagged:,} flagged, {pace.escalated:,} escalated"
        output.line(f"Of {pace.decided:,} cases decided in the last 30 days: {marked}.")
    if two is None and pace is None:
        output.line("No rule to try: name --second-above or --due-hours.")


def _tell_away(found: tuple[StandIn, ...], *, as_json: bool) -> None:
    rows: list[dict[str, Any]] = [asdict(each) for each in found]
    if as_json:
        output.document({"total": len(rows), "away": rows})
        return
    columns = ("id", "away", "delegate", "since", "until")
    output.table(columns, ([row[name] for name in columns] for row in rows))
