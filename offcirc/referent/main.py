"""``offcirc-uploader``: the referent's window, or the trial of this installation (``--smoke``)."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from offcirc import commandline
from offcirc.referent.frame import start


def main(argv: Sequence[str] | None = None) -> int:
    """Open the referent's window and return when it is closed.

    Args:
        argv: the arguments without the program's name; those of the process when not given.

    Returns:
        The exit code, see :func:`offcirc.referent.frame.start.main`.
    """
    commandline.prepare()
    options = start.read(list(sys.argv[1:] if argv is None else argv))
    if options.smoke:
        from offcirc.referent.smoke import run

        return run()
    return start.run(options)


if __name__ == "__main__":
    raise SystemExit(main())
