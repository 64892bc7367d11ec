"""Learning-rate schedules."""

import keras
import numpy as np
import tensorflow as tf


class WarmupDecay(keras.optimizers.schedules.LearningRateSchedule):
    """A linear rise to `peak` over the fraction `warmup` of all steps, then a decay to zero.

    `decay` is "cosine" (Loshchilov and Hutter, arxiv.org/abs/1608.03983) or "linear" (a triangle
    as in Smith and Topin, arxiv.org/abs/1708.07120).
    """

    def __init__(self, peak: float, total_steps: int, warmup: float, decay: str):
        self.peak = peak
        self.total_steps = total_steps
        self.warmup = warmup
        self.decay = decay

    def __call__(self, step):
        """The learning rate (float32 scalar) at `step`, counted from 0."""
        done = tf.cast(step, tf.float32) / self.total_steps
        left = tf.clip_by_value((1 - done) / (1 - self.warmup), 0.0, 1.0)
        falling = left if self.decay == "linear" else (1 - tf.cos(np.pi * left)) / 2
        rising = done / max(self.warmup, 1 / self.total_steps)
        return self.peak * tf.where(done < self.warmup, rising, falling)

    def get_config(self):
        """The constructor's arguments."""
        names = ("peak", "total_steps", "warmup", "decay")
        return {name: getattr(self, name) for name in names}
