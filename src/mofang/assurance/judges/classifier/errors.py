"""What can go wrong with a classifier; no message holds a text."""

from __future__ import annotations

from mofang.errors import MofangError


class LabelsError(MofangError):
    """A table of labels cannot be used as asked."""


class ClassifierError(MofangError):
    """A classifier file is not one, is damaged, or was made by a version that cannot be read."""
