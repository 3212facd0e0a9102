"""The classifier as jobs. Pure: same arguments, same nodes.

assurance.classify[/alone]   questions, answers, classifier -> verdicts
assurance.classify_corpus    sample, classifier -> verdicts
"""

from __future__ import annotations

from mofang.compute.graph import Node
from mofang.compute.kinds import JobKind, register_kind

TASKS = "mofang.assurance.judges.classifier.tasks"

for _kind in (
    JobKind("assurance.classify", 1, "pure", f"{TASKS}:classify", ("verdicts",)),
    JobKind("assurance.classify_corpus", 1, "pure", f"{TASKS}:classify_corpus", ("verdicts",)),
):
    register_kind(_kind)


def plan_classify(
    questions: str, answers: str, classifier: str, *, name: str = "assurance.classify"
) -> list[Node]:
    """The classifier's verdicts on the answers to content questions. All three are output references;
    ``classifier`` is the artifact of a classifier file, as it was trained."""
    inputs = {"questions": questions, "answers": answers, "classifier": classifier}
    return [Node(name, "assurance.classify", {}, inputs)]


def plan_classify_corpus(
    sample: str, classifier: str, *, name: str = "assurance.classify_corpus"
) -> list[Node]:
    """The classifier's verdicts on a sample of the corpus."""
    return [Node(name, "assurance.classify_corpus", {}, {"sample": sample, "classifier": classifier})]
