"""The library systems there are: for each what settings call it, and which adapter serves it.

A system more is an adapter in :mod:`offcirc.servers`, an entry here, and its texts.
"""

from __future__ import annotations

from dataclasses import dataclass

from offcirc.i18n import N_


@dataclass(frozen=True, slots=True)
class LibrarySystem:
    """A kind of server.

    Attributes:
        kind: what the settings call it (``servers.NAME.kind``).
        name: for people, in English.
        adapter: a module of :mod:`offcirc.servers` and the class in it, loaded when it is needed.
        by_hand: people carry files to it: it has a folder instead of an address.
        needs: the option that it cannot do without, besides its address or folder.
    """

    kind: str
    name: str
    adapter: str
    by_hand: bool = False
    needs: str = ""


SYSTEMS = (
    LibrarySystem("practice", N_("a practice server"), "practice:PracticeServer"),
    LibrarySystem(
        "evergreen", N_("Evergreen"), "evergreen.adapter:EvergreenServer", needs="workstation"
    ),
    LibrarySystem("folio", N_("FOLIO"), "folio.adapter:FolioServer", needs="tenant"),
    LibrarySystem("koha", N_("Koha"), "koha.server:KohaServer"),
    LibrarySystem("sip2", N_("a system that is reached by SIP2"), "sip2.server:Sip2Server"),
    LibrarySystem(
        "alma-file", N_("Alma, which takes files by hand"), "files.alma:AlmaFile", by_hand=True
    ),
    LibrarySystem(
        "koha-file",
        N_("Koha’s queue, which takes files by hand"),
        "files.koc:KohaQueue",
        by_hand=True,
    ),
    LibrarySystem("pmb", N_("PMB, which takes files by hand"), "files.pmb:Pmb", by_hand=True),
    LibrarySystem(
        "destiny", N_("Destiny, which takes files by hand"), "files.destiny:Destiny", by_hand=True
    ),
)


def system_of(kind: str) -> LibrarySystem | None:
    """The system that the settings call so."""
    return next((one for one in SYSTEMS if one.kind == kind), None)
