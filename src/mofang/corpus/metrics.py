"""The corpus's metrics: pure functions of the dataset manifest and its counts, so that anybody can compute
them again.

Shape: ``(objects, inputs, params) -> {field: int or decimal string}``. Inputs: ``dataset`` and
``ledger_counts``, the outputs of ``corpus.manifest``. Params, all optional: ``source``, ``language``,
``modality`` narrow the sources; ``op`` and ``value`` (decimal string) ask for ``met``. Shares have six
decimals; where nothing was counted the field is absent, not zero."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from mofang.evidence.digest import Digest
from mofang.evidence.objects import ObjectStore

Inputs = Mapping[str, Digest | list[Digest]]
Params = Mapping[str, Any]
Fields = Mapping[str, int | str]


def source_count(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """``n`` sources that hold at least one record."""
    counts = _counts(objects, inputs)
    return {
        "n": sum(
            1 for source in _sources(objects, inputs, params) if counts.get(source["id"], {}).get("records")
        )
    }


def records_read(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """``n`` records read."""
    return {"n": _total(objects, inputs, params, "records")}


def kept(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """``n`` records published as they are."""
    return {"n": _total(objects, inputs, params, "keep")}


def redacted(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """``n`` records published with personal information masked."""
    return {"n": _total(objects, inputs, params, "redact")}


def dropped(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """``n`` records left out. Params: ``reason``, then those that this reason drops (one record may have
    several)."""
    reason = params.get("reason")
    if reason is None:
        return {"n": _total(objects, inputs, params, "drop")}
    return {"n": sum(counts["dropped_by"].get(reason, 0) for counts in _narrowed(objects, inputs, params))}


def duplicates(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """``n`` records that repeat another one's text."""
    return {"n": _total(objects, inputs, params, "duplicates")}


def documents_present(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """Sources whose proof is there: ``n`` of ``wanted``, ``rate``. Params: ``of``.

    ``origin`` (the default): an open source declares a licence; any other shows the file named under
    ``contract``. ``personal_information``: a source that declares none needs nothing; any other shows that
    file."""
    rule = _basis_shown if params.get("of") == "personal_information" else _origin_shown
    sources = _sources(objects, inputs, params)
    present = sum(1 for source in sources if rule(source))
    return {"n": present, "wanted": len(sources), **_share(present, len(sources), params)}


def foreign_share(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """Published characters from sources of foreign origin: ``n`` in all, ``foreign``, ``rate``. Params:
    ``method`` narrows what counts as foreign, for instance to ``open``."""
    counts = _counts(objects, inputs)
    method = params.get("method")
    n = foreign = 0
    for source in _sources(objects, inputs, params):
        chars = counts.get(source["id"], {}).get("published_chars", 0)
        n += chars
        if source["origin"] == "foreign" and method in (None, source["method"]):
            foreign += chars
    return {"n": n, "foreign": foreign, **_share(foreign, n, params)}


def filtered_share(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """Records that went through every filter, the lexicon included: ``n`` read, ``filtered``, ``rate``.

    Without a lexicon nothing counts as filtered. A source of which a table is missing counts none of its
    records."""
    n, filtered = _total(objects, inputs, params, "records"), _total(objects, inputs, params, "screened")
    return {"n": n, "filtered": filtered, **_share(filtered, n, params)}


def illegal_share(objects: ObjectStore, inputs: Inputs, params: Params) -> Fields:
    """Records with a term of the lexicon: ``n``, ``listed``, ``rate``. Params: ``stage``.

    ``before``: among all records read; ``after`` (the default): among the published ones. A hit is a lead,
    not a verdict: ordinary texts hold listed words, so this is what the lexicon points at, and people decide
    what it is. Without a lexicon only ``n`` is given."""
    before = params.get("stage") == "before"
    narrowed = _narrowed(objects, inputs, params)
    n = sum(c["records"] if before else c["keep"] + c["redact"] for c in narrowed)
    if not sum(c["screened"] for c in narrowed):
        return {"n": n}
    listed = sum(c["listed"] if before else c["listed_published"] for c in narrowed)
    return {"n": n, "listed": listed, **_share(listed, n, params)}


def _one(inputs: Inputs, name: str) -> Digest:
    value = inputs[name]
    return value[0] if isinstance(value, list) else value


def _counts(objects: ObjectStore, inputs: Inputs) -> Mapping[str, Any]:
    found: Mapping[str, Any] = objects.json(_one(inputs, "ledger_counts"))["sources"]
    return found


def _sources(objects: ObjectStore, inputs: Inputs, params: Params) -> list[Mapping[str, Any]]:
    """The declared sources, narrowed."""
    return [
        source
        for source in objects.json(_one(inputs, "dataset"))["sources"]
        if params.get("source") in (None, source["id"])
        and params.get("language") in (None, source["language"])
        and params.get("modality") in (None, source["modality"])
    ]


def _narrowed(objects: ObjectStore, inputs: Inputs, params: Params) -> list[Mapping[str, Any]]:
    counts = _counts(objects, inputs)
    return [counts[source["id"]] for source in _sources(objects, inputs, params) if source["id"] in counts]


def _total(objects: ObjectStore, inputs: Inputs, params: Params, name: str) -> int:
    return sum(counts[name] for counts in _narrowed(objects, inputs, params))


def _origin_shown(source: Mapping[str, Any]) -> bool:
    if source["method"] == "open":
        return bool(source["licence"].strip())
    return source["contract_digest"] is not None


def _basis_shown(source: Mapping[str, Any]) -> bool:
    return source["personal_information"] == "none" or source["contract_digest"] is not None


def _share(part: int, whole: int, params: Params) -> dict[str, str]:
    if not whole:
        return {}
    fields = {"rate": _decimal(Fraction(part, whole))}
    op, value = params.get("op"), params.get("value")
    if op and value is not None:
        share, wanted = Fraction(part, whole), Fraction(str(value))
        holds = {">=": share >= wanted, "<=": share <= wanted, "==": share == wanted}[op]
        fields["met"] = "yes" if holds else "no"
    return fields


def _decimal(share: Fraction) -> str:
    """Six decimals, rounded to the nearest."""
    millionths = round(share * 1_000_000)
    return f"{millionths // 1_000_000}.{millionths % 1_000_000:06d}"
