"""A simulated population as files, the way a laboratory would have it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from organokine.simulate.cohort import CohortOptions, SimulatedCohort, simulate_cohort

if TYPE_CHECKING:
    from collections.abc import Iterator

README = """\
SIMULATED DATA. No individual was measured, and no number here says anything about biology.

organokine made this population of {n} mice with {organs} with seed {seed}.
The gene symbols are those of real mouse genes; their levels and what they go with are drawn at random.

study.toml      the study file: run it with `organokine population study.toml`
samples.tsv     the sample sheet
*.tsv.gz        one table per organ: protein, log2
traits.tsv      traits of the same mice
truth.tsv       which messages were planted. The analysis never reads it.
"""


def write_population(folder: str | Path, seed: int = 1, permutations: int = 10_000, **options: Any) -> Path:
    """Write a simulated population as files: study file, sample sheet, tables, traits, truth and a note that says what it is.

    Parameters
    ----------
    folder : str or pathlib.Path
        Where to; made if absent. Files of the same names are replaced.
    seed : int
        The same seed gives the same bytes.
    permutations : int
        Draws of the null, as the study file shall ask for them.
    **options
        Fields of `organokine.simulate.cohort.CohortOptions`.

    Returns
    -------
    pathlib.Path
        The study file.
    """
    place = Path(folder)
    simulated = simulate_cohort(CohortOptions(**options), seed)
    place.mkdir(parents=True, exist_ok=True)
    for organ, levels in simulated.levels.items():
        table = (
            levels.round(4).set_axis([f"{organ}_{name}" for name in levels.index]).T.rename_axis("gene").reset_index()
        )
        # Without a time in the header the same population is the same bytes.
        table.to_csv(
            place / f"{organ}.tsv.gz",
            sep="\t",
            index=False,
            lineterminator="\n",
            compression={"method": "gzip", "mtime": 0, "compresslevel": 6},
        )
    sheet = pd.concat(list(_sheets(simulated)), ignore_index=True)
    for name, frame in (("samples", sheet), ("traits", simulated.traits.reset_index()), ("truth", simulated.messages)):
        frame.to_csv(place / f"{name}.tsv", sep="\t", index=False, lineterminator="\n", float_format="%.6g")
    organs = ", ".join(simulated.levels)
    note = README.format(n=len(simulated.individuals), organs=organs, seed=seed)
    (place / "README.txt").write_text(note, encoding="utf-8", newline="\n")
    path = place / "study.toml"
    path.write_text(_study_toml(simulated, seed, permutations), encoding="utf-8", newline="\n")
    return path


def _sheets(simulated: SimulatedCohort) -> Iterator[pd.DataFrame]:
    for organ, levels in simulated.levels.items():
        own = simulated.individuals.loc[levels.index]
        samples = [f"{organ}_{name}" for name in own.index]
        yield pd.DataFrame({"assay": f"{organ}_protein", "sample": samples, "subject": own.index}).join(
            own, on="subject"
        )


def _study_toml(simulated: SimulatedCohort, seed: int, permutations: int) -> str:
    assays = "".join(
        f'\n[[assay]]\nname = "{organ}_protein"\norgan = "{organ}"\nmodality = "protein"\nfile = "{organ}.tsv.gz"\n'
        f'scale = "log2"\ncolumns = {{ id = "gene", gene = "gene" }}\n'
        for organ in simulated.levels
    )
    return f"""\
# SIMULATED DATA: see README.txt
[study]
name = "simulated_population"
species = "mouse"
samples = "samples.tsv"
seed = {seed}

[population]
covariates = ["age"]          # sex is adjusted for without being named
permutations = {permutations}

[[population.traits]]
file = "traits.tsv"
{assays}"""
