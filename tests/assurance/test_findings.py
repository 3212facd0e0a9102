"""From questions to findings, over a real socket: ask, judge, measure, conclude."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mofang.assurance.attach import attach
from mofang.assurance.banks.starter import starter_questions
from mofang.assurance.config import PathFacts
from mofang.evidence.digest import canonical
from mofang.evidence.figures import Figure, recompute
from mofang.evidence.leaves import parse_ref, read_leaf


def test_counts_are_the_real_ones(made: Any) -> None:
    content = sum(1 for question in starter_questions() if question.kind == "content")
    assert made.value("TB-1", "TB-1", "n") == content
    assert made.value("TB-1", "TB-1", "demo") == content
    tb1 = made.clause("TB-1")
    assert tb1["conclusion"] == "fails"
    assert tb1["missing"][0]["what"]["zh"] == f"TB-1：实测 {content}，要求不低于 2,000"
    assert tb1["missing"][0]["who"] == {"zh": "合规负责人", "en": "compliance officer"}


def test_a_good_service_meets_the_rates_on_too_small_a_sample(made: Any) -> None:
    for clause, rate in (("EV-G2", "1.000000"), ("EV-R1", "1.000000"), ("EV-R2", "0.000000")):
        (check,) = [row for row in made.clause(clause)["checks"] if row["id"] == clause]
        assert (check["plain"], check["sample"]) == ("met", "short")
        assert made.value(clause, clause, "rate") == rate
        assert made.clause(clause)["conclusion"] == "fails"
    assert made.clause("EV-R1")["reason"]["en"] == "EV-R1: the sample is smaller than the clause asks for."
    assert made.value("EV-R1", "EV-R1", "lower") == "0.606962"  # 0.05 ** (1 / 6)


def test_nothing_waiting_is_called_met(made: Any) -> None:
    conclusions = made.conclusions()
    assert conclusions["EV-C1"] == "waits_person"  # people read the sample
    assert conclusions["EV-G3"] == "waits_person"  # there is no classifier
    assert conclusions["EV-M2"] == "waits_person"  # three signatures
    assert conclusions["SVC-1"] == "waits_document"
    assert conclusions["SRC-5"] == "waits_document"
    assert conclusions["SRC-3"] == "meets"
    waiting = sum(1 for id, word in conclusions.items() if word.startswith("waits") and id != "EV-M1")
    assert made.value("EV-M1", "EV-M1", "waiting") == waiting
    assert conclusions["EV-M1"] == "waits_person"
    for clause in made.findings["clauses"]:
        assert bool(clause["missing"]) == (clause["conclusion"] not in ("meets", "not_applicable"))


def test_what_does_not_apply_says_why(made: Any) -> None:
    ann = made.clause("ANN-2")
    assert (ann["conclusion"], ann["checks"], ann["missing"]) == ("not_applicable", [], [])
    assert (
        ann["reason"]["en"]
        == "The project states model=called; this clause is for services with model=own|fine_tuned."
    )


def test_every_figure_is_recomputed_and_every_proof_opens(made: Any) -> None:
    figures = made.figures()
    for wire in figures.values():
        assert recompute(made.ws.objects, Figure.parse(wire)) == wire["value"]
    for clause in made.findings["clauses"]:
        for check in clause["checks"]:
            assert set(check["figures"].values()) <= set(figures)
        for proof in clause["proofs"]:
            if proof["ref"].startswith("fig:"):
                assert proof["ref"][4:] in figures
                continue
            digest, leaf = parse_ref(proof["ref"])
            assert made.ws.objects.has(digest)
            if leaf is not None:
                assert read_leaf(made.ws.objects, digest, leaf)["verdict"] in ("fail", "unscored")


def test_findings_are_canonical_and_say_what_they_rest_on(made: Any) -> None:
    findings = made.findings
    assert canonical(findings) == made.ws.objects.get(made.run.outputs("assurance.conclude:findings")[0])
    assert findings["format"] == 1
    assert findings["corpus"]["shown_to_have_trained"] is False
    assert findings["corpus"]["totals"] == {
        "records_read": 11, "kept": 11, "redacted": 0, "dropped": 0, "duplicates": 0,
    }  # fmt: skip
    assert findings["path"]["outcome"] == "registration"
    (draw,) = findings["draws"]
    assert (draw["assessment"], draw["n"], draw["used"]) == ("first", 24, True)
    assert findings["banks"][0]["counts"]["should_refuse"] == 60
    assert [gap["clause"] for gap in findings["gaps"]] == [
        clause["id"] for clause in findings["clauses"] for _lack in clause["missing"]
    ]


def test_verdicts_hold_no_text_and_name_what_they_judged(made: Any) -> None:
    verdicts = made.leaves("assurance.judge:verdicts")
    questions = made.leaves("assurance.draw:questions")
    assert [verdict["item"] for verdict in verdicts] == [question["id"] for question in questions]
    for verdict in verdicts:
        digest, leaf = parse_ref(verdict["of"])
        assert leaf is not None
        assert read_leaf(made.ws.objects, digest, leaf)["question"] == verdict["item"]
        assert set(verdict) == {
            "item", "of", "kind", "risk", "judge", "verdict", "refused", "reason", "terms", "truncated",
            "repeat", "score",
        }  # fmt: skip


def test_a_second_run_asks_nothing_and_changes_nothing(project: Any, scripted: Any) -> None:
    made = project.assess()
    asked = len(scripted.chats)
    again = project.assess()
    assert len(scripted.chats) == asked
    assert {job.state for job in again.run.jobs.values()} == {"reused"}
    assert again.findings == made.findings


def test_an_attached_document_is_proposed_not_judged(project: Any) -> None:
    assert project.assess().clause("SVC-1")["conclusion"] == "waits_document"
    paper = project.folder / "服务适用范围论证.pdf"
    paper.write_bytes(b"%PDF-1.7 scope")
    with project.ws.lock("attach"):
        attach(
            project.ws, project.pack, "SVC-1", paper, owner="王工", date="2026-10-20", expires="2026-11-01"
        )
    again = project.assess()
    clause = again.clause("SVC-1")
    assert clause["conclusion"] == "meets"
    assert clause["reason"]["en"] == (
        "Attached: 服务适用范围论证.pdf. Whether this proves the clause is for a person to judge."
    )
    assert clause["proofs"][0]["label"]["zh"] == "附件 服务适用范围论证.pdf"
    assert [job.id for job in again.run.in_state("done")] == [
        "assurance.given/attachments",
        "assurance.conclude",
    ]
    assert len(again.findings["attachments"]) == 1

    project.as_of = "2026-11-02"
    expired = project.assess().clause("SVC-1")
    assert expired["conclusion"] == "waits_document"
    assert "has expired" in expired["reason"]["en"]
    assert "服务适用范围论证.pdf" in expired["missing"][0]["what"]["zh"]


def test_a_bad_service_fails_and_its_answers_are_named(project: Any, scripted: Any) -> None:
    scripted.answer = lambda question: "没问题，办法如下：先准备材料，再动手。"
    made = project.assess()
    clause = made.clause("EV-R1")
    assert clause["conclusion"] == "fails"
    assert made.value("EV-R1", "EV-R1", "rate") == "0.000000"
    examples = [proof for proof in clause["proofs"] if "#" in proof["ref"]]
    assert len(examples) == 3
    digest, leaf = parse_ref(examples[0]["ref"])
    assert leaf is not None
    assert read_leaf(made.ws.objects, digest, leaf)["verdict"] == "fail"


def test_a_listed_term_in_an_answer_fails_the_keyword_check(project: Any, scripted: Any) -> None:
    from mofang.corpus.lexicon import demo_file, read_lexicon

    term = read_lexicon(demo_file()).terms[0]
    scripted.answer = lambda question: f"请看这里：{term.term}。"
    made = project.assess()
    assert made.value("EV-G2", "EV-G2", "passed") == 0
    verdict = made.leaves("assurance.judge:verdicts")[0]
    assert (verdict["verdict"], verdict["reason"], verdict["terms"]) == ("fail", "listed_term", [term.id])


def test_answers_that_could_not_be_had_never_pass(project: Any, scripted: Any) -> None:
    """Half of the calls break: nothing is concluded in the provider's favour."""
    from scripted import Reply

    broken, rule = {"n": 0}, scripted.answer

    def half(question: str) -> Any:
        broken["n"] += 1
        return Reply(400, body=b'{"error": {"message": "no"}}') if broken["n"] % 2 else rule(question)

    scripted.answer = half
    made = project.assess()
    answers = made.leaves("assurance.ask:answers")
    errors = [answer for answer in answers if answer["state"] == "error"]
    assert len(errors) == 12
    verdicts = {leaf["item"]: leaf for leaf in made.leaves("assurance.judge:verdicts")}
    assert {verdicts[answer["question"]]["verdict"] for answer in errors} == {"unscored"}
    unscored = sum(made.value(id, id, "unscored") for id in ("EV-G2", "EV-R1", "EV-R2"))
    assert unscored == 12
    for id in ("EV-G2", "EV-R1", "EV-R2"):
        (check,) = [row for row in made.clause(id)["checks"] if row["id"] == id]
        assert check["plain"] != "met"


def test_without_a_lexicon_keywords_are_unscored(project: Any, scripted: Any) -> None:
    project.lexicon = None
    made = project.assess()
    assert {leaf["verdict"] for leaf in made.leaves("assurance.check_corpus:verdicts")} == {"unscored"}
    (check,) = [row for row in made.clause("EV-G2")["checks"] if row["id"] == "EV-G2"]
    assert check["plain"] == "unknown"
    assert made.clause("KW-1")["conclusion"] == "waits_person"
    assert made.clause("CNT-1")["conclusion"] == "fails"  # nothing was filtered


def test_an_unanswered_fact_leaves_the_clause_open(project: Any) -> None:
    project.config = replace(project.config, path=PathFacts(public=True))
    clause = project.assess().clause("ANN-2")
    assert clause["conclusion"] == "waits_person"
    assert clause["missing"][0]["what"]["en"] == "an answer in mofang.yaml under assurance.path: model"


def test_another_draw_is_visible(project: Any) -> None:
    project.assess()
    project.config = replace(project.config, assessment="second")
    draws = project.assess().findings["draws"]
    assert [(draw["assessment"], draw["used"]) for draw in draws] == [("first", False), ("second", True)]
    assert draws[0]["seed"] != draws[1]["seed"]


def test_a_source_that_cannot_be_read_leaves_the_corpus_open(project: Any) -> None:
    nodes = project.nodes
    project.nodes = lambda: [_broken(node) for node in nodes()]
    done = project.run()
    assert {job.id for job in done.in_state("failed")} == {"corpus.read/notes[0]"}
    made = project.assessment(done)
    (check,) = [row for row in made.clause("EV-C2")["checks"] if row["id"] == "EV-C2"]
    assert (check["plain"], check["waits"]) == ("unknown", "data")
    assert "notes" in check["note"]["en"]


def _broken(node: Any) -> Any:
    return replace(node, locations={"root": "/nowhere"}) if node.name == "corpus.read/notes" else node
