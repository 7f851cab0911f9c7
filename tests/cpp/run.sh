#!/bin/sh
# Uses an installed tree as a stranger would: with CMake, with pkg-config, shared and static.
#
#     run.sh PREFIX BUILD
#
# PREFIX has include/ and lib/, as `make install` left them; anywhere, since nothing in it knows
# where it is. BUILD is a directory to build in, made anew. Ends with status 0 when all is well.
set -eu

[ $# -eq 2 ] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
prefix=$(cd "$1" && pwd)
rm -rf "$2"
mkdir -p "$2"
build=$(cd "$2" && pwd)

pc=$(find "$prefix" -name tinywindow.pc)
lib=$(cd "$(dirname "$pc")/.." && pwd)
export PKG_CONFIG_PATH="${pc%/*}"
warnings="-Wall -Wextra -Wpedantic -Werror"

fail() {
    echo "run.sh: $*" >&2
    exit 1
}

# The example is a program of one file: its output is known.
compile_and_compare() {    # NAME COMPILER-AND-SOURCE... -- LINK-OPTIONS...
    name=$1
    shift
    compile=
    while [ "$1" != -- ]; do compile="$compile $1"; shift; done
    shift
    # shellcheck disable=SC2086
    $compile $warnings -o "$build/$name" $(pkg-config --cflags tinywindow) "$@"
    "$build/$name" > "$build/$name.out" || fail "$name: failed"
    diff "$here/../../examples/quickstart.expected" "$build/$name.out" || fail "$name: wrong output"
    echo "run.sh: $name: as expected"
}

echo "--- the installed libraries"
so=$(readlink -f "$lib/libtinywindow.so")
readelf -d "$so" | grep -q 'SONAME.*\[libtinywindow\.so\.0\]' || fail "wrong SONAME"
[ -L "$lib/libtinywindow.so.0" ] || fail "no link for the loader"
! readelf -S "$so" | grep -q '\.debug_info' || fail "the library is not stripped"
readelf -S "$so.debug" | grep -q '\.debug_info' || fail "the debug file has no debug information"
readelf -p .gnu_debuglink "$so" | grep -q "$(basename "$so").debug" || fail "no link to it"
nm -D --defined-only "$so" | awk '$3 !~ /^tw_/ { exit 1 }' || fail "exports more than tw_*"

echo "--- pkg-config: one-file programs, shared and static"
c="$here/../../examples/c/quickstart.c"
cpp="$here/../../examples/cpp/quickstart.cpp"
shared="$(pkg-config --libs tinywindow) -Wl,-rpath,$lib"
private=$(pkg-config --static --libs-only-l tinywindow | sed 's/-ltinywindow//')
static="-L$lib -Wl,-Bstatic -ltinywindow -Wl,-Bdynamic $private"
# The linker warns of getpwuid_r and getaddrinfo: they are in the archive and nobody calls them.
everything="-static $(pkg-config --static --libs tinywindow)"
# shellcheck disable=SC2086
{
    compile_and_compare c_shared cc -std=c11 "$c" -- $shared
    compile_and_compare c_static cc -std=c11 "$c" -- $static
    compile_and_compare c_all_static cc -std=c11 "$c" -- $everything
    compile_and_compare cpp_shared c++ -std=c++17 "$cpp" -- $shared
    compile_and_compare cpp_static c++ -std=c++20 "$cpp" -- $static
}
ldd "$build/c_shared" | grep -q "libtinywindow\.so\.0 => $lib/" || fail "c_shared is not shared"
for program in c_static cpp_static; do
    ! ldd "$build/$program" | grep -q tinywindow || fail "$program is not static"
done

echo "--- CMake: find_package, GoogleTest"
cmake -S "$here" -B "$build/cmake" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_BUILD_TYPE=Debug
cmake --build "$build/cmake" --parallel 2
ctest --test-dir "$build/cmake" --output-on-failure --no-tests=error
