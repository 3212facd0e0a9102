"""Layouts 映射: how the columns of somebody's file become question fields, as YAML; known ones come with Mofang."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml

from mofang.assurance.banks.bank import Question
from mofang.assurance.errors import BankError
from mofang.assurance.standard.schema import Pack
from mofang.evidence.digest import Digest, canonical, sha256_bytes
from mofang.evidence.files import reported
from mofang.i18n import Text, _
from mofang.registry import nearest

FIELDS = tuple(part.name for part in fields(Question))
SECTIONS = ("about", "rows", "columns", "compose", "values", "codes", "set", "keep")
LEFT_OUT = "-"
"""What a table gives for values that nothing in the standard fits: their rows are left out and named."""
_PLACE = re.compile(r"\{([^{}]+)\}")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

Row = Mapping[str, Any]
Table = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file's columns become question fields.

    ``columns``: field -> column. ``values``: field -> {value in the file: value meant}; a key that ends in ``*``
    stands for every value that begins so, and ``-`` leaves the row out. ``constants``: field -> value for every
    row. ``rows``: where a JSON file keeps its list, a path such as ``examples`` or ``groups.*.items``.
    ``compose``: field -> template of columns, ``"{question}\\n{options}"``; a list becomes lettered lines, and
    ``{note?}`` may be empty. ``keep``: column -> the values a row must have, others are passed over. ``codes``:
    pack id -> {value in the file: risk or aspect}, for layouts that serve several standards. A field that is not
    named is read from the column of its own name; a column may be a path (``prompt.zh``). ``name`` and ``about``
    are for people.
    """

    columns: Table = field(default_factory=dict)
    values: Mapping[str, Table] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    rows: str | None = None
    compose: Table = field(default_factory=dict)
    keep: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    codes: Mapping[str, Table] = field(default_factory=dict)
    name: str = ""
    about: Text = field(default_factory=dict)

    def __post_init__(self) -> None:
        for part in (self.columns, self.values, self.constants, self.compose):
            for name in part:
                if name not in FIELDS:
                    raise BankError(
                        _("a question has no field {name}").format(name=name),
                        remedy=_("known: {names}").format(names=", ".join(nearest(name, FIELDS) or FIELDS)),
                    )

    @property
    def digest(self) -> Digest:
        """Digest of what the layout does, its name and description aside."""
        wire = asdict(self)
        del wire["name"], wire["about"]
        return sha256_bytes(canonical(wire))

    def with_constants(self, constants: Mapping[str, Any]) -> Layout:
        return replace(self, constants={**self.constants, **constants})

    def for_pack(self, pack: Pack) -> Layout:
        """The layout with the codes of ``pack``, or of the pack it inherits. Raises BankError where it has none."""
        if not self.codes or "risk" in self.constants:
            return self
        for id in _lineage(pack):
            if id in self.codes:
                risks = {**self.codes[id], **self.values.get("risk", {})}
                return replace(self, values={**self.values, "risk": risks})
        raise BankError(
            _("mapping {name} has no codes of the standard {pack}").format(name=self.name, pack=pack.id),
            where=self.name,
            remedy=_(
                "print it with: mofang bank layouts {name}, and write your codes under values: risk:"
            ).format(name=self.name),
        )

    def needs(self, name: str) -> tuple[str, ...]:
        """The columns that a field is made from; none where it is the same for all rows."""
        if name in self.constants:
            return ()
        if name in self.compose:
            return tuple(one.removesuffix("?") for one in _PLACE.findall(self.compose[name]))
        return (self.columns.get(name, name),)

    def keeps(self, row: Row) -> bool:
        """Whether a row is meant at all."""
        return all(str(_cell(row, column)) in wanted for column, wanted in self.keep.items())

    def shape(self, row: Row) -> dict[str, Any]:
        """The question fields that a file's row yields. Raises BankError where a template lacks a column."""
        found: dict[str, Any] = {}
        for name in FIELDS:
            if name in self.constants:
                continue
            value = self._value(name, row)
            if value is not None and value != "":
                found[name] = _meant(value, self.values.get(name, {}))
        return {**found, **self.constants}

    def _value(self, name: str, row: Row) -> Any:
        if name not in self.compose:
            return _cell(row, self.columns.get(name, name))
        return _PLACE.sub(lambda place: _written(row, place[1]), self.compose[name])


def _lineage(pack: Pack) -> Iterator[str]:
    from mofang.assurance.standard.pack import load_pack, pack_ids

    yield pack.id
    parent = pack.inherits
    while parent is not None and parent in pack_ids():
        yield parent
        parent = load_pack(parent).inherits


def _cell(row: Row, column: str) -> Any:
    """The value of a column; of a path into nested objects where no column has the whole name."""
    if column in row or "." not in column:
        return row.get(column)
    value: Any = row
    for step in column.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _written(row: Row, column: str) -> str:
    value = _cell(row, column.removesuffix("?"))
    if column.endswith("?") and value in (None, ""):
        return ""
    if isinstance(value, list) and value and all(isinstance(part, str | int) for part in value):
        return "\n".join(f"{_LETTERS[n % 26]}. {part}" for n, part in enumerate(value))
    if value is None or value == "" or not isinstance(value, str | int):
        raise BankError(_("no {name}").format(name=column))
    return str(value)


def _meant(value: Any, table: Table) -> Any:
    key = str(value)
    if key not in table:
        stems = [stem for stem in table if stem.endswith("*") and key.startswith(stem[:-1])]
        if not stems:
            return value
        key = max(stems, key=len)
    if table[key] == LEFT_OUT:
        raise BankError(_("the mapping leaves {code} out").format(code=key))
    return table[key]


def layout_names() -> list[str]:
    """The layouts that come with Mofang, sorted."""
    return sorted(
        file.name.removesuffix(".yaml") for file in _shipped().iterdir() if file.name.endswith(".yaml")
    )


def layout_text(name: str) -> str:
    """A layout that comes with Mofang, as YAML to copy and change. Raises BankError for an unknown name."""
    if name not in layout_names():
        raise BankError(
            _("there is no mapping {name}").format(name=name),
            where=name,
            remedy=_("known: {names}; or name a YAML file").format(names=", ".join(layout_names())),
        )
    return _shipped().joinpath(f"{name}.yaml").read_text(encoding="utf-8")


def find_layout(name: str) -> Layout:
    """The layout called so: a YAML file, or one that comes with Mofang. Raises BankError."""
    if name.endswith((".yaml", ".yml")) or Path(name).is_file():
        return read_layout(Path(name))
    return _parsed(_loaded(layout_text(name), name), name)


def read_layout(path: Path) -> Layout:
    """A layout from a YAML file, see SECTIONS. Raises BankError."""
    try:
        with reported(path):
            text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BankError(_("not YAML in UTF-8: {why}").format(why=error), where=str(path)) from error
    return _parsed(_loaded(text, str(path)), str(path))


def _shipped() -> Traversable:
    return resources.files("mofang.packs").joinpath("layouts")


def _loaded(text: str, where: str) -> dict[str, Any]:
    try:
        # Every scalar stays text: a date or a yes in a mapping means its letters.
        content = yaml.load(text, Loader=yaml.BaseLoader) or {}
    except yaml.YAMLError as error:
        raise BankError(_("not YAML in UTF-8: {why}").format(why=error), where=where) from error
    if not isinstance(content, dict) or set(content) - set(SECTIONS):
        raise BankError(
            _("a mapping file may hold {names}").format(names=", ".join(SECTIONS)),
            where=where,
            remedy=_("example: columns: {text: prompt}  set: {kind: content, licence: CC-BY-4.0}"),
        )
    return content


def _parsed(content: dict[str, Any], where: str) -> Layout:
    parts = {name: content.get(name) or {} for name in SECTIONS if name != "rows"}
    nested = [table for name in ("values", "codes") for table in getattr(parts[name], "values", tuple)()]
    if not all(isinstance(part, dict) for part in (*parts.values(), *nested)):
        raise BankError(_("columns, values and set must be mappings"), where=where)
    if not _flat(parts, nested) or not isinstance(content.get("rows", ""), str):
        raise BankError(_("a mapping file names columns and values as plain text"), where=where)
    keep = {column: tuple(wanted) for column, wanted in parts["keep"].items()}
    try:
        return Layout(
            parts["columns"],
            parts["values"],
            parts["set"],
            content.get("rows"),
            parts["compose"],
            keep,
            parts["codes"],
            Path(where).stem,
            parts["about"],
        )
    except BankError as error:
        raise BankError(error.message, where=where, remedy=error.remedy) from error


def _flat(parts: Mapping[str, Any], nested: list[Any]) -> bool:
    plain = (*nested, parts["columns"], parts["set"], parts["compose"], parts["about"])
    lists = parts["keep"].values()
    return all(isinstance(v, str) for part in plain for v in part.values()) and all(
        isinstance(wanted, list) and all(isinstance(v, str) for v in wanted) for wanted in lists
    )
