"""Signatures and keys of independent implementations are ours, and ours are theirs: PyCA's
`cryptography` (OpenSSL, AWS-LC) and `dilithium-py`, in thousands of random cases of one seed."""
import hashlib
import random

import baseline
import pytest
import tinywindow as tw
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import mldsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from dilithium_py import ml_dsa as dilithium

CASES = 500         # of each suite beside PyCA
SLOW_CASES = 12     # beside dilithium-py, which takes a fifth of a second for a signature

ML_DSA = {
    "ml-dsa-44": (mldsa.MLDSA44PrivateKey, mldsa.MLDSA44PublicKey, dilithium.ML_DSA_44),
    "ml-dsa-65": (mldsa.MLDSA65PrivateKey, mldsa.MLDSA65PublicKey, dilithium.ML_DSA_65),
    "ml-dsa-87": (mldsa.MLDSA87PrivateKey, mldsa.MLDSA87PublicKey, dilithium.ML_DSA_87),
}
MATERIAL_OFFSET = 8


def raw(material, suite, kind=tw.Kind.SECRET):
    return tw.import_key(material, suite, kind, tw.Usage.RAW)


def cases(suite, count):
    """Seeds, contexts of 0 to 255 bytes and payloads."""
    dice = random.Random(f"tinywindow peers {suite}")
    for _ in range(count):
        context = dice.randbytes(dice.choice((0, 1, 32, 60, 254, 255)))
        yield dice.randbytes(64), context, dice.randbytes(dice.randrange(600)), dice


def flipped(data, dice):
    bit = dice.randrange(8 * len(data))
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def accepts(verify, *arguments):
    try:
        verify(*arguments)
    except InvalidSignature:
        return False
    return True


@pytest.mark.parametrize("suite", ML_DSA)
def test_ml_dsa_of_pyca(suite):
    private, public, _ = ML_DSA[suite]
    for seed, context, payload, dice in cases(suite, CASES):
        key, theirs = raw(seed[:32], suite), private.from_seed_bytes(seed[:32])
        half = tw.public_key(key)
        assert half[MATERIAL_OFFSET:] == theirs.public_key().public_bytes_raw()
        signature = theirs.sign(payload, context)
        assert tw.verify(half, payload, signature, context)
        assert not tw.verify(half, payload, flipped(signature, dice), context)
        ours = tw.sign(key, payload, context)
        verify = public.from_public_bytes(half[MATERIAL_OFFSET:]).verify
        assert accepts(verify, ours, payload, context)
        assert not accepts(verify, flipped(ours, dice), payload, context)


@pytest.mark.parametrize("suite", ML_DSA)
def test_ml_dsa_of_dilithium_py_to_the_byte(suite):
    implementation = ML_DSA[suite][2]
    for seed, context, payload, _ in cases(suite, SLOW_CASES):
        public, secret = implementation.key_derive(seed[:32])
        key, expanded = raw(seed[:32], suite), raw(secret, suite, tw.Kind.EXPANDED)
        assert tw.public_key(key)[MATERIAL_OFFSET:] == public
        assert tw.public_key(expanded) == tw.public_key(key)
        ours = tw.sign(key, payload, context)
        assert tw.sign(expanded, payload, context) == ours
        assert ours == implementation.sign(secret, payload, ctx=context, deterministic=True)
        assert implementation.verify(public, payload, ours, ctx=context)


def test_ed25519_of_pyca():
    for seed, _, payload, dice in cases("ed25519", CASES):
        key, theirs = raw(seed[:32], "ed25519"), Ed25519PrivateKey.from_private_bytes(seed[:32])
        half = tw.public_key(key)
        assert half[MATERIAL_OFFSET:] == theirs.public_key().public_bytes_raw()
        signature = tw.sign(key, payload)
        assert signature == theirs.sign(payload)
        assert tw.verify(half, payload, signature)
        assert not tw.verify(half, payload, flipped(signature, dice))


def test_the_composite_of_pyca_parts():
    suite, half_size = "mldsa65-ed25519", 3309
    for seed, context, payload, dice in cases(suite, CASES):
        key = raw(seed, suite)
        half = tw.public_key(key)
        parts = (mldsa.MLDSA65PrivateKey.from_seed_bytes(seed[:32]),
                 Ed25519PrivateKey.from_private_bytes(seed[32:]))
        assert half[MATERIAL_OFFSET:] == b"".join(
            part.public_key().public_bytes_raw() for part in parts)
        label = b"COMPSIG-MLDSA65-Ed25519-SHA512"
        both = (b"CompositeAlgorithmSignatures2025" + label + bytes([len(context)]) + context
                + hashlib.sha512(payload).digest())
        theirs = parts[0].sign(both, label) + parts[1].sign(both)
        assert tw.verify(half, payload, theirs, context)
        assert not tw.verify(half, payload, flipped(theirs, dice), context)
        ours = tw.sign(key, payload, context)
        assert ours[half_size:] == theirs[half_size:]
        public = half[MATERIAL_OFFSET:]
        mldsa.MLDSA65PublicKey.from_public_bytes(public[:-32]).verify(
            ours[:half_size], both, label)
        Ed25519PublicKey.from_public_bytes(public[-32:]).verify(ours[half_size:], both)


def test_framed_signatures_are_the_standards_in_our_context():
    for suite, (private, public, _) in ML_DSA.items():
        key = tw.keygen(42, suite)
        half = public.from_public_bytes(tw.public_key(key)[MATERIAL_OFFSET:])
        half.verify(tw.sign(key, b"payload"), b"payload", baseline.PAYLOAD_CONTEXT)
        theirs = private.from_seed_bytes(key[MATERIAL_OFFSET:])
        assert tw.verify(key, b"payload", theirs.sign(b"payload", baseline.PAYLOAD_CONTEXT))
