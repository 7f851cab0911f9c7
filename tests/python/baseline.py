#!/usr/bin/env python3
"""An independent TinyWindow in plain Python: slow, small, and the judge of the fast one.

It is written from the design and the standards alone (never from the Rust code) and uses only the
standard library and, for ML-DSA, the pure Python of `dilithium-py`, so that an agreement between
the two means something. It is not constant-time and guards no secret: for tests only.

    baseline.py driver       answer the driver protocol, one line in, one line out
    baseline.py fixtures     print the golden fixtures
    baseline.py check        compare the committed golden fixtures with what `fixtures` prints
    baseline.py --self-test  check the primitives against the vectors of their RFCs

Driver protocol, shared by every language. Byte strings are lowercase hex and `-` when empty; SUITE
is a suite's name; an answer is `ok VALUE` or `error STATUS_NAME`:

    keygen SUITE SEED                        entropy SUITE HEX32
    public KEY                               keyid KEY
    sign KEY PAYLOAD                         verify KEY PAYLOAD SIG
    sign_context KEY CONTEXT PAYLOAD         verify_context KEY CONTEXT PAYLOAD SIG
    import SUITE KIND USAGE MATERIAL         order_decode FRAME
    order_sign KEY TEMPLATE SEQUENCE SENDING_TIME CLIENT_ORDER_ID ORIG_CLIENT_ORDER_ID SESSION_ID
               PRICE STOP_PRICE QUANTITY SYMBOL ACCOUNT SIDE ORD_TYPE TIF

verify answers `ok valid` or `ok invalid`; order_decode answers the fields of order_sign from
TEMPLATE on, with KEY_ID after SESSION_ID and the signature last. A field that a template lacks is
`0` (ORIG_CLIENT_ORDER_ID, QUANTITY), `none` (prices) or `-` (ORD_TYPE, TIF).
"""
import functools
import hashlib
import hmac
import struct
import sys
from pathlib import Path
from typing import NamedTuple

GOLDEN = Path(__file__).resolve().parent.parent / "fixtures" / "golden.txt"


class TwError(Exception):
    """A refusal; its text is the name of the status."""


def require(condition, status):
    if not condition:
        raise TwError(status)


# --- HKDF-SHA256, RFC 5869 ------------------------------------------------------------------------

def sha256(data):
    return hashlib.sha256(data).digest()


def hmac_sha256(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def hkdf(ikm, salt, info, length):
    prk = hmac_sha256(salt, ikm)                                        # section 2.2, extract
    okm, last, counter = b"", b"", 1
    while len(okm) < length:                                            # section 2.3, expand
        last = hmac_sha256(prk, last + info + bytes([counter]))
        okm, counter = okm + last, counter + 1
    return okm[:length]


# --- ChaCha20, RFC 8439 ---------------------------------------------------------------------------

COLUMNS = ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15))
DIAGONALS = ((0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14))


def rotl32(word, bits):
    return (word << bits | word >> (32 - bits)) & 0xFFFFFFFF


def quarter_round(x, a, b, c, d):                                       # section 2.1
    for target, source, mixed, bits in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        x[target] = (x[target] + x[source]) & 0xFFFFFFFF
        x[mixed] = rotl32(x[mixed] ^ x[target], bits)


def chacha20_block(key, counter, nonce):                                # section 2.3
    state = struct.unpack("<16L", b"expand 32-byte k" + key + struct.pack("<L", counter) + nonce)
    x = list(state)
    for _ in range(10):                                                 # 20 rounds, two at a time
        for lanes in COLUMNS + DIAGONALS:
            quarter_round(x, *lanes)
    return struct.pack("<16L", *((a + b) & 0xFFFFFFFF for a, b in zip(x, state)))


def chacha20_stream(key, length):
    """The keystream from counter 0 under the zero nonce."""
    blocks = range((length + 63) // 64)
    return b"".join(chacha20_block(key, i, bytes(12)) for i in blocks)[:length]


# --- Ed25519, RFC 8032 section 5.1: points in extended coordinates (X, Y, Z, T) -------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
SQRT_MINUS_1 = pow(2, (P - 1) // 4, P)
IDENTITY = (0, 1, 1, 0)


def point_add(p, q):                                                    # section 5.1.4
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def point_mul(scalar, p):
    q = IDENTITY
    while scalar:
        if scalar & 1:
            q = point_add(q, p)
        p, scalar = point_add(p, p), scalar >> 1
    return q


def point_negate(p):
    return -p[0] % P, p[1], p[2], -p[3] % P


def point_encode(p):                                                    # section 5.1.2
    z_inverse = pow(p[2], -1, P)
    x, y = p[0] * z_inverse % P, p[1] * z_inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def recover_x(y, sign):                                                 # section 5.1.3
    x2 = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * SQRT_MINUS_1 % P
    if (x * x - x2) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def point_decode(encoded):
    """The point, or None for whatever is not the canonical encoding of one."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    x = recover_x(y, sign) if y < P else None
    return None if x is None else (x, y, 1, x * y % P)


def is_small_order(p):
    return point_encode(point_mul(8, p)) == point_encode(IDENTITY)


BASE_Y = 4 * pow(5, -1, P) % P
BASE = point_decode(BASE_Y.to_bytes(32, "little"))


def sha512_int(*parts):
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little")


def ed25519_expand(seed):                                               # section 5.1.5
    digest = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little") & (2**254 - 8) | 2**254
    return scalar, digest[32:]


def ed25519_public(seed):
    return point_encode(point_mul(ed25519_expand(seed)[0], BASE))


def ed25519_sign(seed, message):                                        # section 5.1.6
    scalar, prefix = ed25519_expand(seed)
    public = point_encode(point_mul(scalar, BASE))
    r = sha512_int(prefix, message) % L
    commitment = point_encode(point_mul(r, BASE))
    s = (r + sha512_int(commitment, public, message) * scalar) % L
    return commitment + s.to_bytes(32, "little")


def ed25519_verify(public, message, signature):
    """Section 5.1.7, strict: S below L, no point of small order, no cofactor.

    The last comparison is of encodings, so that only the canonical encoding of R passes.
    """
    if len(signature) != 64:
        return False
    a, r = point_decode(public), point_decode(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L or is_small_order(a) or is_small_order(r):
        return False
    k = sha512_int(signature[:32], public, message) % L
    expected = point_add(point_mul(s, BASE), point_mul(k, point_negate(a)))
    return point_encode(expected) == signature[:32]


# --- ML-DSA, FIPS 204, deterministic; and its composite with Ed25519 -----------------------------

def ml_dsa(suite):
    """The parameter set of dilithium-py, which only those who use ML-DSA need to have."""
    from dilithium_py import ml_dsa as implementation
    return getattr(implementation, {ML_DSA_44: "ML_DSA_44", ML_DSA_65: "ML_DSA_65",
                                    ML_DSA_87: "ML_DSA_87"}[suite])


@functools.lru_cache(maxsize=64)
def ml_dsa_keys(suite, seed):
    return ml_dsa(suite).key_derive(seed)


def ml_dsa_public(suite, seed):
    return ml_dsa_keys(suite, seed)[0]


@functools.lru_cache(maxsize=None)
def ml_dsa_sign(suite, seed, context, message):
    secret = ml_dsa_keys(suite, seed)[1]
    return ml_dsa(suite).sign(secret, message, ctx=context, deterministic=True)


def ml_dsa_public_of_expanded(suite, secret):
    """None of a key that is not of the public key whose hash it holds."""
    try:
        return ml_dsa(suite).pk_from_sk(secret)
    except ValueError:
        return None


def ml_dsa_verify(suite, public, context, message, signature):
    if len(signature) != SIGNATURE_SIZES[suite]:
        return False
    return ml_dsa(suite).verify(public, message, signature, ctx=context)


COMPOSITE_LABEL = b"COMPSIG-MLDSA65-Ed25519-SHA512"     # draft-ietf-lamps-pq-composite-sigs


def composite_message(context, message):
    return (b"CompositeAlgorithmSignatures2025" + COMPOSITE_LABEL + bytes([len(context)]) + context
            + hashlib.sha512(message).digest())


def composite_public(seeds):
    return ml_dsa_public(ML_DSA_65, seeds[:32]) + ed25519_public(seeds[32:])


def composite_sign(seeds, context, message):
    both = composite_message(context, message)
    return (ml_dsa_sign(ML_DSA_65, seeds[:32], COMPOSITE_LABEL, both)
            + ed25519_sign(seeds[32:], both))


def composite_verify(public, context, message, signature):
    both, split = composite_message(context, message), SIGNATURE_SIZES[ML_DSA_65]
    return (ml_dsa_verify(ML_DSA_65, public[:-32], COMPOSITE_LABEL, both, signature[:split])
            and ed25519_verify(public[-32:], both, signature[split:]))


# --- Keys, DESIGN section 4 -----------------------------------------------------------------------

MAGIC = b"TWK\x01"
HMAC, ED25519, ML_DSA_44, ML_DSA_65, ML_DSA_87, COMPOSITE = 1, 2, 3, 4, 5, 6
SECRET, PUBLIC, EXPANDED = 1, 2, 3
FRAMED, RAW = 1, 2
SUITES = {"hmac-sha256": HMAC, "ed25519": ED25519, "ml-dsa-44": ML_DSA_44, "ml-dsa-65": ML_DSA_65,
          "ml-dsa-87": ML_DSA_87, "mldsa65-ed25519": COMPOSITE}
SECRET_SIZES = {HMAC: 32, ED25519: 32, ML_DSA_44: 32, ML_DSA_65: 32, ML_DSA_87: 32, COMPOSITE: 64}
PUBLIC_SIZES = {ED25519: 32, ML_DSA_44: 1312, ML_DSA_65: 1952, ML_DSA_87: 2592, COMPOSITE: 1984}
EXPANDED_SIZES = {ML_DSA_44: 2560, ML_DSA_65: 4032, ML_DSA_87: 4896}
SIZES = {SECRET: SECRET_SIZES, PUBLIC: PUBLIC_SIZES, EXPANDED: EXPANDED_SIZES}
SIGNATURE_SIZES = {HMAC: 32, ED25519: 64, ML_DSA_44: 2420, ML_DSA_65: 3309, ML_DSA_87: 4627,
                   COMPOSITE: 3373}
RAW_HMAC_MAX = 1024
KEYGEN_SALT = b"tinywindow/v1/keygen"
KEY_ID_LABEL = b"tinywindow/v1/key-id"


class Key(NamedTuple):
    suite: int
    kind: int
    usage: int
    material: bytes

    def pack(self):
        return MAGIC + bytes([self.suite, self.kind, self.usage, 0]) + self.material


def suite_id(name):
    require(name in SUITES, "TW_ERR_SUITE")
    return SUITES[name]


def check_material(key):
    if key.suite == HMAC and key.usage == RAW:
        require(1 <= len(key.material) <= RAW_HMAC_MAX, "TW_ERR_KEY")
    else:
        require(len(key.material) == SIZES[key.kind][key.suite], "TW_ERR_KEY")
    if key.kind == EXPANDED:
        require(ml_dsa_public_of_expanded(key.suite, key.material) is not None, "TW_ERR_KEY")
    if key.kind == PUBLIC and key.suite in (ED25519, COMPOSITE):
        point = point_decode(key.material[-32:])
        require(point is not None and not is_small_order(point), "TW_ERR_KEY")


def public_material(key):
    if key.kind == PUBLIC:
        return key.material
    if key.kind == EXPANDED:
        return ml_dsa_public_of_expanded(key.suite, key.material)
    if key.suite == ED25519:
        return ed25519_public(key.material)
    if key.suite == COMPOSITE:
        return composite_public(key.material)
    return ml_dsa_public(key.suite, key.material)


def kinds_of(suite):
    return [kind for kind, sizes in SIZES.items() if suite in sizes]


def parse_key(data):
    """Strict: whatever is not exactly the bytes of a key is TW_ERR_KEY."""
    require(len(data) >= 8 and data[:4] == MAGIC and data[7] == 0, "TW_ERR_KEY")
    key = Key(data[4], data[5], data[6], data[8:])
    known = key.suite in SUITES.values() and key.usage in (FRAMED, RAW)
    require(known and key.kind in kinds_of(key.suite), "TW_ERR_KEY")
    check_material(key)
    return key


def import_key(suite, kind, usage, material):
    """As parse_key, but each argument is refused by its own name."""
    key = Key(suite_id(suite), kind, usage, material)
    require(kind in kinds_of(key.suite), "TW_ERR_KEY_KIND")
    require(usage in (FRAMED, RAW), "TW_ERR_KEY_USAGE")
    check_material(key)
    return key.pack()


def keygen_from_entropy(entropy, suite="hmac-sha256"):
    number = suite_id(suite)
    stream_key = hkdf(entropy, KEYGEN_SALT, suite.encode(), 32)
    material = chacha20_stream(stream_key, SECRET_SIZES[number])
    return Key(number, SECRET, FRAMED, material).pack()


def keygen(seed, suite="hmac-sha256"):
    return keygen_from_entropy(struct.pack("<Q", seed), suite)


def public_key(data):
    """The public half, with the usage of the whole; a public key is its own."""
    key = parse_key(data)
    require(key.suite != HMAC, "TW_ERR_KEY_KIND")
    return key._replace(kind=PUBLIC, material=public_material(key)).pack()


def key_id(data):
    key = parse_key(data)
    if key.suite == HMAC:
        digest = hmac_sha256(key.material, KEY_ID_LABEL)
    else:
        digest = sha256(public_key(data))
    return int.from_bytes(digest[:8], "big")


# --- Signatures, DESIGN sections 4 and 13.7 -------------------------------------------------------

BLOCK_LEN = 64                                                          # one SHA-256 block
CONTEXT_MAX = 60                                                        # what the block leaves
RAW_CONTEXT_MAX = 255                                                   # FIPS 204's
RESERVED = b"tinywindow/"
PAYLOAD_CONTEXT = b"tinywindow/v1/payload"
ORDER_CONTEXT = b"tinywindow/v1/order"


def block(context):
    return (b"TW1" + bytes([len(context)]) + context).ljust(BLOCK_LEN, b"\0")


def begins_with_reserved_block(payload):
    return payload[:3] == b"TW1" and payload[4:4 + len(RESERVED)] == RESERVED


def knows_contexts(suite):
    """Whether the standard does; the others sign a block before the payload."""
    return suite not in (HMAC, ED25519)


def message_of(key, payload, context):
    """The bytes that HMAC and Ed25519 sign; no context means the one of plain payloads."""
    if key.usage == RAW:
        require(context is None, "TW_ERR_KEY_USAGE")
        require(not begins_with_reserved_block(payload), "TW_ERR_PAYLOAD")
        return payload
    return block(PAYLOAD_CONTEXT if context is None else context) + payload


def standard_context(key, context):
    if context is not None:
        return context
    return b"" if key.usage == RAW else PAYLOAD_CONTEXT


def sign_in(key, context, payload):
    require(key.kind != PUBLIC, "TW_ERR_KEY_KIND")
    if not knows_contexts(key.suite):
        message = message_of(key, payload, context)
        return (hmac_sha256 if key.suite == HMAC else ed25519_sign)(key.material, message)
    context = standard_context(key, context)
    if key.suite == COMPOSITE:
        return composite_sign(key.material, context, payload)
    if key.kind == EXPANDED:
        return ml_dsa(key.suite).sign(key.material, payload, ctx=context, deterministic=True)
    return ml_dsa_sign(key.suite, key.material, context, payload)


def verify_in(key, context, payload, signature):
    if knows_contexts(key.suite):
        context = standard_context(key, context)
        if key.suite == COMPOSITE:
            return composite_verify(public_material(key), context, payload, signature)
        return ml_dsa_verify(key.suite, public_material(key), context, payload, signature)
    if key.usage == RAW and begins_with_reserved_block(payload):
        return False                                                    # no raw key signs it
    message = message_of(key, payload, context)
    if key.suite == HMAC:
        return hmac.compare_digest(hmac_sha256(key.material, message), signature)
    return ed25519_verify(public_material(key), message, signature)


def check_own_context(key, context):
    require(key.usage == FRAMED or knows_contexts(key.suite), "TW_ERR_KEY_USAGE")
    least, most = (1, CONTEXT_MAX) if key.usage == FRAMED else (0, RAW_CONTEXT_MAX)
    allowed = least <= len(context) <= most and not context.startswith(RESERVED)
    require(allowed, "TW_ERR_CONTEXT")


def sign(data, payload):
    return sign_in(parse_key(data), None, payload)


def verify(data, payload, signature):
    return verify_in(parse_key(data), None, payload, signature)


def sign_context(data, context, payload):
    key = parse_key(data)
    check_own_context(key, context)
    return sign_in(key, context, payload)


def verify_context(data, context, payload, signature):
    key = parse_key(data)
    check_own_context(key, context)
    return verify_in(key, context, payload, signature)


# --- Order frames: SBE 1.0, DESIGN sections 5, 13.8 and 13.9 --------------------------------------

SCHEMA_ID, VERSION = 1, 0
NO_PRICE = -2**63
HEADER = struct.Struct("<4H")                                           # SBE message header
VAR_LENGTH = struct.Struct("<H")


class Template(NamedTuple):
    layout: struct.Struct
    fields: list


IDS = "sequence sending_time client_order_id session_id key_id "
NEW = IDS + "price stop_price quantity symbol account side ord_type time_in_force reserved "
CANCEL = IDS + "orig_client_order_id symbol account side reserved"
TEMPLATES = {
    1: Template(struct.Struct("<5Q2qQ16s16sccc5s"), NEW.split()),
    2: Template(struct.Struct("<5Q2qQ16s16sccc5sQ"), (NEW + "orig_client_order_id").split()),
    3: Template(struct.Struct("<5QQ16s16sc7s"), CANCEL.split()),
}
# What an order holds for a field that its template lacks.
ABSENT = {"orig_client_order_id": 0, "price": None, "stop_price": None, "quantity": 0,
          "ord_type": "", "time_in_force": ""}
ENUMS = {"side": "125", "ord_type": "1234", "time_in_force": "0134"}


def is_text(text, least):
    return least <= len(text) <= 16 and all(0x21 <= ord(c) <= 0x7E for c in text)


def check_order(order):
    """The rules on values, the same on the way out and on the way in."""
    fields = TEMPLATES[order["template"]].fields
    right = [order[name] == absent for name, absent in ABSENT.items() if name not in fields]
    right += [len(order[name]) == 1 and order[name] in allowed
              for name, allowed in ENUMS.items() if name in fields]
    right += [is_text(order["symbol"], 1), is_text(order["account"], 0)]
    if "ord_type" in fields:
        right += [(order["price"] is not None) == (order["ord_type"] in ("2", "4")),
                  (order["stop_price"] is not None) == (order["ord_type"] in ("3", "4")),
                  order["quantity"] > 0]
    require(all(right), "TW_ERR_ORDER")


def to_wire(value):
    if value is None:
        return NO_PRICE
    return value.encode("ascii") if isinstance(value, str) else value   # struct pads with NULs


def encode(order):
    """Header and root block: the bytes that are signed."""
    require(order["template"] in TEMPLATES, "TW_ERR_ORDER")
    check_order(order)
    layout, fields = TEMPLATES[order["template"]]
    values = [to_wire({"reserved": b"", **order}[name]) for name in fields]
    header = HEADER.pack(layout.size, order["template"], SCHEMA_ID, VERSION)
    return header + layout.pack(*values)


def sign_order(data, order):
    """The whole frame; key_id is taken from the key."""
    key = parse_key(data)
    require(key.kind != PUBLIC, "TW_ERR_KEY_KIND")
    require(key.usage == FRAMED, "TW_ERR_KEY_USAGE")
    unsigned = encode({**order, "key_id": key_id(data)})
    signature = sign_in(key, ORDER_CONTEXT, unsigned)
    return unsigned + VAR_LENGTH.pack(len(signature)) + signature


def from_wire(name, value):
    if name in ("price", "stop_price"):
        return None if value == NO_PRICE else value
    if isinstance(value, bytes):                 # a NUL that is not padding stays and is refused
        return value.rstrip(b"\0").decode("latin-1")
    return value


def split_frame(frame):
    """Template, root block and signature; every length has to be exact."""
    require(len(frame) >= HEADER.size, "TW_ERR_ORDER")
    block_length, template, schema, version = HEADER.unpack_from(frame)
    require(template in TEMPLATES and (schema, version) == (SCHEMA_ID, VERSION), "TW_ERR_ORDER")
    layout = TEMPLATES[template].layout
    start = HEADER.size + layout.size + VAR_LENGTH.size
    require(block_length == layout.size and len(frame) >= start, "TW_ERR_ORDER")
    (length,) = VAR_LENGTH.unpack_from(frame, start - VAR_LENGTH.size)
    require(len(frame) == start + length, "TW_ERR_ORDER")
    return template, layout.unpack_from(frame, HEADER.size), frame[start:]


def decode(frame):
    """Strict. The signature is taken out, not verified."""
    template, values, signature = split_frame(frame)
    order = dict(ABSENT, template=template)
    for name, value in zip(TEMPLATES[template].fields, values):
        order[name] = from_wire(name, value)
    require(order.pop("reserved") == "", "TW_ERR_ORDER")
    check_order(order)
    return {**order, "signature": signature}


# --- The driver -----------------------------------------------------------------------------------

def to_hex(data):
    return data.hex() or "-"


def from_hex(text):
    return b"" if text == "-" else bytes.fromhex(text)


def validity(valid):
    return "valid" if valid else "invalid"


def price_of(text):
    return None if text in ("none", str(NO_PRICE)) else int(text)


def text_of(text):
    return "" if text == "-" else text


ORDER_ARGUMENTS = {
    "template": int, "sequence": int, "sending_time": int, "client_order_id": int,
    "orig_client_order_id": int, "session_id": int, "price": price_of, "stop_price": price_of,
    "quantity": int, "symbol": text_of, "account": text_of, "side": text_of, "ord_type": text_of,
    "time_in_force": text_of,
}


def drive_order_sign(key, *arguments):
    pairs = zip(ORDER_ARGUMENTS.items(), arguments, strict=True)
    order = {name: convert(text) for (name, convert), text in pairs}
    return sign_order(from_hex(key), order).hex()


def drive_order_decode(frame):
    order = decode(from_hex(frame))
    words = []
    for name in ORDER_ARGUMENTS:
        words.append("none" if order[name] is None else str(order[name]) or "-")
        if name == "session_id":
            words.append(f"{order['key_id']:016x}")
    return " ".join(words + [to_hex(order["signature"])])


def on_bytes(function, show):
    return lambda *words: show(function(*map(from_hex, words)))


COMMANDS = {
    "keygen": lambda suite, seed: keygen(int(seed), suite).hex(),
    "entropy": lambda suite, entropy: keygen_from_entropy(from_hex(entropy), suite).hex(),
    "import": lambda suite, kind, usage, material:
        import_key(suite, int(kind), int(usage), from_hex(material)).hex(),
    "public": on_bytes(public_key, bytes.hex),
    "keyid": on_bytes(key_id, "{:016x}".format),
    "sign": on_bytes(sign, bytes.hex),
    "verify": on_bytes(verify, validity),
    "sign_context": on_bytes(sign_context, bytes.hex),
    "verify_context": on_bytes(verify_context, validity),
    "order_sign": drive_order_sign,
    "order_decode": drive_order_decode,
}


def answer(line):
    command, *words = line.split()
    try:
        return "ok " + COMMANDS[command](*words)
    except TwError as status:
        return f"error {status}"
    except (KeyError, TypeError, ValueError, struct.error) as mistake:
        return f"error DRIVER {mistake!r}"                              # a broken line, not a case


def driver():
    for line in sys.stdin:
        print(answer(line) if line.strip() else "error DRIVER empty line", flush=True)
    return 0


# --- The golden fixtures --------------------------------------------------------------------------

SEEDS = (0, 1, 42, 2**64 - 1)
PAYLOAD_LENGTHS = (0, 1, 31, 55, 56, 63, 64, 65, 200, 1000)             # around SHA-256's padding
POST_QUANTUM = [name for name, suite in SUITES.items() if knows_contexts(suite)]
SMALL = [name for name in SUITES if name not in POST_QUANTUM]
VALID, INVALID = "ok valid", "ok invalid"

RFC8032 = [                                                             # section 7.1, tests 1 to 3
    ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
     "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
     "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
]
RFC4231 = [                                                             # cases 1, 2, 3 and 6
    (b"\x0b" * 20, b"Hi There",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (b"Jefe", b"what do ya want for nothing?",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    (b"\xaa" * 20, b"\xdd" * 50,
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
    (b"\xaa" * 131, b"Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
]


def pattern(length):
    return bytes((7 * i + 3) % 256 for i in range(length))


def flip(data, bit):
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def patch(data, offset, new):
    return data[:offset] + new + data[offset + len(new):]


class Golden:
    """Collects cases. What a case is meant to show is written down; only values are computed."""

    def __init__(self):
        self.lines, self.seen = [], set()

    def group(self, title):
        self.lines += ["", f"# {title}"]

    def case(self, command, *words, expect=None):
        line = " ".join([command, *(to_hex(w) if isinstance(w, bytes) else str(w) for w in words)])
        got = answer(line)
        if got != expect if expect else not got.startswith("ok "):
            raise AssertionError(f"{line}: expected {expect or 'ok'}, got {got}")
        if line in self.seen:
            raise AssertionError(f"twice: {line}")
        self.seen.add(line)
        self.lines.append(f"{line} => {got}")

    def text(self):
        head = [f"# cases: {len(self.seen)}",
                "# Made by tests/python/baseline.py fixtures; COMMAND LINE => ANSWER."]
        return "\n".join(head + self.lines) + "\n"


def golden_keys(golden):
    for suite in SUITES:
        golden.group(f"keys from a seed and from entropy: {suite}")
        for seed in SEEDS:
            golden.case("keygen", suite, seed)
            golden.case("keyid", keygen(seed, suite))
        for entropy in (bytes(32), pattern(32), b"\xff" * 32):
            golden.case("entropy", suite, entropy)
    golden.group("public keys, and the same id for both halves; HMAC has no public key")
    for seed in SEEDS:
        golden.case("public", keygen(seed, "ed25519"))
    for suite in POST_QUANTUM:
        golden.case("public", keygen(42, suite))
    for suite in ("ed25519", *POST_QUANTUM):
        public = public_key(keygen(42, suite))
        golden.case("public", public, expect=f"ok {public.hex()}")
        golden.case("keyid", public, expect=f"ok {key_id(keygen(42, suite)):016x}")
    golden.case("public", keygen(42), expect="error TW_ERR_KEY_KIND")
    golden.group("suites that do not exist")
    golden.case("keygen", "rot13", 1, expect="error TW_ERR_SUITE")
    golden.case("keygen", "HMAC-SHA256", 1, expect="error TW_ERR_SUITE")
    golden.case("entropy", "rot13", bytes(32), expect="error TW_ERR_SUITE")
    golden.case("import", "rot13", SECRET, FRAMED, bytes(32), expect="error TW_ERR_SUITE")


def golden_payloads(golden):
    for suite in SUITES:
        golden.group(f"payloads of every awkward length: {suite}")
        key = keygen(42, suite)
        for length in PAYLOAD_LENGTHS if suite in SMALL else (0, 200):
            payload = pattern(length)
            golden.case("sign", key, payload)
            golden.case("verify", key, payload, sign(key, payload), expect=VALID)
    golden.group("a public key verifies and does not sign")
    for suite in ("ed25519", *POST_QUANTUM):
        secret = keygen(42, suite)
        public = public_key(secret)
        golden.case("verify", public, pattern(200), sign(secret, pattern(200)), expect=VALID)
        golden.case("sign", public, pattern(31), expect="error TW_ERR_KEY_KIND")
        golden.case("sign_context", public, b"app", pattern(31), expect="error TW_ERR_KEY_KIND")
    golden.group("a framed key may sign what looks like a block: its own block comes first")
    for suite in SMALL:
        golden.case("sign", keygen(42, suite), block(ORDER_CONTEXT) + b"x")


def golden_contexts(golden):
    good = (b"a", b"a\0", b"app/v1", b"c" * 60, b"tinywindow", b"Tinywindow/v1/order")
    bad = (b"", b"c" * 61, RESERVED, PAYLOAD_CONTEXT, ORDER_CONTEXT, b"tinywindow/mine")
    payload = pattern(31)
    for suite in SUITES:
        golden.group(f"contexts of the caller: {suite}")
        key = keygen(1, suite)
        for context in good if suite in SMALL else good[1:2]:
            signature = sign_context(key, context, payload)
            golden.case("sign_context", key, context, payload)
            golden.case("verify_context", key, context, payload, signature, expect=VALID)
        for context in bad:
            golden.case("sign_context", key, context, payload, expect="error TW_ERR_CONTEXT")
        for context in (b"", ORDER_CONTEXT):
            golden.case("verify_context", key, context, payload, bytes(64),
                        expect="error TW_ERR_CONTEXT")


def golden_raw(golden):
    golden.group("raw HMAC keys: RFC 4231, cases 1, 2, 3 and 6")
    for material, payload, tag in RFC4231:
        golden.case("sign", Key(HMAC, SECRET, RAW, material).pack(), payload, expect=f"ok {tag}")
    golden.group("raw Ed25519 keys: RFC 8032 section 7.1, tests 1 to 3")
    for seed, public, payload, signature in RFC8032:
        key = Key(ED25519, SECRET, RAW, bytes.fromhex(seed)).pack()
        raw_public = Key(ED25519, PUBLIC, RAW, bytes.fromhex(public)).pack()
        golden.case("public", key, expect=f"ok {raw_public.hex()}")
        golden.case("sign", key, payload or "-", expect=f"ok {signature}")
        golden.case("verify", raw_public, payload or "-", signature, expect=VALID)
    golden.group("raw HMAC keys of any length from 1 to 1024; the id covers the material only")
    for length in (1, 31, 32, 33, 1024):
        key = Key(HMAC, SECRET, RAW, pattern(length)).pack()
        golden.case("import", "hmac-sha256", SECRET, RAW, pattern(length), expect=f"ok {key.hex()}")
        golden.case("sign", key, pattern(65))
        golden.case("keyid", key)
    golden.group("a raw key has no context, signs no order and no reserved block")
    for suite in (HMAC, ED25519):
        key = Key(suite, SECRET, RAW, pattern(32)).pack()
        golden.case("sign_context", key, b"app", b"x", expect="error TW_ERR_KEY_USAGE")
        golden.case("verify_context", key, b"app", b"x", bytes(64),
                    expect="error TW_ERR_KEY_USAGE")
        golden.case("order_sign", key, *order_words(), expect="error TW_ERR_KEY_USAGE")
        for payload in (block(PAYLOAD_CONTEXT) + b"x", b"TW1\0" + RESERVED, b"TW1\xff" + RESERVED):
            golden.case("sign", key, payload, expect="error TW_ERR_PAYLOAD")
        golden.case("verify", key, block(ORDER_CONTEXT), bytes(64), expect=INVALID)
        for payload in (b"TW1", b"TW1\x0btinywindow", b"TW2\x0b" + RESERVED, block(b"app")):
            golden.case("sign", key, payload)


def golden_raw_post_quantum(golden):
    golden.group("raw keys of ML-DSA: contexts of 0 to 255 bytes, bare payloads of any kind, no order")
    for name in POST_QUANTUM:
        key = Key(SUITES[name], SECRET, RAW, pattern(SECRET_SIZES[SUITES[name]])).pack()
        public = public_key(key)
        bare = sign(key, block(ORDER_CONTEXT))
        golden.case("sign", key, block(ORDER_CONTEXT))
        golden.case("verify_context", public, b"", block(ORDER_CONTEXT), bare, expect=VALID)
        golden.case("sign_context", key, b"c" * 255, b"x")
        for context in (b"c" * 256, RESERVED, ORDER_CONTEXT):
            golden.case("sign_context", key, context, b"x", expect="error TW_ERR_CONTEXT")
            golden.case("verify_context", key, context, b"x", b"", expect="error TW_ERR_CONTEXT")
        golden.case("order_sign", key, *order_words(), expect="error TW_ERR_KEY_USAGE")


def golden_imports_post_quantum(golden):
    golden.group("imports of ML-DSA and its composite: by length, and by Ed25519's half")
    for name in POST_QUANTUM:
        suite = SUITES[name]
        golden.case("import", name, SECRET, RAW, pattern(SECRET_SIZES[suite]))
        golden.case("import", name, PUBLIC, FRAMED, public_key(keygen(0, name))[8:])
        for kind, sizes in ((SECRET, SECRET_SIZES), (PUBLIC, PUBLIC_SIZES)):
            golden.case("import", name, kind, RAW, pattern(sizes[suite] + 1),
                        expect="error TW_ERR_KEY")
    half = ml_dsa_public(ML_DSA_65, bytes(32))
    golden.case("import", "mldsa65-ed25519", PUBLIC, FRAMED, half + (2).to_bytes(32, "little"),
                expect="error TW_ERR_KEY")


def golden_expanded(golden):
    golden.group("private keys of ML-DSA without their seed: they sign as the key of the seed does")
    for name in SUITES:
        suite, key = SUITES[name], keygen(7, name)
        if suite not in EXPANDED_SIZES:
            golden.case("import", name, EXPANDED, FRAMED, pattern(32),
                        expect="error TW_ERR_KEY_KIND")
            continue
        secret = ml_dsa_keys(suite, key[8:])[1]
        expanded = Key(suite, EXPANDED, FRAMED, secret).pack()
        golden.case("import", name, EXPANDED, FRAMED, secret, expect=f"ok {expanded.hex()}")
        golden.case("public", expanded, expect=f"ok {public_key(key).hex()}")
        golden.case("keyid", expanded, expect=f"ok {key_id(key):016x}")
        golden.case("sign", expanded, b"x", expect=f"ok {sign(key, b'x').hex()}")
        golden.case("verify", expanded, b"x", sign(key, b"x"), expect=VALID)
        golden.case("import", name, EXPANDED, FRAMED, key[8:], expect="error TW_ERR_KEY")
        golden.case("keyid", flip(expanded, 8 * (8 + 128)), expect="error TW_ERR_KEY")


def golden_imports(golden):
    golden.group("imports")
    public = ed25519_public(pattern(32))
    for suite, kind, material in (("hmac-sha256", SECRET, pattern(32)),
                                  ("ed25519", SECRET, pattern(32)), ("ed25519", PUBLIC, public)):
        golden.case("import", suite, kind, FRAMED, material)
    golden.case("import", "ed25519", PUBLIC, RAW, public)
    golden.group("imports refused: length, kind, usage")
    for suite, usage, length in (("hmac-sha256", RAW, 0), ("hmac-sha256", RAW, 1025),
                                 ("hmac-sha256", FRAMED, 31), ("hmac-sha256", FRAMED, 33),
                                 ("ed25519", FRAMED, 31), ("ed25519", RAW, 33)):
        golden.case("import", suite, SECRET, usage, pattern(length), expect="error TW_ERR_KEY")
    for suite, kind in (("hmac-sha256", PUBLIC), ("hmac-sha256", 0), ("ed25519", 4)):
        golden.case("import", suite, kind, FRAMED, pattern(32), expect="error TW_ERR_KEY_KIND")
    for usage in (0, 3):
        golden.case("import", "ed25519", SECRET, usage, pattern(32),
                    expect="error TW_ERR_KEY_USAGE")
    golden.group("Ed25519 public keys that are no canonical point: y = 2, y = p + 3, minus zero")
    for point in (2, P + 3, 1 | 1 << 255):
        golden.case("import", "ed25519", PUBLIC, FRAMED, point.to_bytes(32, "little"),
                    expect="error TW_ERR_KEY")


def golden_malformed_keys(golden):
    golden.group("malformed key bytes: length, magic, version, suite, kind, usage, reserved byte")
    key, ed_key = keygen(42), keygen(42, "ed25519")
    broken = [b"", key[:7], key[:8], key[:-1], key + b"\0", ed_key[:-1], ed_key + b"\0",
              public_key(ed_key)[:-1], patch(key, 0, b"t"), patch(key, 3, b"\2"),
              patch(key, 4, b"\0"), patch(key, 4, b"\xff"), patch(key, 5, b"\0"),
              patch(key, 5, b"\2"), patch(key, 5, b"\4"), patch(key, 6, b"\0"),
              patch(key, 6, b"\3"), patch(key, 7, b"\1"), key[8:],
              Key(HMAC, SECRET, RAW, b"").pack(), Key(HMAC, SECRET, RAW, bytes(1025)).pack()]
    for data in broken:
        golden.case("keyid", data, expect="error TW_ERR_KEY")
    for data in (b"", key[:-1], patch(key, 7, b"\1")):
        golden.case("sign", data, b"x", expect="error TW_ERR_KEY")
        golden.case("verify", data, b"x", bytes(32), expect="error TW_ERR_KEY")
        golden.case("order_sign", data, *order_words(), expect="error TW_ERR_KEY")
    golden.case("public", ed_key + b"\0", expect="error TW_ERR_KEY")


def golden_signatures(golden):
    payload = pattern(64)
    for suite, other in zip(SUITES, (*list(SUITES)[1:], "hmac-sha256")):
        golden.group(f"signatures that are not valid: {suite}")
        key = keygen(0, suite)
        good = sign(key, payload)
        flips = [flip(good, bit) for bit in (0, 100, len(good) * 8 - 1)]
        lengths = [b"", good[:1], good[:-1], good + b"\0", bytes(len(good))]
        bad = [*flips, *lengths, sign(keygen(0, other), payload)]
        for signature in bad if suite in SMALL else [flips[2], lengths[0], lengths[2]]:
            golden.case("verify", key, payload, signature, expect=INVALID)
        golden.case("verify", keygen(1, suite), payload, good, expect=INVALID)
        golden.case("verify", key, payload[:-1], good, expect=INVALID)
        if suite in SMALL:
            golden.case("verify", key, flip(payload, 0), good, expect=INVALID)
        golden.group(f"a signature is worth nothing in another context or usage: {suite}")
        mine = sign_context(key, b"app", payload)
        frame = bytes.fromhex(drive_order_sign(key.hex(), *map(str, order_words())))
        golden.case("verify", key, payload, mine, expect=INVALID)
        golden.case("verify_context", key, b"app", payload, good, expect=INVALID)
        golden.case("verify", key, frame[:112], frame[114:], expect=INVALID)
        golden.case("verify", patch(key, 6, b"\2"), payload, good, expect=INVALID)
        if suite in SMALL:
            golden.case("verify_context", key, b"app\0", payload, mine, expect=INVALID)
    golden_strict_ed25519(golden, payload)
    golden_both_halves(golden, payload)


def golden_both_halves(golden, payload):
    golden.group("the composite needs both halves, of one message, and not its parts' own signatures")
    key, half = keygen(0, "mldsa65-ed25519"), SIGNATURE_SIZES[ML_DSA_65]
    good, other = sign(key, payload), sign(key, payload + b"x")
    golden.case("verify", key, payload, good, expect=VALID)
    golden.case("verify", key, payload, good[:half] + other[half:], expect=INVALID)
    golden.case("verify", key, payload, other[:half] + good[half:], expect=INVALID)
    parts = (ml_dsa_sign(ML_DSA_65, key[8:40], PAYLOAD_CONTEXT, payload)
             + ed25519_sign(key[40:], block(PAYLOAD_CONTEXT) + payload))
    golden.case("verify", key, payload, parts, expect=INVALID)


def golden_strict_ed25519(golden, payload):
    golden.group("Ed25519 is strict: S + L, R of small order, key of small order")
    secret = keygen(0, "ed25519")
    good = sign(secret, payload)
    s = int.from_bytes(good[32:], "little")
    golden.case("verify", secret, payload, good[:32] + (s + L).to_bytes(32, "little"),
                expect=INVALID)
    identity, message = point_encode(IDENTITY), block(PAYLOAD_CONTEXT) + payload
    scalar, public = ed25519_expand(secret[8:])[0], ed25519_public(secret[8:])
    forged = sha512_int(identity, public, message) * scalar % L         # [S]B = O + [k]A holds
    golden.case("verify", secret, payload, identity + forged.to_bytes(32, "little"),
                expect=INVALID)
    weak = Key(ED25519, PUBLIC, FRAMED, identity).pack()                # [1]B = B + [k]O holds
    golden.case("verify", weak, payload, point_encode(BASE) + (1).to_bytes(32, "little"),
                expect="error TW_ERR_KEY")


NEW_ORDER = {
    "template": 1, "sequence": 7, "sending_time": 1700000000123456789, "client_order_id": 1001,
    "orig_client_order_id": 0, "session_id": 99, "price": "18950000000", "stop_price": "none",
    "quantity": 10000000000, "symbol": "AAPL", "account": "ACC-1", "side": "1", "ord_type": "2",
    "time_in_force": "0",
}
REPLACE = dict(NEW_ORDER, template=2, orig_client_order_id=1000)
CANCEL_ORDER = dict(REPLACE, template=3, price="none", quantity=0, ord_type="-", time_in_force="-")


def order_words(base=NEW_ORDER, **changes):
    return list({**base, **changes}.values())


U64_MAX, I64_MAX = 2**64 - 1, 2**63 - 1
IDS_MAX = dict.fromkeys("sequence sending_time client_order_id session_id".split(), U64_MAX)
MARKET = dict(ord_type="1", price="none")
ORDERS = [
    (NEW_ORDER, {}),
    (NEW_ORDER, dict(MARKET, side="2", time_in_force="3")),
    (NEW_ORDER, dict(ord_type="3", price="none", stop_price=19000000000, time_in_force="1")),
    (NEW_ORDER, dict(ord_type="4", stop_price=19000000000, side="5", time_in_force="4")),
    (NEW_ORDER, dict(price=-3763000000)),                               # oil, 20 April 2020
    (NEW_ORDER, dict(price=0)),
    (NEW_ORDER, dict(price=I64_MAX, quantity=U64_MAX, **IDS_MAX)),
    (NEW_ORDER, dict(ord_type="4", price=NO_PRICE + 1, stop_price=NO_PRICE + 1, quantity=1)),
    (NEW_ORDER, dict(symbol="!", account="-")),
    (NEW_ORDER, dict(symbol="ABCDEFGHIJKLMNO~", account="0123456789abcdef")),
    (REPLACE, {}),
    (REPLACE, dict(MARKET, orig_client_order_id=U64_MAX, account="-")),
    (CANCEL_ORDER, {}),
    (CANCEL_ORDER, dict(IDS_MAX, orig_client_order_id=U64_MAX, side="5", account="-")),
]
BAD_ORDERS = [
    (NEW_ORDER, dict(template=0)), (NEW_ORDER, dict(template=4)),
    (NEW_ORDER, dict(price="none")), (NEW_ORDER, dict(price=NO_PRICE)),
    (NEW_ORDER, dict(ord_type="1")), (NEW_ORDER, dict(ord_type="3", stop_price=1)),
    (NEW_ORDER, dict(ord_type="3", price="none")), (NEW_ORDER, dict(ord_type="4")),
    (NEW_ORDER, dict(ord_type="4", price="none", stop_price=1)), (NEW_ORDER, dict(stop_price=1)),
    (NEW_ORDER, dict(MARKET, stop_price=1)),
    (NEW_ORDER, dict(quantity=0)), (NEW_ORDER, dict(symbol="-")), (NEW_ORDER, dict(side="3")),
    (NEW_ORDER, dict(MARKET, ord_type="5")), (NEW_ORDER, dict(time_in_force="2")),
    (NEW_ORDER, dict(orig_client_order_id=1)),
    (REPLACE, dict(quantity=0)), (REPLACE, dict(price="none")),
    (CANCEL_ORDER, dict(price=1)), (CANCEL_ORDER, dict(stop_price=1)),
    (CANCEL_ORDER, dict(quantity=1)), (CANCEL_ORDER, dict(ord_type="1")),
    (CANCEL_ORDER, dict(time_in_force="0")), (CANCEL_ORDER, dict(side="6")),
    (CANCEL_ORDER, dict(symbol="-")),
]


def frame_of(key, base=NEW_ORDER, **changes):
    return bytes.fromhex(drive_order_sign(key.hex(), *map(str, order_words(base, **changes))))


def golden_orders(golden):
    hmac_key, ed_key = keygen(42), keygen(42, "ed25519")
    golden.group("orders: signed, then decoded")
    for base, changes in ORDERS:
        golden.case("order_sign", hmac_key, *order_words(base, **changes))
        golden.case("order_decode", frame_of(hmac_key, base, **changes))
    for base in (NEW_ORDER, REPLACE, CANCEL_ORDER):
        golden.case("order_sign", ed_key, *order_words(base))
        golden.case("order_decode", frame_of(ed_key, base))
    for suite in POST_QUANTUM:
        golden.case("order_sign", keygen(42, suite), *order_words())
        golden.case("order_decode", frame_of(keygen(42, suite)))
    golden.group("orders refused: template, prices and type, quantity, text, enumerations, absence")
    for base, changes in BAD_ORDERS:
        golden.case("order_sign", hmac_key, *order_words(base, **changes),
                    expect="error TW_ERR_ORDER")
    golden.case("order_sign", public_key(ed_key), *order_words(), expect="error TW_ERR_KEY_KIND")


def i64(number):
    return struct.pack("<q", number)


# (offset, bytes) that break one rule each. Offsets in the frame: 8 of header, then the tables of
# DESIGN section 5 and 13.9.
HEADER_PATCHES = [
    (0, b"\x67"), (0, b"\x69"), (0, b"\x70"), (0, b"\0\0"), (1, b"\1"),     # blockLength
    (2, b"\0"), (2, b"\2"), (2, b"\3"), (2, b"\4"), (3, b"\1"),            # templateId
    (4, b"\0"), (4, b"\2"), (5, b"\1"), (6, b"\1"), (7, b"\1"),            # schemaId, version
    (112, b"\x1f"), (112, b"\x21"), (112, b"\0"), (113, b"\1"),            # signature's length
]
NEW_PATCHES = [
    (8 + 40, i64(NO_PRICE)), (8 + 48, i64(1)), (8 + 56, bytes(8)),          # prices, quantity
    (8 + 64, bytes(16)), (8 + 64, b"\0"), (8 + 65, b"\0"), (8 + 65, b" "), (8 + 65, b"\x7f"),
    (8 + 65, b"\xc3"), (8 + 64, b"\x1f"), (8 + 79, b"X"), (8 + 68, b" "),     # symbol
    (8 + 80, b"\0"), (8 + 81, b"\x80"), (8 + 95, b"1"),                     # account
    (8 + 96, b"0"), (8 + 96, b"3"), (8 + 96, b"\0"), (8 + 96, b"\1"),        # side
    (8 + 97, b"1"), (8 + 97, b"3"), (8 + 97, b"4"),                         # ord_type and prices
    (8 + 98, b"2"), (8 + 98, b"5"), (8 + 98, b"\0"),                        # time_in_force
    (8 + 99, b"\1"), (8 + 103, b"\x80"), (8 + 101, b"0"),                   # reserved
]
# On an order without prices, so that nothing but the type itself is wrong.
MARKET_PATCHES = [(8 + 97, b"0"), (8 + 97, b"5"), (8 + 97, b"\0"), (8 + 40, i64(1))]
REPLACE_PATCHES = [(0, b"\x68"), (2, b"\1"), (2, b"\3"), (8 + 99, b"\1"), (8 + 56, bytes(8))]
CANCEL_PATCHES = [
    (0, b"\x68"), (2, b"\1"), (8 + 48, b"\0"), (8 + 64, b"\0"), (8 + 80, b"4"),
    (8 + 81, b"\1"), (8 + 87, b"\1"),
]


def golden_frames(golden):
    key = keygen(42)
    for title, base, patches in (("header and signature length", NEW_ORDER, HEADER_PATCHES),
                                 ("template 1", NEW_ORDER, NEW_PATCHES),
                                 ("market order", {**NEW_ORDER, **MARKET}, MARKET_PATCHES),
                                 ("template 2", REPLACE, REPLACE_PATCHES),
                                 ("template 3", CANCEL_ORDER, CANCEL_PATCHES)):
        golden.group(f"frames refused: {title}")
        for offset, new in patches:
            golden.case("order_decode", patch(frame_of(key, base), offset, new),
                        expect="error TW_ERR_ORDER")
    golden.group("frames refused: cut, or followed by more")
    frame = frame_of(key)
    for data in (b"", frame[:1], frame[:7], frame[:8], frame[:111], frame[:112], frame[:113],
                 frame[:114], frame[:-1], frame + b"\0", frame + frame):
        golden.case("order_decode", data, expect="error TW_ERR_ORDER")
    golden.group("decoding takes the signature out and does not judge it")
    golden.case("order_decode", flip(frame, len(frame) * 8 - 1))


def fixtures():
    golden = Golden()
    for part in (golden_keys, golden_payloads, golden_contexts, golden_raw,
                 golden_raw_post_quantum, golden_imports, golden_imports_post_quantum,
                 golden_expanded, golden_malformed_keys, golden_signatures, golden_orders,
                 golden_frames):
        part(golden)
    return golden.text()


def print_fixtures():
    sys.stdout.write(fixtures())
    return 0


def check():
    if GOLDEN.read_bytes() == fixtures().encode():
        print(f"baseline: {GOLDEN.name} is what the baseline generates")
        return 0
    print(f"baseline: {GOLDEN.name} differs; `baseline.py fixtures` prints it anew",
          file=sys.stderr)
    return 1


# --- Self-test: the primitives against their RFCs -------------------------------------------------

def check_equal(what, got, expected):
    if got != expected:
        raise AssertionError(f"{what}: got {got}, expected {expected}")


def self_test_chacha20():
    check_equal("RFC 8439 2.3.2", chacha20_block(
        bytes(range(32)), 1, bytes.fromhex("000000090000004a00000000")).hex(),
        "10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e"
        "d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e")
    check_equal("RFC 8439 A.1, vectors 1 and 2", chacha20_stream(bytes(32), 128).hex(),
                "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7"
                "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586"
                "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed"
                "29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f")


def self_test_hkdf():
    check_equal("RFC 5869 A.1", hkdf(
        b"\x0b" * 22, bytes(range(13)), bytes(range(0xF0, 0xFA)), 42).hex(),
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")


def self_test_hmac():
    for material, payload, tag in RFC4231:
        check_equal("RFC 4231", hmac_sha256(material, payload).hex(), tag)


def self_test_ed25519():
    for number, vector in enumerate(RFC8032, 1):
        seed, public, payload, signature = map(bytes.fromhex, vector)
        what = f"RFC 8032 test {number}"
        check_equal(what, ed25519_public(seed), public)
        check_equal(what, ed25519_sign(seed, payload), signature)
        check_equal(what, ed25519_verify(public, payload, signature), True)
        check_equal(what, ed25519_verify(public, payload + b"x", signature), False)


def self_test():
    for test in (self_test_chacha20, self_test_hkdf, self_test_hmac, self_test_ed25519):
        test()
    print("baseline: self-test passed")
    return 0


MODES = {"driver": driver, "fixtures": print_fixtures, "check": check, "--self-test": self_test}


def main(arguments):
    if len(arguments) != 1 or arguments[0] not in MODES:
        print(__doc__, file=sys.stderr)
        return 2
    return MODES[arguments[0]]()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
