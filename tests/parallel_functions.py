"""Functions for workers, in a module that loads quickly."""

from __future__ import annotations

import os
import signal
import time

import numpy as np


def square(number: int) -> int:
    return number * number


def slow_if_first(number: int) -> int:
    time.sleep(0.4 if number == 0 else 0)
    return number


def killed_at_three(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def refused_at_three(number: int) -> int:
    if number == 3:
        message = "three is refused"
        raise ValueError(message)
    return number


def product(seed: int) -> bytes:
    """A product of matrices whose last bits depend on the number of threads."""
    rng = np.random.default_rng(seed)
    left, right = rng.normal(size=(300, 900)), rng.normal(size=(900, 200))
    return (left @ right).tobytes()


def most_threads(_: int) -> int:
    from threadpoolctl import threadpool_info

    return max(pool["num_threads"] for pool in threadpool_info())
