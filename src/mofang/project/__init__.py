"""The project: one declarative file, parsed, resolved against the machine, planned and run.

Nouns: ``Project`` (what ``mofang.yaml`` says), ``Resolved`` (that plus what is on disk today), ``Plan``, ``Lock``.
Verbs: ``load``, ``resolve``, ``plan``, ``run``, ``status``, ``init``. Faces call these and add nothing.
"""
