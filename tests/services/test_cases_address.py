"""The address of the queue of cases: one form for each question, and nonsense named."""

from urllib.parse import parse_qs

import pytest

from data.queries.cases import CaseFilter, CaseOrder, Tab, Words
from services import cases_address

WORDS = Words(("instagram", "twitter"), ("network", "page"), ("late", "zocial"), ("marek", "system"), ("ingrid",))


def asked(query: str) -> cases_address.Asked:
    return cases_address.parse(query, WORDS, ("ana",))


def test_an_empty_address_asks_for_what_is_to_decide_first_due_first() -> None:
    found = asked("")
    assert found.filter == CaseFilter(tab=Tab.TO_DECIDE, persons=("ana",))
    assert (found.order, found.size, found.query, found.dropped) == (CaseOrder.DUE, 50, "", ())


def test_every_key_is_read_and_written_again_in_one_form() -> None:
    query = (
        "tab=all&platform=X&platform=instagram&platform=Instagram&kind=Page&source=late&by=marek&for=ingrid&state=On+it&"
        "state=Changes+requested&only=Flagged&only=Escalated&q=+nova+&sort=Largest+first&size=100&case=7&after=x"
    )
    found = asked(query)
    assert found.filter == CaseFilter(
        tab=Tab.ALL,
        persons=("ana",),
        search="nova",
        states=("changes_requested",),
        platforms=("twitter", "instagram"),
        kinds=("page",),
        sources=("late",),
        requested_by=("marek",),
        assignees=("ingrid",),
        flagged=True,
        escalated=True,
    )
    assert (found.order, found.size) == (CaseOrder.MOST_FOLLOWERS, 100)
    assert found.dropped == (("state", "On it"), ("platform", "instagram"))
    again = asked(found.query)
    assert (again.filter, again.order, again.size, again.dropped) == (found.filter, found.order, found.size, ())
    assert (found.case, again.case, parse_qs(found.query).get("case")) == (7, None, None)


@pytest.mark.parametrize(
    ("key", "word"),
    [
        ("tab", "1;drop"),
        ("sort", "id"),
        ("size", "7"),
        ("only", "me"),
        ("by", "%"),
        ("platform", "\ud800"),
        ("case", "-1"),
        ("x", "y"),
    ],
)
def test_a_word_that_makes_no_sense_is_dropped_and_named(key: str, word: str) -> None:
    found = cases_address.parse([(key, word)], WORDS, ())
    assert found.dropped == ((key, word),)
    assert found.filter == CaseFilter(tab=Tab.TO_DECIDE)


def test_the_states_to_choose_from_are_those_of_the_tab() -> None:
    states = cases_address.choices(WORDS, Tab.WAITING)["state"]
    assert list(states) == ["Submitting", "Submitted", "Unknown"]
    assert len(cases_address.choices(WORDS)["state"]) == 13
