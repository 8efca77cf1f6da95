"""The settings in force: built-in < site.toml < user.toml < environment < command line.

A faulty value never stops the program: the last good one stays in use, which is the one loaded
before, or else that of the layer below; a complaint says so. What ``site.toml`` names in its list
``locked`` is changed by no other layer; a section's name locks the whole section.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from offcirc.settings import files, kinds, places
from offcirc.settings.complaints import Complaint, SettingFault
from offcirc.settings.kinds import NotATextError, WrongValueError
from offcirc.settings.option import Option
from offcirc.settings.options import OPTIONS, SYSTEM_OPTIONS, declared, option_for, similar


class Layer(StrEnum):
    """Where a value comes from, weakest first."""

    BUILT_IN = "built-in"
    ADDITIONAL = "additional"
    """A second ``site.toml`` beside the machine's: whoever starts the program chooses its place."""

    SITE = "site"
    USER = "user"
    ENVIRONMENT = "environment"
    COMMAND_LINE = "command-line"


@dataclass(frozen=True, slots=True)
class Effective:
    """The value an option has.

    Attributes:
        value: the value in use; empty means "not set".
        layer: where it comes from.
        source: the file, or the name of the variable; empty for what is built in.
        locked: whether the library has fixed it for the whole machine.
    """

    value: str
    layer: Layer = Layer.BUILT_IN
    source: str = ""
    locked: bool = False


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """A server the library uploads to, as its settings name it.

    Attributes:
        name: the library's own short name for it; empty for an address given by hand.
        url: its address, without a slash at the end.
        kind: which library system it is.
        desk: code of the circulation desk to upload at; empty when not set.
        user: user name to sign in with; empty when not set.
        width: how many requests go to it at once; 0 when not set.
        folder: of a system that takes files by hand, where they go; it has no address then.
        plain_http: whether the machine's settings let passwords go to its address unencrypted.
        options: what only its kind needs, by the last part of the key.
    """

    name: str
    url: str
    kind: str
    desk: str = ""
    user: str = ""
    width: int = 0
    folder: str = ""
    plain_http: bool = False
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def look_up(self) -> str:
        """The name of the server to look up at where this one cannot; empty when not set."""
        return self.options.get("look_up", "")


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force.

    Attributes:
        values: every option that is declared by name or set by somebody, by key.
        complaints: what was left out, and why.
        sources: the settings files looked for, weakest first: the additional one if there is one,
            the machine's, the account's.
        command_line: what was given there, by key.
    """

    values: Mapping[str, Effective]
    complaints: tuple[Complaint, ...] = ()
    sources: tuple[files.Written, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    command_line: Mapping[str, str] = field(default_factory=dict, repr=False)

    def text(self, key: str) -> str:
        """The value of a declared option; empty when it is not set."""
        return self.values[declared(key).key].value

    def folder(self, key: str) -> Path | None:
        """The value of an option that is a path; ``None`` when it is not set."""
        value = self.text(key)
        return Path(value) if value else None

    def switch(self, key: str) -> bool:
        """Whether an option that is a switch is on."""
        return self.text(key) == "true"

    def number(self, key: str) -> int:
        """The value of an option that is a number and has a default."""
        return int(self.text(key))

    def entries(self, key: str) -> tuple[str, ...]:
        """The values of an option that is a list."""
        return kinds.parts(self.text(key))

    def prefix(self) -> str:
        """What the scanner sends before each barcode, as it comes."""
        return kinds.control_text(self.text("scanner.prefix"))

    def barcodes(self) -> dict[str, object]:
        """The barcode rules, as :func:`offcirc.scanning.presets.build` reads them."""
        found: dict[str, object] = {}
        for part in ("preset", "unmatched", "isbn", "stars"):
            if value := self.text(f"barcode.{part}"):
                found[part] = value
        for part in ("item", "patron"):
            if value := self.text(f"barcode.{part}"):
                found[part] = kinds.rules(value)
        return found

    def servers(self) -> dict[str, ServerSettings]:
        """The servers that have an address or a folder, by name, in the order of the files."""
        names = dict.fromkeys(
            key.split(".")[1] for key in self.values if key.startswith("servers.")
        )
        return {name: found for name in names if (found := self._server(name)) is not None}

    def server(self, name_or_url: str) -> ServerSettings | None:
        """The server of that name or address; ``None`` for a name nobody declared.

        Raises:
            WrongValueError: it looks like an address, but is none.
        """
        known = self.servers()
        if name_or_url in known:
            return known[name_or_url]
        if "://" not in name_or_url:
            return None
        url = declared("servers.*.url").kind.read(name_or_url)
        for server in known.values():
            if server.url == url:
                return server
        user = self.environment.get(declared("servers.*.user").environment or "", "")
        kind = "sip2" if url.startswith("sip2") else declared("servers.*.kind").default
        return ServerSettings("", url, kind, user=user)

    def _server(self, name: str) -> ServerSettings | None:
        def value(part: str) -> str:
            found = self.values.get(f"servers.{name}.{part}")
            return found.value if found else declared(f"servers.*.{part}").default

        url, folder = value("url"), value("folder")
        if not url and not folder:
            return None
        width = int(value("width") or 0)
        address = self.values.get(f"servers.{name}.url")
        # The leave is for the address it was given for, not for one that an account chose.
        of_site = address is not None and address.layer is Layer.SITE
        plain = of_site and value("plain_http") == "true"
        own = {part: found for part in SYSTEM_OPTIONS if (found := value(part))}
        return ServerSettings(
            name, url, value("kind"), value("desk"), value("user"), width, folder, plain, own
        )


def load(
    command_line: Mapping[str, str | None] | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    site: Path | None = None,
    user: Path | None = None,
    previous: Settings | None = None,
) -> Settings:
    """The settings in force now. Never raises for what people wrote.

    Args:
        command_line: options given there, by key; ``None`` as a value means "not given".
        environment: the environment; that of the process when not given.
        site: the machine's file; its usual place when not given.
        user: the account's file; its usual place when not given.
        previous: the settings in force until now, whose values stay where new ones are faulty.
    """
    given = {key: text for key, text in (command_line or {}).items() if text is not None}
    environment = dict(os.environ if environment is None else environment)
    loading = _Loading(previous)
    additional = files.additional_site_file() if site is None else None
    places = [additional, site or files.site_file(), user or files.user_file()]
    known = {written.path: written for written in previous.sources} if previous else {}
    sources = []
    for place in filter(None, places):
        written = files.read(place)
        loading.complaints.extend(written.complaints)
        sources.append(known.get(place, written) if written.complaints else written)
    loading.read_all(sources)
    for variable, key in _from_environment(environment, loading.values):
        loading.put(Layer.ENVIRONMENT, variable, key, environment[variable])
    for key, text in given.items():
        name = "--" + {"language": "lang"}.get(key, key.replace("_", "-"))
        loading.put(Layer.COMMAND_LINE, name, key, text)
    loading.practise()
    return Settings(loading.values, tuple(loading.complaints), tuple(sources), environment, given)


def reload(settings: Settings) -> Settings:
    """The settings as they are now, from the same places: what changed in the files is in force.

    A file, or a value, that has become faulty leaves what was in force, with a complaint.
    """
    site, user = (written.path for written in settings.sources[-2:])
    return load(
        settings.command_line,
        environment=settings.environment,
        site=None if site == files.site_file() else site,
        user=user,
        previous=settings,
    )


def without_user(settings: Settings) -> Settings:
    """What would be in force if the account had no settings of its own, nor any stronger layer."""
    loading = _Loading()
    loading.read_all(settings.sources[:-1], user=False)
    return Settings(loading.values, sources=settings.sources[:-1])


def _from_environment(
    environment: Mapping[str, str], so_far: Iterable[str]
) -> Iterable[tuple[str, str]]:
    """The variables that are set, with the keys each of them sets."""
    names = dict.fromkeys(key.split(".")[1] for key in so_far if key.startswith("servers."))
    for option in OPTIONS:
        if option.environment is None or not environment.get(option.environment):
            continue
        if option.is_pattern:
            for name in names:
                yield option.environment, option.key.replace("*", name)
        else:
            yield option.environment, option.key


class _Loading:
    """Settings being put together, layer over layer."""

    def __init__(self, previous: Settings | None = None) -> None:
        self.values = {
            option.key: Effective(option.default) for option in OPTIONS if not option.is_pattern
        }
        self.complaints: list[Complaint] = []
        self._previous = previous.values if previous else {}
        self._locked: tuple[str, ...] = ()

    def read_all(self, sources: Sequence[files.Written], *, user: bool = True) -> None:
        """Put what the files say, weakest first; the last is the account's, if there is one.

        Where the machine has its file, its locks hold for the additional one as well, which
        otherwise stands in for it.
        """
        sites = sources[:-1] if user else sources
        master = next((written for written in reversed(sites) if written.exists), None)
        if master is not None:
            self._lock(master)
        for written in sites:
            if written is master:
                self._read(Layer.SITE, written)
            else:
                self._read(Layer.ADDITIONAL, written, master.values if master else {})
        for key, found in self.values.items():
            if self._is_locked(key):
                self.values[key] = replace(found, locked=True)
        if user:
            self._read(Layer.USER, sources[-1])

    def practise(self) -> None:
        """Put what the data folder of a desk that plays says: no lock stands against that."""
        folder = self.values["data_dir"].value
        written = files.read(Path(folder) / places.PRACTICE_NAME) if folder else None
        if written is None or not written.exists:
            return
        self.complaints.extend(written.complaints)
        self._locked = ()
        for key, value in written.values.items():
            self.put(Layer.COMMAND_LINE, written.path, key, value, written.lines)

    def _read(
        self, layer: Layer, written: files.Written, stronger: Mapping[str, object] | None = None
    ) -> None:
        if "locked" in written.values and layer is not Layer.SITE:
            line = written.lines.get("locked")
            self.complaints.append(
                Complaint(SettingFault.NOT_THE_SITE, written.path, "locked", line)
            )
        for key, value in written.values.items():
            if key != "locked" and key not in (stronger or {}):
                self.put(layer, written.path, key, value, written.lines)

    def _lock(self, written: files.Written) -> None:
        """Let the locks of the machine's file hold."""
        locked = written.values.get("locked", [])
        line = written.lines.get("locked")
        if not isinstance(locked, list) or not all(isinstance(key, str) for key in locked):
            wrong = Complaint(
                SettingFault.WRONG_VALUE, written.path, "locked", line, str(locked), kinds.KEYS
            )
            self.complaints.append(wrong)
            return
        for key in locked:
            if not _names_something(key):
                self.complaints.append(
                    Complaint(
                        SettingFault.UNKNOWN_KEY,
                        written.path,
                        key,
                        line,
                        suggestion=similar(key) or "",
                    )
                )
        self._locked = tuple(locked)

    def _is_locked(self, key: str) -> bool:
        return any(key == name or key.startswith(f"{name}.") for name in self._locked)

    def put(
        self,
        layer: Layer,
        source: Path | str,
        key: str,
        given: object,
        lines: Mapping[str, int] | None = None,
    ) -> None:
        """Let a layer's value take the place of the one below it: the only place that does so."""
        option = option_for(key)
        line = (lines or {}).get(key)
        if option is None:
            self.complaints.append(
                Complaint(
                    SettingFault.UNKNOWN_KEY, source, key, line, suggestion=similar(key) or ""
                )
            )
            return
        if option.site_only and layer is not Layer.SITE:
            self.complaints.append(Complaint(SettingFault.SITE_ONLY, source, key, line))
            return
        before = self.values.get(key, Effective(option.default))
        locked = layer is not Layer.SITE and self._is_locked(key)
        try:
            value = option.kind.take(given)
        except WrongValueError as error:
            if not locked:
                before = self._last_good(key, layer, source) or before
                self.values[key] = before
            self.complaints.append(_wrong(error, option, source, key, lines or {}, before.value))
            return
        if not locked:
            self.values[key] = Effective(value, layer, str(source))
        elif value != before.value:
            self.complaints.append(
                Complaint(SettingFault.LOCKED, source, key, line, used=before.value)
            )

    def _last_good(self, key: str, layer: Layer, source: Path | str) -> Effective | None:
        """What this very source said before it became faulty."""
        found = self._previous.get(key)
        if found is not None and (found.layer, found.source) == (layer, str(source)):
            return replace(found, locked=False)
        return None


def _names_something(key: str) -> bool:
    """Whether a lock names an option, a section, or a server that may be declared."""
    if option_for(key):
        return True
    wildcard = key.partition(".")[0] == "servers" and key.count(".") <= 1
    return wildcard or any(option.key.startswith(f"{key}.") for option in OPTIONS)


def _wrong(  # noqa: PLR0917
    error: WrongValueError,
    option: Option,
    source: Path | str,
    key: str,
    lines: Mapping[str, int],
    used: str,
) -> Complaint:
    """The complaint about a value, with the line of the very rule when it is one of several."""
    line = lines.get(key)
    if isinstance(error, NotATextError):
        return Complaint(SettingFault.NOT_A_TEXT, source, key, line)
    if error.mistakes:
        first = error.mistakes[0]
        place = f"{key}#{first.number}"
        line = lines.get(f"{place}.{first.key}", lines.get(place, line))
        return Complaint(
            SettingFault.WRONG_RULES, source, key, line, used=used, mistakes=error.mistakes
        )
    return Complaint(SettingFault.WRONG_VALUE, source, key, line, str(error), option.kind, used)
