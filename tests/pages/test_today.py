"""Today: figures with their baseline, what needs someone, and what changed since the last visit."""

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import unquote_plus

import pytest
from sqlalchemy import insert, text
from sqlmodel import SQLModel
from streamlit.testing.v1 import AppTest

from data.queries import history, suspects, today
from data.store import now
from pages.ui import formats
from services.desk import Desk
from tests import messages_seed, seeds

TODAY = "overview/today.py"

FIGURES = ("Followers", "Engagement", "Connections")
CASES = "Open cases"
OURS = {CASES: "no case was known on", **dict.fromkeys(("Messages sent", "Messages failed"), "days before are known")}
"""What is our own, with what is said where there is no change: that there is none is known."""

Opener = Callable[..., AppTest]


def words(page: AppTest) -> str:
    return "\n".join(element.value for element in page.markdown)


def links(page: AppTest) -> dict[str, str]:
    """Give each link's words with what stands in its address."""
    return {link.proto.label: unquote_plus(link.proto.query_string) for link in page.get("page_link")}


@pytest.mark.usefixtures("desk")
def test_an_empty_cache_has_no_figures_and_no_noughts(opened: Opener) -> None:
    page = opened(TODAY)
    shown = {metric.label: metric.value for metric in page.metric}
    assert {shown.pop(label) for label in OURS} == {"0"}
    assert shown == dict.fromkeys(FIGURES, formats.DASH)
    assert all(metric.delta == "" for metric in page.metric)
    assert "No source has answered yet" in words(page)


def test_a_figure_changes_against_the_period_before_only_with_a_baseline(desk: Desk, opened: Opener) -> None:
    source = seeds.source(desk.store, "north", last_complete_at=now())
    seeds.connection(desk.store, source, 1, followers=1000, engagement_rate=2.0)
    seeds.count(desk.store, now().date() - timedelta(days=7))
    seeds.connection(desk.store, source, 2, followers=500, engagement_rate=5.0)
    seeds.count(desk.store)
    week = {metric.label: (metric.value, metric.delta) for metric in opened(TODAY).metric}
    assert week == {
        "Followers": ("1.50K", "50.0%"),
        "Engagement": ("3.00%", "1.00 pp"),
        "Connections": ("2", "1"),
        **dict.fromkeys(OURS, ("0", "")),
    }
    month = opened(TODAY, period="30 days").metric
    assert {metric.label: metric.delta for metric in month} == dict.fromkeys((*FIGURES, *OURS), "")
    assert all(OURS.get(metric.label, "nothing is known of") in metric.help for metric in month)


def test_a_source_that_is_new_since_then_is_no_growth(desk: Desk, opened: Opener) -> None:
    first = seeds.source(desk.store, "north", last_complete_at=now())
    seeds.connection(desk.store, first, 1, followers=1000)
    seeds.count(desk.store, now().date() - timedelta(days=7))
    second = seeds.source(desk.store, "south", last_complete_at=now())
    seeds.connection(desk.store, second, 2, followers=500)
    seeds.count(desk.store)
    page = opened(TODAY)
    assert page.metric[0].value == "1.50K"
    assert all(metric.delta == "" for metric in page.metric)
    assert all("other sources were known" in metric.help for metric in page.metric if metric.label not in OURS)


def test_each_status_has_its_number_its_change_and_its_line(desk: Desk, opened: Opener) -> None:
    source = seeds.source(desk.store, "north", last_complete_at=now())
    seeds.connection(desk.store, source, 1)
    seeds.count(desk.store, now().date() - timedelta(days=7))
    seeds.connection(desk.store, source, 2, status="pending")
    seeds.connection(desk.store, source, 3, status="archived")
    seeds.count(desk.store)
    rows = opened(TODAY).dataframe[0].value.to_dict("records")
    assert [(row["status"][0], row["connections"], row["change"]) for row in rows] == [
        ("Accepted", 1, 0),
        ("Pending", 1, 1),
        ("Rejected", 0, 0),
        ("Suspended", 0, 0),
        ("Disconnected", 0, 0),
        ("Unknown", 1, 1),
    ]
    assert list(rows[1]["line"]) == [0, 0, 0, 0, 1]


def test_a_silent_source_counts_for_three_days_with_what_it_last_told(desk: Desk) -> None:
    source, day = seeds.source(desk.store, "north"), now().date()
    seeds.connection(desk.store, source, 1, followers=1000)
    seeds.count(desk.store, day - timedelta(days=5))
    with desk.store.reading() as session:
        found = history.days(session, since=day - timedelta(days=6), until=day)
    assert [item.followers for item in found] == [None, 1000, 1000, 1000, 1000, None, None]


def test_what_needs_someone_stands_worst_first_with_the_way_to_it(desk: Desk, opened: Opener) -> None:
    source = seeds.source(desk.store, "north", last_complete_at=now())
    soon = now() + timedelta(days=2, hours=1)
    seeds.connection(desk.store, source, 1, health="expiring", expires_at=soon, name="Soon")
    seeds.connection(desk.store, source, 2, health="expiring", expires_at=now() + timedelta(days=20), name="Later")
    seeds.connection(desk.store, source, 3, health="broken", health_reason="Its token expired.", name="[x](y)")
    seeds.count(desk.store)
    page = opened(TODAY)
    told = words(page)
    assert told.index("Broken]") < told.index("Expiring]")
    assert "2 d left" in told
    labels = links(page)
    assert not [label for label in labels if "Later" in label]
    assert not [label for label in labels if "[x](y)" in label]
    assert {"id=c00003", "id=c00001"} <= set(labels.values())


def test_a_broken_row_says_since_when_and_why(desk: Desk, opened: Opener) -> None:
    source = seeds.source(desk.store, "north", last_complete_at=now())
    told = {"health": "broken", "health_reason": "Its token expired.", "name": "Harbour"}
    ended = now() - timedelta(hours=4)
    seeds.connection(desk.store, source, 1, health_since=now() - timedelta(hours=3), expires_at=ended, **told)
    assert "**3 h** :gray[· Its token expired\\.]" in words(opened(TODAY))


def test_what_is_stale_or_suspect_stands_after_what_is_broken(desk: Desk, opened: Opener) -> None:
    source = seeds.source(desk.store, "north", last_complete_at=now() - timedelta(days=2))
    since = now() - timedelta(days=17)
    for number in range(5):
        frozen = {"suspect": "followers_frozen", "followers": 2000, "followers_since": since}
        seeds.connection(desk.store, source, number, **frozen)
    doubled = seeds.connection(desk.store, source, 6, name="Twice", suspect="followers_doubled")
    seeds.change(desk.store, doubled, now() - timedelta(hours=5), "suspect", (None, "followers_doubled"))
    seeds.connection(desk.store, source, 7, suspect="followers_zero", vanished_at=now())
    seeds.connection(desk.store, source, 8, health="broken", name="Harbour")
    page = opened(TODAY)
    told = words(page)
    places = [told.index(word) for word in ("Broken]", "Stale]", "Doubled]", "Frozen]")]
    assert places == sorted(places)
    assert "Zero]" not in told
    assert "**5 h** :gray[· Followers exactly doubled" in told
    found = links(page)
    folded = next(query for label, query in found.items() if "5 of north" in label)
    assert folded == "source=north&suspect=Frozen&listed=Listed now"


def test_one_account_that_two_sources_doubt_alike_is_told_once(desk: Desk) -> None:
    for number, name in enumerate(("north", "south"), 1):
        source = seeds.source(desk.store, name)
        seeds.connection(desk.store, source, number, suspect="followers_frozen", account=1)
    with desk.store.reading() as session:
        assert [item.id for item in suspects.folded(session)] == ["c00001"]
        assert suspects.counted(session) == [suspects.Counted("followers_frozen", 1, True)]


def test_a_source_with_many_broken_ones_hides_no_other(desk: Desk) -> None:
    many, few = seeds.source(desk.store, "many"), seeds.source(desk.store, "few")
    for number in range(today.LOOKED_AT + 5):
        seeds.connection(desk.store, many, number, health="broken", health_reason="The token is refused.")
    seeds.connection(desk.store, few, 9_999, health="broken", health_reason="It needs to be reconnected.")
    seeds.count(desk.store)
    with desk.store.reading() as session:
        found = today.attention(session)
    assert [(item.source, item.number, item.reason) for item in found] == [
        ("many", today.LOOKED_AT + 5, "The token is refused."),
        ("few", 1, "It needs to be reconnected."),
    ]


def test_many_that_broke_for_one_reason_are_one_line(desk: Desk) -> None:
    source = seeds.source(desk.store, "north")
    for number in range(6):
        seeds.connection(desk.store, source, number, health="broken", health_reason="The token is refused.")
    with desk.store.reading() as session:
        (line,) = today.attention(session)
    assert line.number == 6


@pytest.mark.parametrize(
    ("field", "values", "sentence"),
    [
        ("status", ("accepted", "suspended"), "suspended by north"),
        ("name", ("Old [name]", "New"), "is now **New**"),
        ("vanished", ("listed", "vanished"), "no longer listed by north"),
        ("health", ("healthy", "broken"), "broke at north"),
        ("health", ("broken", "healthy"), "no longer broken at north"),
        ("suspect", (None, "followers_zero"), "followers dropped to 0, says north"),
    ],
)
def test_what_changed_since_the_last_visit_is_told(
    desk: Desk, opened: Opener, field: str, values: tuple[str | None, str], sentence: str
) -> None:
    source = seeds.source(desk.store, "north", last_complete_at=now())
    identity = seeds.connection(desk.store, source, 1)
    seeds.change(desk.store, identity, now() - timedelta(minutes=5), field, values)
    seeds.change(desk.store, identity, now() - timedelta(days=5), "status", ("accepted", "rejected"))
    page = opened(TODAY)
    visited(desk, now() - timedelta(hours=1))
    with desk.store.reading() as session:
        assert [item.field for item in today.since(session, now() - timedelta(hours=1))] == [field]
    told = "\n".join(links(page.run()))
    assert sentence in told
    assert "rejected by north" not in told


def visited(desk: Desk, at: datetime) -> None:
    with desk.store.bulk() as link:
        link.execute(text("UPDATE users SET previous_visit_at = :at"), {"at": at.replace(tzinfo=None).isoformat(" ")})


def test_many_that_changed_alike_are_one_line_that_leads_to_them(desk: Desk, opened: Opener) -> None:
    source = seeds.source(desk.store, "north", last_complete_at=now())
    at = now() - timedelta(minutes=5)
    for number in range(4):
        identity = seeds.connection(desk.store, source, number, status="suspended")
        seeds.change(desk.store, identity, at, "status", ("accepted", "suspended"))
    page = opened(TODAY)
    visited(desk, now() - timedelta(hours=1))
    found = links(page.run())
    (line,) = [label for label in found if "suspended by" in label]
    assert "**4 connections** suspended by north" in line
    assert found[line] == "source=north&status=Suspended"


def test_a_number_that_was_not_counted_to_its_end_says_so(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(today, "_LOOKED_AT", 3)
    source = seeds.source(desk.store, "north")
    for number in range(5):
        seeds.connection(desk.store, source, number, first_seen_at=now() - timedelta(minutes=5))
    with desk.store.reading() as session:
        # one and the same run sees them at one instant in a sync; here each has its own
        found = today.since(session, now() - timedelta(hours=1))
    assert sum(item.number for item in found) == 3
    assert found[-1].more


def test_a_past_day_shows_what_was_known_then(desk: Desk, opened: Opener) -> None:
    source = seeds.source(desk.store, "north", last_complete_at=now())
    then, later = now() - timedelta(days=10), now() - timedelta(days=3)
    seeds.run(desk.store, source, "ok", observed_at=then, started_at=then, created=2)
    mended = seeds.connection(desk.store, source, 1, name="Mended")
    broke = seeds.connection(desk.store, source, 2, name="Broke", health="broken")
    seeds.change(desk.store, mended, then - timedelta(hours=5), "health", ("healthy", "broken"))
    seeds.change(desk.store, mended, later, "health", ("broken", "healthy"))
    seeds.change(desk.store, broke, later, "health", ("healthy", "broken"))
    seeds.count(desk.store, then.date())
    page = opened(TODAY, asof=then.date().isoformat())
    told, found = words(page), links(page)
    assert "what was known then" in told
    assert "**Needed attention**" in told
    assert [label for label in found if "Mended" in label]
    assert not [label for label in found if "Broke" in label]
    assert found["**Mended**"] == f"id={mended}&asof={then.date()}"
    assert "the vendor gave no reason" in told
    assert "**Changes of that day**" in told
    assert any("**2 connections** are new from north" in label for label in found)
    assert page.metric[2].value == "2"


def test_a_past_reason_is_that_of_then_and_said_to_be_missing_before_reasons_were_kept(
    desk: Desk, opened: Opener
) -> None:
    source = seeds.source(desk.store, "north", last_complete_at=now())
    then, later = now() - timedelta(days=10), now() - timedelta(days=3)
    seeds.run(desk.store, source, "ok", observed_at=then, started_at=then, created=1)
    seeds.connection(desk.store, source, 1, health="broken", health_reason="The newer one")
    with desk.store.bulk() as link:
        row = {"connection_id": "c00001", "until": later, "reason": "The older one"}
        link.execute(insert(SQLModel.metadata.tables["health_reasons"]).values(row))
    told = words(opened(TODAY, asof=then.date().isoformat()))
    assert "The older one" in told
    assert "The newer one" not in told
    with desk.store.bulk() as link:
        link.execute(text("UPDATE installation SET reasons_since = :at"), {"at": f"{now() - timedelta(days=5):%F %T}"})
    told = words(opened(TODAY, asof=then.date().isoformat()))
    assert "the reason then is not kept" in told
    assert "older one" not in told


def test_a_day_before_anything_was_known_says_so(desk: Desk, opened: Opener) -> None:
    source = seeds.source(desk.store, "north", last_complete_at=now())
    seeds.connection(desk.store, source, 1, health="broken")
    page = opened(TODAY, asof=(now() - timedelta(days=300)).date().isoformat())
    assert "nothing is known of that day" in words(page)
    assert all(metric.value == formats.DASH for metric in page.metric)


def test_a_case_that_needs_someone_leads_to_its_page_and_the_rest_to_the_queue(desk: Desk, opened: Opener) -> None:
    late = now() - timedelta(hours=3)
    for number in range(1, 6):
        seeds.case(desk.store, number, due_at=late - timedelta(hours=number))
    moved = {"followers": [18_902, 9_114], "name": ["a", "b"]}
    seeds.case(desk.store, 6, name="[x](y)", difference=moved)
    seeds.case(desk.store, 7, "refused", changed_at=late, answer="Its limit is reached.", name="Harbour")
    page = opened(TODAY)
    told, found = words(page), links(page)
    places = [told.index(word) for word in ("Refused]", "Came back]", "Over time]")]
    assert places == sorted(places)
    assert "Its limit is reached" in told
    assert "Followers changed after the decision" in told
    assert found["**Harbour**"] == "case=7"
    assert not [label for label in found if "[x](y)" in label]
    assert found["**2 further**"] == "tab=all&only=Past the agreed time"
    assert {metric.label: metric.value for metric in page.metric}[CASES] == "6"


def test_messages_are_counted_by_period_and_compared_with_a_whole_one(desk: Desk, opened: Opener) -> None:
    whose = messages_seed.source(desk.store), messages_seed.recipient(desk.store)
    for number, (state, days) in enumerate((("read", 1), ("failed", 2), ("unknown", 3), ("delivered", 9))):
        messages_seed.message(desk.store, whose, number, state, created_at=now() - timedelta(days=days))
    page = opened(TODAY)
    shown = {metric.label: (metric.value, metric.delta) for metric in page.metric}
    assert (shown["Messages sent"], shown["Messages failed"]) == (("2", ""), ("1", ""))
    messages_seed.message(desk.store, whose, 9, "refused", created_at=now() - timedelta(days=14))
    page.run()
    shown = {metric.label: (metric.value, metric.delta) for metric in page.metric}
    assert (shown["Messages sent"], shown["Messages failed"]) == (("2", "1"), ("1", "1"))


def test_a_message_that_needs_someone_leads_to_it_and_the_rest_to_the_list(desk: Desk, opened: Opener) -> None:
    whose = messages_seed.source(desk.store), messages_seed.recipient(desk.store)
    old = now() - timedelta(hours=2)
    failed = [
        messages_seed.message(desk.store, whose, number, "failed", created_at=old, reason="[x](y) window closed.")
        for number in range(4)
    ]
    unknown = messages_seed.message(
        desk.store, whose, 4, "unknown", created_at=old, recipient="Anna", reason="Cut off."
    )
    silent = messages_seed.message(desk.store, whose, 5, "accepted", created_at=old, recipient="Bert")
    page = opened(TODAY)
    found, told = links(page), words(page)
    assert found["**To Anna**"] == f"message={unknown}"
    assert found["**To Bert**"] == f"message={silent}"
    assert found["**1 further**"] == "state=Failed"
    assert f"message={failed[0]}" not in found.values()
    assert "Cut off" in told
    assert "Nothing was heard of it since" in told
    assert "[x](y)" not in told


def test_who_asked_reads_what_became_of_it_since_the_last_visit(desk: Desk, opened: Opener) -> None:
    seeds.case(desk.store, 1, "declined", name="Harbour")
    seeds.step(desk.store, 1, "case.decline", ("requested", "declined"), reason="Wrong <b>page</b>.")
    page = opened(TODAY, "marek")
    visited(desk, now() - timedelta(hours=1))
    found = links(page.run())
    (label,) = [label for label, query in found.items() if query == "case=1"]
    assert "**Harbour** declined by Ingrid Sjöberg" in label
    assert r"“Wrong \<b\>page\<\/b\>\.”" in words(page)
    other = opened(TODAY, "ana")
    visited(desk, now() - timedelta(hours=1))
    assert "Your requests" not in words(other.run())


@pytest.mark.usefixtures("desk")
def test_a_period_that_is_none_is_told_and_the_usual_one_is_shown(opened: Opener) -> None:
    page = opened(TODAY, period="a year")
    assert "Dropped from the address: period “a year”." in words(page)
    page.segmented_control(key="period").set_value("30 days").run()
    assert "Dropped" not in words(page)
    assert page.query_params["period"] == "30 days"
    page.segmented_control(key="period").set_value("7 days").run()
    assert "period" not in page.query_params
