#!/bin/sh
# The library exports exactly the functions of its header, and both are those of symbols.txt: an
# ABI does not change by accident.
#
#   symbols.sh LIBRARY HEADER           compare
#   symbols.sh LIBRARY HEADER --write   accept what the header declares
set -eu
LC_ALL=C
export LC_ALL

library=$1 header=$2
here=$(dirname "$0")
list=$here/symbols.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The preprocessor drops the comments, which name functions too.
${CC:-cc} -E -P "$header" | grep -o '\btw_[a-z0-9_]*(' | tr -d '(' | sort -u > "$work/header"
nm -D --defined-only "$library" | awk '{print $3}' | sort > "$work/library"
[ -s "$work/header" ] || { echo "symbols: no function found in $header" >&2; exit 1; }

failed=0
compare() { # what, expected, got
    diff -u "$2" "$3" > "$work/diff" && return
    echo "symbols: $1:" >&2
    tail -n +3 "$work/diff" >&2
    failed=1
}

compare "the library (+) does not export what the header (-) declares" \
    "$work/header" "$work/library"
if [ "${3-}" = --write ]; then
    cp "$work/header" "$list"
elif ! cmp -s "$list" "$work/header"; then
    compare "the header (+) is not what is committed (-)" "$list" "$work/header"
    echo "symbols: if that is meant: sh $0 $library $header --write" >&2
fi

soname=$(readelf -d "$library" | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p')
if [ "$soname" != libtinywindow.so.0 ]; then
    echo "symbols: the SONAME is '$soname', not libtinywindow.so.0" >&2
    failed=1
fi
echo "symbols: $(wc -l < "$work/library") exported, $failed failed"
exit $failed
