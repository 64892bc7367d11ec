"""The images of several splits as one sequence, without copying them."""

from collections.abc import Iterator, Sequence

import numpy as np

CHUNK_BYTES = 1 << 22


class ImageSequence:
    """Concatenates `splits` (each uint8 [count, *shape], may be memory-mapped)."""

    def __init__(self, splits: Sequence[np.ndarray]):
        self._splits = splits
        self._starts = np.cumsum([0, *map(len, splits)])
        self.shape: tuple[int, ...] = splits[0].shape[1:]

    def __len__(self) -> int:
        return int(self._starts[-1])

    def __getitem__(self, position: int) -> np.ndarray:
        split = int(self.splits_of(np.array(position)))
        return self._splits[split][position - self._starts[split]]

    def splits_of(self, positions: np.ndarray) -> np.ndarray:
        """The index of the split of each image; `positions` is int [count]."""
        return np.searchsorted(self._starts, positions, side="right") - 1

    def chunks(self) -> Iterator[np.ndarray]:
        """All images in order, a few megabytes (uint8 [count, *shape]) at a time."""
        step = max(1, CHUNK_BYTES // int(np.prod(self.shape)))
        for split in self._splits:
            for start in range(0, len(split), step):
                yield split[start : start + step]
