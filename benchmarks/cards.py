"""Evidence cards: is a planted broken link named the weakest, how often does nothing get `watch`, and what do copies of animals do?

    python benchmarks/cards.py > docs/cards-figures.md

Studies are simulated: ten mice per group in two organs and plasma, two arms that move the mediator, and a functional test of the mice
and of the arm. Cards are made by the stages of a run; only those that no card looks at are left out.
"""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from threadpoolctl import threadpool_limits

from organokine.evidence import LINES
from organokine.phenotype_section import PhenotypeSection
from organokine.randomness import named_generator
from organokine.readers.base import RawMatrix
from organokine.readers.phenotype import Asked, grid_of, trials_of
from organokine.references import load_references
from organokine.simulate import Simulated, simulate_tables
from organokine.stages.appraise import animal_values, evidence_cards
from organokine.stages.differential import differential_table
from organokine.stages.evidence import by_role, gather
from organokine.stages.perturbation import perturbation_tables
from organokine.stages.phenotype import functional_tables
from organokine.stages.prepare import prepare
from organokine.stages.quality import assay_quality
from organokine.stages.rank import rank
from organokine.study import Study, assemble_study

MEDIATOR = "Anxa2"
SMALL = {"n_per_group": 10, "n_genes": 300, "n_proteins": 220, "n_plasma": 60, "arm_animals": 6, "perturbations": True}
"""Ten mice per group: what a link of r = 0.9 needs to be seen among some twenty candidates that changed."""
STRONG = {"changed_share": 0.25, "changed_size": (0.8, 0.4), "arm_fraction": 0.8}
"""A target that responds plainly, so that an arm has something to reproduce."""
BROKEN: dict[str, dict[str, Any]] = {
    "L1": {"mediator_source": (0.0, 0.0), "paired_link": True},
    "L2": {"mediator_plasma": (0.0, 0.0)},
    "L3": {"mediator_target": (0.0, 0.0)},
    "L5": {"arm_fraction": 0.0},
    "L6": {},
    "L7": {"paired_link": False},
}
"""By link: the options of the simulation that leave it out; that of L6 is in the functional test."""
COPY = "_copy"
FUNCTION_SD, FUNCTION_EFFECT = 20.0, -60.0
"""Latency in seconds: spread between mice, and the effect of age or of the gain."""


def simulated_study(seed: int, broken: str = "", *, null: bool = False) -> Study:
    """A study with functional tests, in which one link is left out, or in which no molecule differs and only function does."""
    options = SMALL | STRONG | BROKEN.get(broken, {}) | ({"scenario": "global_null"} if null else {})
    made = simulate_tables(seed, **options)
    return with_function(made, seed, 0.0 if broken == "L6" else FUNCTION_EFFECT)


def with_function(made: Simulated, seed: int, effect: float) -> Study:
    """The study with a functional test of the mice and of those of the gain."""
    study = assemble_study(made.file, made.tables, made.samples)
    rng = named_generator(seed, "function")
    sheet = made.samples.drop_duplicates("subject")
    arm = made.file.perturbation[0]
    groups = {"latency": ("age", "old", "young"), "latency of the arm": (arm.factor, arm.case, arm.control)}
    sections, trials = [], []
    for name, (factor, case, control) in groups.items():
        mice = sheet[sheet[factor].isin([case, control])] if factor in sheet.columns else sheet.iloc[:0]
        mice = mice[mice["virus"].isna()] if factor == "age" else mice
        # A copy of an animal has the value of the animal.
        animal, own = np.unique(mice["subject"].str.removesuffix(COPY).to_numpy(dtype=str), return_inverse=True)
        noise = FUNCTION_SD * rng.normal(size=len(animal))[own]
        value = 150.0 + noise + effect * (mice[factor] == case).to_numpy(dtype=float)
        body = pd.DataFrame({"subject": mice["subject"], "group": mice[factor], "sex": mice["sex"], "latency": value})
        toml = (
            f'name = "{name}"\ntest = "scalar"\nfile = "function.tsv"\nmeasures = ["latency"]\ndomain = "coordination"'
        )
        section = PhenotypeSection(**tomllib.loads(toml), factor=factor, case=case, control=control, better="higher")
        sections.append(section)
        trials.append(trials_of(grid_of(body), section, Asked(factor, case, control), name))
    file = study.file.model_copy(update={"phenotype": tuple(sections)})
    return replace(study, file=file, phenotypes=tuple(trials))


def cards_of(study: Study, genes: Sequence[str] = (MEDIATOR,)) -> dict[str, dict[str, Any]]:
    """Cards of these candidates, by the stages of a run."""
    return evidence_cards(study, tables_of(study, genes), LINES)


def tables_of(study: Study, genes: Sequence[str] = (MEDIATOR,)) -> dict[str, pd.DataFrame]:
    """What the cards of these candidates are made from."""
    file, references = study.file, load_references(study.file.study.species)
    ready = prepare(study, references)
    found: dict[str, pd.DataFrame] = {"qc": ready.qc, "runs": study.runs}
    seen = assay_quality(ready.assays, ready.qc, study.runs, file, references)
    found |= {"qc_batch": seen.batch, "qc_pairs": seen.pairs}
    compared = {name: adata for name, adata in ready.assays.items() if name not in file.arm_assays}
    found["differential"] = differential_table(compared, file.contrast, file.differential, workers=1)
    streams = partial(named_generator, file.study.seed)
    found |= perturbation_tables(file, ready.assays, found["differential"], streams)
    found |= functional_tables(file, study.phenotypes)
    answer = gather(
        study, ready.assays, found["differential"], found["qc"], references, LINES,
        perturbations=found["perturbations"], phenotypes=found["phenotype_animals"],
    )  # fmt: skip
    found |= {"evidence": answer.evidence, "flags": answer.flags}
    ranking = rank(answer.evidence, answer.flags, answer.candidates, LINES, file.ranking)
    order = ranking.mediators["gene"].isin(genes).sort_values(ascending=False, kind="stable").index
    found["mediators"] = ranking.mediators.loc[order].head(max(1, len(genes))).reset_index(drop=True)
    prepared = by_role(study, ready.assays)
    names = {key: str(adata.uns["organokine"]["name"]) for key, adata in prepared.items()}
    found["animals"] = animal_values(found["mediators"]["gene"].tolist(), prepared, names, file.contrast)
    return found


def weakest_named(seed: int, broken: str) -> str:
    """The link that the card of the mediator names weakest, where `broken` was left out."""
    with threadpool_limits(limits=1):
        card = cards_of(simulated_study(seed, broken))[MEDIATOR]
    return str(card["weakest_link"]["id"])


def words_on_nothing(seed: int) -> list[str]:
    """Relevance of the candidate that was moved, where no molecule differs and the arms do nothing; function differs all the same."""
    with threadpool_limits(limits=1):
        cards = cards_of(simulated_study(seed, null=True))
    return [card["relevance"]["word"] for card in cards.values()]


def with_copies(made: Simulated) -> Simulated:
    """Every sample twice, the second time under the name of another animal."""
    samples = pd.concat([made.samples, _renamed(made.samples)], ignore_index=True)
    doubled = {}
    for name, table in made.tables.items():
        again = table.values.rename(columns=lambda sample: f"{sample}{COPY}")
        doubled[name] = RawMatrix(pd.concat([table.values, again], axis=1), table.features, table.scale, table.detected)
    return made._replace(tables=doubled, samples=samples)


def _renamed(samples: pd.DataFrame) -> pd.DataFrame:
    return samples.assign(sample=samples["sample"] + COPY, subject=samples["subject"] + COPY)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=40, help="simulated studies per broken link")
    parser.add_argument("--nothing", type=int, default=60, help="simulated studies in which nothing differs")
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    seeds = range(1, given.studies + 1)
    print(HEAD.format(n=given.studies))
    with ProcessPoolExecutor(given.workers) as pool:
        for broken in BROKEN:
            named = list(pool.map(partial(weakest_named, broken=broken), seeds))
            others = ", ".join(sorted({name for name in named if name != broken}))
            hits = named.count(broken)
            print(f"| {broken} | {len(named)} | {hits} | {share(hits, len(named))} | {others or 'none'} |", flush=True)
        words = [word for found in pool.map(words_on_nothing, range(1, given.nothing + 1)) for word in found]
    print(f"{NOTHING}\n\n| cards | say `watch` | share |\n|---|---|---|")
    print(f"| {len(words)} | {words.count('watch')} | {share(words.count('watch'), len(words))} |")


HEAD = """\
# Figures of cards

Made by `benchmarks/cards.py`: {n} simulated studies per row, of ten mice per group in two organs and plasma, two arms of six mice per
group that move the planted mediator, and a functional test of the mice and of one arm. Shares with exact 95 % intervals.

## Is the link that was left out named the weakest?

All other links are planted; L4 is never tested by a run.

| link left out | studies | named weakest | share | else named |
|---|---|---|---|---|"""
NOTHING = """
## How often does nothing get `watch`?

No molecule differs, and arms move the candidate and nothing else; function differs between the groups and in the arm all the same.
The card is that of the candidate that was moved."""


def share(n: int, of: int) -> str:
    ends = stats.binomtest(n, of).proportion_ci()
    return f"{n / of:.0%} ({ends.low:.0%} to {ends.high:.0%})"


if __name__ == "__main__":
    main()
