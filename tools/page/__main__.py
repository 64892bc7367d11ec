"""`python -m tools.page` builds the page (`tools.page.build`)."""

from fashion import cli
from tools.page.build import main

cli.run(main, "folder")
