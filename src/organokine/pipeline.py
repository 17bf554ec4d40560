"""The pipeline: the order of the stages, their cache, and the manifest. The only code that touches the output folder."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from threadpoolctl import threadpool_limits

import organokine
from organokine import exchange, output, report, tables
from organokine.errors import OrganokineError, Problem
from organokine.evidence import LINES
from organokine.fingerprints import code_fingerprint, fingerprint
from organokine.manifest import make_manifest
from organokine.output import OutputFolder, StageOutput
from organokine.randomness import named_generator
from organokine.references import load_references, with_lists
from organokine.references.gene_sets import load_gene_sets
from organokine.result import Result
from organokine.stages.appraise import animal_values, complete_cards, evidence_cards, leading_candidates
from organokine.stages.detection import detection_table
from organokine.stages.differential import differential_table
from organokine.stages.evidence import by_role, gather
from organokine.stages.pathways import find_comparisons, pathway_table
from organokine.stages.perturbation import perturbation_tables
from organokine.stages.phenotype import functional_tables
from organokine.stages.planning import animals_needed, most_pairs
from organokine.stages.population_line import axis_scores
from organokine.stages.prepare import prepare
from organokine.stages.quality import assay_quality
from organokine.stages.rank import caveats, rank
from organokine.stages.sensitivity import imputation_sensitivity

if TYPE_CHECKING:
    from anndata import AnnData

    from organokine.evidence import Line
    from organokine.references import References
    from organokine.stages.prepare import Prepared
    from organokine.study import Study
    from organokine.study_file import AxisSection, ContrastSection

Progress = Callable[[str, float], None]


@dataclass
class Session:
    """What the stages of one run work on: inputs, and the outputs of the stages so far."""

    study: Study
    references: References
    lines: Sequence[Line]
    contrast: ContrastSection
    axis: AxisSection
    workers: int
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def prepared(self) -> Prepared:
        """Prepared assays; computed only if a stage needs them."""
        return prepare(self.study, self.references)

    @property
    def assays(self) -> Mapping[str, AnnData]:
        """Prepared assays by name."""
        return self.prepared.assays

    @property
    def compared(self) -> dict[str, AnnData]:
        """Prepared assays of the contrast: all but those of perturbations."""
        return {name: adata for name, adata in self.assays.items() if name not in self.study.file.arm_assays}


@dataclass(frozen=True)
class Stage:
    """The card of a stage: a pure function of the session, and the sections of the study file it depends on."""

    name: str
    sections: tuple[str, ...]
    run: Callable[[Session], StageOutput]


def _prepare(session: Session) -> StageOutput:
    return StageOutput({"qc": session.prepared.qc, "flags_prepare": session.prepared.flags}, {})


def _quality(session: Session) -> StageOutput:
    study = session.study
    seen = assay_quality(session.assays, session.prepared.qc, study.runs, study.file, session.references)
    found = {"qc_assay": seen.assay, "qc_batch": seen.batch, "qc_panels": seen.panels, "qc_pairs": seen.pairs}
    return StageOutput(found | {"flags_quality": seen.flags}, {})


def _differential(session: Session) -> StageOutput:
    options = session.study.file.differential
    table = differential_table(session.compared, session.contrast, options, workers=session.workers)
    return StageOutput({"differential": table}, {})


def _detection(session: Session) -> StageOutput:
    if not session.study.file.differential.detection:
        return StageOutput({"detection": tables.DETECTION.empty()}, {})
    table = detection_table(session.compared, session.contrast, workers=session.workers)
    return StageOutput({"detection": table}, {})


def _sensitivity(session: Session) -> StageOutput:
    file = session.study.file
    if not file.differential.sensitivity:
        return StageOutput({"sensitivity": tables.SENSITIVITY.empty()}, {})
    table = imputation_sensitivity(
        session.compared,
        session.contrast,
        file.differential,
        seed=file.study.seed,
        fdr=file.ranking.fdr,
        workers=session.workers,
    )
    return StageOutput({"sensitivity": table}, {})


def _perturbation(session: Session) -> StageOutput:
    file = session.study.file
    streams = partial(named_generator, file.study.seed)
    return StageOutput(perturbation_tables(file, session.assays, session.tables["differential"], streams), {})


def _pathways(session: Session) -> StageOutput:
    file, own = session.study.file, session.study.gene_sets
    comparisons = find_comparisons(file, session.assays, session.tables["differential"], file.differential)
    collections = [*load_gene_sets(file.study.species, file.references.release), *([] if own is None else [own])]
    return StageOutput({"pathways": pathway_table(comparisons, collections, file.pathways)}, {})


def _phenotype(session: Session) -> StageOutput:
    return StageOutput(functional_tables(session.study.file, session.study.phenotypes), {})


def _population(session: Session) -> StageOutput:
    return StageOutput({"population": axis_scores(session.study, session.references, session.workers)}, {})


def _evidence(session: Session) -> StageOutput:
    asked = session.study.file.population is not None
    found = gather(
        session.study,
        session.assays,
        session.tables["differential"],
        session.tables["qc"],
        session.references,
        session.lines,
        perturbations=session.tables["perturbations"],
        phenotypes=session.tables["phenotype_animals"],
        population=session.tables["population"] if asked else None,
    )
    return StageOutput(
        {"evidence": found.evidence, "flags_evidence": found.flags, "candidates": found.candidates.reset_index()}, {}
    )


def _rank(session: Session) -> StageOutput:
    flags = pd.concat([session.study.flags, session.tables["flags_evidence"]], ignore_index=True)
    ranking = rank(
        session.tables["evidence"],
        flags,
        session.tables["candidates"].set_index("gene"),
        session.lines,
        session.study.file.ranking,
    )
    not_shown = caveats(ranking.mediators, session.tables["evidence"], session.lines)
    return StageOutput({"mediators": ranking.mediators}, {"tiers": ranking.tiers, "caveats": not_shown})


def _appraise(session: Session) -> StageOutput:
    file = session.study.file
    mediators = session.tables["mediators"]
    prepared = by_role(session.study, session.assays)
    names = {key: str(adata.uns["organokine"]["name"]) for key, adata in prepared.items()}
    animals = animal_values(leading_candidates(mediators), prepared, names, session.contrast)
    found = session.tables | {"animals": animals, "flags": session.tables["flags_evidence"]}
    cards = evidence_cards(session.study, found, session.lines)
    n_pairs = most_pairs(session.tables["evidence"], session.lines)
    needed = animals_needed(session.tables["differential"], session.facts["tiers"], file, n_pairs)
    return StageOutput({"animals": animals}, {"cards": cards, "animals_needed": needed})


STAGES: tuple[Stage, ...] = (
    Stage("prepare", ("contrast", "prepare", "assay", "references"), _prepare),
    Stage("quality", (), _quality),
    Stage("differential", ("differential",), _differential),
    Stage("detection", (), _detection),
    Stage("pathways", ("pathways", "perturbation", "references"), _pathways),
    Stage("sensitivity", ("study", "ranking"), _sensitivity),
    Stage("perturbation", ("perturbation", "axis", "study", "ranking"), _perturbation),
    Stage("phenotype", ("phenotype", "declared", "study"), _phenotype),
    Stage("population", ("population", "contrast", "axis", "study", "ranking", "references"), _population),
    Stage("evidence", ("axis", "study", "ranking", "references", "response"), _evidence),
    Stage("rank", (), _rank),
    Stage("appraise", (), _appraise),
)
"""The whole run, in order."""


def run(
    study: Study,
    out: Path | str | None = None,
    *,
    workers: int = 1,
    fresh: bool = False,
    h5mu: bool = False,
    progress: Progress | None = None,
    lines: Sequence[Line] = LINES,
    references: References | None = None,
) -> Result:
    """Run a study from its assays to ranked mediators and, with a folder, a report.

    Parameters
    ----------
    study : Study
        The study as read.
    out : path-like, optional
        Output folder; without one nothing is written.
    workers : int
        Processes; never changes an answer.
    fresh : bool
        Do not use stages finished earlier.
    h5mu : bool
        Also write the study and all tables as one MuData, `<study>.h5mu` in the folder (extra `mudata`).
    progress : callable, optional
        Told the name of the stage and the share done.
    lines : sequence of Line
        Evidence lines, in the order of the chain.
    references : References, optional
        Reference knowledge; by default that of the release which the study file names. The study's own lists are laid over it.

    Returns
    -------
    Result
        All tables.

    Raises
    ------
    OrganokineError
        If the study has no contrast or axis, the folder cannot be used, or `h5mu` is asked for without `mudata` installed.
    """
    if h5mu:
        exchange.require_mudata()
    session = _session(study, lines, workers, references)
    tell = progress if progress is not None else _silent
    with threadpool_limits(limits=1):
        if out is None:
            stages = _run_stages(session, None, tell)
            return _result(session, stages, None)
        with output.claim(Path(out), study.file.study.name, fresh=fresh) as folder:
            stages = _run_stages(session, folder, tell)
            result = _result(session, stages, folder.path)
            tell("report", 0.9)
            _write(result, folder, study, h5mu=h5mu)
            tell("done", 1.0)
    return result


def _session(study: Study, lines: Sequence[Line], workers: int, references: References | None) -> Session:
    file = study.file
    if file.contrast is None or file.axis is None:
        missing = "[contrast]" if file.contrast is None else "[axis]"
        remedy = f"Add {missing}; `organokine new` writes an example"
        if file.population is not None:
            remedy = f"Run `organokine population` for what [population] asks, or add {missing}"
        why = "A run compares two groups and follows a protein from one organ to another"
        raise OrganokineError(Problem("study.toml", f"{missing} is absent", why, remedy))
    known = load_references(file.study.species, file.references.release) if references is None else references
    return Session(study, with_lists(known, study.lists), lines, file.contrast, file.axis, workers)


def _run_stages(session: Session, folder: OutputFolder | None, tell: Progress) -> list[dict[str, object]]:
    key = fingerprint(session.study, session.references) + code_fingerprint()
    done: list[dict[str, object]] = []
    for position, stage in enumerate(STAGES):
        tell(stage.name, 0.9 * position / len(STAGES))
        start = time.perf_counter()
        key = _stage_key(stage, session, key)
        known = None if folder is None else folder.load_stage(stage.name, key)
        result = stage.run(session) if known is None else known
        if folder is not None and known is None:
            folder.save_stage(stage.name, key, result)
        session.tables |= result.tables
        session.facts |= result.facts
        seconds = round(time.perf_counter() - start, 3)
        done.append({"name": stage.name, "key": key, "seconds": seconds, "resumed": known is not None})
    return done


def _stage_key(stage: Stage, session: Session, upstream: str) -> str:
    resolved = session.study.file.model_dump(mode="json")
    about = {
        "stage": stage.name,
        "version": organokine.__version__,
        "upstream": upstream,
        "parameters": {name: resolved[name] for name in stage.sections},
        "lines": [line.name for line in session.lines],
    }
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()


def _result(session: Session, stages: list[dict[str, object]], out: Path | None) -> Result:
    found = session.tables
    parts = [session.study.flags, *(found[f"flags_{stage}"] for stage in ("prepare", "quality", "evidence"))]
    flags = pd.concat(parts, ignore_index=True).drop_duplicates(["scope", "name", "flag"])
    made = {table.name: found[table.name] for table in tables.TABLES if table.name in found}
    manifest = make_manifest(session.study, session.references, session.lines, session.facts, stages)
    manifest["answers"] = session.study.answers.summary(session.facts["cards"])
    return Result(
        **made,
        runs=session.study.runs,
        joins=session.study.joins,
        flags=tables.FLAGS.conform(flags),
        cards=complete_cards(session.facts["cards"], session.study.answers, manifest),
        manifest=manifest,
        out=out,
    )


def _write(result: Result, folder: OutputFolder, study: Study, *, h5mu: bool) -> None:
    found = {table.name: getattr(result, table.name) for table in tables.TABLES}
    together = f"{output.plain_name(study.file.study.name)}.h5mu"
    with folder.staging() as aside:
        for name, table in found.items():
            output.write_parquet(table, aside / f"{name}.parquet")
        (folder.path / together).unlink(missing_ok=True)  # of an earlier run, whose results may differ
        if h5mu:
            exchange.write_h5mu(aside / together, study, found)
        text = result.mediators.to_csv(sep="\t", index=False, na_rep="NaN", lineterminator="\n")
        output.write_text(aside / "mediators.tsv", text)
        cards = {f"{_file_name(gene)}.json": card for gene, card in result.cards.items()}
        output.write_texts(
            aside / "cards", {name: json.dumps(card, indent=2, allow_nan=False) for name, card in cards.items()}
        )
        made = {table.name: getattr(result, table.name) for table in tables.TABLES}
        output.write_texts(aside / report.MULTIQC_FOLDER, report.multiqc_files(made, result.manifest))
        manifest = result.manifest | {"outputs": output.hashes(aside, report.MULTIQC_FOLDER)}
        output.write_text(aside / output.MANIFEST, json.dumps(manifest, indent=2, allow_nan=False))
        report.build(aside)


def _file_name(gene: str) -> str:
    """A gene symbol as a file name: itself, or where signs or length forbid that, what is left of it and a hash."""
    plain = "".join(sign if sign.isalnum() or sign in "-_." else "_" for sign in gene).lstrip(".")[:80]
    return gene if plain == gene else f"{plain}_{hashlib.sha256(gene.encode()).hexdigest()[:8]}"


def _silent(stage: str, share: float) -> None:
    """Tell nobody."""
