"""Exports as library systems write them, and rows that are none."""

from __future__ import annotations

import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from offcirc.knowledge.errors import BuildError
from offcirc.knowledge.known import PatronFlag
from offcirc.knowledge.sources import columns, tables
from offcirc.knowledge.sources.columns import ExportReading, blocks
from offcirc.knowledge.sources.lists import patron_records

ALMA_BLOCKS = """<?xml version="1.0" encoding="UTF-8"?>
<xb:exportUsers xmlns:xb="http://com/exlibris/digitool/repository/extsystem/xmlbeans">
 <xb:users>
  <xb:user><xb:userId>9921000000164</xb:userId><xb:balance>12.5</xb:balance>
   <xb:blockList><xb:block><xb:blockType>LOAN</xb:blockType>
    <xb:blockDescription>Suspendu pour retard</xb:blockDescription>
    <xb:expiryDate>20180120</xb:expiryDate></xb:block></xb:blockList></xb:user>
  <xb:user><xb:userId>9921000000172</xb:userId>
   <xb:blockList><xb:block><xb:blockDescription>Quitus</xb:blockDescription></xb:block>
   <xb:block><xb:blockDescription>Retard</xb:blockDescription>
    <xb:blockStatus>INACTIVE</xb:blockStatus></xb:block></xb:blockList></xb:user>
  <xb:user><xb:name>Nobody</xb:name></xb:user>
 </xb:users>
</xb:exportUsers>
"""
ALMA_USER = """<users><user><primary_id>ut1.lecteur000</primary_id>
<user_group desc="Licence">L</user_group><expiry_date>2018-10-31Z</expiry_date>
<user_identifiers><user_identifier><id_type>BARCODE</id_type><value>9921000000164</value>
</user_identifier></user_identifiers><user_blocks/></user>
<user><primary_id>x</primary_id><expiry_date>soon</expiry_date></user></users>"""


@pytest.fixture
def reading():
    return ExportReading(today=date(2018, 1, 15))


def told(reading):
    return [(each.line, each.text) for each in reading.problems]


def test_almas_export_of_blocks(tmp_path, reading):
    path = tmp_path / "blocks.xml"
    path.write_text(ALMA_BLOCKS, encoding="utf-8")
    first, second = patron_records(path, reading)
    assert (first.cards, first.flags) == ({"9921000000164"}, {PatronFlag.SUSPENDED})
    assert first.suspended_until == date(2018, 1, 20)
    assert (second.cards, second.flags) == ({"9921000000172"}, {PatronFlag.QUITUS})
    assert told(reading) == [(0, "user 3 has no identifier")]
    with zipfile.ZipFile(tmp_path / "blocks.zip", "w") as archive:
        archive.writestr("a.xml", ALMA_BLOCKS)
        archive.writestr("b.xml", ALMA_USER)
    found = list(patron_records(tmp_path / "blocks.zip", reading))
    assert len(found) == 3


def test_almas_export_of_users(tmp_path, reading):
    path = tmp_path / "users.xml"
    path.write_text(ALMA_USER, encoding="utf-8")
    (found,) = patron_records(path, reading)
    assert found.cards == {"ut1.lecteur000", "9921000000164"}
    assert (found.group, found.expires_on) == ("L", date(2018, 10, 31))
    assert told(reading) == [(0, "user 2 has no readable date")]


@pytest.mark.parametrize(
    "text", ["<a>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "<?xml version='1.0'?>"]
)
def test_xml_that_is_none_or_hostile(tmp_path, reading, text):
    path = tmp_path / "x.xml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(BuildError, match=r"x\.xml"):
        list(patron_records(path, reading))


def test_evergreens_list_of_blocks(tmp_path, reading):
    path = tmp_path / "list.txt"
    path.write_bytes(b"20001 L\n20002 E\r\n20003 B\n20004 D\n\nwhat\n")
    found = {next(iter(each.cards)): each.flags for each in patron_records(path, reading)}
    assert found == {
        "20001": {PatronFlag.BLOCKED},
        "20002": {PatronFlag.EXPIRED},
        "20003": {PatronFlag.BLOCKED},
        "20004": {PatronFlag.BLOCKED},
    }
    assert told(reading) == [(6, "the row is no card and one of L, E, B and D")]


ANALYTICS = (
    "Blocages\r\nDonnées mises à jour au 27/11/2026 22:00:00\r\n\r\n"
    "Identifiant principal;Groupe d'utilisateurs;Description du blocage;Date d'expiration\r\n"
    "9921000000164;L;Quitus;31/10/2027\r\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_analytics_in_french(tmp_path, reading, encoding):
    path = tmp_path / "analytics.csv"
    path.write_bytes(ANALYTICS.encode(encoding))
    (found,) = patron_records(path, reading)
    assert (found.cards, found.flags) == ({"9921000000164"}, {PatronFlag.QUITUS})
    assert (found.group, found.expires_on) == ("L", date(2027, 10, 31))
    assert reading.as_of[path] == datetime(2026, 11, 27, 22)


def test_kohas_saved_reports(tmp_path, reading):
    path = tmp_path / "borrowers.tsv"
    path.write_text(
        "cardnumber\tcategorycode\tdateexpiry\tdebarred\n"
        "23529000035676\tPT\t2020-12-31\t\n23529000035677\tS\t2020-12-31\t2018-02-01\n",
        encoding="utf-8",
    )
    first, second = patron_records(path, reading)
    assert (first.flags, first.group) == (set(), "PT")
    assert (second.flags, second.suspended_until) == ({PatronFlag.SUSPENDED}, date(2018, 2, 1))
    path = tmp_path / "items.csv"
    path.write_text(
        "barcode,homebranch,itype,notforloan,reserves,materials\n"
        "39999000001259,CPL,BK,0,1,3 CD\n39999000001260,CPL,REF,1,0,\n",
        encoding="utf-8",
    )
    first, second = columns.items(path, reading)
    assert (first.library, first.location, first.note) == ("CPL", "BK", "3 CD")
    assert (first.excluded, first.requested) == (False, True)
    assert (second.excluded, second.requested) == (True, False)


def test_a_workbook_keeps_its_numbers_and_days(tmp_path, reading):
    book = openpyxl.Workbook()
    book.active.append(["Barcode", "Expiry Date"])
    book.active.append([9921000000164.0, datetime(2018, 10, 31)])
    book.save(tmp_path / "a.xlsx")
    (found,) = patron_records(tmp_path / "a.xlsx", reading)
    assert (found.cards, found.expires_on) == ({"9921000000164"}, date(2018, 10, 31))
    (tmp_path / "b.xlsx").write_bytes((tmp_path / "a.xlsx").read_bytes()[:900])
    with pytest.raises(BuildError, match=r"b\.xlsx"):
        list(patron_records(tmp_path / "b.xlsx", reading))


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("", set()),
        ("0", set()),
        ("overdue", {PatronFlag.OVERDUE}),
        ("Prêts en RETARD", {PatronFlag.OVERDUE}),
        ("Suspension pour retard", {PatronFlag.SUSPENDED}),
        ("quitus", {PatronFlag.QUITUS}),
        ("Compte expiré", {PatronFlag.EXPIRED}),
        ("Caution", {PatronFlag.BLOCKED}),
    ],
)
def test_a_block_in_its_own_words(text, flags):
    assert blocks(text) == flags


def test_the_day_on_which_another_block_ends_is_no_suspension(tmp_path, reading):
    path = tmp_path / "a.csv"
    path.write_text("barcode,block,suspended_until\n1,quitus,2018-02-01\n", encoding="utf-8")
    (found,) = patron_records(path, reading)
    assert (found.flags, found.suspended_until) == ({PatronFlag.QUITUS}, None)


@pytest.mark.parametrize(
    ("text", "month_first", "expected"),
    [
        ("2018-10-31", False, date(2018, 10, 31)),
        ("2018/10/31 23:59", False, date(2018, 10, 31)),
        ("03/04/2018", False, date(2018, 4, 3)),
        ("03/04/2018", True, date(2018, 3, 4)),
        ("31.10.2018 12:00", False, date(2018, 10, 31)),
    ],
)
def test_days(text, month_first, expected):
    assert tables.day(text, month_first=month_first) == expected


def test_a_day_of_every_year(reading):
    assert reading.day("*-10-31") == date(2018, 10, 31)
    with pytest.raises(ValueError, match="month"):
        reading.day("10/31/2018")


def test_what_the_settings_name():
    fields = columns.PATRON_COLUMNS
    found = columns.chosen("card = User No; card=Old No ;group = Profile;", fields)
    assert found == {"card": ("User No", "Old No"), "group": ("Profile",)}
    for wrong in ("card", "card =", "ticket = X"):
        with pytest.raises(BuildError):
            columns.chosen(wrong, fields)
