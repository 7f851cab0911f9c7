#!/usr/bin/env python3
"""Checks what `tinywindow journal prove` wrote about an order, without TinyWindow and its journal.

    check_proof.py PROOF KEY...

KEY: a raw public key that must have signed, as `tinywindow public` writes it; of several, all must.
Exit code 0: proved. 1: not proved. 2: a file that cannot be read, or wrong usage.
Needs PyCA's cryptography (for ML-DSA 48 or newer). docs/JOURNAL.md describes every byte.
"""
import base64
import hashlib
import struct
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FIRST_LINE = "c2sp.org/tlog-proof@v1\n"
ED25519, ML_DSA_44 = 2, 3   # suites, in the fifth byte of our keys
CHAIN, HEADER = 32, 20      # of a leaf: the chain before the record, its header without checksum
EVENTS = {7: "decided", 8: "executed", 9: "not delivered", 12: "cancelled"}




class Unproved(Exception):
    pass


class Unusable(Exception):
    pass


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def decode(text):
    return base64.b64decode(text, validate=True)


def root_of(leaf, index, size, path):
    """The root of a tree with this leaf: RFC 9162, section 2.1.3.2."""
    if index >= size:
        raise Unproved("the record is not in the tree")
    fn, sn, node = index, size - 1, sha256(b"\0", leaf)
    for sibling in path:
        if sn == 0:
            raise Unproved("the path is too long")
        if fn & 1 or fn == sn:
            node = sha256(b"\1", sibling, node)
            while fn and not fn & 1:
                fn, sn = fn >> 1, sn >> 1
        else:
            node = sha256(b"\1", node, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn:
        raise Unproved("the path is too short")
    return node


def is_signed(key, note):
    """Whether the key signed the note: C2SP's signed-note and tlog-cosignature."""
    text, _, lines = note.rpartition("\n\n")
    origin, size, root = text.split("\n")
    suite, material, name = key[4], key[8:], origin.encode()
    kind = {ED25519: b"\x01", ML_DSA_44: b"\x06"}[suite]
    key_id = sha256(name, b"\n", kind, material)[:4]
    ours = [decode(line.split(" ")[2]) for line in lines.splitlines()
            if line.startswith(f"\u2014 {origin} ")]
    signatures = [signature[4:] for signature in ours if signature[:4] == key_id]
    for signature in signatures:
        try:
            if suite == ED25519:
                message = f"{text}\n".encode()
                Ed25519PublicKey.from_public_bytes(material).verify(signature, message)
            else:
                from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
                name = bytes([len(name)]) + name
                message = (b"subtree/v1\n\0" + name + signature[:8] + name
                           + struct.pack(">QQ", 0, int(size)) + decode(root))
                MLDSA44PublicKey.from_public_bytes(material).verify(signature[8:], message)
        except InvalidSignature:
            return False
    return bool(signatures)


def check(proof, keys):
    """The record that the proof is about, and the journal's name."""
    head, _, note = proof.partition("\n\n")
    extra, index, *path = head.split("\n")
    if not (keys and all(is_signed(key, note) for key in keys)):
        raise Unproved("the keys did not sign its checkpoint")
    origin, size, root = note.split("\n")[:3]
    leaf, index = decode(extra.removeprefix("extra ")), int(index.removeprefix("index "))
    if root_of(leaf, index, int(size), [decode(line) for line in path]) != decode(root):
        raise Unproved("the record is not what was signed")
    length, sequence = struct.unpack_from("<IQ", leaf, CHAIN)
    if (length, sequence) != (len(leaf) - CHAIN - HEADER, index + 1):
        raise Unproved("the record is not one of a journal")
    return leaf, origin


def describe(leaf):
    sequence, event = struct.unpack_from("<4xQ", leaf, CHAIN)[0], leaf[CHAIN + HEADER:]
    kind, time = struct.unpack_from("<BQ", event)
    order_id = struct.unpack_from("<Q", event, 17 if kind == 8 else 9)[0]
    told = EVENTS[kind]
    if told == "decided":
        told += ", rejected" if any(event[17:21]) else ", accepted"
    return f"record {sequence}: order {order_id} {told} at {time} ns: {event.hex()}"


def read_key(path):
    key = Path(path).read_bytes()
    if key[:4] != b"TWK\1" or key[4] not in (ED25519, ML_DSA_44) or key[5:7] != b"\2\2":
        raise Unusable(f"{path} is no raw public key of Ed25519 or ML-DSA-44 that `tinywindow "
                       "public` wrote; of PEM `tinywindow key import --raw` makes one")
    return key


def main(proof, *keys):
    try:
        keys, proof = [read_key(key) for key in keys], Path(proof).read_bytes()
    except (OSError, Unusable) as error:
        print(error, file=sys.stderr)
        return 2
    try:
        first, *proofs = proof.decode().split(FIRST_LINE)
        if first or not proofs:
            raise Unproved("no proof")
        records = [check(proof, keys) for proof in proofs]
        for leaf, origin in records:
            print(f"{origin}: {describe(leaf)}")
    except (Unproved, ValueError, KeyError, IndexError, struct.error) as error:
        print(f"NOT PROVED: {error}", file=sys.stderr)
        return 1
    print(f"proved: {len(records)} records")
    return 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    sys.exit(main(*sys.argv[1:]))
