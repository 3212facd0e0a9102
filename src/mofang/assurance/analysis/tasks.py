"""What the analysis job runs."""

from __future__ import annotations

import mofang.assurance.analysis.plan
import mofang.assurance.banks.plan  # noqa: F401  worker processes learn the metrics from the plans
from mofang.assurance.analysis.analyse import ANALYSIS, analyse
from mofang.assurance.analysis.supply import Supply, Target
from mofang.assurance.prepare import parse_pack
from mofang.compute.kinds import Job, Outcome, Output
from mofang.evidence.figures import FIGURES
from mofang.evidence.leaves import write_leaves

INSPECTED = ("pairs", "leaks", "lookups")


def analyse_verdicts(job: Job) -> Outcome:
    """inputs: standard, questions, answers, verdicts; banks, answers_alone, verdicts_alone, guard, verdicts_guard,
    inspection, pairs, leaks, lookups where there are any. params: as_of, assessment, traffic, margin, judges.
    -> analysis, figures."""
    standard = job.one("standard")
    supply = Supply(
        job.objects,
        parse_pack(job.objects.json(standard), standard),
        standard,
        job.one("questions"),
        targets(job),
        job.params["as_of"],
        job.params["assessment"],
        tuple(job.many("banks")) if "banks" in job.inputs else (),
        job.params.get("traffic", {}),
        job.params.get("margin", "0.01"),
        job.params.get("judges", {}),
        job.one("inspection") if "inspection" in job.inputs else None,
        {name: job.one(name) for name in INSPECTED if name in job.inputs},
    )
    made = analyse(supply)
    figures = write_leaves(job.objects, (figure.wire() for figure in made.figures))
    outputs = {
        "analysis": Output(job.objects.put_json(made.analysis), ANALYSIS),
        "figures": Output(figures.digest, FIGURES, figures.count, figures.root),
    }
    split = sum(len(voice["disagreements"]) for voice in made.analysis["voices"])
    return Outcome(outputs, {"figures": figures.count, "disagreements": split})


def targets(job: Job) -> tuple[Target, ...]:
    """Who was asked, the service first."""
    named = (
        ("service", "answers", "verdicts"),
        ("alone", "answers_alone", "verdicts_alone"),
        ("guard", "guard", "verdicts_guard"),
    )
    return tuple(
        Target(name, tuple(job.many(verdicts)), job.one(answers) if answers in job.inputs else None)
        for name, answers, verdicts in named
        if verdicts in job.inputs
    )
