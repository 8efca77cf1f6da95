"""What a practice library's database has more than its first version: made where it is not there.

Readers, items, registrations and letters are called by a ``ref`` in addresses: drawn by lot, it
tells nothing of them, so that no address or log names anybody.
"""

from __future__ import annotations

import secrets
import sqlite3

SCHEMA = 3
"""Version of the tables; a database with a higher one is left alone."""

_COLUMNS = {
    "items": {"ref": "''", "added_by": "''"},
    "patrons": {
        "ref": "''",
        "external": "1",
        "email": "''",
        "phone": "''",
        "address": "''",
        "contact_until_sync": "0",
    },
    "jobs": {"counts": "''"},
    "loans": {"process": "''", "desk": "''", "who": "''", "since": "''"},
    "registrations": {"provisional": "''", "note": "''"},
    "events": {"who": "''", "patron": "''", "detail": "''"},
}

_TABLES = (
    """CREATE TABLE IF NOT EXISTS requests (
        id INTEGER PRIMARY KEY, item TEXT NOT NULL, patron TEXT NOT NULL, pickup TEXT NOT NULL,
        placed_at TEXT NOT NULL, shelf_until TEXT, ended_at TEXT, status TEXT NOT NULL,
        reason TEXT NOT NULL DEFAULT '', who TEXT NOT NULL DEFAULT '')""",
    """CREATE TABLE IF NOT EXISTS notes (
        id INTEGER PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, text TEXT NOT NULL,
        popup INTEGER NOT NULL DEFAULT 0, public INTEGER NOT NULL DEFAULT 0, who TEXT NOT NULL,
        at TEXT NOT NULL, ended_at TEXT)""",
    """CREATE TABLE IF NOT EXISTS blocks (
        id INTEGER PRIMARY KEY, patron TEXT NOT NULL, kind TEXT NOT NULL, until TEXT,
        note TEXT NOT NULL DEFAULT '', who TEXT NOT NULL, at TEXT NOT NULL, ended_at TEXT,
        ended_by TEXT NOT NULL DEFAULT '')""",
    """CREATE TABLE IF NOT EXISTS letters (
        id INTEGER PRIMARY KEY, ref TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
        patron TEXT NOT NULL DEFAULT '', recipient TEXT NOT NULL, subject TEXT NOT NULL,
        body TEXT NOT NULL, written_at TEXT NOT NULL, sent_at TEXT NOT NULL,
        times INTEGER NOT NULL DEFAULT 1, once TEXT UNIQUE)""",
    """CREATE TABLE IF NOT EXISTS registrations (
        id INTEGER PRIMARY KEY, ref TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
        card TEXT NOT NULL, email TEXT NOT NULL DEFAULT '', "group" TEXT NOT NULL DEFAULT '',
        status TEXT NOT NULL, origin TEXT NOT NULL DEFAULT '', asked_at TEXT NOT NULL,
        decided_at TEXT, decided_by TEXT NOT NULL DEFAULT '', synced_at TEXT)""",
    """CREATE TABLE IF NOT EXISTS resources (
        id INTEGER PRIMARY KEY, registration INTEGER NOT NULL, name TEXT NOT NULL,
        status TEXT NOT NULL, who TEXT NOT NULL DEFAULT '', at TEXT NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS recent (
        login TEXT NOT NULL, patron TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (login, patron))
        WITHOUT ROWID""",
    # A file that somebody uploaded by hand; ``position`` is how many of its lines are answered.
    # Its content lies apart: it would be written anew with each position.
    """CREATE TABLE IF NOT EXISTS uploads (
        job INTEGER PRIMARY KEY, digest TEXT NOT NULL, position INTEGER NOT NULL DEFAULT 0,
        total INTEGER NOT NULL, fault TEXT NOT NULL DEFAULT '')""",
    "CREATE TABLE IF NOT EXISTS contents (job INTEGER PRIMARY KEY, content BLOB NOT NULL)",
)

_INDEXES = (
    "CREATE INDEX IF NOT EXISTS item_ref ON items (ref)",
    "CREATE INDEX IF NOT EXISTS patron_ref ON patrons (ref)",
    "CREATE INDEX IF NOT EXISTS loan_item ON loans (item)",
    "CREATE INDEX IF NOT EXISTS loan_patron ON loans (patron)",
    "CREATE INDEX IF NOT EXISTS event_who ON events (who, id)",
    "CREATE INDEX IF NOT EXISTS request_item ON requests (item) WHERE ended_at IS NULL",
    "CREATE INDEX IF NOT EXISTS request_patron ON requests (patron)",
    "CREATE INDEX IF NOT EXISTS note_subject ON notes (kind, subject)",
    "CREATE INDEX IF NOT EXISTS block_patron ON blocks (patron)",
    """CREATE UNIQUE INDEX IF NOT EXISTS registration_desk ON registrations (provisional)
        WHERE provisional != ''""",
    "CREATE INDEX IF NOT EXISTS upload_digest ON uploads (digest)",
    "CREATE INDEX IF NOT EXISTS job_status ON jobs (status)",
    "CREATE INDEX IF NOT EXISTS item_place ON items (place)",
    "CREATE INDEX IF NOT EXISTS item_location ON items (location)",
    "CREATE INDEX IF NOT EXISTS item_exception ON items (exception)",
    'CREATE INDEX IF NOT EXISTS patron_group ON patrons ("group")',
    "CREATE INDEX IF NOT EXISTS letter_patron ON letters (patron)",
    "CREATE INDEX IF NOT EXISTS registration_card ON registrations (card)",
    "CREATE INDEX IF NOT EXISTS resource_registration ON resources (registration)",
)


def upgrade(connection: sqlite3.Connection) -> None:
    """Make what is not there; a database that has it all stays as it is."""
    connection.execute("BEGIN IMMEDIATE")
    for statement in _TABLES:
        connection.execute(statement)
    for table, columns in _COLUMNS.items():
        there = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
        for name, default in columns.items():
            if name not in there:
                kind = "INTEGER" if default.isdigit() else "TEXT"
                connection.execute(
                    f"ALTER TABLE {table} ADD COLUMN {name} {kind} NOT NULL DEFAULT {default}"
                )
    for statement in _INDEXES:
        connection.execute(statement)
    _split(connection)
    for table, column in (("patrons", "name"), ("items", "title")):
        _index_words(connection, table, column)
    for table in ("items", "patrons"):
        connection.execute(
            f"UPDATE {table} SET ref = lower(hex(randomblob(8))) WHERE ref = ''"  # noqa: S608
        )
    connection.execute(
        "INSERT INTO requests (item, patron, pickup, placed_at, status) "
        "SELECT barcode, requested_by, library, "
        "(SELECT value FROM facts WHERE name = 'created_at'), 'waiting' FROM items "
        "WHERE requested_by != '' AND NOT EXISTS (SELECT 1 FROM requests "
        "WHERE requests.item = items.barcode AND ended_at IS NULL)"
    )
    connection.execute("UPDATE facts SET value = ? WHERE name = 'schema'", (str(SCHEMA),))
    connection.execute("COMMIT")


def _split(connection: sqlite3.Connection) -> None:
    """Of a database that kept content and position of an uploaded file in one row."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'job_files'").fetchone():
        connection.execute(
            "INSERT INTO uploads SELECT job, digest, position, total, fault FROM job_files"
        )
        connection.execute("INSERT INTO contents SELECT job, content FROM job_files")
        connection.execute("DROP TABLE job_files")


def _index_words(connection: sqlite3.Connection, table: str, column: str) -> None:
    """Any part of a name or title is found at once, however many rows there are."""
    words = f"{table}_words"
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (words,)).fetchone():
        return
    connection.execute(f"CREATE VIRTUAL TABLE {words} USING fts5 (text, tokenize = 'trigram')")
    insert = f"INSERT INTO {words} (rowid, text)"
    connection.execute(f"{insert} SELECT rowid, plain({column}) FROM {table}")  # noqa: S608
    connection.execute(
        f"CREATE TRIGGER {words}_new AFTER INSERT ON {table} BEGIN "  # noqa: S608
        f"{insert} VALUES (new.rowid, plain(new.{column})); END"
    )
    connection.execute(
        f"CREATE TRIGGER {words}_changed AFTER UPDATE OF {column} ON {table} BEGIN "  # noqa: S608
        f"UPDATE {words} SET text = plain(new.{column}) WHERE rowid = new.rowid; END"
    )


def new_ref() -> str:
    """A name for an address that tells nothing."""
    return secrets.token_hex(8)
