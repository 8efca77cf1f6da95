"""A server is closed at the end of the ``with`` block that it was opened in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class OpenedServer(ABC):
    """What every adapter does in a ``with`` block."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the connections. Idempotent."""

    def __enter__(self) -> Self:
        """The server itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()
