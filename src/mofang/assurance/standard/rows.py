"""Builds a pack's values from its merged rows and checks that everything they name exists."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from mofang.assurance.standard import schema
from mofang.assurance.standard.check_rows import CheckRows
from mofang.assurance.standard.conditions import FACTS, broken_condition
from mofang.assurance.standard.fields import Fields
from mofang.assurance.standard.files import CONFIRMED, Row, Sheets
from mofang.assurance.standard.schema import Aspect, Check, Clause, Crosswalk, Group, Risk, Source
from mofang.i18n import Text, _

WORDINGS = ("disclaimer", "carry_over", "unconfirmed", "not_shown_trained", "path")
"""The fixed wordings that every pack must have."""

Codes = Callable[[str], tuple[Collection[str], str] | None]
"""Pack id -> its risk and aspect codes and its taxonomy; None for an unknown pack."""


class PackRows:
    """The rows of one pack, parent included, read into values. Mistakes gather in ``fields``."""

    def __init__(self, sheets: Sheets, metrics: Collection[str], codes: Codes) -> None:
        self.sheets = sheets
        self.metrics = metrics
        self.codes = codes
        self.fields = Fields()
        self.fields.mistakes += sheets.mistakes
        self.source_ids = sheets.ids("sources")
        self.clause_ids = sheets.ids("clauses")
        self.group_codes = sheets.ids("groups")

    def heading(self) -> dict[str, Any]:
        row = self.sheets.heading
        f = self.fields
        words, dates = ("id", "version", "number"), ("issued", "effective")
        texts = ("title", "issuer", "nature")
        f.known(row, (*words, *dates, *texts, "status", "inherits", "note", "until", "default"))
        found: dict[str, Any] = {
            **{name: f.word(row, name) for name in words},
            **{name: f.date(row, name) for name in dates},
            **{name: f.text(row, name) for name in texts},
            "status": f.one_of(row, "status", ("draft", "released")),
            "inherits": f.maybe_word(row, "inherits"),
            "note": f.maybe_text(row, "note"),
            "until": f.maybe_date(row, "until"),
            "default": f.flag(row, "default"),
            "taxonomy": self.sheets.taxonomy,
        }
        self._period(row, found["effective"], found["until"])
        return found

    def groups(self) -> tuple[Group, ...]:
        self._fields_of("groups", ("id", "name"))
        return tuple(Group(self._id(r), self.fields.text(r, "name")) for r in self.sheets.rows("groups"))

    def risks(self) -> tuple[Risk, ...]:
        self._fields_of("risks", ("id", "group", "name"))
        return tuple(self._risk(row) for row in self.sheets.rows("risks"))

    def _risk(self, row: Row) -> Risk:
        group = self.fields.word(row, "group")
        if group and group not in self.group_codes:
            self.fields.missing(row.at("group"), "group", group, self.group_codes)
        return Risk(self._id(row), group, self.fields.text(row, "name"))

    def aspects(self) -> tuple[Aspect, ...]:
        """All aspects; a question bears the code of a risk or of an aspect, so no code may be both."""
        self._fields_of("aspects", ("id", "name"))
        for row in self.sheets.rows("aspects"):
            if self._id(row) in self.sheets.ids("risks"):
                what = _("{id} is the code of a risk and of an aspect").format(id=self._id(row))
                self.fields.mistake(row.where, what)
        return tuple(Aspect(self._id(r), self.fields.text(r, "name")) for r in self.sheets.rows("aspects"))

    def sources(self) -> tuple[Source, ...]:
        f = self.fields
        self._fields_of("sources", ("id", "title", "addresses"))
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
        clause = Clause(
            id=self._id(row),
            number=f.word(row, "number"),
            block=self._block(row, "block"),
            title=f.text(row, "title"),
            says=f.text(row, "says"),
            force=f.one_of(row, "force", schema.FORCES),
            confidence=f.one_of(row, "confidence", schema.CONFIDENCES),
            sources=f.sources(row, self.source_ids),
            proof=f.one_of(row, "proof", schema.PROOFS),
            owner=f.text(row, "owner"),
            applies=self._condition(row, "applies"),
            document=f.maybe_text(row, "document"),
            note=f.maybe_text(row, "note"),
            carry_over=f.maybe_one_of(row, "carry_over", ("unverified",)),
            **self.dated(row),
        )
        if clause.proof in ("document", "mixed") and clause.document is None:
            what = _("{id} is proved by a document, but no document is named").format(id=clause.id)
            f.mistake(row.where, what)
        return clause

    def dated(self, row: Row) -> dict[str, Any]:
        """When a clause or check is in force, and who confirmed it."""
        f = self.fields
        found = {name: f.maybe_date(row, name) for name in ("effective", "until", "confirmed_on")}
        found |= {name: f.maybe_word(row, name) for name in ("confirmed_by", "confirmed_edition")}
        self._period(row, found["effective"], found["until"])
        given = [name for name in CONFIRMED if found[name] is not None]
        if given and len(given) < len(CONFIRMED):
            what = _("a confirmation needs all of {names}").format(names=", ".join(CONFIRMED))
            f.mistake(row.at(given[0]), what)
        return found

    def _period(self, row: Row, effective: str | None, until: str | None) -> None:
        if effective and until and effective > until:
            what = _("in force from {first}, but only until {last}").format(first=effective, last=until)
            self.fields.mistake(row.at("until"), what)

    def checks(self) -> tuple[Check, ...]:
        """All checks; a clause without any could never get a result, so that is a mistake."""
        reader = CheckRows(self)
        found = tuple(reader.check(row) for row in self.sheets.rows("checks"))
        for id in sorted(self.clause_ids - {check.clause for check in found}):
            where = self.sheets.sections["clauses"][id].where
            self.fields.mistake(where, _("no check belongs to {id}").format(id=id))
        return found

    def crosswalk(self) -> tuple[Crosswalk, ...]:
        """Own codes mapped to those of other packs, both of which must exist."""
        return tuple(self._crosswalk(row) for row in self.sheets.rows("crosswalk"))

    def _crosswalk(self, row: Row) -> Crosswalk:
        f = self.fields
        f.known(row, ("id", "codes", "note", "confidence", "sources"))
        there = self.codes(self._id(row))
        if there is None:
            f.mistake(row.where, _("maps to {id}, but there is no such pack").format(id=self._id(row)))
        elif there[1] == self.sheets.taxonomy:
            what = _("maps to {id}, which has the same codes").format(id=self._id(row))
            f.mistake(row.where, what)
        codes = f.mapping(row, "codes")
        own = self.sheets.ids("risks") | self.sheets.ids("aspects")
        for code in codes:
            if code not in own:
                f.missing(row.at("codes"), "codes", code, own)
            mapped = Row({code: codes[code]}, row.at("codes"), {})
            codes[code] = list(f.words(mapped, code, there[0] if there else None))
        return Crosswalk(
            to=self._id(row),
            codes=codes,
            note=f.text(row, "note"),
            confidence=f.one_of(row, "confidence", schema.CONFIDENCES),
            sources=f.sources(row, self.source_ids),
        )

    def rubric(self) -> dict[str, Any]:
        """By what a model judges: one text of instructions, and one for each risk or group that has its own."""
        self._fields_of("rubric", ("id", "says"))
        known = {"instructions"} | self.sheets.ids("risks") | self.sheets.ids("aspects") | self.group_codes
        said: dict[str, Text] = {}
        for row in self.sheets.rows("rubric"):
            if self._id(row) not in known:
                self.fields.missing(row.where, "rubric", self._id(row), known)
            said[self._id(row)] = self.fields.text(row, "says")
        if said and "instructions" not in said:
            self.fields.mistake("rubric.yaml", _("the rubric has no row instructions"))
        instructions = said.pop("instructions", None)
        return {} if instructions is None else {"instructions": instructions, "categories": said}

    def dossier(self) -> dict[str, Any]:
        """Blocks with their clauses in print order, fixed wordings by id, and the roles that sign."""
        f = self.fields
        self._fields_of("blocks", ("id", "title", "clauses"))
        blocks = [
            {
                "id": self._id(r),
                "title": f.text(r, "title"),
                "clauses": list(f.words(r, "clauses", self.clause_ids)),
            }
            for r in self.sheets.rows("blocks")
        ]
        self._fields_of("wordings", ("id", "says"))
        wording = {r.values["id"]: f.text(r, "says") for r in self.sheets.rows("wordings")}
        for id in WORDINGS:
            if id not in wording:
                f.mistake("dossier.yaml", _("the wording {id} is missing").format(id=id))
        self._fields_of("signatures", ("id", "title", "note"))
        signatures = [
            {"id": self._id(r), "title": f.text(r, "title"), "note": f.maybe_text(r, "note")}
            for r in self.sheets.rows("signatures")
        ]
        return {"blocks": blocks, "wording": wording, "signatures": signatures}

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
        return {
            "id": self._id(row),
            "when": self._condition(row, "when"),
            "outcome": f.one_of(row, "outcome", outcomes or [""]),
            "because": f.text(row, "because"),
            "confidence": f.one_of(row, "confidence", schema.CONFIDENCES),
            "sources": list(f.sources(row, self.source_ids)),
        }

    def _condition(self, row: Row, name: str) -> str | None:
        condition = self.fields.maybe_word(row, name)
        why = broken_condition(condition) if condition else None
        if why:
            self.fields.mistake(row.at(name), _("{name} is no condition: {why}").format(name=name, why=why))
        return condition

    def _block(self, row: Row, name: str) -> str:
        block, known = self.fields.word(row, name), self.sheets.ids("blocks")
        if block and block not in known:
            self.fields.missing(row.at(name), name, block, known)
        return block

    def slot(self, row: Row, clause: str) -> str:
        """The dossier block of a check: its own, else its clause's."""
        if row.values.get("slot") is not None:
            return self._block(row, "slot")
        holder = self.sheets.sections.get("clauses", {}).get(clause)
        return str(holder.values.get("block", "")) if holder else ""

    def _fields_of(self, section: str, names: Collection[str]) -> None:
        for row in self.sheets.rows(section):
            self.fields.known(row, names)

    def _id(self, row: Row) -> str:
        return str(row.values["id"])
