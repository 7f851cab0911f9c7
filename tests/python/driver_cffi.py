#!/usr/bin/env python3
"""The driver protocol of baseline.py, answered by the installed package `tinywindow`."""
import sys
from decimal import Decimal

import tinywindow as tw

NO_PRICE = str(-2**63)
UNIT = Decimal(10) ** 8


def from_hex(text):
    return b"" if text == "-" else bytes.fromhex(text)


def to_hex(data):
    return data.hex() or "-"


def optional(text):
    return None if text == "-" else text


def text_of(text):
    return "" if text == "-" else text


def decimal_of(text):
    return None if text in ("none", NO_PRICE) else Decimal(text) / UNIT


def units_of(number):
    return "none" if number is None else str(int(number * UNIT))


def validity(valid):
    return "valid" if valid else "invalid"


def sign_context(key, context, payload):
    return tw.sign(from_hex(key), from_hex(payload), from_hex(context)).hex()


def verify_context(key, context, payload, signature):
    return validity(tw.verify(*map(from_hex, (key, payload, signature, context))))


def import_key(suite, kind, usage, material):
    return tw.import_key(from_hex(material), suite, int(kind), int(usage)).hex()


def order_sign(key, *words):
    (template, sequence, sending_time, client_order_id, orig_client_order_id, session_id, price,
     stop_price, quantity, symbol, account, side, ord_type, time_in_force) = words
    order = tw.Order(
        template=int(template), sequence=int(sequence), sending_time=int(sending_time),
        client_order_id=int(client_order_id), orig_client_order_id=int(orig_client_order_id),
        session_id=int(session_id), price=decimal_of(price), stop_price=decimal_of(stop_price),
        quantity=decimal_of(quantity), symbol=text_of(symbol), account=text_of(account),
        side=side, ord_type=optional(ord_type), time_in_force=optional(time_in_force))
    return order.sign(from_hex(key)).hex()


def order_decode(frame):
    data = from_hex(frame)
    order = tw.Order.decode(data)
    fields = [order.template.value, order.sequence, order.sending_time, order.client_order_id,
              order.orig_client_order_id, order.session_id, f"{order.key_id:016x}",
              units_of(order.price), units_of(order.stop_price), units_of(order.quantity),
              order.symbol, order.account or "-", order.side.value,
              order.ord_type.value if order.ord_type else "-",
              order.time_in_force.value if order.time_in_force else "-",
              to_hex(tw.split_frame(data)[1])]
    return " ".join(map(str, fields))


COMMANDS = {
    "keygen": lambda suite, seed: tw.keygen(int(seed), suite).hex(),
    "entropy": lambda suite, entropy: tw.keygen_from_entropy(from_hex(entropy), suite).hex(),
    "public": lambda key: tw.public_key(from_hex(key)).hex(),
    "keyid": lambda key: f"{tw.key_id(from_hex(key)):016x}",
    "sign": lambda key, payload: tw.sign(from_hex(key), from_hex(payload)).hex(),
    "verify": lambda *words: validity(tw.verify(*map(from_hex, words))),
    "sign_context": sign_context,
    "verify_context": verify_context,
    "import": import_key,
    "order_sign": order_sign,
    "order_decode": order_decode,
}


def answer(line):
    command, *words = line.split()
    try:
        return f"ok {COMMANDS[command](*words)}"
    except tw.TinyWindowError as refusal:
        return f"error {refusal.name}"


if __name__ == "__main__":
    for line in sys.stdin:
        print(answer(line), flush=True)
