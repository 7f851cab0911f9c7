#!/usr/bin/env python3
"""Are constants and layouts in COBOL and Fortran what they are in C? The compilers are asked.

    legacy_layout.py write DIRECTORY     write layout.c, layout.cob and layout.f90: each prints
                                         `NAME VALUE` and `STRUCT.FIELD OFFSET SIZE`
    legacy_layout.py compare C OTHER...  compare what they printed
"""
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "bindings"))
import header
from legacy import cobol_name


def c_program(declared):
    yield "#include <stddef.h>\n#include <stdio.h>\n#include <tinywindow.h>\nint main(void) {"
    for one in declared.constants:
        yield f'    printf("{one.name} %lld\\n", (long long){one.name});'
    for struct in declared.structs:
        yield f'    printf("{struct.name} 0 %zu\\n", sizeof({struct.name}));'
        for field in struct.fields:
            yield (f'    printf("{struct.name}.{field.name} %zu %zu\\n", '
                   f"offsetof({struct.name}, {field.name}), "
                   f"sizeof((({struct.name} *)0)->{field.name}));")
    yield "    return 0;\n}"


# Each function is linked too.
def fortran_program(declared):
    yield "program layout\n  use tinywindow\n  implicit none"
    for struct in declared.structs:
        yield f"  type({struct.name}), target :: v_{struct.name}"
    for one in declared.constants:
        yield f'  print "(a, 1x, i0)", "{one.name}", {one.name}'
    for struct in declared.structs:
        value = f"v_{struct.name}"
        yield f'  call field("{struct.name}", 0_c_intptr_t, c_sizeof({value}))'
        for field in struct.fields:
            part = f"{value}%{field.name}"
            yield (f'  call field("{struct.name}.{field.name}", &\n'
                   f"    address(c_loc({part})) - address(c_loc({value})), &\n"
                   f"    c_sizeof({part}))")
    constants = {one.name for one in declared.constants}
    for function in declared.functions:
        name = function.name + ("_loaded" if function.name.upper() in constants else "")
        yield f"  call linked(c_funloc({name}))"
    yield """\
contains
  subroutine field(name, offset, length)
    character(len=*), intent(in) :: name
    integer(c_intptr_t), intent(in) :: offset
    integer(c_size_t), intent(in) :: length
    print "(a, 1x, i0, 1x, i0)", name, offset, length
  end subroutine
  subroutine linked(function)
    type(c_funptr), value :: function
    if (.not. c_associated(function)) error stop "a function is not linked"
  end subroutine
  integer(c_intptr_t) function address(pointer)
    type(c_ptr), intent(in) :: pointer
    address = transfer(pointer, address)
  end function
end program"""


# In fixed format; the other programs are in free format.
def cobol_program(declared):
    area_b = " " * 11
    yield """\
       IDENTIFICATION DIVISION.
       PROGRAM-ID. layout.
       DATA DIVISION.
       WORKING-STORAGE SECTION.
       COPY tinywindow.
       01  BEGIN-POINTER POINTER.
       01  BEGIN-NUMBER REDEFINES BEGIN-POINTER BINARY-DOUBLE.
       01  FIELD-POINTER POINTER.
       01  FIELD-NUMBER REDEFINES FIELD-POINTER BINARY-DOUBLE.
       01  SIGNED-VALUE BINARY-DOUBLE.
       01  UNSIGNED-VALUE BINARY-DOUBLE UNSIGNED.
       PROCEDURE DIVISION."""
    for one in declared.constants:
        kind = "SIGNED" if one.value < 0 else "UNSIGNED"
        yield f"{area_b}MOVE {cobol_name(one.name)}\n{area_b}  TO {kind}-VALUE"
        yield f'{area_b}DISPLAY "{one.name} "\n{area_b}  {kind}-VALUE'
    for struct in declared.structs:
        record = cobol_name(struct.name)
        yield f"{area_b}SET BEGIN-POINTER TO ADDRESS OF {record}"
        yield f'{area_b}DISPLAY "{struct.name} 0 "\n{area_b}  LENGTH OF {record}'
        for field in struct.fields:
            item = f"{record}-{cobol_name(field.name)}"
            times = field.count if field.count and field.type != "uint8_t" else 0
            first = f"{item}(1)" if times else item
            yield f"{area_b}SET FIELD-POINTER TO ADDRESS OF\n{area_b}  {first}"
            yield f"{area_b}COMPUTE SIGNED-VALUE = FIELD-NUMBER - BEGIN-NUMBER"
            yield f"{area_b}COMPUTE UNSIGNED-VALUE = {times or 1} *\n{area_b}  LENGTH OF {item}"
            yield f'{area_b}DISPLAY "{struct.name}.{field.name} "'
            yield f'{area_b}  SIGNED-VALUE " " UNSIGNED-VALUE'
    yield f"{area_b}STOP RUN."


PROGRAMS = {"layout.c": c_program, "layout.f90": fortran_program, "layout.cob": cobol_program}


def write(directory):
    declared = header.read()
    for name, program in PROGRAMS.items():
        (Path(directory) / name).write_text("\n".join(program(declared)) + "\n", encoding="utf-8")
    return 0


def facts(path):
    """Each line as its name and numbers; Fortran has the bits of an unsigned number only."""
    lines = (line.split() for line in Path(path).read_text(encoding="utf-8").splitlines())
    return [(name, *(int(number) % 2**64 for number in numbers)) for name, *numbers in lines]


def compare(reference, *others):
    expected, failed = facts(reference), 0
    for other in others:
        got = facts(other)
        wrong = [pair for pair in zip(expected, got) if pair[0] != pair[1]]
        failed += len(wrong) + abs(len(expected) - len(got))
        for pair in wrong:
            print(f"{other}: C has {pair[0]}, this has {pair[1]}")
    print(f"layout: {len(others) * len(expected) - failed} passed, {failed} failed")
    return 1 if failed or len(expected) < 150 else 0


if __name__ == "__main__":
    modes = {"write": write, "compare": compare}
    if len(sys.argv) < 3 or sys.argv[1] not in modes:
        sys.exit(__doc__)
    sys.exit(modes[sys.argv[1]](*sys.argv[2:]))
