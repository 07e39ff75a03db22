"""The account page: what it says of one account, now and then, and what it leaves unsaid because nobody told."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from data.store import now
from pages.ui import account_head, formats
from services.desk import Desk
from tests import seeds

ACCOUNT = "networks/account.py"
HOSTILE = "<script>alert(1)</script>![x](http://127.0.0.1:9/x) :material/bolt: $x$ [l](http://127.0.0.1:9)"
Opener = Callable[..., AppTest]


def words(page: AppTest) -> str:
    """Everything that is drawn as Markdown, tables included."""
    tables = [str(cell) for table in page.table for column in table.value.items() for cell in (column[0], *column[1])]
    return "\n".join([*(element.value for element in (*page.markdown, *page.caption, *page.header)), *tables])


def figures(page: AppTest) -> dict[str, tuple[str, str]]:
    """Each metric's value and change."""
    return {metric.label: (metric.value, metric.delta) for metric in page.metric}


def points(desk: Desk, key: str, days: dict[int, int | None]) -> None:
    today = now().date()
    seeds.points(desk.store, key, {today - timedelta(days=back): number for back, number in days.items()})


@pytest.fixture
def account(desk: Desk) -> str:
    """One account with two witnesses: one tells figures, both tell names that differ."""
    north = seeds.source(desk.store, "north", vendor="zocial", last_complete_at=now() - timedelta(minutes=4))
    south = seeds.source(desk.store, "south", last_complete_at=now() - timedelta(minutes=9))
    extra: dict[str, Any] = {"extra_data": {"bio": "Old bio", "verified_badge": True}}
    told: dict[str, Any] = {"account": 1, "account_by": "handle", "handle": "cafe"}
    key = seeds.connection(
        desk.store, north, 1, name="Café", followers=1_100, engagement_rate=3.5, extra=extra, verified=True, **told
    )
    seeds.connection(desk.store, south, 2, name="Cafe AG", url="https://instagram.com/cafe", **told)
    points(desk, key, {90: 1_000, **{back: 1_100 - back for back in range(90) if back != 10}})
    return key


def test_it_says_who_it_is_and_how_it_went(opened: Opener, account: str) -> None:
    page = opened(ACCOUNT, id=account)
    assert page.header[0].value == "Café"
    assert "@cafe · Instagram · network" in words(page).replace("\\", "").replace("\u2060", "")
    assert figures(page)["Followers"] == ("1,100", "+100")
    assert figures(page)["Engagement"] == ("3.50%", "")
    assert figures(page)["Days known"] == ("89 of 90", "")
    assert "its source was not asked" in words(page)
    assert "First seen" in words(page)


def test_any_member_leads_to_the_same_page(opened: Opener, account: str) -> None:
    assert opened(ACCOUNT, id="c00002").header[0].value == opened(ACCOUNT, id=account).header[0].value


def test_what_sources_say_stands_side_by_side_and_the_odd_value_is_marked(opened: Opener, account: str) -> None:
    told = words(opened(ACCOUNT, id=account))
    assert "1 field disagrees" in told
    assert ":orange-badge[:material/difference: Café]" in told
    assert ":orange-badge[:material/difference: Cafe AG]" in told
    assert ":gray[not told]" in told
    assert "Sources differ" in told


def test_a_shorter_range_comes_from_the_address_and_nonsense_is_dropped_with_a_word(
    opened: Opener, account: str
) -> None:
    page = opened(ACCOUNT, id=account, days="30")
    assert figures(page)["Days known"] == ("29 of 30", "")
    page = opened(ACCOUNT, id=account, days="7; drop")
    assert figures(page)["Days known"] == ("89 of 90", "")
    assert "is no range, so it is 90 days" in words(page)


def test_without_a_baseline_there_is_no_change(desk: Desk, opened: Opener) -> None:
    key = seeds.connection(desk.store, seeds.source(desk.store, "north"), 1, followers=500)
    points(desk, key, {0: 500, 1: 400})
    page = opened(ACCOUNT, id=key)
    assert figures(page)["Followers"] == ("500", "")
    assert figures(page)["Engagement"] == (formats.DASH, "")
    assert figures(page)["Best day"][0] == "+100"


def test_a_figure_that_is_not_told_now_is_missing_and_the_last_one_is_said(desk: Desk, opened: Opener) -> None:
    key = seeds.connection(desk.store, seeds.source(desk.store, "north"), 1, followers=None)
    points(desk, key, {5: 1_234})
    (followers,) = [metric for metric in opened(ACCOUNT, id=key).metric if metric.label == "Followers"]
    assert followers.value == formats.DASH
    assert "Not told now; 1,234 on" in followers.help


def test_a_connection_without_figures_says_so_and_never_nought(desk: Desk, opened: Opener) -> None:
    key = seeds.connection(desk.store, seeds.source(desk.store, "north", vendor="gipper"), 1)
    page = opened(ACCOUNT, id=key)
    assert "There are no figures of this account" in words(page)
    assert not page.metric


def test_older_figures_than_the_range_are_said_to_be_there(desk: Desk, opened: Opener) -> None:
    key = seeds.connection(desk.store, seeds.source(desk.store, "north"), 1, followers=5)
    points(desk, key, {200: 5})
    assert "choose a longer range" in words(opened(ACCOUNT, id=key))
    assert figures(opened(ACCOUNT, id=key, days="365"))["Days known"] == ("1 of 365", "")


def test_a_broken_connection_says_who_since_when_and_why(desk: Desk, opened: Opener) -> None:
    key = seeds.connection(
        desk.store,
        seeds.source(desk.store, "north", last_complete_at=now() - timedelta(days=3)),
        1,
        health="broken",
        health_reason="Access ended. ![x](http://127.0.0.1:9)",
        health_since=now() - timedelta(days=2),
        last_seen_at=now() - timedelta(days=3),
    )
    told = words(opened(ACCOUNT, id=key))
    assert "**Broken at Late · north since" in told
    assert "![x](http" not in told
    assert "last good answer" in told
    assert "What it says below is from then." in told


@pytest.mark.parametrize(
    ("suspect", "says"),
    [
        ("followers_doubled", "Followers exactly doubled on"),
        ("followers_frozen", "Followers have not moved since"),
    ],
)
def test_a_suspect_figure_is_said_beside_the_figure(desk: Desk, opened: Opener, suspect: str, says: str) -> None:
    since = now() - timedelta(days=20)
    key = seeds.connection(
        desk.store, seeds.source(desk.store, "north"), 1, followers=2_000, suspect=suspect, followers_since=since
    )
    points(desk, key, {20: 2_000, 0: 2_000})
    seeds.change(desk.store, key, since, "suspect", (None, suspect))
    assert says in words(opened(ACCOUNT, id=key))


def test_the_timeline_names_what_changed_and_goes_further_back(desk: Desk, opened: Opener, account: str) -> None:
    for hour in range(35):
        seeds.change(desk.store, account, now() - timedelta(hours=hour), "name", (f"Name {hour + 1}", f"Name {hour}"))
    page = opened(ACCOUNT, id=account)
    assert "Name 1 → Name 0" in words(page)
    assert "Name 33 → Name 32" not in words(page)
    next(button for button in page.button if button.label == "Earlier").click().run()
    assert "Name 33 → Name 32" in words(page)
    assert "First seen" in words(page)


def test_what_a_contract_without_a_list_told_is_not_called_listed(desk: Desk, opened: Opener) -> None:
    source = seeds.source(desk.store, "east", vendor="highlevel", contract="documented")
    key = seeds.connection(desk.store, source, 9, name="Fell Studio", handle=None, external_id="17841400000000009")
    page = opened(ACCOUNT, id=key)
    assert "no handle told, id 17841400000000009" in words(page).replace("\\", "")
    assert "Confirmed by HighLevel" in words(page)
    assert "Listed by" not in words(page)


def test_an_admin_may_edit_sync_and_rule_and_an_analyst_may_not(opened: Opener, account: str) -> None:
    labels = {button.label for button in opened(ACCOUNT, "ingrid", id=account).button}
    assert {"Edit extra data …", "Sync now", "Join with another connection …", "These are not one account …"} <= labels
    assert not {button.label for button in opened(ACCOUNT, id=account).button}


def test_the_edit_begins_with_what_is_held(opened: Opener, account: str) -> None:
    page = opened(ACCOUNT, "ingrid", id=account)
    page.button(key="edit_1").click().run()
    assert page.text_area(key="extra_field_bio").value == "Old bio"
    assert page.text_input(key="extra_field_engagement_rate").value == "3.5"
    assert page.text_input(key="extra_field_website").value == ""


def test_an_unconfirmed_edit_stands_there_until_the_list_is_read(desk: Desk, opened: Opener, account: str) -> None:
    seeds.change(desk.store, account, now(), "unconfirmed", ('{"bio": "Old bio"}', '{"bio": "New"}'))
    assert "was not confirmed" in words(opened(ACCOUNT, id=account))
    with desk.store.reading() as session:
        north = session.connection().exec_driver_sql("select id from sources where name = 'north'").scalar_one()
    seeds.run(desk.store, north, "ok", observed_at=now() - timedelta(minutes=5))
    assert "was not confirmed" not in words(opened(ACCOUNT, id=account))


def test_the_past_shows_what_was_known_then_and_offers_nothing_to_change(
    desk: Desk, opened: Opener, account: str
) -> None:
    seeds.change(desk.store, account, now() - timedelta(days=2), "name", ("Then", "Café"))
    day = (now() - timedelta(days=5)).date()
    page = opened(ACCOUNT, "ingrid", id=account, asof=day.isoformat())
    assert page.header[0].value == "Then"
    assert figures(page)["Followers"][0] == "1,095"
    assert "what was known then" in words(page)
    assert not {"Edit extra data …", "Sync now"} & {button.label for button in page.button}


def test_before_it_was_first_seen_nothing_is_shown(opened: Opener, account: str) -> None:
    page = opened(ACCOUNT, id=account, asof=date(2020, 1, 1).isoformat())
    assert "It was not known yet on 1 January 2020" in words(page)
    assert not page.metric


def test_an_unknown_id_says_so(opened: Opener, desk: Desk) -> None:
    del desk
    page = opened(ACCOUNT, id=HOSTILE)
    assert "No connection has the id" in words(page)
    assert "![x](http" not in words(page)


@pytest.mark.parametrize("field", ["name", "handle", "category", "url", "vendor_status"])
def test_hostile_words_of_a_vendor_are_text(desk: Desk, opened: Opener, field: str) -> None:
    source = seeds.source(desk.store, "north", vendor="zocial")
    hostile = {"bio": HOSTILE, HOSTILE: HOSTILE, "list": [HOSTILE]}
    key = seeds.connection(
        desk.store, source, 1, **{field: HOSTILE * 60}, status="unknown", extra={"extra_data": hostile}, followers=1
    )
    points(desk, key, {0: 1})
    seeds.change(desk.store, key, now(), "extra." + HOSTILE, (HOSTILE, HOSTILE))
    seeds.change(desk.store, key, now(), "name", (HOSTILE, HOSTILE * 60))
    page = opened(ACCOUNT, "ingrid", id=key)
    told = words(page)
    assert "![x](http" not in told
    assert "[l](http" not in told
    assert ":material/bolt:" not in told.replace("\u2060", "").replace("\\", "x")
    page.button(key="edit_1").click().run()


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://instagram.com/cafe", "instagram.com"),
        ("http://www.facebook.com:80/cafe", "www.facebook.com"),
        ("https://\u0131nstagram.com/cafe", "xn--nstagram-skb.com"),
        ("javascript:alert(1)", None),
        ("https://127.0.0.1/x", None),
        ("https://[::1]/x", None),
        ("https://2130706433/x", None),
        ("https://localhost/x", None),
        ("https://user@instagram.com/x", None),
        ("https://instagram.com:8443/x", None),
        ("//instagram.com/x", None),
        ("", None),
        (None, None),
    ],
)
def test_only_an_address_that_can_be_a_profile_becomes_a_link(url: str | None, host: str | None) -> None:
    found = account_head.profile(url)
    assert (found[1] if found else None) == host
