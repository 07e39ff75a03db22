"""The evidence of a case: what is known of the account, what each source says, its trend, and its earlier cases."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import streamlit as st

from data.queries.cases import CaseRow
from pages.ui import facts as facts_table
from pages.ui import folds, formats, links, suspects
from pages.ui.approvals import case_fields, case_looks, case_trend
from pages.ui.approvals.case_fields import NOT_TOLD
from pages.ui.text import plain, short
from services.approvals.steps import UNDECIDED
from services.approvals.story import Story

_NOTE, _REASON = 600, 60
_EARLIER = 5
_DECISIONS = frozenset({"case.approve", "case.decline"})
_FIELDS = ("status", "health", "handle", "followers", "engagement_rate", "category", "verified", "kind")


def facts(told: Story, me: str) -> None:
    """Draw what is known now of an undecided case, else what was pinned when it was decided; its followers beside."""
    case, evidence = told.case, told.evidence
    rows = {
        "Address": case_fields.shown("url", evidence["url"]),
        "Followers": _followers(evidence),
        "Engagement": case_fields.shown("engagement_rate", evidence["engagement_rate"]),
        "Category": case_fields.shown("category", evidence["category"]),
        "Verified": case_fields.shown("verified", evidence["verified"]),
        "Status": _badge(formats.status(evidence["status"])) if evidence["status"] else NOT_TOLD,
        "Health": _badge(formats.health(evidence["health"])) if evidence["health"] else NOT_TOLD,
        **_owner(evidence),
        "Sources": _agreement(evidence),
        "Asked by": f"{case_looks.who(case.requested_by, me)}, {_when(case.requested_at)}",
        "Agreed time": _agreed(case),
        "Given to": case_looks.who(case.assignee, me) if case.assignee else ":gray[nobody]",
        "Note": f"“{case_fields.words(short(case.note, _NOTE))}”" if case.note else ":gray[none]",
    }
    if not told.earlier:
        rows["Other cases"] = ":gray[none: this is the first]"
    if case.state not in UNDECIDED:
        del rows["Given to"]
    if case.state not in UNDECIDED:
        pinned = "decision" if any(step.action in _DECISIONS for step in told.steps) else "request"
        same = "; nothing known now differs" if evidence["sources"] and not told.difference else ""
        st.caption(f"As pinned with the {pinned}{same}")
    named = {f":gray[{name}]": value for name, value in rows.items()}
    with st.container(horizontal=True, gap="medium", key="case_facts"):
        facts_table.table(named, alt=f"Table of the evidence of case {case.id}")
        trend(told)


def _owner(evidence: dict[str, Any]) -> dict[str, str]:
    """Give whose account it is, where the vendor has a word for that: only Zocial does."""
    owner = evidence["owner"]
    return {} if owner is None else {"Owner at Zocial": case_fields.shown("owner", owner)}


def _followers(evidence: dict[str, Any]) -> str:
    number = evidence["followers"]
    if number is None:
        return NOT_TOLD
    growth, suspect = evidence["growth"], evidence["suspect"]
    colour = "red" if growth is not None and growth < 0 else "gray"
    change = f" :{colour}[{growth:+.1f}%] :gray[in 30 days]" if growth is not None else ""
    doubt = f" {suspects.look(suspect).badge}" if suspect else ""
    return f"**{number:,}**{change}{doubt}"


def _badge(look: formats.Look) -> str:
    return look.word if look.colour is None else look.badge


def _agreement(evidence: dict[str, Any]) -> str:
    """Say which sources know the account, and in what they differ."""
    listed = [each for each in evidence["sources"] if each["listed"]]
    if not evidence["sources"]:
        return "none reports it: :gray[this was typed in]"
    if not listed:
        return ":gray-badge[:material/visibility_off: no longer listed]"
    names = ", ".join(plain(each["source"]) for each in listed)
    if evidence["disagree"]:
        fields = ", ".join(case_fields.label(field).lower() for field in evidence["disagree"])
        return f"{names} :orange-badge[:material/difference: {fields}]"
    return names if len(listed) == 1 else f"{names} :gray[agree]"


def _agreed(case: CaseRow) -> str:
    if case.due_at is None:
        return ":gray[none agreed]"
    if case.state not in UNDECIDED:
        return _when(case.due_at)
    length = case.due_at - formats.now()
    left = f"in {formats.span(length)}" if length.total_seconds() > 0 else f":red[{formats.span(length)} over]"
    return f"{_when(case.due_at)} :gray[·] {left}"


def _when(at: datetime) -> str:
    return f"{at.astimezone(UTC):%d %b %Y, %H:%M} UTC"


def sources(told: Story) -> None:
    """Fold away what each source says of the account, a column for each."""
    if told.evidence["sources"]:
        title = "What each source says" if told.case.state in UNDECIDED else "What each source said then"
        folds.fold(title, partial(_sources, told), icon=":material/hub:", key="case_sources")


def _sources(told: Story) -> None:
    apart = set(told.evidence["disagree"])
    columns = {" ": [f":gray[{name}]" for name in (*map(case_fields.label, _FIELDS), "Still listed")]}
    for each in told.evidence["sources"]:
        cells = [_cell(field, each.get(field), apart) for field in _FIELDS]
        columns[plain(each["source"])] = [*cells, case_fields.shown("listed", each["listed"])]
    st.table(columns, border="horizontal", hide_index=True, alt="Table of what each source says of the account")


def _cell(field: str, value: Any, apart: set[str]) -> str:
    shown = case_fields.shown(field, value)
    return f":orange-badge[:material/difference: {shown}]" if field in apart and value is not None else shown


def trend(told: Story) -> None:
    """Draw the followers of the last 30 days, with the decisions on them."""
    if told.case.connection_id is None:
        st.markdown("**Followers, 30 days**  \n:small[:gray[No source reports this account: it has no history.]]")
        return
    case_trend.show(told.case, told.steps)


def earlier(told: Story, me: str) -> None:
    """List the other cases of the account as links, the newest first."""
    if not told.earlier:
        return
    st.markdown("**Other cases of this account**")
    with st.container(gap=None, key="earlier_cases"):
        for case in told.earlier[:_EARLIER]:
            way = links.case(case.id)
            look = case_looks.state(case.state)
            label = f"{case.id}, {look.word.lower()} {case.changed_at:%d %b %Y}{_by(case, me)}"
            st.page_link(way.page, label=label, icon=f":material/{look.icon}:", query_params=way.query)
        if len(told.earlier) > _EARLIER:
            rest = len(told.earlier) - _EARLIER
            st.markdown(f":small[:gray[and {formats.plural(rest, 'older one')}]]")


def _by(case: CaseRow, me: str) -> str:
    by = f" by {case_looks.who(case.decided_by, me)}" if case.decided_by else ""
    return by + (f": “{plain(short(case.reason, _REASON))}”" if case.reason else "")
