"""Merkle trees as RFC 6962 section 2.1 defines them (RFC 9162 section 2.1 for checking), over SHA-256.

Leaves enter as their hashes, so that a tree survives the withdrawal of a leaf's content.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence


def leaf_hash(data: bytes) -> bytes:
    """MTH of one leaf: SHA-256(0x00 || data), 32 bytes."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_hash(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes, in one pass and logarithmic memory; of no leaves, SHA-256 of nothing."""
    stack: list[bytes] = []
    for place, leaf in enumerate(leaves):
        node = leaf
        while place & 1:
            node, place = node_hash(stack.pop(), node), place >> 1
        stack.append(node)
    if not stack:
        return hashlib.sha256().digest()
    root = stack.pop()
    while stack:
        root = node_hash(stack.pop(), root)
    return root


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """PATH(index, leaves): sibling hashes from the leaf upwards (RFC 6962 section 2.1.1)."""
    if not 0 <= index < len(leaves):
        raise IndexError(index)
    if len(leaves) == 1:
        return []
    half = 1 << (len(leaves) - 1).bit_length() - 1
    left, right = leaves[:half], leaves[half:]
    if index < half:
        return [*inclusion_proof(left, index), tree_hash(right)]
    return [*inclusion_proof(right, index - half), tree_hash(left)]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether ``proof`` puts the leaf hash at ``index`` of a tree of ``size`` leaves (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            node = node_hash(sibling, node)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and node == root
