"""The network of `fashion/networks/cnn.py` in PyTorch, for `benchmarks.contenders`."""

from itertools import chain, pairwise

from torch import Tensor, nn

from fashion.config.model import Cnn


class Residual(nn.Module):
    """`x + branch(x)`."""

    def __init__(self, *branch: nn.Module):
        super().__init__()
        self.branch = nn.Sequential(*branch)

    def forward(self, x: Tensor) -> Tensor:
        """Add the branch to `x`, which keeps its shape."""
        return x + self.branch(x)


def make_network(config: Cnn, classes: int) -> nn.Module:
    """A network from float32 images [batch, 1, height, width] to logits [batch, classes]."""
    size = config.kernel_size
    blocks = [
        nn.Sequential(
            *conv_bn_relu(in_channels, out_channels, size, nn.MaxPool2d(2)),
            Residual(
                *chain(
                    *(
                        conv_bn_relu(out_channels, out_channels, size)
                        for _ in range(config.branch_depth)
                    )
                )
            ),
        )
        for in_channels, out_channels in pairwise(config.filters)
    ]
    return nn.Sequential(
        *conv_bn_relu(1, config.filters[0], size),
        *blocks,
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(config.filters[-1], classes),
    )


def conv_bn_relu(
    in_channels: int, out_channels: int, size: int, *pool: nn.Module
) -> list[nn.Module]:
    """A convolution, `pool` if given, batch normalisation and ReLU."""
    return [
        nn.Conv2d(in_channels, out_channels, size, padding="same", bias=False),
        *pool,
        nn.BatchNorm2d(out_channels, eps=1e-3),
        nn.ReLU(inplace=True),
    ]
