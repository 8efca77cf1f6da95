"""Why a line was not recorded, as codes that the ledger keeps.

:mod:`offcirc.upload.report.words` words them.
"""

from __future__ import annotations

SERVER_FAILED = "server-failed"
"""The server had an inner error on this line, each time, and has not recorded it."""
REFUSED = "request-refused"
"""The server would not even look at the line."""
NO_ANSWER = "no-answer"
ALREADY_RECORDED = "already-recorded"
SAME_LINE = "same-line"
ALIKE = "alike"
"""Taken for a line that says the same, because nothing tells the two apart."""
ALREADY_HANDED_OVER = "already-handed-over"
HANDED_OVER_AGAIN = "handed-over-again"
NO_SUCH_LINE = "no-such-line"
"""A row of the library system's report that fits no line of the file."""
SPOILT = "spoilt-barcode"
"""A spreadsheet has shortened the barcode in the report."""
LINE_UNSURE = "line-unsure"
"""The report tells no number of a line, and the barcode stands in several."""
DAMAGED = "damaged"
"""Stands for every reason why a line cannot be read."""
KEPT_BACK = "held-by-decision"
"""A referent keeps it back."""
LEFT_FOR_LATER = "left-for-later"
"""A referent leaves it for another upload."""
DROPPED = "dropped-by-decision"
"""A referent has decided that it is not to be recorded."""
