"""The thresholds, shown on drawn photographs: what fails them and by how much, and what passes."""

import pytest
from PIL import Image, ImageFilter

from mobileapi.materials.quality import _grey, glare_share, problems_of, sharpness
from tests.materials import pictures


def test_a_page_in_focus_has_no_problems() -> None:
    assert problems_of(pictures.page()) == []


def test_a_white_scan_is_not_taken_for_glare() -> None:
    assert problems_of(pictures.scan()) == []


def test_a_blurred_page_is_named_blurred_and_nothing_else() -> None:
    assert problems_of(pictures.blurred()) == ["blurred"]


def test_a_dark_page_is_named_dark_and_nothing_else() -> None:
    assert problems_of(pictures.dark()) == ["dark"]


def test_a_lamp_on_the_page_is_named_glaring_and_nothing_else() -> None:
    assert problems_of(pictures.glaring()) == ["glaring"]


@pytest.mark.parametrize(("size", "found"), [((639, 600), True), ((640, 399), True), ((640, 400), False)])
def test_a_small_picture_is_named_too_small(size: tuple[int, int], found: bool) -> None:
    assert ("too_small" in problems_of(pictures.page().resize(size))) is found


@pytest.mark.parametrize("width", [1000, 2000, 4000])
def test_the_size_of_the_camera_does_not_change_the_judgement(width: int) -> None:
    assert problems_of(pictures.page(width, width * 4 // 3)) == []
    soft = pictures.page(width, width * 4 // 3).filter(ImageFilter.GaussianBlur(width / 130))
    assert problems_of(soft) == ["blurred"]


def test_a_slightly_soft_page_passes_with_room_to_spare() -> None:
    soft = pictures.page().filter(ImageFilter.GaussianBlur(1.2))
    assert sharpness(_grey(soft)) > 90
    assert problems_of(soft) == []


def test_an_evenly_lit_dim_page_stays_usable() -> None:
    assert problems_of(pictures.page().point(lambda value: value // 2)) == []


def test_a_few_white_spots_are_no_glare() -> None:
    picture = pictures.page()
    picture.paste(Image.new("RGB", (120, 120), "white"), (500, 700))
    assert 0 < glare_share(_grey(picture)) < 0.02
    assert problems_of(picture) == []
