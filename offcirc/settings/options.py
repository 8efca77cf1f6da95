"""Every option, declared once: its name, its kind, what it is for."""

from __future__ import annotations

import re
from dataclasses import replace

from offcirc.i18n import N_
from offcirc.settings import deskoptions, kinds
from offcirc.settings.kinds import Form, WrongValueError
from offcirc.settings.option import Group, Option

__all__ = ["OPTIONS", "Group", "Option", "WrongValueError", "declared", "option_for", "similar"]


_FILES = (
    Option(
        "data_dir",
        kinds.FOLDER,
        N_("Folder that holds the journal, OffCirc.dat, the ledger of uploads and the archive."),
        environment="OFFCIRC_DATA_DIR",
        label=N_("Data folder"),
        group=Group.FILES,
        example="/srv/offcirc",
        at_next_start=True,
    ),
    Option(
        "file",
        kinds.FILE,
        N_("OffCirc.dat of this desk; in the data folder when not set."),
        label=N_("OffCirc.dat"),
        group=Group.FILES,
        example="/srv/offcirc/OffCirc.dat",
        at_next_start=True,
    ),
    Option(
        "fallback",
        kinds.FOLDER,
        N_(
            "Folder in which recording goes on when the data folder fails, best on another disk; "
            "in the user’s own data folder when not set."
        ),
        label=N_("Fallback folder"),
        group=Group.FILES,
        example="/media/stick/offcirc",
        at_next_start=True,
    ),
    Option(
        "collection",
        kinds.FOLDER,
        N_(
            "Folder, stick or share to which OffCirc.dat is copied after each save; no copies "
            "are made when not set."
        ),
        label=N_("Collection folder"),
        group=Group.FILES,
        example="/srv/collected",
    ),
)

_REPORTS = (
    Option(
        "report.reader_names",
        kinds.choice(
            ("never", N_("never asked for")),
            ("screen", N_("on the screen only")),
            ("everywhere", N_("in files and mails too")),
        ),
        # Names are personal data: what travels holds none unless the library decides so.
        N_("Where a report shows readers’ names beside their identifiers."),
        default="screen",
        label=N_("Readers’ names"),
        group=Group.REPORTS,
    ),
    Option(
        "mail.server",
        kinds.HOST,
        N_("Mail server (SMTP) that takes reports."),
        label=N_("Mail server"),
        group=Group.REPORTS,
        example="smtp.library.example",
    ),
    Option(
        "mail.port",
        kinds.number(1, 65_535, N_("TCP")),
        N_("Its port: 587 with STARTTLS, 465 with TLS from the beginning, 25 without, as a rule."),
        default="587",
        label=N_("Port"),
        group=Group.REPORTS,
    ),
    Option(
        "mail.security",
        kinds.choice(
            ("starttls", N_("STARTTLS, or nothing is sent")),
            ("tls", N_("TLS from the beginning")),
            ("none", N_("none: readable on the way")),
        ),
        N_("How the way to the mail server is encrypted."),
        default="starttls",
        label=N_("Encryption"),
        group=Group.REPORTS,
    ),
    Option(
        "mail.ca_file",
        kinds.FILE,
        N_("Certificate that the mail server’s is checked against; the system’s own when not set."),
        label=N_("Certificate"),
        group=Group.REPORTS,
        example="/etc/ssl/certs/library-ca.pem",
    ),
    Option(
        "mail.user",
        kinds.TEXT,
        N_("User name to sign in on the mail server with; without one, nobody signs in."),
        label=N_("User name"),
        group=Group.REPORTS,
        example="circulation",
    ),
    Option(
        "mail.from",
        kinds.MAILBOX,
        N_("Address that reports are sent from."),
        label=N_("From"),
        group=Group.REPORTS,
        example="circulation@library.example",
    ),
    Option(
        "mail.to",
        kinds.MAILBOXES,
        N_("Addresses that reports are sent to when nobody names another."),
        label=N_("To"),
        group=Group.REPORTS,
        example="referent@library.example",
    ),
    Option(
        "mail.attach",
        kinds.several(
            ("xlsx", N_("workbook (XLSX)")),
            ("pdf", N_("PDF")),
            ("html", N_("web page (HTML)")),
            ("csv", N_("table (CSV)")),
        ),
        N_("What is attached; several may be."),
        default="xlsx, pdf",
        label=N_("Attached"),
        group=Group.REPORTS,
    ),
    Option(
        "mail.after_upload",
        kinds.SWITCH,
        N_("Whether each finished upload mails its report by itself."),
        default="false",
        label=N_("Mail after each upload"),
        group=Group.REPORTS,
    ),
)

_SERVERS = (
    Option(
        "servers.*.url",
        kinds.ADDRESS,
        N_("Address of a server to upload to."),
        label=N_("Address"),
        group=Group.SERVERS,
        example="https://library.example:8080",
    ),
    Option(
        "servers.*.kind",
        kinds.WORD,
        N_(
            "Kind of that server: practice, or alma-file for Alma, which takes files by hand and"
            " has a folder instead of an address."
        ),
        default="practice",
        label=N_("Kind of server"),
        group=Group.SERVERS,
    ),
    Option(
        "servers.*.folder",
        kinds.FOLDER,
        N_("Folder for the files and checklists of a server of kind alma-file."),
        group=Group.SERVERS,
        example="/srv/offcirc/alma",
    ),
    Option(
        "servers.*.desk",
        kinds.TEXT,
        N_("Code of the circulation desk to upload at."),
        label=N_("Circulation desk"),
        group=Group.SERVERS,
        example="BUC_PRET",
    ),
    Option(
        "servers.*.user",
        kinds.TEXT,
        N_("User name to sign in there with."),
        environment="OFFCIRC_USER",
        label=N_("User name"),
        group=Group.SERVERS,
        example="referent",
    ),
    Option(
        "servers.*.width",
        kinds.number(1, 64, N_("requests")),
        N_("How many requests go to it at once; as many as it bears when not set."),
        group=Group.SERVERS,
        example="4",
    ),
)

_BEFOREHAND = (
    Option(
        "check.hours",
        kinds.HOURS,
        N_("When the library is open; lines recorded at other times are noted before an upload."),
        label=N_("Opening hours"),
        group=Group.BEFOREHAND,
        example="Mon-Fri 08:30-19:00, Sat 09:00-12:30",
    ),
)

_AFTERWARDS = (
    Option(
        "followup.fictitious_reader",
        kinds.TEXT,
        N_(
            "Identifier of a reader kept for this in the library system: items lent to an unknown"
            " borrower can be lent to it."
        ),
        label=N_("Fictitious reader"),
        group=Group.AFTERWARDS,
        example="INCONNU",
    ),
    Option(
        "followup.readers",
        kinds.FILE,
        N_(
            "List of readers as CSV, with a column “barcode”: who an unknown borrower may have"
            " been is looked for there too."
        ),
        label=N_("List of readers"),
        group=Group.AFTERWARDS,
        example="/srv/offcirc/readers.csv",
    ),
    Option(
        "retention.days",
        kinds.number(0, 3650, N_("days")),
        N_(
            "Days after which readers’ identifiers are erased from what was uploaded and closed;"
            " 0 keeps them, anything from 1 to 29 counts as 30."
        ),
        default="365",
        label=N_("Readers are kept"),
        group=Group.AFTERWARDS,
    ),
)


def _with_variable(option: Option) -> Option:
    """``OFFCIRC_`` and the key, for every option that a text can set."""
    if option.environment or option.is_pattern or option.kind.form is Form.RULES:
        return option
    return replace(option, environment="OFFCIRC_" + option.key.upper().replace(".", "_"))


OPTIONS = tuple(
    map(
        _with_variable,
        (
            *deskoptions.DESK,
            *deskoptions.WINDOW,
            *deskoptions.BARCODES,
            *deskoptions.SCANNER,
            *_FILES,
            *_SERVERS,
            *_BEFOREHAND,
            *_REPORTS,
            *_AFTERWARDS,
        ),
    )
)

_NAME = r"[A-Za-z0-9_-]+"
_PATTERNS = [
    (re.compile(re.escape(option.key).replace(r"\*", _NAME)), option) for option in OPTIONS
]
_BY_KEY = {option.key: option for option in OPTIONS}


def option_for(key: str) -> Option | None:
    """The option that a key of a settings file names, or ``None``."""
    for pattern, option in _PATTERNS:
        if pattern.fullmatch(key):
            return option
    return None


def declared(key: str) -> Option:
    """The option declared under exactly this key.

    Raises:
        KeyError: there is none; the program asks for an option that nobody declared.
    """
    return _BY_KEY[key]


def similar(key: str) -> str | None:
    """The key that somebody who wrote ``key`` may have meant."""
    from difflib import get_close_matches  # noqa: PLC0415 - only when something is wrong

    parts = key.split(".")
    known = [option.key for option in OPTIONS]
    if len(parts) == 3 and get_close_matches(parts[0], ["servers"]):
        known = [option.key.replace("*", parts[1]) for option in OPTIONS if option.is_pattern]
    close = get_close_matches(key, known, n=1, cutoff=0.7)
    return close[0] if close else None
