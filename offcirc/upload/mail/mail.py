"""A report by mail, as Alma mails its own: the job row to read, the lines attached.

Neither the subject nor the text names a reader; the attachments do, by their identifiers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import localtime, make_msgid

from offcirc import words as core_words
from offcirc.i18n import _, ngettext
from offcirc.upload.base.celltext import legible
from offcirc.upload.base.errors import MailError
from offcirc.upload.mail.smtp import MailServer, deliver, mail_server
from offcirc.upload.render.files import render
from offcirc.upload.report import reportview as view
from offcirc.upload.report.report import JobReport

__all__ = ["MailServer", "check", "compose", "mail_server", "send"]

_KINDS = {
    "xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "pdf": ("application", "pdf"),
    "html": ("text", "html"),
    "csv": ("text", "csv"),
}


def check(server: MailServer, to: Sequence[str] = ()) -> tuple[str, ...]:
    """The addresses that a report would go to.

    Raises:
        MailError: a setting is missing, or an address is none.
    """
    if not server.host:
        raise MailError("", _("No mail server is set: put its name into the setting mail.server."))
    if not server.sender:
        raise MailError(
            server.host,
            _("Nobody to send mail from is set: put an address into the setting mail.from."),
        )
    wanted = tuple(to) or server.to
    if not wanted:
        raise MailError(
            server.host,
            _("To whom? Name an address, or put one into the setting mail.to."),
        )
    for address in wanted:
        if not re.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>]+", address) or not address.isascii():
            raise MailError(
                server.host,
                _("“{address}” is not a mail address.").format(address=legible(address)),
            )
    return wanted


def send(
    report: JobReport,
    server: MailServer,
    password: str = "",
    *,
    to: Sequence[str] = (),
    names: bool = False,
) -> tuple[str, ...]:
    """Mail a report.

    Args:
        report: what to mail.
        server: by whom.
        password: of the user who signs in there, if one does.
        to: to whom; to those of the settings when empty.
        names: whether the attachments hold readers' names.

    Returns:
        the addresses the mail server has taken it for.

    Raises:
        MailError: it was not sent; the words tell why and what to do.
    """
    wanted = check(server, to)
    return deliver(server, password, compose(report, server, wanted, names=names), wanted)


def compose(
    report: JobReport, server: MailServer, to: Sequence[str], *, names: bool = False
) -> EmailMessage:
    """The mail of a report."""
    message = EmailMessage()
    message["Subject"] = subject(report)
    message["From"] = server.sender
    message["To"] = ", ".join(to)
    message["Date"] = localtime()
    message["Message-ID"] = make_msgid("report", server.sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body(report))
    number = re.sub(r"[^A-Za-z0-9._-]+", "-", report.process_id).strip("-.") or str(report.id)
    for form in server.attach:
        main, sub = _KINDS[form]
        message.add_attachment(
            _attachment(report, form, names=names),
            maintype=main,
            subtype=sub,
            params={"charset": "utf-8"} if main == "text" else None,
            filename=_("offcirc-report-{number}").format(number=number) + f".{form}",
        )
    return message


def subject(report: JobReport) -> str:
    """What the mail is about: counts, desk and day, and no reader."""
    records = ngettext("{count} record", "{count} records", report.records).format(
        count=report.records
    )
    exceptions = ngettext("{count} exception", "{count} exceptions", report.exceptions).format(
        count=report.exceptions
    )
    told = _("OffCirc: {records}, {exceptions} – {desk}, {day}").format(
        records=records,
        exceptions=exceptions,
        desk=report.desk,
        day=core_words.day(report.started.astimezone()),
    )
    only_tried = _("dry run")
    return legible(f"{told} ({only_tried})" if report.dry_run else told)


def body(report: JobReport) -> str:
    """The text of the mail: the job row, the counts, the reasons; and no reader."""
    rows = [*view.job_row(report), ("", "")]
    rows += [(label, str(count)) for _code, label, count in view.count_rows(report)]
    parts = [_aligned(rows)]
    groups = view.groups(report) + view.remarks(report)
    if groups:
        reasons = [(group.name, str(len(group.lines))) for group in groups]
        parts.append(_("Reasons") + "\n" + _aligned(reasons))
    parts += [sentence for sentence in (report.problem, *view.sentences(report)) if sentence]
    if not report.exceptions and report.complete:
        parts.append(_("No exception: there is nothing to do by hand."))
    parts.append(
        _(
            "The lines are in the attached files. They hold readers’ identifiers: keep them where "
            "only you can read them, and delete them when the work is done."
        )
    )
    return "\n\n".join(parts) + "\n"


def _aligned(rows: Sequence[tuple[str, str]]) -> str:
    wide = max(len(label) for label, _value in rows)
    return "\n".join(f"{label:<{wide}}  {legible(value)}".rstrip() for label, value in rows)


def _attachment(report: JobReport, form: str, *, names: bool) -> bytes:
    if form == "html":
        from offcirc.upload.render import render_html  # noqa: PLC0415 - Jinja takes its time

        # Mail filters distrust pages that hold a script.
        return render_html.render(report, scripted=False, names=names).encode("utf-8")
    return render(report, f"report.{form}", names=names)
