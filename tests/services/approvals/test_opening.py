"""Cases that a sync opens by itself: a stretch a transaction, each account once, also after a run that was cut off."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import refresh
from data.staging import Observation
from data.store import Store
from data.types import Kind
from services import observations
from services.approvals import asking, decisions, following
from services.desk import Desk
from services.reports import Wish
from services.sandbox import Sandbox
from services.sync import sync
from services.vendors import _payload, zocial
from tests import cached, migrated, seeds
from tests.services.approvals.approving import INGRID, case, later, opened_for, pending, write
from tests.services.conftest import NOON

_words = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.sampled_from(
        ["say \"no\" \\ 'no'", "\u00a0Ångström\u2028", "👩‍🚀", "a\nb\tc", " x ", "0", "\u017f\u0308", "x" * 400]
    ),
)
_RECORD = {
    "id": st.integers(1, 2**63 - 1),
    "network": st.sampled_from([None, "x", "twitter", "Instagram", "bluesky"]),
    "network_id": st.one_of(_words, st.sampled_from(["Nova", "nova", "@nova", "https://x.com/nova", "123456789012"])),
    "status": st.sampled_from(["pending", "Pending", "accepted"]),
    "followers": st.one_of(st.none(), st.integers(0, 10**12)),
    "engagement_rate": st.one_of(st.none(), st.floats(0, 1e6), st.sampled_from([0.1 + 0.2, 5.0, 1e-7, 3.47])),
    "category": _words,
    "user_id": st.one_of(_words, st.integers(0, 2**70)),
    "extra_data": st.sampled_from([None, {"bio": {"deep": [1, None, "é"]}}]),
}
_NETWORK = st.fixed_dictionaries(_RECORD | {"verified": st.sampled_from([None, True, False])})
_PAGE = st.fixed_dictionaries(_RECORD | {"page_name": _words, "page_id": _RECORD["network_id"]})
_figures = st.sampled_from([None, 0.0, -0.1 - 0.2, 1e22, 7.0])


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One cache for all examples, with one source; each example starts by emptying it."""
    store = migrated.store(tmp_path_factory.mktemp("opening") / "cache.db")
    seeds.source(store, "one", vendor="zocial")
    yield store
    store.close()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_NETWORK, max_size=8), st.lists(_PAGE, max_size=5), st.sets(st.integers(1, 12)), _figures)
def test_cases_that_the_database_copies_are_those_opened_one_by_one(
    listed: Store,
    networks: list[dict[str, Any]],
    pages: list[dict[str, Any]],
    joined: set[int],
    growth: float | None,
) -> None:
    for table in ("connections", "changes", "metric_points"):
        write(listed, f"DELETE FROM {table}")
    _list(listed, networks, pages)
    with listed.bulk() as link:
        link.exec_driver_sql("UPDATE connections SET growth = ?, suspect = 'followers_zero'", (growth,))
    for number in joined:
        write(listed, f"UPDATE connections SET account = {number} WHERE number IN ({number}, {number + 1})")
    every = cached.connections(listed)
    told = [_opened(listed, set(every), few) for few in (len(every), 0)]
    assert told[0] == told[1]


def _list(store: Store, networks: list[dict[str, Any]], pages: list[dict[str, Any]]) -> None:
    at = Observation(1, 1, NOON)
    of_networks = _payload.listing(list(networks), zocial._NETWORK)
    of_pages = _payload.listing(list(pages), zocial._PAGE)
    with store.bulk() as link:
        refresh.apply(link, at, observations.zocial_records(of_networks, 1, Kind.NETWORK, observations.network))
        refresh.apply(link, at, observations.zocial_records(of_pages, 1, Kind.PAGE, observations.page))


def _opened(store: Store, seen: set[str], few: int) -> list[str]:
    """Open what waits, at most `few` one by one, a second time in vain; gives all that was written, as text."""
    observation = Observation(1, 1, NOON)
    for table in ("case_events", "cases"):
        write(store, f"DELETE FROM {table}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "FEW", few)
        for _ in range(2):
            with store.bulk() as link:
                assert following.open_next(link, observation, 0, seen=seen) is None
    return sorted(json.dumps(each, default=str) for each in cached.opened_cases(store))


def test_a_long_list_opens_the_same_cases_a_stretch_at_a_time(office: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    for at_once in (1_000, 2):
        monkeypatch.setattr(following, "AT_ONCE", at_once)
        write(office.store, "DELETE FROM case_events")
        write(office.store, "DELETE FROM cases")
        sync(office, ["zocial"], Wish(at=NOON + timedelta(minutes=1)))
        told.append(cached.opened_cases(office.store))
        assert cached.runs(office.store)[-1]["state"] == "ok"
    assert told[0] == told[1]
    assert len(told[1]) > 2


def test_what_a_run_that_was_cut_off_left_pending_gets_its_case_from_the_next(office: Desk, vendors: Sandbox) -> None:
    row = pending(office.store)
    _decline(office, row["id"])
    write(office.store, f"UPDATE connections SET status = 'rejected', fingerprint = 0 WHERE id = '{row['id']}'")
    later(office, vendors, minutes=1)
    number = opened_for(office, row["id"])
    write(office.store, f"DELETE FROM case_events WHERE case_id = {number}")
    write(office.store, f"DELETE FROM cases WHERE id = {number}")
    write(office.store, "UPDATE sync_runs SET state = 'failed' WHERE id = (SELECT max(id) FROM sync_runs)")
    later(office, vendors, minutes=2)
    assert case(office, opened_for(office, row["id"])).requested_by == "system"
    _decline(office, row["id"])
    later(office, vendors, minutes=3)
    assert opened_for(office, row["id"]) == 0


def _decline(desk: Desk, connection_id: str) -> None:
    decisions.decline(desk, INGRID, opened_for(desk, connection_id), seen=1, reason="Not ours.")
