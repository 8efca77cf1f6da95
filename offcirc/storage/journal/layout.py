"""The layout of journal.db.

Every table only ever grows. A transaction is one row of one table without a second index, so that
recording a scan costs one page and one flush; what happens to it later is told by other tables:

- ``voids``: a row that was deleted at the desk before it was saved.
- ``saves``: what *Save To File* was about to write: all rows not voided from ``first_seq`` to
  ``last_seq``, as ``length`` bytes at ``offset`` of a file. Saves follow each other, so the rows up
  to the ``last_seq`` of the newest one that is done are the saved ones, and those after it pending.
- ``save_ends``: what became of a save: ``done`` up to ``last_seq``, or ``abandoned``.
- ``files``: each OffCirc.dat from its first row to its being moved away or deleted.
- ``file_states``: length and SHA-256 of such a file each time it was written or looked at.
- ``days``: where in ``transactions`` the UTC date changes, either way: today's rows are found by
  their runs, whatever the clock did and however long the history is.
- ``about``: one row: the journal's own name, by which others speak of it.
- ``sessions``: each run of the program that recorded something, and at which desk. A transaction
  tells its session and how long after the session's start it was recorded by a clock that nobody
  can set; both are empty in rows that are older than layout 2.
- ``clock_jumps``: the PC's clock was moved while the program ran, by ``seconds``, after the row
  ``last_seq``.

When this journal cannot be written, another one in a fallback place takes over, and its rows are
brought home later:

- ``imports``, in the one that came back: which ``row``, deletion (``void``) or ``jump`` of which
  journal became which of ours; what is named here is never imported again.
- ``homes``, in the other: up to where its rows, ``outside_voids`` and jumps have been brought home.
- ``outside_voids``, in the other: rows of the journal that was out of reach, deleted meanwhile.

Once its lines are uploaded, an OffCirc.dat is put away and a clean one begins:

- ``closings``: a file of which the first ``size`` bytes, rows up to ``last_seq``, were uploaded, by
  whom, and where they are kept now; ``closing_ends``: what came of it.
- ``erasures``: rows up to which readers' identifiers were replaced by marks, after the time that
  the library sets. It is the one change of a row, and only rows of closed files can undergo it.

What is to be known of some rows and files besides:

- ``remarks``: a row is ``odd``, in which way; or it ``restores`` a deleted one, by that one's id.
- ``told``: what the desk was told of a row after it was recorded, see :mod:`offcirc.core.told`.
- ``act`` and ``stated`` of a transaction: what it was, where OffCirc.dat has no letter for that
  (``operation`` is always the letter), and the local minute at which it is stated to have happened,
  where that is not when it was recorded (``at_utc`` always is): what lay in the book drop. Both are
  empty otherwise.
- ``fates``: what became of the rows of an OffCirc.dat that was moved away or deleted: the staff say
  that it was ``uploaded``, or they were ``made-again``.

Times are UTC, ``YYYY-MM-DDTHH:MM:SS.mmmZ``. The order of transactions is ``seq``, never the time.
"""

from __future__ import annotations

from offcirc.disk.database import Schema, append_only
from offcirc.storage.ledger.schema import MARK

_FIRST = (
    """CREATE TABLE transactions (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL,
        at_utc TEXT NOT NULL,
        utc_offset INTEGER NOT NULL,
        operation TEXT NOT NULL CHECK (operation IN ('L', 'R')),
        item TEXT NOT NULL,
        patron TEXT NOT NULL,
        raw TEXT NOT NULL,
        source TEXT NOT NULL CHECK (source IN ('scan', 'typed', 'serial')))""",
    """CREATE TABLE days (
        first_seq INTEGER PRIMARY KEY,
        day TEXT NOT NULL)""",
    "CREATE INDEX days_by_day ON days (day)",
    """CREATE TABLE voids (
        seq INTEGER PRIMARY KEY REFERENCES transactions (seq),
        at_utc TEXT NOT NULL)""",
    """CREATE TABLE files (
        file INTEGER PRIMARY KEY,
        path TEXT NOT NULL,
        at_utc TEXT NOT NULL)""",
    """CREATE TABLE file_states (
        entry INTEGER PRIMARY KEY,
        file INTEGER NOT NULL REFERENCES files (file),
        at_utc TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('new', 'found', 'saved', 'changed', 'gone')),
        size INTEGER NOT NULL,
        sha256 TEXT NOT NULL)""",
    """CREATE TABLE saves (
        save INTEGER PRIMARY KEY,
        file INTEGER NOT NULL REFERENCES files (file),
        at_utc TEXT NOT NULL,
        offset INTEGER NOT NULL,
        length INTEGER NOT NULL,
        sha256 TEXT NOT NULL,
        first_seq INTEGER NOT NULL REFERENCES transactions (seq),
        last_seq INTEGER NOT NULL REFERENCES transactions (seq),
        row_count INTEGER NOT NULL)""",
    """CREATE TABLE save_ends (
        save INTEGER PRIMARY KEY REFERENCES saves (save),
        at_utc TEXT NOT NULL,
        outcome TEXT NOT NULL CHECK (outcome IN ('done', 'abandoned')),
        last_seq INTEGER NOT NULL)""",
    """CREATE VIEW placed_saves AS
        SELECT s.save, s.file, f.path, s.at_utc, s.offset, s.length, s.sha256, s.first_seq,
               s.last_seq, s.row_count
        FROM saves AS s JOIN files AS f ON f.file = s.file""",
    "CREATE INDEX saves_by_file ON saves (file)",
    "CREATE INDEX file_states_by_file ON file_states (file)",
    "CREATE INDEX save_ends_by_outcome ON save_ends (outcome, save)",
    *(
        statement
        for table, key in (
            ("transactions", "seq"),
            ("days", "first_seq"),
            ("voids", "seq"),
            ("files", "file"),
            ("file_states", "entry"),
            ("saves", "save"),
            ("save_ends", "save"),
        )
        for statement in append_only(table, key)
    ),
)

_SECOND = (
    """CREATE TABLE about (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        id TEXT NOT NULL)""",
    "INSERT INTO about VALUES (1, lower(hex(randomblob(16))))",
    """CREATE TABLE sessions (
        session INTEGER PRIMARY KEY,
        id TEXT NOT NULL,
        at_utc TEXT NOT NULL,
        library TEXT NOT NULL,
        circulation_desk TEXT NOT NULL,
        desk_name TEXT NOT NULL,
        computer TEXT NOT NULL,
        program_version TEXT NOT NULL)""",
    "ALTER TABLE transactions ADD COLUMN session INTEGER REFERENCES sessions (session)",
    "ALTER TABLE transactions ADD COLUMN elapsed_ms INTEGER",
    "ALTER TABLE transactions ADD COLUMN repaired TEXT NOT NULL DEFAULT ''",
    """CREATE TABLE clock_jumps (
        jump INTEGER PRIMARY KEY,
        session INTEGER NOT NULL REFERENCES sessions (session),
        last_seq INTEGER NOT NULL,
        before_utc TEXT NOT NULL,
        after_utc TEXT NOT NULL,
        seconds REAL NOT NULL,
        elapsed_ms INTEGER NOT NULL)""",
    """CREATE TABLE imports (
        import INTEGER PRIMARY KEY,
        at_utc TEXT NOT NULL,
        journal TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('row', 'void', 'jump')),
        theirs INTEGER NOT NULL,
        ours INTEGER NOT NULL)""",
    """CREATE TABLE outside_voids (
        entry INTEGER PRIMARY KEY,
        at_utc TEXT NOT NULL,
        journal TEXT NOT NULL,
        seq INTEGER NOT NULL,
        id TEXT NOT NULL)""",
    """CREATE TABLE homes (
        home INTEGER PRIMARY KEY,
        at_utc TEXT NOT NULL,
        journal TEXT NOT NULL,
        last_seq INTEGER NOT NULL,
        last_void INTEGER NOT NULL,
        last_jump INTEGER NOT NULL)""",
    *(
        statement
        for table, key in (
            ("about", "one"),
            ("sessions", "session"),
            ("clock_jumps", "jump"),
            ("imports", "import"),
            ("outside_voids", "entry"),
            ("homes", "home"),
        )
        for statement in append_only(table, key)
    ),
)

_CLOSED_UP_TO = """(SELECT coalesce(max(c.last_seq), 0) FROM closings AS c WHERE
    (SELECT e.outcome FROM closing_ends AS e WHERE e.closing = c.closing
     ORDER BY e.entry DESC LIMIT 1) = 'done')"""


def _only_erased(*more: str) -> tuple[str, str]:
    """Make it so that nothing of a transaction can change but that its reader is erased.

    Args:
        more: columns of a later layout.
    """
    columns: tuple[str, ...] = ("seq", "id", "at_utc", "utc_offset", "operation", "item", "source")
    columns += ("session", "elapsed_ms", "repaired", *more)
    erasing = (  # a trigger's condition, made of constants
        " AND ".join(f"NEW.{column} IS OLD.{column}" for column in columns)  # noqa: S608
        + f" AND NEW.raw IN (OLD.raw, OLD.item) AND NEW.patron GLOB '{MARK}'"
        + " AND OLD.seq <= (SELECT max(last_seq) FROM erasures)"
    )
    return (
        "DROP TRIGGER transactions_no_update",
        f"""CREATE TRIGGER transactions_no_update BEFORE UPDATE ON transactions WHEN NOT ({erasing})
        BEGIN SELECT RAISE(ABORT, 'rows of transactions are never changed'); END""",
    )


_THIRD = (
    """CREATE TABLE closings (
        closing INTEGER PRIMARY KEY,
        at_utc TEXT NOT NULL,
        file INTEGER NOT NULL REFERENCES files (file),
        size INTEGER NOT NULL,
        lines INTEGER NOT NULL,
        first_seq INTEGER NOT NULL,
        last_seq INTEGER NOT NULL,
        lead_size INTEGER NOT NULL,
        clean_size INTEGER NOT NULL,
        clean_sha256 TEXT NOT NULL,
        left_behind INTEGER NOT NULL,
        archive TEXT NOT NULL,
        receipt TEXT NOT NULL)""",
    """CREATE TABLE closing_ends (
        entry INTEGER PRIMARY KEY,
        closing INTEGER NOT NULL REFERENCES closings (closing),
        at_utc TEXT NOT NULL,
        outcome TEXT NOT NULL CHECK (outcome IN ('done', 'given-up', 'undone')))""",
    "CREATE INDEX closing_ends_by_closing ON closing_ends (closing)",
    """CREATE TABLE erasures (
        erasure INTEGER PRIMARY KEY,
        at_utc TEXT NOT NULL,
        last_seq INTEGER NOT NULL,
        row_count INTEGER NOT NULL,
        readers INTEGER NOT NULL)""",
    f"""CREATE TRIGGER erasures_closed BEFORE INSERT ON erasures
        WHEN NEW.last_seq > {_CLOSED_UP_TO}
        BEGIN SELECT RAISE(ABORT, 'only rows of a closed file are erased'); END""",
    *_only_erased(),
    *(
        statement
        for table, key in (
            ("closings", "closing"),
            ("closing_ends", "entry"),
            ("erasures", "erasure"),
        )
        for statement in append_only(table, key)
    ),
)

_FOURTH = (
    """CREATE TABLE remarks (
        entry INTEGER PRIMARY KEY,
        seq INTEGER NOT NULL,
        at_utc TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('odd', 'restores')),
        about TEXT NOT NULL)""",
    "CREATE INDEX remarks_by_seq ON remarks (seq)",
    """CREATE TABLE fates (
        fate INTEGER PRIMARY KEY,
        at_utc TEXT NOT NULL,
        file INTEGER NOT NULL,
        what TEXT NOT NULL CHECK (what IN ('uploaded', 'made-again')))""",
    *(
        statement
        for table, key in (("remarks", "entry"), ("fates", "fate"))
        for statement in append_only(table, key)
    ),
)

_FIFTH = (
    "ALTER TABLE transactions ADD COLUMN act TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE transactions ADD COLUMN stated TEXT NOT NULL DEFAULT ''",
    *_only_erased("act", "stated"),
)

_SIXTH = (
    """CREATE TABLE told (
        entry INTEGER PRIMARY KEY,
        seq INTEGER NOT NULL,
        at_utc TEXT NOT NULL,
        about TEXT NOT NULL)""",
    "CREATE INDEX told_by_seq ON told (seq)",
    *append_only("told", "entry"),
)

JOURNAL = Schema(
    application_id=0x4F66664A, steps=(_FIRST, _SECOND, _THIRD, _FOURTH, _FIFTH, _SIXTH)
)  # "OffJ"
