"""What can go wrong with a corpus; every error names the source, file or line and the next step.

CorpusError       a source, file or record cannot be used as asked
├ SourceError     a declared source is wrong or is not there
├ ChangedFile     a file is no longer what the inventory saw
└ LexiconError    a lexicon has no usable terms
BadLexicon        a check found lines that are not terms
"""

from __future__ import annotations

from mofang.errors import CheckFailed, MofangError


class CorpusError(MofangError):
    """A corpus cannot be read, explained or changed as asked."""


class SourceError(CorpusError):
    """A declared source is wrong, or its folder or file is not there."""


class ChangedFile(CorpusError):
    """A file changed between the inventory and the reading of it."""


class LexiconError(CorpusError):
    """A lexicon cannot be used: no terms, or not a table of terms."""


class BadLexicon(CheckFailed):
    """A check of a lexicon found lines that are not terms."""
