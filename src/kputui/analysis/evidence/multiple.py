"""Many hypotheses at once: false discoveries held down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def benjamini_hochberg(p: ArrayLike) -> NDArray[np.float64]:
    """The q of each p (Benjamini & Hochberg 1995, JRSS B 57): the false-discovery rate at which it would be found.

    One-dimensional, each 0 <= p <= 1; q is never below p.
    """
    p = np.asarray(p, dtype=float)
    if not p.size:
        return np.asarray(p.copy())
    order = np.argsort(p, kind="stable")
    ranks = np.arange(1, p.size + 1)
    stepped = np.minimum.accumulate((p[order] * (p.size / ranks))[::-1])[::-1]
    q = np.empty_like(p)
    q[order] = np.minimum(stepped, 1.0)
    return np.asarray(np.maximum(q, p))
