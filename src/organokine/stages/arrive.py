"""The ARRIVE 2.0 Essential 10, from the tables of functional tests and what the user declared.

Source: Percie du Sert and others (2020), doi:10.1371/journal.pbio.3000410. What the data tell is computed and never asked for; what
only the user can know is read from `[declared]`; the rest is shown as a gap.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from organokine import __version__
from organokine.phenotype_tables import ARRIVE

if TYPE_CHECKING:
    from organokine.readers import Count

SOURCE = "10.1371/journal.pbio.3000410"
MOST_NAMED = 6
"""Measures written out in one answer; a gait study has dozens, and all are in the table `phenotypes`."""
_DESIGN = "1 Study design"
_SIZE = "2 Sample size"
_CRITERIA = "3 Inclusion and exclusion criteria"
_RANDOM = "4 Randomisation"
_BLIND = "5 Blinding"
_OUTCOME = "6 Outcome measures"
_STATISTICS = "7 Statistical methods"
_ANIMALS = "8 Experimental animals"
_PROCEDURES = "9 Experimental procedures"
_RESULTS = "10 Results"


class Declared(NamedTuple):
    """A field that only the user can fill: its item, its name, and its key under `[declared]`.

    `essential` is False for fields of the Recommended Set: they are shown if declared and are no gap otherwise.
    """

    item: str
    field: str
    key: str
    essential: bool = True


DECLARED: tuple[Declared, ...] = (
    Declared(_SIZE, "how the sample size was decided", "sample_size_justification"),
    Declared(_CRITERIA, "inclusion criteria", "inclusion_criteria"),
    Declared(_CRITERIA, "exclusion criteria, set beforehand", "exclusion_criteria"),
    Declared(_RANDOM, "animals allocated at random", "randomised"),
    Declared(_RANDOM, "method of randomisation", "randomisation_method"),
    Declared(_RANDOM, "confounders minimised, such as order of testing and place of cages", "confounders"),
    Declared(_BLIND, "blinded during allocation", "blinded_allocation"),
    Declared(_BLIND, "blinded during the experiment", "blinded_conduct"),
    Declared(_BLIND, "blinded assessment of outcomes", "blinded_assessment"),
    Declared(_BLIND, "blinded analysis", "blinded_analysis"),
    Declared(_OUTCOME, "primary outcome, on which the sample size rests", "primary_outcome"),
    Declared(_STATISTICS, "how assumptions were checked", "assumption_checks"),
    Declared(_ANIMALS, "strain", "strain"),
    Declared(_ANIMALS, "age or developmental stage", "age"),
    Declared(_ANIMALS, "supplier", "supplier"),
    Declared(_ANIMALS, "genotype or genetic modification", "genotype"),
    Declared(_ANIMALS, "health status and previous procedures", "health_status"),
    Declared(_PROCEDURES, "what was done, and how", "procedures"),
    Declared(_PROCEDURES, "when and how often", "timing"),
    Declared(_PROCEDURES, "where, and after what time to settle in", "place"),
    Declared(_PROCEDURES, "why these procedures", "rationale"),
    Declared(_PROCEDURES, "anaesthesia and pain relief", "anaesthesia"),
    Declared("14 Ethical statement (recommended)", "approval", "ethics", essential=False),
    Declared("15 Housing and husbandry (recommended)", "housing", "housing", essential=False),
    Declared("16 Animal care and monitoring (recommended)", "monitoring and humane endpoints", "monitoring", essential=False),
    Declared("19 Protocol registration (recommended)", "protocol", "preregistration", essential=False),
)  # fmt: skip
"""Known keys of `[declared]`, in the order of the items. Other keys are allowed and shown among the methods as they are."""


def arrive_table(
    effects: pd.DataFrame,
    animals: pd.DataFrame,
    *,
    species: str = "",
    declared: Mapping[str, bool | str] | None = None,
    counts: Sequence[tuple[str, Count]] | None = None,
    versions: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Fill the ARRIVE 2.0 Essential 10.

    Parameters
    ----------
    effects : pandas.DataFrame
        Table `phenotypes`.
    animals : pandas.DataFrame
        Table `phenotype_animals`.
    species : str
        As the study file says it.
    declared : mapping of str to bool or str, optional
        `[declared]` of the study file; keys that are not in `DECLARED` are ignored here.
    counts : sequence of (str, Count), optional
        What was counted on reading, with the name of the phenotype; those that have a whole (`of`) were left out of it. None if it
        is not known.
    versions : mapping of str to str, optional
        Versions of the packages below organokine, by name.

    Returns
    -------
    pandas.DataFrame
        Table `arrive`, in the order of the items; without rows where there is no effect.
    """
    if len(effects) == 0:
        return ARRIVE.empty()
    given = {} if declared is None else declared
    rows = [
        *_design(effects, animals),
        *_left_out(effects, animals, counts),
        *_outcomes(effects, animals),
        *_statistics(effects, versions),
        *_who(animals, species),
        *_results(effects, animals),
    ]
    rows += [_declared_row(field, given) for field in DECLARED if field.essential or _answer(given, field.key) != ""]
    ordered = sorted(rows, key=lambda row: int(row["item"].split(" ")[0]))
    return ARRIVE.conform(pd.DataFrame(ordered))


def _row(item: str, field: str, answer: str, badge: str = "computed") -> dict[str, str]:
    return {"item": item, "field": field, "answer": answer, "badge": badge if answer != "" else "not_recorded"}


def _answer(given: Mapping[str, bool | str], key: str) -> str:
    value = given.get(key, "")
    return ("yes" if value else "no") if isinstance(value, bool) else value.strip()


def _declared_row(field: Declared, given: Mapping[str, bool | str]) -> dict[str, str]:
    return _row(field.item, field.field, _answer(given, field.key), "declared")


def _joined(parts: Sequence[str], where: str) -> str:
    """Parts of one answer; of many only the first, and where the others are."""
    kept = list(dict.fromkeys(parts))
    if len(kept) > MOST_NAMED:
        kept = [*kept[:MOST_NAMED], f"and {len(kept) - MOST_NAMED} more in the table `{where}`"]
    return "; ".join(kept)


def _main(effects: pd.DataFrame) -> pd.DataFrame:
    """The rows that answer."""
    found: pd.DataFrame = effects[(effects["role"] == "primary") & (effects["term"] == "group")]
    return found


def _design(effects: pd.DataFrame, animals: pd.DataFrame) -> list[dict[str, str]]:
    known = animals[animals["value"].notna()]
    groups = []
    for name, own in known.groupby("phenotype", sort=False):
        is_case = own["is_case"].fillna(value=False).to_numpy(dtype=bool)
        sides = [" and ".join(sorted(own["group"][side].unique())) for side in (is_case, ~is_case)]
        groups.append(f"{name}: {sides[0]} against {sides[1]} (control)")
    sizes = [text for name, own in known.groupby("phenotype", sort=False) for text in _sizes(str(name), own)]
    main = _main(effects)
    total = (main["n_case"] + main["n_control"]).astype("Float64")
    by_cage = (main["n_units"].astype("Float64") < total).fillna(value=False)
    units = [f"{row.phenotype}: cage or litter" for row in main[by_cage].itertuples(index=False)]
    unit = "animal" if len(units) == 0 else _joined(units, "phenotypes")
    if 0 < len(units) < len(main):
        unit = f"{unit}; the animal in all other tests"
    return [
        _row(_DESIGN, "groups compared", _joined(groups, "phenotype_animals")),
        _row(_DESIGN, "experimental unit", unit if len(main) > 0 else ""),
        _row(_SIZE, "animals of each group", "; ".join(sizes)),
        _row(_SIZE, "animals in total", str(known["subject"].nunique()) if len(known) > 0 else ""),
    ]


def _sizes(name: str, own: pd.DataFrame) -> list[str]:
    """Animals of each group of one test: once where all measures rest on as many, else measure by measure, never cut short."""
    by_measure = {str(measure): _counted_groups(rows) for measure, rows in own.groupby("measure", sort=False)}
    if len(set(by_measure.values())) == 1:
        return [f"{name}: {next(iter(by_measure.values()))}"]
    return [f"{name}, {measure}: {told}" for measure, told in by_measure.items()]


def _counted_groups(own: pd.DataFrame) -> str:
    counts = own.groupby("group", sort=True)["subject"].nunique()
    return ", ".join(f"{n} {group}" for group, n in counts.items())


def _left_out(
    effects: pd.DataFrame, animals: pd.DataFrame, counts: Sequence[tuple[str, Count]] | None
) -> list[dict[str, str]]:
    """What was left out on reading, and animals that were measured and are not in the model, as those without a weight."""
    told = []
    for name, count in counts or []:
        if count.of is not None:
            note = "" if count.note == "" else f" ({count.note})"
            told.append(f"{name}: {count.item}, {count.n} of {count.of}{note}")
    measured = animals[animals["value"].notna()].groupby(["phenotype", "measure"])["subject"].nunique()
    main = _main(effects)
    in_model = main["n_case"] + main["n_control"]
    for row, n_in_model in zip(main.itertuples(index=False), in_model, strict=True):
        n = measured.get((row.phenotype, row.measure), 0) - n_in_model
        if n is not pd.NA and n > 0:
            told.append(f"{row.phenotype}, {row.measure}: {n} animals measured and not in the model")
    none = "" if counts is None else "none"
    return [_row(_CRITERIA, "animals and trials left out", "; ".join(told) if len(told) > 0 else none)]


def _outcomes(effects: pd.DataFrame, animals: pd.DataFrame) -> list[dict[str, str]]:
    units = animals.drop_duplicates(["phenotype", "measure"]).set_index(["phenotype", "measure"])["unit"]
    told = []
    for name, measure in effects[["phenotype", "measure"]].drop_duplicates().itertuples(index=False):
        unit = str(units.get((name, measure), ""))
        told.append(f"{name}: {measure}{f' ({unit})' if unit != '' else ''}")
    return [_row(_OUTCOME, "outcomes measured", _joined(told, "phenotypes"))]


def _statistics(effects: pd.DataFrame, versions: Mapping[str, str] | None) -> list[dict[str, str]]:
    main = _main(effects)
    methods = [
        f"{row.phenotype}, {row.measure}: {row.method}{_adjusted(str(row.adjusted_for))}"
        for row in main.itertuples(index=False)
        if row.method != ""
    ]
    others = effects[effects["role"].isin(["sensitivity", "estimate"])]
    beside = [f"{row.phenotype}, {row.measure}: {row.method}" for row in others.itertuples(index=False)]
    software = {"organokine": __version__} | dict(versions or {})
    return [
        _row(_STATISTICS, "methods", _joined(methods, "phenotypes")),
        _row(_STATISTICS, "software", ", ".join(f"{name} {version}" for name, version in software.items())),
        _row(_STATISTICS, "the same question under other assumptions", _joined(beside, "phenotypes")),
    ]


def _adjusted(text: str) -> str:
    parts = [part.strip().replace("_", " ") for part in text.split(";") if part.strip() != ""]
    return f", adjusted for {', '.join(parts)}" if len(parts) > 0 else ""


def _who(animals: pd.DataFrame, species: str) -> list[dict[str, str]]:
    one_each = animals.drop_duplicates("subject")
    sexes = one_each.loc[one_each["sex"] != "", "sex"].value_counts()
    unknown = len(one_each) - int(sexes.sum())
    sex = ", ".join(f"{n} {sex}" for sex, n in sexes.items())
    if sex != "" and unknown > 0:
        sex += f", {unknown} not known"
    mean = animals[np.isfinite(animals["weight"])].groupby(["subject", "group"], sort=False)["weight"].mean().reset_index()  # fmt: skip
    weights = [f"{group}: {_spread(own['weight'])}" for group, own in mean.groupby("group", sort=False)]
    return [
        _row(_ANIMALS, "species", species, "declared"),
        _row(_ANIMALS, "sex", sex),
        _row(_ANIMALS, "body weight, mean and range, as given", "; ".join(weights)),
    ]


def _spread(values: pd.Series) -> str:
    return f"{values.mean():.3g} ({values.min():.3g} to {values.max():.3g}; n = {len(values)})"


def _results(effects: pd.DataFrame, animals: pd.DataFrame) -> list[dict[str, str]]:
    known = animals[animals["value"].notna()]
    described = [
        f"{name}, {measure}, {group}: {own['value'].mean():.3g} ± {own['value'].std():.3g}"
        for (name, measure, group), own in known.groupby(["phenotype", "measure", "group"], sort=False)
        if len(own) > 1
    ]
    found = [_effect(row) for row in _main(effects).to_dict("records") if np.isfinite(row["estimate"])]
    return [
        _row(_RESULTS, "mean and standard deviation over animals", _joined(described, "phenotype_animals")),
        _row(_RESULTS, "effect sizes with 95 % interval", _joined(found, "phenotypes")),
    ]


def _effect(row: Mapping[Any, Any]) -> str:
    unit = " times" if row["scale"] == "ratio" else f" {row['unit']}".rstrip()
    text = f"{row['phenotype']}, {row['measure']}: {row['estimate']:.3g}{unit}"
    if not np.isfinite([row["ci_low"], row["ci_high"]]).all():
        return text
    return f"{text} ({row['ci_low']:.3g} to {row['ci_high']:.3g})"
