"""The crates that are linked into what we ship, as cargo resolves them for this machine."""

import json
import re
import subprocess
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Features of what is built: the wheel holds the library.
FEATURES = {"library": [], "command": ["cli", "grpc"]}


@dataclass(eq=False)
class Crate:
    name: str
    version: str
    licence: str
    repository: str
    folder: Path
    checksum: str
    depends_on: list["Crate"] = field(default_factory=list)


def cargo(*arguments):
    command = ["cargo", *arguments, "--locked"]
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def described():
    """Every crate of the lock by name and version, as its own manifest describes it."""
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text())
    checksums = {(p["name"], p["version"]): p.get("checksum", "") for p in lock["package"]}
    packages = json.loads(cargo("metadata", "--format-version=1", "--all-features"))["packages"]
    return {
        (p["name"], p["version"]): Crate(
            p["name"],
            p["version"],
            # The old way to write it is `A/B`.
            re.sub(r"\s*/\s*", " OR ", p["license"] or ""),
            p["repository"] or "",
            Path(p["manifest_path"]).parent,
            checksums[p["name"], p["version"]],
        )
        for p in packages
    }


def linked(artifact):
    """The crates in an artifact, our own first, the others by name. What runs at build time only,
    macros too, is in none."""
    edges = ["--edges=normal,no-proc-macro", "--prefix=depth", "--format= {p}"]
    features = "--features=" + ",".join(FEATURES[artifact])
    known, seen, path = described(), {}, []
    for line in cargo("tree", *edges, features).splitlines():
        depth, name, version = re.match(r"(\d+) (\S+) v(\S+)", line).groups()
        crate = seen.setdefault((name, version), known[name, version])
        path[int(depth):] = [crate]
        if len(path) > 1 and crate not in path[-2].depends_on:
            path[-2].depends_on.append(crate)
    root = path[0]
    return [root] + sorted(
        (crate for crate in seen.values() if crate is not root),
        key=lambda crate: (crate.name, crate.version),
    )
