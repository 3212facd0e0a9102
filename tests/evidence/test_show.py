from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from journey import SECRET, Journey, travel

from mofang.evidence.bundle import open_bundle, write_bundle
from mofang.evidence.collection import collect
from mofang.evidence.digest import sha256_bytes
from mofang.evidence.errors import EvidenceError, LeafError, ObjectMissing
from mofang.evidence.show import show
from mofang.evidence.withdrawal import withdraw

ASKED = {"kind": "source", "source": "handbook"}


def test_artifact(journey: Journey) -> None:
    made, statement = journey.made, journey.statements["assurance.dossier"]
    shown = show(journey.ws, made["html"].short)
    assert shown.title == f"html {made['html'].short}"
    assert shown.facts == [
        ("digest", made["html"]),
        ("media type", "text/html"),
        ("size", "85 bytes"),
        ("made by", "assurance.dossier (assurance.dossier 1, pure)"),
        ("statement", statement),
        ("counts", "records 6"),
    ]
    assert shown.body == f"<html>dossier {made['findings']}"
    assert shown.links == [statement, made["answers"], made["figures"], made["findings"], made["questions"]]


def test_name(journey: Journey) -> None:
    shown = show(journey.ws, "dossiers/latest")
    assert shown.title == f"manifest {journey.made['manifest'].short}"
    assert shown.body is not None
    assert shown.body.splitlines()[0] == "{"


def test_leaf_is_veiled_until_revealed(journey: Journey) -> None:
    ref = f"{journey.made['questions']}#0"
    veiled = show(journey.ws, ref)
    assert veiled.title.startswith("leaf 0 of questions sha256:")
    assert veiled.body is not None
    assert SECRET not in veiled.body
    assert "shown with --reveal" in veiled.body
    assert '"kind": "should_refuse"' in veiled.body
    revealed = show(journey.ws, ref, reveal=True)
    assert revealed.body is not None
    assert f'"text": "1 question 0: {SECRET}"' in revealed.body


def test_verdict_leaf_links_to_its_answer(journey: Journey) -> None:
    shown = show(journey.ws, f"{journey.made['verdicts']}#4")
    assert shown.links == [journey.made["verdicts"], f"{journey.made['answers']}#4"]


def test_leaf_beyond_the_end(journey: Journey) -> None:
    with pytest.raises(LeafError, match="has no leaf 30"):
        show(journey.ws, f"{journey.made['verdicts']}#30")


def test_statement(journey: Journey) -> None:
    ws, id = journey.ws, journey.statements["assurance.judge"]
    shown = show(ws, id)
    assert shown.facts == [
        ("statement", id),
        ("type", "https://mofang.dev/provenance/v1"),
        ("entry of the chain", "6"),
        ("signed by", ws.keys.ids()[0]),
        ("about", f"verdicts  {journey.made['verdicts']}"),
    ]
    assert shown.body is not None
    assert '"node": "assurance.judge"' in shown.body
    assert shown.links == [journey.made["verdicts"], journey.made["answers"], journey.made["questions"]]


def test_declared_artifact(journey: Journey) -> None:
    shown = show(journey.ws, sha256_bytes(b"%PDF contract"))
    assert [value.split()[0] for label, value in shown.facts if label == "declared by"] == [
        "https://mofang.dev/attachment/v1"
    ]


def test_figure_is_recomputed_and_opens_its_leaves(journey: Journey) -> None:
    figure = journey.figures[1]
    shown = show(journey.ws, f"fig:{figure.id.hex[:12]}")
    assert shown.title == "journey_rate.passed = 8"
    assert shown.facts == [
        ("figure", f"fig:{figure.id}"),
        ("metric", "journey_rate, version 1"),
        ("field", "passed"),
        ("parameters", '{"kind": "should_refuse"}'),
        ("input", f"questions  {journey.made['questions']}"),
        ("input", f"verdicts  {journey.made['verdicts']}"),
        ("stated", "8"),
        ("recomputed", "8"),
    ]
    assert shown.links[0] == f"{journey.made['figures']}#1"
    assert shown.links[1:] == [
        f"{journey.made[name]}#{n}" for name in ("questions", "verdicts") for n in range(0, 30, 3)
    ]


def test_figure_whose_input_is_gone(journey: Journey) -> None:
    withdraw(journey.ws, artifacts=[journey.made["verdicts"]], reason="x", request=ASKED)
    facts = dict(show(journey.ws, f"fig:{journey.figures[0].id}").facts)
    assert facts["recomputed"] == "not possible: an input is not here"
    assert facts["input"].endswith("(withdrawn by request)")


def test_withdrawn_artifact_says_when_and_why(journey: Journey) -> None:
    text = journey.made["text"]
    stone = withdraw(journey.ws, artifacts=[text], reason="licence ended", request=ASKED)
    shown = show(journey.ws, text)
    assert shown.facts[2:6] == [
        ("state", "withdrawn by request"),
        ("date", stone.date),
        ("reason", "licence ended"),
        ("tombstone", stone.statement),
    ]
    assert shown.body is None
    assert stone.statement in shown.links
    assert journey.made["html"] in shown.links
    assert show(journey.ws, stone.statement).facts[1] == ("type", "https://mofang.dev/tombstone/v1")


def test_withdrawn_leaf_says_when_and_why_under_either_digest(journey: Journey) -> None:
    old = journey.made["answers"]
    stone = withdraw(journey.ws, leaves={old: [3]}, reason="a person asked", request=ASKED)
    withdraw(journey.ws, leaves={old: [9]}, reason="another asked", request=ASKED)
    for digest in (old, stone.replaced[old]):
        facts = show(journey.ws, f"{digest}#3").facts
        assert facts[-4:] == [
            ("state", "withdrawn by request"),
            ("reason", "a person asked"),
            ("date", stone.date),
            ("tombstone", stone.statement),
        ]
    whole = show(journey.ws, old)
    assert ("state", "some leaves withdrawn by request") in whole.facts
    assert ("withdrawn or withheld", "2") in whole.facts


def test_ref_to_a_withdrawn_artifact_says_so(journey: Journey) -> None:
    withdraw(journey.ws, artifacts=[journey.made["manifest"]], reason="x", request=ASKED)
    assert ("state", "withdrawn by request") in show(journey.ws, "dossiers/latest").facts


def test_collected_artifact_says_so(journey: Journey) -> None:
    ws = journey.ws
    travel(ws, "2")
    for digest in ws.objects:
        os.utime(ws.objects.path(digest), (time.time() - 3600,) * 2)
    collect(ws, dry_run=False)
    facts = dict(show(ws, journey.made["html"]).facts)
    assert facts["state"] == "collected as unused"
    assert facts["date"].startswith("20")


def test_missing_artifact(journey: Journey) -> None:
    journey.ws.objects.remove(journey.made["html"])
    with pytest.raises(ObjectMissing):
        show(journey.ws, journey.made["html"])
    with pytest.raises(EvidenceError):
        show(journey.ws, "nothing/here")


def test_in_a_bundle(journey: Journey, tmp_path: Path) -> None:
    ws = open_bundle(
        write_bundle(journey.ws, journey.made["manifest"], tmp_path / "b.zip", withhold=["answers"]).path
    )
    leaf = show(ws, f"{journey.made['answers']}#3")
    assert ("state", "texts withheld") in leaf.facts
    assert ("state", "not in this bundle") in show(ws, journey.made["text"]).facts
    assert ("state", "texts withheld") in show(ws, journey.made["answers"]).facts
