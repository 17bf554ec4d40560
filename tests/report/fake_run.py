"""Made-up runs for the tests of the report: plausible tables of the right schema, and every odd case."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from fake_arms import arm_tables
from fake_manifest import ASSAYS, LINES, manifest, subjects
from fake_phenotypes import hostile, phenotype_tables
from fake_population import population_tables
from fake_quality import quality_tables

from organokine.phenotype_tables import PHENOTYPE_TABLES
from organokine.tables import TABLES

NAMES = ("Anxa2", "Gdf15", "Sparc", "Fndc5", "Il6", "Ctsb", "Lgals3", "Postn", "Apoa1", "S100a4", "Mstn", "Bdnf")
ROUTES = ("classical", "unconventional", "ecm", "ev_cargo", "shed", "intracellular", "unknown")


class Run:
    """A fake run: tables and manifest, to be bent by a test before it is rendered."""

    def __init__(self, tables: dict[str, pd.DataFrame], manifest: dict[str, Any]) -> None:
        self.tables = tables
        self.manifest = manifest


def genes(n: int) -> list[str]:
    return [NAMES[place] if place < len(NAMES) else f"Gene{place}" for place in range(n)]


def false_discovery(p: np.ndarray) -> np.ndarray:
    order = np.argsort(-p)
    ranked = p[order] * len(p) / (len(p) - np.arange(len(p)))
    q = np.empty(len(p))
    q[order] = np.minimum.accumulate(np.minimum(ranked, 1.0))
    return q


def plain(n_genes: int = 260, n_animals: int = 6, seed: int = 5) -> Run:
    """Two organs, protein and RNA, plasma; six aged and six young mice; a few mediators at each tier up to 3."""
    rng = np.random.default_rng(seed)
    names = genes(n_genes)
    tiers = np.array([3, 3, 2, 2, 2] + [1] * 9 + [0] * (n_genes - 14))[:n_genes]
    subjects = [f"m{place + 1:02d}" for place in range(2 * n_animals)]
    groups = ["young"] * n_animals + ["aged"] * n_animals
    tables = {
        "differential": _differential(rng, names, tiers, n_animals),
        "detection": _detection(names, n_animals),
        "sensitivity": _sensitivity(names),
        "pathways": _pathways(names),
        "evidence": _evidence(rng, names, tiers, 2 * n_animals),
        "qc": _qc(rng, subjects, groups),
        "runs": _runs(subjects, groups),
        "animals": _animals(rng, names[:25], tiers, subjects, groups),
        "joins": _joins(),
        "flags": _flags(),
        **arm_tables(),
    }
    tables |= quality_tables(tables["qc"])
    tables["mediators"] = _mediators(rng, names, tiers, tables["evidence"])
    tables |= phenotype_tables()
    tables["population"] = _population()
    return Run({table.name: table.conform(tables[table.name]) for table in TABLES}, manifest())


def _population() -> pd.DataFrame:
    """The axis in protein, with candidates that stand."""
    table = population_tables(("muscle", "cerebellum"), n_genes=30)["population"]
    own = table[table["source"] == "muscle"]
    return own.assign(source="muscle_protein", target="cerebellum_protein")


def _p(rng: np.random.Generator, strong: np.ndarray) -> np.ndarray:
    p = rng.uniform(size=len(strong))
    return np.where(strong, 10.0 ** rng.uniform(-9, -3, size=len(strong)), p)


def _differential(rng: np.random.Generator, names: list[str], tiers: np.ndarray, n: int) -> pd.DataFrame:
    parts = []
    for assay, organ, modality, role in ASSAYS:
        strong = (tiers >= 1) if role == "source" else (tiers >= 2)
        p = _p(rng, strong)
        log2fc = rng.normal(0, 0.25, len(names)) + np.where(strong, rng.choice([-1.2, 1.4], len(names)), 0)
        parts.append(
            pd.DataFrame(
                {
                    "assay": assay, "organ": organ, "modality": modality, "feature": [f"{assay}:{name}" for name in names],
                    "gene": names, "protein": [f"P{place:05d}" for place in range(len(names))], "representative": True,
                    "mean_log2": rng.normal(20, 2, len(names)), "log2fc": log2fc, "se": 0.2, "ci_low": log2fc - 0.4,
                    "ci_high": log2fc + 0.4, "sd": 0.35, "df": 12.0, "t": log2fc / 0.2, "p": p, "q": false_discovery(p),
                    "n_case": n, "n_control": n, "n_missing": 0, "state": "tested",
                }
            )
        )  # fmt: skip
    frame = pd.concat(parts, ignore_index=True)
    lost = frame.index % 23 == 22
    frame.loc[lost, ["log2fc", "se", "ci_low", "ci_high", "t", "p", "q"]] = np.nan
    frame.loc[lost, "state"] = "too_few_values"
    return frame


def _pathways(names: list[str]) -> pd.DataFrame:
    """Two collections in every assay and one perturbation; the first set of each is significant in the source only."""
    compared = [("contrast", *assay[:3], assay[3]) for assay in ASSAYS] + [("AAV-Anxa2", "aav", "muscle", "rna", "arm")]
    rows = []
    for comparison, assay, organ, modality, role in compared:
        for collection, sets in (
            ("GO process", ["glycolytic process", *(f"process {k}" for k in range(30))]),
            ("PROGENy", ["TGFb"]),
        ):
            for place, each in enumerate(sets):
                p = 1e-5 if place == 0 and role == "source" else (place + 1) / (len(sets) + 1)
                rows.append(
                    {
                        "comparison": comparison, "assay": assay, "organ": organ, "modality": modality, "collection": collection,
                        "set": each, "n": 20 + place, "direction": "up", "effect": 1.0 - 0.05 * place, "correlation": 0.1,
                        "t": 4.0, "df": 10.0, "p": p, "q": min(p * len(sets), 1.0), "leading": ", ".join(names[:3]),
                    }
                )  # fmt: skip
    return pd.DataFrame(rows)


def _detection(names: list[str], n: int) -> pd.DataFrame:
    parts = []
    for assay, organ, modality, _ in ASSAYS:
        if modality == "protein":
            place = np.arange(len(names))
            p = np.minimum(1.0, 0.001 * (place + 1))
            parts.append(
                pd.DataFrame(
                    {
                        "rank": place + 1, "assay": assay, "organ": organ, "modality": modality,
                        "feature": [f"{assay}:{name}" for name in names], "gene": names, "protein": "P12345",
                        "representative": True, "precursors": 3.0, "mean_log2": 18.0, "n_case": n, "n_control": n,
                        "detected_case": n, "detected_control": place % n, "log_odds": 4.2, "ci_low": 0.7, "ci_high": np.inf,
                        "p": p, "q": false_discovery(p), "log2fc_bound": np.where(place % n == 0, 1.4, np.nan), "state": "tested",
                    }
                )
            )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _sensitivity(names: list[str]) -> pd.DataFrame:
    verdicts = ("stable", "depends_on_imputation", "only_with_imputation")
    return pd.DataFrame(
        {
            "assay": "muscle_protein", "organ": "muscle", "modality": "protein",
            "feature": [f"muscle_protein:{name}" for name in names], "gene": names, "protein": "P12345",
            "representative": True, "n_missing": 2, "log2fc": 1.2, "q": 0.01, "downshift_log2fc": 1.9, "downshift_q": 0.2,
            "downshift_called": 0.1, "neighbours_log2fc": 1.1, "neighbours_q": 0.01,
            "verdict": [verdicts[place % 3] for place in range(len(names))],
        }
    )  # fmt: skip


def _evidence(rng: np.random.Generator, names: list[str], tiers: np.ndarray, n: int) -> pd.DataFrame:
    parts = []
    for line in LINES:
        rows = pd.DataFrame({"line": line["name"], "gene": names, "weight": 1.0, "n": n, "state": "asked"})
        if line["role"] in {"arm", "support"}:
            strong = tiers >= (line["tier"] or 2)
            p = _p(rng, strong)
            if line["unit"] == "r":
                effect = np.clip(rng.normal(0, 0.3, len(names)) + np.where(strong, 0.7, 0), -0.95, 0.97)
                low, high = np.tanh(np.arctanh(effect) - 0.6), np.tanh(np.arctanh(effect) + 0.6)
            else:
                effect = rng.normal(0, 0.25, len(names)) + np.where(strong, 1.3, 0)
                low, high = effect - 0.45, effect + 0.45
            rows = rows.assign(effect=effect, se=0.2, ci_low=low, ci_high=high, p=p, q=false_discovery(p))
            rows["direction"] = np.where(effect > 0, "up", "down")
            rows["note"] = "mRNA log2FC +0.12, p = 0.41"
            lost = rows.index % 11 == 10
            rows.loc[lost, ["effect", "se", "ci_low", "ci_high", "p", "q"]] = np.nan
            rows.loc[lost, "state"] = "not_measured"
        elif line["name"] == "release":
            rows["state"] = [ROUTES[place % len(ROUTES)] for place in range(len(names))]
            rows.loc[rows["state"].isin(["intracellular", "unknown"]), "weight"] = 0.0
        elif line["name"] == "origin":
            rows["state"] = np.where(np.arange(len(names)) % 9 == 8, "blood_suspect", "made_here")
            rows["effect"] = rng.normal(0, 0.3, len(names))
        else:
            rows["state"] = [("present", "none_known", "not_detected")[place % 3] for place in range(len(names))]
            rows["weight"] = [(1.0, 0.7, 0.5)[place % 3] for place in range(len(names))]
        parts.append(rows)
    return pd.concat(parts, ignore_index=True)


def _mediators(rng: np.random.Generator, names: list[str], tiers: np.ndarray, evidence: pd.DataFrame) -> pd.DataFrame:
    by_line = {line: rows.set_index("gene") for line, rows in evidence.groupby("line")}
    q = np.where(tiers >= 1, rng.uniform(0.0001, 0.09, len(names)), rng.uniform(0.2, 1, len(names)))
    limits = np.select([tiers == 0, tiers == 1, tiers == 2], ["source_change", "arrival", "link"], "perturbation")
    return pd.DataFrame(
        {
            "rank": np.arange(1, len(names) + 1), "gene": names, "protein": [f"P{place:05d}" for place in range(len(names))],
            "route": by_line["release"]["state"].to_numpy(), "tier": tiers, "q": q, "q_maxp": np.minimum(1, 2 * q),
            "limiting_evidence": limits, "weight": by_line["release"]["weight"].to_numpy(),
            "source_log2fc": by_line["source_change"]["effect"].to_numpy(),
            "source_p": by_line["source_change"]["p"].to_numpy(), "source_q": by_line["source_change"]["q"].to_numpy(),
            "target_log2fc": by_line["arrival"]["effect"].to_numpy(), "arrival_p": by_line["arrival"]["p"].to_numpy(),
            "link_p": by_line["link"]["p"].to_numpy(), "plasma_p": by_line["plasma_change"]["p"].to_numpy(),
            "receptor_state": by_line["receptor"]["state"].to_numpy(), "q_tier1": q, "q_tier2": np.minimum(1, 1.5 * q),
            "flags": ["blood_panel;no_transcript" if place % 9 == 8 else "" for place in range(len(names))],
        }
    )  # fmt: skip


def _qc(rng: np.random.Generator, subjects: list[str], groups: list[str]) -> pd.DataFrame:
    parts = []
    for assay, organ, modality, _ in ASSAYS:
        n = len(subjects)
        shift = np.where(np.array(groups) == "aged", 3.0, -3.0)
        parts.append(
            pd.DataFrame(
                {
                    "assay": assay, "organ": organ, "modality": modality,
                    "sample": [f"{organ[:2].upper()}_{modality[0]}_{subject}" for subject in subjects], "subject": subjects,
                    "group": groups, "n_detected": rng.integers(3000, 3400, n),
                    "missing_fraction": rng.uniform(0.02, 0.15, n) if modality == "protein" else 0.0,
                    "total": 22.0, "shift": rng.normal(0, 0.1, n), "median_correlation": rng.uniform(0.93, 0.98, n),
                    "pc1": rng.normal(0, 2, n) + shift, "pc2": rng.normal(0, 2, n), "pc1_share": 0.31, "pc2_share": 0.14,
                    "blood_index": rng.normal(0, 0.3, n) if modality == "protein" else np.nan,
                    "outlier": [place == 3 and assay == "cerebellum_protein" for place in range(n)],
                }
            )
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _runs(subjects: list[str], groups: list[str]) -> pd.DataFrame:
    """Files of precursors in muscle (with ion mobility) and cerebellum (without), proteins in plasma, RNA."""
    rng = np.random.default_rng(3)
    n = len(subjects)
    parts = []
    for assay, organ, modality, _ in ASSAYS:
        part = {
            "assay": assay, "organ": organ, "modality": modality,
            "sample": [f"{organ[:2].upper()}_{modality[0]}_{subject}" for subject in subjects], "subject": subjects,
            "group": groups, "run_order": np.arange(1.0, n + 1),
        }  # fmt: skip
        if modality == "protein":
            part["contaminant_fraction"] = rng.uniform(0.005, 0.02, n)
        if modality == "protein" and organ != "plasma":
            part |= {
                "n_precursors": rng.integers(40_000, 44_000, n), "missed_cleavage_fraction": rng.uniform(0.1, 0.14, n),
                "n_with_mobility": 0,
            }  # fmt: skip
        if assay == "muscle_protein":
            part |= {
                "n_with_mobility": part["n_precursors"], "mobility_unit": "1/K0",
                "median_deviation": 0.001 + 0.0002 * np.arange(n), "mad_deviation": 0.004, "mad_trend": 0.02,
                "n_contradicting": rng.integers(100, 200, n),
            }  # fmt: skip
        parts.append(pd.DataFrame(part))
    return pd.concat(parts, ignore_index=True)


def _animals(
    rng: np.random.Generator, names: list[str], tiers: np.ndarray, subjects: list[str], groups: list[str]
) -> pd.DataFrame:
    parts = []
    for place, name in enumerate(names):
        shared = rng.normal(0, 0.35, len(subjects))
        for assay, organ, modality, role in ASSAYS:
            residual = shared * (0.9 if tiers[place] >= 3 and modality == "protein" else 0.1) + rng.normal(
                0, 0.15, len(subjects)
            )
            rises = tiers[place] >= (1 if role == "source" else 2)
            value = 21 + residual + np.where((np.array(groups) == "aged") & rises, 1.3, 0)
            value[rng.uniform(size=len(subjects)) < 0.06] = np.nan
            parts.append(
                pd.DataFrame(
                    {
                        "gene": name, "assay": assay, "organ": organ, "role": role, "modality": modality,
                        "sample": [f"{organ[:2].upper()}_{modality[0]}_{subject}" for subject in subjects],
                        "subject": subjects, "group": groups, "value": value,
                        "residual": np.where(np.isfinite(value), residual, np.nan),
                    }
                )
            )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _joins() -> pd.DataFrame:
    rows = [
        ("muscle_protein", "samples matched", 12, 12, "", "all samples of the sheet have a column"),
        ("muscle_protein", "genes repaired from dates", 3, 2810, "1-Mar, 2-Sep", "read as Marchf1, Septin2"),
        (
            "plasma_protein",
            "samples without a column",
            1,
            12,
            "PL_m07",
            "left out; the animal stays in the other assays",
        ),
        ("study", "animals paired between source and target", 12, 12, "", ""),
    ]
    return pd.DataFrame(rows, columns=["assay", "item", "n", "of", "example", "note"])


def _flags() -> pd.DataFrame:
    rows = [
        ("gene", "Apoa1", "blood_panel", "origin", "a protein of blood plasma"),
        ("sample", "CE_p_m04", "outlier", "prepare", "median correlation 0.71 with the others"),
        ("assay", "plasma_protein", "few_features", "prepare", "only 240 features are measured"),
        ("study", "cohort", "single_cohort", "rank", "one cohort: nothing was replicated"),
    ]
    return pd.DataFrame(rows, columns=["scope", "name", "flag", "source", "detail"])


def simulated() -> Run:
    """A run of data made up by the package."""
    run = plain()
    run.manifest["simulated"] = True
    return run


def all_missing() -> Run:
    """No number anywhere: every line was asked of nobody, no feature was tested, no component was computed."""
    run = plain(40)
    for table in TABLES:
        for column in table.columns:
            if column.kind == "number":
                run.tables[table.name][column.name] = np.nan
    run.tables["evidence"]["state"] = "not_measured"
    run.tables["evidence"]["n"] = pd.NA
    run.tables["mediators"]["tier"] = pd.array([0] * 40, dtype="Int64")
    run.tables["differential"]["state"] = "too_few_values"
    run.tables["detection"]["state"] = "by_batch"
    return run


def no_plasma() -> Run:
    """Plasma and RNA were not measured."""
    run = plain()
    for name in ("differential", "detection", "sensitivity", "pathways", "qc", "runs", "animals"):
        table = run.tables[name]
        run.tables[name] = table[(table["organ"] != "plasma") & (table["modality"] != "rna")].reset_index(drop=True)
    for name in ("qc_assay", "qc_batch", "qc_panels", "qc_pairs"):
        table = run.tables[name]
        run.tables[name] = table[table["assay"].isin(run.tables["qc"]["assay"])].reset_index(drop=True)
    evidence = run.tables["evidence"]
    is_plasma = evidence["line"] == "plasma_change"
    evidence.loc[is_plasma, ["effect", "se", "ci_low", "ci_high", "p", "q"]] = np.nan
    evidence.loc[is_plasma, "state"] = "plasma_not_measured"
    run.tables["mediators"]["plasma_p"] = np.nan
    run.manifest["study"]["assay"] = [each for each in run.manifest["study"]["assay"] if each["organ"] != "plasma"]
    return run


def tier_two_empty() -> Run:
    """Three animals per group: something changed, nothing arrives, and so many animals would be needed."""
    run = plain(n_animals=3)
    mediators = run.tables["mediators"]
    mediators["tier"] = mediators["tier"].clip(upper=1)
    mediators.loc[mediators["tier"] == 1, "limiting_evidence"] = "arrival"
    run.manifest["subjects"] = subjects(3, 6)
    run.manifest["animals_needed"] = {
        "tier": 2, "n_per_group": 9, "n_now": 3, "effect_log2fc": 0.585, "power": 0.8, "sd": 0.4,
        "sentence": "about 9 animals per group would be needed to see a 1.5-fold arrival with a power of 80 %",
    }  # fmt: skip
    return run


EVIL = "<script>alert(1)</script>"
EVIL_LINK = "<a href='javascript:alert(2)'>x</a>&amp;\"%{x}"


def hostile_names() -> Run:
    """HTML, quotes and template signs wherever a user may type."""
    run = plain(60)
    renamed = {"Anxa2": EVIL, "Gdf15": EVIL_LINK}
    for name in ("mediators", "evidence", "differential", "detection", "sensitivity", "animals"):
        run.tables[name]["gene"] = run.tables[name]["gene"].replace(renamed)
    run.tables["mediators"]["flags"] = EVIL
    run.tables["evidence"]["note"] = EVIL
    run.tables["evidence"].loc[run.tables["evidence"]["line"] == "release", "state"] = EVIL
    run.tables["flags"]["detail"] = EVIL
    run.tables["joins"]["example"] = EVIL
    for name in ("qc", "runs", "animals"):
        run.tables[name]["organ"] = run.tables[name]["organ"].replace({"muscle": EVIL})
        run.tables[name]["group"] = run.tables[name]["group"].replace({"aged": EVIL_LINK})
        run.tables[name]["subject"] = EVIL_LINK + run.tables[name]["subject"]
        run.tables[name]["sample"] = EVIL + run.tables[name]["sample"]
    run.tables["pathways"][["set", "leading"]] = EVIL + run.tables["pathways"][["set", "leading"]]
    for name in ("differential", "detection", "sensitivity", "pathways"):
        run.tables[name]["organ"] = run.tables[name]["organ"].replace({"muscle": EVIL})
    run.tables["qc_assay"]["group"] = run.tables["qc_assay"]["group"].replace({"aged": EVIL_LINK})
    for name, columns in (
        ("qc_batch", ["column", "given", "note"]),
        ("qc_panels", ["sample"]),
        ("qc_pairs", ["sample", "other"]),
    ):
        for column in columns:
            run.tables[name][column] = EVIL + run.tables[name][column]
    for name in (
        "perturbations",
        "perturbation_scores",
        "perturbation_doses",
        "perturbation_genes",
        "perturbation_overlap",
    ):
        run.tables[name]["arm"] = run.tables[name]["arm"].replace({"AAV-Anxa2": EVIL})
    for name, column in (("perturbations", "gene"), ("perturbations", "note"), ("perturbation_genes", "gene")):
        run.tables[name][column] = EVIL + run.tables[name][column]
    run.tables["perturbation_scores"][["subject", "group"]] = EVIL_LINK
    run.tables["population"][["gene", "within_sex"]] = EVIL + run.tables["population"][["gene", "within_sex"]]
    run.tables["population"][["source", "flags"]] = EVIL
    run.tables |= hostile({table.name: run.tables[table.name] for table in PHENOTYPE_TABLES}, EVIL)
    study = run.manifest["study"]
    study["study"]["name"] = EVIL
    study["contrast"]["case"] = EVIL_LINK
    run.manifest["subjects"]["per_group"] = {EVIL_LINK: 6, "young": 6}
    study["axis"]["source"] = EVIL
    study["declared"][EVIL] = EVIL
    run.manifest["methods"] = [EVIL]
    run.manifest["citations"] = [{"text": EVIL, "doi": "javascript:alert(3)"}]
    return run


def no_candidates() -> Run:
    """Nothing was measured in the source organ, and nothing else was kept."""
    run = plain(20)
    run.tables = {table.name: table.empty() for table in TABLES}
    run.manifest["study"]["assay"] = []
    run.manifest |= {"subjects": {}, "methods": [], "citations": [], "inputs": [], "references": [], "stages": []}
    return run


def unpaired() -> Run:
    """Source and target come from different animals."""
    run = plain()
    is_target = run.tables["animals"]["role"] == "target"
    run.tables["animals"].loc[is_target, "subject"] = "other " + run.tables["animals"]["subject"]
    evidence = run.tables["evidence"]
    is_link = evidence["line"] == "link"
    evidence.loc[is_link, ["effect", "se", "ci_low", "ci_high", "p", "q"]] = np.nan
    evidence.loc[is_link, "state"] = "unpaired"
    run.manifest["subjects"] = subjects(6, 0)
    run.tables["mediators"]["link_p"] = np.nan
    run.tables["mediators"]["tier"] = run.tables["mediators"]["tier"].clip(upper=2)
    return run


def one_candidate() -> Run:
    """A single candidate, a single animal with a value, p-values of zero."""
    run = plain(1)
    run.tables["mediators"].loc[0, ["q", "source_p"]] = 0.0
    run.tables["differential"]["p"] = 0.0
    run.tables["animals"].loc[1:, ["value", "residual"]] = np.nan
    return run


def without_contrast() -> Run:
    """Population mode: neither contrast nor axis."""
    run = plain(30)
    del run.manifest["study"]["contrast"], run.manifest["study"]["axis"]
    run.manifest["subjects"] = {}
    run.tables["qc"]["group"] = ""
    run.tables["runs"]["group"] = ""
    measures = run.tables["qc_assay"]
    measures = measures[measures["group"].isin(["", "aged"])].assign(group="")
    run.tables["qc_assay"] = measures.drop_duplicates(["assay", "measure"]).reset_index(drop=True)
    run.tables["qc_batch"] = run.tables["qc_batch"][run.tables["qc_batch"]["given"] == ""].assign(
        role="other", confounding=np.nan
    )
    run.tables["animals"]["group"] = ""
    return run


RUNS = {
    made.__name__: made
    for made in (
        plain, simulated, all_missing, no_plasma, tier_two_empty, hostile_names, no_candidates, unpaired, one_candidate,
        without_contrast,
    )
}  # fmt: skip
