"""Sealed banks: a bank file encrypted at rest, for questions that nobody should read by accident or in passing.

``mofang bank seal`` writes ``NAME.sealed``; a project names that file. Its questions, and the answers to them, then
lie sealed in the workspace too, no document repeats them, and every opening is recorded.
"""

from __future__ import annotations

import json
from pathlib import Path

from mofang.assurance.banks.bank import Question
from mofang.assurance.errors import BankError
from mofang.evidence import sealing
from mofang.evidence.digest import canonical
from mofang.evidence.files import reported, write_atomic
from mofang.i18n import _

SUFFIX = ".sealed"
LABEL = "bank"


def is_sealed_bank(name: str) -> bool:
    """Whether a bank of this name is a sealed file."""
    return name.endswith(SUFFIX)


def seal_questions(out: Path, questions: tuple[Question, ...]) -> None:
    """Write a bank as a sealed file, all or nothing. Raises BankError for another ending, KeyFileError."""
    if not is_sealed_bank(out.name):
        raise BankError(
            _("a sealed bank ends in {suffix}").format(suffix=SUFFIX),
            where=str(out),
            remedy=_("write --out {name}").format(name=out.with_suffix(SUFFIX).name),
        )
    plain = b"".join(canonical(question.wire()) + b"\n" for question in questions)
    write_atomic(out, sealing.sealed(plain, LABEL))


def read_sealed(path: Path) -> bytes:
    """The plain bytes of a sealed bank: one question a line. Raises BankError for another file, KeyFileError where its
    key is not here, ObjectDamaged where it changed."""
    with reported(path):
        content = path.read_bytes()
    if not content.startswith(sealing.MAGIC):
        raise BankError(
            _("this is no sealed bank"),
            where=str(path),
            remedy=_("make one: mofang bank seal bank.jsonl --out bank.sealed"),
        )
    return sealing.unsealed(content, LABEL, str(path))


def sealed_questions(path: Path) -> tuple[Question, ...]:
    """The questions of a sealed bank, in their order."""
    try:
        return tuple(Question(**json.loads(line)) for line in read_sealed(path).splitlines())
    except (ValueError, TypeError) as error:
        raise BankError(
            _("the sealed bank holds what this version cannot read"),
            where=str(path),
            remedy=_("seal the bank anew with this version"),
        ) from error
