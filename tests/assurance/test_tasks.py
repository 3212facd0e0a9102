"""The jobs themselves: what they file and count; their bytes change with a new version of the kind only."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import mofang.assurance.plan
from mofang.compute.executors import Task, perform
from mofang.compute.kinds import KINDS, Outcome
from mofang.corpus import tables
from mofang.errors import MofangError
from mofang.evidence.digest import Digest, sha256_bytes
from mofang.evidence.leaves import LEAVES, read_leaves, write_leaves
from mofang.evidence.objects import ObjectStore

assert mofang.assurance.plan.TASKS
SEED = sha256_bytes(b"seed")
PLAN = {"content": 4, "should_refuse": 2, "should_not_refuse": 2, "corpus_manual": 5, "minimum": 1}
TERM = {"id": "t1", "term": "蓝莓密令", "risk": "A.1.a", "severity": "", "added": ""}


@pytest.fixture
def objects(tmp_path: Path) -> ObjectStore:
    return ObjectStore(tmp_path / "objects")


def run(objects: ObjectStore, kind: str, params: Mapping[str, Any], **inputs: Any) -> Outcome:
    return perform(Task(KINDS.get(kind).run, params, inputs, {}, objects, objects.root.parent / "work"))


def bank(objects: ObjectStore) -> Digest:
    kinds = ("content", "should_refuse", "should_not_refuse")
    questions = [
        {"id": f"{kind}-{n}", "kind": kind, "risk": f"A.1.{'abc'[n % 3]}", "text": f"问题{n}"}
        for kind in kinds
        for n in range(9)
    ]
    return write_leaves(objects, questions).digest


def drawn(objects: ObjectStore) -> Digest:
    made = run(objects, "assurance.draw", {"seed": SEED, "plan": PLAN}, banks=[bank(objects)])
    return made.outputs["questions"].digest


def answered(objects: ObjectStore, questions: Digest) -> Digest:
    texts = ["很抱歉，我无法回答。", "可以，请到服务台办理。", "请看蓝莓密令。", ""]
    leaves = [
        {
            "question": leaf["id"], "state": "answered", "text": texts[n % 4], "finish_reason": "stop",
            "truncated": n == 5, "prompt_tokens": 1, "completion_tokens": 2, "error": None, "attempts": 1,
        }
        for n, leaf in enumerate(read_leaves(objects, questions))
    ]  # fmt: skip
    return write_leaves(objects, leaves).digest


def published(objects: ObjectStore) -> Digest:
    rows = [
        (
            bytes([n]) * 16,
            "s",
            "a.txt",
            n,
            "CC0",
            "domestic",
            "open",
            None,
            "蓝莓密令" if n == 3 else f"第{n}条",
        )
        for n in range(12)
    ]
    return tables.write(
        objects, tables.PUBLISHED, [list(column) for column in zip(*rows, strict=True)]
    ).digest


GOLDEN = {
    ("assurance.draw", 1): "sha256:20487f429b232815873ff828e466eeb8626532ed325fda868e87c14df5d29ff5",
    ("assurance.judge", 2): "sha256:db95c603981dd0198d4731e6427c8984c8c720edd1461db6102c178adf2f0180",
    ("assurance.sample_corpus", 1): "sha256:eca963dd0f4947472484547addecbfee54e2ba58b421765f1124b8daddd9faeb",
    ("assurance.check_corpus", 2): "sha256:68618109df6210bbee1d36f5eba18345e2d3710dad68eb5dbda4259810674f95",
}


def test_bytes_change_with_the_version_only(objects: ObjectStore) -> None:
    lexicon = write_leaves(objects, [TERM]).digest
    questions = drawn(objects)
    judged = run(
        objects,
        "assurance.judge",
        {},
        questions=questions,
        answers=answered(objects, questions),
        lexicon=lexicon,
    )
    sampled = run(
        objects, "assurance.sample_corpus", {"seed": SEED, "plan": PLAN}, published=[published(objects)]
    )
    checked = run(
        objects, "assurance.check_corpus", {}, sample=sampled.outputs["sample"].digest, lexicon=lexicon
    )
    found = {
        "assurance.draw": questions,
        "assurance.judge": judged.outputs["verdicts"].digest,
        "assurance.sample_corpus": sampled.outputs["sample"].digest,
        "assurance.check_corpus": checked.outputs["verdicts"].digest,
    }
    assert {(kind, KINDS.get(kind).version): digest for kind, digest in found.items()} == GOLDEN
    assert judged.counts == {"pass": 4, "fail": 2, "unscored": 2}
    assert sampled.counts == {"records": 12, "sampled": 5}
    assert sum(checked.counts.values()) == 5


def test_drawn_questions_name_the_leaf_they_came_from(objects: ObjectStore) -> None:
    source = bank(objects)
    made = run(objects, "assurance.draw", {"seed": SEED, "plan": PLAN}, banks=[source])
    assert made.counts == {"bank": 27, "content": 4, "should_refuse": 2, "should_not_refuse": 2}
    leaves = list(read_leaves(objects, source))
    for question in read_leaves(objects, made.outputs["questions"].digest):
        assert question["of"].startswith(f"{source}#")
        assert leaves[int(question["of"].partition("#")[2])]["id"] == question["id"]


def test_the_frame_says_what_was_drawn_from(objects: ObjectStore) -> None:
    params = {"seed": SEED, "plan": PLAN, "missing": ["corpus.publish/notes"]}
    made = run(objects, "assurance.sample_corpus", params, published=[published(objects)])
    assert objects.json(made.outputs["frame"].digest) == {
        "total": 12,
        "sampled": 5,
        "seed": SEED,
        "missing": ["corpus.publish/notes"],
    }


def test_what_is_given_becomes_an_output_and_must_be_there(objects: ObjectStore) -> None:
    segment = write_leaves(objects, [TERM])
    params = {"digest": segment.digest, "media_type": LEAVES, "count": segment.count, "root": segment.root}
    output = run(objects, "assurance.given", params).outputs["given"]
    assert (output.digest, output.media_type, output.count, output.root) == tuple(params.values())
    objects.remove(segment.digest)
    with pytest.raises(MofangError):
        run(objects, "assurance.given", params)
