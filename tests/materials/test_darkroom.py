"""What the darkroom makes of every kind of file, run in the test's own process."""

import io

import pytest
from PIL import Image

from mobileapi.materials.darkroom import Refused, develop
from tests.materials import pictures

CORNER = (200, 30, 30)


def marked() -> Image.Image:
    """A page with a red upper left corner, so that we can tell when it is upright."""
    picture = pictures.page(1200, 1600)
    picture.paste(Image.new("RGB", (150, 150), CORNER), (0, 0))
    return picture


def turned(picture: Image.Image, orientation: int) -> Image.Image:
    """The picture as a camera would store it under that EXIF orientation (TIFF 6.0 tag 274)."""
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    return picture.transpose(undo[orientation]) if orientation in undo else picture


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_all_four_formats_become_the_same_kind_of_jpeg(kind: str) -> None:
    done = develop(pictures.encoded(marked(), kind))
    shown = Image.open(io.BytesIO(done.page))
    assert (shown.format, shown.size, shown.mode) == ("JPEG", (1200, 1600), "RGB")
    assert (done.width, done.height, done.problems) == (1200, 1600, [])
    assert Image.open(io.BytesIO(done.thumbnail)).size == (360, 480)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_comes_out_upright(orientation: int) -> None:
    done = develop(pictures.with_exif(turned(marked(), orientation), orientation=orientation))
    shown = Image.open(io.BytesIO(done.page))
    assert shown.size == (1200, 1600)
    red, green, blue = shown.getpixel((70, 70))  # type: ignore[misc]
    assert red > 150 and green < 90 and blue < 90
    assert Image.open(io.BytesIO(done.thumbnail)).getpixel((20, 20))[0] > 150  # type: ignore[index]


def test_place_maker_comment_and_colour_profile_are_gone_from_page_and_thumbnail() -> None:
    sent = pictures.with_exif(marked(), gps=True)
    assert b"SecretPhoneMaker" in sent and Image.open(io.BytesIO(sent)).getexif().get_ifd(0x8825)
    done = develop(sent)
    for file in (done.page, done.thumbnail):
        shown = Image.open(io.BytesIO(file))
        assert dict(shown.getexif()) == {}
        assert set(shown.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert b"SecretPhoneMaker" not in file and b"taken at home" not in file and b"Exif" not in file


def test_xmp_of_a_png_is_gone() -> None:
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    notes.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>GPSLatitude 23,5.7N</x:xmpmeta>")
    done = develop(pictures.encoded(marked(), "PNG", pnginfo=notes))
    assert b"xmpmeta" not in done.page and b"GPSLatitude" not in done.page


def test_a_picture_larger_than_we_keep_is_reduced_to_4096_pixels() -> None:
    done = develop(pictures.encoded(pictures.page(4500, 6000), "JPEG"))
    assert (done.width, done.height) == (3072, 4096)


def test_transparency_becomes_white_paper() -> None:
    glass = Image.new("RGBA", (800, 800), (0, 0, 0, 0))
    assert Image.open(io.BytesIO(develop(pictures.encoded(glass, "PNG")).page)).getpixel((5, 5)) == (255, 255, 255)


def test_sixteen_bit_grey_cmyk_and_palette_pictures_open() -> None:
    deep = Image.new("I;16", (800, 800), 40000)
    assert develop(pictures.encoded(deep, "PNG")).width == 800
    assert develop(pictures.encoded(marked().convert("CMYK"), "JPEG")).width == 1200
    assert develop(pictures.encoded(marked().convert("P"), "PNG")).width == 1200


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\0", b"hello", b"GIF89a" + b"\0" * 400,
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<!doctype html><script>alert(1)</script>", b"%PDF-1.7\n%/JavaScript", b"PK\x03\x04" + b"\0" * 60,
        b"BM" + b"\0" * 60, b"II*\0" + b"\0" * 60, b"\0\0\0\x20ftypavif" + b"\0" * 60, b"RIFF\0\0\0\0AVI " + b"\0" * 60,
    ],
)  # fmt: skip
def test_anything_else_is_not_an_image(content: bytes) -> None:
    with pytest.raises(Refused, match="not_an_image"):
        develop(content)


def test_a_gif_with_a_script_does_not_pass_as_jpeg_and_a_jpeg_with_one_loses_it() -> None:
    sent = pictures.encoded(marked()) + b"<script>alert(1)</script><?php system($_GET[0]); ?>"
    done = develop(sent)
    assert b"<script" not in done.page and b"<?php" not in done.page


@pytest.mark.parametrize(
    "head", [b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"RIFF\x10\0\0\0WEBPVP8 ", b"\0\0\0\x18ftypheic"]
)
def test_a_right_beginning_alone_is_unreadable(head: bytes) -> None:
    with pytest.raises(Refused, match="image_unreadable"):
        develop(head + b"<script>alert(1)</script>" * 40)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "HEIF"])
def test_orientation_is_obeyed_in_the_other_formats_too(kind: str) -> None:
    """In HEIC it is a property of the picture (irot), which the encoder writes from the EXIF bytes."""
    exif = Image.Exif()
    exif[0x0112] = 6
    done = develop(pictures.encoded(turned(marked(), 6), kind, exif=exif.tobytes()))
    assert (done.width, done.height) == (1200, 1600)
    assert Image.open(io.BytesIO(done.page)).getpixel((70, 70))[0] > 150  # type: ignore[index]


def test_a_jpeg_that_claims_to_be_enormous_is_refused_before_it_is_decoded() -> None:
    sent = bytearray(pictures.encoded(pictures.page(700, 700)))
    frame = sent.index(b"\xff\xc0")
    sent[frame + 5 : frame + 9] = (30_000).to_bytes(2, "big") * 2
    with pytest.raises(Refused, match="image_too_large"):
        develop(bytes(sent))


def test_a_bomb_in_the_notes_of_a_png_does_not_go_off() -> None:
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    notes.add_text("Comment", "0" * 80_000_000, zip=True)
    sent = pictures.encoded(Image.new("RGB", (700, 700)), "PNG", pnginfo=notes)
    assert len(sent) < 200_000
    with pytest.raises(Refused, match="image_unreadable"):
        develop(sent)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_files_cut_at_fifty_places_are_refused_with_a_typed_error(kind: str) -> None:
    whole = pictures.encoded(pictures.page(660, 880), kind)
    for step in range(50):
        cut = whole[: len(whole) * step // 50]
        with pytest.raises(Refused, match=r"not_an_image|image_unreadable"):
            develop(cut)
