from __future__ import annotations

import json

from journey import Journey, travel

from mofang.evidence.digest import sha256_bytes
from mofang.evidence.lineage import Step, descendants, lineage, render, wire_form
from mofang.evidence.pedigree import Pedigree
from mofang.evidence.withdrawal import withdraw


def names(step: Step) -> list[str]:
    return [child.name for child in step.children]


def child(step: Step, name: str) -> Step:
    return next(each for each in step.children if each.name == name)


def test_upwards_to_what_was_brought(journey: Journey) -> None:
    tree = lineage(journey.ws, journey.made["html"])
    assert (tree.name, tree.kind, tree.node, tree.media_type) == (
        "html",
        "assurance.dossier",
        "assurance.dossier",
        "text/html",
    )
    assert tree.statement == journey.statements["assurance.dossier"]
    assert sorted(names(tree)) == ["answers", "figures", "findings", "questions"]
    questions = child(child(tree, "answers"), "questions")
    [bank] = questions.children
    assert (bank.name, bank.kind, bank.node, bank.digest) == (
        "starter",
        "https://mofang.dev/sampling/v1",
        "",
        journey.made["bank"],
    )
    assert bank.children == ()


def test_what_stands_twice_is_unfolded_once(journey: Journey) -> None:
    tree = lineage(journey.ws, journey.made["html"])
    steps: list[Step] = []
    waiting = [tree]
    while waiting:
        steps.append(waiting.pop())
        waiting += steps[-1].children
    unfolded = [step.digest for step in steps if not step.repeated]
    assert len(unfolded) == len(set(unfolded))
    assert {step.name for step in steps if step.repeated} >= {"questions", "answers"}
    assert all(step.children == () for step in steps if step.repeated)


def test_digests_of_files_delivered_are_no_steps(journey: Journey) -> None:
    assert lineage(journey.ws, journey.made["text"]).children == ()


def test_a_job_that_passes_something_on_leads_to_who_declared_it(journey: Journey) -> None:
    ws, bank = journey.ws, journey.made["bank"]
    with ws.lock("run"):
        empty = ws.objects.put(b"")
        for name, digest in (("bank", bank), ("attachments", empty)):
            given = {"given": (digest, "application/vnd.mofang.leaves+jsonl", None)}
            journey.job(f"assurance.given/{name}", given, {}, {"digest": digest})
    tree = lineage(ws, bank)
    assert (tree.node, [(step.name, step.repeated, step.children) for step in tree.children]) == (
        "assurance.given/bank",
        [("starter", False, ())],
    )
    assert lineage(ws, empty).children == ()


def test_downwards_to_the_dossier(journey: Journey) -> None:
    tree = lineage(journey.ws, journey.made["text"], "down")
    assert names(tree) == ["dataset"]
    assert names(child(tree, "dataset")) == ["figures", "findings"]
    pedigree = Pedigree(journey.ws)
    found = {step.name for step in descendants(pedigree, journey.made["text"])}
    assert found == {"dataset", "figures", "findings", "html", "manifest"}
    assert descendants(pedigree, journey.made["html"]) == []


def test_unknown_artifact_is_a_lone_step(journey: Journey) -> None:
    tree = lineage(journey.ws, sha256_bytes(b"nobody knows me"))
    assert (tree.children, tree.statement, tree.state) == ((), None, "missing")


def test_lineage_takes_the_statement_before_the_use(journey: Journey) -> None:
    """The keys of both assessments differ, what they have in common is not mixed up."""
    other = travel(journey.ws, "2")
    for one in (journey, other):
        dataset = lineage(one.ws, one.made["dataset"])
        assert {step.digest for step in dataset.children} == {one.made["text"], one.made["keys"]}


def test_withdrawn_steps_say_so_and_copies_keep_their_lineage(journey: Journey) -> None:
    old = journey.made["answers"]
    stone = withdraw(
        journey.ws,
        artifacts=[journey.made["text"]],
        leaves={old: [3]},
        reason="x",
        request={"kind": "source"},
    )
    new = stone.replaced[old]
    up = lineage(journey.ws, new)
    assert (up.name, up.kind) == ("answers", "https://mofang.dev/tombstone/v1")
    assert [(step.digest, step.state) for step in up.children] == [(old, "redacted")]
    assert {step.name for step in lineage(journey.ws, new, "down").children} == {
        "verdicts",
        "html",
        "manifest",
    }
    text = render(lineage(journey.ws, journey.made["html"]))
    assert "(withdrawn by request)" in text
    assert "(some leaves withdrawn by request)" in text


def test_rendering(journey: Journey) -> None:
    made, leaves = journey.made, "application/vnd.mofang.leaves+jsonl"
    assert render(lineage(journey.ws, made["verdicts"])).splitlines() == [
        f"verdicts  {made['verdicts'].short}  assurance.judge  {leaves}",
        f"├─ answers  {made['answers'].short}  assurance.ask  {leaves}",
        f"│  └─ questions  {made['questions'].short}  assurance.draw  {leaves}",
        f"│     └─ starter  {made['bank'].short}  https://mofang.dev/sampling/v1  {leaves}",
        f"└─ questions  {made['questions'].short}  assurance.draw  {leaves}  (see above)",
    ]


def test_many_alike_are_counted_when_printed(journey: Journey) -> None:
    objects = journey.ws.objects
    with journey.ws.lock("run"):
        shards = [objects.put(b"shard %d" % n) for n in range(30)]
        for n, shard in enumerate(shards):
            journey.job(f"corpus.read/s[{n}]", {"text": (shard, "text/plain", None)})
        whole = objects.put(b"whole")
        journey.job("corpus.whole", {"whole": (whole, "text/plain", None)}, {"text": shards})
    tree = lineage(journey.ws, whole)
    assert len(tree.children) == 30
    lines = render(tree).splitlines()
    assert (len(lines), lines[-1]) == (10, "└─ … and 22 more like it")


def test_long_chains_do_not_exhaust_the_stack(journey: Journey) -> None:
    objects = journey.ws.objects
    with journey.ws.lock("run"):
        before = objects.put(b"delivery 0")
        for n in range(1, 206):
            after = objects.put(b"delivery %d" % n)
            journey.job(f"corpus.join/{n}", {"joined": (after, "text/plain", None)}, {"before": before})
            before = after
    tree, depth = lineage(journey.ws, before), 0
    while tree.children:
        tree, depth = tree.children[0], depth + 1
    assert depth == 201


def test_wire_form_is_json(journey: Journey) -> None:
    wire = json.loads(json.dumps(wire_form(lineage(journey.ws, journey.made["answers"]))))
    assert wire["digest"] == journey.made["answers"]
    assert [each["name"] for each in wire["children"]] == ["questions"]
