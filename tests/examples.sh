#!/bin/sh
# Builds and runs the examples against an installed tree; each must print the same.
#
#     examples.sh PREFIX PYTHON OUT
set -eu

[ $# -eq 3 ] || { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")/../examples" && pwd)
mkdir -p "$3"
out=$(cd "$3" && pwd)
flags="-Wall -Wextra -Werror -I$1/include -L$1/lib -Wl,-rpath,$1/lib"

# shellcheck disable=SC2086
{
    cc -std=c11 -o "$out/c" "$here/c/quickstart.c" $flags -ltinywindow
    c++ -std=c++17 -o "$out/cpp" "$here/cpp/quickstart.cpp" $flags -ltinywindow
}
"$out/c" > "$out/c.out"
"$out/cpp" > "$out/cpp.out"
"$2" "$here/python/quickstart.py" > "$out/python.out"

passed=0
for language in c cpp python; do
    diff "$here/quickstart.expected" "$out/$language.out"
    passed=$((passed + 1))
done
echo "examples: $passed passed, 0 failed"
