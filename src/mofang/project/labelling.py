"""People's labels in a project: a sheet of the last run's answers or records, and the sheet that comes back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mofang.assurance.config import AssuranceConfig
from mofang.assurance.judges.labels.agreement import Agreement, agreements
from mofang.assurance.judges.labels.draw import SheetDraw, SheetPlan, draw_sheet
from mofang.assurance.judges.labels.errors import LabelError
from mofang.assurance.judges.labels.label import CORPUS, Unit, answer_units, record_units
from mofang.assurance.judges.labels.reading import Defaults
from mofang.assurance.judges.labels.record import (
    Imported,
    LabelSet,
    current_labels,
    import_labels,
    label_sets,
)
from mofang.assurance.judges.labels.workbook import SheetRow, write_sheet
from mofang.assurance.judges.rubric import rubric_of
from mofang.assurance.judges.verdicts import exchanges
from mofang.errors import MofangError
from mofang.evidence.digest import Digest
from mofang.evidence.files import write_atomic
from mofang.evidence.leaves import marked, merkle_root, read_leaf, read_leaves
from mofang.evidence.openings import record_opening
from mofang.evidence.workspace import Workspace
from mofang.i18n import _
from mofang.project.file import FILE, Loaded

VOTES = ("assurance.judge", "assurance.classify", "assurance.read_judge")
"""The nodes whose verdicts count when judges disagree."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What the last run has for people to judge: questions, answers by target, the corpus sample; None where the run
    had none. ``verdicts``: node -> its verdicts."""

    questions: Digest | None
    answers: Mapping[str, Digest]
    sample: Digest | None
    verdicts: Mapping[str, Digest]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as written: where, how many rows of how many that could be drawn, and the recorded draw."""

    path: Path
    rows: int
    frame: int
    draw: Digest
    seed: Digest

    def wire(self) -> dict[str, Any]:
        return {
            "path": str(self.path),
            "rows": self.rows,
            "frame": self.frame,
            "draw": self.draw,
            "seed": self.seed,
        }


def judged(ws: Workspace) -> Judged:
    """What the newest run left to be judged. Raises LabelError where nothing has been run."""
    latest = ws.refs.get("runs", "latest")
    if latest is None:
        raise LabelError(_("nothing has been run yet"), remedy=_("run the assessment first: mofang run"))
    made: Mapping[str, Mapping[str, str]] = ws.objects.json(latest)
    answers = {
        name.partition("/")[2] or "service": Digest(outputs["answers"])
        for name, outputs in made.items()
        if name.partition("/")[0] == "assurance.ask" and "answers" in outputs
    }
    return Judged(
        _digest(made, "assurance.draw", "questions"),
        answers,
        _digest(made, "assurance.sample_corpus", "sample"),
        {name: Digest(outputs["verdicts"]) for name, outputs in made.items() if "verdicts" in outputs},
    )


def write_label_sheet(
    loaded: Loaded,
    out: Path,
    *,
    kind: str = "content",
    n: int = 200,
    target: str = "service",
    disagreements: bool = False,
    by: str = "",
) -> Sheet:
    """A sheet of ``n`` items, drawn by a seed that is recorded; of questions that were asked several times the first
    answers. Texts that are sealed at rest need the name of who opens
    them (``by``). Raises LabelError where there is nothing to label or a file stands at ``out`` already."""
    config = _assurance(loaded)
    if out.exists():
        raise LabelError(
            _("there is a file already: somebody may have filled it in"),
            where=str(out),
            remedy=_("choose another name with --out"),
        )
    ws = _open(loaded, writable=True)
    with ws.lock("label sheet"):
        last = judged(ws)
        source = last.sample if kind == CORPUS else last.answers.get(target)
        if source is None:
            raise LabelError(
                _("the last run has no {what}").format(what=_("corpus sample") if kind == CORPUS else target),
                remedy=_("run the assessment first, or choose another --kind or --target"),
            )
        _open_sealed(ws, [source, *([last.questions] if last.questions else [])], kind, by)
        plan = SheetPlan(kind, n, source, disagreements)
        split = _split(ws, last, target) if disagreements else set()
        # Decisions count the first answer to a question, so people's labels go there.
        frame = [unit for unit in _units_of(ws, last, source) if unit.repeat == 0]
        drawn = draw_sheet(ws, frame, plan, split)
        content = write_sheet(
            _rows(ws, last, source, drawn), drawn.id, criterion=_criterion(loaded, config, kind)
        )
        write_atomic(out, content, mode=0o600)
    return Sheet(out, len(drawn.units), drawn.frame, drawn.id, drawn.seed)


def import_sheet(
    loaded: Loaded,
    file: Path,
    *,
    by: str,
    name: str | None = None,
    keep_good: bool = False,
    replace: bool = False,
    defaults: Defaults | None = None,
) -> Imported:
    """Labels of a sheet on what the last run answered or sampled, as
    :func:`~mofang.assurance.judges.labels.record.import_labels` says."""
    config = _assurance(loaded)
    ws = _open(loaded, writable=True)
    with ws.lock("label import"):
        last = judged(ws)
        sources = [*last.answers.values(), *([last.sample] if last.sample else [])]
        units = [unit for source in sources for unit in _units_of(ws, last, source)]
        return import_labels(
            ws,
            file,
            units,
            standard=config.standard,
            by=by,
            name=name,
            keep_good=keep_good,
            replace=replace,
            defaults=defaults,
        )


def recorded_labels(loaded: Loaded) -> list[LabelSet]:
    """Every import of this project, oldest first."""
    return label_sets(_open(loaded))


def label_agreement(loaded: Loaded) -> list[Agreement]:
    """How far the people agree whose labels hold, by kind."""
    return agreements(current_labels(_open(loaded)))


def _digest(made: Mapping[str, Mapping[str, str]], node: str, output: str) -> Digest | None:
    found = made.get(node, {}).get(output)
    return None if found is None else Digest(found)


def _units_of(ws: Workspace, last: Judged, source: Digest) -> Iterator[Unit]:
    if source == last.sample:
        yield from record_units(read_leaves(ws.objects, source), source, merkle_root(ws.objects, source))
    elif last.questions is not None:
        questions = read_leaves(ws.objects, last.questions)
        root = merkle_root(ws.objects, source)
        yield from answer_units(exchanges(questions, read_leaves(ws.objects, source), source), root)


def _rows(ws: Workspace, last: Judged, source: Digest, drawn: SheetDraw) -> Sequence[SheetRow]:
    texts = {f"{source}#{n}": leaf for n, leaf in enumerate(read_leaves(ws.objects, source))}
    asked: dict[str, str] = {}
    if source != last.sample and last.questions is not None:
        questions = read_leaves(ws.objects, last.questions)
        asked = {leaf["id"]: leaf["text"] for leaf in questions if marked(leaf) is None}
    return [
        SheetRow(unit, asked.get(unit.item, ""), texts[unit.of]["text"], drawn.probabilities[unit.answer])
        for unit in drawn.units
    ]


def _open_sealed(ws: Workspace, digests: Sequence[Digest], kind: str, by: str) -> None:
    """An opening is recorded before anything that is sealed is written into a sheet."""
    for digest in digests:
        if ws.objects.sealed(digest):
            record_opening(ws, digest, part=f"label sheet {kind}", by=by, why="labels")


def _split(ws: Workspace, last: Judged, target: str) -> set[str]:
    """The digests of answers on which the judges of a target differ."""
    from mofang.assurance.judges.labels.label import content_digest
    from mofang.evidence.leaves import parse_ref

    tail = "" if target == "service" else f"/{target}"
    words: dict[str, set[str]] = {}
    for node in VOTES:
        digest = last.verdicts.get(node + tail)
        for leaf in () if digest is None else read_leaves(ws.objects, digest):
            if marked(leaf) is None and leaf["of"] and leaf["verdict"] != "unscored":
                words.setdefault(leaf["of"], set()).add(leaf["verdict"])
    split = [parse_ref(of) for of, said in words.items() if len(said) > 1]
    return {content_digest(read_leaf(ws.objects, digest, n or 0)) for digest, n in split}


def _criterion(loaded: Loaded, config: AssuranceConfig, kind: str) -> str:
    from mofang.assurance.prepare import pack_wire
    from mofang.assurance.standard.opening import load_standard

    if kind != "content":
        return ""
    return rubric_of(pack_wire(load_standard(config.standard, loaded.folder))).instructions["zh"]


def _assurance(loaded: Loaded) -> AssuranceConfig:
    if loaded.project.assurance is None:
        raise MofangError(
            _("the project has no assessment to label"),
            where=str(loaded.folder / FILE),
            remedy=_("add a section assurance: with standard and model"),
        )
    return loaded.project.assurance


def _open(loaded: Loaded, *, writable: bool = False) -> Workspace:
    if not (loaded.workspace / "format").is_file():
        raise LabelError(
            _("nothing has been run yet"),
            where=str(loaded.folder),
            remedy=_("run the assessment first: mofang run"),
        )
    return Workspace.open(loaded.workspace, writable=writable)
