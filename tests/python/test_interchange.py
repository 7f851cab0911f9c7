"""Keys as other tools have them, with PyCA cryptography as the other tool."""
import pytest
import tinywindow as tw
from cryptography.hazmat.primitives import serialization as pyca
from dilithium_py.ml_dsa import ML_DSA_44, ML_DSA_65, ML_DSA_87

PEM, DER = pyca.Encoding.PEM, pyca.Encoding.DER
OF = {PEM: tw.Encoding.PEM, DER: tw.Encoding.DER}
PASSWORD = b"correct horse battery staple"


def theirs_of(secret):
    return pyca.load_pem_private_key(tw.encode_key(secret), None)


def written_by_them(key, encoding, password=None):
    lock = pyca.BestAvailableEncryption(password) if password else pyca.NoEncryption()
    return key.private_bytes(encoding, pyca.PrivateFormat.PKCS8, lock)


THEIRS = [tw.Suite.ED25519, tw.Suite.ML_DSA_44, tw.Suite.ML_DSA_65, tw.Suite.ML_DSA_87]


@pytest.fixture(params=THEIRS)
def secret(request):
    return tw.keygen(9, request.param)


@pytest.mark.parametrize("encoding", OF)
@pytest.mark.parametrize("password", [None, PASSWORD])
def test_private_keys_go_both_ways(secret, encoding, password):
    load = {PEM: pyca.load_pem_private_key, DER: pyca.load_der_private_key}[encoding]
    theirs = load(tw.encode_key(secret, OF[encoding], password), password)
    assert theirs.private_bytes_raw() == tw.export_key(secret).material
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


def der(tag, *parts):
    """One value of DER, of at most 65,535 bytes."""
    content = b"".join(parts)
    size = len(content)
    length = bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + content


def private_key_info(number, choice):
    """PKCS#8 of ML-DSA with this choice of RFC 9881: 17, 18 and 19 are ML-DSA-44, -65 and -87."""
    algorithm = der(0x30, der(0x06, bytes.fromhex("6086480165030403"), bytes([number])))
    return der(0x30, der(0x02, b"\0"), algorithm, der(0x04, choice))


ML_DSA = [(17, tw.Suite.ML_DSA_44, ML_DSA_44), (18, tw.Suite.ML_DSA_65, ML_DSA_65),
          (19, tw.Suite.ML_DSA_87, ML_DSA_87)]


@pytest.mark.parametrize("number, suite, model", ML_DSA)
def test_each_choice_of_rfc_9881(number, suite, model):
    secret = tw.keygen(9, suite)
    seed = tw.export_key(secret).material
    _, expanded = model.key_derive(seed)
    seed_only, octets = der(0x80, seed), der(0x04, expanded)
    assert tw.encode_key(secret, tw.Encoding.DER) == private_key_info(number, seed_only)
    assert tw.decode_key(private_key_info(number, seed_only)) == secret
    both = der(0x30, der(0x04, seed), octets)
    assert tw.decode_key(private_key_info(number, both)) == secret
    without_seed = tw.decode_key(private_key_info(number, octets))
    assert tw.export_key(without_seed) == tw.ExportedKey(
        suite, tw.Kind.EXPANDED, tw.Usage.FRAMED, expanded)
    assert tw.encode_key(without_seed, tw.Encoding.DER) == private_key_info(number, octets)
    assert tw.key_id(without_seed) == tw.key_id(secret)
    assert tw.sign(without_seed, b"payload") == tw.sign(secret, b"payload")


@pytest.mark.parametrize("number, suite, model", ML_DSA)
def test_an_expanded_key_that_is_damaged(number, suite, model):
    _, expanded = model.key_derive(bytes(32))
    rho, tr, s1 = 0, 64, 128
    for at in (rho, tr, s1):
        damaged = bytearray(expanded)
        damaged[at] ^= 1
        with pytest.raises(tw.InvalidKey):
            tw.decode_key(private_key_info(number, der(0x04, bytes(damaged))))
    for wrong in (expanded[:-1], expanded + b"\0", b""):
        with pytest.raises(tw.InvalidKey):
            tw.decode_key(private_key_info(number, der(0x04, wrong)))


@pytest.mark.parametrize("number, suite, model", ML_DSA)
def test_a_seed_beside_the_expansion_of_another(number, suite, model):
    seed, other = tw.export_key(tw.keygen(9, suite)).material, bytes(32)
    _, expanded = model.key_derive(other)
    for wrong in (expanded, expanded[:-1], expanded + b"\0", b""):
        both = der(0x30, der(0x04, seed), der(0x04, wrong))
        with pytest.raises(tw.InvalidKey):
            tw.decode_key(private_key_info(number, both))
    for choice in (der(0x80, seed[:-1]), der(0x80, seed, b"\0"), der(0x81, seed), seed,
                   der(0xA0, der(0x04, seed)), der(0x80, seed) + b"\0", b""):
        with pytest.raises(tw.InvalidKey):
            tw.decode_key(private_key_info(number, choice))


def test_a_private_key_of_openssh_comes_in_as_the_command_advises():
    secret = tw.keygen(9, "ed25519")
    data = theirs_of(secret).private_bytes(PEM, pyca.PrivateFormat.OpenSSH, pyca.NoEncryption())
    theirs = pyca.load_ssh_private_key(data, None)
    assert tw.decode_key(written_by_them(theirs, PEM)) == secret


def test_what_was_expected_is_told():
    secret = tw.generate("ed25519")
    pem = tw.encode_key(secret, password="right")
    refused = [
        ("^encoding: an OpenSSH line must be of a public", lambda: tw.encode_key(
            secret, tw.Encoding.OPENSSH)),
        ("^key: must not be of HMAC", lambda: tw.encode_key(tw.generate())),
        ("^password: must be none for a public key", lambda: tw.encode_key(
            tw.public_key(secret), password="x")),
        ("^key: must be key bytes", lambda: tw.encode_key(b"no key")),
        ("^encoded: must be exactly one key", lambda: tw.decode_key(b"no key")),
        ("^encoded: must be at most", lambda: tw.decode_key(bytes(20_000))),
        ("^password: must be given", lambda: tw.decode_key(pem)),
        ("^password: is wrong", lambda: tw.decode_key(pem, password="wrong")),
    ]
    for why, call in refused:
        with pytest.raises(tw.TinyWindowError, match=why):
            call()
    with pytest.raises(tw.InvalidKey, match="^malformed key bytes$"):
        tw.key_id(b"no key")    # nothing is left of an earlier error
