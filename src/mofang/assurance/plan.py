"""The assurance section as jobs. Pure: the same arguments give the same nodes.

given/…  declare  draw  catalogue/…       what is there, what is asked
ask  ask/alone  guard                     the answers of the targets
judge  classify  read_judge  people       the voices, each with its verdicts
sample_corpus  check_corpus …             the same for a sample of the corpus
inspect  analyse  conclude  conclude/…    banks, statistics, and a conclusion for each standard
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from mofang.assurance.analysis.plan import plan_analysis
from mofang.assurance.banks.plan import plan_inspection
from mofang.assurance.config import AssuranceConfig
from mofang.assurance.judges.classifier.plan import plan_classify, plan_classify_corpus
from mofang.assurance.judges.plan import GuardParts, ModelJudge, plan_judges
from mofang.assurance.prepare import Given, Prepared
from mofang.compute.graph import Node, Refs
from mofang.compute.kinds import JobKind, register_kind
from mofang.evidence.digest import canonical, sha256_bytes
from mofang.evidence.figures import register_metric

TASKS = "mofang.assurance.tasks"

for _kind in (
    JobKind("assurance.given", 1, "pure", f"{TASKS}:take_given", ("given",)),
    JobKind("assurance.declare", 1, "pure", f"{TASKS}:declare_project", ("project",)),
    JobKind("assurance.draw", 1, "pure", f"{TASKS}:draw_questions", ("questions",)),
    JobKind("assurance.catalogue", 1, "pure", f"{TASKS}:catalogue", ("catalogue",)),
    JobKind("assurance.ask", 2, "observed", f"{TASKS}:ask_service", ("answers",)),
    JobKind("assurance.judge", 2, "pure", f"{TASKS}:judge_answers", ("verdicts",)),
    JobKind("assurance.sample_corpus", 1, "pure", f"{TASKS}:draw_records", ("sample", "frame")),
    JobKind("assurance.check_corpus", 2, "pure", f"{TASKS}:judge_records", ("verdicts",)),
    JobKind(
        "assurance.conclude",
        2,
        "pure",
        f"{TASKS}:conclude",
        ("findings", "figures", "conclusions", "results"),
    ),
):
    register_kind(_kind)

for _metric, _version in {
    "pass_rate": 2,
    "refusal_rate": 2,
    "question_count": 2,
    "keyword_count": 2,
    "days_since_update": 2,
    "document_attached": 1,
    "clauses_without_result": 1,
    "conclusion_count": 1,
}.items():
    register_metric(_metric, _version, f"mofang.assurance.metrics:{_metric}")

QUESTIONS = "assurance.draw:questions"
STANDARD = "assurance.given/standard:given"


@dataclass(frozen=True, slots=True)
class Asked:
    """An endpoint that is asked: its EndpointConfig and its Identity, both on the wire. The identity enters the key
    of the answers; the endpoint is seen by the asking task alone."""

    endpoint: Mapping[str, Any]
    identity: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CorpusRefs:
    """The corpus's outputs that an assessment reads: ``"corpus.publish/S:published"``, ``"corpus.manifest:dataset"`` …
    ``role`` is what the corpus is to the model."""

    role: str | None = None
    published: tuple[str, ...] = ()
    dataset: str | None = None
    ledger_counts: str | None = None
    lexicon: str | None = None


@dataclass(frozen=True, slots=True)
class Declared:
    """What the project declares, as the findings print it."""

    service: Mapping[str, Any]
    project: Mapping[str, Any]
    as_of: str


@dataclass(frozen=True, slots=True)
class _Scene:
    """Everything that the parts of the plan look at."""

    config: AssuranceConfig
    prepared: Prepared
    service: Asked
    declared: Declared
    corpus: CorpusRefs
    alone: Asked | None
    judge: ModelJudge | None
    budget: Mapping[str, Any]
    sealed: bool
    voices: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def lexicon(self) -> dict[str, Refs]:
        return {} if self.corpus.lexicon is None else {"lexicon": self.corpus.lexicon}

    @property
    def classifier(self) -> str | None:
        return None if self.prepared.classifier is None else "assurance.given/classifier:given"

    @property
    def labels(self) -> str | None:
        return None if self.prepared.labels is None else "assurance.given/labels:given"

    @property
    def sample(self) -> str | None:
        return "assurance.sample_corpus:sample" if self.corpus.published else None

    @property
    def banks(self) -> tuple[str, ...]:
        return tuple(f"assurance.given/bank/{bank.name}:given" for bank, _given in self.prepared.banks)

    @property
    def hidden(self) -> dict[str, Any]:
        return {"sealed": True} if self.sealed else {}

    def answers(self) -> dict[str, str]:
        """Target -> reference of its answers."""
        alone = {} if self.alone is None else {"alone": "assurance.ask/alone:answers"}
        return {"service": "assurance.ask:answers", **alone}


def plan(
    config: AssuranceConfig,
    prepared: Prepared,
    *,
    service: Asked,
    declared: Declared,
    corpus: CorpusRefs | None = None,
    alone: Asked | None = None,
    judge: ModelJudge | None = None,
    budget: Mapping[str, Any] | None = None,
    sealed: bool = False,
) -> list[Node]:
    """The nodes of an assessment, ``assurance.given/…`` to ``assurance.conclude``.

    ``prepared`` comes from :func:`mofang.assurance.prepare.prepare`. Below the level ``weights`` the assessment's name
    enters the key of the answers, since such answers hold within one assessment only. ``budget`` caps what is asked and
    enters no key. ``sealed``: texts of questions and answers lie sealed at rest.
    """
    scene = _Scene(
        config, prepared, service, declared, corpus or CorpusRefs(), alone, judge, budget or {}, sealed
    )
    nodes = [*_given(scene), *_questions(scene)]
    if scene.sample is not None:
        nodes += _corpus(scene)  # people's labels on records need the sample
    nodes += _voices(scene)
    scene = replace(scene, voices=_verdicts(nodes))
    nodes.append(_inspect(scene))
    nodes += _concluded(scene)
    return [*nodes, *_analysis(scene)]


def judge_identities(scene: _Scene | None = None) -> dict[str, str]:
    """The judges by name with the digest of how they decide: another judge is another job."""
    from mofang.assurance.judging import judges

    found = {name: str(identity) for name, identity in judges().items()}
    if scene is not None and scene.prepared.classifier is not None:
        found["classifier"] = str(scene.prepared.classifier.digest)
    if scene is not None and scene.judge is not None:
        found["model"] = str(scene.judge.digest)
    if scene is not None and scene.prepared.labels is not None:
        found["manual"] = str(scene.prepared.labels.digest)
    return found


def _given(scene: _Scene) -> list[Node]:
    prepared = scene.prepared
    given: dict[str, Given | None] = {"standard": prepared.standard, "attachments": prepared.attachments}
    given |= {f"bank/{bank.name}": stored for bank, stored in prepared.banks}
    for one in prepared.also:
        given |= {f"standard/{one.pack.id}": one.standard, f"attachments/{one.pack.id}": one.attachments}
    given |= {"classifier": prepared.classifier, "replies": prepared.replies, "labels": prepared.labels}
    return [
        Node(f"assurance.given/{name}", "assurance.given", one.wire())
        for name, one in given.items()
        if one is not None
    ]


def _questions(scene: _Scene) -> list[Node]:
    nodes = [
        Node("assurance.draw", "assurance.draw", _seeded(scene), {"banks": scene.banks}, scene.hidden),
        _ask("assurance.ask", scene.service, scene),
    ]
    if scene.alone is not None:
        nodes.append(_ask("assurance.ask/alone", scene.alone, scene))
    catalogues: dict[str, Refs] = {
        f"bank/{bank.name}": ref
        for (bank, _given), ref in zip(scene.prepared.banks, scene.banks, strict=True)
    }
    catalogues |= {"questions": QUESTIONS, **scene.lexicon}
    return nodes + [
        Node(f"assurance.catalogue/{name}", "assurance.catalogue", {}, {"of": ref})
        for name, ref in catalogues.items()
    ]


def _ask(name: str, asked: Asked, scene: _Scene) -> Node:
    params: dict[str, Any] = {"identity": dict(asked.identity)}
    if scene.config.repeats > 1:
        params["repeats"] = scene.config.repeats
    if asked.identity["level"] != "weights":
        params["assessment"] = scene.config.assessment
    locations = {"endpoint": dict(asked.endpoint), "budget": scene.budget, **scene.hidden}
    return Node(name, "assurance.ask", params, {"questions": QUESTIONS}, locations)


def _voices(scene: _Scene) -> list[Node]:
    """Every judge on every target's answers."""
    rules = {"judges": judge_identities()}
    nodes = []
    for target, answers in scene.answers().items():
        tail = "" if target == "service" else f"/{target}"
        read: dict[str, Refs] = {"questions": QUESTIONS, "answers": answers}
        nodes.append(Node(f"assurance.judge{tail}", "assurance.judge", rules, {**read, **scene.lexicon}))
        if scene.classifier is not None:
            nodes += plan_classify(QUESTIONS, answers, scene.classifier, name=f"assurance.classify{tail}")
    return nodes + plan_judges(
        questions=QUESTIONS,
        answers=scene.answers(),
        standard=STANDARD,
        assessment=scene.config.assessment,
        model=scene.judge,
        labels=scene.labels,
        sample=scene.sample,
        guard=_guard(scene),
        budget=scene.budget,
        sealed=scene.sealed,
    )


def _guard(scene: _Scene) -> GuardParts | None:
    parts = scene.config.guard
    if parts is None:
        return None
    return GuardParts(
        scene.corpus.lexicon if parts.lexicon else None, scene.classifier if parts.classifier else None
    )


def _corpus(scene: _Scene) -> list[Node]:
    sampled: dict[str, Refs] = {"sample": "assurance.sample_corpus:sample"}
    nodes = [
        Node(
            "assurance.sample_corpus",
            "assurance.sample_corpus",
            _seeded(scene),
            {"published": scene.corpus.published},
            tolerant=True,
        ),
        Node(
            "assurance.check_corpus",
            "assurance.check_corpus",
            {"judges": judge_identities()},
            {**sampled, **scene.lexicon},
        ),
    ]
    if scene.classifier is not None:
        nodes += plan_classify_corpus("assurance.sample_corpus:sample", scene.classifier)
    return nodes


TARGETS = {"": "service", "/alone": "alone"}
JUDGING = ("assurance.judge", "assurance.classify", "assurance.read_judge", "assurance.people")


def _verdicts(nodes: Sequence[Node]) -> dict[str, list[str]]:
    """Target (and ``corpus``) -> references of its verdicts, one for each judge."""
    found: dict[str, list[str]] = {"service": [], "alone": [], "guard": [], "corpus": []}
    for node in nodes:
        name, slash, rest = node.name.partition("/")
        if node.name == "assurance.guard":
            found["guard"].append(f"{node.name}:verdicts")
        elif name == "assurance.check_corpus" or (
            name.endswith("_corpus") and name != "assurance.sample_corpus"
        ):
            found["corpus"].append(f"{node.name}:verdicts")
        elif name in JUDGING:
            found[TARGETS[slash + rest]].append(f"{node.name}:verdicts")
    return found


def _inspect(scene: _Scene) -> Node:
    replies = None if scene.prepared.replies is None else "assurance.given/replies:given"
    [node] = plan_inspection(
        scene.banks,
        questions=QUESTIONS,
        answers=("assurance.ask:answers",),
        replies=replies,
        published=scene.corpus.published,
    )
    return node


def _concluded(scene: _Scene) -> list[Node]:
    """The conclusions by every standard, all from the same evidence."""
    about = {"digest": sha256_bytes(canonical(dict(scene.declared.project)))}
    # Names and contacts are an artifact, not parameters: statements stay, and hold no text.
    nodes = [
        Node(
            "assurance.declare",
            "assurance.declare",
            about,
            locations={"project": dict(scene.declared.project)},
        ),
        _conclude(scene, "assurance.conclude", ""),
    ]
    for one in scene.prepared.also:
        nodes.append(_conclude(scene, f"assurance.conclude/{one.pack.id}", f"/{one.pack.id}"))
    return nodes


def _conclude(scene: _Scene, name: str, tail: str) -> Node:
    inputs: dict[str, Refs] = {
        "standard": f"assurance.given/standard{tail}:given",
        "project": "assurance.declare:project",
        "attachments": f"assurance.given/attachments{tail}:given",
        "banks": tuple(
            f"assurance.catalogue/bank/{bank.name}:catalogue" for bank, _given in scene.prepared.banks
        ),
        "questions": "assurance.catalogue/questions:catalogue",
        "answers": "assurance.ask:answers",
        "verdicts": tuple(scene.voices["service"]),
    }
    if scene.corpus.lexicon is not None:
        inputs["lexicon"] = "assurance.catalogue/lexicon:catalogue"
    if scene.sample is not None:
        inputs |= {
            "corpus_sample": scene.sample,
            "frame": "assurance.sample_corpus:frame",
            "corpus_verdicts": tuple(scene.voices["corpus"]),
        }
    if scene.corpus.dataset is not None and scene.corpus.ledger_counts is not None:
        inputs |= {"dataset": scene.corpus.dataset, "ledger_counts": scene.corpus.ledger_counts}
    return Node(name, "assurance.conclude", _said(scene), inputs)


def _said(scene: _Scene) -> dict[str, Any]:
    prepared, config = scene.prepared, scene.config
    return {
        "as_of": scene.declared.as_of,
        "assessment": config.assessment,
        "service": dict(scene.declared.service),
        "facts": asdict(config.path),
        "role": scene.corpus.role,
        "traffic": dict(config.traffic),
        "draws": [dict(draw) for draw in prepared.draws],
        "banks": [bank.wire() for bank, _given in prepared.banks],
        "judges": judge_identities(scene),
    }


def _analysis(scene: _Scene) -> list[Node]:
    """Statistics over the voices: under the standard, and under each further one."""
    config, prepared, voices = scene.config, scene.prepared, scene.voices
    targets = {
        "alone": (scene.answers().get("alone", ""), voices["alone"]),
        "guard": ("assurance.guard:answers", voices["guard"]),
    }
    asked: dict[str, Any] = {name: given if given[1] else None for name, given in targets.items()}
    return [
        node
        for suffix in ("", *(one.pack.id for one in prepared.also))
        for node in plan_analysis(
            standard=f"assurance.given/standard/{suffix}:given" if suffix else STANDARD,
            questions="assurance.catalogue/questions:catalogue",
            answers="assurance.ask:answers",
            verdicts=voices["service"],
            as_of=scene.declared.as_of,
            assessment=config.assessment,
            judges=judge_identities(scene),
            margin=config.margin,
            traffic=config.traffic,
            banks=[f"assurance.catalogue/bank/{bank.name}:catalogue" for bank, _given in prepared.banks],
            inspection="assurance.inspect:inspection",
            inspected={name: f"assurance.inspect:{name}" for name in ("pairs", "leaks", "lookups")},
            suffix=suffix,
            **asked,
        )
    ]


def _seeded(scene: _Scene) -> dict[str, Any]:
    made = scene.prepared.commitment
    return {"seed": made.seed, "plan": dict(made.plan)}
