from __future__ import annotations

import gc
import io
import json
import struct
import warnings
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from journey import SECRET, Journey, travel

from mofang.errors import MofangError
from mofang.evidence import bundle
from mofang.evidence.bundle import open_bundle, write_bundle
from mofang.evidence.digest import Digest, canonical, sha256_bytes
from mofang.evidence.errors import ObjectMissing, StorageError, WorkspaceError
from mofang.evidence.leaves import leaf_hashes, read_leaves, write_leaves
from mofang.evidence.verify import verify
from mofang.evidence.withdrawal import resolve, withdraw

WITHHOLD = ("questions", "answers")


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def packed(path: Path, content: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


@pytest.fixture
def good(journey: Journey, tmp_path: Path) -> Path:
    return write_bundle(journey.ws, journey.made["manifest"], tmp_path / "good.zip", withhold=WITHHOLD).path


def test_bundle_holds_without_the_workspace(journey: Journey, tmp_path: Path) -> None:
    made = write_bundle(journey.ws, journey.made["manifest"], tmp_path / "all.zip")
    ws = open_bundle(made.path)
    report = verify(ws)
    assert report.problems == ()
    # the corpus stays behind; the bank's texts too
    assert {
        "objects": made.objects,
        "statements": 10,
        "refs": 1,
        "not_in_bundle": 2,
        "withheld": 1,
        "leaves": 126,
    }.items() <= report.counts.items()
    assert (report.counts["figures"], report.counts["figures_recomputed"]) == (6, 6)
    assert set(made.left_behind) == {journey.made["text"], journey.made["keys"]}
    assert made.withheld == (journey.made["bank"],)
    assert ws.refs.get("dossiers", "latest") == journey.made["manifest"] == ws.manifest.dossier
    assert ws.objects.get(journey.made["html"]) == journey.ws.objects.get(journey.made["html"])
    assert ws.objects.has(sha256_bytes(b"%PDF contract"))


def test_withheld_texts_are_not_in_it_and_roots_hold(journey: Journey, good: Path) -> None:
    assert [name for name, data in members(good).items() if SECRET.encode() in data] == []
    ws = open_bundle(good)
    report = verify(ws)
    assert report.problems == ()
    assert report.counts["withheld"] == 3
    assert report.counts["leaves"] == 126
    # n and passed need verdicts only and come out again; the count of readable questions does not
    assert (
        report.counts["figures_recomputed"],
        report.counts["figures_in_part"],
        report.counts["figures_not_recomputed"],
    ) == (0, 4, 2)
    copy = ws.manifest.withheld[journey.made["answers"]]
    assert list(leaf_hashes(ws.objects, copy)) == list(
        leaf_hashes(journey.ws.objects, journey.made["answers"])
    )
    assert [set(leaf["$withheld"]) for leaf in read_leaves(ws.objects, copy)] == [{"hash", "reason"}] * 30


def test_a_document_named_to_be_withheld_stays_behind(journey: Journey, tmp_path: Path) -> None:
    made = write_bundle(
        journey.ws,
        journey.made["manifest"],
        tmp_path / "b.zip",
        withhold=["assurance.dossier:html", "absent"],
    )
    assert journey.made["html"] in made.left_behind
    report = verify(open_bundle(made.path))
    assert report.problems == ()
    assert report.counts["not_in_bundle"] == 3


def test_a_page_that_quotes_withheld_answers_stays_behind(journey: Journey, tmp_path: Path) -> None:
    ws = journey.ws
    with ws.lock("run"):
        page = ws.objects.put(f"<p>1 answer 7: {SECRET}</p>".encode())
        manifest = ws.objects.put_json({"page": page})
        outputs = {"page": (page, "text/html", None), "manifest": (manifest, "application/json", None)}
        journey.job("assurance.pages", outputs, {"answers": journey.made["answers"]})
    made = write_bundle(ws, manifest, tmp_path / "b.zip", withhold=["answers"])
    assert page in made.left_behind
    assert [name for name, data in members(made.path).items() if SECRET.encode() in data] == [
        f"objects/sha256/{journey.made['questions'].hex[:2]}/{journey.made['questions'].hex[2:]}"
    ]
    assert verify(open_bundle(made.path)).problems == ()
    assert page not in write_bundle(ws, manifest, tmp_path / "c.zip").left_behind


def test_equal_evidence_gives_equal_bytes(journey: Journey, good: Path, tmp_path: Path) -> None:
    again = write_bundle(
        journey.ws, journey.made["manifest"], tmp_path / "again.zip", withhold=reversed(WITHHOLD)
    )
    assert again.path.read_bytes() == good.read_bytes()
    with zipfile.ZipFile(good) as archive:
        infos = archive.infolist()
    assert [info.filename for info in infos] == sorted(info.filename for info in infos)
    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}


def test_only_the_dossier_in_question_goes_along(journey: Journey, tmp_path: Path) -> None:
    newer = travel(journey.ws, "2")
    made = write_bundle(journey.ws, newer.made["manifest"], tmp_path / "b.zip")
    names = set(members(made.path))
    assert f"objects/sha256/{journey.made['html'].hex[:2]}/{journey.made['html'].hex[2:]}" not in names
    report = verify(open_bundle(made.path))
    assert report.problems == ()
    # the attachment was declared twice in the same words: one statement, two entries
    assert (report.counts["figures"], report.counts["statements"]) == (6, 18)


def test_withdrawn_parts_stay_withdrawn_in_a_bundle(journey: Journey, tmp_path: Path) -> None:
    old = journey.made["answers"]
    withdraw(
        journey.ws,
        artifacts=[journey.made["html"]],
        leaves={old: [3]},
        reason="x",
        request={"kind": "record"},
    )
    ws = open_bundle(
        write_bundle(journey.ws, journey.made["manifest"], tmp_path / "b.zip", withhold=["questions"]).path
    )
    assert verify(ws).problems == ()
    assert resolve(ws, journey.made["html"]) is None
    assert "$withdrawn" in list(read_leaves(ws.objects, resolve(ws, old) or old))[3]
    held = open_bundle(
        write_bundle(journey.ws, journey.made["manifest"], tmp_path / "c.zip", withhold=["answers"]).path
    )
    assert verify(held).problems == ()


def test_unpacked_bundle_is_read_only_and_goes_with_its_workspace(good: Path) -> None:
    ws = open_bundle(good)
    folder = ws.path
    with pytest.raises(WorkspaceError), ws.lock("test"):
        pass
    del ws
    gc.collect()
    assert not folder.exists()


def test_dossier_that_is_not_here(journey: Journey, tmp_path: Path) -> None:
    with pytest.raises(ObjectMissing):
        write_bundle(journey.ws, sha256_bytes(b"no dossier"), tmp_path / "b.zip")
    with pytest.raises(StorageError):
        write_bundle(journey.ws, journey.made["manifest"], tmp_path / "no" / "folder" / "b.zip")
    assert not (tmp_path / "b.zip").exists()


def changed_object(content: dict[str, bytes]) -> str:
    name = max((name for name in content if name.startswith("objects/")), key=lambda name: len(content[name]))
    content[name] = content[name][:-2] + b" \n"
    return name


def test_changed_bytes_are_named(good: Path, tmp_path: Path) -> None:
    content = members(good)
    name = changed_object(content)
    problems = verify(open_bundle(packed(tmp_path / "bad.zip", content))).problems
    assert "sha256:" + name.removeprefix("objects/sha256/").replace("/", "") in {
        problem.where for problem in problems
    }


def test_left_out_object_is_named(good: Path, tmp_path: Path) -> None:
    content = members(good)
    name = next(name for name in content if name.startswith("objects/"))
    del content[name]
    assert not verify(open_bundle(packed(tmp_path / "bad.zip", content))).holds


def test_copy_with_other_leaves_is_named(journey: Journey, good: Path, tmp_path: Path) -> None:
    content = members(good)
    store = journey.ws.objects
    forged = write_leaves(store, [{"question": "q0", "text": "kind words"}]).digest
    manifest = json.loads(content["manifest.json"])
    manifest["withheld"][journey.made["answers"]] = forged
    manifest["objects"].append(forged)
    content["manifest.json"] = canonical(manifest)
    content[f"objects/sha256/{forged.hex[:2]}/{forged.hex[2:]}"] = store.get(forged)
    [problem] = verify(open_bundle(packed(tmp_path / "bad.zip", content))).problems
    assert problem.what.startswith("the leaves of answers give the Merkle root")


def test_copy_that_shows_unproven_parts_is_named(journey: Journey, good: Path, tmp_path: Path) -> None:
    content = members(good)
    copy = open_bundle(good).manifest.withheld[journey.made["answers"]]
    name = f"objects/sha256/{copy.hex[:2]}/{copy.hex[2:]}"
    forged = content.pop(name).replace(b'"reason":', b'"kept":{"text":"kind words"},"reason":')
    digest = sha256_bytes(forged)
    content[f"objects/sha256/{digest.hex[:2]}/{digest.hex[2:]}"] = forged
    content["manifest.json"] = content["manifest.json"].replace(copy.encode(), digest.encode())
    problems = verify(open_bundle(packed(tmp_path / "bad.zip", content))).problems
    assert [problem.what for problem in problems] == [
        "the bundle shows parts of withheld leaves, which nothing proves"
    ]


def test_copy_of_what_has_no_root_is_named(journey: Journey, good: Path, tmp_path: Path) -> None:
    content = members(good)
    html = journey.made["html"]
    other = b"<html>another dossier"
    digest = sha256_bytes(other)
    del content[f"objects/sha256/{html.hex[:2]}/{html.hex[2:]}"]
    content[f"objects/sha256/{digest.hex[:2]}/{digest.hex[2:]}"] = other
    manifest = json.loads(content["manifest.json"])
    manifest["withheld"][html] = digest
    manifest["objects"].remove(html)
    content["manifest.json"] = canonical(manifest)
    problems = verify(open_bundle(packed(tmp_path / "bad.zip", content))).problems
    assert [(problem.what, problem.where) for problem in problems] == [
        ("the bundle withholds texts of an artifact that has no Merkle root", html)
    ]


def test_a_manifest_in_a_real_workspace_excuses_nothing(journey: Journey, good: Path) -> None:
    ws = journey.ws
    (ws.path / "manifest.json").write_bytes(members(good)["manifest.json"])
    ws.objects.remove(journey.made["html"])
    assert [problem.where for problem in verify(ws).problems] == [journey.made["html"]]


# What is no bundle


def drop(name: str) -> Callable[[dict[str, bytes]], object]:
    return lambda content: content.pop(name)


def put(name: str, data: bytes = b"x") -> Callable[[dict[str, bytes]], object]:
    return lambda content: content.update({name: data})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (put("../outside"), "a bundle has no member '../outside'"),
        (put("/etc/passwd"), "a bundle has no member '/etc/passwd'"),
        (put("objects/sha256/../../../outside"), "a bundle has no member 'objects/sha256/../../../outside'"),
        (put("refs/../x"), "a bundle has no member 'refs/../x'"),
        (put("refs/a/..\\b"), "a bundle has no member"),
        (put("keys/"), "a bundle has no member 'keys/'"),
        (put("readme.txt"), "a bundle has no member 'readme.txt'"),
        (put("ledger.sqlite"), "a bundle has no member 'ledger.sqlite'"),
        (drop("manifest.json"), "manifest.json is missing from it"),
        (drop("chain"), "chain is missing from it"),
        (put("manifest.json", b"{"), "its manifest is no JSON"),
        (put("objects/sha256/00/" + "0" * 62, bytes(4 << 20)), "is packed too tightly to be true"),
    ],
)
def test_unsound_members_are_refused(
    good: Path, tmp_path: Path, change: Callable[[dict[str, bytes]], object], message: str
) -> None:
    content = members(good)
    change(content)
    with pytest.raises(MofangError) as caught:
        open_bundle(packed(tmp_path / "bad.zip", content))
    assert message in caught.value.message
    assert caught.value.where == str(tmp_path / "bad.zip")
    assert not (tmp_path.parent / "outside").exists()


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ({"format": 2}, "the bundle has format 2; this program knows format 1"),
        ({"format": 1}, "the bundle's manifest cannot be read"),
        ([], "the bundle's manifest cannot be read"),
        (
            {"format": 1, "dossier": "x", "objects": [], "withheld": {}, "created_by": ""},
            "the bundle's manifest cannot be read",
        ),
    ],
)
def test_unreadable_manifest_is_refused(good: Path, tmp_path: Path, manifest: object, message: str) -> None:
    content = members(good) | {"manifest.json": canonical(manifest)}
    with pytest.raises(WorkspaceError, match=message):
        open_bundle(packed(tmp_path / "bad.zip", content))


def test_another_format_of_workspace_is_refused(good: Path, tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="format 7"):
        open_bundle(packed(tmp_path / "bad.zip", members(good) | {"format": b"7\n"}))


def test_doubled_member_is_refused(good: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.zip"
    bad.write_bytes(good.read_bytes())
    with warnings.catch_warnings(), zipfile.ZipFile(bad, "a") as archive:
        warnings.simplefilter("ignore")
        archive.writestr("chain", b"another chain")
    with pytest.raises(MofangError, match="chain is in it twice"):
        open_bundle(bad)


def test_too_many_and_too_large_are_refused(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "MOST_MEMBERS", 5)
    with pytest.raises(MofangError, match="at most 5 are read"):
        open_bundle(good)
    monkeypatch.setattr(bundle, "MOST_MEMBERS", 500)
    monkeypatch.setattr(bundle, "MOST_BYTES", 5000)
    with pytest.raises(MofangError, match="more than 5000 bytes"):
        open_bundle(good)


def test_size_that_lies_is_refused(good: Path, tmp_path: Path) -> None:
    """The directory says 10 bytes, the member holds more: no more is unpacked than was promised."""
    data = bytearray(good.read_bytes())
    with zipfile.ZipFile(good) as archive:
        info = archive.getinfo("chain")
    at = data.rindex(b"chain") - 46
    assert data[at : at + 4] == b"PK\x01\x02"
    struct.pack_into("<L", data, at + 24, 10)
    (tmp_path / "bad.zip").write_bytes(data)
    assert info.file_size > 10
    with pytest.raises(MofangError, match="no sound bundle"):
        open_bundle(tmp_path / "bad.zip")


def test_encrypted_member_is_refused(good: Path, tmp_path: Path) -> None:
    data = bytearray(good.read_bytes())
    at = data.rindex(b"chain") - 46
    struct.pack_into("<H", data, at + 8, 1)
    (tmp_path / "bad.zip").write_bytes(data)
    with pytest.raises(MofangError, match="no sound bundle"):
        open_bundle(tmp_path / "bad.zip")


def test_cut_short_bundles_are_refused(good: Path, tmp_path: Path) -> None:
    data = good.read_bytes()
    for length in range(0, len(data), len(data) // 25):
        (tmp_path / "cut.zip").write_bytes(data[:length])
        with pytest.raises(MofangError) as caught:
            open_bundle(tmp_path / "cut.zip")
        assert caught.value.remedy


def test_flipped_bytes_of_a_bundle_are_refused_or_named(good: Path, tmp_path: Path) -> None:
    data = good.read_bytes()
    for place in range(0, len(data), len(data) // 60):
        (tmp_path / "bad.zip").write_bytes(data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :])
        try:
            ws = open_bundle(tmp_path / "bad.zip")
        except MofangError:
            continue
        report = verify(ws)
        same = members(tmp_path / "bad.zip") == members(good)
        assert report.holds == same, place


def test_what_is_no_zip_is_refused(tmp_path: Path) -> None:
    for data in (b"", b"PK", b"hello", b"%PDF-1.7", bytes(1000)):
        (tmp_path / "bad.zip").write_bytes(data)
        with pytest.raises(MofangError, match="no sound bundle"):
            open_bundle(tmp_path / "bad.zip")
    with pytest.raises(StorageError, match="no such file"):
        open_bundle(tmp_path / "absent.zip")
    with pytest.raises(StorageError):
        open_bundle(tmp_path)
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    (tmp_path / "bad.zip").write_bytes(plain.getvalue())
    with pytest.raises(MofangError, match="a bundle has no member 'word/document"):
        open_bundle(tmp_path / "bad.zip")


def test_failed_opening_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    (tmp_path / "bad.zip").write_bytes(b"no")
    with pytest.raises(MofangError):
        open_bundle(tmp_path / "bad.zip")
    assert list((tmp_path / "tmp").iterdir()) == []


def test_manifest_names_what_is_inside(journey: Journey, good: Path) -> None:
    content = members(good)
    manifest = json.loads(content["manifest.json"])
    inside = {Digest("sha256:" + name[15:17] + name[18:]) for name in content if name.startswith("objects/")}
    assert set(manifest["objects"]) == inside
    assert set(manifest) == {"format", "dossier", "objects", "withheld", "created_by"}
    assert (manifest["format"], manifest["dossier"]) == (1, journey.made["manifest"])
