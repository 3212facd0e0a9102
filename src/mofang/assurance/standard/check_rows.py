"""Reads checks, and says which of them could never be measured or never hold."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from mofang.assurance.standard import schema
from mofang.assurance.standard.files import Row
from mofang.assurance.standard.metric_names import ANSWERS, SHAPES, Shape
from mofang.assurance.standard.schema import Check
from mofang.i18n import _
from mofang.registry import nearest

if TYPE_CHECKING:
    from mofang.assurance.standard.rows import PackRows


class CheckRows:
    """The checks of one pack. Mistakes gather in the pack's ``fields``."""

    def __init__(self, rows: PackRows) -> None:
        self.rows = rows
        self.fields = rows.fields
        self.sheets = rows.sheets

    def check(self, row: Row) -> Check:
        f = self.fields
        f.known(row, Check.__dataclass_fields__)
        clause = self._clause(row)
        check = Check(
            id=str(row.values["id"]),
            clause=clause,
            metric=self._metric(row),
            params=f.mapping(row, "params"),
            scope=f.maybe_one_of(row, "scope", schema.SCOPES),
            op=f.one_of(row, "op", schema.OPERATORS),
            value=f.decimal(row, "value"),
            statistic=f.one_of(row, "statistic", schema.STATISTICS),
            sample_min=f.maybe_count(row, "sample_min"),
            sample_share=f.maybe_decimal(row, "sample_share"),
            judge=f.maybe_one_of(row, "judge", schema.JUDGES),
            force=f.one_of(row, "force", schema.FORCES),
            confidence=f.one_of(row, "confidence", schema.CONFIDENCES),
            sources=f.sources(row, self.rows.source_ids),
            waits_for=f.maybe_one_of(row, "waits_for", schema.WAITS),
            note=f.maybe_text(row, "note"),
            carry_over=f.maybe_one_of(row, "carry_over", ("unverified",)),
            estimator=f.maybe_one_of(row, "estimator", schema.ESTIMATORS) or "plain",
            level=f.maybe_decimal(row, "level") or schema.LEVEL,
            slot=self.rows.slot(row, clause),
            **self.rows.dated(row),
        )
        self._params(row, check)
        self._value(row, check)
        self._sample(row, check)
        return check

    def _clause(self, row: Row) -> str:
        clause = self.fields.word(row, "clause")
        if clause and clause not in self.rows.clause_ids:
            what = _("clause {clause} does not exist; nearest: {names}").format(
                clause=clause, names=", ".join(nearest(clause, self.rows.clause_ids)) or "—"
            )
            self.fields.mistake(row.at("clause"), what)
        return clause

    def _metric(self, row: Row) -> str:
        metric, known = self.fields.word(row, "metric"), self.rows.metrics
        if metric and metric not in known:
            guess = ", ".join(nearest(metric, known) or sorted(known))
            what = _("unknown metric {metric}; known: {names}").format(metric=metric, names=guess)
            self.fields.mistake(row.at("metric"), what)
        return metric

    def _params(self, row: Row, check: Check) -> None:
        """What the metric may be narrowed by, and that the codes named exist."""
        groups = check.params.get("groups", [])
        if not isinstance(groups, list) or not all(isinstance(code, str) for code in groups):
            self._wrong(row, "params", _("groups must be a list of names"))
            groups = []
        for code in groups:
            if code not in self.rows.group_codes:
                what = _("unknown risk group {code}; known: {names}")
                names = ", ".join(sorted(self.rows.group_codes))
                self._wrong(row, "params", what.format(code=code, names=names))
        risk = check.params.get("risk")
        codes = self.sheets.ids("risks") | self.sheets.ids("aspects")
        if risk is not None and str(risk) not in codes:
            what = _("unknown risk code {code}; nearest: {names}")
            near = ", ".join(nearest(str(risk), codes)) or "—"
            self._wrong(row, "params", what.format(code=risk, names=near))
        if check.metric in SHAPES:
            self._shape(row, check, SHAPES[check.metric], check.params)

    def _shape(self, row: Row, check: Check, shape: Shape, params: Mapping[str, Any]) -> None:
        named = {"metric": check.metric}
        for name in params if shape.params is not None else ():
            if name not in (shape.params or ()):
                what = _("{metric} knows no param {name}; known: {names}")
                known = ", ".join(sorted(shape.params or ())) or "—"
                self._wrong(row, "params", what.format(**named, name=name, names=known))
        for name in sorted(shape.needs - set(params)):
            self._wrong(row, "params", _("{metric} needs the param {name}").format(**named, name=name))
        for name, answers in ANSWERS.get(check.metric, {}).items():
            if name in params and params[name] not in answers:
                what = _("{name} is {value!r}; it must be one of {allowed}")
                allowed = ", ".join(answers)
                self._wrong(row, "params", what.format(name=name, value=params[name], allowed=allowed))
        if check.scope is not None and check.scope not in shape.scopes:
            what = _("{metric} cannot go over {scope}; known: {names}")
            known = ", ".join(sorted(shape.scopes)) or "—"
            self._wrong(row, "scope", what.format(**named, scope=check.scope, names=known))
        if shape.drawn and check.judge is None:
            self._wrong(row, "judge", _("{metric} needs a judge").format(**named))
        if check.statistic != shape.statistic:
            what = _("{metric} is a {statistic}").format(**named, statistic=shape.statistic)
            self._wrong(row, "statistic", what)

    def _value(self, row: Row, check: Check) -> None:
        """A value that the statistic can take at all."""
        value = Decimal(check.value)
        if check.statistic == "proportion" and not 0 <= value <= 1:
            self._impossible(row, check.value, _("a proportion lies between 0 and 1"))
        elif check.statistic in ("count", "days") and (value < 0 or value != value.to_integral_value()):
            self._impossible(row, check.value, _("a {statistic} is a whole number").format(
                statistic=check.statistic
            ))  # fmt: skip
        elif check.statistic == "presence" and value not in (0, 1):
            self._impossible(row, check.value, _("present is 1, absent is 0"))
        risks = len(self.sheets.ids("risks"))
        if check.metric == "risks_with_rule" and check.op != "<=" and value > risks:
            self._impossible(row, check.value, _("the pack has {n} risks").format(n=risks))
        if not Decimal("0.5") < Decimal(check.level) < 1:
            what = _("level is {value}; a confidence level lies above 0.5 and below 1")
            self._wrong(row, "level", what.format(value=check.level))

    def _impossible(self, row: Row, value: str, why: str) -> None:
        self._wrong(row, "value", _("value is {value}; {why}").format(value=value, why=why))

    def _sample(self, row: Row, check: Check) -> None:
        """A sample needs a metric that draws; a share of it needs the corpus, of which it is a share."""
        drawn = check.metric not in SHAPES or SHAPES[check.metric].drawn
        for name in ("sample_min", "sample_share"):
            if getattr(check, name) is not None and (check.statistic != "proportion" or not drawn):
                what = _("{name} is given, but {metric} rests on no drawn sample")
                self._wrong(row, name, what.format(name=name, metric=check.metric))
        whole = check.scope is None and not {"risk", "groups"} & set(check.params)
        asked = check.metric == "pass_rate" and check.params.get("kind") in schema.KINDS
        if check.estimator != "plain" and not (asked and whole):
            what = _(
                "estimator is {value}; weights over risks need pass_rate on one kind of questions as a whole"
            )
            self._wrong(row, "estimator", what.format(value=check.estimator))
        if check.sample_share is None:
            return
        if not 0 < Decimal(check.sample_share) <= 1:
            what = _("sample_share is {value}; a share lies above 0 and at most at 1")
            self._wrong(row, "sample_share", what.format(value=check.sample_share))
        if drawn and check.params.get("kind") != "corpus":
            what = _("sample_share is a share of the corpus; write sample_min for questions")
            self._wrong(row, "sample_share", what)

    def _wrong(self, row: Row, name: str, what: str) -> None:
        self.fields.mistake(row.at(name), what)
