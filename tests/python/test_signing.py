"""Keys and signatures through the package."""
import array
import threading

import baseline
import pytest
import tinywindow as tw

PAYLOAD = b"payload"


def buffers_of(data):
    backwards = bytearray(data)
    return [data, backwards, memoryview(data), array.array("B", data), memoryview(backwards)[:]]


def flipped(data):
    return bytes([data[0] ^ 1]) + data[1:]


def test_the_default_suite_is_hmac():
    assert tw.keygen(42) == tw.keygen(42, tw.Suite.HMAC_SHA256) == tw.keygen(42, "hmac-sha256")


def test_keys_and_signatures_agree_with_the_baseline(suite, key):
    assert key == baseline.keygen(42, suite)
    assert tw.sign(key, PAYLOAD) == baseline.sign(key, PAYLOAD)
    assert tw.sign(key, PAYLOAD, b"ctx") == baseline.sign_context(key, b"ctx", PAYLOAD)
    assert tw.key_id(key) == baseline.key_id(key)


def test_entropy_of_the_caller(suite):
    assert tw.keygen_from_entropy(bytes(32), suite) == baseline.keygen_from_entropy(
        bytes(32), suite)
    with pytest.raises(tw.InvalidArgument):
        tw.keygen_from_entropy(bytes(31), suite)


def test_generated_keys_differ_and_sign(suite):
    first, second = tw.generate(suite), tw.generate(suite)
    assert first != second
    assert tw.verify(first, PAYLOAD, tw.sign(first, PAYLOAD))
    assert tw.key_suite(first) == tw.export_key(first).suite


@pytest.mark.parametrize("seed, exception", [(-1, OverflowError), (2**64, OverflowError),
                                             (1.5, TypeError), ("1", TypeError)])
def test_seeds_out_of_range(seed, exception):
    with pytest.raises(exception):
        tw.keygen(seed)


@pytest.mark.parametrize("suite", ["rot13", 0, 7, 99])
def test_unknown_suites(suite):
    for call in (tw.generate, lambda suite: tw.keygen(1, suite)):
        with pytest.raises(tw.InvalidArgument, match="hmac-sha256, ed25519") as raised:
            call(suite)
        assert raised.value.name == "TW_ERR_SUITE"


def test_the_public_key_verifies_and_does_not_sign():
    key = tw.keygen(42, "ed25519")
    public = tw.public_key(key)
    assert tw.verify(public, PAYLOAD, tw.sign(key, PAYLOAD))
    assert tw.public_key(public) == public
    assert tw.key_id(public) == tw.key_id(key)
    for call in (lambda: tw.sign(public, PAYLOAD), lambda: tw.Signer(public)):
        with pytest.raises(tw.InvalidKey) as raised:
            call()
        assert raised.value.name == "TW_ERR_KEY_KIND"


def test_hmac_has_no_public_key():
    with pytest.raises(tw.InvalidKey, match="^HMAC has no public keys"):
        tw.public_key(tw.keygen(1))
    with pytest.raises(tw.InvalidKey, match="malformed"):
        tw.public_key(b"no key")


def test_export_undoes_import(key):
    said = tw.export_key(key)
    assert tw.import_key(said.material, said.suite, said.kind, said.usage) == key
    assert said.material.hex() not in repr(said)


def test_raw_keys_sign_the_bare_payload():
    raw = tw.import_key(b"Jefe", usage=tw.Usage.RAW)
    tag = tw.sign(raw, b"what do ya want for nothing?")
    assert tag.hex().startswith("5bdcc146bf60754e6a042426089575c7")     # RFC 4231, case 2
    assert tw.verify_truncated(raw, b"what do ya want for nothing?", tag[:16]) is True
    assert tw.verify_truncated(raw, b"what do ya want for nothing.", tag[:16]) is False
    with pytest.raises(tw.InvalidArgument):
        tw.verify_truncated(raw, b"", tag[:15])
    with pytest.raises(tw.InvalidKey):
        tw.sign(raw, PAYLOAD, b"ctx")


def test_false_is_the_answer_to_a_wrong_signature(key):
    signature = tw.sign(key, PAYLOAD)
    assert tw.verify(key, PAYLOAD, signature) is True
    for wrong in (flipped(signature), signature[:-1], signature + b"\0", b""):
        assert tw.verify(key, PAYLOAD, wrong) is False
    assert tw.verify(key, b"other", signature) is False


def test_contexts_separate(key):
    signature = tw.sign(key, PAYLOAD, b"one")
    assert tw.verify(key, PAYLOAD, signature, b"one") is True
    assert tw.verify(key, PAYLOAD, signature, context=b"two") is False
    assert tw.verify(key, PAYLOAD, signature) is False


@pytest.mark.parametrize("context", [b"", bytes(61), b"tinywindow/v1/order"])
def test_contexts_refused(key, context):
    with tw.Signer(key) as signer, tw.Verifier(key) as verifier:
        for call in (lambda: tw.sign(key, PAYLOAD, context),
                     lambda: tw.verify(key, PAYLOAD, b"", context),
                     lambda: signer.sign(PAYLOAD, context),
                     lambda: verifier.verify(PAYLOAD, b"", context=context)):
            with pytest.raises(tw.InvalidArgument) as raised:
                call()
            assert raised.value.name == "TW_ERR_CONTEXT"


@pytest.mark.parametrize("wrong", [b"", b"TWK", bytes(40), b"TWK\x01\x09\x01\x01\x00" + bytes(32)])
def test_malformed_keys(wrong):
    for call in (lambda: tw.sign(wrong, PAYLOAD), lambda: tw.verify(wrong, PAYLOAD, b""),
                 lambda: tw.Signer(wrong), lambda: tw.Verifier(wrong), lambda: tw.key_id(wrong),
                 lambda: tw.key_suite(wrong), lambda: tw.export_key(wrong)):
        with pytest.raises(tw.InvalidKey):
            call()


def test_any_buffer_will_do(key):
    signature = tw.sign(key, PAYLOAD)
    with tw.Signer(key) as signer, tw.Verifier(key) as verifier:
        for number, payload in enumerate(buffers_of(PAYLOAD)):
            own_key, tag = buffers_of(key)[number], buffers_of(signature)[number]
            assert tw.sign(own_key, payload) == signature
            assert tw.verify(own_key, payload, tag) is True
            assert signer.sign(payload) == signature
            assert verifier.verify(payload, tag) is True
            assert tw.key_id(own_key) == tw.key_id(key)


def test_numpy_arrays(key):
    numpy = pytest.importorskip("numpy")
    numbers = numpy.arange(100, dtype="<i8").reshape(10, 10)
    assert tw.sign(key, numbers) == tw.sign(key, numbers.tobytes())


@pytest.mark.parametrize("wrong, message", [
    ("text", "bytes or another buffer, not str"), (None, "not NoneType"), (7, "not int"),
    (memoryview(b"abcdef")[::2], "contiguous")])
def test_what_is_no_contiguous_buffer(key, wrong, message):
    with tw.Signer(key) as signer, tw.Verifier(key) as verifier:
        for call in (lambda: tw.sign(key, wrong), lambda: tw.verify(key, PAYLOAD, wrong),
                     lambda: signer.sign(wrong), lambda: signer.sign_batch([wrong]),
                     lambda: verifier.verify(wrong, b""), lambda: tw.Signer(wrong)):
            with pytest.raises(TypeError, match=message):
                call()


def test_a_context_that_is_no_bytes_is_named(key):
    with tw.Signer(key) as signer, tw.Verifier(key) as verifier:
        for call in (lambda: tw.sign(key, PAYLOAD, context="resume"),
                     lambda: tw.verify(key, PAYLOAD, b"", context="resume"),
                     lambda: signer.sign(PAYLOAD, context="resume"),
                     lambda: verifier.verify(PAYLOAD, b"", context="resume")):
            with pytest.raises(TypeError, match="^context: expected bytes or another buffer"):
                call()


@pytest.mark.parametrize("arguments, keywords", [
    ((), {}), ((b"",), {}), ((b"", b"", b"", b""), {}), ((b"", b""), {"contextt": b"x"})])
def test_wrong_arguments(arguments, keywords):
    with pytest.raises(TypeError):
        tw.sign(*arguments, **keywords)


def test_keywords(key):
    signature = tw.sign(key=key, payload=PAYLOAD)
    assert signature == tw.sign(key, PAYLOAD)
    assert tw.verify(key, payload=PAYLOAD, signature=signature) is True


def test_prepared_keys_are_the_same_code(key):
    with tw.Signer(key) as signer, tw.Verifier(key) as verifier:
        assert signer.key_id == verifier.key_id == tw.key_id(key)
        signature = signer.sign(PAYLOAD)
        assert signature == tw.sign(key, PAYLOAD)
        assert signer.sign(PAYLOAD, b"ctx") == tw.sign(key, PAYLOAD, b"ctx")
        assert verifier.verify(PAYLOAD, signature) is True
        assert verifier.verify(PAYLOAD, flipped(signature)) is False


def test_prepared_keys_show_the_key_and_no_secret(suite, key):
    for kind in (tw.Signer, tw.Verifier):
        prepared = kind(key)
        shown = f"<tinywindow.{kind.__name__} {suite} {tw.key_id(key):016x}>"
        assert repr(prepared) == shown
        prepared.close()
        assert repr(prepared) == f"<tinywindow.{kind.__name__} closed>"


def test_long_payloads(key):
    """These go without the interpreter's lock."""
    payload = bytes(1_000_000)
    assert tw.verify(key, payload, tw.sign(key, payload)) is True
    with tw.Signer(key) as signer:
        assert signer.sign(payload) == tw.sign(key, payload)


@pytest.mark.parametrize("kind", [list, tuple, iter])
def test_batches(key, kind):
    payloads = [bytes([i]) * i for i in range(20)]
    mixed = [bytearray(p) if i == 7 else p for i, p in enumerate(payloads)]
    with tw.Signer(key) as signer, tw.Verifier(key) as verifier:
        signatures = signer.sign_batch(kind(payloads))
        assert signatures == [tw.sign(key, payload) for payload in payloads]
        assert signer.sign_batch(kind(mixed)) == signatures
        signatures[3] = flipped(signatures[3])
        expected = [i != 3 for i in range(20)]
        assert verifier.verify_batch(kind(payloads), kind(signatures)) == expected
        assert verifier.verify_batch(kind(mixed), kind(signatures)) == expected


def test_batches_refused(key):
    with tw.Signer(key) as signer, tw.Verifier(key) as verifier:
        assert signer.sign_batch([]) == [] == verifier.verify_batch([], [])
        with pytest.raises(ValueError):
            verifier.verify_batch([b"one"], [])
        with pytest.raises(TypeError):
            signer.sign_batch([b"one", "two"])
        with pytest.raises(TypeError):
            signer.sign_batch(7)


def test_a_batch_with_a_payload_that_a_raw_key_may_not_sign():
    raw = tw.import_key(bytes(32), usage=tw.Usage.RAW)
    framed = (b"TW1\x15tinywindow/v1/payload").ljust(64, b"\0")
    with tw.Signer(raw) as signer, pytest.raises(tw.InvalidArgument) as raised:
        signer.sign_batch([b"fine", framed])
    assert raised.value.name == "TW_ERR_PAYLOAD"


def test_closed_handles(key):
    signer, verifier = tw.Signer(key), tw.Verifier(key)
    for handle in (signer, verifier):
        handle.close()
        handle.close()
    for call in (lambda: signer.sign(PAYLOAD), lambda: signer.sign_batch([PAYLOAD]),
                 lambda: signer.key_id, lambda: verifier.verify(PAYLOAD, b""),
                 lambda: verifier.verify_batch([PAYLOAD], [b""])):
        with pytest.raises(tw.Closed):
            call()


def test_close_while_other_threads_sign():
    signer = tw.Signer(tw.keygen(1))
    expected, wrong = tw.sign(tw.keygen(1), bytes(100_000)), []

    def sign_until_closed():
        try:
            while True:
                if signer.sign(bytes(100_000)) != expected:
                    wrong.append(True)
        except tw.Closed:
            pass

    threads = [threading.Thread(target=sign_until_closed) for _ in range(4)]
    for thread in threads:
        thread.start()
    signer.close()
    for thread in threads:
        thread.join(timeout=30)
    assert not wrong and not any(thread.is_alive() for thread in threads)


def test_another_key_while_other_threads_sign():
    keys = [tw.keygen(seed, "ed25519") for seed in (1, 2)]
    signer, done, wrong = tw.Signer(keys[0]), threading.Event(), []
    expected = {tw.sign(key, PAYLOAD) for key in keys}

    def sign_until_done():
        while not done.is_set():
            if signer.sign(PAYLOAD) not in expected:
                wrong.append(True)

    threads = [threading.Thread(target=sign_until_done) for _ in range(4)]
    for thread in threads:
        thread.start()
    for turn in range(2_000):
        signer.__init__(keys[turn % 2])
    done.set()
    for thread in threads:
        thread.join(timeout=30)
    assert not wrong and not any(thread.is_alive() for thread in threads)
