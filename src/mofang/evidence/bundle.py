"""Bundle 证据包: a dossier with its evidence in one zip, for somebody who has no access to the workspace.

Inside it is a workspace: manifest.json, format, chain, head, keys/, refs/ and objects/. Every statement goes
along; of the artifacts, what the dossier rests on. Corpora (Parquet) and caches stay behind; leaf segments
named in ``withhold``, sealed ones, and those that were brought from outside (question banks), go along as the
hashes of their leaves."""

from __future__ import annotations

import json
import re
import struct
import tempfile
import weakref
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from shutil import rmtree
from typing import IO, Any

from mofang.errors import MofangError
from mofang.evidence import files
from mofang.evidence.bundled import BundledWorkspace, Manifest
from mofang.evidence.digest import Digest, canonical
from mofang.evidence.entries import Entry
from mofang.evidence.errors import ObjectMissing
from mofang.evidence.leaves import LEAVES, WITHHELD, redact_leaves
from mofang.evidence.objects import ObjectStore
from mofang.evidence.pedigree import Pedigree, reach
from mofang.evidence.quotes import fragments, quoting
from mofang.evidence.workspace import Workspace
from mofang.i18n import _

LEFT_BEHIND = ("application/vnd.apache.parquet",)
EPOCH = (1980, 1, 1, 0, 0, 0)

MOST_MEMBERS = 200_000
MOST_BYTES = 4 << 30
MOST_RATIO = 250  # beyond it, and beyond a megabyte, a member is taken for a zip bomb

_MEMBER = re.compile(
    r"manifest\.json|format|chain|head|keys/[0-9a-f]{16}\.pub|objects/sha256/[0-9a-f]{2}/[0-9a-f]{62}"
    r"|refs/[^/\\\0.][^/\\\0]{0,200}/[^/\\\0.][^/\\\0]{0,200}"
)
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that was written: artifacts and statements in it, segments whose texts are withheld, and
    artifacts of the dossier's lineage that were left behind."""

    path: Path
    dossier: Digest
    objects: int
    withheld: tuple[Digest, ...]
    left_behind: tuple[Digest, ...]


def write_bundle(ws: Workspace, dossier: Digest, out: Path, *, withhold: Iterable[str] = ()) -> Bundle:
    """Write the bundle of the dossier with this manifest digest to ``out``; equal evidence gives equal bytes.

    ``withhold`` names artifacts by digest, by output name ("answers") or as "node:output". Of a leaf segment
    the texts are withheld and the Merkle root kept, and documents that quote them are left behind; so is any
    other artifact of that name. Raises ObjectMissing where there is no such dossier, StorageError where the
    file cannot be written."""
    if not ws.objects.has(dossier):
        raise ObjectMissing(
            _("the workspace holds no dossier {digest}").format(digest=dossier),
            where=str(dossier),
            remedy=_("make one with: mofang run"),
        )
    pedigree = Pedigree(ws)
    taken, veiled, left = _choose(pedigree, dossier, set(withhold))
    chain, head, statements = _chain(ws)
    with tempfile.TemporaryDirectory(prefix="mofang-bundle-") as folder:
        copies = ObjectStore(Path(folder) / "objects")
        withheld = {digest: _veil(ws.objects, copies, digest) for digest in sorted(veiled)}
        places = {digest: ws.objects.path(digest) for digest in {*taken, *statements}}
        places |= {digest: copies.path(digest) for digest in withheld.values()}
        manifest = Manifest(dossier, tuple(places), withheld, _created_by())
        members: dict[str, bytes | Path] = {
            "manifest.json": canonical(manifest.wire()),
            "format": (ws.path / "format").read_bytes(),
            "chain": chain,
            "head": head,
            **{f"keys/{keyid}.pub": ws.keys.folder / f"{keyid}.pub" for keyid in ws.keys.ids()},
            **{
                f"refs/{ref.kind}/{ref.name}": _ref(ref.digest, ref.n)
                for ref in ws.refs.list()
                if ref.digest == dossier
            },
            **{f"objects/sha256/{digest.hex[:2]}/{digest.hex[2:]}": path for digest, path in places.items()},
        }
        _zip(members, out)
    return Bundle(out, dossier, len(places), tuple(withheld), tuple(sorted(left)))


def open_bundle(path: Path) -> BundledWorkspace:
    """The bundle at ``path`` as a read-only workspace in a temporary folder, which goes when the workspace
    does. Raises MofangError for anything that is no sound bundle, before more than MOST_BYTES are
    unpacked."""
    folder = Path(tempfile.mkdtemp(prefix="mofang-bundle-"))
    try:
        with files.reported(path):
            _unpack(path, folder)
        for part in ("keys", "refs", "objects"):
            (folder / part).mkdir(exist_ok=True)
        manifest = Manifest.parse(_json(folder / "manifest.json", path), str(path))
        Workspace.open(folder)  # its format is known
        ws = BundledWorkspace(folder, manifest)
    except BaseException:
        rmtree(folder, ignore_errors=True)
        raise
    weakref.finalize(ws, rmtree, folder, ignore_errors=True)
    return ws


# What goes in


def _choose(
    pedigree: Pedigree, dossier: Digest, withhold: set[str]
) -> tuple[set[Digest], set[Digest], set[Digest]]:
    """The artifacts to take, those to veil, and those that stay behind."""
    taken: set[Digest] = set()
    veiled: set[Digest] = set()
    left: set[Digest] = set()
    texts: set[str] = set()
    for digest in reach(pedigree, [(dossier, None)]):
        here = pedigree.standing(digest).digest
        if here is None or not pedigree.objects.has(here) or digest in pedigree.facts:
            continue
        names, media_types, imported = _descriptions(pedigree, digest)
        sealed = pedigree.objects.sealed(here)
        if LEAVES in media_types and (imported or sealed or withhold & names):
            veiled.add(here)
            texts |= fragments(pedigree.objects, here) if withhold & names else set()
        elif sealed or withhold & names or _stays(pedigree, digest, here, media_types):
            left.add(here)
        else:
            taken.add(here)
    documents = {each for each in taken if not _segment(pedigree, each)} - {dossier}
    left |= quoting(pedigree.objects, documents, texts)
    return taken - veiled - left, veiled, left - veiled


def _descriptions(pedigree: Pedigree, digest: Digest) -> tuple[set[str], set[str], bool]:
    """The names and media types under which statements know an artifact, and whether it was brought here
    rather than made by a job (a job may pass on what was brought)."""
    names, media_types, declared, made = {str(digest)}, set(), False, False
    for version_ in pedigree.versions(digest):
        names.add(str(version_))
        for fact in pedigree.producers(version_):
            made = made or fact.made_by_job
            declared = declared or not fact.made_by_job
            for subject in fact.statement.subjects:
                if subject.digest == version_:
                    media_types.add(subject.media_type)
                    names |= {subject.name, f"{fact.node.partition('[')[0]}:{subject.name}"}
    return names, media_types, declared or not made


def _stays(pedigree: Pedigree, digest: Digest, here: Digest, media_types: set[str]) -> bool:
    """Whether an artifact stays behind whoever asks: corpora, and caches, which are no evidence."""
    if media_types & set(LEFT_BEHIND) or any(fact.mode == "cache" for fact in pedigree.producers(digest)):
        return True
    with pedigree.objects.open(here) as file:
        return file.read(4) == b"PAR1"


def _segment(pedigree: Pedigree, digest: Digest) -> bool:
    subject = pedigree.subject(digest)
    return subject is not None and subject.root is not None


def _veil(objects: ObjectStore, copies: ObjectStore, digest: Digest) -> Digest:
    """A copy in ``copies`` of which every leaf holds its hash only: what else stood there nobody could
    check."""
    with objects.open(digest) as file:
        copies.put(file.read())
    with objects.open(digest) as file:
        count = sum(1 for _line in file)
    return redact_leaves(copies, digest, dict.fromkeys(range(count), "withheld"), mark=WITHHELD).digest


def _chain(ws: Workspace) -> tuple[bytes, bytes, list[Digest]]:
    """Chain and head as they stand at one moment, and the statements they name. Raises ChainBroken."""
    lines, last, statements = [], b"", []
    for entry in ws.chain.entries():
        lines.append(entry.line() + b"\n")
        last = _head(entry)
        statements.append(entry.statement)
    return b"".join(lines), last, statements


def _head(entry: Entry) -> bytes:
    return canonical({"n": entry.n, "digest": entry.digest}) + b"\n"


def _ref(digest: Digest | None, n: int) -> bytes:
    return canonical({"digest": digest, "n": n}) + b"\n"


def _created_by() -> str:
    try:
        return "mofang " + version("mofang")
    except PackageNotFoundError:
        return "mofang"


def _zip(members: dict[str, bytes | Path], out: Path) -> None:
    with files.AtomicFile(out) as target, files.reported(out), zipfile.ZipFile(target.file, "w") as archive:
        for name, content in sorted(members.items(), key=lambda member: member[0]):
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type, info.create_system, info.external_attr = (
                zipfile.ZIP_DEFLATED,
                3,
                0o100644 << 16,
            )
            large = isinstance(content, Path) and content.stat().st_size >= 1 << 31
            with archive.open(info, "w", force_zip64=large) as member:
                for piece in _pieces(content):
                    member.write(piece)


def _pieces(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with files.reported(content), open(content, "rb") as file:
        while piece := file.read(_PIECE):
            yield piece


# What comes out


def _unpack(path: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            _check_members(infos, path)
            for info in infos:
                target = folder / info.filename
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(info) as source, open(target, "xb") as file:
                    _copy(source, file, info.file_size, path)
    except (zipfile.BadZipFile, EOFError, ValueError, RuntimeError, struct.error, zlib.error) as error:
        raise _unsound(
            path, _("it is cut short, damaged or no zip ({reason})").format(reason=error)
        ) from error


def _check_members(infos: list[zipfile.ZipInfo], path: Path) -> None:
    if len(infos) > MOST_MEMBERS:
        raise _unsound(
            path, _("it has {n} members; at most {most} are read").format(n=len(infos), most=MOST_MEMBERS)
        )
    for info in infos:
        if not _MEMBER.fullmatch(info.filename) or info.compress_type not in (
            zipfile.ZIP_STORED,
            zipfile.ZIP_DEFLATED,
        ):
            raise _unsound(path, _("a bundle has no member {name}").format(name=repr(info.filename)[:120]))
        if info.file_size > 1 << 20 and info.file_size > MOST_RATIO * max(info.compress_size, 1):
            raise _unsound(path, _("{name} is packed too tightly to be true").format(name=info.filename))
    names = Counter(info.filename for info in infos)
    for name, times in names.items():
        if times > 1:
            raise _unsound(path, _("{name} is in it twice").format(name=name))
    if sum(info.file_size for info in infos) > MOST_BYTES:
        raise _unsound(path, _("it unpacks to more than {most} bytes").format(most=MOST_BYTES))
    for needed in ("manifest.json", "format", "chain", "head"):
        if needed not in names:
            raise _unsound(path, _("{name} is missing from it").format(name=needed))


def _copy(source: IO[bytes], file: IO[bytes], size: int, path: Path) -> None:
    written = 0
    while piece := source.read(_PIECE):
        written += len(piece)
        if written > size:
            raise _unsound(path, _("a member is larger than it says"))
        file.write(piece)
    if written != size:
        raise _unsound(path, _("a member is shorter than it says"))


def _json(file: Path, path: Path) -> Any:
    try:
        return json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise _unsound(path, _("its manifest is no JSON ({reason})").format(reason=error)) from error


def _unsound(path: Path, reason: str) -> MofangError:
    return MofangError(
        _("this is no sound bundle: {reason}").format(reason=reason),
        where=str(path),
        remedy=_("ask for it again; a bundle is written by: mofang bundle"),
    )
