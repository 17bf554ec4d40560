"""A simulated study as files, the way a laboratory would have it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from organokine.simulate.options import Options
from organokine.simulate.study import simulate_tables
from organokine.simulate.study_toml import study_toml

if TYPE_CHECKING:
    import pandas as pd

    from organokine.readers.base import RawMatrix

README = """\
SIMULATED DATA. No animal was measured, and no number here says anything about biology.

organokine made this study of {n} mice (muscle -> cerebellum, old against young) with seed {seed}, scenario `{scenario}`.
The gene symbols are those of real mouse genes; their levels, changes and noise are drawn at random.

study.toml      the study file: run it with `organokine run study.toml`
samples.tsv     the sample sheet
*.tsv.gz        one table per organ and modality: protein intensities (linear), RNA counts, plasma protein (log2)
{arms}truth.tsv       what was planted, gene by gene, as log2 old minus young. The analysis never reads it.
"""

ARMS_NOTE = """\
                and of two arms with mice of their own: the mediator raised in young mice, and taken away in old ones
"""

BEHAVIOUR_NOTE = """\
rotarod.tsv     latency to fall (s, trials end at 300) of these mice and of some more
grip.tsv        grip strength (gram-force) and body weight (g) of the same
"""


def write_study(folder: str | Path, seed: int = 1, **options: Any) -> Path:
    """Write a simulated study as files: study file, sample sheet, tables, planted truth and a note that says what it is.

    Parameters
    ----------
    folder : str or pathlib.Path
        Where to; made if absent. Files of the same names are replaced.
    seed : int
        The same seed gives the same bytes.
    **options
        Fields of `organokine.simulate.Options`.

    Returns
    -------
    pathlib.Path
        The study file.

    Raises
    ------
    TypeError, ValueError
        If an option is unknown or does not fit.
    """
    place = Path(folder)
    simulated = simulate_tables(seed, **options)
    chosen = Options(**options)
    place.mkdir(parents=True, exist_ok=True)
    for name, table in simulated.tables.items():
        _write_table(table, place / f"{name}.tsv.gz")
    _write_tsv(simulated.samples, place / "samples.tsv")
    _write_tsv(simulated.truth, place / "truth.tsv")
    for name, trials in simulated.behaviour.items():
        _write_tsv(trials, place / f"{name}.tsv")
    arms = (ARMS_NOTE if chosen.perturbations else "") + (BEHAVIOUR_NOTE if chosen.behaviour else "")
    note = README.format(n=2 * chosen.n_per_group, seed=seed, scenario=chosen.scenario, arms=arms)
    (place / "README.txt").write_text(note, encoding="utf-8", newline="\n")
    path = place / "study.toml"
    path.write_text(study_toml(seed, chosen), encoding="utf-8", newline="\n")
    return path


def _write_table(table: RawMatrix, path: Path) -> None:
    values = table.values
    if table.detected == "linear":
        # Intensities were drawn as whole numbers; back from log2 they are so again.
        values = (2.0**values).round()
    is_whole = table.detected != "log2"
    body = values.astype("Int64") if is_whole else values.copy()
    body.insert(0, "feature", values.index)
    body.insert(1, "gene", table.features["gene"])
    if table.features["precursors"].notna().any():
        body.insert(2, "precursors", table.features["precursors"].astype(int))
    # Without a time in the header the same study is the same bytes.
    body.to_csv(
        path, sep="\t", index=False, lineterminator="\n", compression={"method": "gzip", "mtime": 0, "compresslevel": 6}
    )


def _write_tsv(frame: pd.DataFrame, path: Path) -> None:
    frame.to_csv(path, sep="\t", index=False, lineterminator="\n")
