"""``python -m offcirc`` is the ``offcirc`` command."""

from offcirc.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
