"""Screenshots of the page for the README."""

import subprocess
import sys

import pytest
from PIL import Image

from tests.conftest import ROOT


@pytest.mark.slow
def test_both_pages_are_drawn_with_few_colours(site, browser, tmp_path):
    # In a process of its own, as a browser runs in this one.
    command = [sys.executable, "-m", "tools.page.screenshots", str(site.folder), str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True)
    for name in ("classify", "report"):
        with Image.open(tmp_path / f"page-{name}.png") as image:
            assert (image.mode, image.width) == ("P", 1280)
            assert len(image.getcolors()) > 20
