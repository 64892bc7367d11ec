"""The images of several parts as one sequence, without a copy of them."""

from collections.abc import Iterator, Sequence

import numpy as np

CHUNK_BYTES = 1 << 22


class Images:
    """`parts` (each uint8 [count, *shape], memory-mapped or not), one after the other."""

    def __init__(self, parts: Sequence[np.ndarray]):
        self._parts = parts
        self._starts = np.cumsum([0, *map(len, parts)])
        self.parts = len(parts)
        self.shape: tuple[int, ...] = parts[0].shape[1:]

    def __len__(self) -> int:
        return int(self._starts[-1])

    def __getitem__(self, position: int) -> np.ndarray:
        part, row = self.place(position)
        return self._parts[part][row]

    def parts_of(self, positions: np.ndarray) -> np.ndarray:
        """The number of the part that holds the image at each of `positions` (int [count])."""
        return np.searchsorted(self._starts, positions, side="right") - 1

    def place(self, position: int) -> tuple[int, int]:
        """The number of the part that holds the image at `position`, and its row there."""
        part = int(self.parts_of(np.array(position)))
        return part, int(position - self._starts[part])

    def chunks(self) -> Iterator[np.ndarray]:
        """All images in order, some megabytes (uint8 [at most some, *shape]) at a time."""
        step = max(1, CHUNK_BYTES // int(np.prod(self.shape)))
        for part in self._parts:
            for start in range(0, len(part), step):
                yield part[start : start + step]
