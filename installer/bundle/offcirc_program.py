"""The three programs of the bundle: each is this file under another name."""

import sys
from importlib import import_module
from pathlib import Path

from offcirc.ourselves import run_module

MAINS = {"offcirc-desk": "offcirc.desk.main", "offcirc-uploader": "offcirc.referent.main"}

if __name__ == "__main__" and not run_module(sys.argv):
    name = Path(sys.executable).stem.lower()
    sys.exit(import_module(MAINS.get(name, "offcirc.cli.main")).main())
