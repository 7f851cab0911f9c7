"""Signatures through the wheel beside OpenSSL through PyCA cryptography, by suite and size.

    openssl.py [smoke]

Prints Markdown: tables as those of the Rust part, of the same messages and keys. OpenSSL hedges
signatures of ML-DSA.
"""
import statistics
import sys

import cryptography
import tinywindow
from cryptography.hazmat.backends.openssl import backend
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa
from cryptography.hazmat.primitives.hmac import HMAC
from tinywindow import Suite

from rounds import Contender, measure, ratio

# As in src/signatures/messages.rs.
SIZES = {"32 B": 32, "200 B": 200, "1 KiB": 1 << 10, "64 KiB": 64 << 10}
IN_TURN = 16
STRIDE = 64
BYTES = bytes((at * 167 + (at >> 8)) & 0xFF for at in range((64 << 10) + STRIDE * IN_TURN))

HEADER_SIZE = 8  # in key bytes
COMPARISON_SECONDS = 1

# How OpenSSL makes keys of a seed and of public bytes; None: HMAC, which has other calls.
SUITES = {
    Suite.HMAC_SHA256: None,
    Suite.ED25519: (ed25519.Ed25519PrivateKey.from_private_bytes,
                    ed25519.Ed25519PublicKey.from_public_bytes),
    Suite.ML_DSA_44: (mldsa.MLDSA44PrivateKey.from_seed_bytes,
                      mldsa.MLDSA44PublicKey.from_public_bytes),
    Suite.ML_DSA_65: (mldsa.MLDSA65PrivateKey.from_seed_bytes,
                      mldsa.MLDSA65PublicKey.from_public_bytes),
    Suite.ML_DSA_87: (mldsa.MLDSA87PrivateKey.from_seed_bytes,
                      mldsa.MLDSA87PublicKey.from_public_bytes),
}

# What a contender does with a seed, with a message, with a message and its signature.
KEYGEN, SIGN, VERIFY = "for e in seeds: ", "for m in messages: ", "for m, s in signed: "

WHEEL = {
    "**wheel**": ("tw.public_key(tw.keygen_from_entropy(e, suite))", "signer.sign(m)",
                  "verifier.verify(m, s)"),
    "**wheel**, from key bytes": (None, "tw.sign(key, m)", "tw.verify(public_key, m, s)"),
}
OPENSSL = {
    "OpenSSL": ("private_of(e).public_key()", "private.sign(m)", "public.verify(s, m)"),
    "OpenSSL, from key bytes": (None, "private_of(secret).sign(m)",
                                "public_of(public_bytes).verify(s, m)"),
}
OPENSSL_HMAC = {
    "OpenSSL": (None, "h = state.copy(); h.update(m); h.finalize()",
                "h = state.copy(); h.update(m); h.verify(s)"),
    "OpenSSL, from key bytes": (None, "h = HMAC(secret, SHA256()); h.update(m); h.finalize()",
                                "h = HMAC(secret, SHA256()); h.update(m); h.verify(s)"),
}
NOTHING = {"a call that does nothing": ("id(e)", "id(m)", "id(m)")}


def names_of(suite, openssl):
    """What the statements speak of."""
    secret = tinywindow.keygen(1, suite)[HEADER_SIZE:]
    key = tinywindow.import_key(secret, suite, usage=tinywindow.Usage.RAW)
    public_key = tinywindow.public_key(key) if openssl else key
    names = {
        "tw": tinywindow, "suite": suite, "key": key, "public_key": public_key,
        "signer": tinywindow.Signer(key), "verifier": tinywindow.Verifier(public_key),
        "secret": secret, "public_bytes": public_key[HEADER_SIZE:],
        "seeds": [index.to_bytes(32, "little") for index in range(IN_TURN)],
    }
    if openssl:
        private_of, public_of = openssl
        names |= {"private_of": private_of, "private": private_of(secret),
                  "public_of": public_of, "public": public_of(names["public_bytes"])}
    else:
        names |= {"HMAC": HMAC, "SHA256": hashes.SHA256, "state": HMAC(secret, hashes.SHA256())}
    return names


def shown(value):
    """Three digits that tell something."""
    return f"{value:.0f}" if value >= 100 else f"{value:#.3g}"


def column(statements, each, names, rounds):
    """The cells of one comparison; the first is what the others are compared to."""
    able = {name: each + statement for name, statement in statements.items() if statement}
    contenders = [Contender(name, statement, IN_TURN, **names) for name, statement in able.items()]
    times = measure(contenders, rounds, COMPARISON_SECONDS)
    cells = {name: f"{shown(statistics.median(of) / 1000)} ({ratio(of, times[0]):.2f})"
             for name, of in zip(able, times)}
    return [cells.get(name, "") for name in statements]


def compare(suite, openssl, rounds):
    names = names_of(suite, openssl)
    rows = WHEEL | (OPENSSL if openssl else OPENSSL_HMAC) | NOTHING
    keygen, sign, verify = (dict(zip(rows, of)) for of in zip(*rows.values()))
    if not openssl:
        keygen["**wheel**"] = "tw.keygen_from_entropy(e, suite)"
    columns = [column(keygen, KEYGEN, names, rounds)]
    for each, statements in ((SIGN, sign), (VERIFY, verify)):
        for size in SIZES.values():
            messages = [BYTES[index * STRIDE:][:size] for index in range(IN_TURN)]
            signed = [(message, names["signer"].sign(message)) for message in messages]
            given = names | {"messages": messages, "signed": signed}
            columns.append(column(statements, each, given, rounds))
    heads = [f"{operation} {size}" for operation in ("sign", "verify") for size in SIZES]
    print(f"\n### {suite.name.lower().replace('_', '-')}, from Python\n")
    print(f"| µs (ratio) | keygen | {' | '.join(heads)} |\n|---|{'---:|' * len(columns)}")
    for name, *cells in zip(rows, *columns):
        print(f"| {name} | {' | '.join(cells)} |")


def main():
    rounds = 1 if "smoke" in sys.argv[1:] else 200
    print(f"\n## OpenSSL through PyCA\n\n{backend.openssl_version_text()}, "
          f"cryptography {cryptography.__version__}, CPython {sys.version.split()[0]}.")
    for suite, openssl in SUITES.items():
        compare(suite, openssl, rounds)


if __name__ == "__main__":
    main()
