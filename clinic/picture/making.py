"""Makes what we send of a picture that staff bring. Pure: bytes in, bytes out.

A file is judged by its content, never by its name, and drawn anew: places and times that a camera
wrote into it are gone, and whatever was hidden behind the picture. Limits are the narrowest of the
channels: LINE takes JPEG and PNG up to 10 MB (the preview up to 1 MB), Telegram fetches photos up
to 5 MB, of sides that differ by 20 times at most (Bot API, sendPhoto; LINE reference, image
message).
"""

import io
import warnings
from typing import TYPE_CHECKING, Literal

from clinic.picture.types import Made

if TYPE_CHECKING:
    from PIL.Image import Image

LARGEST = 10 * 1024 * 1024  # bytes of a file
MOST_PIXELS = 40_000_000
LEAST_SIDE = 100  # pixels
MOST_UNLIKE = 5  # times that one side may be longer than the other
SIDE, PREVIEW_SIDE = 1280, 480  # pixels of the longer side
MOST_BYTES = 1024 * 1024
QUALITIES = (85, 70, 50, 30)

Wrong = Literal["too_large", "no_picture", "too_many_pixels", "too_small", "too_narrow"]


def make(content: bytes) -> Made | Wrong:
    """What we send of a PNG or JPEG file; or why it is not taken. Takes up to a second."""
    from PIL import Image  # takes a while to load, and only who draws needs it

    if len(content) > LARGEST:
        return "too_large"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            opened = Image.open(io.BytesIO(content), formats=("JPEG", "PNG"))
        width, height = opened.size
        if width * height > MOST_PIXELS:
            return "too_many_pixels"
        if min(width, height) < LEAST_SIDE:
            return "too_small"
        if max(width, height) > MOST_UNLIKE * min(width, height):
            return "too_narrow"
        drawn = _upright(opened)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return "too_many_pixels"
    # What a damaged file makes the decoders raise; they name no common kind.
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError):
        return "no_picture"
    drawn.info.clear()  # a comment would be written out again
    drawn.thumbnail((SIDE, SIDE))
    small = drawn.copy()
    small.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    return Made(_jpeg(drawn), _jpeg(small), *drawn.size)


def _upright(opened: "Image") -> "Image":
    """The picture as people see it, on white where one could see through it."""
    from PIL import Image, ImageOps

    turned = ImageOps.exif_transpose(opened)
    if not turned.has_transparency_data:
        return turned.convert("RGB")
    seen = turned.convert("RGBA")
    white = Image.new("RGBA", seen.size, "white")
    return Image.alpha_composite(white, seen).convert("RGB")


def _jpeg(picture: "Image") -> bytes:
    """The picture as a file of at most 1 MB: as good as fits."""
    found = b""
    for quality in QUALITIES:
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=quality, optimize=True, progressive=True)
        found = file.getvalue()
        if len(found) <= MOST_BYTES:
            break
    return found
