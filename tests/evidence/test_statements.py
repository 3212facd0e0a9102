from __future__ import annotations

import base64
import json

import pytest

from mofang.evidence.digest import canonical, sha256_bytes
from mofang.evidence.errors import DigestError, StatementError
from mofang.evidence.keys import SigningKey
from mofang.evidence.statements import PAYLOAD_TYPE, Signature, Statement, Subject, pae

A, B = sha256_bytes(b"a"), sha256_bytes(b"b")
FACT = Statement(
    "https://mofang.dev/draw/v1",
    (Subject("text", A, "text/plain"), Subject("leaves", B, "application/x", root=A)),
    {"seed": "17", "plan": [1, 2]},
)


def altered(**fields: object) -> bytes:
    """FACT's payload with other fields."""
    return canonical({**json.loads(FACT.payload()), **fields})


def test_the_encoding_is_that_of_the_dsse_specification() -> None:
    # secure-systems-lab/dsse, protocol.md, "Test vectors"
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )
    assert pae("", b"") == b"DSSEv1 0  0 "


def test_the_payload_is_an_in_toto_statement() -> None:
    assert json.loads(FACT.payload()) == {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            {"name": "text", "digest": {"sha256": A[7:]}, "mediaType": "text/plain"},
            {
                "name": "leaves",
                "digest": {"sha256": B[7:]},
                "mediaType": "application/x",
                "annotations": {"merkleRoot": A},
            },
        ],
        "predicateType": "https://mofang.dev/draw/v1",
        "predicate": {"seed": "17", "plan": [1, 2]},
    }
    assert FACT.payload() == canonical(json.loads(FACT.payload()))


def test_the_id_is_the_digest_of_the_payload() -> None:
    assert FACT.id == sha256_bytes(FACT.payload())
    assert Statement.parse(FACT.payload()) == FACT


def test_the_envelope_carries_every_signature() -> None:
    keys = [SigningKey.generate(), SigningKey.generate()]
    message = pae(PAYLOAD_TYPE, FACT.payload())
    envelope = json.loads(FACT.envelope([key.sign(message) for key in keys]))
    assert envelope["payloadType"] == "application/vnd.in-toto+json"
    assert base64.b64decode(envelope["payload"]) == FACT.payload()
    for key, wire in zip(keys, envelope["signatures"], strict=True):
        assert key.public.verify(message, Signature(**wire))


def test_a_signature_holds_for_its_bytes_and_its_key_only() -> None:
    key, other = SigningKey.generate(), SigningKey.generate()
    signature = key.sign(b"message")
    assert key.public.verify(b"message", signature)
    assert not key.public.verify(b"another", signature)
    assert not other.public.verify(b"message", signature)
    assert not key.public.verify(b"message", Signature(other.keyid, signature.sig))
    for broken in ("", "not base64!", signature.sig[:-4], signature.sig * 2):
        assert not key.public.verify(b"message", Signature(key.keyid, broken))


def test_a_predicate_holds_no_floats() -> None:
    with pytest.raises(DigestError, match=r"\$\.predicate\.rate"):
        Statement("https://mofang.dev/x/v1", (), {"rate": 0.5}).payload()


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"[]",
        b"null",
        b"{",
        b"\xff",
        b'{"_type":"https://in-toto.io/Statement/v0.1"}',
        altered(subject=[{"name": "x"}]),
        altered(subject=[{"name": "", "digest": {"sha256": A[7:]}, "mediaType": "x"}]),
        altered(subject=[{"name": "x", "digest": {"sha256": "00"}, "mediaType": "x"}]),
        altered(predicateType=""),
        altered(predicate=7),
    ],
)
def test_what_is_no_statement_is_refused(payload: bytes) -> None:
    with pytest.raises(StatementError) as caught:
        Statement.parse(payload, "sha256:here")
    assert caught.value.where == "sha256:here"


def test_nameless_parts_are_refused() -> None:
    with pytest.raises(StatementError):
        Subject("", A)
    with pytest.raises(DigestError):
        Subject("x", "sha256:00")  # type: ignore[arg-type]
    with pytest.raises(StatementError, match="a predicate type is a URI"):
        Statement("", ())
