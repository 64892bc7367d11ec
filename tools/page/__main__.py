"""`python -m tools.page` runs `tools.page.build`."""

from fashion import cli
from tools.page.build import main

cli.run(main, "folder")
