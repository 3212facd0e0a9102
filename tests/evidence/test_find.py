from __future__ import annotations

import pytest
from journey import Journey

from mofang.evidence.digest import Digest, sha256_bytes
from mofang.evidence.errors import EvidenceError
from mofang.evidence.find import find, find_artifact, find_figure
from mofang.evidence.pedigree import Pedigree
from mofang.evidence.withdrawal import withdraw


def alike(journey: Journey) -> tuple[Digest, Digest]:
    """Two artifacts whose digests begin with the same four digits."""
    seen: dict[str, Digest] = {}
    n = 0
    while True:
        data = b"attempt %d" % n
        digest = sha256_bytes(data)
        if digest.hex[:4] in seen:
            journey.ws.objects.put(data)
            journey.ws.objects.put(b"attempt %d" % int(seen[digest.hex[:4] + "n"]))
            return seen[digest.hex[:4]], digest
        seen[digest.hex[:4]] = digest
        seen[digest.hex[:4] + "n"] = n  # type: ignore[assignment]
        n += 1


@pytest.mark.parametrize("form", ["{0}", "sha256:{1}", "{1}", "{2}", "sha256:{2}", "  {0} ", "SHA256:{1}"])
def test_digests_and_their_beginnings(journey: Journey, form: str) -> None:
    html = journey.made["html"]
    assert find(journey.ws, form.format(html, html.hex[:16], html.hex)) == html


def test_names_and_leaves(journey: Journey) -> None:
    ws, answers = journey.ws, journey.made["answers"]
    assert find(ws, "dossiers/latest") == journey.made["manifest"]
    assert find_artifact(ws, Pedigree(ws), f"{answers}#17") == (answers, 17)
    assert find_artifact(ws, Pedigree(ws), f"{answers.hex[:12]}#0") == (answers, 0)
    assert find_artifact(ws, Pedigree(ws), "dossiers/latest#3") == (journey.made["manifest"], 3)
    assert find(ws, f"{answers}#17") == answers


def test_statements_are_found(journey: Journey) -> None:
    id = journey.statements["assurance.judge"]
    assert find(journey.ws, id.short) == id


def test_several_beginnings_are_listed(journey: Journey) -> None:
    one, other = alike(journey)
    with pytest.raises(EvidenceError) as caught:
        find(journey.ws, one.hex[:4])
    assert caught.value.message == f"2 things begin with sha256:{one.hex[:4]}"
    assert one in (caught.value.remedy or "")
    assert other in (caught.value.remedy or "")
    assert find(journey.ws, one.hex[:20]) == one


@pytest.mark.parametrize(
    "ref",
    ["sha256:0000", "abcd1234abcd", "sha256:12", "fig:12", "fig:xyz!", "fig:00000000", "", "#", "/", "a/b/c"],
)
def test_what_does_not_exist_is_refused_with_a_way_out(journey: Journey, ref: str) -> None:
    with pytest.raises(EvidenceError) as caught:
        find(journey.ws, ref)
    assert caught.value.remedy


def test_misspelt_name_gets_the_nearest(journey: Journey) -> None:
    with pytest.raises(EvidenceError) as caught:
        find(journey.ws, "dosiers/latest")
    assert caught.value.remedy == "known: dossiers/latest"


def test_figures_by_beginning(journey: Journey) -> None:
    figure = journey.figures[2]
    found = find_figure(Pedigree(journey.ws), f"fig:{figure.id.hex[:10]}")
    assert found == (figure, f"{journey.made['figures']}#2")
    assert find_figure(Pedigree(journey.ws), f"fig:{figure.id}").figure == figure
    assert find(journey.ws, f"fig:{figure.id.hex}") == journey.made["figures"]


def test_withdrawn_things_are_found(journey: Journey) -> None:
    text = journey.made["text"]
    withdraw(journey.ws, artifacts=[text], reason="x", request={"kind": "source"})
    assert find(journey.ws, text.hex[:12]) == text
