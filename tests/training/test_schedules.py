import numpy as np
import pytest

from fashion.training.schedules import WarmupDecay

FALLS = {"linear": lambda left: left, "cosine": lambda left: np.sin(np.pi / 2 * left) ** 2}


@pytest.mark.parametrize("decay", FALLS)
@pytest.mark.parametrize(
    ("total", "warmup"), [(100, 0.25), (20, 0.07), (20, 0.0)], ids=["long", "of a step", "none"]
)
def test_the_rate_rises_evenly_to_its_peak_and_falls_as_named_to_zero(decay, total, warmup):
    done = np.arange(total + 1) / total
    left = (1 - done) / (1 - warmup)
    rising = done / warmup if warmup else done
    expected = 2 * np.where(done < warmup, rising, FALLS[decay](left))
    schedule = WarmupDecay(2.0, total, warmup, decay)
    rates = [float(schedule(step)) for step in range(total + 1)]
    np.testing.assert_allclose(rates, expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("decay", FALLS)
def test_after_the_last_step_the_rate_stays_zero(decay):
    schedule = WarmupDecay(2.0, 100, 0.25, decay)
    assert [float(schedule(step)) for step in (100, 130, 300)] == pytest.approx([0] * 3, abs=1e-6)


def test_a_middle_step_has_half_the_peak_in_either_decay():
    rates = [float(WarmupDecay(2.0, 100, 0.5, decay)(75)) for decay in FALLS]
    assert rates == pytest.approx([1.0, 1.0])


def test_without_warmup_the_first_step_has_the_peak():
    assert float(WarmupDecay(2.0, 100, 0.0, "cosine")(0)) == pytest.approx(2.0)


def test_the_schedule_comes_back_from_its_configuration():
    schedule = WarmupDecay(2.0, 100, 0.1, "cosine")
    assert WarmupDecay.from_config(schedule.get_config()).get_config() == schedule.get_config()
