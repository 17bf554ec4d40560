"""From accepted matches and their quantities to the table of precursors, and from that to proteins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from organokine.raw.twins import twin_of
from organokine.raw_tables import PRECURSORS
from organokine.readers.base import Count
from organokine.readers.precursors.proteins import to_proteins
from organokine.readers.precursors.table import PrecursorTable

if TYPE_CHECKING:
    from organokine.raw.fasta import Fasta
    from organokine.raw.protein_groups import ProteinGroups
    from organokine.raw.settings import SearchSettings

_KEY = ["sequence", "charge"]


def precursor_table(
    matches: pd.DataFrame, quantities: pd.DataFrame, groups: ProteinGroups, fasta: Fasta, settings: SearchSettings
) -> pd.DataFrame:
    """Precursors of reported groups, sample by sample.

    Parameters
    ----------
    matches : pandas.DataFrame
        Of `organokine.raw.acceptance.accept`.
    quantities : pandas.DataFrame
        Linear intensities by sequence and charge, one column per sample; NaN is not measured.
    groups : ProteinGroups
        Reported groups; their peptides with every isoleucine written as leucine.
    fasta : Fasta
        Genes and contaminants.
    settings : SearchSettings
        What shared peptides count, and whether quantities are matched between runs.

    Returns
    -------
    pandas.DataFrame
        `organokine.raw_tables.PRECURSORS`, sorted by its key. A precursor that has neither a spectrum nor a quantity in a sample has
        no row there.
    """
    best = _best(matches)
    facts = best.drop_duplicates(_KEY)[[*_KEY, "peptide", "mz", "q"]]
    # of the index, not of columns: a sample may be called `charge`
    cells = quantities.melt(var_name="sample", value_name="quantity", ignore_index=False).dropna().reset_index()
    rows = best[["sample", *_KEY, "minutes", "one_over_k0", "mass_error"]].assign(identified=True)
    rows = rows.merge(cells, on=["sample", *_KEY], how="outer").merge(facts, on=_KEY)
    rows["identified"] = rows["identified"].eq(True)  # noqa: FBT003  missing where only a quantity was found
    if not settings.match_between_runs:
        rows.loc[~rows["identified"], "quantity"] = np.nan
    rows = rows[rows["identified"] | rows["quantity"].notna()]
    told = groups.peptides.rename(columns={"peptide": "twin", "group": "protein_group", "is_unique": "unique"})
    rows = rows.assign(twin=rows["peptide"].map(twin_of)).merge(told, on="twin")
    if settings.shared_peptides == "leave_out":
        rows.loc[~rows["unique"], "quantity"] = np.nan
    gene, contaminant = _of_groups(rows["protein_group"].unique().tolist(), fasta)
    rows = rows.assign(gene=rows["protein_group"].map(gene), contaminant=rows["protein_group"].map(contaminant))
    return PRECURSORS.conform(rows.sort_values([*PRECURSORS.key])[PRECURSORS.names()])


def _best(matches: pd.DataFrame) -> pd.DataFrame:
    """Accepted matches, the best of each precursor in each sample."""
    held = matches[matches["accepted"]].assign(sample=lambda frame: frame["sample"].astype(object))
    ordered = held.sort_values(["score", "spectrum"], ascending=[False, True], kind="stable")
    return ordered.drop_duplicates(["sample", *_KEY])


def _of_groups(names: Sequence[str], fasta: Fasta) -> tuple[dict[str, str], dict[str, bool]]:
    """Genes of each group, joined by `;`, and whether it holds a contaminant, which a protein stays wherever else it stands."""
    entries = {entry.accession: entry for entry in sorted(fasta.entries, key=lambda entry: not entry.is_contaminant)}
    contaminants = {entry.accession for entry in fasta.entries if entry.is_contaminant}
    members = {name: name.split(";") for name in names}
    genes = {
        name: ";".join(dict.fromkeys(entries[each].gene for each in held if entries[each].gene != ""))
        for name, held in members.items()
    }
    return genes, {name: not contaminants.isdisjoint(held) for name, held in members.items()}


def protein_matrix(precursors: pd.DataFrame, samples: Sequence[str]) -> tuple[pd.DataFrame, tuple[Count, ...]]:
    """Protein intensities by directLFQ, contaminants left out.

    Parameters
    ----------
    precursors : pandas.DataFrame
        `organokine.raw_tables.PRECURSORS`.
    samples : sequence of str
        All samples, for the columns.

    Returns
    -------
    proteins : pandas.DataFrame
        See `organokine.raw.result.RawResult.proteins`.
    counts : tuple of Count
        What was left out, and how it was done.
    """
    names = ["protein_group", "protein", "gene", "precursors"]
    is_contaminant = precursors["contaminant"].astype(bool)
    left_out = precursors.loc[is_contaminant, "protein_group"].unique()
    counts: list[Count] = []
    if len(left_out) > 0:
        n_groups = precursors["protein_group"].nunique()
        counts.append(
            Count("contaminant protein groups", len(left_out), n_groups, str(left_out[0]), "left out of the proteins")
        )
    held = precursors[~is_contaminant & precursors["quantity"].notna()]
    if len(held) == 0:
        return pd.DataFrame(columns=[*names, *samples]), tuple(counts)
    table = to_proteins(PrecursorTable(_rows(held)), "directlfq", "raw data")
    values = table.values.reindex(columns=pd.Index(list(samples), dtype=object))
    leading = [str(group).split(";")[0] for group in table.features.index]
    features = table.features.assign(protein_group=table.features.index, protein=leading)[names]
    whole = pd.concat([features, values], axis="columns").reset_index(drop=True)
    return whole, (*counts, *table.counts)


def _rows(held: pd.DataFrame) -> pd.DataFrame:
    """The rows in the form that all tables of precursors have."""
    return pd.DataFrame(
        {
            "run": held["sample"].astype("category"),
            "precursor": (held["sequence"] + "/" + held["charge"].astype(str)).astype("category"),
            "protein": held["protein_group"].astype("category"),
            "genes": held["gene"].astype("category"),
            "quantity": held["quantity"].astype(float),
        }
    )
