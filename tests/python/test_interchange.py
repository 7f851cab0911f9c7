"""Keys as other tools have them, with PyCA cryptography as the other tool."""
import pytest
import tinywindow as tw
from cryptography.hazmat.primitives import serialization as pyca

PEM, DER = pyca.Encoding.PEM, pyca.Encoding.DER
OF = {PEM: tw.Encoding.PEM, DER: tw.Encoding.DER}
PASSWORD = b"correct horse battery staple"


def theirs_of(secret):
    return pyca.load_pem_private_key(tw.encode_key(secret), None)


def written_by_them(key, encoding, password=None):
    lock = pyca.BestAvailableEncryption(password) if password else pyca.NoEncryption()
    return key.private_bytes(encoding, pyca.PrivateFormat.PKCS8, lock)


@pytest.fixture(params=[suite for suite in tw.Suite if suite is not tw.Suite.HMAC_SHA256])
def secret(request):
    return tw.keygen(9, request.param)


@pytest.mark.parametrize("encoding", OF)
@pytest.mark.parametrize("password", [None, PASSWORD])
def test_private_keys_go_both_ways(secret, encoding, password):
    load = {PEM: pyca.load_pem_private_key, DER: pyca.load_der_private_key}[encoding]
    theirs = load(tw.encode_key(secret, OF[encoding], password), password)
    assert written_by_them(theirs, DER) == tw.encode_key(secret, tw.Encoding.DER)
    back = written_by_them(theirs, encoding, password)
    assert tw.decode_key(back, password=password) == secret


@pytest.mark.parametrize("encoding", OF)
def test_public_keys_go_both_ways(secret, encoding):
    public = tw.public_key(secret)
    theirs = theirs_of(secret).public_key()
    written = theirs.public_bytes(encoding, pyca.PublicFormat.SubjectPublicKeyInfo)
    assert tw.encode_key(public, OF[encoding]) == written
    assert tw.decode_key(written) == public


def test_openssh_lines_go_both_ways():
    secret = tw.keygen(9, "ed25519")
    public = tw.public_key(secret)
    line = theirs_of(secret).public_key().public_bytes(
        pyca.Encoding.OpenSSH, pyca.PublicFormat.OpenSSH)
    assert tw.encode_key(public, tw.Encoding.OPENSSH) == line + b"\n"
    assert tw.decode_key(line) == tw.decode_key(line + b" trader@desk\n") == public


def test_their_signatures_and_ours_agree_on_a_raw_key():
    raw = tw.decode_key(tw.encode_key(tw.keygen(9, "ed25519")), tw.Usage.RAW)
    theirs = theirs_of(raw)
    assert tw.sign(raw, b"payload") == theirs.sign(b"payload")


def test_text_is_taken_as_utf_8():
    secret = tw.keygen(9, "ed25519")
    locked = tw.encode_key(secret, password="gr\u00fcn")
    assert tw.decode_key(locked.decode(), password="gr\u00fcn".encode()) == secret


@pytest.mark.parametrize("password", [None, "wrong", b""])
def test_a_missing_or_wrong_password(password):
    locked = tw.encode_key(tw.keygen(9, "ed25519"), password=PASSWORD)
    with pytest.raises(tw.WrongPassword):
        tw.decode_key(locked, password=password)


def test_what_has_no_such_form():
    with pytest.raises(tw.InvalidArgument):
        tw.encode_key(tw.keygen(1))
    with pytest.raises(tw.InvalidArgument):
        tw.encode_key(tw.public_key(tw.keygen(1, "ed25519")), password=PASSWORD)
    with pytest.raises(tw.WrongPassword):
        tw.encode_key(tw.keygen(1, "ed25519"), password="")
    with pytest.raises(tw.InvalidKey):
        tw.decode_key(b"no key")
