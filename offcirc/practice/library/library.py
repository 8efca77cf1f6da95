"""The folder that describes a practice library: ``policy.toml`` and five CSV files.

The files must hold together: every item, reader, circulation desk and exception that one of them
names is in the file that lists them, and every item can be lent to every reader by some rule.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from pathlib import Path

from offcirc import resources
from offcirc.core.rules import lending
from offcirc.core.rules.policy import Policy
from offcirc.i18n import _
from offcirc.practice.errors import LibraryError
from offcirc.practice.library import policy as policies
from offcirc.practice.library.csvfile import CsvFile, decoded

FILES = (policies.FILE, "items.csv", "patrons.csv", "loans.csv", "events.csv", "accounts.csv")
MANAGER = "manager"
OPERATOR = "operator"
LIMITED = "limited"
ROLES = (LIMITED, OPERATOR, MANAGER)
"""Each may what the one before may."""
_SAMPLE = "practice/toulouse"


@dataclass(frozen=True, slots=True)
class Item:
    """A row of items.csv; ``requested_by`` is the requester's primary id or empty."""

    barcode: str
    title: str
    library: str
    location: str
    exception: str
    material_type: str
    requested_by: str


@dataclass(frozen=True, slots=True)
class Patron:
    """A row of patrons.csv; ``block`` is the file's own word (overdue, quitus) or empty.

    ``expires_on`` is as :func:`offcirc.core.rules.lending.expiry` reads it.
    """

    primary_id: str
    barcode: str
    name: str
    group: str
    expires_on: str
    block: str


@dataclass(frozen=True, slots=True)
class Loan:
    """A row of loans.csv, the patron by primary id; times are aware."""

    item: str
    patron: str
    loaned_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class EventRow:
    """A row of events.csv: something that happened to an item on the server."""

    item: str
    at: datetime
    event: str


@dataclass(frozen=True, slots=True)
class AccountRow:
    """A row of accounts.csv. The password leaves this object only as a hash."""

    login: str
    name: str
    role: str
    desks: tuple[str, ...]
    password: str


@dataclass(frozen=True, slots=True)
class Folder:
    """A whole library, read and checked.

    Attributes:
        label: the folder's name made fit for a file name.
        digest: SHA-256 over the six files; another content is another library.
        policy_text: policy.toml as it was read.
    """

    label: str
    digest: str
    policy_text: str
    policy: Policy
    items: tuple[Item, ...]
    patrons: tuple[Patron, ...]
    loans: tuple[Loan, ...]
    events: tuple[EventRow, ...]
    accounts: tuple[AccountRow, ...]


def sample() -> Path:
    """The library that ships with the program."""
    return resources.path(_SAMPLE)


def fingerprint(folder: Path) -> tuple[str, str]:
    """Label and digest of a library folder, without reading what its files say.

    Raises:
        LibraryError: a file is missing or cannot be read.
    """
    contents = _contents(folder)
    return _label(folder), _digest(contents)


def read(folder: Path) -> Folder:
    """Read a library folder and check that it holds together.

    Raises:
        LibraryError: a sentence that names the file, and the line or key.
    """
    contents = _contents(folder)
    policy_text = decoded(policies.FILE, contents[policies.FILE])
    policy = policies.parse(policy_text)
    accounts = _accounts(CsvFile("accounts.csv", contents), policy)
    patrons, known = _patrons(CsvFile("patrons.csv", contents))
    items = _items(CsvFile("items.csv", contents), policy, known)
    barcodes = {item.barcode for item in items}
    check_rules(policy, {item.location for item in items}, {patron.group for patron in patrons})
    zone = policy.timezone
    return Folder(
        label=_label(folder),
        digest=_digest(contents),
        policy_text=policy_text,
        policy=policy,
        items=items,
        patrons=patrons,
        loans=_loans(CsvFile("loans.csv", contents), barcodes, known, zone),
        events=_events(CsvFile("events.csv", contents), barcodes, zone),
        accounts=accounts,
    )


def _contents(folder: Path) -> dict[str, bytes]:
    if not folder.is_dir():
        raise LibraryError(_("There is no library folder '{folder}'.").format(folder=folder))
    contents = {}
    for name in FILES:
        try:
            contents[name] = (folder / name).read_bytes()
        except FileNotFoundError:
            raise LibraryError(
                _(
                    "The library folder '{folder}' has no file {file}. A library is a folder "
                    "with {files}; a list that is empty still needs its line of column names."
                ).format(folder=folder, file=name, files=", ".join(FILES))
            ) from None
        except OSError as error:
            raise LibraryError(
                _("{file} in '{folder}' cannot be read: {reason}.").format(
                    file=name, folder=folder, reason=error.strerror or error
                )
            ) from None
    return contents


def _digest(contents: dict[str, bytes]) -> str:
    whole = hashlib.sha256()
    for name in FILES:
        whole.update(f"{name} {len(contents[name])}\n".encode())
        whole.update(contents[name])
    return whole.hexdigest()


def _label(folder: Path) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", folder.resolve().name).strip("-.") or "library"


def _accounts(file: CsvFile, policy: Policy) -> tuple[AccountRow, ...]:
    accounts: dict[str, AccountRow] = {}
    desks = {library.circ_desk for library in policy.libraries.values()}
    for row in file.rows("login", "name", "role", "desks", "password"):
        file.filled(row, "login", "password")
        if row["role"] not in ROLES:
            raise file.wrong(_("the role must be one of: {roles}").format(roles=", ".join(ROLES)))
        own = tuple(part.strip() for part in row["desks"].split(";") if part.strip())
        for desk in own:
            if desk not in desks:
                raise file.wrong(
                    _("no library has the circulation desk '{desk}'").format(desk=desk)
                )
        if row["login"] in accounts:
            raise file.wrong(_("this login is there twice"))
        accounts[row["login"]] = AccountRow(
            row["login"], row["name"] or row["login"], row["role"], own, row["password"]
        )
    return tuple(accounts.values())


def _patrons(file: CsvFile) -> tuple[tuple[Patron, ...], dict[str, str]]:
    """The patrons, and the primary id behind each identifier a patron can be found by."""
    patrons = []
    known: dict[str, str] = {}
    for row in file.rows("primary_id", "barcode", "name", "group", "expires_on", "block"):
        file.filled(row, "primary_id", "barcode", "group")
        try:
            for year in (2023, 2024):  # a day of every year is there in each
                lending.expiry(row["expires_on"], date(year, 1, 1))
        except ValueError:
            raise file.wrong(
                _(
                    "the cell '{column}' must be a date such as 2018-10-31, or *-10-31 for that"
                    " day of every year"
                ).format(column="expires_on")
            ) from None
        primary = row["primary_id"]
        for identifier in {primary, row["barcode"]}:
            if identifier in known:
                raise file.wrong(_("this reader's identifier or barcode is there twice"))
            known[identifier] = primary
        patrons.append(
            Patron(
                primary,
                row["barcode"],
                row["name"],
                row["group"],
                row["expires_on"],
                row["block"],
            )
        )
    return tuple(patrons), known


def _items(file: CsvFile, policy: Policy, known: dict[str, str]) -> tuple[Item, ...]:
    items: dict[str, Item] = {}
    columns = ("barcode", "title", "library", "location", "exception", "material_type")
    for row in file.rows(*columns, "requested_by"):
        file.filled(row, "barcode", "library", "location")
        if row["library"] not in policy.libraries:
            raise file.wrong(_("policy.toml has no library '{code}'").format(code=row["library"]))
        if row["exception"] and row["exception"] not in policy.exceptions:
            raise file.wrong(
                _("policy.toml has no exception '{code}'").format(code=row["exception"])
            )
        if row["requested_by"] and row["requested_by"] not in known:
            raise file.wrong(_("the reader in 'requested_by' is not in patrons.csv"))
        if row["barcode"] in items:
            raise file.wrong(_("this barcode is there twice"))
        row["requested_by"] = known.get(row["requested_by"], "")
        items[row["barcode"]] = Item(**row)
    return tuple(items.values())


def check_rules(policy: Policy, locations: Collection[str], groups: Collection[str]) -> None:
    """Check that every item can be lent to every reader by some rule.

    Raises:
        LibraryError: some cannot.
    """
    for location in sorted(locations):
        for group in sorted(groups):
            if policy.terms(location, group) is None:
                raise LibraryError(
                    _(
                        "policy.toml: the key 'rules' has no rule for location '{location}' and "
                        "group '{group}'; a rule for '*' would cover every other one."
                    ).format(location=location, group=group)
                )


def _loans(
    file: CsvFile, barcodes: set[str], known: dict[str, str], zone: tzinfo
) -> tuple[Loan, ...]:
    loans: dict[str, Loan] = {}
    for row in file.rows("item_barcode", "patron_barcode", "loaned_at", "due_at"):
        item = row["item_barcode"]
        if item not in barcodes:
            raise file.wrong(_("the item is not in items.csv"))
        if row["patron_barcode"] not in known:
            raise file.wrong(_("the reader is not in patrons.csv"))
        if item in loans:
            raise file.wrong(_("this item is on loan twice"))
        loaned_at = file.moment(row, "loaned_at", zone)
        due_at = file.moment(row, "due_at", zone)
        loans[item] = Loan(item, known[row["patron_barcode"]], loaned_at, due_at)
    return tuple(loans.values())


def _events(file: CsvFile, barcodes: set[str], zone: tzinfo) -> tuple[EventRow, ...]:
    events = []
    for row in file.rows("item_barcode", "at", "event"):
        if row["item_barcode"] not in barcodes:
            raise file.wrong(_("the item is not in items.csv"))
        events.append(EventRow(row["item_barcode"], file.moment(row, "at", zone), row["event"]))
    return tuple(events)
