"""The rules that approvals go by: what each says, what it would have done in the last 30 days, and setting them."""

from collections.abc import Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data.types import Rule
from pages.ui import dialogs, formats, plans, resources, session
from services.access import Permission
from services.approvals import rules
from services.approvals.rules import RANGES, SAYS, SHADOW

_FORM = "rules"
_LABELS = {
    Rule.DUE_HOURS: "Agreed time, hours after the request",
    Rule.REMIND_HOURS: "Reminder, hours before the agreed time",
    Rule.ESCALATE_HOURS: "Escalation, hours past the agreed time",
    Rule.TWO_ABOVE: "Second approval, above these followers",
}
_UNITS = {Rule.TWO_ABOVE: "followers"}
Numbers = Mapping[Rule, int | None]


def button() -> None:
    """Draw the button that opens the rules, for those who may set them."""
    if session.actor().may(Permission.DECIDE_CASES) and st.button("Rules …", icon=":material/rule:", key="case_rules"):
        plans.opened("Rules for approvals", ":material/rule:", _draw, form=_FORM)


def _draw() -> None:
    held = rules.rules(resources.desk())
    st.markdown(":small[:gray[They count for every case from now on. An empty field: there is no such rule.]]")
    cells = [*st.columns(2, gap="small"), *st.columns(2, gap="small")]
    wanted = {rule: _field(rule, held, cell) for rule, cell in zip(_LABELS, cells, strict=True)}
    with st.container(border=True, gap=None, key="rules_shadow"):
        st.markdown(
            f"**In the last {SHADOW.days} days** :small[:gray[what these rules would have done, had they been set]]"
        )
        st.markdown("  \n".join((_paces(wanted), _seconds(wanted))))
    changed = {rule: number for rule, number in wanted.items() if number != held.get(rule)}
    st.markdown("  \n".join(_changes(held, changed)) or ":small[:gray[Nothing is changed yet.]]")
    plans.wrong(_FORM)
    with st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        if st.button("Cancel", key="rules_cancel"):
            dialogs.close()
        st.button(
            f"Set {formats.plural(len(changed), 'rule')}" if changed else "Set the rules",
            type="primary",
            disabled=not changed,
            key="rules_set",
            on_click=_set,
            args=(changed,),
        )


def _field(rule: Rule, held: Numbers, where: DeltaGenerator) -> int | None:
    least, most = RANGES[rule]
    found = where.number_input(
        _LABELS[rule],
        least,
        most,
        value=held.get(rule),
        step=1,
        placeholder="no such rule",
        help=SAYS[rule],
        key=f"rule_{rule.value}",
    )
    return None if found is None else int(found)


def _paces(wanted: Numbers) -> str:
    """Say what the rules of time would have marked."""
    due = wanted[Rule.DUE_HOURS]
    if due is None:
        return ":small[Agreed time: without the rule only what a request agrees on counts.]"
    remind, escalate = wanted[Rule.REMIND_HOURS], wanted[Rule.ESCALATE_HOURS]
    found = rules.pace(resources.desk(), due, remind=remind, escalate=escalate)
    parts = [f"**{found.flagged:,}** over the time"]
    parts += [f"**{found.reminded:,}** reminded of"] if remind is not None else []
    parts += [f"**{found.escalated:,}** escalated"] if escalate is not None else []
    return f":small[Agreed time: of {formats.plural(found.decided, 'decided case')} {', '.join(parts)}.]"


def _seconds(wanted: Numbers) -> str:
    """Say in how many cases a second approval would have been asked for."""
    above = wanted[Rule.TWO_ABOVE]
    if above is None:
        return ":small[Second approval: without the rule one approval is enough.]"
    found = rules.shadow(resources.desk(), above)
    silent = f" In {formats.plural(found.unknown, 'case')} nobody told the followers." if found.unknown else ""
    count = formats.plural(found.approved, "approved case")
    return f":small[Second approval: asked for in **{found.needing_two:,}** of {count}.{silent}]"


def _changes(held: Numbers, changed: Numbers) -> list[str]:
    return [
        f":small[:orange[:material/edit:] {_LABELS[rule].partition(',')[0]}: {_said(held.get(rule), rule)} "
        f"→ **{_said(number, rule)}**]"
        for rule, number in changed.items()
    ]


def _said(number: int | None, rule: Rule) -> str:
    return "no rule" if number is None else f"{number:,} {_UNITS.get(rule, 'h')}"


def _set(changed: Numbers) -> None:
    desk, me = resources.desk(), session.actor()

    def do() -> None:
        for rule, number in changed.items():
            rules.set_rule(desk, me, rule, number)

    plans.attempted(do, "The rules for approvals are set.", form=_FORM)
