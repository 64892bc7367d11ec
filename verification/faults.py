"""Faults, injected for real: each must be noticed or survived, and cost nothing that was whole.

A small copy of the pipeline (the real data, smaller networks, fewer epochs) is reproduced once.
Then it is killed, starved, edited and damaged, and after each fault `dvc repro` must bring every
output back to the bytes that it had. A fault that costs more ends the round with an error.

Out: `reports/faults.json`: how often each was tried, where it struck, and what it cost, at most.
Run: `make faults`; about 20 minutes.
"""

import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from ruamel.yaml import YAML

from benchmarks.machine import describe
from fashion import command
from fashion.artifacts import write_json
from fashion.digests import md5
from fashion.errors import FashionError
from verification import fsck
from verification.checkout import ROOT, Checkout
from verification.mend import mend

PATIENCE_SECONDS = 300
RUNNING = re.compile(r"Running stage '(.+)'")
RESUMED = re.compile(r"goes on after epoch (\d+)")
RESULTS = ("dvc.lock", "data", "models", "reports")
VARYING = "timing.json"
CACHE = ".dvc/cache/files/md5"
PARTIAL = ".unfinished*"
FORCED = ("dvc", "repro", "--force", "--single-item")  # DVC would take the outputs from its cache
KILLS = 6  # in one round
LONGEST_SECONDS = 12
FILE_LIMIT = 600  # bytes; each stage writes a larger file
STAGES = ("download", "preprocess", "train@mlp", "evaluate@mlp", "plot@mlp")
SMALL = {"epochs": 12, "batch_size": 512, "steps_per_execution": 8}
Snapshot = dict[str, str]


class FaultError(FashionError):
    """A fault that cost something."""


def main(report: str = "reports/faults.json", seed: int = 0) -> None:
    """Try every fault, and write how often and where."""
    rng = random.Random(seed)  # noqa: S311  for places, not for secrets
    rows = []
    with TemporaryDirectory(prefix="faults-") as temporary:
        bench = Bench(small_project(Path(temporary) / "project"))
        for name, fault in FAULTS.items():
            struck: Counter[str] = Counter()
            for _ in range(fault.rounds):
                struck.update(fault.inject(bench, rng))
            row = {"fault": name, "times": struck.total(), "struck": dict(sorted(struck.items()))}
            rows.append({**row, "lost": fault.lost})
            print(rows[-1], flush=True)
    write_json(report, {"machine": describe(), "faults": rows})


def small_project(folder: Path) -> Checkout:
    """A repository with this one's code and data and small networks, reproduced and committed."""
    project = Checkout.clone(ROOT, folder)
    document = YAML(typ="safe").load(folder / "params.yaml")
    document["download"]["sources"] = [{"directory": str(ROOT / "data" / "raw")}]
    for model in document["models"].values():
        model["fit"] |= SMALL
    document["models"]["cnn"]["network"]["filters"] = [4, 4, 8]
    YAML().dump(document, folder / "params.yaml")
    project.run("dvc", "repro")
    project.git("commit", "--quiet", "--all", "--message=Small")
    return project


class Bench:
    """A reproduced project, and copies of it to do harm to."""

    def __init__(self, project: Checkout):
        self.project = project
        self.whole = snapshot(project)

    @contextmanager
    def copy(self) -> Iterator[Checkout]:
        """The project with its outputs and its cache."""
        with TemporaryDirectory(prefix="fault-") as temporary:
            folder = Path(temporary) / "copy"
            shutil.copytree(self.project.folder, folder, symlinks=True)
            yield Checkout(folder)

    @contextmanager
    def clone(self) -> Iterator[Checkout]:
        """The project as Git has it, without outputs and cache."""
        with TemporaryDirectory(prefix="fault-") as temporary:
            yield Checkout.clone(self.project.folder, Path(temporary) / "clone")

    def check_repaired(self, checkout: Checkout, fault: str) -> None:
        """Raise `FaultError` unless `dvc repro` brings every byte back."""
        done = checkout.run("dvc", "repro", check=False)
        if done.returncode:
            raise FaultError(f"{fault}: dvc repro failed:\n{done.stdout}{done.stderr}")
        self.check_whole(checkout, fault)

    def check_whole(self, checkout: Checkout, fault: str) -> None:
        """Raise `FaultError` unless every output is what it was."""
        now = snapshot(checkout)
        differing = sorted(
            path for path in now.keys() | self.whole if now.get(path) != self.whole.get(path)
        )
        if differing:
            raise FaultError(f"{fault}: not what it was: {', '.join(differing)}")


def snapshot(checkout: Checkout) -> Snapshot:
    """The MD5 of every result by path, but for those that tell the time."""
    roots = [checkout.folder / name for name in RESULTS]
    files = [file for root in roots for file in (root.rglob("*") if root.is_dir() else [root])]
    return {
        str(file.relative_to(checkout.folder)): md5(file)
        for file in files
        if file.is_file() and file.name not in {VARYING, ".gitignore"}
    }


def expect(condition: bool, fault: str, said: str) -> None:
    """Raise `FaultError` with what was `said` unless `condition` holds."""
    if not condition:
        raise FaultError(f"{fault}: {said}")


def wait_for(condition: Callable[[], bool], process: "subprocess.Popen[str]") -> None:
    """Wait until `condition` holds, while `process` runs."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if process.poll() is not None or time.monotonic() > end:
            os.killpg(process.pid, signal.SIGKILL) if process.poll() is None else None
            raise FaultError(f"it ended before the fault could strike:\n{process.communicate()[0]}")
        time.sleep(0.01)


def has_checkpoint(checkout: Checkout, run: str) -> bool:
    """Whether the training `run` has finished an epoch."""
    return any((checkout.folder / ".runs" / run).glob("checkpoint-*"))


@contextmanager
def training(checkout: Checkout, run: str) -> "Iterator[subprocess.Popen[str]]":
    """`dvc repro` in the middle of the training `run`, after its first epoch."""
    shutil.rmtree(checkout.folder / ".runs" / run, ignore_errors=True)
    process = checkout.start(*FORCED, run)
    try:
        wait_for(lambda: has_checkpoint(checkout, run), process)
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def kill_everything(bench: Bench, rng: random.Random) -> Iterator[str]:
    """SIGKILL to `dvc repro` and its stage at random moments, from an empty checkout on."""
    with bench.clone() as checkout:
        for _ in range(KILLS):
            process = checkout.start("dvc", "repro")
            try:
                said = process.communicate(timeout=rng.uniform(0.5, LONGEST_SECONDS))[0]
                expect(process.returncode == 0, "SIGKILL", said)
                yield "after the end"
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                said = process.communicate()[0]
                yield ["dvc", *RUNNING.findall(said)][-1]
            yield from (line.partition(":")[0] for line in mend(checkout))
        bench.check_repaired(checkout, "SIGKILL")


def cut_off(bench: Bench, rng: random.Random) -> Iterator[str]:
    """A record of DVC cut off where a kill may cut it: `make repro` mends it before it runs."""
    name = rng.choice((".dvc/tmp/rwlock", "dvc.lock"))
    with bench.copy() as checkout:
        record = checkout.folder / name
        os.truncate(record, rng.randrange(record.stat().st_size - 1))
        failed = checkout.run("dvc", "repro", check=False).returncode
        mended = [line.partition(":")[0] for line in mend(checkout)]
        expect(mended == ([name] if failed else mended), "cut off", f"mended {mended}")
        bench.check_repaired(checkout, "cut off")
    yield name


def kill_training(bench: Bench, rng: random.Random) -> Iterator[str]:
    """SIGKILL in the middle of a training, which must go on from its last whole epoch."""
    run = rng.choice(("train@mlp", "train@cnn"))
    with bench.copy() as checkout:
        with training(checkout, run) as process:
            time.sleep(rng.uniform(0, 1))
            os.killpg(process.pid, signal.SIGKILL)
        before = len(list((checkout.folder / ".runs" / run).glob("checkpoint-*")))
        said = checkout.run(*FORCED, run).stdout
        expect(before > 0 and bool(RESUMED.search(said)), "SIGKILL", f"did not go on:\n{said}")
        bench.check_whole(checkout, "SIGKILL")
    yield run


def kill_dvc_alone(bench: Bench, rng: random.Random) -> Iterator[str]:
    """SIGKILL to `dvc` but not to its stage: the next `dvc repro` must not run beside that."""
    run = rng.choice(("train@mlp", "train@cnn"))
    with bench.copy() as checkout:
        with training(checkout, run) as process:
            group = process.pid
            process.kill()
            process.wait()
            second = checkout.run(*FORCED, run, check=False)
            said = second.stdout + second.stderr
            expect("is running here already, as process" in said, "orphan", said)
            os.killpg(group, signal.SIGKILL)
        bench.check_repaired(checkout, "orphan")
    yield run


def interrupt(bench: Bench, rng: random.Random) -> Iterator[str]:
    """Ctrl-C in a training, which must stop, and say how to go on."""
    run = rng.choice(("train@mlp", "train@cnn"))
    with bench.copy() as checkout:
        with training(checkout, run) as process:
            time.sleep(rng.uniform(0, 0.5))
            os.killpg(process.pid, signal.SIGINT)
            said = process.communicate(timeout=PATIENCE_SECONDS)[0]
            expect(process.returncode != 0, "Ctrl-C", "it ended well")
            expect("run the same command again" in said, "Ctrl-C", said)
            expect("Traceback" not in said, "Ctrl-C", said)
        bench.check_repaired(checkout, "Ctrl-C")
    yield run


def run_twice(bench: Bench, rng: random.Random) -> Iterator[str]:
    """A second `dvc repro` in one checkout: it must stop with a reason, and the first go on."""
    run = rng.choice(("train@mlp", "train@cnn"))
    with bench.copy() as checkout:
        with training(checkout, run) as first:
            second = checkout.run(*FORCED, run, check=False)
            said = second.stdout + second.stderr
            expect(second.returncode != 0 and "blocked by" in said, "two at once", said)
            said = first.communicate(timeout=PATIENCE_SECONDS)[0]
            expect(first.returncode == 0, "two at once", said)
        bench.check_whole(checkout, "two at once")
    yield run


def edit(bench: Bench, rng: random.Random) -> Iterator[str]:
    """Code or parameters edited in a training: nothing may be recorded as made of them."""
    path = rng.choice(("fashion/training.py", "fashion/augment.py", "params.yaml"))
    with bench.copy() as checkout:
        with training(checkout, "train@mlp") as process:
            file = checkout.folder / path
            text = file.read_text("utf-8")
            edited = text.replace("learning_rate: 0.006", "learning_rate: 0.007")
            file.write_text(edited if edited != text else f"{text}# edited\n", "utf-8")
            said = process.communicate(timeout=PATIENCE_SECONDS)[0]
            expect("changed while train@mlp ran" in said, "edit", said)
            expect(process.returncode != 0, "edit", said)
        file.write_text(text, "utf-8")
        expect(checkout.git("status", "--porcelain", "dvc.lock") == "", "edit", "it was recorded")
        bench.check_repaired(checkout, "edit")
    yield path


def flip(path: Path, rng: random.Random, *, unseen: bool = False) -> None:
    """Flip a random bit of the file `path`; `unseen`: keep its time, as a failing disk would."""
    status = path.stat()
    path.chmod(status.st_mode | 0o200)
    with path.open("r+b") as stream:
        place = rng.randrange(status.st_size)
        stream.seek(place)
        byte = stream.read(1)[0]
        stream.seek(place)
        stream.write(bytes([byte ^ 1 << rng.randrange(8)]))
    path.chmod(status.st_mode)
    if unseen:
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def damage_output(bench: Bench, rng: random.Random) -> Iterator[str]:
    """A flipped bit in data or a model: `dvc repro` must bring it back."""
    with bench.copy() as checkout:
        path = rng.choice(sorted(out for out in checkout.recorded() if not out.startswith("rep")))
        flip(checkout.folder / path, rng)
        bench.check_repaired(checkout, f"flipped bit in {path}")
    yield str(Path(path).parent)


def damage_output_unseen(bench: Bench, rng: random.Random) -> Iterator[str]:
    """The same with the file's time unchanged: `make fsck` must name it, then `dvc repro` mend."""
    with bench.copy() as checkout:
        path = rng.choice(sorted(out for out in checkout.recorded() if not out.startswith("rep")))
        flip(checkout.folder / path, rng, unseen=True)
        expect(path in fsck_says(checkout), "unseen bit", f"{path} was not named")
        bench.check_repaired(checkout, f"flipped bit in {path}")
        expect(not fsck_says(checkout), "unseen bit", "it was not mended")
    yield str(Path(path).parent)


def damage_cache(bench: Bench, rng: random.Random) -> Iterator[str]:
    """A flipped bit in DVC's cache, sometimes also in the output: named, and mended."""
    with bench.copy() as checkout:
        path = rng.choice(sorted(fsck.cached_objects(checkout.folder / CACHE)))
        name = fsck.object_name(path)
        flip(path, rng, unseen=True)
        both = rng.random() < 0.5  # noqa: PLR2004  heads or tails
        for out in [out for out, known in checkout.recorded().items() if both and known == name]:
            flip(checkout.folder / out, rng)
        expect(name in fsck_says(checkout), "damaged cache", f"{name} was not named")
        bench.check_repaired(checkout, "damaged cache")
        expect(not fsck_says(checkout), "damaged cache", "it was not mended")
    yield "object and output" if both else "object"


def fsck_says(checkout: Checkout) -> str:
    """What `make fsck` prints of damage; nothing where all is well."""
    done = checkout.run(sys.executable, "-m", "verification.fsck", check=False)
    return done.stdout + done.stderr if done.returncode else ""


def damage_model(bench: Bench, rng: random.Random) -> Iterator[str]:
    """A flipped bit in a model: whoever loads it must refuse it by its SHA-256."""
    network = rng.choice(("mlp", "cnn"))
    with bench.copy() as checkout:
        flip(checkout.folder / "models" / f"{network}.keras", rng, unseen=True)
        done = checkout.stage("evaluate", network, check=False)
        expect(done.returncode == 1, "damaged model", "it was loaded")
        expect("expected the SHA-256" in done.stderr, "damaged model", done.stderr)
        expect(bool(fsck_says(checkout)), "damaged model", "fsck did not notice")
        bench.check_repaired(checkout, "damaged model")
    yield f"models/{network}.keras"


def damage_checkpoint(bench: Bench, rng: random.Random) -> Iterator[str]:
    """A flipped bit in the newest checkpoint: named, and the one before it used."""
    run = rng.choice(("train@mlp", "train@cnn"))
    with bench.copy() as checkout:
        folder = checkout.folder / ".runs" / run
        with training(checkout, run) as process:
            wait_for(lambda: len(list(folder.glob("checkpoint-*"))) > 1, process)
            os.killpg(process.pid, signal.SIGKILL)
        newest = max(folder.glob("checkpoint-*"), key=lambda path: path.stat().st_mtime_ns)
        flip(newest, rng)
        said = checkout.run(*FORCED, run).stdout
        expect(f"{newest.name}: is damaged" in said, "damaged checkpoint", said)
        expect(bool(RESUMED.search(said)), "damaged checkpoint", said)
        bench.check_whole(checkout, "damaged checkpoint")
    yield run


def limit_files() -> None:
    """Let no file of this process grow beyond `FILE_LIMIT` bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_LIMIT, FILE_LIMIT))


def forbid_large_files(bench: Bench, rng: random.Random) -> Iterator[str]:
    """A limit on file sizes (as a quota sets it) in each stage."""
    for stage in STAGES:
        with bench.copy() as checkout:
            starve(checkout, stage, preexec_fn=limit_files)
            bench.check_repaired(checkout, f"file size limit in {stage}")
        yield stage


def fill_disk(bench: Bench, rng: random.Random) -> Iterator[str]:
    """A disk without a free page in each stage: a small file system of its own."""
    for stage in STAGES:
        with TemporaryDirectory(prefix="fault-") as mount:
            arguments = [str(bench.project.folder), mount, stage]
            done = bench.project.run(
                "unshare", "--user", "--map-root-user", "--mount",
                sys.executable, "-m", "verification.full_disk", *arguments,
            )  # fmt: skip
            expect(json.loads(done.stdout) == bench.whole, f"full disk in {stage}", "other bytes")
        yield stage


def can_mount() -> bool:
    """Whether this machine lets users make file systems of their own."""
    probe = ["unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "t", "/mnt"]
    if not shutil.which("unshare"):
        return False
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def starve(
    checkout: Checkout, stage: str, before: Callable[[], object] = bool, **options: Any
) -> None:
    """Run `stage` as DVC does, with its outputs removed and no room for new ones.

    `before` is called, and `options` of the process are set, to take the room away. Raises
    `FaultError` unless it fails with the system's reason and leaves nothing half made.
    """
    outputs = [checkout.folder / out["path"] for out in checkout.lock()[stage]["outs"]]
    for path in outputs:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    before()
    name, _, network = stage.partition("@")
    arguments = [network] if network else []
    process = checkout.start(sys.executable, "-m", f"stages.{name}", *arguments, **options)
    said = process.communicate(timeout=PATIENCE_SECONDS)[0]
    expect(process.returncode == 1, f"no room in {stage}", f"exit {process.returncode}:\n{said}")
    expect("the system refused: " in said, f"no room in {stage}", said)
    expect("Traceback" not in said, f"no room in {stage}", said)
    left = [path for path in checkout.folder.rglob(PARTIAL) if path.is_file()]
    expect(not left, f"no room in {stage}", f"left behind: {left}")


class Fault(NamedTuple):
    """What is done how often, and what it may cost; more than that is a `FaultError`."""

    rounds: int
    inject: Callable[[Bench, random.Random], Iterator[str]]
    lost: str = "nothing"


EPOCH = "the epoch begun"
FAULTS = {
    "SIGKILL of `dvc repro` and its stage, at any moment": Fault(5, kill_everything, EPOCH),
    "SIGKILL in a training": Fault(10, kill_training, EPOCH),
    "SIGKILL of `dvc` alone, its training living on": Fault(4, kill_dvc_alone, EPOCH),
    "SIGKILL while DVC writes a record of its own": Fault(6, cut_off),
    "Ctrl-C in a training": Fault(6, interrupt, EPOCH),
    "a second `dvc repro` meanwhile": Fault(4, run_twice),
    "code or parameters edited meanwhile": Fault(6, edit, "that run, which is not recorded"),
    "no file may grow (quota), in each stage": Fault(2, forbid_large_files),
    "full disk, in each stage": Fault(2, fill_disk),
    "a flipped bit in data or a model": Fault(10, damage_output),
    "the same, with the file's time unchanged": Fault(10, damage_output_unseen),
    "a flipped bit in DVC's cache": Fault(10, damage_cache),
    "a flipped bit in a model that is loaded": Fault(4, damage_model),
    "a flipped bit in the newest checkpoint": Fault(4, damage_checkpoint, "one epoch more"),
}


if __name__ == "__main__":
    command.run(main)
