import subprocess
import sys

import pytest

from tests.conftest import ROOT

PROGRAM = """
import gc
{before}
from fashion.runtime import make_deterministic
make_deterministic(seed=0, threads=1)
print(gc.isenabled(), gc.get_freeze_count() > 100_000)
"""


@pytest.mark.parametrize(("before", "enabled"), [("", "True"), ("gc.disable()", "False")])
def test_imports_are_kept_from_the_collector_which_is_left_as_it_was(before, enabled):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(before=before)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [enabled, "True"]
