"""What becomes of a file that staff bring as a picture."""

import io
import random
import zlib

import pytest
from PIL import Image

from clinic.picture import making
from clinic.picture.making import MOST_BYTES, PREVIEW_SIDE, SIDE, make
from clinic.picture.types import Made, Stored, shown

JPEG = b"\xff\xd8\xff"


def file(picture: Image.Image, kind: str = "PNG", **how: object) -> bytes:
    written = io.BytesIO()
    picture.save(written, kind, **how)
    return written.getvalue()


def made(content: bytes) -> Made:
    found = make(content)
    assert isinstance(found, Made)
    return found


def seen(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_becomes_a_jpeg_with_a_preview(kind: str) -> None:
    found = made(file(Image.new("RGB", (3000, 1500), "red"), kind))
    assert found.content.startswith(JPEG)
    assert found.preview.startswith(JPEG)
    assert (found.width, found.height) == (SIDE, SIDE // 2)
    assert seen(found.content).size == (found.width, found.height)
    assert max(seen(found.preview).size) == PREVIEW_SIDE


def test_a_small_picture_is_not_blown_up() -> None:
    assert (made(file(Image.new("RGB", (200, 150)))).width) == 200


def test_what_a_camera_wrote_into_the_file_is_gone() -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at the home of a patient"
    exif[0x0112] = 6  # held upright: to be turned by 90 degrees
    found = made(file(Image.new("RGB", (400, 200)), "JPEG", exif=exif, comment=b"a secret"))
    assert (found.width, found.height) == (200, 400)
    assert b"patient" not in found.content
    assert b"secret" not in found.content
    assert dict(Image.open(io.BytesIO(found.content)).getexif()) == {}


def test_what_hides_behind_a_picture_is_gone() -> None:
    found = made(file(Image.new("RGB", (200, 200))) + b"<script>alert(1)</script>")
    assert b"script" not in found.content


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "I;16", "CMYK"])
def test_every_kind_of_colour_becomes_plain_ones_and_what_is_clear_becomes_white(mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"
    clear = {"transparency": 0} if mode == "P" else {}
    found = made(file(Image.new(mode, (120, 120)), kind, **clear))
    middle = seen(found.content).getpixel((60, 60))
    if mode in ("RGBA", "LA", "P"):
        assert min(middle) > 250


def test_noise_as_large_as_may_be_still_fits_every_channel() -> None:
    noise = Image.frombytes("RGB", (1500, 1500), random.Random(1).randbytes(1500 * 1500 * 3))
    found = made(file(noise))
    assert len(found.content) <= MOST_BYTES
    assert len(found.preview) <= MOST_BYTES


def test_what_cannot_be_made_small_enough_is_as_small_as_it_gets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(making, "MOST_BYTES", 10)
    assert made(file(Image.new("RGB", (200, 200)))).content.startswith(JPEG)


def bomb(width: int, height: int) -> bytes:
    """A PNG that says it is large: some bytes, that would become gigabytes."""
    content = bytearray(file(Image.new("1", (100, 100))))
    content[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no_picture"),
        (b"<html><img src=x onerror=alert(1)></html>", "no_picture"),
        (b"\x89PNG\r\n\x1a\n and then nothing of the kind", "no_picture"),
        (JPEG + b"\xe0" * 500, "no_picture"),
        (file(Image.new("RGB", (200, 200)))[:-60], "no_picture"),
        (file(Image.new("RGB", (200, 200)), "GIF"), "no_picture"),
        (file(Image.new("RGB", (200, 200)), "WEBP"), "no_picture"),
        (file(Image.new("RGB", (99, 200))), "too_small"),
        (file(Image.new("RGB", (100, 501))), "too_narrow"),
        (bomb(7000, 7000), "too_many_pixels"),
        (bomb(10_000, 10_000), "too_many_pixels"),
        (bomb(60_000, 60_000), "too_many_pixels"),
        (b"x" * (making.LARGEST + 1), "too_large"),
    ],
    ids=range(14),
)
def test_what_is_no_picture_to_send_is_refused_with_the_reason(content: bytes, why: str) -> None:
    assert make(content) == why


def test_a_damaged_picture_never_raises() -> None:
    draw = random.Random(7)
    whole = {kind: file(Image.new("RGB", (150, 120), "blue"), kind) for kind in ("PNG", "JPEG")}
    for kind, content in whole.items():
        for _ in range(150):
            broken = bytearray(content)
            for _ in range(draw.randint(1, 6)):
                broken[draw.randrange(len(broken))] = draw.randrange(256)
            found = make(bytes(broken))
            assert isinstance(found, Made | str), kind


def test_a_picture_is_named_by_address_or_by_path() -> None:
    stored = Stored("ab" * 32, 640, 480)
    public = shown(stored, "a nurse", "https://clinic.example/kayoi/")
    assert public.url == f"https://clinic.example/kayoi/pictures/{'ab' * 32}.jpg"
    assert public.preview_url.endswith("-small.jpg")
    assert public.is_public
    own = shown(stored, "a nurse", None)
    assert own.url == f"/pictures/{'ab' * 32}.jpg"
    assert not own.is_public
    assert not shown(stored, "a nurse", "http://localhost:8080").is_public
