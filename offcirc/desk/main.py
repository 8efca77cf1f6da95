"""``offcirc-desk``: the blue window, or the trial of this installation (``--smoke``)."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from offcirc import commandline
from offcirc.desk.program import start
from offcirc.desk.program.options import read


def main(argv: Sequence[str] | None = None) -> int:
    """Run the desk window until it is closed.

    Args:
        argv: the arguments without the program's name; those of the process if not given.

    Returns:
        The exit code, see :func:`offcirc.desk.program.start.main`.
    """
    commandline.prepare()
    options = read(sys.argv[1:] if argv is None else argv)
    if options.smoke:
        from offcirc.desk.program.smoke import run

        return run()
    return start.run(options)


if __name__ == "__main__":
    raise SystemExit(main())
