"""The options of reports and of the mail that carries them."""

from __future__ import annotations

from offcirc.i18n import N_
from offcirc.settings import kinds
from offcirc.settings.option import Option, OptionGroup

REPORTS = (
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
        group=OptionGroup.REPORTS,
    ),
    Option(
        "mail.server",
        kinds.HOST,
        N_("Mail server (SMTP) that takes reports."),
        label=N_("Mail server"),
        group=OptionGroup.REPORTS,
        example="smtp.library.example",
    ),
    Option(
        "mail.port",
        kinds.number(1, 65_535, N_("TCP")),
        N_("Its port: 587 with STARTTLS, 465 with TLS from the beginning, 25 without, as a rule."),
        default="587",
        label=N_("Port"),
        group=OptionGroup.REPORTS,
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
        group=OptionGroup.REPORTS,
    ),
    Option(
        "mail.ca_file",
        kinds.FILE,
        N_("Certificate that the mail server’s is checked against; the system’s own when not set."),
        label=N_("Certificate"),
        group=OptionGroup.REPORTS,
        example="/etc/ssl/certs/library-ca.pem",
    ),
    Option(
        "mail.user",
        kinds.TEXT,
        N_("User name to sign in on the mail server with; without one, nobody signs in."),
        label=N_("User name"),
        group=OptionGroup.REPORTS,
        example="circulation",
    ),
    Option(
        "mail.from",
        kinds.MAILBOX,
        N_("Address that reports are sent from."),
        label=N_("From"),
        group=OptionGroup.REPORTS,
        example="circulation@library.example",
    ),
    Option(
        "mail.to",
        kinds.MAILBOXES,
        N_("Addresses that reports are sent to when nobody names another."),
        label=N_("To"),
        group=OptionGroup.REPORTS,
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
        group=OptionGroup.REPORTS,
    ),
    Option(
        "mail.after_upload",
        kinds.SWITCH,
        N_("Whether each finished upload mails its report by itself."),
        default="false",
        label=N_("Mail after each upload"),
        group=OptionGroup.REPORTS,
    ),
)
