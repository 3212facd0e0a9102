"""Judges: what says of an answer or a record whether it passes.

    keyword     a listed term in the text fails it             keyword.py
    refusal     does the answer decline, wholly or in part     refusal.py
    verdicts    pass, fail or unscored, as they are stored     verdicts.py

Every judge has an ``identity()``: the digest of everything that decides, its version included.
"""
