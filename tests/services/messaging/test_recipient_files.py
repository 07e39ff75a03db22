"""Recipients from a file: a plan first, then all of it or nothing, whatever a spreadsheet made of it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from data import trail
from data.queries.recipients import Listed
from data.types import Role
from services.access import Actor
from services.desk import Desk
from services.failures import Failure, Forbidden, Misuse
from services.messaging import recipient_files, recipient_rows, recipients
from services.messaging.recipient_files import Line, Plan
from services.messaging.recipient_rows import Row, Wrong
from services.messaging.recipients import Details

MAREK, INGRID = Actor("marek", Role.MARKETER), Actor("ingrid", Role.ADMIN)


def plan(desk: Desk, text: str) -> Plan:
    return recipient_files.plan(desk, INGRID, file=text.encode())


def take(desk: Desk, text: str) -> Plan:
    return recipient_files.take(desk, INGRID, file=text.encode())


def kept(desk: Desk) -> dict[str, Listed]:
    return {each.name: each for each in recipients.listing(desk, INGRID).rows}


def wrong(desk: Desk, text: str) -> list[tuple[int, str]]:
    return [(each.line, each.why) for each in plan(desk, text).wrong]


def test_a_file_is_planned_then_taken(desk: Desk) -> None:
    recipients.add(desk, INGRID, "Lena", "1", variables={"first_name": "Lena", "city": "Zürich"}, consent="Mail")
    recipients.add(desk, INGRID, "Otto", "2", variables={"first_name": "Otto"})
    file = "name,igsid,consent,first_name\nLENA,1,Phone,Helena\nOtto,,,\nSondre,3,,Sondre\n"
    made = plan(desk, file)
    assert made.new == (Line(4, "Sondre"),)
    assert made.changed == (Line(2, "LENA", "name, consent note, first_name"),)
    assert (made.same, made.wrong) == (1, ())
    assert set(kept(desk)) == {"Lena", "Otto"}, "a plan changes nothing"
    assert recipient_files.take(desk, INGRID, file=file.encode(), digest=made.digest) == made
    found = kept(desk)
    assert found["LENA"].variables == {"first_name": "Helena", "city": "Zürich"}
    assert (found["LENA"].consent, found["Sondre"].igsid) == ("Phone", "3")
    again = take(desk, file)
    assert (again.new, again.changed, again.same) == ((), (), 3)
    with desk.store.reading() as session:
        rows = [row for row in trail.newest(session, 10) if row.action == "recipient.import"]
    assert [json.loads(row.after or "")["new_names"] for row in rows] == [["Sondre"]], "nothing new is no deed"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff", "sep=x\n"])
def test_a_file_of_any_spreadsheet_is_read(delimiter: str, end: str, mark: str) -> None:
    cells = (
        ["Name", " IGSID ", "First name", "city"],
        ['"A ""B"", C"', "1", f'"x{delimiter}y"', "Zürich"],
        [],
        ["D", "2"],
    )
    file = mark.replace("x", delimiter) + end.join(delimiter.join(row) for row in cells)
    first, second = recipient_rows.read(file.encode())
    line = 2 + mark.count("\n")
    assert first == Row(line, 'A "B", C', Details("1", {"first_name": f"x{delimiter}y", "city": "Zürich"}, ""))
    assert second == Row(line + 2, "D", Details("2", {}, ""))


def test_lines_are_counted_as_a_person_sees_them(desk: Desk) -> None:
    file = '\n\nname,igsid,consent\n"A",1,"two\nlines"\n\nB,igsid,x\n,,\nC,3,x,y\n'
    (first, why), second = wrong(desk, file)
    assert (first, "placeholder" in why) == (7, True)
    assert second == (9, "It has 4 cells, but there are 3 columns.")


@pytest.mark.parametrize(
    ("rows", "line", "says"),
    [
        ("A,1\na,2", 3, "Its name stands in line 2 already"),
        ("A,1\nB,1", 3, "Its igsid stands in line 2 already"),
        ("B,90", 2, "The igsid 90 belongs to “Here”"),
        ("Here,91\nB,90", 3, "The igsid 90 belongs to “Here”"),
        (",1", 2, "1 to 80 letters"),
        ("A,", 2, "1 to 64 letters"),
        ("A,7.9E+15", 2, "rounded"),
        ("A,=1+1", 2, "1 to 64 letters"),
        ("A,1,,," + "x" * 1001, 2, "1,001 characters"),
    ],
)
def test_one_wrong_line_is_told_and_nothing_is_taken(desk: Desk, rows: str, line: int, says: str) -> None:
    recipients.add(desk, INGRID, "Here", "90")
    file = f"name,igsid,consent,a,b\n{rows}\nGood,5\n"
    ((number, why),) = wrong(desk, file)
    assert (number, says in why) == (line, True), why
    with pytest.raises(Misuse, match=f"line {line}"):
        take(desk, file)
    assert set(kept(desk)) == {"Here"}
    with desk.store.reading() as session:
        (row,) = trail.newest(session, 1)
    assert (row.action, row.outcome) == ("recipient.import", "refused")


@pytest.mark.parametrize(
    ("file", "says"),
    [
        (b"", "no column named name and none named igsid"),
        (b"\xef\xbb\xbf", "no column"),
        (b"name;to\nA;1\n", "no column named igsid"),
        (b"name,igsid" + b",a" * 1_000_000, "1,000,002 columns; at most 200"),
        (b"name,igsid,name\nA,1,B\n", "column name stands there twice"),
        (b"name,igsid,First name,first_name\nA,1,B,C\n", "column first_name stands there twice"),
        (b"name,igsid,1st\nA,1,B\n", "can't stand in"),
        ("name,igsid,größe\nA,1,B\n".encode(), "can't stand in"),
        ("name,igsid\nZürich,1\n".encode("latin-1"), "no UTF-8"),
        ("name,igsid\nZürich,1\n".encode("utf-16"), "no UTF-8"),
        (b'name,igsid\n"A,1\nB,2\n', "no CSV"),
        (b"name,igsid\nA\x00,1\n", "no UTF-8"),
        (b"PK\x03\x04" + b"\x00" * 50, "no UTF-8"),
        (b"x" * (recipient_rows.LARGEST + 1), "more than 5 MB"),
        (b"name,igsid\n" + b"A,1\n" * (recipient_rows.MOST + 1), "more than 10,000"),
        (b'name,igsid\n"' + b"x" * 140_000 + b'",1\n', "no CSV"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_what_is_no_such_file_is_refused_in_words(desk: Desk, file: bytes, says: str) -> None:
    with pytest.raises(Misuse, match=says):
        recipient_files.plan(desk, INGRID, file=file)


def test_a_formula_is_text(desk: Desk) -> None:
    take(desk, 'name,igsid,first_name\n=SUM(A1),1,"=HYPERLINK(""http://a.example"")"\n')
    assert kept(desk)["=SUM(A1)"].variables == {"first_name": '=HYPERLINK("http://a.example")'}


def test_a_plan_that_was_shown_is_the_one_that_is_done(desk: Desk) -> None:
    file = b"name,igsid\nLena,1\n"
    shown = recipient_files.plan(desk, INGRID, file=file)
    recipients.add(desk, INGRID, "Lena", "7")
    with pytest.raises(Failure, match="changed since this plan"):
        recipient_files.take(desk, INGRID, file=file, digest=shown.digest)
    assert kept(desk)["Lena"].igsid == "7"


def test_a_marketer_imports_nobody(desk: Desk) -> None:
    for deed in (recipient_files.plan, recipient_files.take):
        with pytest.raises(Forbidden):
            deed(desk, MAREK, file=b"name,igsid\nLena,1\n")
    assert kept(desk) == {}


def test_ten_thousand_are_taken_at_once(desk: Desk) -> None:
    rows = "".join(f"Phone {number},{number},Name {number}\n" for number in range(recipient_rows.MOST))
    assert len(take(desk, f"name,igsid,first_name\n{rows}").new) == recipient_rows.MOST
    assert recipients.listing(desk, MAREK, limit=1).total == recipient_rows.MOST


@given(
    some.binary(max_size=200)
    | some.text(max_size=200).map(lambda text: f"name,igsid,a\n{text}".encode("utf-8", "ignore"))
)
def test_any_bytes_are_rows_or_a_refusal_in_words(file: bytes) -> None:
    try:
        found: list[Any] = list(recipient_rows.read(file))
    except Misuse:
        return
    assert all(isinstance(each, Row | Wrong) for each in found)
    assert [each.line for each in found] == sorted({each.line for each in found})
