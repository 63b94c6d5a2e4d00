"""Student's t distribution of a whole number of degrees of freedom.

By the finite series of M. Abramowitz, I. Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4: scipy would be
35 MB for this one function.
"""

from __future__ import annotations

import math


def two_sided(t: float, freedom: int) -> float:
    """The probability that |T| is above |t|. Raises ValueError below one degree of freedom."""
    if freedom < 1:
        raise ValueError(f"{freedom} degrees of freedom")
    if math.isinf(t):
        return 0.0
    angle = math.atan2(abs(t), math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    if freedom % 2:
        within = 2 / math.pi * (angle + (sine * _series(cosine, 1, freedom - 2) if freedom > 1 else 0.0))
    else:
        within = sine * _series(cosine, 0, freedom - 2)
    return min(1.0, max(0.0, 1 - within))


def _series(cosine: float, first: int, last: int) -> float:
    """cos^first + … up to cos^last, every second power, with the factors of the two formulas."""
    term = cosine**first
    total = term
    for power in range(first + 2, last + 1, 2):
        term *= cosine * cosine * (power - 1) / power
        total += term
    return total


def quantile(probability: float, freedom: int) -> float:
    """The t that |T| exceeds with this probability, 0 < probability < 1; by halving, to twelve digits."""
    low, high = 0.0, 1.0
    while two_sided(high, freedom) > probability:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if two_sided(middle, freedom) > probability else (low, middle)
    return high
