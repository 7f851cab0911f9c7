#!/bin/sh
# Builds and runs the examples against an installed tree; each must print the same.
#
#     examples.sh PREFIX PYTHON RUST-EXAMPLE OUT
set -eu

[ $# -eq 4 ] || { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")/../examples" && pwd)
mkdir -p "$4"
out=$(cd "$4" && pwd)
module="$1/share/tinywindow/fortran/tinywindow.f90"
flags="-Wall -Wextra -Werror -I$1/include -L$1/lib -Wl,-rpath,$1/lib"

# shellcheck disable=SC2086
{
    cc -std=c11 -o "$out/c" "$here/c/quickstart.c" $flags -ltinywindow
    cobc -x -free -fstatic-call -Wall -Werror -o "$out/cobol" -I "$1/share/tinywindow/cobol" \
        "$here/cobol/quickstart.cob" -L"$1/lib" -ltinywindow -Q "-Wl,-rpath,$1/lib"
    gfortran -std=f2018 -J "$out" -o "$out/fortran" "$module" "$here/fortran/quickstart.f90" \
        $flags -ltinywindow
    c++ -std=c++17 -o "$out/cpp" "$here/cpp/quickstart.cpp" $flags -ltinywindow
}
"$out/c" > "$out/c.out"
"$out/cpp" > "$out/cpp.out"
"$out/cobol" > "$out/cobol.out"
"$out/fortran" > "$out/fortran.out"
"$2" "$here/python/quickstart.py" > "$out/python.out"
"$3" > "$out/rust.out"

passed=0
for language in c cpp rust python cobol fortran; do
    diff "$here/quickstart.expected" "$out/$language.out"
    passed=$((passed + 1))
done
echo "examples: $passed passed, 0 failed"
