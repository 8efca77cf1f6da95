"""The doctor's look at a desk: its name, rules, scanners, folders, what it knows offline."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from offcirc import words
from offcirc.cli.doctor.finding import DoctorFinding, fine, problem, worth_knowing
from offcirc.cli.frame import errors, output
from offcirc.i18n import _, ngettext
from offcirc.scanning.serialids import PortInfo, ScannerId, ports
from offcirc.settings.deskname import desk_identity, misfit
from offcirc.settings.load import Settings


def name(settings: Settings) -> DoctorFinding:
    """Whether this desk has a name, which is kept with every loan and return."""
    if computer := misfit(settings):
        text = _("The name of this PC, {computer}, does not fit the pattern “{pattern}”.").format(
            computer=computer, pattern=settings.text("desk.computer")
        )
        return problem(
            "desk-name",
            text,
            _(
                "What is recorded here does not say at which desk. Rename the PC, correct"
                " desk.computer, or name this desk with “offcirc config install --desk”."
            ),
        )
    identity = desk_identity(settings)
    if not identity.desk:
        return worth_knowing(
            "desk-name",
            _("This desk is not named yet."),
            _(
                "It works all the same. Give it a name (desk.name, desk.circulation_desk), so that"
                " the referent knows its files."
            ),
        )
    return fine("desk-name", _("This is the desk {name}.").format(name=identity))


def rules(settings: Settings) -> Iterator[DoctorFinding]:
    """Whether the barcode rules can be used and make sense together."""
    from offcirc.core.barcodes.ruletable import RulesError, consistency
    from offcirc.scanning.presets import build
    from offcirc.scanning.words import oddity

    try:
        found = build(settings.barcodes())
    except RulesError:
        # The settings' own complaints say what is wrong with each of them.
        yield problem(
            "rules",
            _("The barcode rules cannot be used; those of the preset hold."),
            _("Correct the settings."),
        )
        return
    odd = consistency(found)
    for each in odd:
        yield worth_knowing("rules", oddity(each, found.rules))
    if not odd:
        count = len(found.rules)
        text = ngettext(
            "{count} barcode rule, and nothing odd about it.",
            "{count} barcode rules, and nothing odd about them.",
            count,
        )
        yield fine("rules", text.format(count=count) if count else _("Any barcode is taken."))


def scanners(
    settings: Settings, plugged: Iterable[PortInfo] | None = None
) -> Iterator[DoctorFinding]:
    """Whether the serial scanners can be read by this account; others need nothing."""
    chosen = [ScannerId.parse(text) for text in settings.entries("scanner.serial")]
    found = list(ports() if plugged is None else plugged)
    ours = [
        port
        for port in found
        if any(scanner.fits(port) for scanner in chosen)
        or (settings.switch("scanner.find_serial") and port.likely)
    ]
    for port in ours:
        yield _scanner(port)
    for scanner in chosen:
        if not any(scanner.fits(port) for port in found):
            yield worth_knowing(
                "scanner",
                _("The scanner {name} of the settings is not plugged in.").format(name=scanner),
                _("Plug it in; it is found by itself."),
            )
    if not ours and not chosen:
        yield fine("scanner", _("No serial scanner; those that type like a keyboard need nothing."))


def _scanner(port: PortInfo) -> DoctorFinding:
    shown = port.description or port.port_id
    if os.name == "posix" and not os.access(port.device, os.R_OK | os.W_OK):
        return problem(
            "scanner",
            _("This account may not read the scanner {name} ({device}).").format(
                name=shown, device=port.device
            ),
            _("Add the account to the group that owns it (often “dialout”), then sign in again."),
        )
    text = _("The scanner {name} can be read ({device}).")
    return fine("scanner", text.format(name=shown, device=port.device))


def collection(settings: Settings) -> DoctorFinding:
    """Whether copies of OffCirc.dat can be put into the collection folder."""
    folder = settings.folder("collection")
    if folder is None:
        return fine("collection", _("No collection folder is set; files are collected by hand."))
    shown = output.visible(str(folder))
    probe = folder / f".doctor-{uuid.uuid4().hex}"
    try:
        if not folder.is_dir():
            raise FileNotFoundError(2, os.strerror(2), str(folder))
        probe.touch(mode=0o600)
    except OSError as error:
        return problem(
            "collection",
            _("Copies cannot be put into the collection folder. {reason}").format(
                reason=errors.unusable(error, folder)
            ),
            _("Recording goes on all the same. Check the share, or the setting “collection”."),
        )
    finally:
        with suppress(OSError):
            probe.unlink(missing_ok=True)
    return fine("collection", _("Copies go to {folder}.").format(folder=shown))


def places(folder: Path, settings: Settings) -> Iterator[DoctorFinding]:
    """Whether the folders are on disks that keep what is put there."""
    from offcirc.disk.place import PlaceRole, describe_risk, examine, risks

    wanted = [(folder, PlaceRole.DATA)]
    for key, role in (("fallback", PlaceRole.FALLBACK), ("collection", PlaceRole.COLLECTION)):
        named = settings.folder(key)
        if named is not None:
            wanted.append((named, role))
    found = [
        worth_knowing("place", describe_risk(risk, where))
        for path, role in wanted
        for where in (examine(path),)
        for risk in risks(where, role)
    ]
    yield from found or [fine("place", _("The data folder is on a disk of this PC."))]


_NAME = "knowledge"


def knowledge(folder: Path, settings: Settings) -> DoctorFinding:
    """Whether what is installed can be used; nothing installed is nothing wrong."""
    from offcirc.knowledge.errors import KnowledgeError, KnowledgeFault
    from offcirc.knowledge.keys import BadKeyError
    from offcirc.knowledge.known import Age, age
    from offcirc.knowledge.place import KnowledgePlace, find_key

    place = KnowledgePlace(folder)
    if place.current is None:
        return fine(_NAME, _("This PC knows nothing of readers and items without the system."))
    try:
        key = find_key(settings.text("knowledge.key"), folder)
    except BadKeyError:
        key = None
    try:
        if key is None:
            raise KnowledgeError(KnowledgeFault.NO_KEY, place.current)
        file = place.open(key)
        assert file is not None
        with file:
            file.check()
            facts = file.facts
    except KnowledgeError as error:
        return problem(_NAME, _("What this PC knows offline cannot be used."), error.words())
    text = _(
        "This PC knows {patrons} readers’ identifiers and {items} items as of {as_of}."
    ).format(
        patrons=facts.patrons,
        items=facts.items,
        as_of=words.when(facts.oldest.astimezone()),
    )
    figures = {"patrons": float(facts.patrons), "items": float(facts.items)}
    if age(facts.oldest, datetime.now(UTC)) is Age.FRESH:
        return fine(_NAME, text, figures)
    advice = _("That is old: have a new file built and installed.")
    return worth_knowing(_NAME, text, advice, figures)
