"""The corpus room 语料: declared sources in, a published dataset out, and for every record the reasons why.

Nouns: ``Source``, ``Policy`` (config), ``Inventory`` (inventory), ``RawRecord`` (record), ``Edit``
(normalise), ``Finding`` (pii), ``Lexicon`` and ``Term`` (lexicon), ``Hit`` (screen), ``Reason`` (policy),
``Explanation`` (explain).
Verbs: ``scan`` (inventory), ``plan`` (plan), ``decode`` (encoding), ``normalise``, ``find`` and ``mask``
(pii), ``find_duplicates`` (dedup), ``decide`` (policy), ``publish_shard`` (publish), ``explain``,
``touched`` (forget).
"""
