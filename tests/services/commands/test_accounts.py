"""`accounts`: lists the real accounts; merges and splits them as a person, or says why not."""

from collections.abc import Callable
from typing import Any

import pytest

from services.opening import opened
from tests import seeds

Run = Callable[..., Any]
WHY = ("--reason", "Both are ours.")


@pytest.fixture
def world(real: None) -> None:
    """Two connections of one account, and one of another platform, each of its own source."""
    del real
    store = opened().store
    for number, platform in ((1, "instagram"), (2, "instagram"), (3, "tiktok")):
        same = {"handle": "hoku", "account": 1, "account_by": "handle"} if number < 3 else {"handle": "hoku"}
        seeds.connection(store, seeds.source(store, f"s{number}"), number, platform=platform, **same)


def test_every_account_names_its_witnesses_and_how_sure_it_is(run: Run, world: None) -> None:
    del world
    one = {"id": 1, "platform": "instagram", "handle": "hoku", "connections": ["c00001", "c00002"], "confidence": 0.9}
    two = {"id": 3, "platform": "tiktok", "handle": "hoku", "connections": ["c00003"], "confidence": 1.0}
    assert run("accounts", "--json").document == {"total": 2, "accounts": [one, two]}
    assert run("accounts", "--limit", "1", "--json").document == {"total": 2, "accounts": [one]}
    said = run("accounts", "--limit", "1")
    assert said.out.splitlines()[1] == "1\tinstagram\thoku\tc00001, c00002\t0.9"
    assert said.err == "1 of 2 accounts.\n"


def test_a_split_and_a_merge_say_what_became_of_the_accounts(run: Run, world: None) -> None:
    del world
    split = run("accounts", "split", "c00001", *WHY, "--json")
    assert (split.code, [each["connections"] for each in split.document["accounts"]]) == (0, [["c00002"]])
    merged = run("accounts", "merge", "c00001", "c00002", *WHY, "--json")
    assert [(each["id"], each["confidence"]) for each in merged.document["accounts"]] == [(1, 1.0)]
    assert "The others: account 2: c00002." in run("accounts", "split", "c00001", *WHY).out
    assert run("accounts", "merge", "c00001", "c00002", *WHY).out == "Account 1 now has 2 connections.\n"


def test_a_plan_names_all_connections_and_changes_nothing(run: Run, world: None) -> None:
    del world
    run("accounts", "split", "c00002", *WHY)
    said = run("accounts", "merge", "c00001", "c00002", "--plan", "--json")
    assert said.document["plan"] == {
        "connections": ["c00001", "c00002"],
        "sentence": "2 accounts become one, with all their connections: c00001 (s1), c00002 (s2). "
        "No sync will part them.",
    }
    assert run("accounts", "--json").document["total"] == 3


@pytest.mark.parametrize(
    ("arguments", "kind", "says"),
    [
        (("merge", "c00001", "c00003", *WHY), "misuse", "instagram and tiktok can't be one account"),
        (("merge", "c00001", "c00003", "--plan"), "misuse", "instagram and tiktok can't be one account"),
        (("merge", "c00001", "c00002"), "misuse", "A reason of 1 to 1,000 characters"),
        (("split", "c00003", *WHY), "misuse", "stands alone already"),
        (("split", "nobody", *WHY), "misuse", "no connection 'nobody'"),
        (("split", "c00001", *WHY, "--as", "nobody"), "misuse", "no person"),
    ],
)
def test_what_can_not_be_is_refused_with_a_sentence(
    run: Run, world: None, arguments: tuple[str, ...], kind: str, says: str
) -> None:
    del world
    said = run("accounts", *arguments, "--json")
    assert (said.code, said.error["kind"]) == (2, kind)
    assert says in said.error["message"]
