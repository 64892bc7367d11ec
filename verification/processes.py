"""Faults of processes: killed, interrupted, started twice, their code edited under them."""

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator

from benchmarks.checkout import RUNNING
from verification.bench import (
    FORCED,
    PATIENCE_SECONDS,
    TRAININGS,
    Bench,
    expect,
    go_on,
    training,
    wait_for,
)
from verification.mend import mend

KILLS = 6  # in one round
LONGEST_SECONDS = 12
STAGE_SECONDS = 2.5


def kill_everything(bench: Bench, rng: random.Random) -> Iterator[str]:
    """SIGKILL to `dvc repro` and its stage at random moments, from an empty checkout on."""
    with bench.clone() as checkout:
        for _ in range(KILLS):
            process = checkout.start("dvc", "repro")
            try:
                said = process.communicate(timeout=rng.uniform(0.5, LONGEST_SECONDS))[0]
                expect(process.returncode == 0, "SIGKILL", said)
                break
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                said = process.communicate()[0]
            where = ["dvc", *RUNNING.findall(said)][-1]
            cut = [line.partition(":")[0] for line in mend(checkout)]
            yield f"{where} (and {', '.join(cut)} mended)" if cut else where
        bench.check_repaired(checkout, "SIGKILL")


def kill_stage(bench: Bench, rng: random.Random) -> Iterator[str]:
    """SIGKILL to `dvc repro` and its stage at a random moment of a stage drawn from all of them."""
    stage = rng.choice(sorted(bench.project.lock()))
    with bench.copy() as checkout:
        shutil.rmtree(checkout.folder / ".runs")
        process = checkout.start(*FORCED, stage)
        wait_for((checkout.folder / ".runs" / f"{stage}.lock").exists, process)
        time.sleep(rng.uniform(0, STAGE_SECONDS))
        struck = process.poll() is None
        if struck:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        list(mend(checkout))
        checkout.run(*FORCED, stage)
        bench.check_repaired(checkout, f"SIGKILL in {stage}")
    if struck:
        yield stage


def cut_off(bench: Bench, rng: random.Random) -> Iterator[str]:
    """Each record of DVC cut off where a kill may cut it: `make repro` mends it before it runs."""
    for name in (".dvc/tmp/rwlock", "dvc.lock"):
        with bench.copy() as checkout:
            record = checkout.folder / name
            os.truncate(record, rng.randrange(record.stat().st_size - 1))
            refused = checkout.run("dvc", "repro", check=False).returncode != 0
            mended = [line.partition(":")[0] for line in mend(checkout)]
            expect(mended == ([name] if refused else []), "cut off", f"mended {mended}")
            bench.check_repaired(checkout, "cut off")
        yield name


def kill_training(bench: Bench, rng: random.Random) -> Iterator[str]:
    """SIGKILL in the middle of a training, which must go on from its last whole epoch."""
    run = rng.choice(TRAININGS)
    with bench.copy() as checkout:
        with training(checkout, run) as process:
            time.sleep(rng.uniform(0, 1))
            os.killpg(process.pid, signal.SIGKILL)
        go_on(bench, checkout, run, "SIGKILL")
    yield run


def kill_dvc_alone(bench: Bench, rng: random.Random) -> Iterator[str]:
    """SIGKILL to `dvc` but not to its stage: the next `dvc repro` must not run beside that.

    The stage is held still meanwhile, so that it cannot end before the other one has started.
    """
    run = rng.choice(TRAININGS)
    with bench.copy() as checkout:
        with training(checkout, run) as process:
            group = process.pid
            process.kill()
            process.wait()
            os.killpg(group, signal.SIGSTOP)
            second = checkout.run(*FORCED, run, check=False)
            said = second.stdout + second.stderr
            os.killpg(group, signal.SIGKILL)
            expect("is running here already, as process" in said, "orphan", said)
        go_on(bench, checkout, run, "orphan")
    yield run


def interrupt(bench: Bench, rng: random.Random) -> Iterator[str]:
    """Ctrl-C in a training, which must stop, and say how to go on."""
    # a background job of a shell ignores the signal, and so would all that it starts
    signal.signal(signal.SIGINT, signal.default_int_handler)
    run = rng.choice(TRAININGS)
    with bench.copy() as checkout:
        with training(checkout, run) as process:
            time.sleep(rng.uniform(0, 0.5))
            os.killpg(process.pid, signal.SIGINT)
            said = process.communicate(timeout=PATIENCE_SECONDS)[0]
            expect(process.returncode != 0, "Ctrl-C", f"it ended well:\n{said}")
            expect("run the same command again" in said, "Ctrl-C", said)
            expect("Traceback" not in said, "Ctrl-C", said)
        go_on(bench, checkout, run, "Ctrl-C")
    yield run


def run_twice(bench: Bench, rng: random.Random) -> Iterator[str]:
    """A second `dvc repro` in one checkout: it must stop with a reason, and the first go on."""
    run = rng.choice(TRAININGS)
    with bench.copy() as checkout:
        with training(checkout, run) as first:
            os.killpg(first.pid, signal.SIGSTOP)
            second = checkout.run(*FORCED, run, check=False)
            os.killpg(first.pid, signal.SIGCONT)
            said = second.stdout + second.stderr
            expect(second.returncode != 0 and "blocked by" in said, "two at once", said)
            said = first.communicate(timeout=PATIENCE_SECONDS)[0]
            expect(first.returncode == 0, "two at once", said)
        bench.check_whole(checkout, "two at once")
    yield run


def edit(bench: Bench, rng: random.Random) -> Iterator[str]:
    """Code or parameters edited in a training: nothing may be recorded as made of them."""
    for path in (rng.choice(("fashion/training.py", "fashion/augment.py")), "params.yaml"):
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
            recorded = checkout.git("status", "--porcelain", "dvc.lock")
            expect(recorded == "", "edit", "it was recorded")
            bench.check_repaired(checkout, "edit")
        yield path
