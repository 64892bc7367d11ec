"""Faults of storage: a bit that flipped in data, in a model, in DVC's cache, in a checkpoint."""

import os
import random
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.checkout import Checkout
from verification import fsck
from verification.bench import FORCED, TRAININGS, Bench, epochs_done, expect, training, wait_for

CACHE = ".dvc/cache/files/md5"


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


def any_output(checkout: Checkout, rng: random.Random) -> str:
    """The path of an output that DVC's cache holds, drawn from all of them."""
    return rng.choice(sorted(out for out in checkout.recorded() if not out.startswith("rep")))


def output(bench: Bench, rng: random.Random) -> Iterator[str]:
    """A flipped bit in data or a model: `dvc repro` must bring it back."""
    with bench.copy() as checkout:
        path = any_output(checkout, rng)
        flip(checkout.folder / path, rng)
        bench.check_repaired(checkout, f"flipped bit in {path}")
    yield str(Path(path).parent)


def output_unseen(bench: Bench, rng: random.Random) -> Iterator[str]:
    """The same with the file's time unchanged: `make fsck` must name it, then `dvc repro` mend."""
    with bench.copy() as checkout:
        path = any_output(checkout, rng)
        expect(checkout.is_up_to_date(), "unseen bit", "it was not up to date")
        flip(checkout.folder / path, rng, unseen=True)
        expect(checkout.is_up_to_date(), "unseen bit", "DVC saw it")
        expect(path in fsck_says(checkout), "unseen bit", f"{path} was not named")
        bench.check_repaired(checkout, f"flipped bit in {path}")
        expect(not fsck_says(checkout), "unseen bit", "it was not mended")
    yield str(Path(path).parent)


def cache(bench: Bench, rng: random.Random) -> Iterator[str]:
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


def model(bench: Bench, rng: random.Random) -> Iterator[str]:
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


def checkpoint(bench: Bench, rng: random.Random) -> Iterator[str]:
    """A flipped bit in the newest checkpoint: named, and the one before it used."""
    run = rng.choice(TRAININGS)
    with bench.copy() as checkout:
        folder = checkout.folder / ".runs" / run
        with training(checkout, run) as process:
            wait_for(lambda: len(list(folder.glob("checkpoint-*"))) > 1, process)
            os.killpg(process.pid, signal.SIGKILL)
        done = epochs_done(checkout, run)
        newest = max(folder.glob("checkpoint-*"), key=lambda path: path.stat().st_mtime_ns)
        flip(newest, rng)
        said = checkout.run(*FORCED, run).stdout
        expect(f"{newest.name}: is damaged" in said, "damaged checkpoint", said)
        expect(f"goes on after epoch {done - 1}," in said, "damaged checkpoint", said)
        bench.check_whole(checkout, "damaged checkpoint")
    yield run
