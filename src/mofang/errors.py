"""Errors that say what happened, where, and what to do next.

MofangError     the user can mend it            exit code 2
└ CheckFailed   a check ran and did not hold    exit code 1
"""

from __future__ import annotations


class MofangError(Exception):
    """Something the user can mend: ``message`` says what happened, ``where`` names the file or object,
    ``remedy`` the next step. Faces print :meth:`diagnostics` and leave with :attr:`exit_code`."""

    exit_code = 2

    def __init__(self, message: str, *, where: str | None = None, remedy: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.remedy = remedy

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process borders: keyword arguments must survive pickling.
        return (_rebuild, (type(self), self.message, self.where, self.remedy))

    def diagnostics(self) -> str:
        """The error as a person reads it: one line each for what, where and remedy."""
        lines = [self.message]
        if self.where:
            lines.append(f"  @ {self.where}")
        if self.remedy:
            lines.append(f"  → {self.remedy}")
        return "\n".join(lines)


class CheckFailed(MofangError):
    """A verification or assessment ran to its end and did not hold."""

    exit_code = 1


def _rebuild(kind: type[MofangError], message: str, where: str | None, remedy: str | None) -> MofangError:
    error = kind.__new__(kind)
    MofangError.__init__(error, message, where=where, remedy=remedy)
    return error
