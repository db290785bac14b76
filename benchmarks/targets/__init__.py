"""The servers under test."""

from benchmarks.targets.base import Target
from benchmarks.targets.handbell import Handbell
from benchmarks.targets.naive import NaiveFlask
from benchmarks.targets.node import Node


def all_targets() -> list[Target]:
    """Every server under test, in the order of the table."""
    return [
        Handbell("handbell-sqlite", database="sqlite"),
        Handbell("handbell-postgres", database="postgres"),
        NaiveFlask("naive-sqlite", database="sqlite"),
        NaiveFlask("naive-postgres", database="postgres"),
        Node("node-postgres", database="postgres"),
    ]


__all__ = ["Target", "all_targets"]
