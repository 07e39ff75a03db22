"""The Networks page: what it lists, and what lives in its address."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from data.store import now
from pages.ui import formats, tables
from services.desk import Desk
from tests import seeds
from tests.pages import sheets

HOSTILE = "<script>alert(1)</script>![x](http://127.0.0.1:9/x) :material/bolt: $x$ =1+1"
NETWORKS = "networks/networks.py"

Opener = Callable[..., AppTest]


def words(page: AppTest) -> str:
    return "\n".join(element.value for element in page.markdown)


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """120 connections of one source; the first has a hostile name."""
    source = seeds.source(desk.store, "north", last_complete_at=now() - timedelta(minutes=4))
    for number in range(120):
        seeds.connection(
            desk.store,
            source,
            number,
            name=HOSTILE if number == 0 else f"Name {number}",
            platform=("instagram", "tiktok")[number % 2],
            health=("healthy", "broken")[number % 10 == 0],
            followers=None if number == 1 else number * 1000,
        )
    seeds.count(desk.store)
    return desk


@pytest.mark.usefixtures("filled")
def test_it_lists_the_first_page_and_says_how_many_and_how_old(opened: Opener) -> None:
    page = opened(NETWORKS)
    assert "120 connections of 1 source · as of 4 min ago" in words(page)
    assert f"**120** :gray[accounts] :small[:gray[· 1{formats.DASH}50]]" in words(page)
    rows = sheets.rows(page)
    assert len(rows) == 50
    assert [row["health"] for row in rows[:2]] == [[["Broken", "red"]]] * 2
    assert rows[0]["name"] == HOSTILE


@pytest.mark.usefixtures("filled")
def test_the_address_narrows_sorts_and_sizes_the_list(opened: Opener) -> None:
    page = opened(NETWORKS, platform="TikTok", sort="Most followers", size="100")
    rows = sheets.rows(page)
    assert {row["platform"] for row in rows} == {"TikTok"}
    assert len(rows) == 60
    assert rows[0]["followers"] == 119_000
    assert "**60** :gray[accounts]" in words(page)


@pytest.mark.usefixtures("filled")
def test_nonsense_in_the_address_is_dropped_and_the_page_stands(opened: Opener) -> None:
    page = opened(NETWORKS, platform="1;drop", sort="'; --", size="-1", min="x", status="%", after="nonsense")
    assert len(sheets.rows(page)) == 50
    told = words(page)
    assert "The place in the address is not one of this list" in told
    for dropped in ("platform “1\\;drop”", "status “\\%”", "sorted by “\\'\\;", "size “\\-1”", "followers from “x”"):
        assert dropped in told


@pytest.mark.usefixtures("filled")
def test_a_filter_is_drawn_once_its_button_is_open_and_writes_the_address(opened: Opener) -> None:
    page = opened(NETWORKS, status="Accepted")
    drawn = {each.key for each in page.button_group}
    assert "platform" not in drawn
    page.session_state["platform_filter"] = True
    page.run()
    page.button_group(key="platform").set_value(["TikTok"]).run()
    assert page.query_params == {"status": "Accepted", "platform": "TikTok"}
    assert set(sheets.column(page, "platform")) == {"TikTok"}
    page.session_state["platform_filter"] = True
    page.run()
    page.button_group(key="platform").set_value([]).run()
    assert page.query_params == {"status": "Accepted"}


@pytest.mark.usefixtures("filled")
def test_what_is_usual_does_not_stand_in_the_address(opened: Opener) -> None:
    page = opened(NETWORKS, sort="Most followers", rows="connections", q="name", size="100")
    page.selectbox(key="sort").set_value("Worst health first").run()
    page.button_group(key="rows").set_value("Accounts").run()
    page.text_input(key="q").set_value("").run()
    assert page.query_params == {"size": "100"}
    page.session_state["more_filters"] = True
    page.run()
    page.button_group(key="size").set_value("50").run()
    assert page.query_params == {}


@pytest.mark.usefixtures("filled")
def test_a_late_word_of_a_widget_cannot_undo_what_was_lifted(opened: Opener) -> None:
    page = opened(NETWORKS, q="name 7")
    page.button(key="clear_filters").click().run()
    assert [box.value for box in page.text_input] == [""]
    assert {box.key for box in page.text_input} != {"q"}, (
        "another widget stands there: the old one is not heard any more"
    )
    assert page.query_params == {}


def heard() -> None:
    import streamlit as st

    from pages.ui import filters

    st.session_state["q"] = "name 7"
    filters.bound("q", "")  # somebody else has written the address: another widget takes its place
    filters._take("q", "q")
    st.text(str(st.query_params.to_dict()))


def test_what_is_still_sent_of_a_replaced_widget_is_not_written() -> None:
    assert AppTest.from_function(heard).run().text[0].value == "{}"


@pytest.mark.usefixtures("filled")
def test_the_next_and_previous_rows_are_reached_by_a_place_in_the_address(opened: Opener) -> None:
    page = opened(NETWORKS)
    first = sheets.column(page, "name")
    page.button(key="go_after").click().run()
    assert f"**120** :gray[accounts] :small[:gray[· 51{formats.DASH}100]]" in words(page)
    assert "after" in page.query_params
    assert not set(first) & set(sheets.column(page, "name"))
    page.button(key="go_before").click().run()
    assert sheets.column(page, "name") == first
    assert "after" not in page.query_params


@pytest.mark.usefixtures("filled")
def test_a_search_without_a_match_says_so_and_offers_to_lift_each_filter(opened: Opener) -> None:
    page = opened(NETWORKS, q="nobody [here](http://127.0.0.1:9)", health="Broken")
    assert not sheets.sheets(page)
    told = words(page)
    assert "**No connection matches**" in told
    assert "[here](http" not in told
    page.button(key="lift_q").click().run()
    assert "**12** :gray[accounts]" in words(page)
    assert "q" not in page.query_params


@pytest.mark.usefixtures("filled")
def test_a_missing_number_is_missing_and_never_nought(opened: Opener) -> None:
    page = opened(NETWORKS, q="handle.1", platform="TikTok", sort="Fewest followers")
    row = next(row for row in sheets.rows(page) if row["handle"] == "@handle.1")
    assert row["followers"] is None
    assert row["change"] is None


@pytest.fixture
def witnessed(desk: Desk) -> Desk:
    """One account of two sources that disagree, and one whose followers are frozen."""
    north, south = (seeds.source(desk.store, name, last_complete_at=now()) for name in ("north", "south"))
    same = {"account": 1, "account_by": "handle", "handle": "cafe"}
    seeds.connection(desk.store, north, 1, followers=1_000, growth=4.5, name="Café", **same)
    seeds.connection(desk.store, south, 2, followers=2_000, status="pending", name="Café", **same)
    since = datetime(2026, 3, 4, tzinfo=UTC)
    frozen = {"suspect": "followers_frozen", "followers_since": since, "growth": 0.0}
    seeds.connection(desk.store, north, 3, followers=7_000, name="Still", **frozen)
    seeds.count(desk.store)
    return desk


@pytest.mark.usefixtures("witnessed")
def test_one_account_is_one_row_that_says_who_witnesses_it_and_what_to_doubt(opened: Opener) -> None:
    page = opened(NETWORKS, sort="Most followers")
    assert "**2** :gray[accounts]" in words(page)
    still, cafe = sheets.rows(page)
    assert (still["name"], cafe["name"]) == ("Still", "Café")
    assert (still["source"], cafe["source"]) == ("north", "north, south")
    assert still["note"] == [["Frozen since 4 Mar", "yellow"]]
    assert cafe["note"] == [["Differ: status, followers", "orange"]]
    assert cafe["followers"] == 2_000
    assert (still["change"], cafe["change"]) == (0.0, None), "the row's own figures, not those of the other source"


@pytest.mark.usefixtures("witnessed")
def test_each_connection_is_a_row_when_the_address_says_so(opened: Opener) -> None:
    page = opened(NETWORKS, sort="Most followers", rows="connections")
    assert "**3** :gray[connections]" in words(page)
    assert sheets.column(page, "source") == ["north", "south", "north"]
    assert not [button for button in page.button if button.key == "unfold"]


@pytest.mark.usefixtures("witnessed")
def test_a_chosen_account_unfolds_and_opens(opened: Opener) -> None:
    page = opened(NETWORKS, sort="Most followers")
    assert page.button(key="pick_open").disabled
    page.session_state["networks_picks"].tick(frozenset({1}))
    page.run()
    assert "**1 selected** :gray[of 2 accounts]" in words(page)
    page.button(key="unfold").click().run()
    assert sheets.column(page, "name") == ["Still", "Café", "↳ north · Café"]
    page.button(key="pick_none").click().run()
    page.button(key="pick_all").click().run()
    assert "**All 2 accounts** :gray[selected]" in words(page)
    assert page.button(key="pick_open").disabled


@pytest.mark.usefixtures("witnessed")
@pytest.mark.parametrize(("asked", "number", "hidden"), [({}, 2, 1), ({"rows": "connections"}, 3, 2)])
def test_what_stays_chosen_and_is_not_in_the_list_is_told(
    opened: Opener, asked: dict[str, str], number: int, hidden: int
) -> None:
    page = opened(NETWORKS, sort="Most followers", **asked)
    page.session_state["networks_picks"].tick(frozenset(range(number)))
    page.run()
    assert f"**{number} selected** :gray[of {number}" in words(page)
    page.query_params["q"] = "Still"
    page.run()
    assert f"**{number} selected**, :orange[{hidden} of them not in this list] :gray[of 1]" in words(page)
    page.query_params["asof"] = (now() - timedelta(days=1)).date().isoformat()
    page.run()
    assert "of them not in this list" in words(page)


@pytest.mark.usefixtures("desk")
def test_an_empty_cache_says_where_to_look(opened: Opener) -> None:
    page = opened(NETWORKS)
    assert "**No connection is known yet.**" in words(page)
    assert "no source has answered yet" in words(page)


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Café Zürich", "CZ"),
        ("", "?"),
        ("☕ 🎉", "?"),
        ("one", "O"),
        ("O'Hara & Daughters", "OD"),
        ("名前 だけ", "名だ"),
    ],
)
def test_an_avatar_has_two_initials(name: str, letters: str) -> None:
    assert tables.initials(name) == letters


def test_an_avatar_is_drawn_without_markup_of_the_name() -> None:
    assert tables.avatar("<b> &amp;", "instagram").startswith("data:image/svg+xml;base64,")
    assert tables.avatar("x", "a new platform") != tables.avatar("x", "instagram")
