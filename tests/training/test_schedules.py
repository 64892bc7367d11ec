import numpy as np
import pytest

from fashion.training.schedules import WarmupDecay

FALLS = {"linear": lambda left: left, "cosine": lambda left: np.sin(np.pi / 2 * left) ** 2}


@pytest.mark.parametrize("decay", FALLS)
@pytest.mark.parametrize(
    ("total", "warmup"),
    [(100, 0.25), (20, 0.07), (20, 0.0)],
    ids=["long", "shorter than two steps", "none"],
)
def test_the_rate_follows_a_linear_warmup_and_the_named_decay(decay, total, warmup):
    done = np.arange(total + 1) / total
    left = (1 - done) / (1 - warmup)
    rising = done / warmup if warmup else done
    expected = 2 * np.where(done < warmup, rising, FALLS[decay](left))
    schedule = WarmupDecay(2.0, total, warmup, decay)
    rates = [float(schedule(step)) for step in range(total + 1)]
    np.testing.assert_allclose(rates, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("decay", FALLS)
def test_the_rate_stays_zero_after_the_last_step(decay):
    schedule = WarmupDecay(2.0, 100, 0.25, decay)
    assert [float(schedule(step)) for step in (100, 130, 300)] == pytest.approx([0] * 3, abs=1e-6)


def test_without_warmup_the_first_step_has_the_peak():
    assert float(WarmupDecay(2.0, 100, 0.0, "cosine")(0)) == pytest.approx(2.0)


def test_the_schedule_comes_back_from_its_configuration():
    schedule = WarmupDecay(2.0, 100, 0.1, "cosine")
    assert WarmupDecay.from_config(schedule.get_config()).get_config() == schedule.get_config()
