"""The corpus section as jobs. Pure: the same section and inventories give the same nodes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from mofang.compute.graph import Node
from mofang.compute.kinds import JobKind, register_kind
from mofang.corpus.config import CorpusConfig
from mofang.corpus.inventory import Inventory
from mofang.errors import MofangError
from mofang.evidence.digest import sha256_file
from mofang.evidence.figures import register_metric

TASKS = "mofang.corpus.tasks"

for _kind in (
    JobKind("corpus.lexicon", 1, "pure", f"{TASKS}:read_lexicon", ("lexicon",)),
    JobKind("corpus.read", 1, "pure", f"{TASKS}:read_shard", ("text", "keys"), parquet=True),
    JobKind("corpus.unavailable", 1, "pure", f"{TASKS}:refuse_source", ("text", "keys")),
    JobKind("corpus.pii", 1, "pure", f"{TASKS}:find_personal", ("pii",), parquet=True),
    JobKind("corpus.screen", 1, "pure", f"{TASKS}:screen_shard", ("screen",), parquet=True),
    JobKind("corpus.dedup", 1, "pure", f"{TASKS}:find_duplicates", ("duplicates",), parquet=True),
    JobKind("corpus.decide", 1, "pure", f"{TASKS}:decide_shard", ("decisions",), parquet=True),
    JobKind("corpus.publish", 1, "pure", f"{TASKS}:publish_shard", ("published",), parquet=True),
    JobKind("corpus.manifest", 1, "pure", f"{TASKS}:write_manifest", ("dataset", "ledger_counts")),
):
    register_kind(_kind)

for _metric in (
    "source_count",
    "records_read",
    "kept",
    "dropped",
    "duplicates",
    "redacted",
    "documents_present",
    "foreign_share",
    "filtered_share",
    "illegal_share",
):
    register_metric(_metric, 1, f"mofang.corpus.metrics:{_metric}")


def plan(
    config: CorpusConfig,
    inventories: Sequence[Inventory],
    *,
    pii_key_id: str,
    hmac_key_hex: str = "",
    lexicon: Path | None = None,
    withdrawn: Mapping[str, Iterable[str]] | None = None,
    broken: Mapping[str, MofangError] | None = None,
) -> list[Node]:
    """The nodes of a corpus.

    ``lexicon`` is the file behind ``config.lexicon`` (see ``lexicon.lexicon_file``); without one nothing is
    screened. ``withdrawn`` names record ids (hex) to leave out, by source. ``pii_key_id`` names the key of
    personal-information digests in the action key; ``hmac_key_hex`` is that key, which only the jobs see.
    ``broken`` are sources whose files could not even be looked at, with the reason: their reading fails with it, and what
    gathers goes on without them.
    """
    nodes = [] if lexicon is None else [_lexicon(lexicon)]
    gone = withdrawn or {}
    reasons = broken or {}
    for inventory in inventories:
        id = inventory.source.id
        nodes.append(
            _refuse(id, reasons[id]) if id in reasons else _read(inventory, sorted(gone.get(id, ())))
        )
    for inventory in inventories:
        nodes += _attributes(inventory.source.id, pii_key_id, hmac_key_hex, screened=lexicon is not None)
    sources = [inventory.source.id for inventory in inventories]
    keys = tuple(f"corpus.read/{source}:keys" for source in sources)
    nodes.append(Node("corpus.dedup", "corpus.dedup", inputs={"keys": keys}, tolerant=True))
    for inventory in inventories:
        nodes += _outcomes(inventory, config)
    nodes.append(_manifest(config, inventories, screened=lexicon is not None))
    return nodes


def _lexicon(file: Path) -> Node:
    params = {"sha256": sha256_file(file)}
    return Node("corpus.lexicon", "corpus.lexicon", params, locations={"file": str(file)})


def _read(inventory: Inventory, withdrawn: list[str]) -> Node:
    source = inventory.source
    return Node(
        f"corpus.read/{source.id}",
        "corpus.read",
        {"source": {"id": source.id, "text": source.text, "key": source.key}, "withdrawn": withdrawn},
        locations={"root": str(inventory.root)},
        items=inventory.items,
    )


def _refuse(source: str, reason: MofangError) -> Node:
    told = {"message": reason.message, "where": reason.where, "remedy": reason.remedy}
    return Node(
        f"corpus.read/{source}", "corpus.unavailable", {"source": source}, locations=told, items=({},)
    )


def _attributes(source: str, key_id: str, key_hex: str, *, screened: bool) -> list[Node]:
    text = {"text": f"corpus.read/{source}:text"}
    lexicon = {"lexicon": "corpus.lexicon:lexicon"} if screened else {}
    return [
        Node(
            f"corpus.pii/{source}",
            "corpus.pii",
            {"key_id": key_id},
            text,
            {"hmac_key_hex": key_hex},
            each=("text",),
        ),
        Node(f"corpus.screen/{source}", "corpus.screen", inputs={**text, **lexicon}, each=("text",)),
    ]


def _outcomes(inventory: Inventory, config: CorpusConfig) -> list[Node]:
    source = inventory.source
    text, pii = f"corpus.read/{source.id}:text", f"corpus.pii/{source.id}:pii"
    policy = config.policy.wire()
    decide = Node(
        f"corpus.decide/{source.id}",
        "corpus.decide",
        {"policy": policy},
        {
            "text": text,
            "pii": pii,
            "screen": f"corpus.screen/{source.id}:screen",
            "keys": f"corpus.read/{source.id}:keys",
            "duplicates": "corpus.dedup:duplicates",
        },
        each=("text", "pii", "screen", "keys"),
    )
    declared = {name: getattr(source, name) for name in ("licence", "origin", "method", "contract")}
    publish = Node(
        f"corpus.publish/{source.id}",
        "corpus.publish",
        {"declared": declared, "redact": policy["redact"]},
        {"text": text, "pii": pii, "decisions": f"{decide.name}:decisions"},
        each=("text", "pii", "decisions"),
    )
    return [decide, publish]


def _manifest(config: CorpusConfig, inventories: Sequence[Inventory], *, screened: bool) -> Node:
    made = {
        "text": "read",
        "keys": "read",
        "pii": "pii",
        "screen": "screen",
        "decisions": "decide",
        "published": "publish",
    }
    inputs: dict[str, str | tuple[str, ...]] = {
        f"{table}/{inventory.source.id}": f"corpus.{step}/{inventory.source.id}:{table}"
        for inventory in inventories
        for table, step in made.items()
    }
    inputs["duplicates"] = ("corpus.dedup:duplicates",)
    if screened:
        inputs["lexicon"] = ("corpus.lexicon:lexicon",)
    params = {
        "role": config.role,
        "policy": config.policy.wire(),
        "sources": [inventory.wire() for inventory in inventories],
    }
    return Node("corpus.manifest", "corpus.manifest", params, inputs, tolerant=True)
