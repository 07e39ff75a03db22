"""What will leave: the document's own JSON, our own fields around it, and a hash that any change changes."""

import json
import socket
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import names
from data.models import Recipient, Source
from data.store import now
from services.desk import Desk
from services.failures import Misuse
from services.messaging import addresses, examples, wire
from services.sandbox.imiconnect_rules import problems as refused
from services.vendors.imiconnect import Problem
from services.webhooks.tokens import opened

TEXT = {"contentType": "TEXT", "content": "Hi {{first_name}}"}
ORDER = wire.Order(TEXT, "imiconnect", "Lena", "press-1")
pytestmark = pytest.mark.usefixtures("lena")
VARIABLES = {"first_name": "Lena", "city": "Zürich"}


@pytest.fixture
def lena(desk: Desk) -> Recipient:
    with desk.store.writing() as session:
        made = Recipient(
            name="Lena", name_key=names.key("Lena"), igsid="7947908538583264", variables=VARIABLES,
            created_by="t", created_at=now(), changed_at=now(),
        )  # fmt: skip
        session.add(made)
        session.flush()
        session.refresh(made)
        session.expunge(made)
    return made


def at(desk: Desk, body: Any, **more: Any) -> wire.Prepared:
    return wire.prepare(desk, replace(ORDER, body=body, **more))


def fields(problems: tuple[Problem, ...]) -> list[str]:
    return [problem.field for problem in problems]


def test_our_own_fields_stand_around_what_a_person_wrote(desk: Desk, lena: Recipient) -> None:
    found = wire.prepare(desk, replace(ORDER, recipient=" lena "))
    token = found.payload["callbackUrl"].rpartition("/")[2]
    assert found.payload == {
        "content": "Hi Lena",
        "contentType": "TEXT",
        "from": "a_637921640978680000",
        "to": lena.igsid,
        "callbackUrl": f"{desk.settings.public_url}/hooks/imiconnect/{token}",
        "correlationId": "press-1",
        "notificationType": "REGULAR",
        "messagingType": "RESPONSE",
    }
    assert opened(desk, token) == (found.source_id, "press-1")
    assert (found.recipient_id, found.to, found.family) == (lena.id, lena.igsid, "TEXT")
    assert (found.problems, found.warnings, found.missing, found.left_out) == ((), (), (), ())
    assert refused(found.payload) == []


@pytest.mark.parametrize("example", examples.EXAMPLES, ids=lambda each: each.name)
def test_the_samples_leave_as_they_stand_in_the_document(desk: Desk, example: examples.Example) -> None:
    found = at(desk, example.document)
    kept = [name for name in example.document if name not in {"from", "to", "callbackUrl", "correlationId"}]
    assert list(found.payload) == list(example.document)
    assert json.dumps([found.payload[name] for name in kept]) == json.dumps([example.document[name] for name in kept])
    assert found.payload["correlationId"] == "press-1"
    assert "The id of the document's samples is replaced: press-1 is sent." in {w.message for w in found.warnings}
    assert fields(found.problems) == (["template[0].buttons[0].url"] if "template" in example.document else [])


def test_what_a_body_says_that_is_ours_is_replaced_and_told(desk: Desk) -> None:
    """FAULTS.md 85: no callback address comes from a person, and nobody but the test recipient gets a message."""
    given = TEXT | {"from": "a_9", "to": "123", "callbackUrl": "https://evil.example.com/", "correlation_id": "mine"}
    found = at(desk, given)
    assert found.payload | {"correlationId": "press-1"} == at(desk, TEXT).payload
    assert found.payload["correlationId"] == "mine"
    assert fields(found.warnings) == ["from", "to", "callbackUrl"]
    assert "evil" not in json.dumps([found.payload, [each.message for each in found.warnings]])
    assert at(desk, TEXT | {"from": "app-id", "to": "igsid"}).warnings == ()


def test_a_correlation_id_is_the_orders_or_the_bodys_or_the_presss(desk: Desk) -> None:
    body = TEXT | {"correlationId": "mine"}
    assert at(desk, body, correlation_id="again").payload["correlationId"] == "again"
    for blank in ("", " ", wire.SAMPLE_ID, None):
        assert at(desk, TEXT | {"correlationId": blank}).payload["correlationId"] == "press-1"
    assert fields(at(desk, TEXT | {"correlationId": "x" * 256}).problems) == ["correlationId"]
    assert fields(at(desk, TEXT | {"correlationId": "a\nb"}).problems) == ["correlationId"]


def test_only_what_its_family_has_leaves(desk: Desk) -> None:
    whole = {"content": "hi", "url": "https://x.example.com/a.png", "type": "like_heart",
             "template": [{"title": "t", "subtitle": "s"}], "callbackData": "d"}  # fmt: skip
    sent = {
        "TEXT": {"content"}, "TEMPLATE": {"content", "template"}, "MEDIA": {"url"}, "STICKER": {"type"},
    }  # fmt: skip
    for family, kept in sent.items():
        found = at(desk, whole | {"contentType": family})
        assert found.problems == ()
        assert set(found.payload) & {"content", "url", "type", "template"} == kept
        assert set(found.left_out) == {"content", "url", "type", "template"} - kept
        assert found.payload["callbackData"] == "d"


def test_a_button_sends_what_its_kind_has(desk: Desk) -> None:
    """A `javascript:` address that stayed from another kind of button does not leave."""
    button = {"title": "t", "url": "https://x.example.com", "payload": "p"}
    rows = [button | {"type": "web_url"}, button | {"type": "postback", "url": "javascript:x"}]
    found = at(desk, {"contentType": "TEMPLATE", "content": "c", "template": [{"title": "t", "buttons": rows}]})
    assert found.problems == ()
    web, back = found.payload["template"][0]["buttons"]
    assert web == {"type": "web_url", "title": "t", "url": "https://x.example.com"}
    assert back == {"type": "postback", "title": "t", "payload": "p"}


def test_limits_count_what_leaves(desk: Desk) -> None:
    """A variable may make a text too long, or short enough."""
    title = "{{first_name}}" + "x" * 17
    over = at(desk, TEXT | {"quickReplies": [{"type": "TEXT", "title": title, "payload": "p"}]})
    assert fields(over.problems) == ["quickReplies[0].title"]
    assert over.problems[0].message == "It has 21 characters; 20 are allowed."
    assert at(desk, TEXT | {"content": "{{first_name}}" + "é" * 498}).problems == ()
    assert fields(at(desk, TEXT | {"content": "{{first_name}}" + "é" * 499}).problems) == ["content"]


def test_a_variable_without_a_value_is_shown_and_stops_the_send(desk: Desk) -> None:
    found = at(desk, TEXT | {"content": "Hi {{nick}}", "callbackData": "{{ nick }}"})
    assert found.payload["content"] == "Hi {{nick}}"
    assert found.missing == ("nick",)
    assert fields(found.problems) == ["content", "callbackData"]
    assert found.problems[0].message == "Lena has no value for {{nick}}."
    odd = at(desk, TEXT | {"content": "Hi {{first name}}"})
    assert odd.problems == ()
    assert odd.warnings[0].message == "{{first name}} is no variable and is sent as it stands."


def test_an_address_that_leads_inside_is_a_problem_and_one_that_is_unknown_is_none(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAULTS.md 84 and contracts/README.md, rules for all five."""

    def look_up(host: str, port: int, **_: Any) -> Any:
        if host != "in.example.com":
            raise socket.gaierror
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", port))]

    addresses.forget()
    monkeypatch.setattr(addresses.socket, "getaddrinfo", look_up)
    card = {
        "title": "t",
        "imageUrl": "https://in.example.com/a.png",
        "defaultAction": {"type": "WEB_URL", "url": "https://IN.example.com./"},
        "buttons": [{"type": "web_url", "title": "t", "url": "https://out.example.com/"}],
    }
    found = at(desk, {"contentType": "TEMPLATE", "content": "c", "template": [card]})
    assert fields(found.problems) == ["template[0].imageUrl", "template[0].defaultAction.url"]
    assert "in.example.com leads into a private network" in found.problems[0].message
    addresses.forget()


def test_the_hash_holds_all_that_leaves_and_nothing_else(desk: Desk, lena: Recipient) -> None:
    first = at(desk, TEXT)
    assert first.digest == wire.digest_of(dict(reversed(first.payload.items()))) == at(desk, TEXT | {"url": "x"}).digest
    other = [
        at(desk, TEXT | {"content": "Ho {{first_name}}"}),
        at(desk, TEXT, press="press-2"),
        at(desk, TEXT, correlation_id="other"),
        at(desk, TEXT | {"callbackData": ""}),
    ]
    assert len({first.digest, *(each.digest for each in other)}) == 5
    with desk.store.writing() as session:
        lena.variables = VARIABLES | {"first_name": "Lina"}
        session.add(lena)
    assert at(desk, TEXT).digest != first.digest


def test_who_sends_and_who_receives_must_be_there(desk: Desk, lena: Recipient) -> None:
    for changed, words in (
        ({"source": "nobody"}, "no source named 'nobody'"),
        ({"source": "late"}, "late sends no messages"),
        ({"recipient": "Mia"}, "no test recipient named 'Mia'"),
    ):
        with pytest.raises(Misuse, match=words):
            at(desk, TEXT, **changed)
    with desk.store.writing() as session:
        lena.removed_at = now()
        session.add(lena)
    with pytest.raises(Misuse, match="no test recipient"):
        at(desk, TEXT)


def test_an_added_source_sends_as_its_own_app(desk: Desk) -> None:
    made = Source(name="other", vendor="imiconnect", contract="documented", base_url="https://x", origin="added",
                  options={"app_id": "a_2"}, created_at=now())  # fmt: skip
    with desk.store.writing() as session:
        session.add(made)
    assert at(desk, TEXT, source="other").payload["from"] == "a_2"


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats() | st.just("{{first_name}}"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["contentType", "content_type", "template", "buttons", "title", "url", "type", "x", "to"])
            | st.text(max_size=5),
            inner,
        )
    ),
    max_leaves=12,
)


def test_what_is_no_text_where_ours_stands_is_replaced_as_well(desk: Desk) -> None:
    odd = {"from": [], "to": {"a": 1}, "callbackUrl": 5, "correlationId": ["x"]}
    found = at(desk, TEXT | odd)
    assert fields(found.warnings) == list(odd)
    assert fields(found.problems) == ["correlationId"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(JSON, st.sampled_from(["TEXT", "TEMPLATE", "MEDIA", "STICKER", None, 5]))
def test_no_body_is_an_exception(desk: Desk, lena: Recipient, data: Any, kind: Any) -> None:
    """What can't be read is a problem, and what will leave can always be shown and hashed."""
    found = at(desk, {**data, "contentType": kind} if isinstance(data, dict) else data)
    assert wire.digest_of(json.loads(json.dumps(found.payload))) == found.digest
    assert found.payload["to"] == lena.igsid
    assert found.problems or (found.family and refused(found.payload) == [])
