"""Faults of processes: killed, interrupted, started twice, their code edited under them."""

import os
import random
import re
import signal
import subprocess
import time
from collections.abc import Iterator

from benchmarks.checkout import RUNNING
from verification.bench import FORCED, PATIENCE_SECONDS, TRAININGS, Bench, expect, training
from verification.mend import mend

RESUMED = re.compile(r"goes on after epoch (\d+)")
KILLS = 6  # in one round
LONGEST_SECONDS = 12
STAGE_SECONDS = 4


def kill_everything(bench: Bench, rng: random.Random) -> Iterator[str]:
    """SIGKILL to `dvc repro` and its stage at random moments, from an empty checkout on."""
    with bench.clone() as checkout:
        for _ in range(KILLS):
            process = checkout.start("dvc", "repro")
            try:
                said = process.communicate(timeout=rng.uniform(0.5, LONGEST_SECONDS))[0]
                expect(process.returncode == 0, "SIGKILL", said)
                where = "after the end"
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                said = process.communicate()[0]
                where = ["dvc", *RUNNING.findall(said)][-1]
            cut = [line.partition(":")[0] for line in mend(checkout)]
            yield f"{where} (and {', '.join(cut)} mended)" if cut else where
        bench.check_repaired(checkout, "SIGKILL")


def kill_stage(bench: Bench, rng: random.Random) -> Iterator[str]:
    """SIGKILL to `dvc repro` and its stage somewhere in a stage drawn from all of them."""
    stage = rng.choice(sorted(bench.project.lock()))
    with bench.copy() as checkout:
        process = checkout.start(*FORCED, stage)
        try:
            said = process.communicate(timeout=rng.uniform(0.5, STAGE_SECONDS))[0]
            expect(process.returncode == 0, "SIGKILL", said)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        list(mend(checkout))
        bench.check_repaired(checkout, f"SIGKILL in {stage}")
    yield stage


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
    run = rng.choice(TRAININGS)
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
    run = rng.choice(TRAININGS)
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
    run = rng.choice(TRAININGS)
    with bench.copy() as checkout:
        with training(checkout, run) as process:
            time.sleep(rng.uniform(0, 0.5))
            os.killpg(process.pid, signal.SIGINT)
            said = process.communicate(timeout=PATIENCE_SECONDS)[0]
            expect(process.returncode != 0, "Ctrl-C", f"it ended well:\n{said}")
            expect("run the same command again" in said, "Ctrl-C", said)
            expect("Traceback" not in said, "Ctrl-C", said)
        bench.check_repaired(checkout, "Ctrl-C")
    yield run


def run_twice(bench: Bench, rng: random.Random) -> Iterator[str]:
    """A second `dvc repro` in one checkout: it must stop with a reason, and the first go on."""
    run = rng.choice(TRAININGS)
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
