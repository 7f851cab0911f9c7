#!/usr/bin/env python3
"""Makes the COBOL copybook and the Fortran module of what include/tinywindow.h declares.

    legacy.py            write both
    legacy.py --check    fail where a committed file is not what would be written
"""
import re
import sys
import textwrap
from pathlib import Path

import header as c

HERE = Path(__file__).resolve().parent


def is_array(kind, name):
    """The header's rule of names: bytes are always many, other things when their name says so."""
    is_many = name.endswith("s") and name not in ("limits", "permissions")    # those are one struct
    return kind.endswith("uint8_t *") or (kind.endswith("*") and is_many)


def base(kind):
    return kind.removeprefix("const ").rstrip(" *")


# --- Fortran --------------------------------------------------------------------------------------

FORTRAN_TYPES = {
    "uint8_t": "character(kind=c_char)", "int32_t": "integer(c_int32_t)",
    "uint32_t": "integer(c_int32_t)", "int64_t": "integer(c_int64_t)",
    "uint64_t": "integer(c_int64_t)", "size_t": "integer(c_size_t)",
    "tw_status": "integer(tw_status)", "const char *": "type(c_ptr)",
}
FORTRAN_ZEROS = {"character(kind=c_char)": "c_null_char", "type(c_ptr)": "c_null_ptr"}
FORTRAN_HEAD = """\
! tinywindow.f90: sign with a key, send an order safely, from Fortran.
!
! Generated from include/tinywindow.h by `make header`; do not edit.
!
! SPDX-License-Identifier: MIT OR Apache-2.0
!
! The contract is the header's; docs/LEGACY.md says what is particular to Fortran. In short:
!
!   Bytes      are characters: `character(len=TW_KEY_MAX) :: key`, then key(:key_len).
!   NULL       is an argument left out: tw_sign(..., sig_cap=0_c_size_t, sig_len=needed).
!   Outputs    are intent(inout), since they are written on success only.
!   Structs    are made ready: struct_size is set and all else is 0.
!   Unsigned   integers do not exist: what is above 2**63 - 1 is negative, with the same bits.
!   Handles    are type(c_ptr): c_null_ptr before *_new or *_open.
!   Names      have no case: the function beside TW_ABI_VERSION is tw_abi_version_loaded.
!
! Fortran 2018 (optional arguments of bind(C) procedures).
module tinywindow
  use, intrinsic :: iso_c_binding
  implicit none

  ! What a function returns: TW_OK or one of TW_ERR_*.
  integer, parameter :: tw_status = c_int32_t

  ! --- Constants ---------------------------------------------------------------------------------
"""
FORTRAN_TAIL = """\
contains

  ! The text of a static string: tw_string(tw_status_name(status)). Of NULL: none.
  function tw_string(text) result(string)
    type(c_ptr), intent(in) :: text
    character(len=:), allocatable :: string
    character(kind=c_char), pointer :: characters(:)
    integer :: i
    interface
      integer(c_size_t) function strlen(text) bind(C)
        import
        type(c_ptr), value :: text
      end function
    end interface
    string = ""
    if (.not. c_associated(text)) return
    call c_f_pointer(text, characters, [strlen(text)])
    string = repeat(" ", size(characters))
    do i = 1, size(characters)
      string(i:i) = characters(i)
    end do
  end function

  ! A symbol or an account: order%symbol = tw_text("AAPL"). Never cut short: what is longer than 16
  ! becomes blanks, which no order may hold.
  pure function tw_text(string) result(field)
    character(len=*), intent(in) :: string
    character(kind=c_char) :: field(16)
    field = " "
    if (len_trim(string) <= 16) then
      field = transfer(trim(string) // repeat(c_null_char, 16), field, 16)
    end if
  end function
end module
"""


def fortran_comment(text, indent):
    lead = " " * indent + "! "
    return textwrap.wrap(text, 100, initial_indent=lead, subsequent_indent=lead)


def fortran_constant(one):
    value = {-2**63: "-huge(0_c_int64_t) - 1", 2**64 - 1: "-1"}.get(one.value, one.value)
    kind = "c_int32_t" if isinstance(value, int) else "c_int64_t"
    if one.name.endswith(("_MAX", "_SIZE")):
        kind = "c_size_t"
    elif one.name.startswith(("TW_OK", "TW_ERR_")):
        kind = "tw_status"
    line = f"  integer({kind}), parameter :: {one.name} = {value}"
    return [*fortran_comment(one.comment, 2), line]


def fortran_field(struct, field):
    kind = "type(c_ptr)" if field.type.endswith("*") else FORTRAN_TYPES.get(field.type)
    if kind is None:                                # a struct, whose fields have values already
        return [*fortran_comment(field.comment, 4), f"    type({field.type}) :: {field.name}"]
    value, comment = FORTRAN_ZEROS.get(kind, 0), field.comment
    if field.name == "struct_size":
        value, comment = struct.size, "Set; leave it as it is."
    shape = f"({field.count})" if field.count else ""
    return [*fortran_comment(comment, 4), f"    {kind} :: {field.name}{shape} = {value}"]


def fortran_struct(struct):
    lines = ["", *fortran_comment(struct.comment, 2), f"  type, bind(C) :: {struct.name}"]
    for field in struct.fields:
        lines += fortran_field(struct, field)
    return [*lines, "  end type"]


def fortran_parameter(structs, callbacks, kind, name, following):
    if kind in callbacks:
        return f"type(c_funptr), value :: {name}"
    if kind.endswith("**"):
        return f"type(c_ptr), intent(inout) :: {name}"
    if not kind.endswith("*"):
        return f"{FORTRAN_TYPES[kind]}, value :: {name}"
    own = f"type({base(kind)})" if base(kind) in structs else FORTRAN_TYPES.get(base(kind))
    if own is None:
        return f"type(c_ptr), value :: {name}"
    intent = "in" if kind.startswith("const") else "inout"
    optional = ", optional" if following in (f"{name}_len", f"{name}_cap") else ""
    shape = "(*)" if is_array(kind, name) else ""
    return f"{own}, intent({intent}){optional} :: {name}{shape}"


def fortran_function(declared, function):
    constants, structs, callbacks = ({one.name for one in kind} for kind in declared[:3])
    name, binding = function.name, "bind(C)"
    if name.upper() in constants:
        name, binding = f"{name}_loaded", f'bind(C, name="{name}")'
    what = "subroutine" if function.type == "void" else "function"
    result = "" if function.type == "void" else FORTRAN_TYPES[function.type] + " "
    names = [name for _, name in function.parameters]
    head = f"{result}{what} {name}({', '.join(names)}) {binding}"
    head = textwrap.wrap(head, 98, initial_indent=" " * 4, subsequent_indent=" " * 8)
    lines = ["", *fortran_comment(function.comment, 4), *" &\n".join(head).split("\n")]
    lines += ["      import"]
    for (kind, name), following in zip(function.parameters, [*names[1:], ""]):
        lines.append("      " + fortran_parameter(structs, callbacks, kind, name, following))
    return [*lines, f"    end {what}"]


def fortran(declared):
    lines = [FORTRAN_HEAD.rstrip("\n")]
    for group in groups(declared.constants):
        lines += ["", *(line for one in group for line in fortran_constant(one))]
    lines += ["", "  ! --- Structs " + "-" * 83]
    for struct in declared.structs:
        lines += fortran_struct(struct)
    if declared.callbacks:
        lines += ["", "  ! --- Callbacks: pass c_funloc of yours " + "-" * 58, "",
                  "  abstract interface"]
        for callback in declared.callbacks:
            lines += fortran_function(declared, callback)
        lines.append("  end interface")
    lines += ["", "  ! --- Functions " + "-" * 81, "", "  interface"]
    for function in declared.functions:
        lines += fortran_function(declared, function)
    return "\n".join([*lines, "  end interface", "", FORTRAN_TAIL])


# --- COBOL ----------------------------------------------------------------------------------------

COBOL_TYPES = {
    "uint8_t": "PIC X", "int32_t": "BINARY-LONG", "uint32_t": "BINARY-LONG UNSIGNED",
    "int64_t": "BINARY-DOUBLE", "uint64_t": "BINARY-DOUBLE UNSIGNED",
    "size_t": "BINARY-DOUBLE UNSIGNED", "tw_status": "BINARY-LONG", "const char *": "POINTER",
}
COBOL_ZEROS = {"PIC X": "LOW-VALUE", "POINTER": "NULL"}
COBOL_HEAD = """\
      *> tinywindow.cpy: sign with a key, send an order safely.
      *>
      *> Generated from include/tinywindow.h by `make header`;
      *> do not edit. Fixed and free format can COPY it.
      *>
      *> SPDX-License-Identifier: MIT OR Apache-2.0
      *>
      *> The contract is the header's; docs/LEGACY.md says what is
      *> particular to COBOL. In short:
      *>
      *>   Lengths   and what else has 8 bytes go BY VALUE SIZE 8:
      *>             without the SIZE GnuCOBOL passes only 4 of them.
      *>   NULL      is BY REFERENCE OMITTED, its length 0.
      *>   Text      ends in NULs and not in spaces: after a MOVE,
      *>             INSPECT ... REPLACING ALL SPACE BY LOW-VALUE.
      *>   Records   are made ready: STRUCT-SIZE is set, all else is
      *>             zero; INITIALIZE ... ALL TO VALUE does so again.
      *>   Handles   are POINTER items.
      *>   No result is RETURNING OMITTED, or RETURN-CODE is lost.

      *> What a function returned: TW-OK or one of TW-ERR-*.
       01  TW-STATUS BINARY-LONG VALUE 0.

      *> --- Constants ----------------------------------------------
"""
COBOL_CALLS = """\

      *> --- Calls --------------------------------------------------
      *>
      *> Beside each argument, what it is at the caller's. The status
      *> is TW-STATUS, or any BINARY-LONG.
"""


def cobol_name(name):
    return name.upper().replace("_", "-")


def cobol_comment(text, structs):
    """Constants and records are named as here, functions as CALL names them."""
    text = re.sub(r"\bTW_\w+", lambda match: cobol_name(match[0]), text)
    text = re.sub(r"\btw_\w+", lambda match: cobol_name(match[0]) if match[0] in structs
                  else match[0], text)
    lead = "      *> "
    return textwrap.wrap(text, 72, initial_indent=lead, subsequent_indent=lead,
                         break_on_hyphens=False)


def cobol_constant(one, structs):
    line = f"       78  {cobol_name(one.name)} VALUE {one.value}."
    return [*cobol_comment(one.comment, structs), line]


def cobol_field(structs, struct, field, level, prefix):
    """The items of a field; a struct within a struct is a group within the group."""
    indent = " " * (7 + 4 * level // 5)
    item = f"{indent}{level:02}  {cobol_name(prefix + field.name)}"
    if field.type in structs:
        lines = [*cobol_comment(field.comment, structs), item + "."]
        for part in structs[field.type].fields:
            lines += cobol_field(structs, structs[field.type], part, level + 5,
                                 f"{prefix}{field.name}_")
        return lines
    kind = "POINTER" if field.type.endswith("*") else COBOL_TYPES[field.type]
    value, comment, occurs = COBOL_ZEROS.get(kind, 0), field.comment, ""
    if field.name == "struct_size":
        value, comment = struct.size, "Set; leave it as it is."
    if field.count and kind == "PIC X":
        kind = f"PIC X({field.count})"
    elif field.count:
        occurs = f" OCCURS {field.count}"
    tail = f"{kind}{occurs} VALUE {value}."
    one_line = f"{item} {tail}"
    lines = [one_line] if len(one_line) <= 72 else [item, indent + "    " + tail]
    return [*cobol_comment(comment, structs), *lines]


def cobol_struct(structs, struct):
    lines = ["", *cobol_comment(struct.comment, structs), f"       01  {cobol_name(struct.name)}."]
    for field in struct.fields:
        lines += cobol_field(structs, struct, field, 5, struct.name + "_")
    return lines


def cobol_parameter(structs, callbacks, kind, name):
    """How it is passed and what it is."""
    if kind in callbacks:
        return f"BY VALUE {name}", "PROGRAM-POINTER"
    if kind.endswith("**"):
        return f"BY REFERENCE {name}", "POINTER"
    if not kind.endswith("*"):
        size = " SIZE 8" if c.SIZES[kind] == 8 else ""
        return f"BY VALUE{size} {name}", COBOL_TYPES[kind]
    own = cobol_name(base(kind)) if base(kind) in structs else COBOL_TYPES.get(base(kind))
    if own is None:
        return f"BY VALUE {name}", "POINTER"
    if is_array(kind, name):
        own = "PIC X(n)" if own == "PIC X" else f"table of {own}"
    return f"BY REFERENCE {name}", own


def cobol_function(structs, callbacks, function):
    arguments = [cobol_parameter(structs, callbacks, *one) for one in function.parameters]
    using = " USING" if arguments else ""
    if function.type == "void":
        arguments.append(("RETURNING OMITTED", ""))
    else:
        result = "status" if function.type == "tw_status" else "result"
        arguments.append((f"RETURNING {result}", COBOL_TYPES[function.type]))
    lines = ["", *cobol_comment(function.comment, structs), "      *>",
             f'      *>   CALL "{function.name}"{using}']
    for passed, kind in arguments:
        lines.append(f"      *>     {passed.replace('_', '-'):<33}{kind}".rstrip())
    return lines


def cobol(declared):
    structs = {struct.name: struct for struct in declared.structs}
    callbacks = {callback.name for callback in declared.callbacks}
    lines = [COBOL_HEAD.rstrip("\n")]
    for group in groups(declared.constants):
        lines += ["", *(line for one in group for line in cobol_constant(one, structs))]
    lines += ["", "      *> --- Records " + "-" * 48]
    for struct in declared.structs:
        lines += cobol_struct(structs, struct)
    lines.append(COBOL_CALLS.rstrip("\n"))
    for function in declared.functions:
        lines += cobol_function(structs, callbacks, function)
    return "\n".join(lines) + "\n"


# --- Both -----------------------------------------------------------------------------------------

def groups(constants):
    """Constants that stand together and begin or end alike."""
    kept, previous = [], None
    for one in constants:
        words = one.name.replace("TW_OK", "TW_ERR").split("_")
        group = "sizes" if words[-1] in ("MAX", "SIZE") else words[1]
        if group != previous:
            kept.append([])
        kept[-1].append(one)
        previous = group
    return kept


def main(arguments):
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    declared = c.read()
    stale = 0
    for path, text in ((HERE / "cobol" / "tinywindow.cpy", cobol(declared)),
                       (HERE / "fortran" / "tinywindow.f90", fortran(declared))):
        if not arguments:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            print(f"bindings/{path.parent.name}/{path.name} is stale: run `make header`")
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
