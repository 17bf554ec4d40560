"""From annotations to secretion routes: the words, their order, and the rules.

The rules see Gene Ontology annotations with their evidence codes, ligand and hormone lists, and a hand-written table. They do
not see signal peptides: whether a protein outside the cell left by the classical route or without a leader is told from
where else it is found (endoplasmic reticulum and Golgi lumen against cytosol and nucleus), and the evidence text says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

ROUTES: tuple[str, ...] = ("classical", "unconventional", "shed", "ecm", "ev_cargo", "intracellular", "unknown")
STRONG_ROUTES: tuple[str, ...] = ("classical", "unconventional", "shed", "ecm")
GRADES: tuple[str, ...] = ("curated", "low_throughput", "inferred", "high_throughput")
"""Best first. In mouse and rat `_orthology` follows: the evidence is that of the human ortholog."""
ORTHOLOGY = "_orthology"
NOT_LOOKED_AT = "signal peptide not looked at"
"""Said in the evidence of routes that were told without a signal peptide; a list of the user's own may tell it."""
SECRETORY_PATHWAY = "secretory pathway by"
"""Said in the evidence of proteins seen in the lumen of the secretory pathway."""
NO_GRADE = "none"

CODE_GRADES: Mapping[str, str] = {
    **dict.fromkeys(("EXP", "IC", "IDA", "IGI", "IMP", "IPI"), "low_throughput"),
    **dict.fromkeys(("IBA", "IEA", "ISA", "ISM", "ISO", "ISS"), "inferred"),
    **dict.fromkeys(("HDA", "HEP", "HMP"), "high_throughput"),
    **dict.fromkeys(("NAS", "TAS"), "statement"),
}
"""Gene Ontology evidence codes by grade; codes not named (ND, RCA) are ignored. An author's statement (TAS, NAS) on `extracellular
region` puts titin outside the cell, so statements count only for the lumen of endoplasmic reticulum and Golgi, and, as
inferred, for proteins that no annotation of any kind places in a membrane or inside the cell other than in these lumens, or that
are ligands and firmly (low throughput, or by family) in neither membrane, cytosol, nucleus nor mitochondrion."""

GROUP_ROOTS: Mapping[str, tuple[str, ...]] = {
    "outside": ("GO:0005576", "GO:0005615"),
    "vesicle": ("GO:1903561",),
    "matrix": ("GO:0031012",),
    "structural": ("GO:0005201",),
    "membrane": ("GO:0031224", "GO:0016021", "GO:0005887", "GO:0031225", "GO:0031226", "GO:0046658", "GO:0031362"),
    "lumen": ("GO:0005788", "GO:0005796"),
    "pathway": ("GO:0005783", "GO:0005794", "GO:0030141"),
    "granule": ("GO:0034774", "GO:0034358"),
    "signal": ("GO:0005179", "GO:0048018"),
    "cytosol": ("GO:0005829", "GO:0005634", "GO:0005739", "GO:0005856"),
    "cilium": ("GO:0005929", "GO:0005856"),
    "cytoplasm": ("GO:0005737",),
    "inside": ("GO:0005622",),
}
"""Groups of terms by their roots: extracellular region and space; extracellular vesicle; extracellular matrix and its
structural constituents; integral to or anchored in a membrane; lumen of endoplasmic reticulum and Golgi; these organelles and
secretory granules; secretory granule lumen and plasma lipoprotein; hormone and receptor ligand activity; cytosol, nucleus,
mitochondrion, cytoskeleton; cilium and cytoskeleton; cytoplasm itself; anything inside the cell."""
EXACT_GROUPS: tuple[str, ...] = ("outside", "cytoplasm", "membrane")
"""Groups that hold their roots only; all others hold the terms below their roots too."""
LIST_GROUPS: tuple[str, ...] = ("ligand", "hormone")
"""Groups that do not come from terms but from ligand-receptor tables and hormone tables."""

_SOLID = ("low_throughput", "inferred")


def grade_table(annotations: pd.DataFrame) -> pd.DataFrame:
    """Best grade and its evidence per gene and group.

    Parameters
    ----------
    annotations : pandas.DataFrame
        Columns gene, group (of `GROUP_ROOTS` or `LIST_GROUPS`), term, code (an evidence code, or `list`).

    Returns
    -------
    pandas.DataFrame
        One row per gene, group and grade, best grade first; columns gene, group, grade, term, code, sole_code (no other code
        says so at this grade), evidence (term and code in one text).
    """
    grade = annotations["code"].map({**CODE_GRADES, "list": "inferred"})
    frame = annotations.assign(grade=grade).dropna(subset=["grade"])
    frame = frame[(frame["grade"] != "statement") | _trusted_statement(frame)]
    frame["grade"] = frame["grade"].replace("statement", "inferred")
    frame["rank"] = frame["grade"].map(GRADES.index)
    text = frame["term"].where(frame["code"] == "list", frame["term"] + " " + frame["code"])
    frame = frame.assign(evidence=text).sort_values(["gene", "group", "rank", "code", "term"], kind="stable")
    codes = frame.groupby(["gene", "group", "grade"])["code"].transform("nunique")
    frame["sole_code"] = codes == 1
    columns = ["gene", "group", "grade", "term", "code", "sole_code", "evidence"]
    return frame.drop_duplicates(["gene", "group", "grade"])[columns]


def _trusted_statement(frame: pd.DataFrame) -> pd.Series:
    """Which rows an author's statement may decide; see `CODE_GRADES`."""
    solid = frame["grade"].isin(_SOLID)
    firmly_inside = (frame["group"] == "cytosol") & ((frame["grade"] == "low_throughput") | (frame["code"] == "IBA"))
    firmly_inside |= (frame["group"] == "cytoplasm") & (frame["grade"] == "low_throughput")

    def holds(rows: pd.Series) -> pd.Series:
        return frame["gene"].isin(frame.loc[rows, "gene"])

    in_membrane = holds(frame["group"] == "membrane")
    inside = holds(frame["group"].isin(["cytosol", "cytoplasm"]))
    inside |= holds(frame["group"] == "inside") & ~holds(frame["group"] == "lumen")
    a_ligand = holds(frame["group"].isin(["signal", *LIST_GROUPS]) & solid) & ~holds(firmly_inside)
    outside = (frame["group"] == "outside") & ~in_membrane & (~inside | a_ligand)
    return (frame["group"] == "lumen") | outside


def classify(annotations: pd.DataFrame, source: str) -> pd.DataFrame:
    """Secretion routes of every annotated gene.

    First match wins for the leading route:

    1. outside the cell (low throughput or inferred) or listed as a ligand, and part of a membrane: `shed`;
    2. a structural constituent of the matrix, or in the matrix (low throughput or inferred) without ligand activity: `ecm`;
    3. outside the cell, in cytosol, nucleus, mitochondrion or cytoskeleton, and without any sign of the secretory
       pathway (endoplasmic reticulum, Golgi or granule lumen, hormone, matrix): `unconventional`;
    4. outside the cell: `classical`;
    5. in extracellular vesicles, or outside the cell by high-throughput lists alone: `ev_cargo`;
    6. anywhere inside the cell: `intracellular`.

    Parameters
    ----------
    annotations : pandas.DataFrame
        See `grade_table`.
    source : str
        Name and version of the annotations, for the evidence text.

    Returns
    -------
    pandas.DataFrame
        One row per gene and route; columns gene, route, order (small leads), grade, evidence.
    """
    graded = grade_table(annotations)
    genes = np.unique(graded["gene"].to_numpy(dtype=str))
    facts = _Facts(graded, genes)
    rows = [rule(facts, source) for rule in (_outside_routes, _matrix_routes, _vesicle_routes, _inside_routes)]
    return pd.concat(rows, ignore_index=True)


def curated_routes(mediators: pd.DataFrame) -> pd.DataFrame:
    """Rows of the hand-written table (symbol, route, organs, reference) in the form of `classify`; they lead over all rules.

    The column reference is kept beside.
    """
    evidence = mediators["reference"] + " (curated, made in " + mediators["organs"].str.replace(";", ", ") + ")"
    columns = {
        "gene": mediators["symbol"],
        "route": mediators["route"],
        "order": -1,
        "grade": "curated",
        "evidence": evidence,
        "reference": mediators["reference"],
    }
    return pd.DataFrame(columns)


def assemble(routes: pd.DataFrame) -> pd.DataFrame:
    """One row per gene from one row per gene and route.

    Parameters
    ----------
    routes : pandas.DataFrame
        Columns gene, route, order, grade, evidence; of rows that repeat a gene and route the best stays.

    Returns
    -------
    pandas.DataFrame
        Sorted by gene; columns gene, route (leading), routes (all, joined by `;`, leading first), grade (of the leading route),
        evidence (`route: evidence`, joined by ` | `).
    """
    rank = routes["grade"].str.removesuffix(ORTHOLOGY).map(GRADES.index)
    table = routes.assign(rank=rank).sort_values(["gene", "order", "rank", "route", "evidence"], kind="stable")
    table = table.drop_duplicates(["gene", "route"])
    text = table["route"] + ": " + table["evidence"]
    by_gene = table.assign(text=text).groupby("gene", sort=True)
    result = by_gene[["route", "grade"]].first()
    result.insert(1, "routes", by_gene["route"].agg(";".join))
    result["evidence"] = by_gene["text"].agg(" | ".join)
    return result.reset_index()


class _Facts:
    """Per gene and group: is it there, how good, and by which annotation. Arrays aligned with `genes`."""

    def __init__(self, graded: pd.DataFrame, genes: np.ndarray) -> None:
        self.genes = genes
        self._by_group = dict(iter(graded.groupby("group")))

    def best(self, group: str, grades: Sequence[str]) -> pd.DataFrame:
        """Grade and evidence of the best annotation among `grades`; missing where there is none."""
        return self._best(group, grades)[["grade", "evidence"]]

    def rests_on(self, group: str, code: str) -> np.ndarray:
        """Boolean array: the best solid annotation to the group has this code, and no other code is as good."""
        best = self._best(group, _SOLID)
        return (best["code"].eq(code) & best["sole_code"].eq(other=True)).to_numpy(dtype=bool)

    def _best(self, group: str, grades: Sequence[str]) -> pd.DataFrame:
        columns = ["grade", "evidence", "code", "sole_code"]
        if group not in self._by_group:
            return pd.DataFrame(None, index=self.genes, columns=columns, dtype=object)
        frame = self._by_group[group]
        frame = frame[frame["grade"].isin(grades)].drop_duplicates("gene").set_index("gene")
        return frame[columns].reindex(self.genes)

    def has(self, group: str, grades: Sequence[str] = _SOLID) -> np.ndarray:
        """Boolean array: annotated to the group with one of `grades`."""
        return self.best(group, grades)["grade"].notna().to_numpy()


def _rows(
    facts: _Facts, chosen: np.ndarray, route: str, order: int, grade: pd.Series, evidence: pd.Series
) -> pd.DataFrame:
    frame = pd.DataFrame({"gene": facts.genes, "route": route, "order": order})
    frame["grade"] = grade.to_numpy()
    frame["evidence"] = evidence.to_numpy()
    return frame[chosen]


def _outside_routes(facts: _Facts, source: str) -> pd.DataFrame:
    in_membrane = facts.has("membrane")
    is_outside, best = _outside(facts, in_membrane=in_membrane)
    inside = facts.best("cytosol", _SOLID)
    inside = _either(inside, _firm(inside), facts.best("cytoplasm", ("low_throughput",)))
    secretory = _first_evidence(facts, ("lumen", "granule", "hormone", "structural"))
    organelle = facts.best("pathway", ("low_throughput",))["evidence"]
    secretory = secretory.where(secretory.notna(), organelle)
    shed = is_outside & in_membrane
    leaderless = is_outside & ~in_membrane & inside["grade"].notna().to_numpy() & secretory.isna().to_numpy()
    classical = is_outside & ~shed & ~leaderless
    base = best["evidence"].fillna("")
    end = f" ({source}; {NOT_LOOKED_AT})"
    told = (f"; {SECRETORY_PATHWAY} " + secretory).fillna("; not seen in cytosol or nucleus")
    told = told.where(secretory.notna() | inside["grade"].isna(), "")
    membrane = "; in a membrane by " + facts.best("membrane", _SOLID)["evidence"].fillna("")
    return pd.concat(
        [
            _rows(facts, shed, "shed", 0, best["grade"], base + membrane + end),
            _rows(
                facts,
                leaderless,
                "unconventional",
                1,
                best["grade"],
                base + "; also " + inside["evidence"].fillna("") + end,
            ),
            _rows(facts, classical, "classical", 1, best["grade"], base + told + end),
        ]
    )


def _outside(facts: _Facts, *, in_membrane: np.ndarray) -> tuple[np.ndarray, pd.DataFrame]:
    """Which genes are outside the cell, and by which evidence.

    Two kinds of inference are not trusted alone: by protein family for membrane proteins (receptors have secreted cousins),
    and electronic annotation of ciliary and cytoskeletal proteins without a membrane part (taken from fluid-facing structures).
    """
    outside = facts.best("outside", _SOLID)
    found = outside["grade"].notna().to_numpy()
    low = facts.has("outside", ("low_throughput",))
    doubtful = in_membrane & facts.rests_on("outside", "IBA")
    doubtful |= ~in_membrane & facts.has("cilium") & facts.rests_on("outside", "IEA")
    ligand = facts.has("hormone") | facts.has("signal") | facts.has("ligand")
    in_cell = facts.has("cytosol") | facts.has("cytoplasm") | in_membrane
    listed_only = facts.has("hormone") | (facts.has("ligand") & ~in_cell)
    listed = facts.best("hormone", _SOLID)
    listed = _either(listed, _given(listed), facts.best("ligand", _SOLID))
    is_outside = (found & (low | ligand | ~doubtful)) | listed_only
    return is_outside, _either(outside, _given(outside), listed)


def _firm(inside: pd.DataFrame) -> np.ndarray:
    """Seen inside the cell, or inferred from the protein family; electronic annotation of leaders' proteins is too frequent."""
    by_family = inside["evidence"].str.endswith("IBA").to_numpy(dtype=bool, na_value=False)
    return (inside["grade"] == "low_throughput").to_numpy() | by_family


def _given(best: pd.DataFrame) -> np.ndarray:
    return best["grade"].notna().to_numpy(dtype=bool)


def _either(first: pd.DataFrame, use_first: np.ndarray, second: pd.DataFrame) -> pd.DataFrame:
    return first.where(np.column_stack([use_first, use_first]), second)


def _matrix_routes(facts: _Facts, source: str) -> pd.DataFrame:
    """In the matrix; inference alone is not trusted for membrane proteins, nor for cytosolic ones not found outside."""
    structural = facts.best("structural", _SOLID)
    matrix = facts.best("matrix", _SOLID)
    best = _either(structural, _given(structural), matrix)
    firm = facts.has("matrix", ("low_throughput",)) | _given(structural)
    doubtful = facts.has("membrane") | (facts.has("cytosol") & ~facts.has("outside"))
    is_matrix = _given(best) & (firm | ~doubtful)
    elsewhere = facts.has("signal") | facts.has("hormone") | facts.has("membrane") | facts.has("cytosol")
    evidence = best["evidence"].fillna("") + f" ({source})"
    frame = _rows(facts, is_matrix, "ecm", 2, best["grade"], evidence)
    frame["order"] = np.where(elsewhere[is_matrix], 2, 0)
    return frame


def _vesicle_routes(facts: _Facts, source: str) -> pd.DataFrame:
    every = ("low_throughput", "inferred", "high_throughput")
    vesicle = facts.best("vesicle", every)
    hint = facts.best("outside", ("high_throughput",))
    hint = _either(hint, _given(hint), facts.best("matrix", ("high_throughput",)))
    best = _either(vesicle, _given(vesicle), hint)
    evidence = best["evidence"].fillna("") + f" ({source})"
    return _rows(facts, best["grade"].notna().to_numpy(), "ev_cargo", 3, best["grade"], evidence)


def _inside_routes(facts: _Facts, source: str) -> pd.DataFrame:
    inside = facts.best("cytosol", _SOLID)
    inside = _either(inside, _given(inside), facts.best("inside", _SOLID))
    evidence = inside["evidence"].fillna("") + f" ({source})"
    return _rows(facts, inside["grade"].notna().to_numpy(), "intracellular", 4, inside["grade"], evidence)


def _first_evidence(facts: _Facts, groups: Sequence[str]) -> pd.Series:
    result = facts.best(groups[0], _SOLID)["evidence"]
    for group in groups[1:]:
        result = result.where(result.notna(), facts.best(group, _SOLID)["evidence"])
    return result
