"""The route of exports over a real socket: for whom, what of, and what the browser is told."""

import csv
import io
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit

import pytest
import streamlit
from pyarrow import parquet
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.middleware import Middleware

from data import trail
from data.queries import export
from data.types import Role
from services import downloads, headers, people
from services.access import Actor
from services.approvals import asking
from services.approvals.asking import Account
from services.desk import Desk
from services.front import COOKIE
from tests import messages_seed, seeds
from tests.served import Client, served

INDEX = Path(streamlit.__file__).parent / "static" / "index.html"
CSV, PARQUET = "/export/connections.csv", "/export/connections.parquet"
HOSTILE = ['=HYPERLINK("http://evil.test")', "two\r\nlines, and a comma", 'quo"te', "\u202enul\x00", "x" * 5_000]


@pytest.fixture
def client(desk: Desk) -> Iterator[Client]:
    people.ensure_demo_people(desk)
    source = seeds.source(desk.store, "beside")
    for number in range(12):
        platform = ("instagram", "twitter", "google_plus")[number % 3]
        name = HOSTILE[number] if number < len(HOSTILE) else f"Name {number}"
        seeds.connection(desk.store, source, number, platform=platform, name=name, followers=number * 10)
    seeds.count(desk.store)
    door = Middleware(headers.SecurityHeaders, index=INDEX, public_url=lambda: desk.settings.public_url)
    with served(Starlette(routes=downloads.routes(), middleware=[door])) as opened:
        yield opened


@pytest.fixture
def ana(client: Client, cookie: Callable[[str], str]) -> Client:
    """A client that is signed in as an analyst."""
    client.cookies.set(COOKIE, cookie("ana"))
    return client


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


def outcomes(desk: Desk) -> list[tuple[str, str, str]]:
    with desk.store.reading() as session:
        rows = [row for row in trail.newest(session, 100) if row.action == "export.connections"]
    return [(row.actor, row.subject, row.outcome) for row in reversed(rows)]


@pytest.mark.parametrize("path", [CSV, PARQUET, "/export/nothing.csv", "/export/case-1.json"])
@pytest.mark.parametrize("token", [None, "", "altered", "x" * 3_000])
def test_a_stolen_link_opens_nothing(desk: Desk, client: Client, path: str, token: str | None) -> None:
    if token is not None:
        client.cookies.set(COOKIE, token)
    answer = client.get(path)
    assert (answer.status_code, answer.json()) == (401, {"error": "Sign in first."})
    assert answer.headers["cache-control"] == "no-store"
    assert "content-disposition" not in answer.headers
    assert outcomes(desk) == []


def test_a_session_that_has_ended_opens_nothing(desk: Desk, ana: Client) -> None:
    assert ana.get(CSV).status_code == 200
    people.disable(desk, people.SYSTEM, "ana")
    assert ana.get(CSV).status_code == 401


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_any_other_method_is_405(ana: Client, method: str) -> None:
    assert ana.request(method, CSV).status_code == 405


@pytest.mark.parametrize(
    "told",
    [
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_another_site_is_refused(desk: Desk, ana: Client, told: dict[str, str]) -> None:
    assert ana.get(CSV, headers=told).status_code == 403
    assert outcomes(desk) == []


def test_a_link_of_our_own_page_and_a_typed_one_are_fine(ana: Client) -> None:
    for site in ("same-origin", "none"):
        assert ana.get(CSV, headers={"sec-fetch-site": site}).status_code == 200


def test_the_csv_is_a_download_that_nobody_keeps_and_a_spreadsheet_can_open(desk: Desk, ana: Client) -> None:
    answer = ana.get(CSV)
    assert answer.status_code == 200
    told = answer.headers
    name = f"patchbay-connections-{datetime.now(UTC):%Y-%m-%d}.csv"
    assert told["content-disposition"] == f'attachment; filename="{name}"'
    assert (told["content-type"], told["cache-control"]) == ("text/csv; charset=utf-8", "no-store")
    assert told["x-content-type-options"] == "nosniff"
    assert answer.content.startswith(b"\xef\xbb\xbfid,")
    rows = rows_of(answer.content)
    assert len(rows) == 12
    assert [row["name"] for row in rows][:5] == [f"'{HOSTILE[0]}", *HOSTILE[1:]]
    assert outcomes(desk) == [("ana", "connections as csv", word) for word in ("started", "done")]


def test_the_parquet_is_one(ana: Client) -> None:
    answer = ana.get(f"{PARQUET}?sort=Most+followers")
    assert answer.headers["content-type"] == "application/vnd.apache.parquet"
    assert answer.headers["content-disposition"].endswith('.parquet"')
    table = parquet.read_table(io.BytesIO(answer.content))
    assert table["followers"].to_pylist() == [number * 10 for number in range(11, -1, -1)]
    assert set(HOSTILE) <= set(table["name"].to_pylist())


def test_a_look_at_the_head_takes_nothing(desk: Desk, ana: Client) -> None:
    answer = ana.head(CSV)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert ana.head(f"{CSV}?sort=x").status_code == 400
    assert outcomes(desk) == []


def test_the_address_means_what_it_means_on_the_page(ana: Client) -> None:
    query = urlencode({"platform": "X", "min": 30, "sort": "Fewest followers", "after": "anything", "size": "100"})
    assert [row["followers"] for row in rows_of(ana.get(f"{CSV}?{query}").content)] == ["40", "70", "100"]
    escaped = quote("Google\\_plus")
    assert len(rows_of(ana.get(f"{CSV}?platform={escaped}&platform=X").content)) == 8
    assert rows_of(ana.get(f"{CSV}?q=nobody+has+this").content) == []


def test_chosen_rows_in_the_order_of_the_page(ana: Client) -> None:
    query = urlencode([("id", "c00007"), ("id", "c00009"), ("platform", "X"), ("sort", "Most followers")])
    assert [row["id"] for row in rows_of(ana.get(f"{CSV}?{query}").content)] == ["c00009", "c00007"]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("platform=Myspacee", "“Myspacee” is no platform"),
        ("sort=1;drop", "“1;drop” is no sort"),
        ("min=-1", "“-1” is no min"),
        ("nonsense=1", "“1” is no nonsense"),
        ("id=", "“id” has no value"),
        ("platform=", "“platform” has no value"),
        ("q=%00", "“q” has no value"),
        ("x" * 70_000, "has no value"),
        (f"q={'x' * 201}", "longer than 200 characters"),
        ("asof=2999-01-01", "is in the future"),
        ("asof=yesterday", "is no date"),
        (urlencode([("id", "c00001")] * 201), "At most 200 rows"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words_and_never_widens_the_file(ana: Client, query: str, says: str) -> None:
    answer = ana.get(f"{CSV}?{query}")
    assert answer.status_code == 400
    assert says in answer.json()["error"]


def test_another_kind_of_file_is_404(ana: Client) -> None:
    answer = ana.get("/export/connections.xlsx")
    assert answer.status_code == 404
    assert "connections.csv" in answer.json()["error"]


def test_a_browser_that_goes_away_is_written_down(desk: Desk, ana: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "STRETCH", 1)
    with desk.store.bulk() as link:
        link.execute(text("UPDATE connections SET url = :long"), {"long": "y" * 3_000_000})
    parts = urlsplit(ana.origin)
    request = f"GET {CSV} HTTP/1.1\r\nHost: {parts.netloc}\r\nCookie: {COOKIE}={ana.cookies[COOKIE]}\r\n\r\n"
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20) as line:
        line.sendall(request.encode())
        assert line.recv(100).startswith(b"HTTP/1.1 200")
    for _ in range(200):
        if len(outcomes(desk)) > 1:
            break
        ana.head(CSV)
    assert [outcome for _, _, outcome in outcomes(desk)] == ["started", "broken off"]


@pytest.mark.parametrize(("name", "kind"), [("audit.csv", "text/csv"), ("audit.jsonl", "application/x-ndjson")])
def test_an_admin_takes_the_audit_trail(client: Client, cookie: Callable[[str], str], name: str, kind: str) -> None:
    client.cookies.set(COOKIE, cookie("ingrid"))
    answer = client.get(f"/export/{name}?actor=system&action=person")
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, kind)
    assert f"patchbay-audit-{datetime.now(UTC):%Y-%m-%d}" in answer.headers["content-disposition"]
    assert answer.content.decode("utf-8-sig").count("person.add") == 3
    assert client.get(f"/export/{name}?from=soon").status_code == 400
    assert client.get("/export/audit.parquet").status_code == 404


def test_an_analyst_gets_no_audit_trail_and_the_refusal_stands_in_it(desk: Desk, ana: Client) -> None:
    answer = ana.get("/export/audit.csv")
    assert (answer.status_code, "content-disposition" in answer.headers) == (403, False)
    with desk.store.reading() as session:
        row = trail.newest(session, 1)[0]
    assert (row.actor, row.action, row.outcome) == ("ana", "export.audit", "refused")


def test_a_case_is_one_document_and_its_audit_rows_are_for_who_may_read_them(
    desk: Desk, ana: Client, cookie: Callable[[str], str]
) -> None:
    account = Account("instagram", "nova.coffee", "https://instagram.com/nova.coffee", 5_000)
    number = asking.submit(desk, Actor("marek", Role.MARKETER), account).case
    answer = ana.get(f"/export/case-{number}.json")
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="patchbay-case-{number}-')
    assert [step["action"] for step in answer.json()["steps"]] == ["case.request"]
    assert answer.json()["audit"] is None
    ana.cookies.set(COOKIE, cookie("ingrid"))
    told = ana.get(f"/export/case-{number}.json").json()
    assert [(row["actor"], row["action"]) for row in told["audit"]] == [
        ("marek", "case.request"),
        ("ana", "case.export"),
    ]
    assert told["chain"]["holds"]
    assert ana.get("/export/case-99999.json").status_code == 400


def test_messages_are_a_file_of_what_the_address_asks_for(desk: Desk, ana: Client) -> None:
    whose = messages_seed.source(desk.store), messages_seed.recipient(desk.store)
    for number, state in enumerate(("read", "refused")):
        messages_seed.message(desk.store, whose, number, state)
    answer = ana.get("/export/messages.csv?state=Refused")
    assert [row["state"] for row in rows_of(answer.content)] == ["refused"]
    assert "patchbay-messages-" in answer.headers["content-disposition"]
    for nonsense in ("state=gone", "q=", "list=x"):
        refused = ana.get(f"/export/messages.csv?{nonsense}")
        assert (refused.status_code, "Take it out of the address." in refused.text) == (400, True)
