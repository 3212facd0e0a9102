"""Statistics that may be quoted: pure functions of counts and labels, each with its source.

proportion    the plain rule and the exact bound beside it            proportion
"""
