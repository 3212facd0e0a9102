"""Reads a pack's YAML files and remembers the line of every row and field, so that errors can name them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import yaml

from mofang.assurance.errors import PackError
from mofang.i18n import _
from mofang.registry import nearest

FILES: Mapping[str, tuple[str, ...]] = {
    "sources.yaml": ("sources",),
    "risks.yaml": ("groups", "risks", "aspects"),
    "crosswalk.yaml": ("crosswalk",),
    "clauses.yaml": ("clauses",),
    "checks.yaml": ("checks",),
    "rubric.yaml": ("rubric",),
    "path.yaml": ("questions", "outcomes", "rules", "also"),
    "dossier.yaml": ("blocks", "wordings", "signatures"),
}
"""Each file of a pack with its sections; every section is a list of rows with an ``id``."""

HEADING = "pack.yaml"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C parser where it is built in: several times as quick."""

CONFIRMED = ("confirmed_by", "confirmed_edition", "confirmed_on")
"""What is never inherited: who confirmed a rule read the parent's official text, not the child's."""


@dataclass(frozen=True, slots=True)
class Row:
    """One mapping of a file: plain values, and the ``file:line`` of the row and of each of its fields."""

    values: Mapping[str, Any]
    where: str
    places: Mapping[str, str]

    def at(self, name: str) -> str:
        return self.places.get(name, self.where)

    def over(self, parent: Row) -> Row:
        """This row laid over the row it overrides: its fields win, field by field."""
        below = parent.inherited()
        return Row({**below.values, **self.values}, self.where, {**below.places, **self.places})

    def inherited(self) -> Row:
        """The row without what is never inherited."""
        return Row(
            {name: value for name, value in self.values.items() if name not in CONFIRMED},
            self.where,
            {name: place for name, place in self.places.items() if name not in CONFIRMED},
        )


@dataclass(slots=True)
class Sheets:
    """A pack's heading, its rows by section and id, and ``drops``: (file, id, where) of the parent's rows.

    ``mistakes`` are (where, what) of the layout; ``broken`` means that a file could not be read at all, so
    that what its rows name cannot be looked up. ``taxonomy`` is the pack whose risks these are.
    """

    heading: Row
    sections: dict[str, dict[str, Row]] = field(default_factory=dict)
    drops: list[tuple[str, str, str]] = field(default_factory=list)
    mistakes: list[tuple[str, str]] = field(default_factory=list)
    broken: bool = False
    taxonomy: str = ""

    def rows(self, section: str) -> list[Row]:
        return list(self.sections.get(section, {}).values())

    def ids(self, section: str) -> set[str]:
        return set(self.sections.get(section, {}))

    def over(self, parent: Sheets) -> Sheets:
        """These sheets laid over the parent's: associative, and over themselves they stay what they are. A drop
        of what the parent does not have is a mistake."""
        merged = {
            section: {id: row.inherited() for id, row in rows.items()}
            for section, rows in parent.sections.items()
        }
        mistakes = [*self.mistakes, *parent.mistakes]
        for file, id, where in self.drops:
            holders = [merged[section] for section in FILES[file] if id in merged.get(section, {})]
            if not holders:
                mistakes.append((where, _("drops {id}, which the parent does not have").format(id=id)))
            for rows in holders:
                del rows[id]
        for section, rows in self.sections.items():
            target = merged.setdefault(section, {})
            for id, row in rows.items():
                target[id] = row.over(target[id]) if id in target else row
        taxonomy = parent.taxonomy or self.taxonomy
        return Sheets(self.heading, merged, [], mistakes, self.broken or parent.broken, taxonomy)


def packs_folder() -> Traversable:
    """The folder of the packs that come with Mofang, from a checkout or an installed wheel."""
    return resources.files("mofang.packs")


def read_sheets(folder: Traversable) -> Sheets:
    """All files of one pack folder, with every mistake of their layout. Raises PackError where there is no
    pack at all."""
    heading = folder.joinpath(HEADING)
    if not heading.is_file():
        raise PackError(
            _("no pack.yaml in {folder}").format(folder=folder),
            where=str(folder),
            remedy=_("name the folder of a pack; `mofang pack list` shows those that come with Mofang"),
        )
    reader = _Reader(f"{folder.name}/{HEADING}")
    sheets = Sheets(reader.heading(heading), mistakes=reader.mistakes, broken=reader.broken)
    for name in FILES:
        if folder.joinpath(name).is_file():
            reader = _Reader(f"{folder.name}/{name}")
            reader.file(folder.joinpath(name), name, sheets)
            sheets.mistakes += reader.mistakes
            sheets.broken |= reader.broken
    if sheets.sections.get("risks"):
        sheets.taxonomy = str(sheets.heading.values.get("id", ""))
    return sheets


def read_heading(folder: Traversable) -> Row:
    """A pack's heading alone, which is quick to read."""
    return _Reader(f"{folder.name}/{HEADING}").heading(folder.joinpath(HEADING))


def read_list(file: Traversable, label: str, section: str) -> tuple[list[Row], list[tuple[str, str]]]:
    """The rows of a file's one ``section``, which need no id, and the mistakes of the file's layout."""
    reader = _Reader(label)
    root = reader.compose(file)
    rows: list[Row] = []
    for name, node, where in reader.fields(root) if root is not None else ():
        if name == section:
            rows += [reader.row(item) for item in reader.items(node)]
        elif name != "format":
            reader.mistake(where, _("unknown section {section}").format(section=name))
    return rows, reader.mistakes


class _Reader:
    """Reads one file; ``label`` is how errors call it. Mistakes gather, and what can be read still is."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.mistakes: list[tuple[str, str]] = []
        self.broken = False

    def mistake(self, where: str, what: str, *, broken: bool = False) -> None:
        self.mistakes.append((where, what))
        self.broken |= broken

    def heading(self, file: Traversable) -> Row:
        root = self.compose(file)
        if root is None and not self.mistakes:
            self.mistake(self.label, _("the file is empty"), broken=True)
        return Row({}, self.label, {}) if root is None else self.row(root)

    def file(self, file: Traversable, name: str, sheets: Sheets) -> None:
        root = self.compose(file)
        for section, node, where in self.fields(root) if root is not None else ():
            if section == "drop":
                sheets.drops += [(name, str(self.plain(i)), self.place(i)) for i in self.items(node)]
            elif section in FILES[name]:
                sheets.sections[section] = self.rows(section, node)
            else:
                known = (*FILES[name], "drop")
                self.mistake(
                    where,
                    _("unknown section {section}; known: {names}").format(
                        section=section, names=", ".join(nearest(section, known) or known)
                    ),
                )

    def compose(self, file: Traversable) -> yaml.Node | None:
        try:
            return yaml.compose(file.read_text(encoding="utf-8"), Loader=_LOADER)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            why = _("not YAML: {why}").format(why=error.problem)
            self.mistake(f"{self.label}:{line}", why, broken=True)
        except (UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
            self.mistake(self.label, _("not YAML in UTF-8: {why}").format(why=error), broken=True)
        return None

    def rows(self, section: str, node: yaml.Node) -> dict[str, Row]:
        rows: dict[str, Row] = {}
        for item in self.items(node):
            row = self.row(item)
            id = row.values.get("id")
            if not isinstance(id, str) or not id:
                self.mistake(row.where, _("a row of {section} has no id").format(section=section))
            elif id in rows:
                what = _("{id} stands twice in {section}; the first one is at {where}")
                self.mistake(row.where, what.format(id=id, section=section, where=rows[id].where))
            else:
                rows[id] = row
        return rows

    def row(self, node: yaml.Node) -> Row:
        values: dict[str, Any] = {}
        places: dict[str, str] = {}
        for key, value, where in self.fields(node):
            values[key] = self.plain(value)
            places[key] = where
        return Row(values, self.place(node), places)

    def fields(self, node: yaml.Node) -> Iterator[tuple[str, yaml.Node, str]]:
        if not isinstance(node, yaml.MappingNode):
            self.mistake(self.place(node), _("a mapping (name: value) is wanted here"), broken=True)
            return
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                self.mistake(self.place(key), _("{name} is written twice").format(name=name))
            else:
                seen.add(name)
                yield name, value, self.place(key)

    def items(self, node: yaml.Node) -> Iterable[yaml.Node]:
        if isinstance(node, yaml.SequenceNode):
            return list(node.value)
        self.mistake(self.place(node), _("a list is wanted here"), broken=True)
        return []

    def plain(self, node: yaml.Node, inside: tuple[int, ...] = ()) -> Any:
        """The node as text, int, bool, None, list or dict. Floats are refused: they are not exact decimals."""
        if id(node) in inside:
            self.mistake(self.place(node), _("this value holds itself"))
            return None
        inside = (*inside, id(node))
        if isinstance(node, yaml.MappingNode):
            return {name: self.plain(value, inside) for name, value, _where in self.fields(node)}
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(item, inside) for item in node.value]
        text = str(node.value)
        match node.tag.rpartition(":")[2]:
            case "null":
                return None
            case "bool":
                return text.lower() in ("true", "yes", "on")
            case "int" if text.replace("_", "").lstrip("+-").isdecimal():
                return int(text.replace("_", ""))
            case "int" | "float":
                what = _('{value} is not quoted; write decimal numbers as strings: "{value}"')
                self.mistake(self.place(node), what.format(value=text))
        return text

    def place(self, node: yaml.Node) -> str:
        return f"{self.label}:{node.start_mark.line + 1}"
