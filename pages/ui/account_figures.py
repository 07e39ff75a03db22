"""Followers and engagement of one account: four figures, two charts over the same days, and what is missing in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import streamlit as st

from data.queries import account as asked
from data.queries.account import Curve, Gap, Mark
from data.queries.accounts import Witness
from data.types import Suspect
from pages.ui import account_charts, cards, formats, resources, suspects
from pages.ui.account import Account, day, moment
from pages.ui.text import plain, short

RANGES = {"30": "30 d", "90": "90 d", "365": "365 d"}
USUAL = "90"
_TOLD_GAPS = 3
_WHY = {
    "failed": "its source did not answer",
    "silent": "its source answered without telling them",
    "unasked": "its source was not asked",
}


@dataclass(frozen=True)
class _Shown:
    """The figures of one witness over a range, as the card draws them."""

    witness: Witness
    curve: Curve
    gaps: tuple[Gap, ...]
    marks: tuple[Mark, ...]


def card(account: Account) -> None:
    """Draw the card, of the witness whose history is the most complete unless a person chose another."""
    with st.container(border=True, gap="small", key="figures"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown("**Followers and engagement**", width="content")
            days = _range()
        until = account.now.date()
        with resources.reading() as session:
            ids = [each.id for each in account.members]
            curves = asked.curves(session, ids, since=until - timedelta(days=days), until=until)
            first = None if curves else asked.first_figure(session, ids)
        told = sorted((each for each in account.members if each.id in curves), key=lambda each: _rank(curves[each.id]))
        if not told:
            _nothing(account, days, first)
            return
        witness = _chosen(account, told)
        shown = _shown(witness, curves[witness.id], account.now)
        _metrics(account, shown)
        _doubt(account, shown)
        _charts(account, shown)
        _missing(account, shown)


def _rank(curve: Curve) -> tuple[int, int]:
    return -curve.days_known, -sum(point.engagement_rate is not None for point in curve.points)


def _range() -> int:
    """Let a person choose the range, which stands in the address; gives its days."""
    asked_for = st.query_params.get("days", USUAL)
    shown = asked_for if asked_for in RANGES else USUAL
    if shown != asked_for:
        st.markdown(f":small[:gray[“{plain(short(asked_for, 20))}” is no range, so it is 90 days.]]", width="content")
    key = f"days_{shown}"
    with st.container(width="content", key="days"):
        st.segmented_control(
            "Range",
            list(RANGES),
            default=shown,
            key=key,
            required=True,
            format_func=RANGES.__getitem__,
            on_change=_choose,
            args=(key,),
            label_visibility="collapsed",
        )
    return int(shown)


def _choose(key: str) -> None:
    """Put the range into the address, or take it out: the usual one needs no word."""
    chosen = st.session_state[key]
    if chosen != USUAL:
        st.query_params["days"] = chosen
    elif "days" in st.query_params:
        del st.query_params["days"]


def _chosen(account: Account, told: Sequence[Witness]) -> Witness:
    """Say whose figures these are and how old; with several to choose from, let a person choose."""
    names = {account.title(each): each for each in told}
    if len(names) == 1:
        st.markdown(f":small[:gray[As told by {account.title(told[0])} · {_as_of(account, told[0])}]]")
        return told[0]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(":small[:gray[As told by]]", width="content")
        chosen = names.get(_told_by(list(names), told), told[0])
        st.markdown(f":small[:gray[{_as_of(account, chosen)}]]", width="content")
    return chosen


def _as_of(account: Account, witness: Witness) -> str:
    return f"as of {moment(witness.last_seen_at, now=account.now)}"


def _told_by(names: list[str], told: Sequence[Witness]) -> str:
    """Let a person choose among sources; with others to choose from it is another choice."""
    key = "_".join(["told_by", *(str(each.number) for each in told)])
    found = st.segmented_control(
        "As told by", names, default=names[0], key=key, required=True, label_visibility="collapsed"
    )
    return found or names[0]


def _shown(witness: Witness, curve: Curve, now: datetime) -> _Shown:
    gaps = curve.gaps(witness.first_seen_at.date(), today=formats.now().date())
    with resources.reading() as session:
        marks = asked.marks(session, witness.id, since=curve.since, until=curve.until)
    return _Shown(witness, curve, gaps, tuple(mark for mark in marks if mark.at <= now))


def _metrics(account: Account, shown: _Shown) -> None:
    witness, curve, days = shown.witness, shown.curve, shown.curve.days
    best = curve.best(account_charts.doubted_days(shown.marks))
    gained = _difference(witness.followers, curve.followers_before)
    rated = _difference(witness.engagement_rate, curve.engagement_before)
    with st.grid(4, min_column_width=120, gap="small"):
        st.metric(
            "Followers",
            formats.DASH if witness.followers is None else f"{witness.followers:,}",
            None if gained is None else f"{gained:+,.0f}" if gained else 0,
            delta_description=None if gained is None else f"in {days} d",
            help=_silent(account, shown) or _against(curve.followers_before, days),
        )
        st.metric(
            "Engagement",
            formats.DASH if witness.engagement_rate is None else f"{witness.engagement_rate:.2f}%",
            None if rated is None else f"{rated:+.2f} pp" if abs(rated) >= 0.005 else 0,  # noqa: PLR2004 (two digits)
            help=_against(curve.engagement_before, days),
        )
        st.metric(
            "Best day",
            f"+{best.gain:,}" if best else formats.DASH,
            f"{best.day:%a} {day_of(best.day, account.now)}" if best else None,
            delta_color="off",
            delta_arrow="off",
            help="The most followers won from one day to the next; figures that are suspect don't count",
        )
        st.metric("Days known", f"{curve.days_known} of {days}", help="Days of this range whose followers a sync read")


def _difference(now: float | None, before: float | None) -> float | None:
    return None if now is None or before is None else now - before


def _silent(account: Account, shown: _Shown) -> str:
    """Say what was told last, when the followers are not told now."""
    last = next((point for point in reversed(shown.curve.known) if point.followers is not None), None)
    if shown.witness.followers is not None or last is None:
        return ""
    return f"Not told now; {last.followers:,} on {day_of(last.day, account.now)} was the last that was told"


def _against(before: float | None, days: int) -> str:
    if before is None:
        return f"Nothing is known of {days} days ago, so there is no change to tell"
    shown = f"{before:,}" if isinstance(before, int) else f"{before:.2f}%"
    return f"{shown} {days} days ago"


def day_of(found: date, now: datetime) -> str:
    """Give a day in words, with its year when it is another one."""
    return day(datetime(found.year, found.month, found.day, tzinfo=now.tzinfo), now=now)


def _doubt(account: Account, shown: _Shown) -> None:
    """Say beside the figures that one of them is not to be believed as it stands."""
    suspect = shown.witness.suspect
    if suspect is None:
        return
    with resources.reading() as session:
        since = asked.suspect_since(session, shown.witness.id, suspect, until=account.now)
    frozen = suspect == Suspect.FOLLOWERS_FROZEN
    began = (shown.witness.followers_since or since) if frozen else since
    when = f" {'since' if frozen else 'on'} {day(began, now=account.now)}" if began else ""
    look, told = suspects.look(suspect), plain(suspects.words(suspect))
    st.markdown(f"{look.badge} :small[{told}{when}: {suspects.doubt(suspect)}.]")


def _charts(account: Account, shown: _Shown) -> None:
    if shown.curve.days_known:
        st.caption("Followers")
        account_charts.followers(
            shown.curve, shown.gaps, shown.marks, platform=account.platform, key=f"followers_{shown.witness.id}"
        )
    if account_charts.has_engagement(shown.curve):
        st.caption("Engagement rate, in percent")
        began, today = shown.witness.first_seen_at.date(), formats.now().date()
        gaps = shown.curve.gaps(began, today=today, of="engagement_rate")
        account_charts.engagement(shown.curve, gaps, key=f"engagement_{shown.witness.id}")


def _missing(account: Account, shown: _Shown) -> None:
    """Say which days the line leaves out, and why as far as the syncs tell."""
    sentences = []
    with resources.reading() as session:
        for gap in shown.gaps[-_TOLD_GAPS:]:
            why = _WHY[asked.asked(session, shown.witness.source, gap)]
            sentences.append(f"No followers {_span(gap, account.now)}: {why}.")
    older = len(shown.gaps) - len(sentences)
    if older > 0:
        sentences.append(f"{formats.plural(older, 'earlier gap')} not told here.")
    if shown.witness.first_seen_at.date() > shown.curve.since + timedelta(days=1):
        sentences.append(f"Known since {day(shown.witness.first_seen_at, now=account.now)}.")
    if sentences:
        st.markdown(f":small[:gray[:material/info: {' '.join(sentences)}]]")


def _span(gap: Gap, now: datetime) -> str:
    first, last = day_of(gap.first, now), day_of(gap.last, now)
    if gap.open:
        return f"since {first}"
    return f"on {first}" if gap.first == gap.last else f"from {first} to {last}"


def _nothing(account: Account, days: int, first: date | None) -> None:
    """Say why there is no figure at all."""
    names = ", ".join(dict.fromkeys(account.title(each) for each in account.members))
    if first is not None and first <= account.now.date():
        told = f"Nothing is known of these {days} days."
        cards.empty(told, f"The first figure is of {day_of(first, account.now)}: choose a longer range.")
    else:
        told = f"{names} {'tells' if len(account.members) == 1 else 'tell'} neither followers nor engagement of it."
        cards.empty("There are no figures of this account.", f"{told} They are not 0: they are not known.")
