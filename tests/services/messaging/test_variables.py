"""Variables: filled once, in texts and behind hosts; a value is text and nothing else."""

from typing import Any
from urllib.parse import unquote, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from data.models import Recipient
from data.store import now
from services.messaging import variables

LENA = {"first_name": "Lena", "city": "Zürich / West"}


def filled(text: str, **values: str) -> str:
    found: str = variables.fill({"content": text}, values or LENA).body["content"]
    return found


def test_each_text_of_a_body_is_filled() -> None:
    body = {
        "contentType": "TEMPLATE",
        "content": "Hi {{first_name}}",
        "template": [
            {
                "title": "{{ first_name }}",
                "subtitle": "in {{city}}",
                "imageUrl": "https://x.example.com/{{city}}.png?n={{first_name}}",
                "buttons": [{"type": "postback", "title": "{{first_name}}!", "payload": "p:{{first_name}}"}],
            }
        ],
        "quickReplies": [{"type": "TEXT", "title": "{{city}}", "payload": "{{city}}"}],
        "callbackData": "{{first_name}}|{{city}}",
    }
    found = variables.fill(body, LENA)
    assert found.gaps == ()
    assert found.body == {
        "contentType": "TEMPLATE",
        "content": "Hi Lena",
        "template": [
            {
                "title": "Lena",
                "subtitle": "in Zürich / West",
                "imageUrl": "https://x.example.com/Z%C3%BCrich%20%2F%20West.png?n=Lena",
                "buttons": [{"type": "postback", "title": "Lena!", "payload": "p:Lena"}],
            }
        ],
        "quickReplies": [{"type": "TEXT", "title": "Zürich / West", "payload": "Zürich / West"}],
        "callbackData": "Lena|Zürich / West",
    }
    assert body["content"] == "Hi {{first_name}}"


def test_what_is_no_text_of_a_person_is_left_alone() -> None:
    body = {"contentType": "{{city}}", "type": "{{city}}", "correlationId": "{{city}}", "notificationType": "{{city}}"}
    assert variables.fill(body, LENA) == variables.Filled(body, ())


def test_a_host_is_never_a_variables_to_say() -> None:
    for url in ("https://{{host}}/a", "{{host}}", "https://x.{{host}}?a", "//{{host}}"):
        found = variables.fill({"url": url}, {"host": "evil.example.com"})
        assert found.body == {"url": url}
        assert found.gaps == ()


def test_a_variable_without_a_value_stays_and_is_named_once() -> None:
    body = {"content": "{{nick}} {{nick}} {{first_name}}", "quickReplies": [{"title": "{{age}}"}]}
    found = variables.fill(body, LENA)
    assert found.body == {"content": "{{nick}} {{nick}} Lena", "quickReplies": [{"title": "{{age}}"}]}
    assert found.missing == ("nick", "age")
    assert found.gaps[-1] == ("quickReplies[0].title", "age")
    assert variables.used(body) == ("nick", "first_name", "age")


def test_what_only_looks_like_a_variable_is_told() -> None:
    body = {"content": "{{first name}} {first_name} {{1st}} {{}} {{first_name}}", "template": [{"title": "{{a-b}}"}]}
    assert filled(body["content"]) == "{{first name}} {first_name} {{1st}} {{}} Lena"  # type: ignore[arg-type]
    assert [gap.name for gap in variables.malformed(body)] == ["{{first name}}", "{{1st}}", "{{}}", "{{a-b}}"]
    assert variables.malformed(body)[-1].field == "template[0].title"


def test_a_value_is_text_and_never_another_variable() -> None:
    assert filled("{{a}}{{b}}", a="{{b}}", b="{{a}}") == "{{b}}{{a}}"
    assert filled("{{{a}}}", a="b") == "{b}"
    assert filled("{{{{a}}}}", a="b") == "{{b}}"
    assert variables.fill({"content": "{{a}}"}, {"a": "{{c}}"}).missing == ()
    assert filled("{{a}}", a=r"\1 \g<0>") == r"\1 \g<0>"


@given(st.text(), st.sampled_from(["https://x.example.com/{{v}}", "https://x.example.com/?q={{v}}#{{v}}"]))
def test_a_value_in_an_address_leads_nowhere_else(value: str, url: str) -> None:
    found = variables.fill({"url": url}, {"v": value}).body["url"]
    assert urlsplit(found)[:2] == ("https", "x.example.com")
    assert found.isascii()
    assert unquote(found, errors="surrogatepass").count("/") >= 3
    assert found.count("?") == url.count("?")
    assert found.count("#") == url.count("#")


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers() | st.text() | st.just("{{a}}"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.just("url"), inner, max_size=3),
)


@given(st.dictionaries(st.text(), JSON))
def test_a_body_without_variables_is_given_back_as_it_was(body: dict[str, Any]) -> None:
    assert variables.fill(body, {}).body == body


def test_the_values_of_a_recipient_are_those_that_say_something() -> None:
    told = {"first_name": "Lena", "age": 31, "city": " ", "none": None, "list": ["x"]}
    lena = Recipient(
        name="l", name_key="l", igsid="1", variables=told, created_by="x", created_at=now(), changed_at=now()
    )
    assert variables.values_of(lena) == {"first_name": "Lena", "age": "31"}
