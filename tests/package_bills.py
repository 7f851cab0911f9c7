"""A bill of materials is valid, names exactly the crates that cargo links, and each of them has
its licence text beside it.

    package_bills.py BILL FEATURES LICENCES [DEBUG-FILE]

LICENCES is the folder of THIRD-PARTY-LICENSES.txt. DEBUG-FILE is the library's: whatever crate the
compiler says there it took code from must be in the bill.
"""
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

REPOSITORY = Path(__file__).resolve().parents[1]


def linked(features):
    command = ["cargo", "tree", "--locked", "--edges=normal,no-proc-macro", "--prefix=none",
               "--no-dedupe", f"--features={features}"]
    tree = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True)
    return {tuple(line.replace(" v", " ").split()[:2]) for line in tree.stdout.splitlines()}


def crates_of(document):
    return {
        (part["name"], part["version"]): part
        for part in document["components"]
        if part["purl"].startswith("pkg:cargo/")
    }


def main(bill, features, licences, debug_file=None):
    text = Path(bill).read_text(encoding="utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None, "not CycloneDX 1.6"
    document = json.loads(text)
    crates = crates_of(document)

    ours, = linked(features) - crates.keys()
    about = document["metadata"]["component"]
    assert ours == (about["name"], about["version"]), ours
    assert crates.keys() == linked(features) - {ours}
    assert [part["name"] for part in document["components"] if part not in crates.values()] == [
        "rust-std"]

    lock = tomllib.loads((REPOSITORY / "Cargo.lock").read_text(encoding="utf-8"))["package"]
    checksums = {(package["name"], package["version"]): package.get("checksum") for package in lock}
    texts = Path(licences, "THIRD-PARTY-LICENSES.txt").read_text(encoding="utf-8")
    holders = set(texts.splitlines())
    for (name, version), part in crates.items():
        assert part["hashes"] == [{"alg": "SHA-256", "content": checksums[name, version]}], name
        assert f"{name} {version}" in holders, f"no licence text of {name}"

    if debug_file:
        found = set(re.findall(rb"/registry/src/[^/]+/([a-zA-Z0-9_-]+?)-(\d[^/\0]*)/",
                               Path(debug_file).read_bytes()))
        assert len(found) > 10, f"{len(found)} crates in {debug_file}"
        strangers = {(name.decode(), version.decode()) for name, version in found} - crates.keys()
        assert not strangers, f"in the library and not in its bill: {strangers}"
    print(f"{Path(bill).name}: {len(crates)} crates")


if __name__ == "__main__":
    main(*sys.argv[1:])
