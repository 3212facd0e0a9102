"""The project against the machine: which files lie there, which bank, which model, what was withdrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mofang.assurance.banks.bank import Bank
from mofang.assurance.banks.sealed import is_sealed_bank
from mofang.assurance.config import AssuranceConfig
from mofang.assurance.dossier.narrative import create_starters, narrative_digests
from mofang.assurance.prepare import Brought, Prepared, prepare
from mofang.assurance.standard.opening import load_standard
from mofang.assurance.standard.pack import Pack
from mofang.corpus.inventory import Inventory, scan
from mofang.corpus.lexicon import lexicon_file
from mofang.errors import MofangError
from mofang.evidence.digest import Digest, sha256_file
from mofang.evidence.workspace import Workspace
from mofang.i18n import _
from mofang.models.identity import Identity
from mofang.project.file import FILE, Loaded
from mofang.project.freezing import held_against
from mofang.project.identity import check_location, identity_of
from mofang.project.stored import stored_banks
from mofang.project.withdrawn import Withdrawn, withdrawn


@dataclass(frozen=True, slots=True)
class Corpus:
    """The corpus as it lies on disk. ``broken``: sources that could not even be looked at, with the reason; their
    inventories are empty."""

    inventories: Sequence[Inventory]
    broken: Mapping[str, MofangError]
    lexicon: Path | None
    withdrawn: Withdrawn
    hmac_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Assessment:
    """What an assessment takes from outside the plan. ``identities``: of every endpoint that is asked, by its name
    under ``models``; ``frozen``: the newest freeze held against the service; ``sealed``: a bank is sealed, so texts of
    questions and answers are sealed at rest."""

    pack: Pack
    prepared: Prepared
    identities: Mapping[str, Identity]
    narrative: Mapping[str, Digest]
    questions: int
    frozen: Mapping[str, Any] | None
    sealed: bool


@dataclass(frozen=True, slots=True)
class Resolved:
    """A project ready to be planned."""

    loaded: Loaded
    corpus: Corpus | None
    assessment: Assessment | None


def resolve(loaded: Loaded, ws: Workspace, *, record: bool, rehash: bool = False) -> Resolved:
    """Look at everything the project names. With ``record`` (needs the lock) the draw is committed and a fingerprint
    taken; without, nothing is written. Raises MofangError naming file and remedy; sources that fail are kept apart
    unless all do."""
    if loaded.project.corpus is None and loaded.project.assurance is None:
        raise _nothing_wanted(loaded)
    corpus = _corpus(loaded, ws, rehash) if loaded.project.corpus is not None else None
    return Resolved(loaded, corpus, _assessment(loaded, ws, record, rehash))


def _corpus(loaded: Loaded, ws: Workspace, rehash: bool) -> Corpus:
    config = loaded.project.corpus
    assert config is not None
    gone = withdrawn(ws)
    found: list[Inventory] = []
    broken: dict[str, MofangError] = {}
    for source in loaded.sources:
        if source.id in gone.sources:
            continue
        try:
            cache = ws.path / "work" / "inventory" / f"{source.id}.json"
            inventory = scan(source, loaded.folder, cache=cache, rehash=rehash)
            if not inventory.files:
                raise _nothing_to_read(inventory)
            found.append(inventory)
        except MofangError as error:
            broken[source.id] = error
            found.append(Inventory(source, loaded.folder / source.path, (), (), ()))
    if len(found) == len(broken):
        raise next(iter(broken.values()), _all_withdrawn(loaded))
    lexicon = None if config.lexicon is None else lexicon_file(config.lexicon, loaded.folder)
    if lexicon is not None and not lexicon.is_file():
        raise MofangError(
            _("the lexicon is not there"),
            where=str(lexicon),
            remedy=_("put it there, or correct corpus.lexicon in mofang.yaml"),
        )
    return Corpus(found, broken, lexicon, gone, ws.signing_key().hmac_key("personal information"))


def _nothing_wanted(loaded: Loaded) -> MofangError:
    return MofangError(
        _("this project asks for nothing: it has neither a section corpus: nor a section assurance:"),
        where=str(loaded.folder / FILE),
        remedy=_("add one of them; mofang init writes both"),
    )


def _nothing_to_read(inventory: Inventory) -> MofangError:
    first = inventory.unread[0] if inventory.unread else None
    return MofangError(
        _("source {id} holds no file that can be read").format(id=inventory.source.id)
        + (f" ({first.path}: {first.reason})" if first else ""),
        where=str(inventory.root),
        remedy=first.remedy if first else _("put in .txt, .md, .html, .jsonl or .parquet files"),
    )


def _all_withdrawn(loaded: Loaded) -> MofangError:
    return MofangError(
        _("every source of this project has been withdrawn"),
        where=str(loaded.folder),
        remedy=_("declare a source under another id"),
    )


def _assessment(loaded: Loaded, ws: Workspace, record: bool, rehash: bool) -> Assessment | None:
    project = loaded.project
    if project.assurance is None:
        return None
    config = project.assurance
    pack, *also = _packs(loaded, config)
    sealed = any(is_sealed_bank(name) for name in config.banks)
    banks = stored_banks(ws, config.banks, pack, loaded.folder, also=also, record=record, rehash=rehash)
    identities = _identities(loaded, ws if record else None, config)
    brought = Brought(_classifier(loaded, ws, config), _brought(loaded, config.replies), sealed)
    prepared = prepare(ws, config, pack, banks, also=also, brought=brought, record=record)
    folder = loaded.folder / project.dossier.narrative
    if record:
        create_starters(folder, {block["id"]: block["title"] for block in pack.dossier["blocks"]})
    return Assessment(
        pack,
        prepared,
        identities,
        narrative_digests(folder),
        _to_ask(banks, prepared),
        held_against(ws, loaded, identities[config.model]),
        sealed,
    )


def _packs(loaded: Loaded, config: AssuranceConfig) -> list[Pack]:
    """The standard and the further ones. Raises MofangError where two names lead to one pack."""
    packs: dict[str, Pack] = {}
    for name in (config.standard, *config.also):
        pack = load_standard(name, loaded.folder)
        if pack.id in packs:
            raise MofangError(
                _("the pack {id} is named twice, the second time as {name}").format(id=pack.id, name=name),
                where=f"{loaded.folder / FILE}: assurance.also",
                remedy=_("name each standard once, under standard or under also"),
            )
        packs[pack.id] = pack
    return list(packs.values())


def _identities(loaded: Loaded, ws: Workspace | None, config: AssuranceConfig) -> dict[str, Identity]:
    """Who is asked: the service, the model alone, the judge."""
    project = loaded.project
    found = {}
    for name in dict.fromkeys((config.model, config.alone, config.judges.model)):
        if name is not None:
            check_location(project.models[name], name, allowed=project.allow_foreign)
            found[name] = identity_of(ws, project.models[name], config)
    return found


def _classifier(loaded: Loaded, ws: Workspace, config: AssuranceConfig) -> Path | None:
    """The project's classifier; one that was not seen before is looked into, before anybody is asked."""
    file = _brought(loaded, config.judges.classifier)
    if file is not None and file.is_file() and not ws.objects.has(sha256_file(file)):
        from mofang.assurance.judges.classifier import load_classifier

        load_classifier(file)
    return file


def _brought(loaded: Loaded, file: str | None) -> Path | None:
    return None if file is None else loaded.folder / file


def _to_ask(banks: Sequence[Bank], prepared: Prepared) -> int:
    plan = prepared.commitment.plan
    return sum(min(int(plan[kind]), sum(bank.count(kind) for bank in banks)) for kind in KINDS)


KINDS = ("content", "should_refuse", "should_not_refuse")
