"""Compute: jobs with an action key, run once and never again while nothing they depend on changes.

Nouns: :class:`~mofang.compute.kinds.JobKind`, :class:`~mofang.compute.graph.Node`, ``Graph``, ``Job``, ``Outcome``,
:class:`~mofang.compute.executors.Executor`, :class:`~mofang.compute.run.Run`.
Verbs: ``register_kind``, ``expand`` (nodes to jobs), ``action_key``, ``run_graph``, ``reexecute``.
"""
