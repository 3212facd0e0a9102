"""What can go wrong with label sheets; each error names the file and row."""

from __future__ import annotations

from mofang.errors import MofangError


class LabelError(MofangError):
    """A sheet of labels cannot be written or read as asked."""
