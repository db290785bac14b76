"""From the rows that are shown to the rows that should be, in as few moves as possible. Pure.

A list that is replaced as a whole loses its place, its selection and what is under the mouse. So rows that stay are left
where they are: what is kept is the longest run of rows whose order did not change, everything else goes or comes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Sequence
from typing import NamedTuple, TypeVar

K = TypeVar("K", bound=Hashable)


class Removal(NamedTuple):
    """Of the rows `first` up to `last` (included), in the numbers that hold when it is made."""

    first: int
    last: int


class Insertion(NamedTuple):
    """Of the wanted rows `first` up to `last` (included), which will then have these numbers."""

    first: int
    last: int


def steps(shown: Sequence[K], wanted: Sequence[K]) -> tuple[list[Removal], list[Insertion]]:
    """Removals from below upwards, then insertions from above downwards. No key may stand twice in either."""
    kept = _kept(shown, wanted)
    removals = [Removal(first, last) for first, last in reversed(_runs(shown, kept))]
    insertions = [Insertion(first, last) for first, last in _runs(wanted, kept)]
    return removals, insertions


def _runs(keys: Sequence[K], kept: set[K]) -> list[tuple[int, int]]:
    """Where keys that are not kept stand next to each other."""
    runs: list[tuple[int, int]] = []
    for at, key in enumerate(keys):
        if key in kept:
            continue
        if runs and runs[-1][1] == at - 1:
            runs[-1] = (runs[-1][0], at)
        else:
            runs.append((at, at))
    return runs


def _kept(shown: Sequence[K], wanted: Sequence[K]) -> set[K]:
    """The longest rising subsequence of wanted places, in the order shown."""
    places = {key: place for place, key in enumerate(wanted)}
    ends: list[int] = []  # ends[n]: the smallest place that a run of n + 1 keys can end with
    steps_back: dict[int, int | None] = {}
    for key in shown:
        place = places.get(key)
        if place is None:
            continue
        length = bisect_left(ends, place)
        steps_back[place] = ends[length - 1] if length else None
        if length == len(ends):
            ends.append(place)
        else:
            ends[length] = place
    kept: set[K] = set()
    place = ends[-1] if ends else None
    while place is not None:
        kept.add(wanted[place])
        place = steps_back[place]
    return kept
