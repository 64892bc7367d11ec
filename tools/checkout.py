"""Checkouts of this repository that are isolated from the settings of the user.

Commands in a checkout find the programs of this Python first. They do not see the user's DVC
settings or DVC's environment variables, so no result can come from a cache or remote elsewhere.
Git runs without the user's hooks, signatures and conversion of line ends.
"""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from fashion.errors import FashionError

ROOT = Path(__file__).resolve().parent.parent
RUNNING_STAGE = re.compile(r"Running stage '(.+)'")
UP_TO_DATE = "Data and pipelines are up to date."
HIDDEN_VARIABLES = ("DVC", "GIT_")
GIT = {
    "user.name": "checkout",
    "user.email": "checkout@localhost",
    "core.autocrlf": "false",
    "core.hooksPath": os.devnull,
    "commit.gpgSign": "false",
}


class CheckoutError(FashionError):
    """A command in a checkout failed."""


class Checkout:
    """A checkout of this project in `folder`; `variables` extend the environment of commands."""

    def __init__(self, folder: Path, **variables: str):
        self.folder = folder
        self._variables = variables

    @classmethod
    def clone(
        cls, source: Path, folder: Path, commit: str = "HEAD", **variables: str
    ) -> "Checkout":
        """Clone `commit` of the repository `source`: what is in Git, without DVC's cache."""
        checkout = cls(folder, **variables)
        folder.mkdir(parents=True)
        revision = cls(source).git("rev-parse", commit).strip()
        checkout.git("clone", "--quiet", "--no-checkout", str(source), ".")
        checkout.git("checkout", "--quiet", "--detach", revision)
        return checkout

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables of commands."""
        missing = str(self.folder / ".dvc" / "tmp" / "missing")
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(HIDDEN_VARIABLES)
        }
        return {
            **inherited,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "DVC_GLOBAL_CONFIG_DIR": missing,
            "DVC_SYSTEM_CONFIG_DIR": missing,
            "DVC_SITE_CACHE_DIR": missing,
            **self._variables,
        }

    def start(self, *command: str, **options: Any) -> "subprocess.Popen[str]":
        """Start `command` in a new process group, with stdout and stderr in one pipe."""
        return subprocess.Popen(
            command,
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            **options,
        )

    def run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run `command`; raises `CheckoutError` with its output if it fails and `check` is set."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if check and done.returncode:
            raise CheckoutError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
        return done

    def git(self, *arguments: str) -> str:
        """The output of `git arguments`."""
        settings = [word for name, value in GIT.items() for word in ("-c", f"{name}={value}")]
        return self.run("git", *settings, *arguments).stdout

    def stages_run(self, *targets: str) -> list[str]:
        """Run `dvc repro targets`; the names of the stages that ran, in order."""
        return RUNNING_STAGE.findall(self.run("dvc", "repro", *targets).stdout)

    def is_up_to_date(self, *options: str) -> bool:
        """Whether `dvc repro` has nothing to do; only its output says so, not its exit code."""
        done = self.run("dvc", "repro", "--dry", *options, check=False)
        return UP_TO_DATE in done.stdout.splitlines()

    def lock(self) -> dict[str, Any]:
        """The stages of `dvc.lock`, by name."""
        return YAML(typ="safe").load(self.folder / "dvc.lock")["stages"]
