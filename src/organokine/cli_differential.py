"""The command `differential`: one question asked of one table, as a table, a page, or both."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from organokine import terminal
from organokine.cli_checks import between, named, refuse_paths
from organokine.errors import DataError, OutputError, Problem

if TYPE_CHECKING:
    import pandas as pd

    from organokine.readers import Count, RawTable
    from organokine.readers.sample_sheet import SampleSheet
    from organokine.stages.one_assay import Comparison

FDR = 0.05
"""The usual level of a single table."""
LEAST_FDR = 1e-9
MOST_FDR = 0.5
MOST_LOG2FC = 20.0


def differential(
    context: typer.Context,
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="Features x samples.", show_default=False)],
    samples: Annotated[Path, typer.Option(help="Sample sheet with a column sample.", show_default=False)],
    factor: Annotated[str, typer.Option(help="Column of the sheet that tells the groups apart.", show_default=False)],
    case: Annotated[
        str | None, typer.Option(help="Its value for the group of interest; with --control.", show_default=False)
    ] = None,
    control: Annotated[str | None, typer.Option(help="Its value for the other group.", show_default=False)] = None,
    contrast: Annotated[
        str | None,
        typer.Option(
            metavar="LEVEL=WEIGHT,...",
            help="A weighted sum of its levels with sum zero, such as high=1/3,middle=2/3,low=-1.",
            show_default=False,
        ),
    ] = None,
    per_unit: Annotated[
        bool, typer.Option("--per-unit", help="Change per unit of a factor that holds numbers: time, dose.")
    ] = False,
    any_level: Annotated[bool, typer.Option("--any-level", help="Any difference between its levels (F-test).")] = False,
    covariate: Annotated[
        list[str] | None,
        typer.Option(
            "--covariate", "--covariates", help="Columns to adjust for; commas separate, and it may be repeated."
        ),
    ] = None,
    block: Annotated[
        str | None, typer.Option(help="Column of the animal, where several samples come from one.", show_default=False)
    ] = None,
    features: Annotated[
        Path | None, typer.Option(help="Table that tells gene, protein and more of each row.", show_default=False)
    ] = None,
    gene_column: Annotated[str | None, typer.Option(help="Column of the gene symbols.", show_default=False)] = None,
    protein_column: Annotated[str | None, typer.Option(help="Column of the accessions.", show_default=False)] = None,
    precursors_column: Annotated[
        str | None, typer.Option(help="Column of the number of precursors or peptides.", show_default=False)
    ] = None,
    id_column: Annotated[
        str | None, typer.Option(help="Column that names the rows.  [default: the first]", show_default=False)
    ] = None,
    modality: Annotated[Literal["protein", "rna"], typer.Option(help="What was measured.")] = "protein",
    scale: Annotated[Literal["auto", "log2", "linear", "counts"], typer.Option(help="Scale of the values.")] = "auto",
    normalise: Annotated[
        Literal["stable", "median", "none", "quantile", "cyclic_loess"],
        typer.Option(help="How samples are made comparable; counts are always scaled by TMM."),
    ] = "stable",
    engine: Annotated[
        Literal["moderated", "deseq2"], typer.Option(help="Moderated linear model, or DESeq2 for counts.")
    ] = "moderated",
    minimum_effect: Annotated[
        float,
        typer.Option(
            metavar="LOG2FC",
            callback=between(0.0, MOST_LOG2FC),
            help=f"Smallest change worth claiming (TREAT), 0 to {MOST_LOG2FC:g}.",
        ),
    ] = 0.0,
    sensitivity: Annotated[
        bool,
        typer.Option(
            "--sensitivity",
            help="Say which calls would change if missing values were filled in; for case against control only.",
        ),
    ] = False,
    fdr: Annotated[
        float,
        typer.Option(
            callback=between(LEAST_FDR, MOST_FDR),
            help=f"q below which a feature counts as found, {LEAST_FDR:g} to {MOST_FDR:g}.",
        ),
    ] = FDR,
    assay: Annotated[
        str | None,
        typer.Option(
            help="Its name in the sheet.  [default: file name, else the assay of its samples]", show_default=False
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Table to write.", show_default=False)] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Page with figures to write.", show_default=False)
    ] = None,
) -> None:
    """Compare groups in one table, without a study.

    One question is asked: --case and --control, --contrast, --per-unit or --any-level. Without --out and --report the table
    goes to standard output.
    """
    given = context.params | {"contrast": _contrast_of(context)}
    refuse_paths(given)
    sheet = _read_sheet(samples)
    given["name"] = _assay_of(table, sheet) if assay is None else named(assay)
    given["covariates"] = covariates_of(covariate or (), list(sheet.samples.columns))
    raw = _read_table(given, sheet.names_of(given["name"]))
    compared = _compare(raw, sheet, given)
    if report is not None:
        _write_report(compared, given, command_line(context.params, _without_effect(compared, given)))
    if out is not None or report is None:
        _write_table(compared.table, out, fdr)
    _say_what_was_written(compared.table, out, report, fdr)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Tell a place that cannot be written as the user's matter."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            Problem(
                str(path), f"cannot be written ({error.strerror})", "The result would be lost", "Name another place"
            )
        ) from error


def covariates_of(given: Sequence[str], columns: Sequence[str]) -> tuple[str, ...]:
    """Names of covariates, split at commas unless the sheet has a column whose name holds the comma.

    Raises
    ------
    DataError
        If a name is empty.
    """
    parts = [[text] if text in columns else text.split(",") for text in given]
    names = tuple(part.strip() for each in parts for part in each)
    if "" in names:
        raise DataError(
            Problem(
                "--covariate",
                f"a name is empty in {', '.join(map(repr, given))}",
                "A covariate is a column of the sample sheet",
                "Leave the option or the comma out, or name the column",
            )
        )
    return names


def weights_of(text: str) -> dict[str, float]:
    """Weights by level, from `high=0.5,middle=0.5,low=-1`; a weight may be a fraction such as `1/3`.

    Raises
    ------
    ValueError
        If a part is empty or not a level and its weight, or a level stands twice.
    """
    weights: dict[str, float] = {}
    for part in text.split(","):
        if part.strip() == "":
            message = f"{text!r} has an empty part. Write LEVEL=WEIGHT for each level, with commas between them and none at the end."
            raise ValueError(message)
        level, _, weight = (word.strip() for word in part.partition("="))
        try:
            number = float(Fraction(weight))
        except (ValueError, ZeroDivisionError, OverflowError):
            number = None
        if level == "" or number is None:
            message = (
                f"{part.strip()!r} is not LEVEL=WEIGHT with a number as weight. Commas stand between levels; a level that itself "
                "contains = or , cannot be written here: rename it in the sheet, or call organokine.differential from Python."
            )
            raise ValueError(message)
        if level in weights:
            message = f"the level {level!r} has two weights."
            raise ValueError(message)
        weights[level] = number
    return weights


def command_line(given: Mapping[str, Any], without: Collection[str] = ()) -> str:
    """The command with every option as it was, defaults included, to be run again; `without` names options left out."""
    words = ["organokine", "differential", str(given["table"])]
    for name, value in given.items():
        option = f"--{name.replace('_', '-')}"
        if name == "table" or name in without or value is None or value is False:
            continue
        if value is True:
            words.append(option)
        elif isinstance(value, list | tuple):
            words += [word for each in value for word in (option, str(each))]
        else:
            words += [option, str(value)]
    return shlex.join(words)


def _contrast_of(context: typer.Context) -> dict[str, float] | None:
    """The weights, if a contrast is asked for; usage is wrong unless exactly one question is asked."""
    given = context.params
    pair = [given[name] is not None for name in ("case", "control")]
    asked = [any(pair), given["contrast"] is not None, given["per_unit"], given["any_level"]]
    if sum(asked) != 1 or any(pair) != all(pair):
        message = "ask exactly one question: --case and --control, --contrast, --per-unit, or --any-level."
        raise typer.BadParameter(message, ctx=context)
    if given["contrast"] is None:
        return None
    try:
        return weights_of(given["contrast"])
    except ValueError as error:
        raise typer.BadParameter(str(error), ctx=context, param_hint="'--contrast'") from error


def _compare(raw: RawTable, sheet: SampleSheet, given: Mapping[str, Any]) -> Comparison:
    from organokine.stages.one_assay import compare

    asked = ("factor", "case", "control", "contrast", "per_unit", "any_level", "block")
    options = {name: given[name] for name in (*asked, "modality", "scale", "normalise", "fdr", "name")}
    compared = compare(
        raw.values,
        sheet.samples,
        covariates=given["covariates"],
        genes=raw.features["gene"],
        proteins=raw.features["protein"],
        precursors=raw.features.get("precursors"),
        minimum_log2fc=given["minimum_effect"],
        engine=given["engine"],
        sensitivity=given["sensitivity"],
        **options,
    )
    return compared._replace(joins=_with_reading(compared.joins, given["name"], (*raw.counts, *sheet.counts)))


def _without_effect(compared: Comparison, given: Mapping[str, Any]) -> set[str]:
    """Options that changed nothing and would contradict what the page says was done."""
    names = set()
    if compared.facts["normalisation"].startswith("Counts"):
        names.add("normalise")
    if given["minimum_effect"] == 0 and (given["any_level"] or given["engine"] == "deseq2"):
        names.add("minimum_effect")
    return names


def _with_reading(joins: pd.DataFrame, name: str, counts: Sequence[Count]) -> pd.DataFrame:
    """What was repaired and left out while the files were read, before what was matched."""
    import pandas as pd

    from organokine.tables import JOINS

    rows = pd.DataFrame([{"assay": name, **asdict(count)} for count in counts], columns=JOINS.names())
    return JOINS.conform(pd.concat([JOINS.conform(rows), joins], ignore_index=True))


def _write_report(compared: Comparison, given: Mapping[str, Any], command: str) -> None:
    from organokine.manifest import versions
    from organokine.output import write_text
    from organokine.report.comparison import comparison_page

    page = comparison_page(
        given["name"],
        compared.table,
        asked=compared.asked,
        qc=compared.qc,
        detection=compared.detection,
        sensitivity=compared.sensitivity,
        joins=compared.joins,
        flags=compared.flags,
        facts=compared.facts,
        fdr=given["fdr"],
        minimum_effect=given["minimum_effect"],
        engine=given["engine"],
        command=command,
        versions=versions(),
    )
    with writing(given["report"]):
        write_text(given["report"], page)


def _read_sheet(path: Path) -> SampleSheet:
    from organokine.readers.sample_sheet import read_samples

    return read_samples(path, str(path), needs_subject=False)


def _assay_of(table: Path, sheet: SampleSheet) -> str:
    """The name of the file; else, of the assays of a sheet, the only one with samples in the table."""
    from organokine.readers.grid import read_grid

    name = table.name.lstrip(".").partition(".")[0]
    if "assay" not in sheet.samples.columns or sheet.names_of(name) is not None:
        return name
    header = read_grid(table, str(table)).header
    found = sheet.samples.loc[sheet.samples["sample"].isin(header), "assay"].unique()
    return str(found[0]) if len(found) == 1 else name


def _read_table(given: Mapping[str, Any], known: set[str] | None) -> RawTable:
    from organokine.readers.annotation import NO_NUMBER_OF_PRECURSORS
    from organokine.readers.matrix import read_matrix
    from organokine.study_file import AssaySection, ColumnsSection

    path, features = given["table"], given["features"]
    columns = ColumnsSection(**{kind: given[f"{kind}_column"] for kind in ("id", "gene", "protein", "precursors")})
    section = AssaySection(
        name=given["name"],
        organ="unnamed",
        modality=given["modality"],
        file=path.name,
        features=None if features is None else str(features.absolute()),
        columns=columns,
    )
    raw = read_matrix(path, section, path.parent, known, str(path))
    for count in raw.counts:
        if count.item == NO_NUMBER_OF_PRECURSORS:
            typer.echo(f"Warning: {count.item}: {count.n} of {count.of}, {count.example} ({count.note}).", err=True)
    return raw


def _write_table(table: pd.DataFrame, path: Path | None, fdr: float) -> None:
    text = table.to_csv(sep="\t", index=False, na_rep="NaN", lineterminator="\n")
    if path is None:
        typer.echo(text, nl=False)
        return
    with writing(path):
        path.write_text(text, encoding="utf-8", newline="")
    typer.echo(f"wrote {path}: {terminal.summary_of_table(table, fdr)}")


def _say_what_was_written(table: pd.DataFrame, out: Path | None, report: Path | None, fdr: float) -> None:
    if report is not None:
        typer.echo(f"report: {report}" + ("" if out is not None else f": {terminal.summary_of_table(table, fdr)}"))
    elif out is not None:
        typer.echo("A page with figures: add --report FILE.html")
