"""What the commands print of a study and of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from organokine.errors import first_examples

if TYPE_CHECKING:
    import pandas as pd

    from organokine.result import Result
    from organokine.study import Study

N_SHOWN = 5
COLUMNS = ("rank", "gene", "route", "tier", "q", "source_log2fc", "limiting_evidence")
WARNED = (
    "rna_and_protein_of_different_animals", "unpaired", "subjects_look_alike", "covariate_read_as_number",
    "sex_not_named", "too_few_individuals", "signalp_not_for_eukaryotes", "list_mostly_unknown", "list_symbol_case",
    "raw_search_warning",
)  # fmt: skip


def print_assays(study: Study) -> None:
    """Contrast, axis, and size and scale of each assay."""
    file = study.file
    typer.echo(f"{file.study.name} ({file.study.species})")
    if file.contrast is not None:
        covariates = f", given {', '.join(file.contrast.covariates)}" if len(file.contrast.covariates) > 0 else ""
        typer.echo(f"  {file.contrast.factor}: {file.contrast.case} against {file.contrast.control}{covariates}")
    if file.axis is not None:
        typer.echo(f"  from {file.axis.source} to {file.axis.target}")
    for name, assay in study.assays.items():
        scale = assay.uns["organokine"]["scale"]
        typer.echo(f"  {name}: {assay.n_obs} samples x {assay.n_vars} features, {scale}")


def print_joins(joins: pd.DataFrame) -> None:
    """What the joins matched, lost and repaired, by assay."""
    import pandas as pd

    for assay, rows in joins.groupby("assay", sort=False):
        typer.echo(f"\n{assay}")
        for item, n, total, example, note in rows[["item", "n", "of", "example", "note"]].itertuples(index=False):
            share = f"{n}" if pd.isna(total) else f"{n} of {total}"
            remarks = "; ".join(text for text in (example, note) if text != "")
            typer.echo(f"  {item}: {share}" + (f" ({remarks})" if remarks != "" else ""))


def print_warnings(flags: pd.DataFrame) -> None:
    """Flags that take a question away from the whole study, with their remedy."""
    for detail in flags.loc[flags["flag"].isin(WARNED), "detail"]:
        typer.echo(f"\nWarning: {detail}.")


def print_leaders(result: Result, fdr: float) -> None:
    """The first candidates, and what the claims among all of them do not show."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    mediators = result.mediators
    n_claimed = int((mediators["tier"] >= 2).sum())
    typer.echo(f"{n_claimed} of {len(mediators)} candidates reach tier 2 or above (false discovery rate {fdr:g}).")
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in COLUMNS:
        # Two words wrap where the terminal is narrow; a gene that is broken would be another gene.
        table.add_column(name.replace("_", " "), no_wrap=name == "gene")
    for row in mediators.head(N_SHOWN).to_dict("records"):
        # Text: names are never read as markup
        table.add_row(*(Text(_cell(row[name], signed=name == "source_log2fc")) for name in COLUMNS))
    Console().print(table)
    caveats: Any = result.manifest.get("caveats", [])
    for each in caveats:
        typer.echo(f"For {each['n']:,} of the {each['of']:,} at tier {each['tier']} or above: {each['caveat']}.")
    said: Any = result.manifest.get("answers", {})
    unseen = said.get("without_card", [])
    if len(unseen) > 0:
        typer.echo(
            f"answers.toml names candidates without a card, {first_examples(unseen)}: what it says of them is not shown."
        )


def summary_of_table(table: pd.DataFrame, q: float = 0.05) -> str:
    """Features, tested ones and those below a false discovery rate, of a table `differential`."""
    n_tested, n_found = int(table["p"].notna().sum()), int((table["q"] < q).sum())
    noun = "feature" if len(table) == 1 else "features"
    return f"{len(table):,} {noun}, {n_tested:,} tested, {n_found:,} at q < {q:g}"


def _cell(value: object, *, signed: bool) -> str:
    if isinstance(value, float):
        missing = value != value  # noqa: PLR0124  NaN without importing NumPy
        return "-" if missing else f"{value:+.2f}" if signed else f"{value:.2g}"
    return str(value)
