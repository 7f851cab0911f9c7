#!/usr/bin/env python3
"""The driver protocol of tests/python/baseline.py, answered by a daemon on loopback.

    driver.py PORT CERTIFICATES
"""
import re
import sys

import grpc
from client import Client, channel

SUITES = {"hmac-sha256": 1, "ed25519": 2, "ml-dsa-44": 3, "ml-dsa-65": 4, "ml-dsa-87": 5,
          "mldsa65-ed25519": 6}
NO_SUITE = 2**32 - 1


def from_hex(text):
    return b"" if text == "-" else bytes.fromhex(text)


def validity(answer):
    return "valid" if answer.valid else "invalid"


def commands(client):
    def sign(key, payload, **context):
        return client.sign(key=from_hex(key), payload=from_hex(payload), **context).signature.hex()

    def verify(key, payload, signature, **context):
        key, payload, signature = map(from_hex, (key, payload, signature))
        return validity(client.verify(key=key, payload=payload, signature=signature, **context))

    return {
        "keygen": lambda suite, seed:
            client.keygen(suite=SUITES.get(suite, NO_SUITE), seed=int(seed)).key.hex(),
        "sign": sign,
        "verify": verify,
        "sign_context": lambda key, context, payload:
            sign(key, payload, context=from_hex(context)),
        "verify_context": lambda key, context, payload, signature:
            verify(key, payload, signature, context=from_hex(context)),
    }


def main(port, certificates):
    with channel(port, certificates) as to_daemon:
        answers = commands(Client(to_daemon))
        for line in sys.stdin:
            command, *words = line.split()
            try:
                print("ok", answers[command](*words), flush=True)
            except grpc.RpcError as refusal:
                # On loopback a refusal tells the status.
                status = re.search(r"TW_ERR_\w+", refusal.details())
                print("error", status[0] if status else refusal.details(), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
