"""The options of the desk: whose it is, its window, barcodes, scanners, what it knows offline."""

from __future__ import annotations

from offcirc.i18n import N_
from offcirc.settings import kinds
from offcirc.settings.option import Option, OptionGroup

_SEVERITY = (
    ("off", N_("say nothing")),
    ("warn", N_("record it and say so")),
    ("refuse", N_("refuse it")),
)

DESK = (
    Option(
        "desk.library",
        kinds.NAMING,
        N_("Library this PC belongs to; shown in the title and kept with every transaction."),
        label=N_("Library"),
        example="BUC du Mirail",
    ),
    Option(
        "desk.circulation_desk",
        kinds.NAMING,
        N_("Code of the circulation desk this PC stands at."),
        label=N_("Circulation desk"),
        example="BUC_PRET",
    ),
    Option(
        "desk.name",
        kinds.NAMING,
        N_("Name of this desk PC; shown in the title and kept with every transaction."),
        label=N_("Name of this PC"),
        example="Desk 2",
    ),
    Option(
        "desk.computer",
        kinds.NAMING,
        N_(
            "How the PCs are called, what differs from one to the other in braces, as in the"
            " example; library, circulation desk and name may use these parts, and the whole name"
            " as “computer”."
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
    Option(
        "desk.pile_check",
        kinds.choice(("off", N_("only with F9")), ("ask", N_("before each reader is cleared"))),
        N_("When the desk asks how many items are in the reader’s hand, and compares."),
        default="off",
        label=N_("Pile check"),
    ),
    Option(
        "desk.practice",
        kinds.SWITCH,
        N_("Whether this desk plays: its files go to practice servers alone."),
        default="false",
        label=N_("Practice"),
        at_next_start=True,
    ),
    Option(
        "desk.practice_clock",
        kinds.number(0, 600, N_("minutes")),
        N_("How far the clock of a desk that plays is ahead, for a drill."),
        default="0",
        label=N_("Practice clock"),
        at_next_start=True,
    ),
)

WINDOW = (
    Option(
        "language",
        kinds.LANGUAGE,
        N_("Language of everything people read; the system’s own when not set."),
        environment="OFFCIRC_LANG",
        label=N_("Language"),
        group=OptionGroup.WINDOW,
        example="fr",
        at_next_start=True,
    ),
    Option(
        "window.text_size",
        kinds.number(100, 200, N_("%")),
        N_("Size of everything in the desk’s window, in per cent, as far as the screen has room."),
        default="100",
        label=N_("Text size"),
        group=OptionGroup.WINDOW,
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
        group=OptionGroup.WINDOW,
        at_next_start=True,
    ),
    Option(
        "sound.on",
        kinds.SWITCH,
        N_("Whether a sound tells what became of each scan."),
        default="true",
        label=N_("Sounds"),
        group=OptionGroup.WINDOW,
    ),
)

BARCODES = (
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
        group=OptionGroup.BARCODES,
    ),
    Option(
        "barcode.item",
        kinds.rule_list("item"),
        N_("Forms of your item barcodes; those of the forms to begin with when not set."),
        label=N_("Item barcodes"),
        group=OptionGroup.BARCODES,
        example='[{"pattern": "3\\\\d{13}", "check": "luhn-ltr", "on_fail": "warn"}]',
    ),
    Option(
        "barcode.patron",
        kinds.rule_list("patron"),
        N_("Forms of your readers’ cards; those of the forms to begin with when not set."),
        label=N_("Readers’ cards"),
        group=OptionGroup.BARCODES,
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
        group=OptionGroup.BARCODES,
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
        group=OptionGroup.BARCODES,
        example="warn",
    ),
    Option(
        "barcode.stars",
        kinds.choice(("strip", N_("take them off")), ("keep", N_("record them"))),
        N_(
            "What to do with the stars that some scanners send around a Code 39 barcode; they are"
            " taken off when not set."
        ),
        label=N_("Stars of Code 39"),
        group=OptionGroup.BARCODES,
        example="strip",
    ),
)

SCANNER = (
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
        group=OptionGroup.SCANNER,
    ),
    Option(
        "scanner.prefix",
        kinds.PREFIX,
        N_("What the scanner was told to send before each barcode, if anything."),
        label=N_("Prefix"),
        group=OptionGroup.SCANNER,
        example="\\x02",
    ),
    Option(
        "scanner.gap",
        kinds.number(20, 1000, N_("ms")),
        N_("Pause that ends a scan of a scanner without suffix, in thousandths of a second."),
        default="60",
        label=N_("Pause"),
        group=OptionGroup.SCANNER,
    ),
    Option(
        "scanner.find_serial",
        kinds.SWITCH,
        N_("Whether serial scanners are used as soon as they are plugged in."),
        default="true",
        label=N_("Find serial scanners"),
        group=OptionGroup.SCANNER,
    ),
    Option(
        "scanner.serial",
        kinds.SCANNERS,
        N_("Serial scanners to use besides, by vendor, product and, if need be, serial number."),
        label=N_("Serial scanners"),
        group=OptionGroup.SCANNER,
        example="0c2e:0b6a",
    ),
    Option(
        "scanner.baud",
        kinds.number(300, 921_600, N_("baud")),
        N_("Speed of scanners on a true serial line; USB ones do not mind."),
        default="9600",
        label=N_("Speed"),
        group=OptionGroup.SCANNER,
    ),
)

OUTAGE = (
    Option(
        "outage.call",
        kinds.TEXT,
        N_("Whom to call when the library system is down: for the outage card."),
        label=N_("In an outage, call"),
        example="Claude, 05 61 00 00 00",
    ),
    Option(
        "outage.account",
        kinds.TEXT,
        N_("The generic account for when only the sign-on server is down: for the outage card."),
        label=N_("Generic account"),
        example="buc-pret",
    ),
    Option(
        "slip.when",
        kinds.choice(("key", N_("only with F7")), ("reader", N_("after each reader"))),
        N_("When the desk prints a slip with the due dates."),
        default="key",
        label=N_("Due slip"),
    ),
    Option(
        "slip.paper",
        kinds.choice(
            ("80", N_("roll of 80 mm")), ("58", N_("roll of 58 mm")), ("a5", "A5"), ("a4", "A4")
        ),
        N_("Paper of the due slip."),
        default="80",
        label=N_("Paper of the slip"),
    ),
    Option(
        "slip.printer",
        kinds.TEXT,
        N_(
            "Slip printer that understands ESC/POS: a raw device, or a port such as serial:COM3; a"
            " PDF is made when not set."
        ),
        label=N_("Slip printer"),
        example="serial:COM3",
    ),
)

KNOWLEDGE = (
    Option(
        "knowledge.key",
        kinds.TEXT,
        N_(
            "Key of OffCirc.knowledge, 64 hexadecimal digits, the same on the PC that builds it and"
            " on every desk; the file knowledge.key of the data folder when not set."
        ),
        label=N_("Key of the knowledge"),
        group=OptionGroup.KNOWLEDGE,
        example="64 hexadecimal digits",
        secret=True,
    ),
    Option(
        "knowledge.level",
        kinds.choice(
            ("1", N_("only readers of whom there is something to say")),
            ("2", N_("all readers, without names")),
            ("3", N_("with titles")),
            ("4", N_("with titles and readers’ names")),
        ),
        N_("How much the desks may know."),
        default="2",
        label=N_("Desks know"),
        group=OptionGroup.KNOWLEDGE,
    ),
    Option(
        "knowledge.days",
        kinds.number(0, 365, N_("days")),
        N_("Days after which a desk erases what it knows; 0 keeps it until a new file comes."),
        default="14",
        label=N_("Knowledge is kept"),
        group=OptionGroup.KNOWLEDGE,
    ),
    Option(
        "knowledge.default_loan",
        kinds.number(0, 365, N_("days")),
        N_(
            "Days of a loan where a desk does not know the item’s class or the reader’s group, for"
            " the estimated due date; 0: then no date is said."
        ),
        default="0",
        label=N_("Loans last, if unknown"),
        group=OptionGroup.KNOWLEDGE,
    ),
    Option(
        "knowledge.poorer",
        kinds.number(0, 100, N_("%")),
        N_("Per cent by which a new file may hold less than the one before and still replace it."),
        default="20",
        label=N_("Poorer by at most"),
        group=OptionGroup.KNOWLEDGE,
    ),
    Option(
        "knowledge.patron_columns",
        kinds.TEXT,
        N_(
            "Columns of the exports of readers that are not found by themselves; fields: card,"
            " group, expires, block, until, name."
        ),
        label=N_("Columns of readers"),
        group=OptionGroup.KNOWLEDGE,
        example="card = User No; group = Profile",
    ),
    Option(
        "knowledge.item_columns",
        kinds.TEXT,
        N_(
            "Columns of the exports of items that are not found by themselves; fields: barcode,"
            " library, location, exception, excluded, requested, note, title."
        ),
        label=N_("Columns of items"),
        group=OptionGroup.KNOWLEDGE,
        example="barcode = Copy No; note = Remark",
    ),
    Option(
        "knowledge.dates",
        kinds.choice(("dmy", N_("31/12/2026")), ("mdy", N_("12/31/2026"))),
        N_("How the exports write days, where not as 2026-12-31."),
        default="dmy",
        label=N_("Days in exports"),
        group=OptionGroup.KNOWLEDGE,
    ),
)
