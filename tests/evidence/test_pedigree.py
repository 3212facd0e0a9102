from __future__ import annotations

from journey import Journey, travel

from mofang.evidence.digest import sha256_bytes
from mofang.evidence.pedigree import Pedigree, Standing, mentioned, mentions, reach
from mofang.evidence.statements import Subject
from mofang.evidence.withdrawal import withdraw

ASKED = {"kind": "source", "source": "handbook"}


def test_inputs_come_with_what_the_parameters_mention(journey: Journey) -> None:
    pedigree = Pedigree(journey.ws)
    read = pedigree.facts[journey.statements["corpus.read/handbook"]]
    assert read.inputs == (("params", sha256_bytes(b"the file delivered")),)
    judge = pedigree.facts[journey.statements["assurance.judge"]]
    assert judge.inputs == (("answers", journey.made["answers"]), ("questions", journey.made["questions"]))
    assert (judge.kind, judge.node, judge.mode, judge.made_by_job) == (
        "assurance.judge",
        "assurance.judge",
        "pure",
        True,
    )


def test_producer_up_to_an_entry(journey: Journey) -> None:
    ws = journey.ws
    with ws.lock("run"):
        again = journey.job("corpus.copy", {"html": (journey.made["html"], "text/html", None)})
    pedigree = Pedigree(ws)
    first = journey.statements["assurance.dossier"]
    assert [fact.id for fact in pedigree.producers(journey.made["html"])] == [first, again]
    newest = pedigree.producer(journey.made["html"])
    assert newest is not None
    assert newest.id == again
    before = pedigree.producer(journey.made["html"], newest.n - 1)
    assert before is not None
    assert before.id == first
    assert pedigree.producer(journey.made["html"], 0) is None


def test_standings(journey: Journey) -> None:
    ws, made = journey.ws, journey.made
    stone = withdraw(ws, artifacts=[made["text"]], leaves={made["answers"]: [1]}, reason="x", request=ASKED)
    ws.objects.remove(made["html"])
    pedigree = Pedigree(ws)
    fact = pedigree.facts[stone.statement]
    assert pedigree.standing(made["text"]) == Standing("withdrawn", None, fact)
    assert pedigree.standing(made["answers"]) == Standing("redacted", stone.replaced[made["answers"]], fact)
    assert pedigree.standing(made["questions"]) == Standing("present", made["questions"])
    assert pedigree.standing(made["html"]) == Standing("missing", None)
    assert pedigree.versions(made["answers"]) == [made["answers"], stone.replaced[made["answers"]]]
    subject = pedigree.subject(stone.replaced[made["answers"]])
    assert subject is not None
    assert subject.name == "answers"


def test_further_signatures_do_not_name_anew(journey: Journey) -> None:
    """A station signs an old statement after the artifact was withdrawn: it stays withdrawn."""
    ws, contract = journey.ws, sha256_bytes(b"%PDF contract")
    id = next(fact.id for fact in Pedigree(ws).producers(contract))
    withdraw(ws, artifacts=[contract], reason="x", request=ASKED)
    with ws.lock("sign"):
        key = ws.signing_key()
        statement = ws.statement(id)
        entry = ws.chain.append(statement, key, (key.sign(b"not looked at here"),))
        ws.ledger.add(entry, statement)
    assert Pedigree(ws).standing(contract).word == "withdrawn"
    with ws.lock("attach"):
        ws.objects.put(b"%PDF contract")
        ws.record(statement.predicate_type, statement.subjects, statement.predicate)
    assert Pedigree(ws).standing(contract).word == "present"


def test_damaged_entries_and_payloads_are_stepped_over(journey: Journey) -> None:
    ws = journey.ws
    payload = ws.objects.path(journey.statements["assurance.judge"])
    payload.write_bytes(b"{}")
    lines = ws.chain.path.read_bytes().splitlines()
    lines[2] = b"not json"
    ws.chain.path.write_bytes(b"\n".join(lines) + b"\n")
    pedigree = Pedigree(ws)
    assert len(pedigree.facts) == 8
    assert [n for n, _reason in pedigree.unreadable] == [6]
    assert pedigree.producer(journey.made["answers"]) is not None


def test_reach_holds_to_one_assessment(journey: Journey) -> None:
    newer = travel(journey.ws, "2")
    pedigree = Pedigree(journey.ws)
    reached = reach(pedigree, [(newer.made["manifest"], None)])
    assert set(newer.made.values()) <= reached
    contract = sha256_bytes(b"%PDF contract")
    assert not (set(journey.made.values()) - {contract}) & reached
    assert contract in reached


def test_reach_uses_the_statement_before_the_use(journey: Journey) -> None:
    """The same empty list comes out of two runs; the older dossier must not draw in the newer corpus."""
    ws, objects = journey.ws, journey.ws.objects
    with ws.lock("run"):
        nothing = objects.put(b"no duplicates")
        found = {}
        for n in (1, 2):
            keys = objects.put(b"keys %d" % n)
            journey.job(f"corpus.dedup/{n}", {"duplicates": (nothing, "text/plain", None)}, {"keys": keys})
            page = objects.put(b"page %d" % n)
            journey.job(f"assurance.page/{n}", {"page": (page, "text/plain", None)}, {"duplicates": nothing})
            found[n] = (keys, page)
    pedigree = Pedigree(ws)
    assert reach(pedigree, [(found[1][1], None)]) == {found[1][0], found[1][1], nothing}
    assert reach(pedigree, [(found[2][1], None)]) == {found[2][0], found[2][1], nothing}


def test_mentions(journey: Journey) -> None:
    objects, digest = journey.ws.objects, journey.made["html"]
    assert mentioned({"a": [f"{digest}#3", "sha256:12", f"x{digest}0"]}) == {digest}
    assert mentions(objects, objects.put_json({"a": digest})) == {digest}
    assert mentions(objects, objects.put(f"text {digest}".encode())) == set()
    assert mentions(objects, objects.put(b"")) == set()
    assert mentions(objects, sha256_bytes(b"absent")) == set()


def test_an_artifact_named_twice_by_one_statement_has_it_once(journey: Journey) -> None:
    bank = journey.made["bank"]
    with journey.ws.lock("test"):
        id = journey.ws.record("https://mofang.dev/bank/v1", [Subject("one", bank), Subject("two", bank)], {})
    makers = Pedigree(journey.ws).producers(bank)
    assert (len(makers), makers[-1].id) == (2, id)
