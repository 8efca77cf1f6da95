"""What all systems that people carry files to have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from offcirc.servers.files.target import LeftOut, TargetFile, Unfit
from offcirc.servers.protocol import EVERY_DATE, Abilities, Dated, Event, PreflightItem


def carried(dates: frozenset[Dated] = EVERY_DATE, *, overrides_blocks: bool = True) -> Abilities:
    """What a system honours that cannot be asked for anything."""
    return Abilities(
        keeps_dates=dates,
        overrides_blocks=overrides_blocks,
        dry_run=False,
        look_back=False,
        idempotent_keys=False,
        look_up=False,
        batch_size=1,
        width=1,
    )


class ByHand:
    """A file target that names what is special about it only; see ``FileTarget``."""

    abilities = carried()
    by_desk = False
    proves = False
    reports = False

    def limits(self) -> tuple[str, ...]:
        """It keeps whatever a line says."""
        return ()

    def before(self) -> tuple[str, ...]:
        """What to do before the first file."""
        return ()

    def after(self) -> tuple[str, ...]:
        """What to do after the last file."""
        return ()

    def preflight(self, desk: str) -> tuple[PreflightItem, ...]:
        """What is to be done before the first file and after the last one, box by box."""
        del desk
        return (
            *(PreflightItem(f"before-{at}", text) for at, text in enumerate(self.before(), 1)),
            *(
                PreflightItem(f"after-{at}", text, after=True)
                for at, text in enumerate(self.after(), 1)
            ),
        )


def sieved(
    events: Sequence[Event], why: Callable[[Event], Unfit | None]
) -> tuple[list[Event], list[LeftOut]]:
    """The events that a file can hold, and the others with the reason."""
    held: list[Event] = []
    left: list[LeftOut] = []
    for event in events:
        if (unfit := why(event)) is None:
            held.append(event)
        else:
            left.append(LeftOut(event, unfit))
    return held, left


def one_file(content: bytes, events: Sequence[Event]) -> list[TargetFile]:
    """The file of these events; none when there are none."""
    return [TargetFile(content, tuple(events))] if events else []


def blocks(events: Sequence[Event], loans: str, returns: str) -> bytes:
    """A text of commands, cards and items, one a line, as scanners would have written it.

    Args:
        events: in their order; a new block begins where the reader or the operation changes.
        loans: the command before a reader's card, which is followed by the items.
        returns: the command before items that come back.
    """
    tokens: list[str] = []
    before: tuple[str, ...] = ()
    for event in events:
        loan = event.operation.lends
        begin = (loans, event.patron) if loan else (returns,)
        tokens += (*begin, event.item) if begin != before else (event.item,)
        before = begin
    return "".join(f"{token}\r\n" for token in tokens).encode()
