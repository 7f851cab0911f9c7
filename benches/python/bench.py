"""What a call from Python costs: the package, the same calls through PyO3, ctypes, and others.

    bench.py PATH_TO_LIBTINYWINDOW_SO [smoke]

Prints Markdown. The contenders take turns in short slices; a ratio is the median of the ratios to
PyO3 within each round.
"""
import ctypes
import hashlib
import hmac
import statistics
import sys
from timeit import Timer

import cryptography
import tinywindow
import tinywindow_pyo3
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hmac import HMAC

from desk import CONFIG, SESSION
from rounds import Contender, measure, ratio

MATERIAL_OFFSET = 8  # in key bytes
BATCH = 1000
CHUNK = 500


def print_table(title, names, times):
    """Medians, and ratios to the contender whose name begins with PyO3."""
    reference = next(of for name, of in zip(names, times) if name.startswith("PyO3"))
    print(f"\n### {title}\n\n| | GIL | ns | to PyO3 |\n|---|---|---:|---:|")
    for name, of in zip(names, times):
        name, gil = name.rsplit(", GIL ", 1)
        print(f"| {name} | {gil} | {statistics.median(of):.0f} | {ratio(of, reference):.2f} |")


def compare(title, contenders, rounds):
    times = measure(contenders, rounds)
    print_table(title, [contender.name for contender in contenders], times)


class Raw:
    """The shared library through ctypes, as a careful user of it writes the calls."""

    def __init__(self, path, key):
        self.lib = ctypes.CDLL(path)
        size, pointer, text = ctypes.c_size_t, ctypes.c_void_p, ctypes.c_char_p
        self.lib.tw_sign.argtypes = [text, size, text, size, pointer, size, pointer]
        self.lib.tw_verify.argtypes = [text, size, text, size, text, size]
        self.lib.tw_signer_new.argtypes = [text, size, pointer]
        self.lib.tw_signer_sign.argtypes = [pointer, text, size, pointer, size, pointer]
        self.lib.tw_gateway_open.argtypes = [text, size, pointer]
        self.lib.tw_gateway_key_add.argtypes = [pointer, ctypes.c_uint64, text, size]
        self.lib.tw_send_order.argtypes = [pointer, text, size, ctypes.c_uint64, pointer]
        self.key = key
        self.signer = ctypes.c_void_p()
        self.gateway = ctypes.c_void_p()
        config = CONFIG.encode()
        check(self.lib.tw_signer_new(key, len(key), ctypes.byref(self.signer)))
        check(self.lib.tw_gateway_open(config, len(config), ctypes.byref(self.gateway)))
        check(self.lib.tw_gateway_key_add(self.gateway, SESSION, key, len(key)))

    def sign_bytes(self, payload):
        signature, length = ctypes.create_string_buffer(32), ctypes.c_size_t()
        check(self.lib.tw_sign(self.key, len(self.key), payload, len(payload), signature, 32,
                               ctypes.byref(length)))
        return signature.raw

    def sign(self, payload):
        signature, length = ctypes.create_string_buffer(32), ctypes.c_size_t()
        check(self.lib.tw_signer_sign(self.signer, payload, len(payload), signature, 32,
                                      ctypes.byref(length)))
        return signature.raw

    def verify_bytes(self, payload, signature):
        return self.lib.tw_verify(self.key, len(self.key), payload, len(payload), signature,
                                  len(signature)) == 0

    def send_order(self, frame):
        ack = (ctypes.c_uint64 * 10)(ACK_SIZE)
        check(self.lib.tw_send_order(self.gateway, frame, len(frame), 10**9, ack))
        return ack


ACK_SIZE = 80


def check(status):
    if status:
        raise RuntimeError(f"status {status}")


def pyca_hmac(material, payload):
    mac = HMAC(material, hashes.SHA256())
    mac.update(payload)
    return mac.finalize()


def compare_hmac(raw, key, size, rounds):
    payload = bytes(size)
    material = key[MATERIAL_OFFSET:]
    signature = tinywindow.sign(key, payload)
    ours, theirs = tinywindow.Signer(key), tinywindow_pyo3.Signer(key)
    our_verifier, their_verifier = tinywindow.Verifier(key), tinywindow_pyo3.Verifier(key)
    assert ours.sign(payload) == theirs.sign(payload) == raw.sign(payload) == signature
    compare(f"HMAC-SHA256 of {size} bytes, prepared key: sign", [
        Contender("`tinywindow.Signer.sign`, GIL held", "s.sign(p)", s=ours, p=payload),
        Contender("PyO3, GIL held", "s.sign(p)", s=theirs, p=payload),
        Contender("PyO3, GIL released", "s.sign_released(p)", s=theirs, p=payload),
        Contender("ctypes, GIL released", "s.sign(p)", s=raw, p=payload),
    ], rounds)
    compare(f"HMAC-SHA256 of {size} bytes, prepared key: verify", [
        Contender("`tinywindow.Verifier.verify`, GIL held", "v.verify(p, s)", v=our_verifier,
                  p=payload, s=signature),
        Contender("PyO3, GIL held", "v.verify(p, s)", v=their_verifier, p=payload, s=signature),
    ], rounds)
    compare(f"HMAC-SHA256 of {size} bytes, from key bytes: sign", [
        Contender("`tinywindow.sign`, GIL held", "m.sign(k, p)", m=tinywindow, k=key, p=payload),
        Contender("PyO3, GIL held", "m.sign(k, p)", m=tinywindow_pyo3, k=key, p=payload),
        Contender("ctypes, GIL released", "s.sign_bytes(p)", s=raw, p=payload),
        Contender("`hmac.digest`, GIL held", "f(k, p, 'sha256')", f=hmac.digest, k=material,
                  p=payload),
        Contender("PyCA `HMAC`, GIL held", "f(k, p)", f=pyca_hmac, k=material, p=payload),
    ], rounds)
    compare(f"HMAC-SHA256 of {size} bytes, from key bytes: verify", [
        Contender("`tinywindow.verify`, GIL held", "m.verify(k, p, s)", m=tinywindow, k=key,
                  p=payload, s=signature),
        Contender("PyO3, GIL held", "m.verify(k, p, s)", m=tinywindow_pyo3, k=key, p=payload,
                  s=signature),
        Contender("ctypes, GIL released", "r.verify_bytes(p, s)", r=raw, p=payload, s=signature),
    ], rounds)


def compare_batch(key, rounds):
    payloads = [index.to_bytes(4, "little") * 50 for index in range(BATCH)]
    ours, theirs = tinywindow.Signer(key), tinywindow_pyo3.Signer(key)
    assert ours.sign_batch(payloads) == theirs.sign_batch(payloads)
    compare(f"HMAC-SHA256 of 200 bytes, batch of {BATCH:,}: sign, for each", [
        Contender("`tinywindow.Signer.sign_batch`, GIL released", "s.sign_batch(p)", BATCH,
                  s=ours, p=payloads),
        Contender("PyO3, GIL released", "s.sign_batch(p)", BATCH, s=theirs, p=payloads),
        Contender("`[tinywindow.Signer.sign]`, GIL held", "[s.sign(x) for x in p]", BATCH,
                  s=ours, p=payloads),
    ], rounds)


def compare_ed25519(rounds):
    key = tinywindow.keygen(1, tinywindow.Suite.ED25519)
    payload = bytes(200)
    signature = tinywindow.sign(key, payload)
    pyca = Ed25519PrivateKey.from_private_bytes(key[MATERIAL_OFFSET:])
    public, bare = pyca.public_key(), pyca.sign(payload)
    compare("Ed25519 of 200 bytes, prepared key: sign", [
        Contender("`tinywindow.Signer.sign`, GIL released", "s.sign(p)",
                  s=tinywindow.Signer(key), p=payload),
        Contender("PyO3, GIL released", "s.sign_released(p)", s=tinywindow_pyo3.Signer(key),
                  p=payload),
        Contender("PyCA, GIL held", "s.sign(p)", s=pyca, p=payload),
    ], rounds)
    compare("Ed25519 of 200 bytes, prepared key: verify", [
        Contender("`tinywindow.Verifier.verify`, GIL released", "v.verify(p, s)",
                  v=tinywindow.Verifier(key), p=payload, s=signature),
        Contender("PyO3, GIL held", "v.verify(p, s)", v=tinywindow_pyo3.Verifier(key), p=payload,
                  s=signature),
        Contender("PyCA, GIL held", "v.verify(s, p)", v=public, p=payload, s=bare),
    ], rounds)


def frames_of(signer, first):
    """Buys that rest and sells that trade with them, in turns, as of now."""
    def frame(number):
        side, time_in_force = (
            (tinywindow.Side.BUY, tinywindow.TimeInForce.DAY) if number % 2 else
            (tinywindow.Side.SELL, tinywindow.TimeInForce.IMMEDIATE_OR_CANCEL))
        order = tinywindow.Order.new(
            session_id=SESSION, sequence=number, client_order_id=number, symbol="AAPL", side=side,
            time_in_force=time_in_force, quantity=100, price=100)
        return order.sign(signer)
    return [frame(number) for number in range(first, first + CHUNK)]


def compare_orders(raw, key, rounds):
    signer = tinywindow.Signer(key)
    ours, theirs = tinywindow.Gateway(CONFIG), tinywindow_pyo3.Gateway(CONFIG)
    for gateway in (ours, theirs):
        gateway.add_key(SESSION, key)
    senders = {"`tinywindow.Gateway.send_order`, GIL released": ours,
               "PyO3, GIL released": theirs, "ctypes, GIL released": raw}
    times = [[] for _ in senders]
    for round_number in range(rounds):
        frames = frames_of(signer, 1 + round_number * CHUNK)
        for gateway, of in zip(senders.values(), times):
            statement = "for frame in frames: gateway.send_order(frame)"
            timer = Timer(statement, globals={"frames": frames, "gateway": gateway})
            of.append(timer.timeit(1) / CHUNK * 1e9)
    print_table("An order, hmac-sha256 session", list(senders), times)


def main():
    path, *words = sys.argv[1:]
    rounds = 3 if "smoke" in words else 200
    key = tinywindow.keygen(1)
    raw = Raw(path, key)
    print(f"\n## Python\n\nCPython {sys.version.split()[0]}, cryptography "
          f"{cryptography.__version__}, {hashlib.sha256().name} of `hashlib`.")
    for size in (32, 200):
        compare_hmac(raw, key, size, rounds)
    compare_batch(key, rounds)
    compare_ed25519(rounds)
    compare_orders(raw, key, rounds)


if __name__ == "__main__":
    main()
