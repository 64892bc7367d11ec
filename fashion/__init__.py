"""The library behind the stages. Each folder is a DVC dependency of the stages that use it.

`PLUMBING` lists the modules that never change an output, so no stage depends on them: errors, the
command line, run locks, isolation from the user's settings, the role of this process in a cluster,
suppressed stderr, checks of file names and links, remarks on weak networks, and the schemas of
`params.yaml`, which have no defaults.
"""

PLUMBING = (
    "fashion/errors.py",
    "fashion/cli.py",
    "fashion/run_lock.py",
    "fashion/code_version.py",
    "fashion/isolation.py",  # adding a name to its list must not retrain all networks
    "fashion/cluster.py",
    "fashion/suppress_stderr.py",
    "fashion/names.py",
    "fashion/collapse.py",
    "fashion/listing.py",  # `.dvcignore` lists the same names, so DVC sees which data they change
    "fashion/links.py",
    "fashion/config",
)
