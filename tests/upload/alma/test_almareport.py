"""Alma's own report, in every wrapping that people get it in."""

from __future__ import annotations

import base64
import io
import textwrap
import zipfile
from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from upload.handover_kit import PRINTED, workbook

from offcirc.upload.alma import almacells, almadates
from offcirc.upload.alma.almafacts import Ending, JobFacts
from offcirc.upload.alma.almareport import parse, read_alma_report
from offcirc.upload.alma.almarows import AlmaRow, barcode
from offcirc.upload.base.errors import NotAlmaReportError

CET = timezone(timedelta(hours=1))
ROWS = (
    AlmaRow(18, "Item not found. Barcode: TOTO31400"),
    AlmaRow(19, "Return item failed, item was not on loan. Barcode: OTOLO104602"),
    AlmaRow(38, "Return item failed, item was not on loan. Barcode: d293004279"),
    AlmaRow(39, "Return item failed, item was not on loan. Barcode: OTOLO104602"),
)
FACTS = JobFacts(
    "2744228060004116",
    "Prêts - Télécharger les transactions hors-ligne",
    datetime(2018, 1, 17, 17, 32, 47, tzinfo=CET),
    datetime(2018, 1, 17, 17, 33, 14, tzinfo=CET),
    27.0,
    "Completed Successfully",
    57,
    9,
)
LABELS = (
    "Process ID",
    "Name",
    "Started on",
    "Finished on",
    "Total run time",
    "Status",
    "Records processed",
    "Records with exceptions",
)
LABELS_FR = (
    "ID du processus",
    "Nom",
    "Débuté le",
    "Terminé le",
    "Durée totale d’exécution",
    "Statut",
    "Enregistrements terminés",
    "Enregistrements avec échecs",
)
VALUES = (
    "2744228060004116",
    "Prêts - Télécharger les transactions hors-ligne",
    "17/01/2018 17:32:47 CET",
    "17/01/2018 17:33:14 CET",
    "27 Seconds",
    "Completed Successfully",
    57,
    9,
)


def read(data: bytes | str):
    report = parse(data.encode() if isinstance(data, str) else data, "report")
    return report.facts, report.rows


def test_the_printed_report():
    assert read(PRINTED) == (FACTS, ROWS)
    assert FACTS.ending is Ending.COMPLETED


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_text_of_any_encoding(encoding, end):
    assert read(PRINTED.replace("\n", end).encode(encoding)) == (FACTS, ROWS)


@pytest.mark.parametrize("width", [30, 41, 52, 60, 66, 72, 76, 80, 120])
@pytest.mark.parametrize("mark", ["", "> ", ">> ", "> > "])
def test_lines_broken_and_quoted_by_a_mail_program(width, mark):
    broken = [part for line in PRINTED.splitlines() for part in textwrap.wrap(line, width)]
    text = "\n".join(["Bonjour,", "", *(mark + line for line in broken), "", "Cordialement,", "X"])
    facts, rows = read(text)
    assert rows == ROWS
    assert (facts.process_id, facts.records, facts.exceptions) == ("2744228060004116", 57, 9)
    assert (facts.started, facts.finished) == (FACTS.started, FACTS.finished)


@pytest.mark.parametrize("width", [36, 50, 70, 100])
def test_lines_run_together_by_a_mail_program(width):
    _facts, rows = read("\n".join(textwrap.wrap(PRINTED, width, break_on_hyphens=False)))
    assert rows == ROWS


def test_cells_copied_one_a_line():
    lines = [str(part) for pair in zip(LABELS, VALUES, strict=True) for part in pair]
    for row in ROWS:
        lines += [str(row.number), row.message]
    facts, rows = read("\n".join(lines))
    assert rows == ROWS
    assert (facts.process_id, facts.records, facts.exceptions) == ("2744228060004116", 57, 9)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("labels", [LABELS, LABELS_FR])
def test_csv(delimiter, encoding, labels):
    def line(*cells: object) -> str:
        return delimiter.join(f'"{cell}"' for cell in cells) + "\r\n"

    text = line(*labels) + line(*VALUES) + "\r\n" + line("Line", "Error Message")
    text += "".join(line(row.number, row.message) for row in ROWS)
    assert read(text.encode(encoding)) == (FACTS, ROWS)


def test_csv_without_quotes_or_titles():
    text = "".join(f"{row.number};{row.message}\n" for row in ROWS)
    assert read(text)[1] == ROWS


SHEETS = {
    "labels above": [
        LABELS,
        VALUES,
        (),
        ("Line", "Error Message"),
        *((row.number, row.message) for row in ROWS),
    ],
    "labels beside": [
        *zip(LABELS_FR, VALUES, strict=True),
        ("Ligne", "Message d’erreur"),
        *((f"Ligne {row.number}", row.message) for row in ROWS),
    ],
    "labels in pairs": [
        ("Process ID", VALUES[0], "", "Name", VALUES[1]),
        ("Started on", VALUES[2], "Finished on", VALUES[3], "Total run time", VALUES[4]),
        ("Status", VALUES[5], "Records processed", 57, "Records with exceptions", 9),
        *((f"Line {row.number}", None, row.message) for row in ROWS),
    ],
    "as printed": [(line,) for line in PRINTED.splitlines()],
    "numbers as numbers": [
        ("Process ID:", 2744228060004116),
        ("Name:", VALUES[1]),
        ("Started on:", VALUES[2]),
        ("Finished on:", VALUES[3]),
        ("Total run time:", "00:00:27"),
        ("Status:", VALUES[5]),
        ("Records processed:", 57.0),
        ("Records with exceptions:", 9.0),
        ("Row", "x", "Message"),
        *((float(row.number), None, row.message) for row in ROWS),
    ],
}


@pytest.mark.parametrize("layout", SHEETS)
def test_excel(layout):
    assert read(workbook(*SHEETS[layout])) == (FACTS, ROWS)


def _changed(book: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """A workbook with something of a part of it replaced."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(book)) as good,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as other,
    ):
        for name in good.namelist():
            data = good.read(name)
            assert name != part or old in data
            other.writestr(name, data.replace(old, new) if name == part else data)
    return out.getvalue()


def test_excel_without_a_default_style_as_alma_makes_it():
    book = workbook(*SHEETS["labels above"])
    plain = _changed(book, "xl/styles.xml", b"cellStyles", b"otherStyles")
    assert read(plain) == (FACTS, ROWS)


def test_a_barcode_in_a_column_of_its_own():
    book = workbook(
        ("Numéro de ligne", "Code-barres", "Message"),
        (3, "370001", "Exemplaire introuvable"),
        (4, "", "Item not found. Barcode: A1"),
        (5, None, None),
    )
    rows = read(book)[1]
    assert [(row.number, row.code) for row in rows] == [(3, "370001"), (4, "A1")]


THOUSANDS = [",", " ", ".", "'", "’", "\u00a0", "\u202f", "\u2009"]


@pytest.mark.parametrize("mark", THOUSANDS)
@pytest.mark.parametrize(
    "how", ["text", "bare", "columns", "one column", "csv", "semicolons", "page"]
)
def test_line_numbers_with_marks_between_their_thousands(mark, how):
    number = f"12{mark}345"
    message = "Item not found. Barcode: TOTO31400"
    data = {
        "text": f"Line {number}  {message}\nLigne n° 1{mark}234{mark}567 : {message}\n".encode(),
        "bare": f"{number}  {message}\n1{mark}234{mark}567 {message}\n".encode(),
        "columns": workbook(
            ("Line", "Message"), (number, message), (f"1{mark}234{mark}567", message)
        ),
        "one column": workbook((f"Line {number} {message}",), (f"Line 1234567 {message}",)),
        "csv": f'Line,Message\n"{number}",{message}\n"1{mark}234{mark}567",{message}\n'.encode(),
        "semicolons": f"Ligne;Message\n{number};{message}\n1234567;{message}\n".encode(),
        "page": f"<table><tr><td>{number}<td>{message}<tr><td>1234567<td>{message}".encode(),
    }[how]
    rows = parse(data, "r").rows
    assert [(row.number, row.code) for row in rows] == [
        (12345, "TOTO31400"),
        (1234567, "TOTO31400"),
    ]
    assert not any(row.unread for row in rows)


@pytest.mark.parametrize(
    "row",
    [("12a34", "Item not found", "99"), ("5", "", "99"), ("one", "Odd thing", ""), ("1", "234")],
)
def test_a_row_of_the_table_that_cannot_be_read_is_kept(row):
    data = workbook(("Line", "Message", "Barcode"), (1, "Item not found", "98"), row)
    first, second = parse(data, "r").rows
    assert first == AlmaRow(1, "Item not found", "98")
    assert second == AlmaRow(None, " ".join(filter(None, row)), unread=True)


def test_a_line_of_text_that_cannot_be_read_is_kept():
    text = "Line 3: Item not found. Barcode: A\nLine x4y – Item not found for A\n"
    assert [row.unread for row in parse(text.encode(), "r").rows] == [False, True]


def test_message_and_barcode_in_two_columns():
    text = (
        "Line,Message,Barcode\n5,User not found,99\n"
        '19,"Return item failed, item was not on loan",A1\n'
    )
    assert parse(text.encode(), "r").rows == (
        AlmaRow(5, "User not found", "99"),
        AlmaRow(19, "Return item failed, item was not on loan", "A1"),
    )


def test_the_xml_of_old_excel():
    cell = '<Cell{}><Data ss:Type="String">{}</Data></Cell>'
    rows = (
        [cell.format("", "Line"), cell.format("", "Message"), cell.format("", "Barcode")],
        [cell.format("", "5"), cell.format("", "User not found"), cell.format("", "99")],
        [cell.format(' ss:Index="2"', "Item not found"), cell.format("", "A1")],
    )
    body = "".join(f"<Row>{''.join(cells)}</Row>" for cells in rows)
    data = (
        '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook '
        'xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet><Table>'
        f"{body}</Table></Worksheet></Workbook>"
    ).encode()
    wanted = (AlmaRow(5, "User not found", "99"), AlmaRow(None, "Item not found", "A1"))
    assert parse(data, "r.xls").rows == wanted
    assert parse(data.replace(b"<R", b"<ss:R").replace(b"</R", b"</ss:R"), "r.xls").rows == wanted


def test_excel_with_true_dates():
    at = datetime(2018, 1, 17, 17, 32, 47)
    facts, _rows = read(workbook(*zip(LABELS, (*VALUES[:2], at, *VALUES[3:]), strict=True)))
    assert facts.started == at.astimezone()


def _mail(**more: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "alma@library.example"
    mail["To"] = "referent@library.example"
    mail["Subject"] = "Prêts - Télécharger les transactions hors-ligne"
    mail.set_content(more.get("text", PRINTED), cte=more.get("cte", "quoted-printable"))
    return mail


def _page() -> str:
    job = "".join(
        f"<tr><td><b>{label}</b></td><td>{value}</td></tr>"
        for label, value in zip(LABELS, VALUES, strict=True)
    )
    rows = "".join(f"<tr><td>Line {r.number}</td><td><p>{r.message}</p></td></tr>" for r in ROWS)
    return (
        "<html><head><title>Line 99 x</title><style>td { color: red }</style></head><body>"
        f"<p>Bonjour&nbsp;,</p><table>{job}</table><table>{rows}</table></body></html>"
    )


def test_a_page():
    assert read(_page()) == (FACTS, ROWS)


@pytest.mark.parametrize("cte", ["quoted-printable", "base64"])
def test_a_mail(cte):
    assert read(_mail(cte=cte).as_bytes()) == (FACTS, ROWS)


def test_a_mail_of_a_page_alone():
    mail = EmailMessage()
    mail["Subject"] = "Report"
    mail.set_content(_page(), subtype="html")
    assert read(mail.as_bytes()) == (FACTS, ROWS)


def test_a_mail_of_text_and_page():
    mail = _mail(text="See the page.\n")
    mail.add_alternative(_page(), subtype="html")
    assert read(mail.as_bytes()) == (FACTS, ROWS)


def test_a_forwarded_mail():
    mail = EmailMessage()
    mail["Subject"] = "TR: rapport"
    mail.set_content("Pour info.\n")
    mail.add_attachment(_mail())
    assert read(mail.as_bytes()) == (FACTS, ROWS)


def test_a_mail_with_the_workbook_and_only_the_job_in_its_text():
    head, _line, _rest = PRINTED.partition("Line 18")
    mail = _mail(text=head)
    table = [("Line", "Error Message"), *((row.number, row.message) for row in ROWS)]
    mail.add_attachment(
        workbook(*table), maintype="application", subtype="octet-stream", filename="r.xlsx"
    )
    mail.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="logo.png")
    assert read(mail.as_bytes()) == (FACTS, ROWS)


def test_a_page_with_the_traps_of_pages():
    page = _page().replace("<body>", "<BODY><!-- Line 77 x <td> --><script>if (a<b) x()</SCRIPT>")
    assert read(page.replace("Process ID", "Process&nbsp;ID&#58;")) == (FACTS, ROWS)
    assert read(page + "<!-- never closed") == (FACTS, ROWS)


def test_a_mail_copied_into_an_editor():
    text = "De : alma@library.example\nFrom: alma\nSubject: Prêts\n\n" + PRINTED
    assert read(text.encode("cp1252")) == (FACTS, ROWS)
    assert read("Subject: Prêts\nFrom: alma\n\n" + PRINTED) == (FACTS, ROWS)


def test_a_report_without_exceptions():
    head, _line, _rest = PRINTED.partition("Line 18")
    facts, rows = read(head.replace("exceptions 9", "exceptions 0"))
    assert (rows, facts.exceptions, facts.records) == ((), 0, 57)


def test_the_same_report_in_two_files_is_one(tmp_path):
    (tmp_path / "a.txt").write_text(PRINTED, "utf-8")
    (tmp_path / "b.xlsx").write_bytes(workbook(*SHEETS["labels above"]))
    digests = {read_alma_report(tmp_path / name).digest for name in ("a.txt", "b.xlsx")}
    assert len(digests) == 1


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        ("Completed Successfully", Ending.COMPLETED),
        ("Terminé avec succès", Ending.COMPLETED),
        ("Completed with Errors", Ending.COMPLETED),
        ("Terminé avec des échecs", Ending.COMPLETED),
        ("Failed", Ending.FAILED),
        ("Échoué", Ending.FAILED),
        ("Completed - Failed", Ending.FAILED),
        ("Abandonné", Ending.FAILED),
        ("Running", Ending.RUNNING),
        ("En cours d’exécution", Ending.RUNNING),
        ("Xyz", None),
    ],
)
def test_how_the_job_ended(text, ending):
    assert JobFacts(status=text).ending is ending


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("17/01/2018 17:32:47 CET", datetime(2018, 1, 17, 16, 32, 47, tzinfo=UTC)),
        ("17/07/2018 17:32 CEST", datetime(2018, 7, 17, 15, 32, tzinfo=UTC)),
        ("17/07/2018 à 17h32 CEST", datetime(2018, 7, 17, 15, 32, tzinfo=UTC)),
        ("01/17/2018 05:32:47 PM UTC", datetime(2018, 1, 17, 17, 32, 47, tzinfo=UTC)),
        ("01/02/2018 05:32:47 PM UTC", datetime(2018, 1, 2, 17, 32, 47, tzinfo=UTC)),
        ("01/02/2018 17:32:47 UTC", datetime(2018, 2, 1, 17, 32, 47, tzinfo=UTC)),
        ("2018-01-17T17:32:47+01:00", datetime(2018, 1, 17, 16, 32, 47, tzinfo=UTC)),
        ("2018-01-17T17:32:47Z", datetime(2018, 1, 17, 17, 32, 47, tzinfo=UTC)),
        ("17 janv. 2018 17:32:47 CET", datetime(2018, 1, 17, 16, 32, 47, tzinfo=UTC)),
        ("1er février 2018, 08:05 UTC", datetime(2018, 2, 1, 8, 5, tzinfo=UTC)),
        ("mercredi 17 août 2018 17:32:47 UTC", datetime(2018, 8, 17, 17, 32, 47, tzinfo=UTC)),
        ("January 17, 2018 5:32:47 AM GMT", datetime(2018, 1, 17, 5, 32, 47, tzinfo=UTC)),
        ("17-Dec-2018 12:00 AM EST", datetime(2018, 12, 17, 5, 0, tzinfo=UTC)),
        ("Wed Jan 17 17:32:47 CET 2018", datetime(2018, 1, 17, 16, 32, 47, tzinfo=UTC)),
        ("17/01/2018 17:32:47 UTC+02:00", datetime(2018, 1, 17, 15, 32, 47, tzinfo=UTC)),
        ("31/02/2018 10:00", None),
        ("17 brumaire 2018", None),
        ("", None),
    ],
)
def test_moments(text, at):
    assert almadates.moment(text) == at


def test_a_moment_without_a_zone_is_this_pcs():
    assert almadates.moment("17/01/2018 17:32") == datetime(2018, 1, 17, 17, 32).astimezone()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("27 Seconds", 27),
        ("27 secondes", 27),
        ("1 Minute 3 Seconds", 63),
        ("2 heures, 1 min et 5 s", 7265),
        ("00:01:07", 67),
        ("350 ms", 0.35),
        ("soon", None),
    ],
)
def test_lengths_of_time(text, seconds):
    assert almadates.seconds(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("Item not found. Barcode: TOTO31400", "TOTO31400"),
        ("Exemplaire introuvable. Code-barres : 370", "370"),
        ("Something else. barcode:A1.", "A1"),
        ("Something else", ""),
    ],
)
def test_the_barcode_of_a_message(message, code):
    assert barcode(message) == code


def test_messages_nobody_knows_stay_as_they_are():
    text = PRINTED + "Line 40  Loan failed: fulfilment unit closed, see 12/3. Barcode: X1\n"
    assert read(text)[1][-1].message == "Loan failed: fulfilment unit closed, see 12/3. Barcode: X1"


def _bomb() -> bytes:
    """A workbook of 90 KB whose sheet unpacks to more than is allowed."""
    sheet = "xl/worksheets/sheet1.xml"
    filled = b"</worksheet>" + b" " * (almacells.MOST_UNPACKED + 1)
    return _changed(workbook(("Line",)), sheet, b"</worksheet>", filled)


def _with_entities() -> bytes:
    """A workbook with a cell that expands nearly endlessly."""
    lol = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    sheet = "xl/worksheets/sheet1.xml"
    book = _changed(workbook(("Line", "Error Message")), sheet, b"Error Message", b"&l11;")
    doctype = f'<!DOCTYPE x [<!ENTITY l0 "ha">{lol}]>'.encode()
    return _changed(book, sheet, b"<worksheet", doctype + b"<worksheet")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "neither the row"),
        (b"Hello, world\n", "neither the row"),
        (b"201801150914L37000034179" + b" " * 69 + b"9921\r\n", "neither the row"),
        (b"%PDF-1.7", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old kind"),
        (b"PK\x03\x04 nothing", "damaged"),
        (_bomb(), "damaged"),
        (_with_entities(), "damaged"),
        (bytes(almacells.MOST_BYTES + 1), "too big"),
    ],
    ids=["empty", "prose", "dat", "pdf", "xls", "zip", "bomb", "entities", "huge"],
)
def test_what_is_no_report_is_refused_with_a_reason(data, words):
    with pytest.raises(NotAlmaReportError) as caught:
        parse(data, "report.x")
    assert words in caught.value.words()
    assert "report.x" in caught.value.words()


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(NotAlmaReportError):
        read_alma_report(tmp_path / "none.txt")
    with pytest.raises(NotAlmaReportError):
        read_alma_report(tmp_path)


def _only_our_error(data: bytes) -> None:
    try:
        parse(data, "x")
    except NotAlmaReportError:
        return


SEEDS = (
    PRINTED.encode(),
    workbook(*SHEETS["labels above"]),
    _mail().as_bytes(),
    _page().encode(),
    b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\n"
    b"Content-Type: text/plain; charset=utf-99\nContent-Transfer-Encoding: base64\n\n"
    + base64.b64encode(PRINTED.encode())
    + b"\n--x--",
)


@given(st.binary(max_size=400))
@example(b"From: x\nContent-Type: text/plain; charset=\xff\n\n\xff")
@example(b"MIME-Version: 1.0\nContent-Transfer-Encoding: x-uuencode\n\nbegin 6\n\xff\n")
@example(b"Subject: =?x?\nMIME-Version: 1.0\nContent-Type: message/rfc822\n\n\n")
def test_no_bytes_raise_anything_but_our_error(data):
    _only_our_error(data)


@pytest.mark.parametrize(
    "piece",
    [
        b">",
        b",",
        b"<",
        b"<!--",
        b"<td>",
        b'"\n',
        b"&#9",
        b"Line 1 ",
        b"From: x\n",
        b"Process ID 1 ",
    ],
)
def test_a_heap_of_anything_comes_to_an_end(piece):
    _only_our_error(b"<html>" * (piece[:1] in b"<&") + piece * (200_000 // len(piece)))


@given(st.sampled_from(SEEDS), st.data())
def test_no_damaged_report_raises_anything_but_our_error(seed, data):
    at = data.draw(st.integers(0, len(seed)))
    cut = data.draw(st.integers(0, 60))
    _only_our_error(seed[:at] + data.draw(st.binary(max_size=40)) + seed[at + cut :])


@given(st.text(max_size=300))
def test_no_text_raises_anything_but_our_error(text):
    _only_our_error(("Process ID 1\nStatus " + text).encode("utf-8", "surrogatepass"))
