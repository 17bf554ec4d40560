"""The command `phenotype`: one functional test of one table."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from organokine.cli_checks import refuse_paths
from organokine.cli_differential import writing
from organokine.errors import OutputError, Problem

if TYPE_CHECKING:
    from organokine.phenotype import FunctionalResult

Column = Annotated[str | None, typer.Option(metavar="COL", show_default=False)]
WRITTEN = ("phenotypes.tsv", "phenotype_animals.tsv", "arrive.tsv", "phenotype.json", "phenotype.html")
"""Files of the folder."""
COLUMNS = ("day", "trial", "sex", "weight", "cage", "speed", "exposure", "time", "failed", "measure")


def _column(help_text: str) -> Any:
    return typer.Option(metavar="COL", help=help_text, show_default=False)


def phenotype(
    context: typer.Context,
    test: Annotated[
        Literal["rotarod", "beam", "grip", "gait", "scalar"],
        typer.Argument(metavar="TEST", help="rotarod, beam, grip, gait or scalar (any value).", show_default=False),
    ],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="One row per trial or per animal.", show_default=False)],
    subject: Annotated[str, _column("Column of the animals.")],
    group: Annotated[str, _column("Column of their groups.")],
    value: Annotated[list[str] | None, _column("Column of the values; of a wide table one for each trial.")] = None,
    case: Annotated[str | None, typer.Option(help="Group of interest.", show_default=False)] = None,
    control: Annotated[str | None, typer.Option(help="Group compared against.", show_default=False)] = None,
    day: Annotated[str | None, _column("Day of testing, a number.")] = None,
    trial: Annotated[str | None, _column("Trial within the day.")] = None,
    sex: Annotated[str | None, _column("Sex.")] = None,
    weight: Annotated[str | None, _column("Body weight.")] = None,
    cage: Annotated[str | None, _column("Cage or litter.")] = None,
    speed: Annotated[str | None, _column("Walking speed, for gait.")] = None,
    exposure: Annotated[str | None, _column("What slips are counted over, for the beam.")] = None,
    time: Annotated[str | None, _column("Crossing time, for the beam.")] = None,
    failed: Annotated[str | None, _column("Whether it failed to cross, for the beam.")] = None,
    measure: Annotated[str | None, _column("Name of what a row measures, in a long table of several.")] = None,
    measures: Annotated[
        list[str] | None,
        typer.Option(help="Declared family, for gait and scalar; commas separate.", show_default=False),
    ] = None,
    covariate: Annotated[
        list[str] | None, typer.Option(help="Further columns to adjust for; commas separate.", show_default=False)
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(metavar="COL=VALUE", help="Keep these rows only; may be repeated.", show_default=False),
    ] = None,
    ceiling: Annotated[float | None, typer.Option(help="Value at which a trial ends.", show_default=False)] = None,
    unit: Annotated[str, typer.Option(help="Unit of the values.", show_default=False)] = "",
    better: Annotated[
        Literal["higher", "lower"] | None, typer.Option(help="Which way is better function.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder for tables, JSON and page.  [default: TEST_FILE]", show_default=False),
    ] = None,
) -> None:
    """Compare two groups in one functional test, with the animal as the unit."""
    given = context.params
    refuse_paths(given, {"file": "FILE"}, {"out": "--out"})
    folder = Path(f"{test}_{file.name.partition('.')[0]}") if out is None else out
    _refuse_folder(folder, file)
    found = _analyse(given)
    _say(found)
    _write(found, folder, _command(given))


def _refuse_folder(folder: Path, file: Path) -> None:
    """Before anything is computed: a place that is no folder, and a result that would replace the table."""
    if folder.exists() and not folder.is_dir():
        what, why = "is a file, not a folder", "Several files are written into it"
        raise OutputError(Problem(str(folder), what, why, "Name another place with --out"))
    for name in WRITTEN:
        refuse_paths({"file": file, "out": folder / name}, {"file": "FILE"}, {"out": "--out"})


def _analyse(given: Mapping[str, Any]) -> FunctionalResult:
    from organokine.phenotype import analyse

    options: dict[str, Any] = {"unit": given["unit"], "better": given["better"], "ceiling": given["ceiling"]}
    values = given["value"] or []
    return analyse(
        given["file"],
        given["test"],
        subject=given["subject"],
        group=given["group"],
        value=None if len(values) == 0 else values[0] if len(values) == 1 else values,
        case=given["case"],
        control=given["control"],
        columns={name: given[name] for name in COLUMNS if given[name] is not None},
        measures=_listed(given["measures"]),
        covariates=_listed(given["covariate"]),
        within=_within(given["where"] or []),
        **options,
    )


def _listed(values: Sequence[str] | None) -> tuple[str, ...]:
    parts = [part.strip() for value in values or [] for part in value.split(",")]
    return tuple(part for part in parts if part != "")


def _within(conditions: Sequence[str]) -> dict[str, str]:
    found = {}
    for condition in conditions:
        column, sign, level = condition.partition("=")
        if sign == "" or column.strip() == "":
            message = f"--where is COL=VALUE; {condition!r} is not."
            raise typer.BadParameter(message)
        if column.strip() in found:
            message = f"--where names {column.strip()!r} twice; a row has one value of it."
            raise typer.BadParameter(message)
        found[column.strip()] = level.strip()
    return found


def _say(found: FunctionalResult) -> None:
    from organokine.report.phenotype_page import in_words

    tables = found.findings
    for sentence in in_words(tables.effects, tables.animals, tables.power):
        typer.echo(sentence)
    for count in found.trials.counts:
        typer.echo(f"Counted: {count.item}: {count.n}{'' if count.of is None else f' of {count.of}'} ({count.note}).")
    for remark in (*found.trials.remarks, *tables.remarks):
        typer.echo(f"Note: {remark.detail}.")


def _write(found: FunctionalResult, folder: Path, command: str) -> None:
    from organokine.manifest import versions
    from organokine.output import write_text
    from organokine.phenotype.analysis import facts_of
    from organokine.report.phenotype_page import build_phenotype_page, phenotype_json
    from organokine.stages.arrive import arrive_table

    effects, animals, days, curves, power, _ = found.findings
    counts = [(found.trials.name, count) for count in found.trials.counts]
    arrive = arrive_table(effects, animals, counts=counts, versions=versions())
    shown = (effects, animals, days, curves, power, facts_of(found))
    texts = [
        table.to_csv(sep="\t", index=False, na_rep="NaN", lineterminator="\n") for table in (effects, animals, arrive)
    ]
    found_json = phenotype_json(*shown, arrive=arrive, versions=versions())
    texts.append(json.dumps(found_json, indent=2, allow_nan=False))
    texts.append(build_phenotype_page(*shown, arrive=arrive, command=command, versions=versions()))
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in zip(WRITTEN, texts, strict=True):
            write_text(folder / name, text)
    typer.echo(f"wrote {', '.join(WRITTEN)} in {folder}")


def _command(given: Mapping[str, Any]) -> str:
    """The command as it was given, to be run again."""
    parts = ["organokine", "phenotype", given["test"], str(given["file"])]
    for name, value in given.items():
        for each in value if isinstance(value, (list, tuple)) else (value,):
            if name not in {"test", "file"} and each is not None and each != "":
                parts += [f"--{name}", str(each)]
    return shlex.join(parts)
