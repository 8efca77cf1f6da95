"""Reports by mail, through a real mail server with a certificate of its own."""

from __future__ import annotations

import io
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from upload.pages import Page
from upload.postoffice import PASSWORD, USER, Box, certificate, post_office
from upload.reportkit import HOSTILE, KNOWN, WHOLE, hostile_report, report

from offcirc import i18n
from offcirc.settings.load import load
from offcirc.upload.base.errors import MailError
from offcirc.upload.mail import mail, smtp
from offcirc.upload.mail.mail import MailServer, mail_server
from offcirc.upload.render.files import render
from offcirc.upload.report.report import JobStatus

READER = "9900452388527"


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def server(box: Box, pem: Path) -> Iterator[MailServer]:
    with post_office(box, pem) as port:
        yield MailServer(
            host="localhost",
            port=port,
            security="starttls",
            user=USER,
            sender="offcirc@library.example",
            to=("referent@library.example", "desk@library.example"),
            ca_file=pem,
            attach=("xlsx", "pdf", "html", "csv"),
        )


@pytest.mark.parametrize("password", [PASSWORD, "plain"])
def test_any_password_signs_in(
    box: Box, server: MailServer, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    monkeypatch.setattr("upload.postoffice.PASSWORD", password)
    mail.send(report(), replace(server, attach=("csv",)), password)
    assert box.signed_in == [USER]


def refused(server: MailServer, password: str = PASSWORD, **more: object) -> str:
    with pytest.raises(MailError) as caught:
        mail.send(WHOLE, server, password, **more)  # type: ignore[arg-type]
    assert PASSWORD not in str(caught.value)
    return caught.value.words()


def test_a_report_arrives_encrypted_with_all_that_is_attached(box: Box, server: MailServer) -> None:
    assert mail.send(WHOLE, server, PASSWORD) == server.to
    [letter] = box.letters
    assert letter.encrypted
    assert box.signed_in == [USER]
    assert (letter.sender, letter.to) == (server.sender, list(server.to))
    message = letter.message
    assert message["To"] == ", ".join(server.to)
    assert message["Message-ID"].endswith("@library.example>")
    attached = {part.get_filename(): part for part in message.iter_attachments()}
    number = "offcirc-report-2744228060004116"
    assert list(attached) == [f"{number}.{form}" for form in server.attach]
    for form in ("xlsx", "pdf", "csv"):
        part = attached[f"{number}.{form}"]
        content = part.get_content()
        sent = content.encode("utf-8") if isinstance(content, str) else content
        assert sent.replace(b"\r\n", b"\n") == render(WHOLE, f"r.{form}").replace(b"\r\n", b"\n")
    sheet = openpyxl.load_workbook(io.BytesIO(attached[f"{number}.xlsx"].get_content()))
    assert sheet.worksheets[1].max_row == 1 + len(WHOLE.lines)
    assert attached[f"{number}.pdf"].get_content_type() == "application/pdf"
    page = Page(attached[f"{number}.html"].get_content())
    assert "script" not in page.tags


def test_neither_subject_nor_text_names_a_reader(box: Box, server: MailServer) -> None:
    mail.send(WHOLE, server, PASSWORD, to=["other@library.example"])
    [letter] = box.letters
    assert letter.to == ["other@library.example"]
    assert letter.message["Subject"] == "OffCirc: 57 records, 5 exceptions – BUC_PRET, 2018-01-17"
    text = letter.message.get_body().get_content()
    for said in ("2744228060004116", "Records with exceptions  5", "Unknown borrower", "Référent"):
        assert said in text
    for secret in (READER, KNOWN.patron_name, KNOWN.item):
        assert secret not in text
        assert secret not in letter.message["Subject"]


def test_names_go_along_only_where_they_may(box: Box, server: MailServer) -> None:
    server = replace(server, attach=("html", "csv"))
    for names in (False, True):
        mail.send(WHOLE, server, PASSWORD, names=names)
        for part in box.letters[-1].message.iter_attachments():
            assert (KNOWN.patron_name in part.get_content()) is names


def test_a_french_mail(box: Box, server: MailServer) -> None:
    i18n.activate("fr")
    mail.send(WHOLE, server, PASSWORD)
    [letter] = box.letters
    assert letter.message["Subject"] == (
        "OffCirc\xa0: 57 enregistrements, 5 échecs – BUC_PRET, 17/01/2018"
    )
    assert "Terminé avec succès" in letter.message.get_body().get_content()
    assert next(letter.message.iter_attachments()).get_filename().startswith("offcirc-rapport-")


def test_hostile_texts_make_no_header(box: Box, server: MailServer) -> None:
    for text in HOSTILE:
        if text == "\ud800":
            continue  # no way to be written in a mail, nor to be kept in the ledger
        bad = replace(hostile_report(), desk=f"X\r\nBcc: all@evil.example {text}", process_id=text)
        mail.send(bad, replace(server, attach=("csv",)), PASSWORD)
        letter = box.letters[-1]
        assert letter.to == list(server.to)
        assert letter.message["Bcc"] is None
        [part] = letter.message.iter_attachments()
        assert part.get_filename().endswith(".csv")
        assert "/" not in part.get_filename()


def test_a_day_without_exception_and_an_upload_that_stopped() -> None:
    assert "nothing to do by hand" in mail.body(report())
    stopped = report(status=JobStatus.STOPPED, problem="The server is gone.", left=4)
    text = mail.body(stopped)
    assert "The server is gone." in text
    assert "Still to be sent         4" in text
    assert "nothing to do" not in text
    assert "dry run" in mail.subject(report(dry_run=True))


def test_tls_from_the_beginning(box: Box, server: MailServer, pem: Path) -> None:
    with post_office(box, pem, at_once=True) as port:
        mail.send(WHOLE, replace(server, port=port, security="tls"), PASSWORD)
    assert [letter.encrypted for letter in box.letters] == [True]


def test_without_encryption_only_where_it_is_said_and_without_a_password(
    box: Box, server: MailServer
) -> None:
    with post_office(box, None) as port:
        plain = replace(server, port=port)
        assert "STARTTLS" in refused(plain)
        assert "not sent without encryption" in refused(replace(plain, security="none"))
        assert not box.letters
        assert not box.signed_in
        mail.send(WHOLE, replace(plain, security="none", user=""))
    assert [letter.encrypted for letter in box.letters] == [False]


@pytest.mark.parametrize("at_once", [False, True])
def test_a_certificate_that_nobody_vouches_for(
    box: Box, server: MailServer, pem: Path, tmp_path: Path, at_once: bool
) -> None:
    security = "tls" if at_once else "starttls"
    stranger = certificate(tmp_path)
    elsewhere = certificate(tmp_path, "elsewhere.example")
    with post_office(box, pem, at_once=at_once) as port:
        server = replace(server, port=port, security=security)
        for ca_file in (None, stranger):
            said = refused(replace(server, ca_file=ca_file))
            assert "is not trusted" in said
            assert "mail.ca_file" in said
    with post_office(box, elsewhere, at_once=at_once) as port:
        said = refused(replace(server, port=port, ca_file=elsewhere))
        assert "is not trusted" in said
    assert not box.letters


def test_the_other_way_of_encrypting(
    box: Box, server: MailServer, pem: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "SECONDS", 0.5)  # each waits for the other to begin
    assert "does not speak TLS" in refused(replace(server, security="tls"))
    with post_office(box, pem, at_once=True) as port:
        said = refused(replace(server, port=port, security="none", user=""))
    assert "said nothing" in said


def test_what_a_mail_server_says_no_to(box: Box, server: MailServer) -> None:
    said = refused(server, "wrong")
    assert "user name and password" in said
    assert "535" in said
    box.strangers.add("desk@library.example")
    assert mail.send(WHOLE, server, PASSWORD) == ("referent@library.example",)
    box.strangers.add("referent@library.example")
    assert "No such user here" in refused(server)
    box.strangers.clear()
    box.answer = "552 5.3.4 Message too big"
    assert "552 5.3.4 Message too big" in refused(server)


def test_a_mail_server_that_is_not_there(server: MailServer) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        said = refused(replace(server, port=port))
    assert "does not answer" in said
    assert f"localhost:{port}" in said


def test_a_certificate_file_that_is_none(server: MailServer, tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    assert str(file) in refused(replace(server, ca_file=file))
    file.write_text("nonsense")
    assert "cannot be read" in refused(replace(server, ca_file=file))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"host": ""}, "mail.server"),
        ({"sender": ""}, "mail.from"),
        ({"to": ()}, "mail.to"),
        ({"to": ("nobody",)}, "“nobody”"),
        ({"to": ("a@b.example\r\nBcc: c@d.example",)}, "is not a mail address"),
        ({"to": ("é@library.example",)}, "is not a mail address"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_sent(
    server: MailServer, change: dict[str, object], said: str
) -> None:
    with pytest.raises(MailError) as caught:
        mail.check(replace(server, **change))  # type: ignore[arg-type]
    assert said in caught.value.words()


def test_the_settings_say_where_mail_goes(tmp_path: Path) -> None:
    settings = load(
        environment={
            "OFFCIRC_MAIL_SERVER": "smtp.library.example",
            "OFFCIRC_MAIL_TO": "a@library.example, b@library.example",
            "OFFCIRC_MAIL_CA_FILE": str(tmp_path / "ca.pem"),
            "OFFCIRC_MAIL_FROM": "c@library.example",
        },
    )
    assert mail_server(settings.text) == MailServer(
        host="smtp.library.example",
        port=587,
        security="starttls",
        user="",
        sender="c@library.example",
        to=("a@library.example", "b@library.example"),
        ca_file=tmp_path / "ca.pem",
        attach=("xlsx", "pdf"),
    )
