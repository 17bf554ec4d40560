"""Schemas of the tables that `organokine raw run` leaves."""

from __future__ import annotations

from organokine.table_schema import Column, Table

PRECURSORS = Table(
    "precursors",
    "one precursor in one sample: identified there, or quantified, or both",
    ("sample", "sequence", "charge"),
    (
        Column("sample", "text", "", "name of the sample"),
        Column(
            "protein_group",
            "text",
            "",
            "accessions that its peptides do not tell apart, joined by `;`, the leading one first",
        ),
        Column("gene", "text", "", "genes of the group, joined by `;`"),
        Column("peptide", "text", "", "amino acids"),
        Column("sequence", "text", "", "amino acids with modifications by their number in Unimod"),
        Column("charge", "integer", "", "charge"),
        Column("mz", "number", "Th", "m/z by its composition"),
        Column("quantity", "number", "counts", "intensity in MS1, linear; missing if none was found"),
        Column(
            "identified",
            "flag",
            "",
            "a fragment spectrum of this sample was matched to it, at the error rate counted over all runs",
        ),
        Column(
            "minutes", "number", "min", "retention time of its best spectrum in this sample; missing if there is none"
        ),
        Column(
            "one_over_k0",
            "number",
            "V s/cm2",
            "1/K0 of its best spectrum in this sample, by the exact calibration; missing if there is none",
        ),
        Column("mass_error", "number", "ppm", "measured minus expected mass of its best spectrum in this sample"),
        Column("q", "number", "", "counted false discovery rate at which its peptide is accepted, over all runs"),
        Column("unique", "flag", "", "no other reported group has its peptide"),
        Column(
            "contaminant", "flag", "", "its group holds a contaminant of the FASTA: left out of the table of proteins"
        ),
    ),
)

RUNS = Table(
    "runs",
    "one raw file",
    ("sample",),
    (
        Column("sample", "text", "", "name of the sample"),
        Column("file", "text", "", "name of its folder"),
        Column("state", "text", "", "`searched`, or `failed`: then nothing of it is in any table"),
        Column("acquired", "text", "", "date and time of the measurement, as the file says"),
        Column("spectra", "integer", "count", "fragment spectra"),
        Column("matched", "integer", "count", "spectra matched to a peptide, at the error rate counted over all runs"),
        Column(
            "decoys",
            "integer",
            "count",
            "spectra matched to decoys that score as well: about as many of `matched` are false",
        ),
        Column("precursors", "integer", "count", "precursors identified in this run"),
        Column("quantified", "integer", "count", "precursors with a quantity in this run"),
        Column(
            "transferred", "integer", "count", "of these, those matched between runs: no spectrum of this run says so"
        ),
        Column("protein_groups", "integer", "count", "reported groups with a quantity in this run"),
        Column(
            "fragment_error",
            "number",
            "ppm",
            "median over identified precursors of the mean absolute error of their fragments, by the engine's straight calibration",
        ),
        Column("mass_error", "number", "ppm", "median error of the mass of identified precursors"),
        Column("mass_spread", "number", "ppm", "robust standard deviation of these errors within the run"),
        Column(
            "mass_drift",
            "number",
            "ppm",
            "by how much the error drifts over the gradient: Theil-Sen slope times its length",
        ),
        Column(
            "mobility_shift",
            "number",
            "percent",
            "median deviation of 1/K0 from the median of the same precursors over all runs",
        ),
        Column("mobility_spread", "number", "percent", "robust standard deviation of these deviations"),
        Column(
            "trend_spread",
            "number",
            "V s/cm2",
            "median absolute residual of 1/K0 from its trend with m/z within charges",
        ),
        Column("trend_outliers", "integer", "count", "precursors whose 1/K0 lies far from that trend"),
        Column(
            "minutes_shift",
            "number",
            "min",
            "median deviation of retention time from the median of the same precursors over all runs",
        ),
    ),
)
"""Calibration drift over runs is read from the columns that end in `shift`, `error` and `drift`, in the order of `acquired`."""

RAW_TABLES = (PRECURSORS, RUNS)
