"""Documents in the project's folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from mofang.assurance.dossier.publish import MEMORY, export
from mofang.errors import MofangError
from mofang.evidence.digest import Digest
from mofang.evidence.objects import ObjectStore

NAMES = ["evidence.html", "gaps.xlsx", "manifest.json", "report.docx", "report.html"]


@pytest.fixture
def objects(tmp_path: Path) -> ObjectStore:
    return ObjectStore(tmp_path / "objects")


def _outputs(objects: ObjectStore, edition: str) -> dict[str, Digest]:
    return {
        name: objects.put(f"{name} {edition}".encode())
        for name in ("html", "evidence_html", "docx", "gaps", "manifest")
    }


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_documents_land_under_their_names(objects: ObjectStore, tmp_path: Path) -> None:
    folder = tmp_path / "dossier"
    done = export(objects, _outputs(objects, "1"), folder)
    assert _names(folder) == [MEMORY, *NAMES]
    assert sorted(path.name for path in done.written) == NAMES
    assert done.messages == ()
    assert (folder / "report.docx").read_text() == "docx 1"


def test_untouched_documents_are_replaced(objects: ObjectStore, tmp_path: Path) -> None:
    export(objects, _outputs(objects, "1"), tmp_path)
    assert export(objects, _outputs(objects, "2"), tmp_path).messages == ()
    assert (tmp_path / "report.docx").read_text() == "docx 2"


def test_an_edited_document_is_kept_and_the_new_one_stands_beside(
    objects: ObjectStore, tmp_path: Path
) -> None:
    export(objects, _outputs(objects, "1"), tmp_path)
    (tmp_path / "report.docx").write_text("docx 1, with our remarks")
    done = export(objects, _outputs(objects, "2"), tmp_path)
    assert (tmp_path / "report.docx").read_text() == "docx 1, with our remarks"
    assert (tmp_path / "report.new.docx").read_text() == "docx 2"
    assert len(done.messages) == 1
    assert "report.new.docx" in done.messages[0]
    assert (tmp_path / "gaps.xlsx").read_text() == "gaps 2"


def test_the_one_beside_is_replaced_unless_it_was_edited_too(objects: ObjectStore, tmp_path: Path) -> None:
    export(objects, _outputs(objects, "1"), tmp_path)
    (tmp_path / "report.docx").write_text("edited")
    export(objects, _outputs(objects, "2"), tmp_path)
    export(objects, _outputs(objects, "3"), tmp_path)
    assert (tmp_path / "report.new.docx").read_text() == "docx 3"
    (tmp_path / "report.new.docx").write_text("edited as well")
    export(objects, _outputs(objects, "4"), tmp_path)
    assert (tmp_path / "report.new.docx").read_text() == "edited as well"
    assert (tmp_path / "report.new2.docx").read_text() == "docx 4"


def test_a_document_that_we_do_not_remember_counts_as_edited(objects: ObjectStore, tmp_path: Path) -> None:
    (tmp_path / "report.docx").write_text("from somewhere")
    export(objects, _outputs(objects, "1"), tmp_path)
    assert (tmp_path / "report.docx").read_text() == "from somewhere"


@pytest.mark.parametrize("memory", ["", "{", "[1]", '{"report.docx": 3}'])
def test_a_damaged_memory_loses_nothing(memory: str, objects: ObjectStore, tmp_path: Path) -> None:
    export(objects, _outputs(objects, "1"), tmp_path)
    (tmp_path / MEMORY).write_text(memory)
    export(objects, _outputs(objects, "2"), tmp_path)
    assert (tmp_path / "report.docx").read_text() == "docx 1"
    assert (tmp_path / "report.new.docx").read_text() == "docx 2"


def test_going_back_to_an_earlier_edition_is_no_edit(objects: ObjectStore, tmp_path: Path) -> None:
    for edition in ("1", "2", "1"):
        export(objects, _outputs(objects, edition), tmp_path)
    assert _names(tmp_path / ".") == [MEMORY, *NAMES[:3], "objects", *NAMES[3:]]
    assert (tmp_path / "report.docx").read_text() == "docx 1"


def test_a_folder_that_cannot_be_made_is_named(objects: ObjectStore, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(MofangError):
        export(objects, _outputs(objects, "1"), tmp_path / "file" / "dossier")
