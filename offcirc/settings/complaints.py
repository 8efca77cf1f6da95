"""What is wrong with the settings, as codes and as sentences that name file and line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from offcirc.i18n import N_, _

if TYPE_CHECKING:
    from offcirc.core.barcodes.ruletable import RuleComplaint
    from offcirc.settings.kinds import ValueKind


class SettingFault(StrEnum):
    """What kind of fault it is."""

    UNREADABLE = "unreadable"
    NOT_TEXT = "not-text"
    NOT_TOML = "not-toml"
    UNKNOWN_KEY = "unknown-key"
    NOT_A_TEXT = "not-a-text"
    WRONG_VALUE = "wrong-value"
    WRONG_RULES = "wrong-rules"
    LOCKED = "locked"
    """The library has set it for the whole machine, and does not want it changed."""

    NOT_THE_SITE = "not-the-site"
    """Only the machine's file can lock options."""

    INCOMPLETE = "incomplete"
    """Another option is needed besides."""

    NO_SUCH_PART = "no-such-part"
    """The pattern of computer names does not tell what a name needs."""

    NOT_ABSOLUTE = "not-absolute"
    """A path that means another place for each program, or one of another system."""

    NOT_THERE = "not-there"
    SAME_FOLDER = "same-folder"

    SITE_ONLY = "site-only"
    """Only the machine's file can set this option."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One fault in the settings; the program goes on without the faulty part.

    Attributes:
        code: what kind of fault.
        source: the file, or the name of the environment variable or command line option.
        key: the option, when the fault is about one.
        line: the line in the file, from 1, when known.
        detail: the value found, or the system's reason.
        kind: what the value must be.
        used: the value used instead; empty when the option is then not set.
        suggestion: the key that may have been meant.
        mistakes: what is wrong with barcode rules.
    """

    code: SettingFault
    source: Path | str
    key: str = ""
    line: int | None = None
    detail: str = ""
    kind: ValueKind | None = None
    used: str = ""
    suggestion: str = ""
    mistakes: tuple[RuleComplaint, ...] = ()

    @property
    def place(self) -> str:
        """Where the fault is: file and line, or the variable's name."""
        if self.line is None:
            return str(self.source)
        return _("{file}, line {line}").format(file=self.source, line=self.line)

    def sentence(self) -> str:
        """The fault and what is done about it, in the active language."""
        return _("{place}: {fault}").format(place=self.place, fault=self._fault())

    def _fault(self) -> str:
        if self.code in _PLAIN:
            return _(_PLAIN[self.code]).format(reason=self.detail, key=self.key)
        if self.code is SettingFault.UNKNOWN_KEY:
            return self._unknown()
        if self.code is SettingFault.LOCKED:
            return self._locked()
        if self.code is SettingFault.WRONG_RULES:
            return self._wrong_rules()
        return self._wrong_value()

    def _unknown(self) -> str:
        if self.suggestion:
            text = _("there is no setting “{key}”. Is “{suggestion}” meant?")
            return text.format(key=self.key, suggestion=self.suggestion)
        return _("there is no setting “{key}”.").format(key=self.key)

    def _locked(self) -> str:
        if self.used:
            text = _("“{key}” is set by your library and stays “{value}”.")
            return text.format(key=self.key, value=self.used)
        return _("“{key}” is set by your library and cannot be changed.").format(key=self.key)

    def _wrong_rules(self) -> str:
        from offcirc.words import rule_mistake  # noqa: PLC0415 - seldom needed

        found = " ".join(map(rule_mistake, self.mistakes))
        text = _("“{key}” cannot be used. {mistakes}").format(key=self.key, mistakes=found)
        stays = _("The list of before stays in use.") if self.used else _("It is left out.")
        return f"{text} {stays}"

    def _wrong_value(self) -> str:
        text = _("“{key}” must be {expected}, and “{value}” is not.").format(
            key=self.key, expected=self.kind.words() if self.kind else "", value=self.detail
        )
        if self.used:
            return text + " " + _("“{value}” stays in use.").format(value=self.used)
        return text + " " + _("It is left out.")


_PLAIN = {
    SettingFault.UNREADABLE: N_("this settings file cannot be read and is left out: {reason}"),
    SettingFault.NOT_TEXT: N_(
        "this settings file is not plain text in UTF-8; it is left out. Save it again as UTF-8."
    ),
    SettingFault.NOT_TOML: N_(
        "this line cannot be understood (a missing quote or bracket?); the whole file is left out"
        " until it is corrected."
    ),
    SettingFault.NOT_A_TEXT: N_("the value of “{key}” must stand between quotes; it is left out."),
    SettingFault.NOT_THE_SITE: N_(
        "only the settings of the whole machine can lock options; it is left out."
    ),
    SettingFault.INCOMPLETE: N_("“{key}” is missing, and without it “{reason}” cannot work."),
    SettingFault.NO_SUCH_PART: N_(
        "“{key}” uses {reason}, which the pattern “desk.computer” does not tell."
    ),
    SettingFault.NOT_ABSOLUTE: N_(
        "“{key}” must be a whole path of this system, and “{reason}” is not."
    ),
    SettingFault.NOT_THERE: N_("“{key}” names “{reason}”, which is not there."),
    SettingFault.SAME_FOLDER: N_("“{key}” is the data folder itself; it must be another one."),
    SettingFault.SITE_ONLY: N_(
        "only the settings of the whole machine can set “{key}”; it is left out."
    ),
}
