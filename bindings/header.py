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
WIDE = {"INT64_MIN": -2**63, "UINT64_MAX": 2**64 - 1}
SIZES = {"uint8_t": 1, "int32_t": 4, "uint32_t": 4, "tw_status": 4, "int64_t": 8, "uint64_t": 8,
         "size_t": 8, "const uint8_t *": 8}


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


def struct(comment, code):
    members, name = re.fullmatch(r"typedef struct \{(.*)\} (\w+);", code, re.DOTALL).groups()
    fields, offset, sizes = [], 0, []
    for text, kind, field, count in (match.groups() for match in scan(FIELD, members, name)):
        fields.append(Field(summary(text), " ".join(kind.split()), field, int(count or 0), offset))
        sizes.append(SIZES[fields[-1].type])
        if offset % sizes[-1]:
            raise ValueError(f"{name}.{field}: C pads here and COBOL does not")
        offset += sizes[-1] * int(count or 1)
    if offset % max(sizes):
        raise ValueError(f"{name}: C pads its end and COBOL does not")
    return Struct(comment, name, fields, offset)


def function(comment, code):
    declarator, _, rest = code.partition("(")
    listed = rest.rstrip(");")
    parameters = [] if listed == "void" else [type_and_name(one) for one in listed.split(",")]
    return Function(comment, *type_and_name(declarator), parameters)


def read():
    body = BODY.search(HEADER.read_text(encoding="utf-8"))[1]
    header = Header([], [], [])
    for match in scan(DECLARATION, body.replace(BEGIN, ""), HEADER.name):
        comment, code = summary(match["comment"]), match["code"]
        if code.startswith("#define"):
            header.constants.append(constant(comment, code))
        elif code.startswith("typedef struct {"):
            header.structs.append(struct(comment, code))
        elif not code.startswith("typedef"):        # those left are handles and tw_status
            header.functions.append(function(comment, code))
    return header
