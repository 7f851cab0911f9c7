#!/bin/bash
# Uses what `make package` made as a stranger would: unpacked in a folder of its own, with no path
# into the repository but those of the examples' sources.
#
#     package.sh PACKAGE WORK TOOLS
#
# PACKAGE is target/package; WORK a folder to work in, made anew; TOOLS the virtual environment that
# built the wheel, for its auditwheel.
set -u

[ $# -eq 3 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
tests=$(cd "$(dirname "$0")" && pwd)
examples=$tests/../examples
package=$(cd "$1" && pwd)
tools=$(cd "$3" && pwd)
rm -rf "$2"
mkdir -p "$2"
work=$(cd "$2" && pwd)
cd "$work" || exit 1
wheel=$(echo "$package"/*.whl)
tarball=$(echo "$package"/*.tar.gz)
tree=$work/$(basename "$tarball" .tar.gz)
told=$tree/share/doc/tinywindow
python=$work/python/bin/python
export PKG_CONFIG_PATH=$tree/lib/pkgconfig
unset CPATH C_INCLUDE_PATH CPLUS_INCLUDE_PATH LIBRARY_PATH LD_LIBRARY_PATH PYTHONPATH

passed=0 failed=0
check() {    # NAME, whose function ends with status 0 when all is well
    ( set -e; "$1" ) > "$work/$1.log" 2>&1
    # shellcheck disable=SC2181
    if [ $? -eq 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "package: FAILED $1:" >&2
        cat "$work/$1.log" >&2
    fi
}

checksums() {
    cd "$package"
    sha256sum --check --strict SHA256SUMS
    [ "$(wc -l < SHA256SUMS)" -eq "$(find . -type f ! -name SHA256SUMS | wc -l)" ]
}

# Everything that differs from machine to machine: order, owner, time, the name in gzip's header.
archive() {
    tar -tf "$tarball" > names
    tr / '\001' < names | LC_ALL=C sort -c
    [ "$(tar -tv --numeric-owner --full-time -f "$tarball" | awk '{print $2, $4, $5}' | sort -u \
        | wc -l)" -eq 1 ]
    tar -tv --numeric-owner -f "$tarball" | awk '$2 != "0/0" { exit 1 }'
    [ "$(od -An -tx1 -j3 -N5 "$tarball" | tr -d ' ')" = 0000000000 ]
    ! grep -v "^$(basename "$tree")/" names
}

contents() {
    for file in include/tinywindow.h include/tinywindow/tinywindow.hpp lib/libtinywindow.a \
        share/tinywindow/cobol/tinywindow.cpy share/tinywindow/fortran/tinywindow.f90 \
        share/tinywindow/proto/tinywindow/{encryption,execution}.proto \
        share/tinywindow/schema/orders.xml \
        share/zsh/site-functions/_tinywindow share/fish/vendor_completions.d/tinywindow.fish \
        share/doc/tinywindow/{README.md,CHANGELOG.md,SECURITY.md,docs/REFERENCE.md} \
        share/doc/tinywindow/LICENSE-{MIT,APACHE}; do
        [ -s "$tree/$file" ] || { echo "$file is not there"; exit 1; }
    done
}

# What a document links to is packed with it.
links() {
    python3 - "$told" << 'END'
import re
import sys
from pathlib import Path

count = 0
for document in Path(sys.argv[1]).rglob("*.md"):
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", document.read_text(encoding="utf-8")):
        if "://" not in link:
            count += 1
            assert (document.parent / link).exists(), f"{document} links to {link}"
assert count > 40, f"only {count} links were found"
END
}

abi() {
    sh "$tests/c/symbols.sh" "$tree/lib/libtinywindow.so" "$tree/include/tinywindow.h"
    [ "$(readlink -f "$tree/lib/libtinywindow.so.0")" = "$(readlink -f "$tree"/lib/*.so.*.*.?)" ]
}

# Nothing of the command is in the library: no TLS, no command line.
lean() {
    ar t "$tree/lib/libtinywindow.a" > objects
    nm --defined-only "$tree/lib/libtinywindow.a" > symbols
    grep ' T tw_sign$' symbols
    ! grep -E 'aws_lc|clap|tonic' objects symbols
}

# No -I, no -L but what pkg-config says.
with_pkg_config() {
    cp "$examples/c/quickstart.c" "$examples/cpp/quickstart.cpp" .
    read -ra flags <<< "$(pkg-config --cflags --libs tinywindow)"
    read -ra static <<< "$(pkg-config --static --cflags --libs tinywindow)"
    cc -std=c11 -o c_shared quickstart.c "${flags[@]}" -Wl,-rpath,"$tree/lib"
    cc -std=c11 -static -o c_static quickstart.c "${static[@]}"
    c++ -std=c++17 -o cpp_shared quickstart.cpp "${flags[@]}" -Wl,-rpath,"$tree/lib"
    for program in c_shared c_static cpp_shared; do
        "./$program" | diff "$examples/quickstart.expected" -
    done
}

with_cmake() {
    mkdir cmake
    cp "$examples/c/quickstart.c" "$examples/cpp/quickstart.cpp" cmake
    cat > cmake/CMakeLists.txt << 'END'
cmake_minimum_required(VERSION 3.16)
project(stranger C CXX)
find_package(tinywindow 0.1 REQUIRED)
add_executable(c quickstart.c)
target_link_libraries(c PRIVATE tinywindow::static)
add_executable(cpp quickstart.cpp)
target_compile_features(cpp PRIVATE cxx_std_17)
target_link_libraries(cpp PRIVATE tinywindow::tinywindow)
END
    cmake -S cmake -B cmake/build -DCMAKE_PREFIX_PATH="$tree"
    cmake --build cmake/build
    for program in c cpp; do "cmake/build/$program" | diff "$examples/quickstart.expected" -; done
}

command_runs() {
    "$tree/bin/tinywindow" --version
    "$tree/bin/tinywindow" serve --help | grep gRPC
    ! readelf -d "$tree/bin/tinywindow" | grep -E 'RPATH|RUNPATH'
}

# An installation without its man pages is none.
install_fails() {
    mkdir -p blocked
    touch blocked/share
    ! make -s -C "$tests/.." install-command DESTDIR="$work/blocked" PREFIX=
}

# Each command has its page, and each page is one.
manual() {
    pages=("$tree"/share/man/man1/*.1)
    commands=$("$tree/bin/tinywindow" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
    for name in $commands; do
        [ "$name" = help ] || [ -s "$tree/share/man/man1/tinywindow-$name.1" ]
    done
    [ "${#pages[@]}" -gt "$(wc -w <<< "$commands")" ]
    mandoc -Tlint -Wstyle "${pages[@]}"
    mandoc -Tutf8 "$tree/share/man/man1/tinywindow.1" | grep 'tinywindow-replay(1)'
}

completion() {
    # shellcheck disable=SC1091
    . "$tree/share/bash-completion/completions/tinywindow"
    COMP_WORDS=(tinywindow re) COMP_CWORD=1
    _tinywindow tinywindow re tinywindow
    [ "${COMPREPLY[*]}" = replay ]
    COMP_WORDS=(tinywindow replay --sess) COMP_CWORD=2
    _tinywindow tinywindow --sess replay
    [ "${COMPREPLY[*]}" = --sessions ]
}

# The name must say what auditwheel finds in the wheel, no more and no less.
wheel_tag() {
    found=$("$tools/bin/auditwheel" show "$wheel" | tr '\n' ' ' \
        | sed -n 's/.*following platform tag: *"\([a-z0-9_]*\)".*/\1/p')
    [ -n "$found" ]
    echo "auditwheel says $found"
    case $(basename "$wheel" .whl) in *-cp310-abi3-*"$found"*) ;; *) exit 1 ;; esac
}

wheel_works() {
    python3 -m venv python
    "$python" -m pip install -q "$wheel"
    "$python" -I - << 'END'
import importlib.metadata as metadata
import tinywindow as tw

key = tw.generate("ed25519")
assert tw.verify(tw.public_key(key), b"payload", tw.sign(key, b"payload"))
files = {file.name: file for file in metadata.files("tinywindow") if ".dist-info" in str(file)}
for name in metadata.metadata("tinywindow").get_all("License-File"):
    assert files[name].parent.name == "licenses" and files[name].read_text(), name
for name in ("LICENSE-MIT", "LICENSE-APACHE", "THIRD-PARTY-LICENSES.txt",
             "RUST-STANDARD-LIBRARY.html"):
    assert name in files, name
assert files["tinywindow.cdx.json"].parent.name == "sboms"
END
}

# Only one of its own repository and licence can lend a crate its text.
missing_licence() {
    mkdir -p holder bare
    echo text > holder/LICENSE
    PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$tests/../tools python3 - "$tests/../tools/licences" << 'END'
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from crates import Crate

loader = SourceFileLoader("licences", sys.argv[1])
licences = module_from_spec(spec_from_loader("licences", loader))
loader.exec_module(licences)
crates = [Crate(name, "1.0.0", licence, repository, Path(folder), "") for
          name, licence, repository, folder in [
              ("holder", "MIT", "here", "holder"), ("sister", "MIT", "here", "bare"),
              ("elsewhere", "MIT", "there", "bare"), ("other", "ISC", "here", "bare"),
              ("nobodys", "Apache-2.0", "there", "bare"), ("dual", "MIT AND Apache-2.0", "", "bare")]]
holders, missing = licences.gather(crates)
(text, named), (apache, standard) = holders
assert (text, named) == ("text", ["holder 1.0.0", "sister 1.0.0"]), holders
assert "Apache License" in apache and standard == ["nobodys 1.0.0"], holders
assert missing == ["elsewhere 1.0.0 (MIT)", "other 1.0.0 (ISC)", "dual 1.0.0 (MIT AND Apache-2.0)"], missing
END
}

# That of the wheel as it is installed.
bills() {
    "$python" -m pip install -q 'cyclonedx-python-lib[json-validation]'
    installed=$("$python" -c 'import tinywindow; print(tinywindow.__path__[0])')-*.dist-info
    # shellcheck disable=SC2086
    set -- $installed
    "$python" "$tests/package_bills.py" "$told"/*-library.cdx.json "" "$told" \
        "$tree"/lib/libtinywindow.so.*.debug
    "$python" "$tests/package_bills.py" "$told"/*-command.cdx.json cli,grpc "$told"
    "$python" "$tests/package_bills.py" "$1/sboms/tinywindow.cdx.json" "" "$1/licenses"
}

tar -xf "$tarball" || exit 1
for name in checksums archive contents links abi lean with_pkg_config with_cmake command_runs manual \
    install_fails completion wheel_tag wheel_works bills missing_licence; do
    check $name
done
echo "package: $passed passed, $failed failed"
[ $failed -eq 0 ]
