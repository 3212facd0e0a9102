"""Models: endpoints that answer, and who they are.

Nouns: :class:`~mofang.models.config.EndpointConfig`, :class:`~mofang.models.endpoint.Endpoint`,
``Completion``, :class:`~mofang.models.asking.Prompt`, ``Answer``, ``Budget``, ``Tally``,
:class:`~mofang.models.journal.Journal`, :class:`~mofang.models.pacing.Purse`,
:class:`~mofang.models.identity.Identity`.
Verbs: ``connect`` (any declared endpoint; the embedded one is served while it is needed), ``Endpoint.ask``,
``Endpoint.check``, ``ask_all`` (many prompts under a budget), ``identify``, ``serve_embedded``,
``install_weights``.
"""
