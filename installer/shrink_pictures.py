"""Make the manual's pictures small: ``python installer/shrink_pictures.py`` after making new ones.

They are drawn windows with few colours; a palette of 256 shows the same in a third of the bytes,
and every desk PC gets them.
"""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

FOLDER = Path(__file__).resolve().parent.parent / "resources" / "help" / "pictures"


def shrink(path: Path) -> None:
    """Rewrite a picture with a palette, unless it has one or would not become smaller."""
    with Image.open(path) as picture:
        if picture.mode == "P":
            return
        small = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    content = io.BytesIO()
    small.save(content, "PNG", optimize=True)
    if len(content.getvalue()) < path.stat().st_size:
        path.write_bytes(content.getvalue())


if __name__ == "__main__":
    for each in sorted(FOLDER.glob("*.png")):
        shrink(each)
