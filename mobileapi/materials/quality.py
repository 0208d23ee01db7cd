"""
Whether a photograph of a paper can be read: blurred, dark, glaring, too small.

Pure figures over the grey picture, reduced to 1,024 pixels on its long side so that thresholds mean the same for every
camera. Thresholds find what nobody could read and let pass what somebody might: a refused good photo costs a citizen
more than a passed bad one costs a clerk. No import of ours: this also runs in the darkroom's own process.
"""

import numpy as np
import numpy.typing as npt
from PIL import Image

Grey = npt.NDArray[np.float32]

MEASURED_AT = 1024  # pixels on the long side
SMALL_LONG, SMALL_SHORT = 640, 400  # an A4 page below 55 dpi cannot be read
SHARPNESS = 45.0  # variance of the Laplacian; text pages in focus have several hundred
DARK = 70.0  # the brightest tenth of the picture is below this
BURNT = 250.0  # a tile of nothing but this or more has lost its print
GLARE_SHARE = 0.06  # of all tiles
TILE = 16


def problems_of(picture: Image.Image) -> list[str]:
    """What makes the upright picture unusable: of `too_small`, `dark`, `glaring`, `blurred`; often nothing."""
    grey = _grey(picture)
    found = []
    if max(picture.size) < SMALL_LONG or min(picture.size) < SMALL_SHORT:
        found.append("too_small")
    if brightest_tenth(grey) < DARK:
        found.append("dark")
    if glare_share(grey) > GLARE_SHARE:
        found.append("glaring")
    if sharpness(grey) < SHARPNESS:
        found.append("blurred")
    return found


def _grey(picture: Image.Image) -> Grey:
    reduced = picture.convert("L")
    reduced.thumbnail((MEASURED_AT, MEASURED_AT), Image.Resampling.BILINEAR)
    return np.asarray(reduced, dtype=np.float32)


def brightest_tenth(grey: Grey) -> float:
    return float(np.percentile(grey, 90))


def sharpness(grey: Grey) -> float:
    """
    Variance of the Laplacian, the light taken out: a dim sharp page counts as sharp as a bright one.

    Compared over the middle nine tenths of the tones, so that a lamp in the picture does not change the scale.
    """
    if min(grey.shape) < 3:
        return 0.0
    low, high = np.percentile(grey, (5, 95))
    scaled = grey * (200.0 / max(float(high - low), 40.0))
    inner = scaled[1:-1, 1:-1]
    laplacian = scaled[:-2, 1:-1] + scaled[2:, 1:-1] + scaled[1:-1, :-2] + scaled[1:-1, 2:] - 4 * inner
    return float(laplacian.var())


def glare_share(grey: Grey) -> float:
    """
    Share of tiles burnt to white while the rest of the picture is not: a reflection on the paper.

    A scan or a screenshot is white all over by nature; there the tiles with print have a white ground too.
    """
    rows, columns = grey.shape[0] // TILE, grey.shape[1] // TILE
    if rows * columns == 0:
        return 0.0
    tiles = grey[: rows * TILE, : columns * TILE].reshape(rows, TILE, columns, TILE).swapaxes(1, 2).reshape(-1, TILE**2)
    burnt = tiles.min(axis=1) >= BURNT
    rest = tiles[~burnt]
    if len(rest) == 0:
        return 0.0
    white_ground = np.percentile(rest, 75, axis=1) >= BURNT
    return 0.0 if white_ground.mean() > 0.5 else float(burnt.mean())
