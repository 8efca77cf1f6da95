"""What FOLIO knows of items, their loans and their readers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from offcirc.servers.errors import NotAllowedError
from offcirc.servers.folio.session import FolioSession
from offcirc.servers.folio.wire import status_of
from offcirc.servers.protocol import ItemFound, PatronFound
from offcirc.servers.values import inner, moment, number, text

_MARGIN = timedelta(days=1)
"""FOLIO compares times as texts, whatever zone each is written in."""
OPEN = 'status.name=="Open"'


def same_moment(one: datetime | None, other: datetime) -> bool:
    """Whether two aware times are the same; FOLIO keeps milliseconds."""
    return one is not None and abs(one - other) < timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class FolioLoan:
    """A loan, open or closed.

    Attributes:
        item: the id of its item.
        patron: the borrower's barcode; empty when FOLIO has made the loan anonymous.
        lent_at: when it began.
        due_at: when it has to end.
        returned_at: when it ended; ``None`` while it is open.
        renewals: how often it was renewed.
        action: what happened to it last.
        changed_at: when that was.
    """

    item: str
    patron: str
    lent_at: datetime | None
    due_at: datetime | None
    returned_at: datetime | None
    renewals: int = 0
    action: str = ""
    changed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether the item is still out."""
        return self.returned_at is None

    @property
    def is_renewed(self) -> bool:
        """Whether a renewal is the last that has happened to it."""
        return self.action.startswith("renewed")

    def is_of(self, patron: str) -> bool:
        """Whether the reader has it; FOLIO does not tell capitals from small letters."""
        return self.patron.casefold() == patron.casefold()


@dataclass(frozen=True, slots=True)
class FolioItem:
    """An item and those of its loans that were asked for."""

    row: Mapping[str, Any]
    loans: tuple[FolioLoan, ...] = ()

    @property
    def open_loan(self) -> FolioLoan | None:
        """The loan that is not over, if there is one."""
        return next((loan for loan in self.loans if loan.is_open), None)

    @property
    def checked_in_at(self) -> datetime | None:
        """When it was checked in last, on loan or not, by the server's clock."""
        return _when(inner(self.row, "lastCheckIn"), "dateTime")

    @property
    def checked_in_where(self) -> str:
        """The id of the service point where that was."""
        return text(inner(self.row, "lastCheckIn"), "servicePointId")


def items(
    session: FolioSession, barcodes: Iterable[str], since: datetime | None = None
) -> dict[str, FolioItem]:
    """Items by their barcodes in small letters, with their open loans.

    Args:
        session: signed in.
        barcodes: which.
        since: loans that ended after this are wanted too.
    """
    found = session.found("/inventory/items", "items", "barcode", list(barcodes))
    rows = {text(row, "id"): row for row in found}
    wanted = OPEN
    if since is not None:
        wanted += f' or returnDate>="{since - _MARGIN:%Y-%m-%d}"'
    loans: dict[str, list[FolioLoan]] = {}
    for row in session.found("/circulation/loans", "loans", "itemId", list(rows), wanted):
        loan = loan_of(row)
        loans.setdefault(loan.item, []).append(loan)
    return {
        text(row, "barcode").casefold(): FolioItem(row, tuple(loans.get(one, ())))
        for one, row in rows.items()
    }


def _when(row: Mapping[str, Any], key: str) -> datetime | None:
    """A moment, aware: FOLIO's own are universal where they state no zone."""
    found = moment(row, key)
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found


def loan_of(row: Mapping[str, Any]) -> FolioLoan:
    """A loan as FOLIO writes it."""
    closed = status_of(row) == "Closed"
    ended = _when(row, "returnDate") or _when(row, "systemReturnDate")
    return FolioLoan(
        text(row, "itemId"),
        text(inner(row, "borrower"), "barcode"),
        _when(row, "loanDate"),
        _when(row, "dueDate"),
        ended if closed else None,
        number(row, "renewalCount"),
        text(row, "action"),
        _when(inner(row, "metadata"), "updatedDate"),
    )


def look_up_items(session: FolioSession, barcodes: Sequence[str]) -> list[ItemFound]:
    """What FOLIO knows of these items."""
    found = items(session, barcodes)
    return [_item_found(barcode, found.get(barcode.casefold())) for barcode in barcodes]


def _item_found(barcode: str, item: FolioItem | None) -> ItemFound:
    if item is None:
        return ItemFound(barcode, found=False)
    loan = item.open_loan
    return ItemFound(
        barcode,
        found=True,
        title=text(item.row, "title"),
        library=text(inner(item.row, "effectiveLocation"), "name"),
        status=status_of(item.row),
        due_at=loan.due_at if loan else None,
        on_loan=loan is not None,
        patron=loan.patron if loan else "",
        lent_at=loan.lent_at if loan else None,
        renewed_at=loan.changed_at if loan and loan.is_renewed else None,
    )


def look_up_patrons(session: FolioSession, identifiers: Sequence[str]) -> list[PatronFound]:
    """What FOLIO knows of these readers, by the barcodes of their cards."""
    rows = list(session.found("/users", "users", "barcode", list(identifiers)))
    ids = [text(row, "id") for row in rows]
    groups = {
        text(row, "id"): text(row, "group") for row in session.records("/groups", "usergroups")
    }
    blocks = _blocks(session, ids)
    lent: dict[str, list[str]] = {}
    for row in session.found("/circulation/loans", "loans", "userId", ids, OPEN):
        lent.setdefault(text(row, "userId"), []).append(text(inner(row, "item"), "barcode"))
    found = {}
    for row in rows:
        one = text(row, "id")
        found[text(row, "barcode").casefold()] = _patron_found(
            row, groups.get(text(row, "patronGroup"), ""), blocks.get(one, ()), lent.get(one, ())
        )
    return [_as_asked(identifier, found.get(identifier.casefold())) for identifier in identifiers]


def _blocks(session: FolioSession, ids: Sequence[str]) -> dict[str, list[str]]:
    """The manual blocks that keep these readers from borrowing."""
    blocks: dict[str, list[str]] = {}
    try:
        for row in session.found("/manualblocks", "manualblocks", "userId", ids):
            if row.get("borrowing") is True:
                blocks.setdefault(text(row, "userId"), []).append(text(row, "desc"))
    except NotAllowedError:
        # Whoever may not read them learns of them from the loan that they prevent.
        return {}
    return blocks


def _patron_found(
    row: Mapping[str, Any], group: str, blocks: Iterable[str], lent: Sequence[str]
) -> PatronFound:
    personal = inner(row, "personal")
    names = filter(None, (text(personal, "lastName"), text(personal, "firstName")))
    inactive = () if row.get("active") is True else ("inactive",)
    known = (text(row, name) for name in ("barcode", "username", "externalSystemId", "id"))
    return PatronFound(
        text(row, "barcode"),
        found=True,
        name=", ".join(names),
        group=group,
        expires_on=text(row, "expirationDate")[:10],
        blocks=(*inactive, *blocks),
        loans=len(lent),
        items=tuple(lent),
        known_as=tuple(filter(None, known)),
    )


def _as_asked(identifier: str, found: PatronFound | None) -> PatronFound:
    return replace(found, identifier=identifier) if found else PatronFound(identifier, found=False)
