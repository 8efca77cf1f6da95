"""Every option, declared once: its name, its kind, what it is for."""

from __future__ import annotations

import re
from dataclasses import replace

from offcirc.i18n import N_
from offcirc.settings import kinds
from offcirc.settings.kinds import Form, WrongValueError
from offcirc.settings.option import Group, Option
from offcirc.settings.reportoptions import REPORTS

__all__ = ["OPTIONS", "Group", "Option", "WrongValueError", "declared", "option_for", "similar"]


_SEVERITY = (
    ("off", N_("say nothing")),
    ("warn", N_("record it and say so")),
    ("refuse", N_("refuse it")),
)

_DESK = (
    Option(
        "desk.library",
        kinds.TEXT,
        N_("Library this PC belongs to; shown in the title and kept with every transaction."),
        label=N_("Library"),
        example="BUC du Mirail",
    ),
    Option(
        "desk.circulation_desk",
        kinds.TEXT,
        N_("Code of the circulation desk this PC stands at."),
        label=N_("Circulation desk"),
        example="BUC_PRET",
    ),
    Option(
        "desk.name",
        kinds.TEXT,
        N_("Name of this desk PC; shown in the title and kept with every transaction."),
        label=N_("Name of this PC"),
        example="Desk 2",
    ),
    Option(
        "desk.computer",
        kinds.TEXT,
        N_(
            "How the PCs are called, with {parts} in braces; library, circulation desk and name may"
            " use these parts, and {computer}, the whole name."
        ),
        label=N_("Computer names"),
        example="BU-{library}-PRET{number}",
    ),
    Option(
        "desk.on_patron_card_in_item_field",
        kinds.choice(("switch", N_("go on with that reader")), ("refuse", N_("refuse it loudly"))),
        N_("What to do with a reader’s card that is scanned where an item belongs."),
        default="switch",
        label=N_("Card in the item field"),
    ),
    Option(
        "desk.same_item_twice",
        kinds.choice(
            ("notice", N_("say so, add no second row")), ("record", N_("add a second row"))
        ),
        N_("What to do with an item that is scanned again for the same reader."),
        default="notice",
        label=N_("Same item again"),
    ),
)

_WINDOW = (
    Option(
        "language",
        kinds.LANGUAGE,
        N_("Language of everything people read; the system’s own when not set."),
        environment="OFFCIRC_LANG",
        label=N_("Language"),
        group=Group.WINDOW,
        example="fr",
        at_next_start=True,
    ),
    Option(
        "window.text_size",
        kinds.number(100, 200, N_("%")),
        N_("Size of everything in the desk’s window, in per cent, as far as the screen has room."),
        default="100",
        label=N_("Text size"),
        group=Group.WINDOW,
        at_next_start=True,
    ),
    Option(
        "window.style",
        kinds.choice(
            ("system", N_("as the PC is set")),
            ("blue", N_("blue")),
            ("contrast-dark", N_("high contrast, light on dark")),
            ("contrast-light", N_("high contrast, dark on light")),
        ),
        N_("Colours of the desk’s windows."),
        default="system",
        label=N_("Colours"),
        group=Group.WINDOW,
        at_next_start=True,
    ),
    Option(
        "sound.on",
        kinds.SWITCH,
        N_("Whether a sound tells what became of each scan."),
        default="true",
        label=N_("Sounds"),
        group=Group.WINDOW,
    ),
)

_BARCODES = (
    Option(
        "barcode.preset",
        kinds.choice(
            ("any", N_("any barcode")),
            ("us-14", N_("14 digits, North America")),
            ("fr", N_("French libraries")),
        ),
        N_("Forms of barcode to begin with; lists of your own take the place of its lists."),
        default="any",
        label=N_("Forms of barcode"),
        group=Group.BARCODES,
    ),
    Option(
        "barcode.item",
        kinds.rule_list("item"),
        N_("Forms of your item barcodes; those of “barcode.preset” when not set."),
        label=N_("Item barcodes"),
        group=Group.BARCODES,
        example='[{"pattern": "3\\\\d{13}", "check": "luhn-ltr", "on_fail": "warn"}]',
    ),
    Option(
        "barcode.patron",
        kinds.rule_list("patron"),
        N_("Forms of your readers’ cards; those of “barcode.preset” when not set."),
        label=N_("Readers’ cards"),
        group=Group.BARCODES,
        example='[{"pattern": "2\\\\d{13}", "check": "luhn-ltr"}]',
    ),
    Option(
        "barcode.unmatched",
        kinds.choice(*_SEVERITY),
        N_(
            "What to do with a barcode that has none of these forms; as the preset says when not"
            " set."
        ),
        label=N_("No known form"),
        group=Group.BARCODES,
        example="warn",
    ),
    Option(
        "barcode.isbn",
        kinds.choice(*_SEVERITY),
        N_(
            "What to do with the ISBN on a cover scanned as an item; as the preset says when not"
            " set."
        ),
        label=N_("ISBN of a cover"),
        group=Group.BARCODES,
        example="warn",
    ),
)

_SCANNER = (
    Option(
        "scanner.suffixes",
        kinds.several(
            ("cr", N_("Enter (CR)")),
            ("lf", N_("line feed (LF)")),
            ("tab", N_("Tab")),
            ("none", N_("none, a pause")),
        ),
        N_("What the scanner sends after a barcode; several may hold at once."),
        default="cr, lf, tab, none",
        label=N_("Suffix"),
        group=Group.SCANNER,
    ),
    Option(
        "scanner.prefix",
        kinds.PREFIX,
        N_("What the scanner was told to send before each barcode, if anything."),
        label=N_("Prefix"),
        group=Group.SCANNER,
        example="\\x02",
    ),
    Option(
        "scanner.gap",
        kinds.number(20, 1000, N_("ms")),
        N_("Pause that ends a scan of a scanner without suffix, in thousandths of a second."),
        default="60",
        label=N_("Pause"),
        group=Group.SCANNER,
    ),
    Option(
        "scanner.find_serial",
        kinds.SWITCH,
        N_("Whether serial scanners are used as soon as they are plugged in."),
        default="true",
        label=N_("Find serial scanners"),
        group=Group.SCANNER,
    ),
    Option(
        "scanner.serial",
        kinds.SCANNERS,
        N_("Serial scanners to use besides, by vendor, product and, if need be, serial number."),
        label=N_("Serial scanners"),
        group=Group.SCANNER,
        example="0c2e:0b6a",
    ),
    Option(
        "scanner.baud",
        kinds.number(300, 921_600, N_("baud")),
        N_("Speed of scanners on a true serial line; USB ones do not mind."),
        default="9600",
        label=N_("Speed"),
        group=Group.SCANNER,
    ),
)

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
            *_DESK,
            *_WINDOW,
            *_BARCODES,
            *_SCANNER,
            *_FILES,
            *_SERVERS,
            *_BEFOREHAND,
            *REPORTS,
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
