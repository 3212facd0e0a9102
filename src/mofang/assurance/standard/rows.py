"""Builds a pack's values from its merged rows and checks that everything they name exists."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from mofang.assurance.standard import schema
from mofang.assurance.standard.conditions import FACTS, broken_condition
from mofang.assurance.standard.fields import Fields
from mofang.assurance.standard.files import Row, Sheets
from mofang.assurance.standard.schema import Aspect, Check, Clause, Group, Risk, Source
from mofang.i18n import Text, _
from mofang.registry import nearest

WORDINGS = ("disclaimer", "carry_over", "unconfirmed", "not_shown_trained", "path")
"""The fixed wordings that every pack must have."""


class PackRows:
    """The rows of one pack, parent included, read into values. Mistakes gather in ``fields``."""

    def __init__(self, sheets: Sheets, metrics: Collection[str]) -> None:
        self.sheets = sheets
        self.metrics = metrics
        self.fields = Fields()
        self.source_ids = set(sheets.sections.get("sources", {}))
        self.clause_ids = set(sheets.sections.get("clauses", {}))
        self.group_codes = set(sheets.sections.get("groups", {}))

    def heading(self) -> dict[str, Any]:
        row = self.sheets.heading
        f = self.fields
        words = ("id", "version", "number", "issued", "effective")
        texts = ("title", "issuer", "nature")
        f.known(row, (*words, *texts, "status", "inherits", "note"))
        return {
            **{name: f.word(row, name) for name in words},
            **{name: f.text(row, name) for name in texts},
            "status": f.one_of(row, "status", ("draft", "released")),
            "inherits": f.maybe_word(row, "inherits"),
            "note": f.maybe_text(row, "note"),
        }

    def groups(self) -> tuple[Group, ...]:
        return tuple(Group(self._id(r), self.fields.text(r, "name")) for r in self.sheets.rows("groups"))

    def risks(self) -> tuple[Risk, ...]:
        groups = sorted(self.group_codes) or [""]
        return tuple(
            Risk(self._id(r), self.fields.one_of(r, "group", groups), self.fields.text(r, "name"))
            for r in self.sheets.rows("risks")
        )

    def aspects(self) -> tuple[Aspect, ...]:
        return tuple(Aspect(self._id(r), self.fields.text(r, "name")) for r in self.sheets.rows("aspects"))

    def sources(self) -> tuple[Source, ...]:
        f = self.fields
        return tuple(
            Source(self._id(r), f.text(r, "title"), f.words(r, "addresses"))
            for r in self.sheets.rows("sources")
        )

    def clauses(self) -> tuple[Clause, ...]:
        """All clauses, in the order in which the dossier prints them."""
        found = {r.values["id"]: self._clause(r) for r in self.sheets.rows("clauses")}
        return tuple(found[id] for id in self._dossier_order(found))

    def _clause(self, row: Row) -> Clause:
        f = self.fields
        f.known(row, Clause.__dataclass_fields__)
        condition = f.maybe_word(row, "applies")
        self._condition(row, "applies", condition)
        clause = Clause(
            id=self._id(row),
            number=f.word(row, "number"),
            block=f.one_of(row, "block", list(self.sheets.sections.get("blocks", {})) or [""]),
            title=f.text(row, "title"),
            says=f.text(row, "says"),
            force=f.one_of(row, "force", schema.FORCES),
            confidence=f.one_of(row, "confidence", schema.CONFIDENCES),
            sources=f.sources(row, self.source_ids),
            confirmed_by=f.maybe_word(row, "confirmed_by"),
            proof=f.one_of(row, "proof", schema.PROOFS),
            owner=f.text(row, "owner"),
            applies=condition,
            document=f.maybe_text(row, "document"),
            note=f.maybe_text(row, "note"),
            carry_over=f.maybe_one_of(row, "carry_over", ("unverified",)),
        )
        if clause.proof in ("document", "mixed") and clause.document is None:
            f.mistake(
                row.where, _("{id} is proved by a document, but no document is named").format(id=clause.id)
            )
        return clause

    def checks(self) -> tuple[Check, ...]:
        """All checks; a clause without any could never get a result, so that is a mistake."""
        found = tuple(self._check(r) for r in self.sheets.rows("checks"))
        for id in self.clause_ids - {check.clause for check in found}:
            where = self.sheets.sections["clauses"][id].where
            self.fields.mistake(where, _("no check belongs to {id}").format(id=id))
        return found

    def _check(self, row: Row) -> Check:
        f = self.fields
        f.known(row, Check.__dataclass_fields__)
        share = f.maybe_decimal(row, "sample_share")
        return Check(
            id=self._id(row),
            clause=self._clause_of(row),
            metric=self._metric(row),
            params=self._params(row),
            scope=f.maybe_one_of(row, "scope", schema.SCOPES),
            op=f.one_of(row, "op", schema.OPERATORS),
            value=f.decimal(row, "value"),
            statistic=f.one_of(row, "statistic", schema.STATISTICS),
            sample_min=f.maybe_count(row, "sample_min"),
            sample_share=share,
            judge=f.maybe_one_of(row, "judge", schema.JUDGES),
            force=f.one_of(row, "force", schema.FORCES),
            confidence=f.one_of(row, "confidence", schema.CONFIDENCES),
            sources=f.sources(row, self.source_ids),
            waits_for=f.maybe_one_of(row, "waits_for", schema.WAITS),
            note=f.maybe_text(row, "note"),
            carry_over=f.maybe_one_of(row, "carry_over", ("unverified",)),
        )

    def _clause_of(self, row: Row) -> str:
        clause = self.fields.word(row, "clause")
        if clause and clause not in self.clause_ids:
            guess = ", ".join(nearest(clause, self.clause_ids))
            what = _("clause {clause} does not exist; nearest: {names}").format(
                clause=clause, names=guess or "—"
            )
            self.fields.mistake(row.at("clause"), what)
        return clause

    def _metric(self, row: Row) -> str:
        metric = self.fields.word(row, "metric")
        if metric and metric not in self.metrics:
            guess = ", ".join(nearest(metric, self.metrics) or sorted(self.metrics))
            what = _("unknown metric {metric}; known: {names}").format(metric=metric, names=guess)
            self.fields.mistake(row.at("metric"), what)
        return metric

    def _params(self, row: Row) -> dict[str, Any]:
        params = self.fields.mapping(row, "params")
        for code in params.get("groups", ()):
            if code not in self.group_codes:
                what = _("unknown risk group {code}; known: {names}")
                names = ", ".join(sorted(self.group_codes))
                self.fields.mistake(row.at("params"), what.format(code=code, names=names))
        risk = params.get("risk")
        if risk is not None and risk not in self.sheets.sections.get("risks", {}):
            self.fields.mistake(row.at("params"), _("unknown risk code {code}").format(code=risk))
        return params

    def dossier(self) -> dict[str, Any]:
        """Blocks with their clauses in print order, fixed wordings by id, and the roles that sign."""
        f = self.fields
        blocks = [
            {
                "id": self._id(r),
                "title": f.text(r, "title"),
                "clauses": list(f.words(r, "clauses", self.clause_ids)),
            }
            for r in self.sheets.rows("blocks")
        ]
        wording = {r.values["id"]: self._wording(r) for r in self.sheets.rows("wordings")}
        for id in WORDINGS:
            if id not in wording:
                f.mistake("dossier.yaml", _("the wording {id} is missing").format(id=id))
        signatures = [
            {"id": self._id(r), "title": f.text(r, "title"), "note": f.maybe_text(r, "note")}
            for r in self.sheets.rows("signatures")
        ]
        return {"blocks": blocks, "wording": wording, "signatures": signatures}

    def _wording(self, row: Row) -> Text:
        self.fields.known(row, ("id", "says"))
        return self.fields.text(row, "says")

    def _dossier_order(self, clauses: dict[str, Clause]) -> list[str]:
        order: list[str] = []
        for row in self.sheets.rows("blocks"):
            for id in self.fields.words(row, "clauses"):
                if id in order:
                    self.fields.mistake(row.at("clauses"), _("{id} stands in two blocks").format(id=id))
                elif id in clauses:
                    order.append(id)
                    if clauses[id].block != row.values["id"]:
                        what = _("{id} says that its block is {block}").format(id=id, block=clauses[id].block)
                        self.fields.mistake(row.at("clauses"), what)
        for id in clauses:
            if id not in order:
                where = self.sheets.sections["clauses"][id].where
                self.fields.mistake(where, _("{id} stands in no block of the dossier").format(id=id))
        return order

    def path(self) -> dict[str, Any]:
        """Questions, outcomes and rules of the path check, as plain values."""
        f = self.fields
        outcomes = {r.values["id"]: r for r in self.sheets.rows("outcomes")}
        if "unclear" not in outcomes:
            f.mistake("path.yaml", _("the outcome unclear is missing"))
        return {
            "questions": [self._question(r) for r in self.sheets.rows("questions")],
            "outcomes": [
                {"id": id, "title": f.text(r, "title"), "says": f.text(r, "says")}
                for id, r in outcomes.items()
            ],
            "rules": [self._rule(r, list(outcomes)) for r in self.sheets.rows("rules")],
            "also": [self._rule(r, list(outcomes)) for r in self.sheets.rows("also")],
        }

    def _question(self, row: Row) -> dict[str, Any]:
        f = self.fields
        fact = f.one_of(row, "id", list(FACTS))
        given = f.mapping(row, "answers")
        for answer, text in given.items():
            if answer not in FACTS[fact] or not isinstance(text, dict) or set(text) != {"zh", "en"}:
                f.mistake(
                    row.at("answers"),
                    _("the answer {answer} is unknown or lacks zh or en").format(answer=answer),
                )
        return {"id": fact, "asks": f.text(row, "asks"), "hint": f.maybe_text(row, "hint"), "answers": given}

    def _rule(self, row: Row, outcomes: list[str]) -> dict[str, Any]:
        f = self.fields
        f.known(row, ("id", "when", "outcome", "because", "confidence", "sources"))
        condition = f.maybe_word(row, "when")
        self._condition(row, "when", condition)
        return {
            "id": self._id(row),
            "when": condition,
            "outcome": f.one_of(row, "outcome", outcomes or [""]),
            "because": f.text(row, "because"),
            "confidence": f.one_of(row, "confidence", schema.CONFIDENCES),
            "sources": list(f.sources(row, self.source_ids)),
        }

    def _condition(self, row: Row, name: str, condition: str | None) -> None:
        why = broken_condition(condition) if condition else None
        if why:
            self.fields.mistake(row.at(name), _("{name} is no condition: {why}").format(name=name, why=why))

    def _id(self, row: Row) -> str:
        return str(row.values["id"])
