"""The contract of the Python module `tinywindow_rust_encryption`: three functions and no more.

    keygen(seed: int) -> bytes
    sign(key: bytes, payload: bytes) -> bytes
    verify(key: bytes, payload: bytes, sig: bytes) -> bool

It is judged by the independent baseline and the golden fixtures, and needs no network.
"""
import importlib.util
from pathlib import Path

import pytest
import tinywindow_rust_encryption as api

TESTS = Path(__file__).resolve().parent.parent
SEEDS = (0, 1, 42, 2**64 - 1)
PAYLOADS = (b"", b"x", bytes(64), b"payload" * 100)


def load_baseline():
    """By path: the baseline is a script beside other scripts, not an installed package."""
    spec = importlib.util.spec_from_file_location("baseline", TESTS / "python" / "baseline.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


baseline = load_baseline()


def golden(*commands):
    """The golden cases of these commands: (command, arguments, answer)."""
    cases = []
    for line in (TESTS / "fixtures" / "golden.txt").read_text(encoding="utf-8").splitlines():
        command, _, answer = line.partition(" => ")
        name, *words = command.split() or [""]
        if name in commands:
            cases.append((name, words, answer))
    assert cases, f"no golden case of {commands}"
    return cases


def call(name, words):
    """A golden case through the module, as the driver would answer it."""
    result = getattr(api, name)(*map(baseline.from_hex, words))
    return "ok " + (baseline.validity(result) if name == "verify" else result.hex())


def flipped(data, index):
    return data[:index] + bytes([data[index] ^ 1]) + data[index + 1:]


@pytest.fixture
def key():
    return api.keygen(42)


def test_public_names_are_exactly_the_three():
    assert sorted(name for name in dir(api) if not name.startswith("_")) == [
        "keygen", "sign", "verify"]


def test_types(key):
    signature = api.sign(key, b"payload")
    assert type(key) is bytes
    assert type(signature) is bytes
    assert api.verify(key, b"payload", signature) is True
    assert api.verify(key, b"payload", b"") is False


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_seed_gives_the_same_key_and_signature(seed):
    assert api.keygen(seed) == api.keygen(seed)
    assert api.sign(api.keygen(seed), b"payload") == api.sign(api.keygen(seed), b"payload")


def test_seeds_give_different_keys():
    assert len({api.keygen(seed) for seed in SEEDS}) == len(SEEDS)


@pytest.mark.parametrize("seed", SEEDS)
def test_keygen_agrees_with_the_baseline(seed):
    assert api.keygen(seed) == baseline.keygen(seed)


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("seed", SEEDS)
def test_signatures_agree_with_the_baseline_both_ways(seed, payload):
    own, other = api.keygen(seed), baseline.keygen(seed)
    assert api.sign(own, payload) == baseline.sign(other, payload)
    assert api.verify(own, payload, baseline.sign(other, payload)) is True
    assert baseline.verify(other, payload, api.sign(own, payload)) is True


def test_golden_keys():
    cases = [case for case in golden("keygen") if case[1][0] == "hmac-sha256"]
    assert len(cases) == len(SEEDS)
    for _, (_, seed), answer in cases:
        assert "ok " + api.keygen(int(seed)).hex() == answer


def test_golden_signatures():
    """Keys name their suite, so that the three functions serve every golden key."""
    for name, words, answer in golden("sign", "verify"):
        if answer.startswith("ok "):
            assert call(name, words) == answer


def test_golden_refusals_raise():
    for name, words, answer in golden("sign"):
        if answer.startswith("error "):
            with pytest.raises(Exception):
                call(name, words)


def test_another_key_is_false(key):
    assert api.verify(api.keygen(43), b"payload", api.sign(key, b"payload")) is False


@pytest.mark.parametrize("other", [b"", b"payloae", b"payloa", b"payload\0", b"Payload"])
def test_another_payload_is_false(key, other):
    assert api.verify(key, other, api.sign(key, b"payload")) is False


def test_every_flipped_byte_of_the_signature_is_false(key):
    signature = api.sign(key, b"payload")
    for index in range(len(signature)):
        assert api.verify(key, b"payload", flipped(signature, index)) is False


@pytest.mark.parametrize("length", [0, 1, 31, 33, 64, 10_000])
def test_a_signature_of_wrong_length_is_false(key, length):
    wrong = api.sign(key, b"payload").ljust(length, b"\0")[:length]
    assert api.verify(key, b"payload", wrong) is False


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_outside_64_bits_is_refused(seed):
    with pytest.raises((OverflowError, ValueError)):
        api.keygen(seed)


@pytest.mark.parametrize("arguments", [("text", b"x"), (None, b"x"), (b"", None)])
def test_what_is_not_bytes_is_refused(arguments):
    with pytest.raises((TypeError, ValueError)):
        api.sign(*arguments)
