import numpy as np
import pytest

from fashion.training.schedules import WarmupDecay


@pytest.mark.parametrize("decay", ["cosine", "linear"])
def test_the_learning_rate_rises_to_its_peak_and_falls_to_zero(decay):
    schedule = WarmupDecay(2.0, total_steps=100, warmup=0.25, decay=decay)
    rates = np.array([float(schedule(step)) for step in range(101)])
    assert rates.argmax() == 25
    assert rates[[0, 25, 100]] == pytest.approx([0, 2, 0], abs=1e-6)
    assert (np.diff(rates[:25]) > 0).all()
    assert (np.diff(rates[25:]) < 0).all()
    middle = 62.5
    assert float(schedule(middle)) == pytest.approx(1.0)


def test_without_warmup_the_first_step_has_the_peak():
    assert float(WarmupDecay(2.0, 100, 0.0, "cosine")(0)) == pytest.approx(2.0)


def test_the_schedule_comes_back_from_its_configuration():
    schedule = WarmupDecay(2.0, 100, 0.1, "cosine")
    assert WarmupDecay.from_config(schedule.get_config()).get_config() == schedule.get_config()
