"""Optimizers, from `models.NAME.fit` of `params.yaml`."""

from typing import Any

import keras
import tensorflow as tf

from fashion.config.model import Fit
from fashion.training.schedules import WarmupDecay

# Coefficients of a quintic with a steep slope at zero: kellerjordan.github.io/posts/muon
NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
NEWTON_SCHULZ_STEPS = 3
KERNEL_AXES = 4  # height, width, channels in, filters


def make_optimizer(config: Fit, total_steps: int) -> keras.optimizers.Optimizer:
    """The optimizer of `config`, with its learning-rate schedule over `total_steps`.

    Biases and the weights of normalisation are not decayed (He et al., "Bag of Tricks", section
    3.1, arxiv.org/abs/1812.01187). Averaging of weights: Polyak and Juditsky, 1992.
    """
    shared: dict[str, Any] = {
        "learning_rate": WarmupDecay(
            config.learning_rate, total_steps, config.warmup, config.decay
        ),
        "use_ema": config.ema_momentum > 0,
        "ema_momentum": config.ema_momentum,
    }
    settings = config.optimizer
    if settings.kind == "adam":
        return keras.optimizers.Adam(**shared)
    optimizer: keras.optimizers.Optimizer
    if settings.kind == "adamw":
        optimizer = keras.optimizers.AdamW(weight_decay=settings.weight_decay, **shared)
    elif settings.kind == "muon":
        optimizer = Muon(
            momentum=settings.momentum,
            kernel_momentum=settings.kernel_momentum,
            bias_lr_scale=settings.bias_lr_scale,
            weight_decay=settings.weight_decay or None,
            **shared,
        )
    else:
        optimizer = keras.optimizers.SGD(
            momentum=settings.momentum,
            nesterov=settings.momentum > 0,
            weight_decay=settings.weight_decay or None,
            **shared,
        )
    optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
    return optimizer


@keras.saving.register_keras_serializable(package="fashion")
class Muon(keras.optimizers.SGD):
    """Nesterov SGD that orthogonalises its steps for convolution kernels.

    The step of a kernel, as a matrix with one row per filter, is replaced by the nearest matrix
    with orthonormal rows, so rare directions move as far as common ones. The kernel is rescaled to
    the norm sqrt(filters) before each step, because normalisation makes its scale meaningless.
    (`keras.optimizers.Muon` would pass kernels with four axes to AdamW.) All other weights take
    steps of `keras.optimizers.SGD` with `momentum`. Weights with one axis (biases, and the scales
    and offsets of normalisation) move at `bias_lr_scale` times the learning rate.

    Sources: Jordan et al., kellerjordan.github.io/posts/muon, as in
    github.com/KellerJordan/cifar10-airbench (airbench94_muon.py). `bias_lr_scale`: Page, "How to
    Train Your ResNet 8", as in github.com/tysam-code/hlb-CIFAR10.
    """

    def __init__(
        self,
        learning_rate: float | keras.optimizers.schedules.LearningRateSchedule,
        *,
        kernel_momentum: float,
        bias_lr_scale: float = 1.0,
        **kwargs: Any,
    ):
        super().__init__(learning_rate, nesterov=True, **kwargs)
        self.kernel_momentum = kernel_momentum
        self.bias_lr_scale = bias_lr_scale

    def update_step(
        self, gradient: tf.Tensor, variable: tf.Variable, learning_rate: tf.Tensor
    ) -> None:
        """Update `variable` by one step; `gradient` has the same shape."""
        if len(variable.shape) != KERNEL_AXES:
            scale = self.bias_lr_scale if len(variable.shape) == 1 else 1.0
            super().update_step(gradient, variable, learning_rate * scale)
            return
        momentum = self.momentums[self._get_variable_index(variable)]
        self.assign(momentum, self.kernel_momentum * momentum + gradient)
        ahead = gradient + self.kernel_momentum * momentum
        filters = variable.shape[-1]
        step = tf.reshape(orthogonalize(tf.reshape(ahead, (-1, filters))), variable.shape)
        kernel = tf.convert_to_tensor(variable)
        self.assign(variable, kernel * (filters**0.5 / tf.norm(kernel)) - learning_rate * step)

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        config = super().get_config()
        del config["nesterov"]
        return config | {
            "kernel_momentum": self.kernel_momentum,
            "bias_lr_scale": self.bias_lr_scale,
        }


def orthogonalize(matrix: tf.Tensor) -> tf.Tensor:
    """A float32 matrix with the same shape and singular vectors, and singular values near 1.

    Newton-Schulz iteration, which ends with values of about 0.7 to 1.2; exact ones train no better.
    """
    linear, cubic, quintic = NEWTON_SCHULZ
    tall = matrix.shape[0] > matrix.shape[1]
    x = tf.transpose(matrix) if tall else matrix
    x /= tf.norm(x) + keras.config.epsilon()
    for _ in range(NEWTON_SCHULZ_STEPS):
        gram = tf.matmul(x, x, transpose_b=True)
        x = linear * x + tf.matmul(cubic * gram + quintic * tf.matmul(gram, gram), x)
    return tf.transpose(x) if tall else x
