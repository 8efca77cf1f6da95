"""The modules a fault of which loses or doubles loans, and the tests that watch over each.

``make mutants`` breaks every line of them; ``make coverage`` (``python tests/hearts.py``) wants
every branch of them walked.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

REPLAY = (
    "tests/upload/replay/test_replay.py",
    "tests/upload/replay/test_replay_waits.py",
    "tests/upload/replay/test_replay_again.py",
    "tests/upload/replay/test_replay_unknown.py",
    "tests/upload/replay/test_replay_refused.py",
)

HEARTS: dict[str, tuple[str, ...]] = {
    "offcirc/core/dat/datline.py": (
        "tests/core/dat/test_datline.py",
        "tests/core/dat/test_datfile.py",
    ),
    "offcirc/core/dat/datfile.py": ("tests/core/dat/test_datfile.py",),
    "offcirc/core/order/timeline.py": ("tests/core/order/test_timeline.py",),
    "offcirc/core/order/contest.py": ("tests/core/order/test_timeline.py",),
    "offcirc/storage/journal/journal.py": (
        "tests/storage/journal/test_journal.py",
        "tests/storage/journal/test_journal_sessions.py",
        "tests/storage/copies/test_told.py",
        "tests/storage/keeper/test_coming_home.py::test_what_was_kept_of_each_row_comes_home_too",
        "tests/storage/keeper/test_coming_home.py::test_what_was_noted_of_a_row_comes_home_too",
    ),
    "offcirc/storage/dat/datwriter.py": (
        "tests/storage/dat/test_datwriter.py",
        "tests/storage/closing/test_deskclosing.py",
    ),
    "offcirc/storage/dat/datrepair.py": (
        "tests/storage/dat/test_datrepair.py",
        "tests/storage/dat/test_datwriter.py",
    ),
    "offcirc/upload/replay/chains.py": ("tests/upload/replay/test_chains.py",),
    "offcirc/upload/replay/replay.py": (
        *REPLAY,
        "tests/upload/replay/test_replay_lanes.py",
    ),
    "offcirc/upload/replay/replayrequest.py": REPLAY,
    "offcirc/upload/replay/line_states.py": (
        *REPLAY,
        "tests/upload/replay/test_replay_lanes.py",
    ),
    "offcirc/upload/replay/settlements.py": (
        *REPLAY,
        "tests/upload/test_operations.py::test_any_servers_refusal_is_judged_by_what_was_meant",
    ),
    "offcirc/core/rules/lending.py": (
        "tests/core/rules/test_rules_steps.py",
        "tests/practice/library/test_practice_rules.py",
        "tests/practice/library/test_practice_circulation.py",
    ),
}


def main() -> int:
    """Run the tests; 0 when they walk every branch."""
    tests = sorted({test for named in HEARTS.values() for test in named})
    which = f"--include={','.join(HEARTS)}"
    top = Path(__file__).resolve().parent.parent
    for words in (
        ["run", which, "-m", "pytest", "-q", "-n0", *tests],
        ["report", which],
    ):
        done = subprocess.run([sys.executable, "-m", "coverage", *words], cwd=top, check=False)
        if done.returncode:
            return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
