"""The plan: every room's nodes, wired to one another. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from mofang.assurance.dossier.plan import plan_dossier
from mofang.assurance.judges.model import judge_endpoint, relation
from mofang.assurance.judges.plan import ModelJudge, judge_identity
from mofang.assurance.plan import Asked, CorpusRefs, Declared
from mofang.assurance.plan import plan as plan_assurance
from mofang.assurance.prepare import pack_wire
from mofang.compute.graph import Node, Refs
from mofang.corpus.plan import plan as plan_corpus
from mofang.evidence.digest import sha256_bytes
from mofang.project.file import Project
from mofang.project.identity import service_facts
from mofang.project.resolving import Assessment, Corpus, Resolved


def plan(resolved: Resolved) -> list[Node]:
    """Corpus, assessment and dossier of a resolved project, in the order of their dependence."""
    project = resolved.loaded.project
    nodes: list[Node] = []
    if resolved.corpus is not None:
        nodes += _corpus(project, resolved.corpus)
    if resolved.assessment is not None:
        nodes += _assessment(resolved, resolved.assessment)
        nodes += _dossier(resolved, resolved.assessment, nodes)
    return nodes


def _corpus(project: Project, corpus: Corpus) -> list[Node]:
    assert project.corpus is not None
    return plan_corpus(
        project.corpus,
        corpus.inventories,
        pii_key_id=sha256_bytes(corpus.hmac_key).hex[:16],
        hmac_key_hex=corpus.hmac_key.hex(),
        lexicon=corpus.lexicon,
        withdrawn=corpus.withdrawn.records,
        broken=corpus.broken,
    )


def _assessment(resolved: Resolved, assessment: Assessment) -> list[Node]:
    project, config = resolved.loaded.project, resolved.loaded.project.assurance
    assert config is not None
    endpoint, identity = project.models[config.model], assessment.identities[config.model]
    facts = service_facts(endpoint, identity, config.service, assessment.frozen)
    return plan_assurance(
        config,
        assessment.prepared,
        service=_asked(resolved, assessment, config.model),
        declared=Declared(facts, project_facts(project), project.as_of),
        corpus=_corpus_refs(resolved),
        alone=None if config.alone is None else _asked(resolved, assessment, config.alone),
        judge=None if config.judges.model is None else _judge(resolved, assessment, config.judges.model),
        budget=asdict(project.budget),
        sealed=assessment.sealed,
    )


def _asked(resolved: Resolved, assessment: Assessment, name: str) -> Asked:
    identity = assessment.identities[name]
    return Asked(
        resolved.loaded.project.models[name].wire(), {"level": identity.level, "digest": identity.digest}
    )


def _judge(resolved: Resolved, assessment: Assessment, name: str) -> ModelJudge:
    project, config = resolved.loaded.project, resolved.loaded.project.assurance
    assert config is not None
    identity = assessment.identities[name]
    return ModelJudge(
        judge_endpoint(project.models[name]).wire(),
        {"level": identity.level, "digest": identity.digest},
        judge_identity(pack_wire(assessment.pack), identity.digest),
        relation(project.models[name], project.models[config.model]),
    )


def _corpus_refs(resolved: Resolved) -> CorpusRefs:
    project = resolved.loaded.project
    if resolved.corpus is None or project.corpus is None:
        return CorpusRefs()
    return CorpusRefs(
        role=project.corpus.role,
        published=tuple(f"corpus.publish/{one.source.id}:published" for one in resolved.corpus.inventories),
        dataset="corpus.manifest:dataset",
        ledger_counts="corpus.manifest:ledger_counts",
        lexicon=None if resolved.corpus.lexicon is None else "corpus.lexicon:lexicon",
    )


def _dossier(resolved: Resolved, assessment: Assessment, nodes: list[Node]) -> list[Node]:
    banks = assessment.prepared.banks
    [conclude] = [node for node in nodes if node.name == "assurance.conclude"]
    verdicts = (*conclude.inputs["verdicts"], *conclude.inputs.get("corpus_verdicts", ()))
    inputs: dict[str, Refs] = {
        "standard": "assurance.given/standard:given",
        "findings": "assurance.conclude:findings",
        "figures": "assurance.conclude:figures",
        "questions": "assurance.draw:questions",
        "answers": "assurance.ask:answers",
        "verdicts": verdicts,
        # What the assessment page shows goes along in a bundle.
        "analysis": "assurance.analyse:analysis",
        "analysis_figures": "assurance.analyse:figures",
        "banks": tuple(f"assurance.given/bank/{bank.name}:given" for bank, _given in banks),
        "catalogues": tuple(f"assurance.catalogue/bank/{bank.name}:catalogue" for bank, _given in banks),
    }
    if resolved.corpus is not None:
        inputs["sample"] = "assurance.sample_corpus:sample"
    loaded = resolved.loaded
    return plan_dossier(
        assessment.pack.dossier,
        inputs,
        narrative=assessment.narrative,
        folder=str(loaded.folder / loaded.project.dossier.narrative),
        language="zh",
        sealed=assessment.sealed,
    )


def project_facts(project: Project) -> Mapping[str, Any]:
    """The project as the findings print it."""
    return {"name": project.name, "title": dict(project.title), "provider": asdict(project.provider)}
