"""The library behind the stages. Each folder is a DVC dependency of the stages that use it.

`PLUMBING` is what no stage depends on, because no output changes with it: errors, the command
line, run locks, isolation from the user's settings, the role of this process in a cluster, a quiet
stderr, checks of file names and links, and the schemas of `params.yaml`, which have no defaults.
"""

PLUMBING = (
    "fashion/errors.py",
    "fashion/cli.py",
    "fashion/run_lock.py",
    "fashion/code_version.py",
    "fashion/isolation.py",  # one more name on its list must not train all networks again
    "fashion/cluster.py",
    "fashion/suppress_stderr.py",
    "fashion/names.py",
    "fashion/listing.py",  # `.dvcignore` lists the same names, so DVC sees which data they change
    "fashion/links.py",
    "fashion/config",
)
