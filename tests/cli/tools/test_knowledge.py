"""``offcirc knowledge``: the contract that scripts depend on."""

from __future__ import annotations

import platform
import shutil

import openpyxl
import pytest
from filelock import FileLock

from offcirc.practice.library import library

QUITUS, EXCLUDED = "299910600168", "OTOLO104602"
SAMPLE = library.sample()


@pytest.fixture
def knowledge(offcirc):
    def run(what, *words, **more):
        return offcirc("knowledge", what, *words, **more)

    return run


@pytest.fixture
def built(knowledge, tmp_path):
    """Builds from the sample library, or what is given instead; the run and the file."""

    def build(*words, patrons=SAMPLE / "patrons.csv", items=SAMPLE / "items.csv", **more):
        file = tmp_path / "OffCirc.knowledge"
        sources = ("--patrons", patrons, "--items", items, "--policy", SAMPLE / "policy.toml")
        return knowledge("build", *sources, "-o", file, *words, **more), file

    return build


def test_build_check_show_install(knowledge, built, home):
    ran, file = built("--format", "json", "--as-of", "2018-01-15T07:00")
    assert ran.code == 0
    assert "A new key is in" in ran.err
    told = ran.json
    assert (told["readers"], told["items"], told["level"]) == (60, 200, 2)
    assert told["problems"] == []
    assert told["as_of"]["patrons"] == "2018-01-15T07:00:00+01:00"
    ran = knowledge("check", file, "--at", "2018-01-15T12:00", "--format", "json")
    assert (ran.code, ran.json["ok"], ran.json["problems"]) == (0, True, [])
    ran = knowledge("check", file, "--format", "json")
    assert (ran.code, ran.json["ok"], ran.json["problems"]) == (1, False, ["too-old"])

    ran = knowledge("show", file, "--patron", QUITUS, "--at", "2018-01-15", "--format", "json")
    assert (ran.code, ran.json["flags"], ran.json["group"]) == (0, ["quitus"], "Autorises")
    assert ran.json["as_of"] == "2018-01-15T07:00:00+01:00"
    ran = knowledge("show", file, "--item", EXCLUDED, "--format", "json")
    assert (ran.json["flags"], ran.json["loan_class"]) == (["excluded"], "63S/EXCLU")
    ran = knowledge("show", file, "--patron", "nobody", "--format", "json")
    assert (ran.code, ran.json["known"], ran.json["flags"]) == (0, False, [])
    day = ("--at", "2018-01-26", "--format", "json")
    assert knowledge("show", file, "--patron", "9921000000164", *day).json["flags"] == ["expired"]

    assert knowledge("show", "--item", EXCLUDED).code == 2
    assert knowledge("install", file).code == 0
    ran = knowledge("show", "--item", EXCLUDED)
    assert (ran.code, "flags: excluded" in ran.out) == (0, True)
    assert knowledge("erase").out.strip() == "1 file erased."
    assert knowledge("show", "--item", EXCLUDED).code == 2


def test_show_tells_the_date_of_a_loan(knowledge, built):
    _ran, file = built()
    loan = ("--patron", "9951658533103", "--item", "d293004279", "--at", "2018-01-14T10:00")
    ran = knowledge("show", file, *loan, "--format", "json", "--lang", "fr")
    assert ran.json["due"] == "2018-02-12T20:00:00+01:00"
    assert ran.json["steps"][1] == "groupe M en 63S\N{NO-BREAK SPACE}: 28 jours → 11/02/2018"


@pytest.mark.promise("damaged-knowledge-is-absent")
def test_check_tells_what_is_wrong(knowledge, built, tmp_path):
    _ran, file = built()
    broken = tmp_path / "broken"
    content = bytearray(file.read_bytes())
    content[-50] ^= 4
    broken.write_bytes(content)
    ran = knowledge("check", broken, "--format", "json")
    assert (ran.code, ran.json) == (1, {"ok": False, "problems": ["damaged"]})
    other = {"OFFCIRC_KNOWLEDGE_KEY": "ab" * 32}
    ran = knowledge("check", file, "--format", "json", env=other)
    assert (ran.code, ran.json["problems"]) == (1, ["foreign"])
    assert knowledge("show", file, "--item", EXCLUDED, env=other).code == 2
    assert knowledge("install", broken).code == 2
    assert knowledge("check", tmp_path / "nope").code == 2
    ran = knowledge("check", file, env={"OFFCIRC_KNOWLEDGE_KEY": "abc"})
    assert (ran.code, "64" in ran.err) == (2, True)


def test_without_a_key_nothing_is_read_and_the_key_is_shown_to_nobody(knowledge, offcirc, tmp_path):
    ran = knowledge("check", tmp_path / "x")
    assert (ran.code, "knowledge.key" in ran.err) == (2, True)
    ran = offcirc("config", "show", env={"OFFCIRC_KNOWLEDGE_KEY": "ab" * 32})
    assert "abab" not in ran.out
    assert "knowledge.key" in ran.out


@pytest.mark.promise("a-poorer-file-replaces-nothing")
def test_a_poorer_file_replaces_nothing(built, tmp_path):
    _ran, file = built()
    before = file.read_bytes()
    (tmp_path / f".{file.name}.{platform.node()}.tmp").write_bytes(b"of a build that was killed")
    rows = (SAMPLE / "items.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    cut = tmp_path / "items.csv"
    cut.write_text("".join(rows[:150]), encoding="utf-8")
    ran, _file = built(items=cut)
    assert (ran.code, "149" in ran.err, "200" in ran.err) == (2, True, True)
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.glob(".*")] == [], "no draft is left"
    empty = tmp_path / "empty.csv"
    empty.write_text(rows[0], encoding="utf-8")
    assert built(items=empty)[0].code == 2
    assert built("--even-if-poorer", items=cut)[0].code == 0
    assert file.read_bytes() != before


@pytest.mark.promise("a-poorer-file-replaces-nothing")
def test_blocks_that_are_missing_are_missed(built, tmp_path):
    def readers(blocked):
        path = tmp_path / "patrons.csv"
        rows = [f"x{n},99{n:04},,L,2030-01-01,{'quitus' * (n < blocked)}" for n in range(40)]
        head = "primary_id,barcode,name,group,expires_on,block"
        path.write_text("\n".join([head, *rows]), encoding="utf-8")
        return path

    assert built(patrons=readers(40))[0].code == 0
    ran, _file = built(patrons=readers(10))
    assert (ran.code, "Only 20 blocked" in ran.err) == (2, True)
    assert built(patrons=readers(36))[0].code == 0


def test_rows_that_cannot_be_read_are_named_by_their_line(built, tmp_path):
    rows = (SAMPLE / "patrons.csv").read_text(encoding="utf-8").splitlines()
    rows[3] = "x,9900000000001,Somebody,L,31/02/2018,"
    rows[5] = ",,Nobody,L,2018-01-01,"
    patrons = tmp_path / "patrons.csv"
    patrons.write_text("\n".join(rows), encoding="utf-8")
    ran, _file = built("--format", "json", patrons=patrons)
    assert ran.code == 1
    assert [(each["file"], each["line"]) for each in ran.json["problems"]] == [
        ("patrons.csv", 4),
        ("patrons.csv", 6),
    ]
    assert "Somebody" not in ran.out
    assert "9900000000001" not in ran.out
    ran, _file = built(patrons=patrons)
    assert "patrons.csv, line 4: a cell holds no date" in ran.err
    assert "2 rows left out." in ran.err
    assert len(ran.out.splitlines()) == 1


def test_a_second_build_waits_for_nobody(built, home):
    built()
    with FileLock(home / "offcirc" / "knowledge.lock"):
        ran, _file = built()
    assert (ran.code, "Another build" in ran.err) == (2, True)


def test_workbooks_and_columns_of_the_settings(knowledge, tmp_path, home):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["Blocks of the night"],
        ["Data Updated as of 2018-01-15 03:00:00"],
        ["User No", "Profile", "Block Description", "Expiry Date"],
        [9921000000164, "L", "Quitus donné", "31/10/2018"],
        [9921000000172, "M", "Caution money", None],
    ):
        sheet.append(row)
    book.save(tmp_path / "blocks.xlsx")
    (home / "site.toml").write_text("", encoding="utf-8")
    columns = {"OFFCIRC_KNOWLEDGE_PATRON_COLUMNS": "card = User No; group = Profile"}
    file = tmp_path / "k"
    words = ("--patrons", tmp_path / "blocks.xlsx", "-o", file, "--policy", SAMPLE / "policy.toml")
    ran = knowledge("build", *words, "--format", "json", env=columns)
    assert ran.code == 0, ran.err
    assert ran.json["as_of"] == {"patrons": "2018-01-15T03:00:00+01:00", "items": None}
    shown = ("--format", "json", "--at", "2018-01-15")
    ran = knowledge("show", file, "--patron", "9921000000164", *shown)
    assert (ran.json["flags"], ran.json["expires_on"]) == (["quitus"], "2018-10-31")
    ran = knowledge("show", file, "--patron", "9921000000172", *shown)
    assert ran.json["flags"] == ["blocked"]
    assert knowledge("build", *words).code == 2, "no such column"
    wrong = {"OFFCIRC_KNOWLEDGE_PATRON_COLUMNS": "ticket = User No"}
    assert knowledge("build", *words, env=wrong).code == 2


def test_what_the_practice_server_knows(knowledge, shared_server, tmp_path):
    file = tmp_path / "OffCirc.knowledge"
    ran = knowledge("build", "--server", shared_server.url, "-o", file, "--format", "json")
    assert ran.code == 0, ran.err
    assert (ran.json["readers"], ran.json["items"]) == (60, 200)
    ran = knowledge("show", file, "--patron", QUITUS, "--format", "json")
    assert "quitus" in ran.json["flags"]
    ran = knowledge("show", file, "--item", EXCLUDED, "--format", "json")
    assert ran.json["flags"] == ["excluded"]


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("-o", "x"),
        ("-o", "x", "--server", "http://127.0.0.1:9", "--items", SAMPLE / "items.csv"),
        ("-o", "x", "--items", "gone.csv"),
        ("-o", "x", "--items", SAMPLE / "policy.toml"),
        ("-o", "nowhere/x", "--items", SAMPLE / "items.csv"),
        ("-o", "x", "--items", SAMPLE / "items.csv", "--policy", SAMPLE / "items.csv"),
    ],
)
def test_what_cannot_be_built(knowledge, words):
    ran = knowledge("build", *words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err


@pytest.mark.promise("knowledge-is-erased")
def test_putting_files_away_erases_it(knowledge, offcirc, built, server, tmp_path):
    _ran, file = built()
    assert knowledge("install", file).code == 0
    shutil.copy(SAMPLE / "OffCirc.dat", tmp_path)
    path = tmp_path / "OffCirc.dat"
    assert offcirc("upload", path, "--server", server.url, "--desk", "BUC_PRET").code == 1
    assert knowledge("show", "--item", EXCLUDED).code == 0
    assert offcirc("archive", path, "--leave-behind").code == 0
    assert knowledge("show", "--item", EXCLUDED).code == 2


def test_a_desk_takes_what_lies_in_the_collection_folder(knowledge, built, tmp_path):
    assert knowledge("install", env={"OFFCIRC_KNOWLEDGE_KEY": "ab" * 32}).code == 2
    built()
    ran = knowledge("install", "--format", "json", env={"OFFCIRC_COLLECTION": str(tmp_path)})
    assert (ran.code, ran.json["items"]) == (0, 200)


@pytest.mark.promise("damaged-knowledge-is-absent")
def test_the_doctor_tells_what_cannot_be_used(knowledge, built, offcirc, home):
    def found(**more):
        ran = offcirc("doctor", "--format", "json", **more)
        (check,) = (each for each in ran.json["checks"] if each["name"] == "knowledge")
        return ran.code, check["level"], check["message"] + (check["advice"] or "")

    assert found()[:2] == (0, "fine")
    _ran, file = built()
    assert knowledge("install", file).code == 0
    code, level, text = found()
    assert (code, level, "200 items" in text) == (0, "fine", True)
    built("--as-of", "2018-01-15")
    assert knowledge("install", file).code == 0
    code, level, text = found()
    assert (code, level, "old" in text) == (0, "note", True)
    code, level, text = found(env={"OFFCIRC_KNOWLEDGE_KEY": "ab" * 32})
    assert (code, level, "another key" in text) == (1, "problem", True)
    (home / "offcirc" / "knowledge.key").rename(home / "key")
    code, level, text = found()
    assert (code, level, "knowledge.key" in text) == (1, "problem", True)
    (home / "key").rename(home / "offcirc" / "knowledge.key")
    installed = list((home / "offcirc" / "knowledge").glob("*.knowledge"))
    for path in installed:
        path.write_bytes(path.read_bytes()[:5000])
    code, level, text = found()
    assert (code, level, "damaged" in text) == (1, "problem", True)
