"""Judges: what says of an answer or a record whether it passes.

    keyword       a listed term in the text fails it                     keyword
    refusal       does the answer decline, wholly or in part             refusal
    classifier    trained on the user's own labels                       classifier/
    model         any OpenAI-compatible endpoint, by a rubric            model, rubric, canaries
    people        imported labels 标注, bound to the exact answer         people, labels/
    guard         the guard alone, as a function of a text               guard
    verdicts      pass, fail or unscored, as they are stored             verdicts

Every judge has an ``identity()``: the digest of everything that decides, its version included. An error, a
timeout or a reply that cannot be read is unscored, never a pass.
"""
