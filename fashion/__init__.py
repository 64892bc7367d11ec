"""What the stages are made of. Each folder here is a rerun boundary: a stage depends on folders.

`PLUMBING` is what no stage depends on, since no output changes with it: errors, the command line,
guards, isolation from the user's settings, which process of a cluster this is, a quiet stderr, how
names look, and the schemas of `params.yaml`, which have no defaults.
"""

PLUMBING = (
    "fashion/errors.py",
    "fashion/cli.py",
    "fashion/guards.py",
    "fashion/isolation.py",  # one name more on its list must not train all networks again
    "fashion/cluster.py",
    "fashion/suppress_stderr.py",
    "fashion/names.py",
    "fashion/config",
)
