"""Proofs: what a reader may open to check a conclusion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mofang.assurance.measurement import MAIN, Measured, Supply, inputs_for
from mofang.assurance.phrases import say
from mofang.assurance.standard.schema import Clause
from mofang.evidence.digest import Digest
from mofang.evidence.leaves import leaf_ref, marked, read_leaves
from mofang.i18n import Text

EXAMPLES = 3
"""How many items of each verdict that is no pass are named one by one."""

LABELS = {
    "banks": "label_bank",
    "lexicon": "label_lexicon",
    "dataset": "label_dataset",
    "questions": "label_questions",
}
Proof = tuple[Text, str]


def proofs_of(
    clause: Clause, measured: Sequence[Measured], attached: Sequence[Mapping[str, Any]], supply: Supply
) -> list[dict[str, Any]]:
    """Numbered proofs of a clause: documents first, then figures, then the artifacts and items behind
    them."""
    found: dict[str, Text] = {}
    for label, ref in [
        *_documents(attached, supply.as_of),
        *_figures(measured),
        *_artifacts(measured, supply),
    ]:
        found.setdefault(ref, label)
    return [
        {"n": n, "label": dict(label), "ref": ref} for n, (ref, label) in enumerate(found.items(), start=1)
    ]


def _documents(attached: Sequence[Mapping[str, Any]], as_of: str) -> Iterator[Proof]:
    for one in attached:
        if one["expires"] is None or one["expires"] >= as_of:
            yield say("label_attachment", file=one["file"]), one["digest"]


def _figures(measured: Sequence[Measured]) -> Iterator[Proof]:
    for found in measured:
        main = "rate" if "rate" in found.figures else MAIN.get(found.check.metric, "n")
        if main in found.figures and found.check.metric != "document_attached":
            yield say("label_figures", check=found.name), f"fig:{found.figures[main].id}"


def _artifacts(measured: Sequence[Measured], supply: Supply) -> Iterator[Proof]:
    for found in measured:
        inputs = inputs_for(found.check, supply) if found.figures else None
        for name, given in (inputs or {}).items():
            for digest in given if isinstance(given, list) else [given]:
                if name == "verdicts":
                    yield from _judged(found, supply)
                    yield from _verdicts(found, digest, supply)
                elif name in LABELS:
                    yield say(LABELS[name]), digest


def _judged(found: Measured, supply: Supply) -> Iterator[Proof]:
    """What was judged: the answers of the service, or the sample of the corpus."""
    corpus = found.check.params.get("kind") == "corpus"
    given = supply.inputs.get("corpus_sample" if corpus else "answers")
    if isinstance(given, str):
        yield say("label_corpus_sample" if corpus else "label_answers"), given


def _verdicts(found: Measured, digest: Digest, supply: Supply) -> Iterator[Proof]:
    params = next(iter(found.figures.values())).params
    yield say("label_verdicts", judge=str(params.get("judge"))), digest
    for word, label in (("fail", "label_failed_item"), ("unscored", "label_unscored_item")):
        yield from _examples(digest, params, word, say(label), supply)


def _examples(
    digest: Digest, params: Mapping[str, Any], word: str, label: Text, supply: Supply
) -> Iterator[Proof]:
    named = 0
    for n, leaf in enumerate(read_leaves(supply.objects, digest)):
        if marked(leaf) is None and leaf["verdict"] == word and _counted(leaf, params):
            yield label, leaf_ref(digest, n)
            named += 1
            if named == EXAMPLES:
                return


def _counted(leaf: Mapping[str, Any], params: Mapping[str, Any]) -> bool:
    return all(params.get(name) in (None, leaf[name]) for name in ("judge", "kind", "risk"))
