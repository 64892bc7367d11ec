"""The images of the page in the README can be drawn again."""

import subprocess
import sys

import pytest
from PIL import Image

from tests.conftest import ROOT


@pytest.mark.slow
def test_both_documents_are_drawn_with_few_colours(site, browser, tmp_path):
    command = [sys.executable, "-m", "tools.page.screenshots", str(site.folder), str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True)  # of its own: a browser runs in this one
    for name in ("classify", "report"):
        with Image.open(tmp_path / f"page-{name}.png") as drawn:
            assert drawn.mode == "P"
            assert len(drawn.getcolors()) > 20
            assert drawn.width == 1280
