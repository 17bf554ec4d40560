"""The figures of docs/claims.md: how well the checker of claims tells whom a text studied, and verdicts on whole pages.

    python benchmarks/claims.py --data ../shared/data

Abstracts with MeSH check tags (National Library of Medicine): a header that claims a human population is put above each, and the rules on
header against text are asked. The tags are those of indexers who read the whole paper. Records with an odd number were looked at while
the words were chosen, those with an even number were not. Pages are those of the tests.
"""

from __future__ import annotations

import argparse
import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from organokine.claims import RULES, check, check_file, page_of
from organokine.errors import DataError

HUMANS, ANIMALS, MICE, RATS = "D006801", "D000818", "D051379", "D051381"
HEADER = "Population: human participants"
RODENT = re.compile(r"\b(?:mice|mouse|murine|rats?|rodents?|hamsters?)\b", re.IGNORECASE)
ON_HEADERS = ("R03", "R03m")
PAGES = Path(__file__).resolve().parents[1] / "tests" / "claims" / "pages"


class Record(NamedTuple):
    """One abstract: whether its number is even, what was studied by its tags, title and abstract."""

    is_even: bool
    studied: str
    title: str
    abstract: str


def records(data: Path) -> Iterator[Record]:
    """Abstracts with their tags; those without title are not there, those without abstract have the title only."""
    with (data / "abstracts_checktags" / "checktags_sample.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            found = json.loads(line)
            tags = {each["ui"] for each in found["mesh"]}
            yield Record(int(found["pmid"]) % 2 == 0, studied(tags), found["title"] or "", found["abstract"] or "")


def studied(tags: set[str]) -> str:
    """What the check tags say was studied."""
    if HUMANS in tags:
        return "humans and animals" if ANIMALS in tags else "humans only"
    if ANIMALS not in tags:
        return "neither"
    return "rodents only" if len(tags & {MICE, RATS}) > 0 else "other animals only"


def answer(record: Record) -> str:
    """What the rules say of a record under a header that claims people: contradiction, asked, passed, or refused."""
    try:
        page = page_of(f"{record.title}\n\n{HEADER}\n\n{record.abstract}")
    except DataError:
        return "refused"
    rules = [rule for rule in RULES if rule.id in ON_HEADERS]
    found = {finding.rule.id for finding in check(page, rules).findings}
    return "contradiction" if "R03" in found else "asked" if "R03m" in found else "passed"


def header_rows(found: list[Record]) -> Iterator[tuple[str, int, float, float]]:
    """What was studied, records, share contradicted, share contradicted or asked; refused ones count as passed."""
    for kind in ("rodents only", "other animals only", "humans only", "humans and animals", "neither"):
        answers = Counter(answer(record) for record in found if record.studied == kind)
        n = answers.total()
        if n > 0:
            yield kind, n, answers["contradiction"] / n, (answers["contradiction"] + answers["asked"]) / n


def false_alarms(found: list[Record]) -> dict[str, tuple[int, int]]:
    """Abstracts as they are, without a header: how many are not called clean, by what was studied."""
    counted: dict[str, list[int]] = {}
    for record in found:
        try:
            verdict = check(page_of(f"# {record.title}\n\n{record.abstract}")).verdict
        except DataError:
            continue
        row = counted.setdefault(record.studied, [0, 0])
        row[0] += verdict != "clean"
        row[1] += 1
    return {kind: (flagged, n) for kind, (flagged, n) in counted.items()}


def page_figures(rest: int) -> tuple[int, float, float, int]:
    """Pages of one half, precision and recall of "not clean", and how many verdicts are exactly those meant."""
    written = tomllib.loads((PAGES / "truth.toml").read_text(encoding="utf-8"))
    meant = {n: verdict for group in written.values() for verdict, numbers in group.items() for n in numbers}
    files = {int(path.name[:2]): path for path in sorted(PAGES.iterdir()) if path.name[:2].isdigit()}
    half = [n for n in files if n % 2 == rest]
    got = {n: check_file(files[n]).verdict for n in half}
    flagged, inflated = ({n for n in half if verdicts[n] != "clean"} for verdicts in (got, meant))
    right = len(flagged & inflated)
    return len(half), right / len(flagged), right / len(inflated), sum(got[n] == meant[n] for n in half)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the real data")
    found = list(records(parser.parse_args().data))
    for name, part in (("all", found), ("even", [record for record in found if record.is_even])):
        print(f"\nHeader claims people, {name} records:")
        print("| studied | records | contradiction | contradiction or asked |\n|---|---|---|---|")
        for kind, n, contradicted, flagged in header_rows(part):
            print(f"| {kind} | {n} | {100 * contradicted:.1f} % | {100 * flagged:.1f} % |")
    passed = [each for each in found if each.studied == "rodents only" and answer(each) == "passed"]
    silent = sum(RODENT.search(f"{each.title} {each.abstract}") is None for each in passed)
    print(f"\nRodent records that pass: {len(passed)}, of which {silent} name no rodent")
    print("\nAbstracts as they are, even records, not called clean:")
    for kind, (flagged, n) in false_alarms(
        [record for record in found if record.is_even and record.abstract != ""]
    ).items():
        print(f"| {kind} | {flagged} / {n} | {100 * flagged / n:.1f} % |")
    for rest, name in ((1, "tuned on"), (0, "set aside")):
        n, precision, recall, exact = page_figures(rest)
        print(f"\nPages {name}: {n}, precision {precision:.2f}, recall {recall:.2f}, exact verdicts {exact}")


if __name__ == "__main__":
    main()
