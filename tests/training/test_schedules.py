import numpy as np
import pytest

from fashion.training.schedules import WarmupDecay

DECAYS = {"linear": lambda left: left, "cosine": lambda left: np.sin(np.pi / 2 * left) ** 2}


@pytest.mark.parametrize("decay", DECAYS)
@pytest.mark.parametrize(
    ("total", "warmup"),
    [(100, 0.25), (20, 0.07), (20, 0.0)],
    ids=["long", "shorter than two steps", "none"],
)
def test_the_rate_rises_linearly_decays_as_named_and_stays_zero(decay, total, warmup):
    done = np.arange(total + 30) / total
    left = np.clip((1 - done) / (1 - warmup), 0, 1)
    rising = done / warmup if warmup else done
    expected = 2 * np.where(done < warmup, rising, DECAYS[decay](left))
    schedule = WarmupDecay(2.0, total, warmup, decay)
    rates = [float(schedule(step)) for step in range(total + 30)]
    np.testing.assert_allclose(rates, expected, rtol=1e-5, atol=1e-6)
