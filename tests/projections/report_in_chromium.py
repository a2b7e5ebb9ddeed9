"""The report in a real browser: light and dark, Chinese and English, narrow, and running nothing.

Run by `make check-report`, on a machine that has Chromium: the default run shows the page's structure without one.
"""

import shutil
import struct
import subprocess
import zlib
from collections.abc import Callable

import pytest

from projections.simulation.report import page
from projections.simulation.report.style import DARK, LIGHT
from projections.simulation.sheets import sheets
from tests.projections.populations import POINT, drafted, simulated, written

Take = Callable[..., bytes]
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_EMPTIED = "<script>document.body.innerHTML = ''</script>"
_DARK = "--blink-settings=preferredColorScheme=0"


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> Take:
    """Take a picture of the report and give its file's bytes."""
    folder = tmp_path_factory.mktemp("report")
    found = simulated(written(folder, 120), drafted(points="0.4"), thresholds={"school": 60 * POINT})
    for tongue in ("zh", "en"):
        (folder / f"{tongue}.html").write_text(page(found, sheets(found), tongue), encoding="utf-8")
    scripted = (folder / "zh.html").read_text(encoding="utf-8").replace("</body>", f"{_EMPTIED}</body>")
    (folder / "scripted.html").write_text(scripted, encoding="utf-8")
    browser = next(path for name in _NAMES if (path := shutil.which(name)))

    def take(tongue: str = "zh", *options: str, width: int = 1000) -> bytes:
        picture = folder / "picture.png"
        picture.unlink(missing_ok=True)
        window = (f"--window-size={width},900", f"--screenshot={picture}", f"--user-data-dir={folder / 'profile'}")
        fixed = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars")
        subprocess.run(
            [browser, *fixed, *window, *options, (folder / f"{tongue}.html").as_uri()],
            check=True,
            timeout=120,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return picture.read_bytes()

    return take


def corner(picture: bytes) -> str:
    """Give the colour of the first pixel of a PNG: of the first line, no filter makes it another."""
    data, place = b"", 8
    while place < len(picture):
        length, name = struct.unpack(">I4s", picture[place : place + 8])
        if name == b"IDAT":
            data += picture[place + 8 : place + 8 + length]
        place += 12 + length
    return "#" + zlib.decompress(data)[1:4].hex()


def test_the_page_is_light_or_dark_as_the_reader_has_it(take: Take) -> None:
    assert corner(take()) == LIGHT["ground"]
    assert corner(take("zh", _DARK)) == DARK["ground"]


def test_the_page_shows_one_tongue(take: Take) -> None:
    assert take("zh") != take("en")


def test_a_script_that_got_into_the_page_would_not_run(take: Take) -> None:
    assert take("scripted") == take("zh")


def test_the_page_is_drawn_on_a_narrow_screen(take: Take) -> None:
    assert corner(take("en", width=400)) == LIGHT["ground"]
