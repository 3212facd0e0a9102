"""What can go wrong with packs and banks; each error names the file and line."""

from __future__ import annotations

from mofang.errors import MofangError


class PackError(MofangError):
    """A standard pack is wrong: the message lists every problem as ``file:line: what``."""


class BankError(MofangError):
    """A question bank cannot be used as asked."""


class AttachmentError(MofangError):
    """A document cannot be attached as asked."""
