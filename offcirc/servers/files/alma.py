"""Alma, which takes OffCirc.dat by hand only: what there is to know, and to do, about that.

Alma has no interface for this file, and keeps the true times of loans and returns on no other way
in. So this kind of server is a folder: files are written there, people carry them to Alma, and
bring its report back.
"""

from __future__ import annotations

from collections.abc import Sequence

from offcirc.core.dat.datline import encode
from offcirc.core.transaction import Record
from offcirc.i18n import _
from offcirc.servers.files.byhand import ByHand, one_file
from offcirc.servers.files.target import Known, LeftOut, TargetFile
from offcirc.servers.protocol import Event, PreflightItem

MENU = ("Services aux usagers", "Outils avancés", "Prêt secouru / Retour secouru")
"""The way to the page in Alma's French menus; these are its words, not ours to translate."""
MENU_ENGLISH = ("Fulfillment", "Advanced Tools", "Offline Circulation")
UPLOAD = "Télécharger et valider le contenu du fichier"
UPLOAD_ENGLISH = "Upload and validate file content"
REFRESH = "Rafraîchir"
REFRESH_ENGLISH = "Refresh"
COMPLETED = "Terminé avec succès"
COMPLETED_ENGLISH = "Completed Successfully"
BLOCK_ENGLISH = "Item on loan by another patron"
AUTOMATIC_ENGLISH = "Handle automatically"


class AlmaFile(ByHand):
    """Alma's page for OffCirc.dat."""

    kind = "alma-file"
    name = "Alma"
    identity = kind
    format = "alma"
    suffix = ".dat"
    by_desk = True
    reports = True

    def title(self) -> str:
        """What it is for people."""
        return _("Alma, one OffCirc.dat")

    def write(
        self, events: Sequence[Event], known: Known | None = None
    ) -> tuple[list[TargetFile], list[LeftOut]]:
        """OffCirc.dat."""
        return one_file(b"".join(map(_line, events)), events), []

    def before(self) -> tuple[str, ...]:
        """What to do in Alma before the first file, one sentence or two for each box to tick."""
        return (
            _(
                "Sign in to Alma as someone with the role Circulation Desk Operator. The role "
                "Circulation Desk Operator – Limited may not upload."
            ),
            _(
                "Block preferences: see that “{block}” is not on “{automatic}” while files are "
                "uploaded. Write down what it was: ____________________"
            ).format(block=BLOCK_ENGLISH, automatic=AUTOMATIC_ENGLISH),
        )

    def each(self) -> tuple[str, ...]:
        """What to do for each file, in the order of the files."""
        return (
            _(
                "Choose the circulation desk that stands beside the file. At another desk, the "
                "items would go in transit."
            ),
            _("Open the menu {english} (in French: {french}).").format(
                french=" > ".join(MENU), english=" > ".join(MENU_ENGLISH)
            ),
            _("Pick the file, then press “{english}” (in French: “{french}”).").format(
                french=UPLOAD, english=UPLOAD_ENGLISH
            ),
            _(
                "Press “{refresh_english}” (“{refresh}”) until the status of the job is "
                "“{completed_english}” (“{completed}”). Only then go on with the next file."
            ).format(
                refresh=REFRESH,
                refresh_english=REFRESH_ENGLISH,
                completed=COMPLETED,
                completed_english=COMPLETED_ENGLISH,
            ),
            _("Compare the records processed with the number of lines of the file."),
            _(
                "Export the report of the job to Excel, or keep the mail that Alma sends, and give "
                "it to OffCirc: drop it on the referent’s window, or type “offcirc report --alma "
                "REPORT”."
            ),
        )

    def after(self) -> tuple[str, ...]:
        """What to do in Alma after the last file."""
        return (
            _("Block preferences: put “{block}” back to what it was.").format(block=BLOCK_ENGLISH),
            _(
                "Upload no file twice, and delete nothing by hand: neither these files nor "
                "OffCirc.dat at the desks. OffCirc puts them away once Alma’s report is read."
            ),
        )

    def preflight(self, desk: str) -> tuple[PreflightItem, ...]:
        """The same for a program that shows what to make sure of, like any server's.

        Args:
            desk: the circulation desk's code; empty when the files are for several.
        """
        role, block = self.before()
        reset, keep = self.after()
        choose = self.each()[0]
        if desk:
            choose = _("Choose the circulation desk {desk}.").format(desk=desk) + " " + choose
        return (
            PreflightItem("role", role),
            PreflightItem("block-preference", block),
            PreflightItem("desk", choose),
            PreflightItem("block-preference-reset", reset, after=True),
            PreflightItem("keep-files", keep, after=True),
        )


def _line(event: Event) -> bytes:
    minute = event.at.replace(second=0, microsecond=0)
    return encode(Record(minute, event.operation, event.item, event.patron))
