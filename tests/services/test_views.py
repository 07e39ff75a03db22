"""Saved views: whose they are, what they hold, and who may change them."""

import json
from typing import Any

import pytest

from data import trail
from data.queries.views import Saved, mine_and_shared
from data.types import Role
from services import people, views
from services.access import SYSTEM, Actor
from services.desk import Desk
from services.failures import Failure, Forbidden, Misuse
from services.views import NameTaken
from tests import seeds

ANA, MAREK, INGRID = Actor("ana", Role.ANALYST), Actor("marek", Role.MARKETER), Actor("ingrid", Role.ADMIN)


@pytest.fixture
def staffed(desk: Desk) -> Desk:
    """The three people, and connections on two platforms."""
    people.ensure_demo_people(desk)
    source = seeds.source(desk.store, "beside")
    for number, platform in enumerate(("instagram", "twitter")):
        seeds.connection(desk.store, source, number, platform=platform)
    seeds.count(desk.store)
    return desk


def seen(desk: Desk, username: str) -> list[Saved]:
    with desk.store.reading() as session:
        return list(mine_and_shared(session, username))


def newest(desk: Desk) -> tuple[Any, ...]:
    with desk.store.reading() as session:
        (row,) = trail.newest(session, 1)
    told = [json.loads(value) if value else None for value in (row.before, row.after)]
    return row.actor, row.action, row.subject, row.outcome, *told


def test_a_view_is_kept_in_its_one_form_and_is_ones_own(staffed: Desk) -> None:
    query = "?after=abc&sort=Newest&platform=X&platform=Myspacee&verified=Any&utm=1&status=Pending"
    number = views.save(staffed, ANA, "  Pending   on X ", query)
    kept = "platform=X&status=Pending&sort=Newest"
    assert seen(staffed, "ana") == [Saved(number, "Pending on X", kept, False, "Ana Ferreira", True)]
    assert seen(staffed, "marek") == []
    after = {"name": "Pending on X", "query": kept, "shared": False}
    assert newest(staffed) == ("ana", "view.save", "view Pending on X", "done", None, after)


def test_a_shared_view_is_seen_by_everyone_after_their_own(staffed: Desk) -> None:
    first = views.save(staffed, ANA, "b", "platform=X", shared=True)
    second = views.save(staffed, MAREK, "C", "")
    third = views.save(staffed, MAREK, "a", "", shared=True)
    assert [(view.id, view.mine, view.owner) for view in seen(staffed, "marek")] == [
        (third, True, "Marek Øvergård"),
        (second, True, "Marek Øvergård"),
        (first, False, "Ana Ferreira"),
    ]
    assert [view.id for view in seen(staffed, "ana")] == [first, third]
    assert [view.id for view in seen(staffed, "nobody")] == [third, first]


def test_the_same_name_asks_before_it_replaces(staffed: Desk) -> None:
    number = views.save(staffed, ANA, "Mine", "platform=X")
    with pytest.raises(NameTaken, match="“Mine”"):
        views.save(staffed, ANA, "mine", "platform=Instagram")
    assert newest(staffed)[:4] == ("ana", "view.save", "view mine", "refused")
    assert views.save(staffed, ANA, "MINE", "platform=Instagram", shared=True, replace=True) == number
    assert seen(staffed, "ana") == [Saved(number, "MINE", "platform=Instagram", True, "Ana Ferreira", True)]
    assert newest(staffed)[4]["query"] == "platform=X"
    assert views.save(staffed, MAREK, "Mine", "") != number


def test_to_replace_what_is_not_there_saves_it(staffed: Desk) -> None:
    views.save(staffed, ANA, "New", "", replace=True)
    assert [view.name for view in seen(staffed, "ana")] == ["New"]


@pytest.mark.parametrize(
    "name", ["", "   ", "x" * 61, "a\x00b", "a\u202eb", "a\x1b[31m", "\ufeff", "\u200d", "a\u200bb"]
)
def test_a_name_is_short_and_readable(staffed: Desk, name: str) -> None:
    with pytest.raises(Misuse, match="1 to 60"):
        views.save(staffed, ANA, name, "")
    number = views.save(staffed, ANA, "good", "")
    with pytest.raises(Misuse, match="1 to 60"):
        views.rename(staffed, ANA, number, name)
    assert [view.name for view in seen(staffed, "ana")] == ["good"]


@pytest.mark.parametrize(
    "name",
    [
        "x" * 60,
        "![x](http://evil.test)",
        "<b>",
        "=1+1",
        "名前 \U0001f600",
        "می\u200cکنم",
        "\U0001f469\u200d\U0001f692",
    ],
)
def test_any_other_text_is_a_name(staffed: Desk, name: str) -> None:
    views.save(staffed, ANA, name, "")
    assert [view.name for view in seen(staffed, "ana")] == [name]


def test_a_question_that_is_too_long_is_refused(staffed: Desk) -> None:
    for query in ("q=" + "\u4e2d" * 200 + "&kind=Network" * 5_000, "q=x&" + "&".join(["platform=X"] * 5_000)):
        with pytest.raises(Misuse, match="too much"):
            views.save(staffed, ANA, "long", query)
    source = [seeds.source(staffed.store, f"source {number} {'y' * 40}") for number in range(50)]
    assert len(source) == 50
    with pytest.raises(Misuse, match="too much"):
        views.save(staffed, ANA, "long", "&".join(f"source=source+{number}+{'y' * 40}" for number in range(50)))
    assert seen(staffed, "ana") == []


def test_one_person_saves_a_hundred(staffed: Desk) -> None:
    for number in range(views.MOST):
        views.save(staffed, ANA, f"view {number}", "")
    with pytest.raises(Misuse, match="100 views"):
        views.save(staffed, ANA, "one more", "")
    views.save(staffed, ANA, "view 7", "platform=X", replace=True)
    views.save(staffed, MAREK, "one more", "")
    assert len(seen(staffed, "ana")) == views.MOST


def test_a_view_is_renamed_shared_and_removed_by_its_owner(staffed: Desk) -> None:
    number, other = (views.save(staffed, ANA, name, "") for name in ("one", "two"))
    views.rename(staffed, ANA, number, "One")
    assert newest(staffed) == ("ana", "view.rename", "view One", "done", "one", "One")
    with pytest.raises(NameTaken):
        views.rename(staffed, ANA, number, "TWO")
    views.share(staffed, ANA, number, shared=True)
    assert newest(staffed) == ("ana", "view.share", "view One", "done", False, True)
    assert [view.name for view in seen(staffed, "marek")] == ["One"]
    views.share(staffed, ANA, number, shared=False)
    assert seen(staffed, "marek") == []
    views.remove(staffed, ANA, number)
    assert newest(staffed)[:4] == ("ana", "view.remove", "view One", "done")
    assert [view.id for view in seen(staffed, "ana")] == [other]


@pytest.mark.parametrize("actor", [MAREK, INGRID])
def test_what_is_not_shared_is_not_there_for_others(staffed: Desk, actor: Actor) -> None:
    number = views.save(staffed, ANA, "secret plans", "")
    for change in (
        lambda: views.rename(staffed, actor, number, "x"),
        lambda: views.share(staffed, actor, number, shared=True),
        lambda: views.remove(staffed, actor, number),
    ):
        with pytest.raises(Misuse, match="no such view"):
            change()
    assert [view.name for view in seen(staffed, "ana")] == ["secret plans"]


def test_what_is_shared_is_changed_by_its_owner_and_removed_by_an_admin_too(staffed: Desk) -> None:
    number = views.save(staffed, ANA, "ours", "", shared=True)
    for actor in (MAREK, INGRID):
        with pytest.raises(Forbidden):
            views.rename(staffed, actor, number, "x")
        with pytest.raises(Forbidden):
            views.share(staffed, actor, number, shared=False)
    with pytest.raises(Forbidden):
        views.remove(staffed, MAREK, number)
    assert newest(staffed)[:4] == ("marek", "view.remove", f"view {number}", "refused")
    views.remove(staffed, INGRID, number)
    assert seen(staffed, "ana") == []


def test_the_shared_views_of_who_left_stay_and_the_others_are_nobodys(staffed: Desk) -> None:
    views.save(staffed, ANA, "ours", "platform=X", shared=True)
    views.save(staffed, ANA, "mine", "")
    people.disable(staffed, SYSTEM, "ana")
    assert [(view.name, view.owner) for view in seen(staffed, "marek")] == [("ours", "Ana Ferreira")]


def test_the_command_line_has_no_views(staffed: Desk) -> None:
    with pytest.raises(Failure, match="nobody who has views"):
        views.save(staffed, SYSTEM, "x", "")
    with pytest.raises(Misuse, match="no such view"):
        views.remove(staffed, ANA, 999)
