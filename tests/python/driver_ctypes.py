#!/usr/bin/env python3
"""The driver protocol of baseline.py, answered by the bare C ABI: `driver_ctypes.py LIBRARY.so`.

Nothing of the Python package is used; whoever binds another language does as much as this.
"""
import ctypes
import sys
from ctypes import POINTER, byref, c_char_p, c_int32, c_int64, c_size_t, c_uint8, c_uint32, c_uint64

PRICE_NONE = -2**63
OUTPUT_MAX = 8192   # above TW_KEY_MAX and TW_ORDER_FRAME_MAX


class Order(ctypes.Structure):
    """tw_order."""

    _fields_ = [
        ("struct_size", c_uint32), ("template_id", c_uint32), ("sequence", c_uint64),
        ("sending_time", c_uint64), ("client_order_id", c_uint64),
        ("orig_client_order_id", c_uint64), ("session_id", c_uint64), ("key_id", c_uint64),
        ("price", c_int64), ("stop_price", c_int64), ("quantity", c_uint64),
        ("symbol", c_uint8 * 16), ("account", c_uint8 * 16), ("side", c_uint8),
        ("ord_type", c_uint8), ("time_in_force", c_uint8), ("reserved", c_uint8 * 5),
        ("reserved2", c_uint64)]


class Refusal(Exception):
    """A status that is not TW_OK; its text is the name."""


BYTES = [c_char_p, c_size_t]
OUT = [POINTER(c_uint8), c_size_t, POINTER(c_size_t)]
SIGNATURES = {
    "tw_suite_from_name": [*BYTES, POINTER(c_uint32)],
    "tw_keygen": [c_uint32, c_uint64, *OUT],
    "tw_keygen_from_entropy": [c_uint32, *BYTES, *OUT],
    "tw_key_import": [c_uint32, c_uint32, c_uint32, *BYTES, *OUT],
    "tw_public_key": [*BYTES, *OUT],
    "tw_key_id": [*BYTES, POINTER(c_uint64)],
    "tw_sign": [*BYTES, *BYTES, *OUT],
    "tw_verify": [*BYTES, *BYTES, *BYTES],
    "tw_sign_with_context": [*BYTES, *BYTES, *BYTES, *OUT],
    "tw_verify_with_context": [*BYTES, *BYTES, *BYTES, *BYTES],
    "tw_order_sign": [*BYTES, POINTER(Order), *OUT],
    "tw_order_decode": [*BYTES, POINTER(Order), POINTER(c_size_t)],
}


def load(path):
    library = ctypes.CDLL(path)
    for name, arguments in SIGNATURES.items():
        function = getattr(library, name)
        function.argtypes, function.restype = arguments, c_int32
    library.tw_status_name.argtypes, library.tw_status_name.restype = [c_int32], c_char_p
    return library


class Driver:
    """The commands, over one library."""

    def __init__(self, library):
        self.library = library

    def call(self, name, *arguments):
        """Text and bytes become pointer and length."""
        flat = []
        for argument in arguments:
            flat += [argument, len(argument)] if isinstance(argument, bytes) else [argument]
        return getattr(self.library, name)(*flat)

    def check(self, status):
        if status:
            raise Refusal(self.library.tw_status_name(status).decode())

    def output(self, name, *arguments):
        out, length = (c_uint8 * OUTPUT_MAX)(), c_size_t()
        self.check(self.call(name, *arguments, out, OUTPUT_MAX, byref(length)))
        return bytes(out[:length.value])

    def valid(self, name, *arguments):
        status = self.call(name, *arguments)
        if status and self.library.tw_status_name(status) == b"TW_ERR_SIGNATURE":
            return "invalid"
        self.check(status)
        return "valid"

    def suite(self, name):
        number = c_uint32()
        self.check(self.call("tw_suite_from_name", name.encode(), byref(number)))
        return number

    def keyid(self, key):
        number = c_uint64()
        self.check(self.call("tw_key_id", from_hex(key), byref(number)))
        return f"{number.value:016x}"

    def order_sign(self, key, *words):
        return self.output("tw_order_sign", from_hex(key), byref(order_from(words))).hex()

    def order_decode(self, frame):
        data, order, signed = from_hex(frame), Order(struct_size=ctypes.sizeof(Order)), c_size_t()
        self.check(self.call("tw_order_decode", data, byref(order), byref(signed)))
        return words_from(order, data[signed.value + 2:])

    def answer(self, line):
        command, *words = line.split()
        try:
            return f"ok {COMMANDS[command](self, *words)}"
        except Refusal as refusal:
            return f"error {refusal}"


def from_hex(text):
    return b"" if text == "-" else bytes.fromhex(text)


def price_from(word):
    return PRICE_NONE if word == "none" else int(word)


def padded(word):
    return (c_uint8 * 16)(*(b"" if word == "-" else word.encode()))


def character(word):
    return 0 if word == "-" else ord(word)


def order_from(words):
    (template, sequence, sending_time, client_order_id, orig_client_order_id, session_id, price,
     stop_price, quantity, symbol, account, side, ord_type, time_in_force) = words
    return Order(
        struct_size=ctypes.sizeof(Order), template_id=int(template), sequence=int(sequence),
        sending_time=int(sending_time), client_order_id=int(client_order_id),
        orig_client_order_id=int(orig_client_order_id), session_id=int(session_id),
        price=price_from(price), stop_price=price_from(stop_price), quantity=int(quantity),
        symbol=padded(symbol), account=padded(account), side=character(side),
        ord_type=character(ord_type), time_in_force=character(time_in_force))


def words_from(order, signature):
    def price(value):
        return "none" if value == PRICE_NONE else value

    def text(value):
        return bytes(value).rstrip(b"\0").decode() or "-"

    def char(value):
        return chr(value) if value else "-"

    fields = [order.template_id, order.sequence, order.sending_time, order.client_order_id,
              order.orig_client_order_id, order.session_id, f"{order.key_id:016x}",
              price(order.price), price(order.stop_price), order.quantity, text(order.symbol),
              text(order.account), char(order.side), char(order.ord_type),
              char(order.time_in_force), signature.hex() or "-"]
    return " ".join(map(str, fields))


def on_hex(method, name, show):
    return lambda driver, *words: show(method(driver, name, *map(from_hex, words)))


COMMANDS = {
    "keygen": lambda driver, suite, seed:
        driver.output("tw_keygen", driver.suite(suite), int(seed)).hex(),
    "entropy": lambda driver, suite, entropy:
        driver.output("tw_keygen_from_entropy", driver.suite(suite), from_hex(entropy)).hex(),
    "import": lambda driver, suite, kind, usage, material:
        driver.output("tw_key_import", driver.suite(suite), int(kind), int(usage),
                      from_hex(material)).hex(),
    "public": on_hex(Driver.output, "tw_public_key", bytes.hex),
    "keyid": Driver.keyid,
    "sign": on_hex(Driver.output, "tw_sign", bytes.hex),
    "verify": on_hex(Driver.valid, "tw_verify", str),
    "sign_context": on_hex(Driver.output, "tw_sign_with_context", bytes.hex),
    "verify_context": on_hex(Driver.valid, "tw_verify_with_context", str),
    "order_sign": Driver.order_sign,
    "order_decode": Driver.order_decode,
}


def main(arguments):
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    driver = Driver(load(arguments[0]))
    for line in sys.stdin:
        print(driver.answer(line), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
