"""Files of sent messages: what matches, formula-safe, for whoever may see messages, and in the audit trail."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from pyarrow import parquet

from data.queries import messages
from data.queries.messages import Filter
from data.types import Role
from services.access import Actor
from services.desk import Desk
from services.exports import Form
from services.messaging import exports
from tests import messages_seed

ANA = Actor("ana", Role.ANALYST)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture
def told(desk: Desk) -> Desk:
    """Three messages; what two of them hold would be a formula in a spreadsheet."""
    whose = messages_seed.source(desk.store), messages_seed.recipient(desk.store)
    messages_seed.message(desk.store, whose, 1, "read", recipient="=1+1", created_at=NOON)
    messages_seed.message(desk.store, whose, 2, "refused", reason="\t@cmd", code="7313", created_at=NOON)
    messages_seed.message(desk.store, whose, 3, "unknown", created_at=NOON + timedelta(days=1))
    return desk


def rows(desk: Desk, wanted: Filter) -> list[dict[str, str]]:
    content = b"".join(exports.export(desk, ANA, Form.CSV, wanted).pieces())
    return list(csv.DictReader(io.StringIO(content.decode(), newline=""), strict=True))


def test_a_file_holds_what_matches_and_no_formula(told: Desk) -> None:
    found = rows(told, Filter())
    assert [row["state"] for row in found] == ["read", "refused", "unknown"]
    assert (found[0]["to"], found[1]["reason"], found[1]["code"]) == ("'=1+1", "'\t@cmd", "7313")
    assert found[0]["read_at"] == "2026-03-10T12:00:05+00:00"
    assert (found[2]["transid"], found[2]["answered_at"]) == ("", "")
    assert json.loads(found[0]["payload"])["content"] == "Hello 1"
    assert [row["id"] for row in rows(told, Filter(states=("unknown",)))] == [found[2]["id"]]


def test_a_file_calls_the_recipient_what_the_command_line_does(told: Desk) -> None:
    with told.store.reading() as session:
        listed = messages.find(session, Filter(states=("refused",)))[1][0]
    (written,) = rows(told, Filter(states=("refused",)))
    assert written["to"] == messages.document(listed, ())["to"] == "Test phone"
    assert written["igsid"] == "igsid of Test phone"


def test_a_parquet_file_has_types(told: Desk) -> None:
    begun = exports.export(told, ANA, Form.PARQUET, Filter())
    table = parquet.read_table(io.BytesIO(b"".join(begun.pieces())))
    assert begun.rows == begun.expected == table.num_rows == 3
    assert str(table.schema.field("delivered_at").type) == "timestamp[us, tz=UTC]"
    assert table["delivered_at"].to_pylist() == [NOON + timedelta(seconds=4), None, None]
    assert str(table.schema.field("attempt_of").type) == "int64"


def test_an_empty_file_has_its_columns(told: Desk) -> None:
    content = b"".join(exports.export(told, ANA, Form.PARQUET, Filter(search="nobody")).pieces())
    table = parquet.read_table(io.BytesIO(content))
    assert (table.num_rows, table.column_names[:2]) == (0, ["id", "source"])


def test_the_audit_trail_knows_of_a_file_before_its_first_row(told: Desk) -> None:
    begun = exports.export(told, ANA, Form.CSV, Filter(states=("read",)))
    query = "SELECT outcome, subject, after FROM audit WHERE action = 'export.messages' ORDER BY id"
    with told.store.reading() as session:
        outcome, subject, after = session.connection().exec_driver_sql(query).one()
    assert (outcome, subject) == ("started", "messages as csv")
    assert json.loads(after) == {"filter": {"states": ["read"]}, "rows": 1}
    begun.pieces().close()
