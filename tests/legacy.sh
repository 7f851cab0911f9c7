#!/bin/sh
# COBOL and Fortran against an installed tree: drift, layouts, conformance, a gateway.
#
#     legacy.sh PREFIX OUT
set -eu

[ $# -eq 2 ] || { sed -n '2,4s/^# \{0,1\}//p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
prefix=$(cd "$1" && pwd)
rm -rf "$2"
mkdir -p "$2"
cd "$2"

python3 "$here/../bindings/legacy.py" --check

link="-L$prefix/lib -ltinywindow"
module="$prefix/share/tinywindow/fortran/tinywindow.f90"
# -fwrapv: the driver reads unsigned numbers into Fortran's signed ones.
fortran() {    # PROGRAM SOURCE
    # shellcheck disable=SC2086
    gfortran -std=f2018 -Wall -Wextra -Werror -fcheck=all -fwrapv -o "$1" "$module" "$2" $link \
        -Wl,-rpath,"$prefix/lib"
}
# -Wno-others: cobc takes two items of one table for one argument passed twice. -A -w: gcc's
# complaints about the C that cobc wrote. -debug: what is out of range at run time ends the program.
cobol() {    # PROGRAM SOURCE OPTIONS...
    program=$1 source=$2
    shift 2
    # shellcheck disable=SC2086
    cobc -x -fstatic-call -Wall -Wno-others -Werror -debug -A -w "$@" -o "$program" \
        -I "$prefix/share/tinywindow/cobol" "$source" $link -Q -Wl,-rpath,"$prefix/lib"
}

python3 "$here/legacy_layout.py" write .
cc -std=c11 -I "$prefix/include" -o layout_c layout.c
fortran layout_fortran layout.f90
for dialect in default ibm mf; do cobol layout_$dialect layout.cob -fixed -std=$dialect; done
for program in c fortran default ibm mf; do ./layout_$program > layout_$program.out; done
python3 "$here/legacy_layout.py" compare layout_c.out layout_fortran.out layout_default.out \
    layout_ibm.out layout_mf.out

for program in driver gateway; do
    fortran ${program}_fortran "$here/fortran/$program.f90"
    cobol ${program}_cobol "$here/cobol/$program.cob" -free
done
./gateway_fortran
./gateway_cobol
for language in fortran cobol; do
    echo "$language:"
    python3 "$here/python/conformance.py" -- ./driver_$language
done
