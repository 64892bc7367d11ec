"""Copies of this repository in folders of their own, which share nothing with this machine.

Commands that run there see this Python's programs first, and neither the user's DVC settings nor
DVC's own variables, so no cache, remote or stage of elsewhere can lend them a result. Git runs
without the user's hooks, signatures and conversion of line ends.
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
RUNNING = re.compile(r"Running stage '(.+)'")
UP_TO_DATE = "Data and pipelines are up to date."
FOREIGN = ("DVC", "GIT_")
GIT = {
    "user.name": "checkout",
    "user.email": "checkout@localhost",
    "core.autocrlf": "false",
    "core.hooksPath": os.devnull,
    "commit.gpgSign": "false",
}
Completed = subprocess.CompletedProcess[str]


class CheckoutError(FashionError):
    """A command that failed in a checkout."""


class Checkout:
    """A checkout of this project in `folder`, with `variables` in the environment of commands."""

    def __init__(self, folder: Path, **variables: str):
        self.folder = folder
        self._variables = variables

    @classmethod
    def clone(
        cls, source: Path, folder: Path, commit: str = "HEAD", **variables: str
    ) -> "Checkout":
        """A fresh clone of `commit` of the repository `source`: what Git holds, and no cache."""
        checkout = cls(folder, **variables)
        folder.mkdir(parents=True)
        found = cls(source).git("rev-parse", commit).strip()
        checkout.git("clone", "--quiet", "--no-checkout", str(source), ".")
        checkout.git("checkout", "--quiet", "--detach", found)
        return checkout

    @property
    def environment(self) -> dict[str, str]:
        """The variables that commands see."""
        nowhere = str(self.folder / ".dvc" / "tmp" / "nowhere")
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "DVC_GLOBAL_CONFIG_DIR": nowhere,
            "DVC_SYSTEM_CONFIG_DIR": nowhere,
            "DVC_SITE_CACHE_DIR": nowhere,
            **self._variables,
        }

    def start(self, *command: str, **options: Any) -> "subprocess.Popen[str]":
        """Start `command` in a process group of its own, its output and errors in one pipe."""
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

    def run(self, *command: str, check: bool = True) -> Completed:
        """Run `command` to its end; raises `CheckoutError` with what it said if it fails."""
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
        """What `git arguments` printed."""
        settings = [part for name, value in GIT.items() for part in ("-c", f"{name}={value}")]
        return self.run("git", *settings, *arguments).stdout

    def stages_run(self, *targets: str) -> list[str]:
        """What `dvc repro targets` ran, in order."""
        return RUNNING.findall(self.run("dvc", "repro", *targets).stdout)

    def is_up_to_date(self, *options: str) -> bool:
        """Whether `dvc repro` has nothing to do, by its own words; its exit code would not tell."""
        done = self.run("dvc", "repro", "--dry", *options, check=False)
        return UP_TO_DATE in done.stdout.splitlines()

    def lock(self) -> dict[str, Any]:
        """The stages of `dvc.lock`, by name."""
        return YAML(typ="safe").load(self.folder / "dvc.lock")["stages"]
