"""The command `differential`: two groups in one table, as a table, a page, or both."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from organokine import terminal
from organokine.errors import OutputError, Problem

if TYPE_CHECKING:
    import pandas as pd

    from organokine.readers import RawTable
    from organokine.readers.sample_sheet import SampleSheet
    from organokine.stages.one_assay import Comparison
    from organokine.study_file import Modality

FDR = 0.05
"""The usual level of a single table."""
MOST_FDR = 0.5
MOST_LOG2FC = 20.0


def differential(
    context: typer.Context,
    table: Annotated[Path, typer.Argument(metavar="TABLE", help="Features x samples.", show_default=False)],
    samples: Annotated[Path, typer.Option(help="Sample sheet with a column sample.", show_default=False)],
    factor: Annotated[str, typer.Option(help="Column of the sheet that tells the groups apart.", show_default=False)],
    case: Annotated[str, typer.Option(help="Its value for the group of interest.", show_default=False)],
    control: Annotated[str, typer.Option(help="Its value for the other group.", show_default=False)],
    covariate: Annotated[
        list[str] | None,
        typer.Option(
            "--covariate", "--covariates", help="Columns to adjust for; commas separate, and it may be repeated."
        ),
    ] = None,
    block: Annotated[
        str | None, typer.Option(help="Column of the animal, where several samples come from one.", show_default=False)
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
        float, typer.Option(metavar="LOG2FC", min=0.0, max=MOST_LOG2FC, help="Smallest change worth claiming (TREAT).")
    ] = 0.0,
    sensitivity: Annotated[
        bool, typer.Option("--sensitivity", help="Say which calls would change if missing values were filled in.")
    ] = False,
    fdr: Annotated[float, typer.Option(min=1e-9, max=MOST_FDR, help="q below which a feature counts as found.")] = FDR,
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
    """Compare two groups in one table, without a study.

    Without --out and --report the table goes to standard output.
    """
    _refuse_one_file_twice(out, report)
    sheet = _read_sheet(samples)
    name = _assay_of(table, sheet) if assay is None else assay
    raw = _read_table(table, name, modality, sheet.names_of(name))
    compared = _compare(raw, sheet, context.params | {"name": name})
    if report is not None:
        _write_report(compared, context.params, f"{name}, {factor}: {case} against {control}")
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
    """Names of covariates, split at commas unless the sheet has a column whose name holds the comma."""
    parts = [[text] if text in columns else text.split(",") for text in given]
    return tuple(part.strip() for each in parts for part in each)


def command_line(given: Mapping[str, Any]) -> str:
    """The command with every option as it was, defaults included, to be run again."""
    words = ["organokine", "differential", str(given["table"])]
    for name, value in given.items():
        option = f"--{name.replace('_', '-')}"
        if name == "table" or value is None or value is False:
            continue
        if value is True:
            words.append(option)
        elif isinstance(value, list | tuple):
            words += [word for each in value for word in (option, str(each))]
        else:
            words += [option, str(value)]
    return shlex.join(words)


def _compare(raw: RawTable, sheet: SampleSheet, given: Mapping[str, Any]) -> Comparison:
    from organokine.stages.one_assay import compare

    as_given = ("factor", "case", "control", "block", "modality", "scale", "normalise", "fdr", "name")
    options = {name: given[name] for name in (*as_given, "engine", "sensitivity")}
    return compare(
        raw.values,
        sheet.samples,
        covariates=covariates_of(given["covariate"] or (), list(sheet.samples.columns)),
        genes=raw.features["gene"],
        proteins=raw.features["protein"],
        precursors=raw.features.get("precursors"),
        minimum_log2fc=given["minimum_effect"],
        **options,
    )


def _write_report(compared: Comparison, given: Mapping[str, Any], title: str) -> None:
    from organokine.manifest import versions
    from organokine.output import write_text
    from organokine.report.comparison import comparison_page

    page = comparison_page(
        title,
        compared.table,
        groups=(given["case"], given["control"]),
        qc=compared.qc,
        detection=compared.detection,
        sensitivity=compared.sensitivity,
        joins=compared.joins,
        flags=compared.flags,
        facts=compared.facts,
        fdr=given["fdr"],
        minimum_effect=given["minimum_effect"],
        command=command_line(given),
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

    name = table.name.partition(".")[0]
    if "assay" not in sheet.samples.columns or sheet.names_of(name) is not None:
        return name
    header = read_grid(table, str(table)).header
    found = sheet.samples.loc[sheet.samples["sample"].isin(header), "assay"].unique()
    return str(found[0]) if len(found) == 1 else name


def _read_table(path: Path, name: str, modality: Modality, known: set[str] | None) -> RawTable:
    from organokine.readers.matrix import read_matrix
    from organokine.study_file import AssaySection

    section = AssaySection(name=name, organ="unnamed", modality=modality, file=path.name)
    return read_matrix(path, section, path.parent, known, str(path))


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


def _refuse_one_file_twice(out: Path | None, report: Path | None) -> None:
    if out is not None and report is not None and out.resolve() == report.resolve():
        raise OutputError(
            Problem(str(out), "is named by both --out and --report", "One would replace the other", "Name two files")
        )
