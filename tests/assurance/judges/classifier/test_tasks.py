"""The jobs: what they file, and that importing their plan costs nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mofang.assurance.judges.classifier import features
from mofang.assurance.judges.classifier.container import Parts, pack
from mofang.assurance.judges.classifier.plan import plan_classify, plan_classify_corpus
from mofang.assurance.judges.classifier.training import Trained
from mofang.compute.executors import Task, perform
from mofang.compute.kinds import KINDS, Outcome
from mofang.errors import MofangError
from mofang.evidence.leaves import read_leaves, write_leaves
from mofang.evidence.objects import ObjectStore

SPOILT, FRESH = "早上码头的梨全都烂了。", "周末老街的梨又甜又脆。"


@pytest.fixture
def objects(tmp_path: Path) -> ObjectStore:
    return ObjectStore(tmp_path / "objects")


def run(objects: ObjectStore, kind: str, **inputs: Any) -> Outcome:
    return perform(Task(KINDS.get(kind).run, {}, inputs, {}, objects, objects.root.parent / "work"))


def test_answers_are_classified(objects: ObjectStore, trained: Trained) -> None:
    asked = [{"id": f"q{n}", "kind": "content", "risk": "A.1.a", "text": "?"} for n in range(3)]
    given = [
        {
            "question": f"q{n}",
            "repeat": 0,
            "state": "answered",
            "text": text,
            "truncated": False,
            "error": None,
        }
        for n, text in enumerate((SPOILT, FRESH, ""))
    ]
    inputs = {
        "questions": write_leaves(objects, asked).digest,
        "answers": write_leaves(objects, given).digest,
        "classifier": objects.put(trained.data),
    }
    made = run(objects, "assurance.classify", **inputs)
    assert made.counts == {"fail": 1, "pass": 1, "unscored": 1}
    assert [leaf["verdict"] for leaf in read_leaves(objects, made.outputs["verdicts"].digest)] == [
        "fail", "pass", "unscored",
    ]  # fmt: skip
    assert run(objects, "assurance.classify", **inputs).outputs == made.outputs


def test_records_are_classified(objects: ObjectStore, trained: Trained) -> None:
    sample = write_leaves(objects, [{"record_id": "a", "text": SPOILT}, {"record_id": "b", "text": FRESH}])
    made = run(
        objects, "assurance.classify_corpus", sample=sample.digest, classifier=objects.put(trained.data)
    )
    assert made.counts == {"fail": 1, "pass": 1, "unscored": 0}


GOLDEN = {
    (
        "assurance.classify_corpus",
        1,
    ): "sha256:b23172cf70f1598ff4813157f90e87e0cc592e2cc147f2254a6db53fad4c149a"
}


def test_bytes_change_with_the_version_only(objects: ObjectStore) -> None:
    """A classifier written by hand, so that no training stands between the kind and its bytes."""
    known = np.unique(features.count(features.read([SPOILT, "全都烂了"])).features)
    size = len(known)
    parts = Parts(
        {
            "format": 1,
            "decides": {
                "features": 1, "bias": "-2.5", "share": "0.100000000", "threshold": "0.750000",
                "calibration": {"method": "platt", "slope": "2.000000000", "intercept": "0.100000000"},
            },
        },
        known,
        np.linspace(1, 2, size).astype(np.float32),
        np.linspace(-4, 6, size).astype(np.float32),
        (np.arange((size + 1) * 2).reshape(-1, 2) % 200 - 100).astype(np.int8) * (np.arange(size + 1) > 0)[:, None],
        np.array([0.01, -0.02], dtype=np.float32),
    )  # fmt: skip
    records = [{"record_id": f"r{n}", "text": text} for n, text in enumerate((SPOILT, FRESH, "", "x"))]
    sample = write_leaves(objects, records).digest
    made = run(objects, "assurance.classify_corpus", sample=sample, classifier=objects.put(pack(parts)))
    found = {("assurance.classify_corpus", 1): str(made.outputs["verdicts"].digest)}
    assert made.counts == {"fail": 1, "pass": 1, "unscored": 2}
    assert found == GOLDEN


def test_a_file_that_is_no_classifier_stops_the_job(objects: ObjectStore) -> None:
    sample = write_leaves(objects, [{"record_id": "a", "text": FRESH}])
    with pytest.raises(MofangError, match="not a classifier file"):
        run(objects, "assurance.classify_corpus", sample=sample.digest, classifier=objects.put(b"no"))


def test_nodes_name_their_inputs() -> None:
    [node] = plan_classify(
        "draw:questions", "ask/alone:answers", "given:given", name="assurance.classify/alone"
    )
    assert (node.name, node.kind) == ("assurance.classify/alone", "assurance.classify")
    assert node.inputs == {
        "questions": "draw:questions", "answers": "ask/alone:answers", "classifier": "given:given",
    }  # fmt: skip
    [node] = plan_classify_corpus("sample:sample", "given:given")
    assert node.inputs == {"sample": "sample:sample", "classifier": "given:given"}


def test_plan_and_commands_import_nothing_heavy() -> None:
    code = (
        "import sys\nimport mofang.assurance.judges.commands, mofang.assurance.judges.classifier.plan\n"
        "print([m for m in ('numpy', 'scipy', 'sklearn', 'openpyxl') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
