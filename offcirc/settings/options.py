"""Every option, declared once: its name, its kind, what it is for."""

from __future__ import annotations

import re
from dataclasses import replace

from offcirc.i18n import N_
from offcirc.settings import deskoptions, kinds
from offcirc.settings.kinds import Form, WrongValueError
from offcirc.settings.option import Option, OptionGroup
from offcirc.settings.reportoptions import REPORTS
from offcirc.systems import SYSTEMS

__all__ = [
    "OPTIONS",
    "Option",
    "OptionGroup",
    "WrongValueError",
    "declared",
    "option_for",
    "similar",
]


_FILES = (
    Option(
        "data_dir",
        kinds.FOLDER,
        N_("Folder that holds the journal, OffCirc.dat, the ledger of uploads and the archive."),
        environment="OFFCIRC_DATA_DIR",
        label=N_("Data folder"),
        group=OptionGroup.FILES,
        example="/srv/offcirc",
        at_next_start=True,
    ),
    Option(
        "file",
        kinds.FILE,
        N_("OffCirc.dat of this desk; in the data folder when not set."),
        label=N_("OffCirc.dat"),
        group=OptionGroup.FILES,
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
        group=OptionGroup.FILES,
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
        group=OptionGroup.FILES,
        example="/srv/collected",
    ),
)

_SERVERS = (
    Option(
        "servers.*.url",
        kinds.ADDRESS,
        N_("Address of a server to upload to."),
        label=N_("Address"),
        group=OptionGroup.SERVERS,
        example="https://library.example:8080",
    ),
    Option(
        "servers.*.kind",
        kinds.choice(*((one.kind, one.name) for one in SYSTEMS)),
        N_(
            "Kind of that server. Systems that take files by hand have a folder instead of an"
            " address."
        ),
        default="practice",
        label=N_("Kind of server"),
        group=OptionGroup.SERVERS,
    ),
    Option(
        "servers.*.folder",
        kinds.FOLDER,
        N_("Folder for the files and checklists of a system that takes files by hand."),
        group=OptionGroup.SERVERS,
        example="/srv/offcirc/alma",
    ),
    Option(
        "servers.*.desk",
        kinds.TEXT,
        N_("Code of the circulation desk to upload at."),
        label=N_("Circulation desk"),
        group=OptionGroup.SERVERS,
        example="BUC_PRET",
    ),
    Option(
        "servers.*.user",
        kinds.TEXT,
        N_("User name to sign in there with."),
        environment="OFFCIRC_USER",
        label=N_("User name"),
        group=OptionGroup.SERVERS,
        example="referent",
    ),
    Option(
        "servers.*.width",
        kinds.number(1, 64, N_("requests")),
        N_("How many requests go to it at once; as many as it bears when not set."),
        group=OptionGroup.SERVERS,
        example="4",
    ),
    Option(
        "servers.*.plain_http",
        kinds.SWITCH,
        N_(
            "Whether passwords and readers’ identifiers may go there unencrypted, over http:// or"
            " sip2://, readable to all on the way."
        ),
        default="false",
        label=N_("Unencrypted"),
        group=OptionGroup.SERVERS,
        site_only=True,
    ),
)

_SYSTEMS = (
    Option(
        "servers.*.tenant",
        kinds.TEXT,
        N_("FOLIO: the tenant, as its people call it; needed there."),
        group=OptionGroup.SERVERS,
        example="diku",
    ),
    Option(
        "servers.*.service_points",
        kinds.MAPPING,
        N_(
            "FOLIO: the code or id of the service point of each circulation desk that is not called"
            " by its service point’s code."
        ),
        group=OptionGroup.SERVERS,
        example="BUC_PRET=cd1, SCI_PRET=cd2",
    ),
    Option(
        "servers.*.workstation",
        kinds.TEXT,
        N_("Evergreen: the registered workstation to upload from; needed there."),
        group=OptionGroup.SERVERS,
        example="BR1-offcirc",
    ),
    Option(
        "servers.*.timezone",
        kinds.ZONE,
        N_("FOLIO, Evergreen: the time zone of the desks; that of this PC when not set."),
        group=OptionGroup.SERVERS,
        example="Europe/Paris",
    ),
    Option(
        "servers.*.queue",
        kinds.SWITCH,
        N_(
            "For Koha: whether lines wait in its list of pending offline operations until somebody"
            " processes them there."
        ),
        default="false",
        label=N_("Queue for review"),
        group=OptionGroup.SERVERS,
    ),
    Option(
        "servers.*.client",
        kinds.TEXT,
        N_(
            "For Koha: the OAuth2 client that looks up items and readers; its secret is in the"
            " password store, or in OFFCIRC_CLIENT_SECRET."
        ),
        label=N_("OAuth2 client"),
        group=OptionGroup.SERVERS,
        example="0f4a2c1e-7d7c-4c5e-8f3a-2b9f6f3c5a10",
    ),
    Option(
        "servers.*.look_up",
        kinds.TEXT,
        N_("Name of the server to look up items and readers at where this one cannot be asked."),
        label=N_("Look-up server"),
        group=OptionGroup.SERVERS,
        example="koha-sip",
    ),
    Option(
        "servers.*.charset",
        kinds.choice(("utf-8", "UTF-8"), ("cp850", "cp850"), ("latin-1", "latin-1")),
        N_("For SIP2: the character set that the system is set to."),
        default="utf-8",
        label=N_("Character set"),
        group=OptionGroup.SERVERS,
    ),
    Option(
        "servers.*.institution",
        kinds.TEXT,
        N_("For SIP2: the institution (AO) that the system expects, if it does."),
        label=N_("Institution"),
        group=OptionGroup.SERVERS,
        example="CPL",
    ),
    Option(
        "servers.*.return_dates",
        kinds.SWITCH,
        N_("For SIP2: whether the system dates returns by the time recorded at the desk."),
        default="true",
        label=N_("Returns keep their time"),
        group=OptionGroup.SERVERS,
    ),
    Option(
        "servers.*.database",
        kinds.TEXT,
        N_("For PMB over SIP2: the database to sign in at."),
        label=N_("Database"),
        group=OptionGroup.SERVERS,
        example="bibli",
    ),
)

SYSTEM_OPTIONS = tuple(option.key.rpartition(".")[2] for option in _SYSTEMS)
"""What only some library systems need, by the last part of the key."""

_BEFOREHAND = (
    Option(
        "check.hours",
        kinds.HOURS,
        N_(
            "When the library is open; lines recorded at other times are noted before an upload,"
            " and the book drop takes the last closing time from here."
        ),
        label=N_("Opening hours"),
        group=OptionGroup.BEFOREHAND,
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
        group=OptionGroup.AFTERWARDS,
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
        group=OptionGroup.AFTERWARDS,
        example="/srv/offcirc/readers.csv",
    ),
    Option(
        "registrations.key",
        kinds.TEXT,
        N_(
            "Key that seals what desks write down of readers without a card; the same on every PC. "
            "“offcirc registrations key” makes one. Without it each PC has its own."
        ),
        label=N_("Key of registrations"),
        group=OptionGroup.AFTERWARDS,
        example="…",
    ),
    Option(
        "registrations.days",
        kinds.number(1, 365, N_("days")),
        N_("Days after which a desk forgets the readers whom it registered."),
        default="14",
        label=N_("Registrations are kept"),
        group=OptionGroup.AFTERWARDS,
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
        group=OptionGroup.AFTERWARDS,
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
            *_SYSTEMS,
            *_BEFOREHAND,
            *REPORTS,
            *_AFTERWARDS,
            *deskoptions.OUTAGE,
            *deskoptions.KNOWLEDGE,
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
