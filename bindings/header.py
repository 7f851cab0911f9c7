"""What include/tinywindow.h declares. It has one regular shape; whatever else is in it is refused,
so that nothing can be left out of a binding in silence."""
import re
from pathlib import Path
from typing import NamedTuple

HEADER = Path(__file__).resolve().parent.parent / "include" / "tinywindow.h"
BEGIN = "/* tinywindow:declarations:begin */"
BODY = re.compile(r'extern "C" \{\n#endif\n(.*)/\* tinywindow:declarations:end \*/', re.DOTALL)
DECLARATION = re.compile(
    r"/\*\*?(?P<comment>(?:(?!\*/).)*)\*/\n"
    r"(?P<code>#define [^\n]*|typedef struct \{.*?\n\} \w+;|[^;{}#/]*;)", re.DOTALL)
FIELD = re.compile(r"\s*(?:/\*\*(.*?)\*/)?\s*([\w\s]+?\*?)\s*(\w+)(?:\[(\d+)\])?;", re.DOTALL)
CALLBACK = re.compile(r"typedef (\w+) \(\*(\w+)\)")
WIDE = {"INT64_MIN": -2**63, "UINT64_MAX": 2**64 - 1}
SIZES = {"uint8_t": 1, "int32_t": 4, "uint32_t": 4, "tw_status": 4, "int64_t": 8, "uint64_t": 8,
         "size_t": 8}


class Constant(NamedTuple):
    comment: str        # its first paragraph, as one line; so in all of these
    name: str
    value: int


class Field(NamedTuple):
    comment: str
    type: str
    name: str
    count: int          # 0: not an array
    offset: int


class Struct(NamedTuple):
    comment: str
    name: str
    fields: list
    size: int


class Function(NamedTuple):
    comment: str
    type: str
    name: str
    parameters: list    # of (type, name)


class Header(NamedTuple):
    constants: list
    structs: list
    callbacks: list     # as functions
    functions: list


def scan(pattern, text, where):
    """The matches, which are all that there is in the text."""
    unread = pattern.sub("", text).strip()
    if unread:
        raise ValueError(f"{where}: this is not understood: {unread}")
    return pattern.finditer(text)


def summary(comment):
    lines = [re.sub(r"^\s*\* ?", "", line).strip() for line in (comment or "").strip().split("\n")]
    return "\n".join(lines).strip().split("\n\n")[0].replace("\n", " ")


def type_and_name(declarator):
    """`const uint8_t *key` as ("const uint8_t *", "key")."""
    return re.fullmatch(r"(.*?) ?(\w+)", " ".join(declarator.split())).groups()


def constant(comment, code):
    _, name, value = code.split()
    return Constant(comment, name, WIDE[value] if value in WIDE else int(value, 0))


def struct(comment, code, known):
    """known: the structs before this one, which may be parts of it."""
    members, name = re.fullmatch(r"typedef struct \{(.*)\} (\w+);", code, re.DOTALL).groups()
    sizes = SIZES | {one.name: one.size for one in known}
    fields, offset, alignment = [], 0, 1
    for text, kind, field, count in (match.groups() for match in scan(FIELD, members, name)):
        kind = " ".join(kind.split())
        size = 8 if kind.endswith("*") else sizes[kind]
        alignment = max(alignment, min(size, 8))
        if offset % min(size, 8):
            raise ValueError(f"{name}.{field}: C pads here and COBOL does not")
        fields.append(Field(summary(text), kind, field, int(count or 0), offset))
        offset += size * int(count or 1)
    if offset % alignment:
        raise ValueError(f"{name}: C pads its end and COBOL does not")
    return Struct(comment, name, fields, offset)


def function(comment, code):
    declarator, _, rest = code.partition("(")
    listed = rest.rstrip(");")
    parameters = [] if listed == "void" else [type_and_name(one) for one in listed.split(",")]
    return Function(comment, *type_and_name(declarator), parameters)


def read():
    body = BODY.search(HEADER.read_text(encoding="utf-8"))[1]
    header = Header([], [], [], [])
    for match in scan(DECLARATION, body.replace(BEGIN, ""), HEADER.name):
        comment, code = summary(match["comment"]), match["code"]
        if code.startswith("#define"):
            header.constants.append(constant(comment, code))
        elif code.startswith("typedef struct {"):
            header.structs.append(struct(comment, code, header.structs))
        elif CALLBACK.match(code):
            header.callbacks.append(function(comment, CALLBACK.sub(r"\1 \2", code)))
        elif not code.startswith("typedef"):        # those left are handles and tw_status
            header.functions.append(function(comment, code))
    return header
