"""What can go wrong with evidence. Every error names the file or object and says what to do next."""

from __future__ import annotations

from mofang.errors import MofangError


class EvidenceError(MofangError):
    """Anything about artifacts, statements or the workspace that the user can mend."""


class StorageError(EvidenceError):
    """The file system refused: full disk, no permission, read-only, a file where a folder should be."""


class DigestError(EvidenceError):
    """A text that is not a digest, or a value that has no canonical JSON form."""


class ObjectMissing(EvidenceError):
    """No artifact of this digest in the workspace."""


class ObjectDamaged(EvidenceError):
    """The bytes of an artifact no longer have the digest they are filed under."""


class LeafError(EvidenceError):
    """A leaf that does not exist, cannot be read, or may not be written."""


class StatementError(EvidenceError):
    """A statement that is not an in-toto Statement v1 of the form Mofang writes."""


class ChainBroken(EvidenceError):
    """The chain of statements has been altered or cannot be read."""


class ChainTruncated(ChainBroken):
    """The chain ends before the entry that the head file names."""


class KeyFileError(EvidenceError):
    """A signing or public key that cannot be read, is blank, or is the wrong one."""


class RefError(EvidenceError):
    """A name that cannot be a ref, or a ref file that cannot be read."""


class WorkspaceError(EvidenceError):
    """No workspace here, one too many, or one of another format."""


class WorkspaceBusy(WorkspaceError):
    """Another process holds the workspace's lock; the message names it."""


class FigureError(EvidenceError):
    """A figure whose metric is unknown, of another version, or gives no such field."""
