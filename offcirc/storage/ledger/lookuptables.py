"""The table of ledger.db that keeps what servers said of items and readers."""

from __future__ import annotations

LOOKUPS = (
    # Rows of readers are removed when their time is over, so this one is not append-only.
    """CREATE TABLE looked_up (
        upload INTEGER NOT NULL REFERENCES uploads (upload),
        kind TEXT NOT NULL,
        code TEXT NOT NULL,
        found INTEGER NOT NULL,
        label TEXT NOT NULL,
        detail TEXT NOT NULL,
        PRIMARY KEY (upload, kind, code)) WITHOUT ROWID""",
)
