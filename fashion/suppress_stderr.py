"""TensorFlow, converters and runtimes write about themselves to stderr, past every setting."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from fashion.errors import FashionError


@contextmanager
def suppress_stderr() -> Iterator[None]:
    """Hold back what native code writes to stderr, too; show it if the block ends in a defect.

    A `FashionError` says in one line what there is to say.
    """
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except FashionError:
            raise
        except Exception:
            held.seek(0)
            os.write(stderr, held.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
