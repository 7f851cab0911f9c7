"""Security advisories as the RustSec database writes them, and which versions they concern."""

import re
import tomllib
from dataclasses import dataclass
from functools import total_ordering
from pathlib import Path

# CVSS 3.x base score (specification section 7.1 and 7.4), and where "high" begins.
HIGH = 7.0
CVSS3 = {
    "AV": {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2},
    "AC": {"L": 0.77, "H": 0.44},
    "UI": {"N": 0.85, "R": 0.62},
    "C": {"H": 0.56, "L": 0.22, "N": 0.0},
}
PRIVILEGES = {"U": {"N": 0.85, "L": 0.62, "H": 0.27}, "C": {"N": 0.85, "L": 0.68, "H": 0.5}}


@total_ordering
class Version:
    """Ordered as SemVer 2.0.0 section 11 has it; build metadata counts for nothing."""

    def __init__(self, text):
        core, _, prerelease = text.split("+")[0].partition("-")
        numbers = [int(number) for number in core.split(".")]
        self.given = len(numbers)
        self.core = tuple(numbers + [0] * (3 - len(numbers)))
        identifiers = prerelease.split(".") if prerelease else []
        # A number is below every word; no prerelease at all is above every one.
        self.prerelease = [(0, int(i), "") if i.isdigit() else (1, 0, i) for i in identifiers]

    def key(self):
        return self.core, not self.prerelease, self.prerelease

    def __eq__(self, other):
        return self.key() == other.key()

    def __lt__(self, other):
        return self.key() < other.key()

    def next_incompatible(self):
        """The first core that a caret requirement excludes: the leftmost number not 0, plus 1."""
        position = next((i for i, number in enumerate(self.core) if number), self.given - 1)
        return (*self.core[:position], self.core[position] + 1, *[0] * (2 - position))


def satisfies(version, requirement):
    """Whether every comparator, separated by commas, holds."""
    return all(holds(version, comparator) for comparator in requirement.split(","))


def holds(version, comparator):
    match = re.fullmatch(r"(>=|<=|>|<|=|\^|)\s*(\d+(?:\.\d+){0,2}(?:[-+].*)?)", comparator.strip())
    if not match:
        raise ValueError(f"not understood: version requirement {comparator!r}")
    operator, bound = match[1], Version(match[2])
    if operator in ("^", ""):
        return bound <= version and version.core < bound.next_incompatible()
    return {
        ">=": version >= bound, "<=": version <= bound,
        ">": version > bound, "<": version < bound, "=": version == bound,
    }[operator]


def cvss3_score(vector):
    metrics = dict(part.split(":") for part in vector.split("/")[1:])
    changed = metrics["S"] == "C"
    untouched = 1.0
    for metric in "CIA":
        untouched *= 1 - CVSS3["C"][metrics[metric]]
    base = 1 - untouched
    impact = 7.52 * (base - 0.029) - 3.25 * (base - 0.02) ** 15 if changed else 6.42 * base
    if impact <= 0:
        return 0.0
    ease = 8.22 * PRIVILEGES[metrics["S"]][metrics["PR"]]
    for metric in ("AV", "AC", "UI"):
        ease *= CVSS3[metric][metrics[metric]]
    score = min((impact + ease) * (1.08 if changed else 1), 10)
    return -(-round(score * 100_000) // 10_000) / 10


@dataclass
class Advisory:
    id: str
    package: str
    title: str
    patched: list
    unaffected: list
    informational: str | None
    cvss: str | None

    @classmethod
    def read(cls, path):
        """None for one that was withdrawn."""
        front, _, body = path.read_text().removeprefix("```toml\n").partition("\n```")
        parsed = tomllib.loads(front)
        advisory, versions = parsed["advisory"], parsed["versions"]
        if "withdrawn" in advisory:
            return None
        title = next((line for line in body.splitlines() if line.startswith("# ")), "# ")[2:]
        return cls(
            advisory["id"], advisory["package"], title, versions.get("patched", []),
            versions.get("unaffected", []), advisory.get("informational"), advisory.get("cvss"),
        )

    def concerns(self, version):
        version = Version(version)
        return not any(satisfies(version, safe) for safe in self.patched + self.unaffected)

    def severity(self):
        """One of four words; a vector of CVSS 4, which is not computed here, is "unknown"."""
        if not self.cvss:
            return "informational" if self.informational else "unknown"
        if not self.cvss.startswith("CVSS:3"):
            return "unknown"
        return "high" if cvss3_score(self.cvss) >= HIGH else "below high"


def load(folder):
    """The advisories on crates, by package."""
    advisories = {}
    for path in sorted(Path(folder, "crates").glob("*/RUSTSEC-*.md")):
        if advisory := Advisory.read(path):
            advisories.setdefault(advisory.package, []).append(advisory)
    return advisories


def found(advisories, packages):
    """The advisories that concern these (name, version) pairs, each with its pair."""
    return [
        (advisory, name, version)
        for name, version in packages
        for advisory in advisories.get(name, [])
        if advisory.concerns(version)
    ]


def check_self():
    """What the rest stands on, with answers known from the specifications."""
    for version, requirement, expected in [
        ("1.2.3", ">= 1.2.3", True), ("1.2.2", ">=1.2.3", False), ("1.10.0", "> 1.9.9", True),
        ("1.2.3-rc.1", ">= 1.2.3", False), ("1.2.3-rc.10", "> 1.2.3-rc.9", True),
        ("1.2.3-alpha", "< 1.2.3-alpha.1", True), ("1.2.3-2", "< 1.2.3-alpha", True),
        ("1.2.3+build", "= 1.2.3", True), ("0.3.5", "^0.3.2", True), ("0.4.0", "^0.3.2", False),
        ("1.9.0", "1.2.0", True), ("2.0.0", "1.2.0", False), ("2.0.0-beta", "1.2.0", False),
        ("0.0.4", "^0.0.3", False), ("1.5.0", ">= 1.2, < 1.5", False), ("0.5.1", "^0.5", True),
    ]:
        assert satisfies(Version(version), requirement) == expected, (version, requirement)
    for vector, expected in [
        ("AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8), ("AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1),
        ("AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:H", 5.5), ("AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H", 9.9),
        ("AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:N/A:N", 5.9), ("AV:P/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N", 0.0),
    ]:
        assert cvss3_score("CVSS:3.1/" + vector) == expected, (vector, cvss3_score("/" + vector))
