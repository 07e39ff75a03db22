"""Networks, pages, walls and channels, from a list to the vendor's word, at a server that speaks the document."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from data.types import CaseState, Kind
from services import people
from services.approvals import asking
from services.desk import Desk, open_desk
from services.sync import sync
from tests import cached, migrated
from tests.served import served
from tests.services.approvals.approving import MAREK, NOVA, approved, case, opened_for, steps
from tests.services.approvals.conftest import PATIENT

WORDS = [("network", "accepted"), ("page", "rejected"), ("wall", "suspended"), ("channel", "accepted")]
KINDS = [kind for kind, _ in WORDS]


@dataclass
class Listed:
    """What the vendor keeps of one user, by kind, and what it was asked to approve."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    asked: list[dict[str, Any]] = field(default_factory=list)
    silent: set[str] = field(default_factory=set)
    breaks: bool = False

    def add(self, kind: str, external: str, status: str) -> dict[str, Any]:
        """List one more account."""
        row = {"id": 100 + sum(map(len, self.rows.values())), "network": "youtube" if kind == "channel" else "facebook"}
        row |= {f"{kind}_id": external, f"{kind}_url": f"https://example.com/{external}", "status": status}
        row |= {"subscribers" if kind == "channel" else "followers": 9_000, "category": "food"}
        row |= {"connected_at": "2026-01-01T00:00:00Z"} | ({} if kind == "network" else {f"{kind}_name": "Bistro Nord"})
        self.rows[kind].append(row)
        return row

    def routes(self) -> list[Route]:
        """Give the documented paths."""
        paths = {kind: f"/api/get/{'networks' if kind == 'network' else f'social-{kind}s'}/" for kind in KINDS}
        lists = [Route(path, self._lists(kind), methods=["POST"]) for kind, path in paths.items()]
        return [*lists, Route("/api/action/network/approval/", self._approve, methods=["POST"])]

    def _lists(self, kind: str) -> Any:
        def answer(_request: Request) -> JSONResponse:
            if kind in self.silent:
                return JSONResponse({"error": {"code": "internal_error", "message": "No."}}, 500)
            return JSONResponse({f"{kind}s": self.rows[kind]})

        return answer

    async def _approve(self, request: Request) -> JSONResponse:
        self.asked.append(await request.json())
        if self.breaks:
            return JSONResponse({"error": {"code": "internal_error", "message": "No."}}, 500)
        told = {"status": "success", "message": "Network submitted for approval"}
        return JSONResponse(told | {"approval_id": 788 + len(self.asked)})


@pytest.fixture
def listed() -> Listed:
    return Listed()


@pytest.fixture
def desk(listed: Listed, settings_of_test: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Desk]:
    """A desk whose only vendor is a Zocial that no sandbox plays."""
    migrated.put(tmp_path / "patchbay.db")
    with served(Starlette(routes=listed.routes())) as client:
        settings_of_test.setenv("PATCHBAY_ZOCIAL__BASE_URL", client.origin)
        settings_of_test.setenv("PATCHBAY_ZOCIAL__TOKEN", "a-token-of-the-test")
        opened = replace(open_desk(), timing=PATIENT)
        people.ensure_demo_people(opened)
        yield opened
        opened.store.close()


def _only(desk: Desk) -> str:
    (found,) = cached.connections(desk.store)
    return found


@pytest.mark.parametrize(("kind", "word"), WORDS)
def test_what_a_list_tells_as_pending_goes_all_the_way(desk: Desk, listed: Listed, kind: str, word: str) -> None:
    row = listed.add(kind, "bistro.nord", "pending")
    sync(desk)
    number = opened_for(desk, _only(desk))
    assert case(desk, number).kind == Kind(kind)
    assert approved(desk, number).state is CaseState.SUBMITTED
    (body,) = listed.asked
    assert body == {
        "network_type": row["network"],
        "network_id": "bistro.nord",
        "network_url": "https://example.com/bistro.nord",
        "followers": 9_000,
        "category": "food",
    }
    sync(desk)
    assert case(desk, number).state == "submitted"
    row["status"] = word
    sync(desk)
    assert case(desk, number).state == word
    assert [state for _, state in steps(desk, number)] == ["requested", "approved", "submitting", "submitted", word]


@pytest.mark.parametrize("kind", ["network", "wall"])
def test_a_list_that_was_not_read_does_not_say_that_a_request_had_no_effect(
    desk: Desk, listed: Listed, kind: str
) -> None:
    row = listed.add(kind, "bistro.nord", "rejected")
    sync(desk)
    connection = _only(desk)
    number = asking.request(desk, MAREK, connection).case
    listed.breaks = True
    assert approved(desk, number).state is CaseState.UNKNOWN
    listed.silent.add(kind)
    sync(desk)
    assert case(desk, number).state == "unknown"
    listed.silent.clear()
    row["status"] = "pending"
    sync(desk)
    assert case(desk, number).state == "submitted"
    assert len(listed.asked) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_an_account_that_zocial_does_not_know_is_heard_of_in_whichever_list_it_comes(
    desk: Desk, listed: Listed, kind: str
) -> None:
    account = replace(NOVA, platform="youtube" if kind == "channel" else "facebook")
    number = asking.submit(desk, MAREK, account).case
    listed.breaks = True
    assert approved(desk, number).state is CaseState.UNKNOWN
    listed.silent.add(kind)
    sync(desk)
    assert case(desk, number).state == "unknown"
    listed.silent.clear()
    row = listed.add(kind, "nova.coffee", "pending")
    sync(desk)
    assert case(desk, number).state == "submitted"
    row["status"] = "accepted"
    sync(desk)
    assert case(desk, number).state == "accepted"
    assert len(listed.asked) == 1
