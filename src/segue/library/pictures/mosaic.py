"""Four covers as one square picture, for what has no picture of its own: a list of tracks. Runs in the process pool."""

from __future__ import annotations

import io
from collections.abc import Sequence

from segue.library.artwork import Format, thumbnail


def mosaic(pictures: Sequence[bytes], side: int, format: Format) -> bytes:
    """The first four of `pictures`, two by two, `side` pixels each way; fewer than four: the first alone. Raises BadImage."""
    from PIL import Image, ImageOps

    if len(pictures) < 4:
        return thumbnail(pictures[0], side, format)
    half = max(1, side // 2)
    whole = Image.new("RGB", (half * 2, half * 2))
    for place, data in enumerate(pictures[:4]):
        with Image.open(io.BytesIO(thumbnail(data, half * 2, "png"))) as tile:
            square = ImageOps.fit(tile.convert("RGB"), (half, half))
        whole.paste(square, (place % 2 * half, place // 2 * half))
    out = io.BytesIO()
    whole.save(out, "PNG")
    return thumbnail(out.getvalue(), half * 2, format)
