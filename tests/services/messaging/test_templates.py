"""Templates: kept under a name for everybody, replaced only by who saw what stands there."""

import pytest

from data.queries import drafts as asked
from data.queries.drafts import Template
from data.types import Role
from services.access import Actor
from services.desk import Desk
from services.failures import Forbidden, Misuse
from services.messaging import templates
from services.messaging.templates import NameTaken

ANA, MAREK, INGRID = Actor("ana", Role.ANALYST), Actor("marek", Role.MARKETER), Actor("ingrid", Role.ADMIN)
HELLO = {"contentType": "TEXT", "content": "Grüezi {{first_name}}!"}


def listed(desk: Desk) -> list[Template]:
    with desk.store.reading() as session:
        return list(asked.templates(session))


def test_a_template_is_shared_and_begins_a_draft_of_ones_own(desk: Desk) -> None:
    kept = templates.keep(desk, MAREK, "  Winter   menu ", {**HELLO, "correlationId": "x", "to": "1"})
    assert (kept.name, kept.version, kept.body, kept.created_by) == ("Winter menu", 1, HELLO, "marek")
    draft = templates.use(desk, INGRID, kept.id)
    assert (draft.body, draft.owner, draft.version) == (HELLO, "ingrid", 1)
    assert templates.use(desk, INGRID, kept.id).id != draft.id
    assert listed(desk) == [kept]


def test_a_name_that_is_taken_is_replaced_only_as_the_version_that_was_seen(desk: Desk) -> None:
    first = templates.keep(desk, MAREK, "Winter menu", HELLO)
    with pytest.raises(NameTaken, match="“Winter menu” already, in version 1") as told:
        templates.keep(desk, INGRID, "WINTER MENU", {"content": "Hers"})
    replaced = templates.keep(desk, INGRID, "Winter Menu", {"content": "Hers"}, replace=told.value.version)
    assert (replaced.id, replaced.version, replaced.name, replaced.saved_by) == (first.id, 2, "Winter Menu", "ingrid")
    assert replaced.created_by == "marek"
    with pytest.raises(NameTaken, match="version 2"):
        templates.keep(desk, MAREK, "Winter menu", {"content": "Late"}, replace=1)
    assert listed(desk) == [replaced]


def test_a_template_is_renamed_and_removed_and_its_drafts_stay(desk: Desk) -> None:
    kept, other = (templates.keep(desk, MAREK, name, HELLO) for name in ("Winter menu", "Spring"))
    draft = templates.use(desk, MAREK, kept.id)
    assert templates.rename(desk, INGRID, kept.id, "winter MENU").name == "winter MENU"
    with pytest.raises(NameTaken):
        templates.rename(desk, INGRID, kept.id, "spring")
    templates.remove(desk, INGRID, kept.id)
    assert listed(desk) == [other]
    with desk.store.reading() as session:
        assert asked.one(session, draft.id) == draft
    with pytest.raises(Misuse, match="no such template"):
        templates.use(desk, MAREK, kept.id)
    with pytest.raises(Misuse, match="no such template"):
        templates.remove(desk, MAREK, kept.id)
    assert templates.keep(desk, MAREK, "Winter menu", HELLO).id != kept.id


@pytest.mark.parametrize(("name", "body", "says"), [("", HELLO, "1 to 80"), ("x" * 81, HELLO, "1 to 80")])
def test_a_name_that_is_none_is_refused(desk: Desk, name: str, body: dict[str, str], says: str) -> None:
    with pytest.raises(Misuse, match=says):
        templates.keep(desk, MAREK, name, body)


def test_nothing_is_no_template(desk: Desk) -> None:
    with pytest.raises(Misuse, match="nothing to keep"):
        templates.keep(desk, MAREK, "Empty", {"correlationId": "x"})


def test_who_may_not_compose_has_no_templates(desk: Desk) -> None:
    kept = templates.keep(desk, MAREK, "Winter menu", HELLO)
    with pytest.raises(Forbidden):
        templates.keep(desk, ANA, "Mine", HELLO)
    with pytest.raises(Forbidden):
        templates.use(desk, ANA, kept.id)
    with pytest.raises(Forbidden):
        templates.remove(desk, ANA, kept.id)
