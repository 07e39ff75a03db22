"""What a sync does to the cache: only what changed, kept for ever, and never more than the vendor said."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from services import clients, observations
from services.desk import Desk
from services.failures import Misuse
from services.reports import Wish
from services.sandbox import Sandbox, credentials
from services.sync import sync
from tests import cached, seeds
from tests.services.conftest import NOON

Change = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
NUMBERS = (
    *("nan", "infinity", "overflow", "huge_number", "int64", "negative", "fraction", "text_number", "short_number"),
    *("true", "object", "lone_surrogate"),
)
DATES = ("bad_date", "future_date", "object", "true")


def _changed(vendors: Sandbox, change: Change, *, vendor: str = "zocial", target: str = "networks") -> None:
    """Let the next list come with its records changed."""
    key = target if vendor == "zocial" else "accounts"

    def change_content(content: Any) -> Any:
        return {**content, key: change(content[key])}

    vendors.faults.plan(vendor, target, kind="transform", change=change_content)


def _first(**values: Any) -> Change:
    return lambda rows: [{**rows[0], **values}, *rows[1:]]


def _first_id(desk: Desk, vendors: Sandbox) -> str:
    number = vendors.zocial.desk.networks()[0]["id"]
    return f"{cached.source(desk.store, 'zocial')['id']}-n-{number}"


def test_the_first_sync_takes_over_every_connection_with_its_figures(filled: Desk) -> None:
    rows = cached.connections(filled.store)
    assert len(rows) >= 290
    assert {row["first_seen_at"] for row in rows.values()} == {NOON}
    assert {row["last_seen_at"] for row in rows.values()} == {NOON}
    figures = {key for key, row in rows.items() if row["followers"] is not None or row["engagement_rate"] is not None}
    assert cached.points(filled.store).keys() == {(key, "2026-03-10") for key in figures}
    assert cached.changes(filled.store) == []


def test_a_second_sync_of_unchanged_data_writes_no_connection_row(filled: Desk) -> None:
    before, points = cached.connections(filled.store), cached.points(filled.store)
    with filled.store.bulk() as link:
        link.exec_driver_sql("CREATE TABLE touched (what TEXT)")
        for table in ("connections", "metric_points", "changes"):
            for event in ("INSERT", "UPDATE", "DELETE"):
                link.exec_driver_sql(
                    f"CREATE TRIGGER spy_{table}_{event} AFTER {event} ON {table} "
                    f"BEGIN INSERT INTO touched VALUES ('{event} {table}'); END"
                )

    reports = sync(filled, None, Wish(at=NOON + timedelta(minutes=1)))

    assert {report.state for report in reports} == {"ok", "skipped"}
    assert all(report.unchanged == report.seen for report in reports)
    with filled.store.reading() as session:
        assert session.connection().exec_driver_sql("SELECT * FROM touched").all() == []
    assert cached.connections(filled.store) == before
    assert cached.points(filled.store) == points
    assert cached.source(filled.store, "zocial")["last_complete_at"] == NOON + timedelta(minutes=1)


def test_one_follower_more_writes_one_row_and_its_point_of_the_day(filled: Desk, vendors: Sandbox) -> None:
    before, key = cached.connections(filled.store), _first_id(filled, vendors)
    _changed(vendors, lambda rows: [{**rows[0], "followers": rows[0]["followers"] + 1}, *rows[1:]])

    (report,) = sync(filled, ["zocial"], Wish(at=NOON + timedelta(hours=1)))

    after = cached.connections(filled.store)
    assert (report.updated, report.created) == (1, 0)
    assert cached.written(before, after) == [key]
    assert after[key]["followers"] == before[key]["followers"] + 1
    assert cached.points(filled.store)[key, "2026-03-10"][0] == after[key]["followers"]
    assert cached.changes(filled.store) == []


def test_a_status_that_changed_is_kept_with_before_and_after(filled: Desk, vendors: Sandbox) -> None:
    key = _first_id(filled, vendors)
    before = cached.connections(filled.store)[key]
    _changed(vendors, _first(status="suspended"))

    sync(filled, ["zocial"], Wish(at=NOON + timedelta(hours=1)))

    told = {row["field"]: (row["before"], row["after"]) for row in cached.changes(filled.store)}
    assert told["status"] == (before["status"], "suspended")
    assert told["vendor_status"] == (before["vendor_status"], "suspended")
    assert {row["connection_id"] for row in cached.changes(filled.store)} == {key}
    assert {row["at"] for row in cached.changes(filled.store)} == {NOON + timedelta(hours=1)}


def test_the_next_day_has_its_own_points_even_when_nothing_changed(filled: Desk) -> None:
    before = cached.points(filled.store)

    (report,) = sync(filled, ["zocial"], Wish(at=NOON + timedelta(days=1)))

    assert report.unchanged == report.seen
    number = cached.source(filled.store, "zocial")["id"]
    fresh = {key: value for key, value in cached.points(filled.store).items() if key[1] == "2026-03-11"}
    assert fresh == {(key, "2026-03-11"): value for (key, _), value in before.items() if key.startswith(f"{number}-")}


@pytest.mark.parametrize("followers", [None, "5K"])
def test_a_missing_figure_is_shown_as_missing_and_leaves_a_gap(
    filled: Desk, vendors: Sandbox, followers: str | None
) -> None:
    key = _first_id(filled, vendors)
    _changed(vendors, _first(followers=followers))

    (report,) = sync(filled, ["zocial"], Wish(at=NOON + timedelta(days=1)))

    assert report.state == "ok"
    assert cached.connections(filled.store)[key]["followers"] is None
    assert cached.points(filled.store)[key, "2026-03-11"] == (None, None)


@pytest.mark.parametrize(
    ("field", "mutation", "column"),
    [
        *(("followers", mutation, "followers") for mutation in NUMBERS),
        *(("connected_at", mutation, "connected_at") for mutation in DATES),
        ("network_url", "lone_surrogate", "url"),
    ],
)
def test_a_bad_field_is_null_and_counted_while_its_row_and_the_sync_are_good(
    filled: Desk, vendors: Sandbox, field: str, mutation: str, column: str
) -> None:
    key, before = _first_id(filled, vendors), cached.connections(filled.store)
    vendors.faults.plan("zocial", "networks", kind="bad_field", field=field, mutation=mutation)

    (report,) = sync(filled, ["zocial"], Wish(at=NOON))

    after = cached.connections(filled.store)
    assert (report.state, report.vanished) == ("ok", 0)
    assert cached.written(before, after) == [key]
    assert after[key][column] is None
    assert field in after[key]["extra"]["unreadable"]
    assert [(row["kind"], row["field"], row["records"]) for row in cached.drift(filled.store)] == [
        *_usual_drift(filled),
        ("bad_value", f"networks.{field}", 1),
    ]


def _suspects(desk: Desk) -> dict[str, str]:
    return {key: row["suspect"] for key, row in cached.connections(desk.store).items() if row["suspect"]}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (lambda followers: 2 * followers, "followers_doubled"),
        (lambda _: 0, "followers_zero"),
        (lambda _: -7, "followers_negative"),
    ],
)
def test_a_leap_from_one_sync_to_the_next_of_a_day_is_suspect_until_the_figure_is_real_again(
    filled: Desk, vendors: Sandbox, told: Callable[[int], int], expected: str
) -> None:
    networks = [row for row in cached.of_vendor(filled.store, "zocial").values() if row["kind"] == "network"]
    chosen = next(row for row in networks if (row["followers"] or 0) >= 10)

    def leap(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        figure = told(chosen["followers"])
        return [{**row, "followers": figure} if str(row["id"]) == chosen["vendor_id"] else row for row in rows]

    _changed(vendors, leap)
    sync(filled, ["zocial"], Wish(at=NOON + timedelta(minutes=15)))
    assert _suspects(filled) == {chosen["id"]: expected}

    sync(filled, ["zocial"], Wish(at=NOON + timedelta(minutes=30)))
    assert _suspects(filled) == {}
    steps = [(row["connection_id"], row["before"], row["after"]) for row in cached.changes(filled.store)]
    assert steps == [(chosen["id"], None, expected), (chosen["id"], expected, None)]


def _usual_drift(desk: Desk) -> list[tuple[str, str, int]]:
    """Give the one thing that the pretended Zocial always tells and no document names: the status `archived`."""
    return [
        ("new_value", row["field"], row["records"]) for row in cached.drift(desk.store) if row["kind"] == "new_value"
    ]


@pytest.mark.parametrize(
    ("mutation", "expected"), [("epoch_millis", "2024-01-01T00:00:00"), ("far_zone", "2023-12-31T10:00:00")]
)
def test_a_date_in_another_form_is_kept_in_utc(filled: Desk, vendors: Sandbox, mutation: str, expected: str) -> None:
    key = _first_id(filled, vendors)
    vendors.faults.plan("zocial", "networks", kind="bad_field", field="connected_at", mutation=mutation)

    sync(filled, ["zocial"], Wish(at=NOON))

    assert cached.connections(filled.store)[key]["connected_at"].isoformat() == f"{expected}+00:00"


def test_unknown_words_are_kept_as_they_are_and_shown_as_unknown(filled: Desk, vendors: Sandbox) -> None:
    key = _first_id(filled, vendors)
    _changed(vendors, _first(status="Archived", network="Threads"))

    (report,) = sync(filled, ["zocial"], Wish(at=NOON))

    row = cached.connections(filled.store)[key]
    assert report.state == "ok"
    assert (row["status"], row["vendor_status"], row["platform"]) == ("unknown", "Archived", "threads")


def test_half_a_character_or_a_nul_in_one_record_touches_no_other(filled: Desk, vendors: Sandbox) -> None:
    before = cached.connections(filled.store)
    vendors.faults.plan("zocial", "pages", kind="bad_field", field="page_name", mutation="nul")
    vendors.faults.plan("zocial", "walls", kind="bad_field", field="wall_name", mutation="lone_surrogate")

    (report,) = sync(filled, ["zocial"], Wish(at=NOON))

    after = cached.connections(filled.store)
    assert report.state == "ok"
    page, wall = (after[key] for key in cached.written(before, after))
    assert (page["name"], wall["name"]) == ("ab", None)


@pytest.mark.parametrize("mutation", ["absent", "null", "object", "true", "negative"])
def test_a_record_without_an_id_makes_the_run_partial_and_lets_nothing_vanish(
    filled: Desk, vendors: Sandbox, mutation: str
) -> None:
    before = cached.connections(filled.store)
    vendors.faults.plan("zocial", "networks", kind="bad_field", field="id", mutation=mutation)

    (report,) = sync(filled, ["zocial"], Wish(at=NOON))

    assert (report.state, report.vanished) == ("partial", 0)
    assert report.problem is not None
    assert report.problem.kind == "rejected_records"
    assert cached.connections(filled.store) == before
    assert cached.source(filled.store, "zocial")["failures"] == 0
    assert cached.runs(filled.store)[-1]["rejected"] == 1


def test_what_a_complete_list_no_longer_holds_is_marked_and_comes_back_with_its_history(
    filled: Desk, vendors: Sandbox
) -> None:
    key = _first_id(filled, vendors)
    before = cached.connections(filled.store)[key]
    _changed(vendors, lambda rows: rows[1:])

    (report,) = sync(filled, ["zocial"], Wish(at=NOON + timedelta(hours=1)))
    gone = cached.connections(filled.store)[key]
    (back,) = sync(filled, ["zocial"], Wish(at=NOON + timedelta(hours=2)))

    assert (report.state, report.vanished, back.updated) == ("ok", 1, 1)
    assert (gone["vanished_at"], gone["last_seen_at"]) == (NOON + timedelta(hours=1), NOON)
    assert gone["followers"] == before["followers"]
    after = cached.connections(filled.store)[key]
    assert (after["vanished_at"], after["first_seen_at"]) == (None, NOON)
    assert after["health"] == before["health"]
    told = [(row["field"], row["before"], row["after"]) for row in cached.changes(filled.store)]
    assert ("vanished", "listed", "vanished") in told
    assert ("vanished", "vanished", "listed") in told
    assert (key, "2026-03-10") in cached.points(filled.store)


def test_a_list_that_lost_too_much_is_held_back_for_its_kind_until_it_is_accepted(
    filled: Desk, vendors: Sandbox
) -> None:
    before = cached.connections(filled.store)
    lose = {"change": lambda content: {**content, "networks": content["networks"][:100]}}
    vendors.faults.plan("zocial", "networks", kind="transform", times=2, **lose)
    vendors.faults.plan(
        "zocial", "pages", kind="transform", times=2, change=lambda content: {**content, "pages": content["pages"][1:]}
    )

    (held,) = sync(filled, ["zocial"], Wish(at=NOON))
    after = cached.connections(filled.store)
    assert (held.state, held.held_back, held.vanished) == ("partial", True, 1)
    assert held.problem is not None
    assert held.problem.kind == "held_back"
    assert {after[key]["kind"] for key in cached.written(before, after)} == {"page"}
    assert [row["cause"] for row in cached.incidents(filled.store) if row["ended_at"] is None].count("loss") == 1

    (accepted,) = sync(filled, ["zocial"], Wish(at=NOON, accept_loss=True))
    assert (accepted.state, accepted.held_back) == ("ok", False)
    assert accepted.vanished > 90
    assert all(row["ended_at"] for row in cached.incidents(filled.store) if row["cause"] == "loss")


@pytest.mark.parametrize(("before", "lost", "held"), [(49, 9, False), (49, 10, True), (50, 10, False), (0, 0, False)])
def test_more_than_a_fifth_and_at_least_ten_is_too_much(
    empty: Desk,
    vendors: Sandbox,
    before: int,
    lost: int,
    held: bool,  # noqa: FBT001 (a column of the table above)
) -> None:
    _changed(vendors, lambda rows: rows[:before])
    _changed(vendors, lambda rows: rows[: before - lost])

    sync(empty, ["zocial"], Wish(at=NOON))
    (report,) = sync(empty, ["zocial"], Wish(at=NOON))

    assert report.held_back is held
    assert report.vanished == (0 if held else lost)


def test_an_empty_list_where_there_were_many_is_held_back(filled: Desk, vendors: Sandbox) -> None:
    before = cached.connections(filled.store)
    for what in ("networks", "pages", "walls", "channels"):
        vendors.faults.plan("zocial", what, kind="empty_list")

    (report,) = sync(filled, ["zocial"], Wish(at=NOON))

    assert (report.state, report.held_back, report.seen) == ("partial", True, 0)
    kinds = {before[key]["kind"] for key in cached.written(before, cached.connections(filled.store))}
    assert "network" not in kinds


def test_engagement_from_the_status_endpoint_survives_lists_that_do_not_tell_it(filled: Desk, vendors: Sandbox) -> None:
    key = _first_id(filled, vendors)
    with filled.store.bulk() as link:
        link.exec_driver_sql(f"UPDATE connections SET engagement_rate = 4.5 WHERE id = '{key}'")
    _changed(vendors, lambda rows: [{**rows[0], "followers": rows[0]["followers"] + 5}, *rows[1:]])
    _changed(vendors, _first(engagement_rate=1.25))

    sync(filled, ["zocial"], Wish(at=NOON))
    assert cached.connections(filled.store)[key]["engagement_rate"] == 4.5
    sync(filled, ["zocial"], Wish(at=NOON))
    assert cached.connections(filled.store)[key]["engagement_rate"] == 1.25


def test_a_list_that_tells_the_last_update_alone_is_believed(filled: Desk, vendors: Sandbox) -> None:
    key = _first_id(filled, vendors)
    _changed(vendors, _first(last_updated="2026-03-09T08:00:00Z"))

    sync(filled, ["zocial"], Wish(at=NOON))

    assert cached.connections(filled.store)[key]["last_updated"].isoformat() == "2026-03-09T08:00:00+00:00"


def test_records_that_move_between_pages_are_neither_doubled_nor_lost(filled: Desk, vendors: Sandbox) -> None:
    _changed(vendors, lambda rows: [*rows, *rows[-3:]], vendor="late", target="accounts")
    before = cached.connections(filled.store)

    (report,) = sync(filled, ["late"], Wish(at=NOON))

    assert (report.state, report.seen) == ("ok", len(cached.of_vendor(filled.store, "late")))
    assert cached.connections(filled.store) == before


def test_the_same_account_at_two_vendors_is_two_connections(filled: Desk) -> None:
    places: dict[tuple[str, str], set[int]] = {}
    for row in cached.connections(filled.store).values():
        places.setdefault((row["platform"], (row["handle"] or "").lower()), set()).add(row["source_id"])
    assert any(len(sources) > 1 for sources in places.values())


def test_a_credential_that_no_header_can_carry_fails_its_source_alone(
    filled: Desk, pretended_vendors: tuple[Sandbox, str]
) -> None:
    seeds.source(filled.store, "strange", vendor="zocial", base_url=f"{pretended_vendors[1]}/sandbox/zocial")
    row = clients.sealed_row(cached.source_row(filled.store, "strange"))
    with filled.store.writing() as session:
        source = cached.source_row(filled.store, "strange")
        source.secret = filled.vault.seal({"token": "fäke-tökén"}, row=row)
        session.add(source)

    reports = {report.source: report for report in sync(filled, None, Wish(at=NOON))}

    strange = reports.pop("strange")
    assert strange.problem is not None
    assert (strange.state, strange.problem.kind) == ("failed", "settings")
    assert "tökén" not in strange.problem.message
    assert {report.state for report in reports.values()} == {"ok", "skipped"}
    assert {row["state"] for row in cached.runs(filled.store)} == {"ok", "failed"}


def test_a_source_that_nobody_knows_is_refused_by_name(filled: Desk) -> None:
    with pytest.raises(Misuse, match="There is no source named 'nobody'"):
        sync(filled, ["nobody"])


def test_a_stop_keeps_what_was_read_and_says_so(filled: Desk, vendors: Sandbox) -> None:
    wish = Wish(at=NOON)
    wish.stop.set()
    before = cached.connections(filled.store)

    (report,) = sync(filled, ["zocial"], wish)

    assert (report.state, report.vanished, len(vendors.log)) == ("partial", 0, 1)
    assert report.problem is not None
    assert report.problem.kind == "stopped"
    assert cached.connections(filled.store) == before
    assert cached.source(filled.store, "zocial")["failures"] == 0


def test_no_token_of_a_vendor_stays_anywhere_even_if_the_vendor_repeats_it(
    filled: Desk, vendors: Sandbox, capfd: pytest.CaptureFixture[str]
) -> None:
    given = credentials()
    tokens = {"zocial": given["zocial"]["token"], "late": given["late"]["api_key"]}
    tokens |= {vendor: given[vendor]["token"] for vendor in ("highlevel", "gipper")}
    for vendor, token in tokens.items():
        target = "networks" if vendor == "zocial" else "accounts"
        body = {"message": f"The token {token} is bad", "error": f"Bearer {token}"}
        vendors.faults.plan(vendor, target, kind="status", status=401, body=body, times=None)

    reports = sync(filled, None, Wish(at=NOON))

    assert filled.store.path is not None
    files = [path.read_bytes() for path in filled.store.path.parent.glob("patchbay.db*")]
    told = (reports, filled, cached.runs(filled.store), cached.incidents(filled.store), capfd.readouterr())
    kept = b"".join([*files, repr(told).encode()])
    assert len(files) >= 2
    assert b"is bad" in kept
    assert [token for token in tokens.values() if token.encode() in kept] == []


@pytest.mark.parametrize("vendor", ["late", "highlevel", "gipper"])
def test_rows_are_made_before_the_write_lock_is_taken(
    filled: Desk, monkeypatch: pytest.MonkeyPatch, vendor: str
) -> None:
    writing, made_while_writing, fingerprint = [False], [], observations.fingerprint

    def watched(values: tuple[object, ...]) -> int:
        made_while_writing.append(writing[0])
        return fingerprint(values)

    monkeypatch.setattr(observations, "fingerprint", watched)
    for name, begun in (("begin", True), ("commit", False)):
        event.listen(filled.store.writer, name, lambda _link, begun=begun: writing.__setitem__(0, begun))
    sync(filled, [vendor], Wish(at=NOON))

    assert set(made_while_writing) == {False}
