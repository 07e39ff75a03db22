"""The document's five samples, word for word, and the fixes that are surely meant."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.messaging import editing, examples, wire
from services.vendors.imiconnect import Problem, from_body

DOCUMENT = Path(__file__).parents[2] / "contracts" / "documents" / "imiconnect_samples.txt"  # lines 19-115, as they are


def samples() -> list[dict[str, Any]]:
    """Read the bodies of the document, which follow each other; one of them ends with a stray quote."""
    text, found = DOCUMENT.read_text(encoding="utf-8"), []
    while (start := text.find("{")) >= 0:
        body, end = json.JSONDecoder().raw_decode(text[start:])
        found.append(body)
        text = text[start + end :]
    return found


def test_the_examples_are_the_documents_own() -> None:
    assert [dict(each.document) for each in examples.EXAMPLES] == samples()
    assert [list(each.document) for each in examples.EXAMPLES] == [list(each) for each in samples()]
    cards = [each.document["template"] for each in examples.EXAMPLES if "template" in each.document]
    assert json.dumps(cards) == json.dumps([each["template"] for each in samples() if "template" in each])


@pytest.mark.parametrize("example", examples.EXAMPLES, ids=lambda each: each.name)
def test_a_draft_takes_all_of_an_example_but_what_is_ours(example: examples.Example) -> None:
    ours = {"from", "to", "callbackUrl", "correlationId"}
    assert example.body == {name: value for name, value in example.document.items() if name not in ours}
    assert wire.SAMPLE_ID not in json.dumps(example.body)
    example.body["content"] = "changed"
    assert example.body.get("content") != "changed"


def test_the_only_fault_of_the_samples_is_mended_with_one_press() -> None:
    """Line 52: www.google.com has no scheme."""
    faults = [(each.body, problem) for each in examples.EXAMPLES for problem in from_body(each.body).problems]
    ((body, problem),) = faults
    assert (problem.field, "www.google.com" in problem.message) == ("template[0].buttons[0].url", True)
    fix = examples.suggestion(problem, body)
    assert fix is not None
    assert (fix.value, fix.words) == ("https://www.google.com", "Use https://www.google.com")
    assert from_body(editing.put(body, fix.field, fix.value)).problems == ()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("http://x.example.com/a?b#c", "https://x.example.com/a?b#c"),
        ("HTTP://x.example.com", "https://x.example.com"),
        ("//x.example.com/a", "https://x.example.com/a"),
        (" x.example.com/a:b ", "https://x.example.com/a:b"),
        (" https://x.example.com ", "https://x.example.com"),
        ("http://x.example.com:8080/", None),
        ("javascript:alert(1)", None),
        ("mailto:a@x.example.com", None),
        ("a@x.example.com", None),
        ("http://127.0.0.1/", None),
        ("localhost/a", None),
        ("hello", None),
        ("two words.com", None),
        ("", None),
    ],
)
def test_only_what_is_surely_meant_is_offered(typed: str, meant: str | None) -> None:
    body = {"contentType": "MEDIA", "url": typed}
    (problem,) = from_body(body).problems
    fix = examples.suggestion(problem, body)
    assert (fix.value if fix else None) == meant


def test_no_text_is_cut_by_a_fix() -> None:
    body = {"contentType": "TEXT", "content": "x" * 1001}
    (problem,) = from_body(body).problems
    assert examples.suggestion(problem, body) is None
    assert examples.suggestion(Problem("template[7].imageUrl", "", "", ""), body) is None
