"""The command `perturbation`: one arm against one contrast, as two matrices with their samples or as two tables of changes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from organokine.cli_checks import refuse_paths
from organokine.cli_differential import covariates_of, writing

if TYPE_CHECKING:
    import pandas as pd

    from organokine.stages.two_signatures import Samples, TwoSignatures

READ = {
    "contrast": "CONTRAST",
    "arm": "ARM",
    "samples": "--samples",
    "arm_samples": "--arm-samples",
    "features": "--features",
    "arm_features": "--arm-features",
}
WRITTEN = {"out": "--out", "scores": "--scores"}
OF_TABLES = ("contrast", "arm", "samples", "gene", "kind", "moves", "expects", "declared", "out")
"""Parameters that two tables of changes know; all others are about matrices."""


def perturbation(
    context: typer.Context,
    contrast: Annotated[Path, typer.Argument(metavar="CONTRAST", help="Features x samples.", show_default=False)],
    arm: Annotated[Path, typer.Argument(metavar="ARM", help="The same of the perturbation.", show_default=False)],
    samples: Annotated[
        Path | None,
        typer.Option(
            help="Sample sheet of CONTRAST. Without one, both are tables that `differential --out` wrote.",
            show_default=False,
        ),
    ] = None,
    factor: Annotated[
        str | None, typer.Option(help="Its column that tells the groups apart.", show_default=False)
    ] = None,
    case: Annotated[str | None, typer.Option(help="Its value for the group of interest.", show_default=False)] = None,
    control: Annotated[str | None, typer.Option(help="Its value for the other group.", show_default=False)] = None,
    covariate: Annotated[
        list[str] | None, typer.Option(help="Columns to adjust for; commas separate.", show_default=False)
    ] = None,
    arm_samples: Annotated[
        Path | None, typer.Option(help="Sample sheet of ARM.  [default: that of CONTRAST]", show_default=False)
    ] = None,
    arm_factor: Annotated[str | None, typer.Option(help="Column of the arm's groups.", show_default=False)] = None,
    arm_case: Annotated[str | None, typer.Option(help="Its perturbed group.", show_default=False)] = None,
    arm_control: Annotated[str | None, typer.Option(help="Its control.", show_default=False)] = None,
    arm_covariate: Annotated[
        list[str] | None,
        typer.Option(
            help="Columns to adjust for; labels move within the levels of those that are text.", show_default=False
        ),
    ] = None,
    gene: Annotated[
        str | None, typer.Option(help="The gene that was moved; left out of both signatures.", show_default=False)
    ] = None,
    kind: Annotated[
        Literal["gain", "loss", "inhibitor", "compound", "recombinant", "transfer"],
        typer.Option(help="How it was moved."),
    ] = "gain",
    moves: Annotated[
        Literal["up", "down"] | None, typer.Option(help="Where, for a compound or a transfer.", show_default=False)
    ] = None,
    expects: Annotated[
        Literal["reproduces", "reverses"] | None,
        typer.Option(
            help="What was expected beforehand.  [default: follows from where arm and contrast move the gene, if the contrast moves it at "
            "p of at most 0.05]",
            show_default=False,
        ),
    ] = None,
    background: Annotated[
        str | None, typer.Option(help="Level of --factor that the arm's animals have.", show_default=False)
    ] = None,
    dose: Annotated[str | None, typer.Option(help="Column of doses of the arm.", show_default=False)] = None,
    declared: Annotated[
        bool, typer.Option("--declared", help="The gene is known to have moved, though ARM does not show it.")
    ] = False,
    gene_column: Annotated[str | None, typer.Option(help="Column of the gene symbols.", show_default=False)] = None,
    id_column: Annotated[
        str | None, typer.Option(help="Column that names the rows.  [default: the first]", show_default=False)
    ] = None,
    features: Annotated[
        Path | None, typer.Option(help="Table that tells the gene of each row of CONTRAST.", show_default=False)
    ] = None,
    arm_features: Annotated[
        Path | None, typer.Option(help="The same of ARM.  [default: --features]", show_default=False)
    ] = None,
    modality: Annotated[Literal["protein", "rna"], typer.Option(help="What was measured.")] = "rna",
    scale: Annotated[Literal["auto", "log2", "linear", "counts"], typer.Option(help="Scale of the values.")] = "auto",
    normalise: Annotated[
        Literal["stable", "median", "none", "quantile", "cyclic_loess"],
        typer.Option(help="How samples are made comparable; counts are always scaled by TMM."),
    ] = "stable",
    permutations: Annotated[
        int, typer.Option(min=99, max=1_000_000, help="Arrangements of the arm's labels; all if no more than this.")
    ] = 1000,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the drawn ones.")] = 1,
    out: Annotated[Path | None, typer.Option(help="Table `perturbations` to write.", show_default=False)] = None,
    scores: Annotated[
        Path | None, typer.Option(help="Table `perturbation_scores` to write, one row per animal.", show_default=False)
    ] = None,
) -> None:
    """Ask whether moving a gene reproduces, or reverses, a contrast.

    CONTRAST and ARM have animals of their own. Two tables of changes alone have no animals: they give a correlation and a
    fraction, and neither p nor interval.
    """
    given = context.params
    refuse_paths(given, READ, WRITTEN)
    found = _of_tables(context) if samples is None else _of_matrices(context)
    _say(found)
    for frame, path in ((found.summary, out), (found.scores, scores)):
        if path is not None:
            _write(frame, path)


def _of_tables(context: typer.Context) -> TwoSignatures:
    from organokine.stages.two_signatures import perturbation as compare

    given = context.params
    named = [name for name in given if name not in OF_TABLES and _is_given(context, name)]
    if len(named) > 0:
        message = (
            f"--{named[0].replace('_', '-')} is about matrices, and without --samples there are two tables of changes."
        )
        raise typer.BadParameter(message)
    first, second = (_read_changes(given[name]) for name in ("contrast", "arm"))
    chosen = {name: given[name] for name in ("gene", "kind", "moves", "expects", "declared")}
    return compare(first, second, **chosen)


def _is_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"


def _of_matrices(context: typer.Context) -> TwoSignatures:
    from organokine.stages.two_signatures import perturbation as compare

    given = context.params
    needed = ("factor", "case", "control", "arm_factor", "arm_case", "arm_control")
    absent = [f"--{name.replace('_', '-')}" for name in needed if given[name] is None]
    if len(absent) > 0:
        message = f"with --samples the groups of both are needed; {', '.join(absent)} is missing."
        raise typer.BadParameter(message, ctx=context)
    first, genes = _read_matrix(given["contrast"], given["features"], given)
    second, arm_genes = _read_matrix(given["arm"], given["arm_features"] or given["features"], given)
    names = ("gene", "kind", "moves", "expects", "background", "dose", "declared", "modality", "scale", "normalise")
    chosen = {name: given[name] for name in (*names, "permutations", "seed")}
    sides = (
        _samples(given["samples"], first, given, ""),
        _samples(given["arm_samples"] or given["samples"], second, given, "arm_"),
    )
    return compare(first, second, *sides, genes=(genes, arm_genes), **chosen)


def _samples(path: Path, values: pd.DataFrame, given: Mapping[str, Any], prefix: str) -> Samples:
    """The rows of a sheet that are of this matrix: of its file, if the sheet has samples of one name in several assays."""
    from organokine.readers.sample_sheet import read_samples
    from organokine.stages.two_signatures import Samples

    sheet = read_samples(path, str(path), needs_subject=False).samples
    covariates = covariates_of(given[f"{prefix}covariate"] or (), list(sheet.columns))
    if "assay" in sheet.columns:
        own = sheet[sheet["sample"].isin(values.columns)]
        name = given["arm" if prefix != "" else "contrast"].name.partition(".")[0]
        own = own[own["assay"] == name] if own["sample"].duplicated().any() else own
        sheet = (own if len(own) > 0 else sheet.drop_duplicates("sample")).drop(columns="assay")
    return Samples(sheet, given[f"{prefix}factor"], given[f"{prefix}case"], given[f"{prefix}control"], covariates)


def _read_matrix(path: Path, features: Path | None, given: Mapping[str, Any]) -> tuple[pd.DataFrame, pd.Series | None]:
    from organokine.readers.matrix import read_matrix
    from organokine.study_file import AssaySection, ColumnsSection

    section = AssaySection(
        name=path.name,
        organ="unnamed",
        modality=given["modality"],
        file=path.name,
        features=None if features is None else str(features.absolute()),
        columns=ColumnsSection(id=given["id_column"], gene=given["gene_column"]),
    )
    raw = read_matrix(path, section, path.parent, None, str(path))
    symbols = raw.features["gene"]
    return raw.values, symbols if (symbols != "").any() else None


def _read_changes(path: Path) -> pd.DataFrame:
    from organokine.readers.grid import read_grid

    return read_grid(path, str(path)).body


def _say(found: TwoSignatures) -> None:
    from organokine.report.arm_words import said_of

    row = {str(name): value for name, value in found.summary.iloc[0].items()}
    typer.echo(f"{row['n_genes']} genes in both.")
    for sentence in said_of(row, None if found.asked is None else found.asked.model_dump()):
        typer.echo(sentence)
    if row["state"] == "direction_unknown":
        typer.echo("Say with --expects what was expected before the arm was looked at.")


def _write(frame: pd.DataFrame, path: Path) -> None:
    text = frame.to_csv(sep="\t", index=False, na_rep="NaN", lineterminator="\n")
    with writing(path):
        path.write_text(text, encoding="utf-8", newline="")
    typer.echo(f"wrote {path}")
