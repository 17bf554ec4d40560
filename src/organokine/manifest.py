"""The manifest: everything one needs to judge, cite and repeat a run, as plain JSON."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import organokine
from organokine.readers.assay import content_sha256

if TYPE_CHECKING:
    from pathlib import Path

    from organokine.evidence import Line
    from organokine.references import GeneList, References
    from organokine.study import Study
    from organokine.study_file import ListSection, StudyFile

PACKAGES = ("numpy", "scipy", "pandas", "anndata", "pyarrow", "plotly")

PREDICTORS = {
    "SignalP-6": ("SignalP 6 (Teufel et al. 2022)", "10.1038/s41587-021-01156-3"),
    "SignalP-5": ("SignalP 5 (Almagro Armenteros et al. 2019)", "10.1038/s41587-019-0036-z"),
    "OutCyte": ("OutCyte (Zhao et al. 2019)", "10.1038/s41598-019-55351-z"),
}

LIST_KINDS = {
    "signalp": "signal peptides by SignalP",
    "outcyte": "secretion by OutCyte",
    "secretome": "proteins that an experiment saw outside cells",
    "routes": "routes by gene",
    "receptors": "receptors by ligand",
}

NORMALISATION = {
    "stable": "Intensities were shifted in log2 so that the half of the features that varies least agrees in all samples.",
    "median": "Intensities were shifted in log2 so that the medians of all samples agree.",
    "none": "Intensities were not normalised.",
    "quantile": "Intensities were quantile-normalised.",
    "cyclic_loess": "Intensities were normalised by cyclic loess.",
}


def make_manifest(
    study: Study,
    references: References,
    lines: Sequence[Line],
    facts: Mapping[str, object],
    stages: Sequence[Mapping[str, object]],
) -> dict[str, object]:
    """Collect what a run rests on.

    Parameters
    ----------
    study : Study
        The study as read.
    references : References
        Reference knowledge used.
    lines : sequence of Line
        Evidence lines asked.
    facts : mapping
        Facts the stages left: `tiers`, `caveats`, `animals_needed`.
    stages : sequence of mappings
        Name, key and seconds of each stage.

    Returns
    -------
    dict
        Plain JSON values.
    """
    file = study.file
    return {
        "organokine": organokine.__version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "study": file.model_dump(mode="json"),
        "simulated": file.declared.get("simulated") is True,
        "subjects": subject_counts(study),
        "alpha": file.ranking.fdr,
        "tiers": facts["tiers"],
        "caveats": facts["caveats"],
        "animals_needed": facts["animals_needed"],
        "lines": [
            {
                "name": line.name,
                "question": line.question,
                "needs": list(line.needs),
                "null": line.null,
                "unit": line.unit,
                "reference": line.reference,
                "role": line.role,
                "tier": line.tier,
                "caps": dict(line.caps),
                "columns": dict(line.columns),
            }
            for line in lines
        ],
        "inputs": input_files(file),
        "references": [*references.versions().to_dict("records"), *_own_sets(study)],
        "versions": versions(),
        "seed": file.study.seed,
        "stages": [dict(stage) for stage in stages],
        "methods": methods(file),
        "citations": citations(lines, study.lists),
    }


def input_files(file: StudyFile) -> list[dict[str, object]]:
    """Name, size and SHA-256 of every file or folder that the study file names; a study made in memory has none."""
    named = [file.study.samples]
    for assay in file.assay:
        named += [name for name in (assay.file, assay.features, assay.transcripts) if name is not None]
        named += [] if assay.raw is None else [assay.raw.fasta]
    named += [test.file for test in file.phenotype]
    named += [one.file for one in file.references.list]
    named += [] if file.population is None else [one.file for one in file.population.traits]
    named += [name for name in (file.response.signatures, file.pathways.sets) if name is not None]
    paths = {name: file.folder / name for name in dict.fromkeys(named)}
    return [
        {"file": name, "bytes": _size(path), "sha256": content_sha256(path)}
        for name, path in paths.items()
        if path.exists()
    ]


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else (path,)
    return sum(each.stat().st_size for each in files if each.is_file())


def _own_sets(study: Study) -> list[dict[str, str]]:
    """The user's signatures and gene sets, as references of the run."""
    return [each.version_row() for each in (study.signatures, study.gene_sets) if each is not None]


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that decide numbers."""
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}


def subject_counts(study: Study) -> dict[str, Any]:
    """Animals per group, and how many have both organs."""
    file = study.file
    if file.contrast is None or file.axis is None:
        return {}
    seen: dict[str, dict[str, str]] = {"source": {}, "target": {}}
    for role, organ in (("source", file.axis.source), ("target", file.axis.target)):
        for modality in ("protein", "rna"):
            name = study.find(organ, modality)
            if name is not None:
                obs = study.assays[name].obs
                seen[role] |= dict(zip(obs["subject"], obs[file.contrast.factor].astype(str), strict=True))
    every = seen["source"] | seen["target"]
    paired = set(seen["source"]) & set(seen["target"])
    levels = (file.contrast.case, file.contrast.control)
    return {
        "n": len(every),
        "n_paired": len(paired),
        "per_group": {level: sum(group == level for group in every.values()) for level in levels},
        "paired_per_group": {level: sum(every[each] == level for each in paired) for level in levels},
    }


def methods(file: StudyFile) -> list[str]:
    """Methods in words, from what was really done."""
    prepare, ranking = file.prepare, file.ranking
    contrast = file.contrast
    covariates = ", ".join(contrast.covariates) if contrast is not None and len(contrast.covariates) > 0 else "none"
    used = dict.fromkeys(assay.normalise or prepare.normalise for assay in file.assay if assay.scale != "counts")
    sentences = [*_left_out(file), *(NORMALISATION[name] for name in used)]
    if any(assay.scale == "counts" for assay in file.assay):
        sentences.append(
            "Counts were turned into log2 counts per million with library sizes scaled by TMM, and weighted by the precision "
            "expected at their level (voom)."
        )
    prior = "an empirical-Bayes variance prior"
    prior += " that follows the mean level" if file.differential.trend else ""
    prior += " and is protected from hypervariable features" if file.differential.robust else ""
    sentences.append(
        f"A feature was tested with at least {prepare.minimum_values} measured values per group, "
        f"{prepare.minimum_values_large} from {prepare.large_group} samples per group. Nothing was imputed."
    )
    sentences.append(
        "Samples that stand apart were named and kept. Columns of the sample sheet outside the model were held against the leading "
        "components of what the model leaves; scatter within groups is the coefficient of variation of log-normal values."
    )
    sentences.append(
        "Case and control were compared feature by feature with a linear model on the measured values, solved exactly for "
        f"each pattern of missing values (covariates: {covariates}), and moderated by {prior}."
    )
    sentences.append(
        "Proteins measured in some samples only are listed apart, in the order of a penalised logistic regression of measured "
        "or not that knows how deeply each sample was measured; this order enters no claim."
    )
    if file.differential.sensitivity:
        sentences.append(
            "To see which calls depend on missing values, the comparison was repeated with values drawn from the lower flank "
            "of each sample and with those of the nearest features; no result rests on them."
        )
    sentences.append(
        "Each evidence line was asked of every gene measured in the source organ; the questions and null hypotheses are "
        "listed with the lines."
    )
    sentences.append(
        "The claim of a tier is a conjunction: every arm it needs must be non-null. Its false discovery rate is that of the "
        f"partial-conjunction procedure with adaptive filtering at {ranking.fdr:g}, with weights declared beforehand for "
        "secretion route and receptor state; the maximum p-value stands beside it as the conservative reference."
    )
    return [*sentences, *_as_asked(file)]


def _as_asked(file: StudyFile) -> list[str]:
    """Methods of what only some studies ask."""
    sentences = [
        f"The precursors of {assay.name} come from raw timsTOF runs that were searched against {assay.raw.fasta}; engine, versions and "
        f"settings are in provenance.json beside their table, in {assay.raw.cache}."
        for assay in file.assay
        if assay.raw is not None
    ]
    if file.response.signatures is not None:
        sentences.append(
            "The target's contrast was held against what each ligand does to cells: the moderated t of its genes were regressed on "
            "the weights of the ligand's signature, the ligand and its family masked. The p-value is the larger of two: animals' "
            f"labels rearranged (at most {file.response.n_permutations:,} drawn arrangements), and the place among the other "
            "signatures of like size."
        )
    sentences.append(
        "For a reader, sets of genes were tested in every comparison: the mean moderated z of a set against that of all other genes, "
        "with a standard error that grows with the correlation of its genes over the animals, as estimated. No claim rests on it."
    )
    if len(file.references.list) > 0:
        sentences.append(list_sentence(file.references.list))
    if len(file.perturbation) > 0:
        sentences.append(
            "Each perturbation arm was held against the contrast in the same organ and modality by the Spearman correlation of moderated "
            f"t-statistics, with p from up to {file.ranking.permutations:,} arrangements of the labels of its animals, the moved gene left "
            "out and animals shared with the contrast divided; the fraction of the contrast it reproduces is that of its animals' "
            "scores on the signature, corrected for the errors of the signature, with a t interval widened by a jackknife."
        )
    return sentences


def _left_out(file: StudyFile) -> list[str]:
    """Assays of which precursors were left out by their ion mobility."""
    names = [(assay.name, assay.mobility_limit) for assay in file.assay if assay.mobility_outliers == "exclude"]
    return [
        f"Precursors of {name} whose ion mobility lay beyond {limit:g} robust standard deviations of what is expected in their "
        "run were left out before proteins were made of them."
        for name, limit in names
    ]


def list_sentence(lists: Sequence[ListSection]) -> str:
    """Methods in words: the user's own lists, and what goes before what."""
    shown = [
        f"{one.name!r} ({LIST_KINDS[one.kind]}{f', {one.reference}' if one.reference != '' else ''})" for one in lists
    ]
    return (
        f"The reference knowledge was overlaid with {len(lists)} list{'s' if len(lists) > 1 else ''} declared in the study file: "
        f"{'; '.join(shown)}. Hand-written routes led over those that lists told by experiment or declaration, and these over the "
        "others; predicted signal peptides told classical from unconventional secretion, and gave a route of their own only to "
        "proteins that nothing places inside the cell. No route was removed."
    )


def citations(lines: Sequence[Line], lists: Sequence[GeneList] = ()) -> list[dict[str, str]]:
    """What a paper that uses this run should cite."""
    fixed = [
        ("Empirical-Bayes moderated t (Smyth 2004)", "10.2202/1544-6115.1027"),
        ("Robust variance prior (Phipson et al. 2016)", "10.1214/16-AOAS920"),
        ("Precision weights for counts (Law et al. 2014)", "10.1186/gb-2014-15-2-r29"),
        ("TMM scaling (Robinson and Oshlack 2010)", "10.1186/gb-2010-11-3-r25"),
        ("Partial-conjunction false discovery rate (Wang et al. 2022)", "10.1214/21-AOS2139"),
        ("Sets of correlated genes (Wu and Smyth 2012)", "10.1093/nar/gks461"),
        ("Penalised logistic regression (Heinze and Schemper 2002)", "10.1002/sim.1047"),
        ("Coefficient of variation of log values (Canchola et al. 2017)", "10.15406/mojpb.2017.06.00200"),
        ("Rotation tests, of components against batches (Langsrud 2005)", "10.1007/s11222-005-4789-5"),
        ("False discovery rate (Benjamini and Hochberg 1995)", "10.1111/j.2517-6161.1995.tb02031.x"),
    ]
    named = {doi: text for text, doi in fixed}
    for line in lines:
        named.setdefault(line.reference, f"Evidence line {line.name}")
    for one in lists:
        for program, (text, doi) in PREDICTORS.items():
            if one.version.startswith(program):
                named.setdefault(doi, text)
    return [{"text": text, "doi": doi} for doi, text in named.items()]
