"""Proteins of a simulated raw study: random sequences with entries as UniProt writes them, their digest, and masses."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from organokine.simulate.genes import mouse_symbols

WATER, PROTON, NEUTRON = 18.010565, 1.007276, 1.003355  # NEUTRON is the step from one isotope of carbon to the next
RESIDUE_MASSES = {
    "G": 57.021464, "A": 71.037114, "S": 87.032028, "P": 97.052764, "V": 99.068414, "T": 101.047679, "L": 113.084064,
    "I": 113.084064, "N": 114.042927, "D": 115.026943, "Q": 128.058578, "K": 128.094963, "E": 129.042593, "M": 131.040485,
    "H": 137.058912, "F": 147.068414, "R": 156.101111, "Y": 163.063329, "W": 186.079313, "C": 103.009185 + 57.021464,
}  # fmt: skip
"""Monoisotopic, in Da; cysteine is carbamidomethylated, as all cysteine is after iodoacetamide."""
FREQUENCIES = {
    "A": 8.25, "R": 5.53, "N": 4.06, "D": 5.46, "C": 1.38, "Q": 3.93, "E": 6.72, "G": 7.07, "H": 2.27, "I": 5.91,
    "L": 9.65, "K": 5.80, "M": 2.41, "F": 3.86, "P": 4.74, "S": 6.64, "T": 5.35, "W": 1.10, "Y": 2.92, "V": 6.86,
}  # fmt: skip
"""Amino acids of Swiss-Prot, in percent: from these come as many and as long tryptic peptides as real proteins give."""
SHORTEST_PEPTIDE, LONGEST_PEPTIDE = 7, 30
SHORTEST_PROTEIN, LONGEST_PROTEIN = 150, 1200
_CUTS = re.compile(r"(?<=[KR])(?!P)")
_LINE = 60  # letters a line of a FASTA


def random_proteins(n_present: int, n_absent: int, left_out: float, rng: np.random.Generator) -> pd.DataFrame:
    """Draw proteins that do not exist; the accessions have the form of UniProt's, and none of them is in use.

    No two share a tryptic peptide, leucine and isoleucine taken as one.

    Parameters
    ----------
    n_present : int
        Proteins in the samples.
    n_absent : int
        Proteins that are in the FASTA only: whatever is found of them is false.
    left_out : float
        Share of the present ones that the FASTA lacks: whatever their spectra match is false.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    pandas.DataFrame
        `protein` (accession), `gene` (symbol of a real mouse gene), `sequence`, `in_sample` and `in_fasta` (bool); present ones
        first.
    """
    n = n_present + n_absent
    symbols = rng.choice(np.array(mouse_symbols().ordinary, dtype=object), n, replace=False)
    sequences: list[str] = []
    known: set[str] = set()
    while len(sequences) < n:
        sequence = _random_sequence(rng)
        own = {peptide.replace("I", "L") for peptide in digest(sequence)}
        if len(own) > 2 and known.isdisjoint(own):
            sequences.append(sequence)
            known |= own
    in_sample = np.arange(n) < n_present
    in_fasta = np.ones(n, dtype=bool)
    in_fasta[rng.choice(n_present, round(left_out * n_present), replace=False)] = False
    return pd.DataFrame(
        {
            "protein": [f"Z9SIM0{_letters(i)}0" for i in range(n)],
            "gene": symbols,
            "sequence": sequences,
            "in_sample": in_sample,
            "in_fasta": in_fasta,
        }
    )


def _random_sequence(rng: np.random.Generator) -> str:
    """Length lognormal about 350, as in mammals, within limits."""
    length = int(np.clip(rng.lognormal(np.log(350), 0.5), SHORTEST_PROTEIN, LONGEST_PROTEIN))
    share = np.array(list(FREQUENCIES.values()))
    return "M" + "".join(rng.choice(list(FREQUENCIES), length - 1, p=share / share.sum()))


def _letters(number: int) -> str:
    """Three signs for a number: a letter first, as UniProt has it, then two digits or letters."""
    signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    first, rest = divmod(number, 36 * 36)
    return f"{signs[10 + first]}{signs[rest // 36]}{signs[rest % 36]}"


def digest(sequence: str, shortest: int = SHORTEST_PEPTIDE, longest: int = LONGEST_PEPTIDE) -> list[str]:
    """Peptides of a full digest with trypsin: after K and R, not before P; within the given lengths, in order.

    Parameters
    ----------
    sequence : str
        One-letter code.
    shortest, longest : int
        Residues of the peptides that are kept; 7 to 30 are what search engines look for by default.

    Returns
    -------
    list of str
        Each peptide once.
    """
    peptides = (peptide for peptide in _CUTS.split(sequence) if shortest <= len(peptide) <= longest)
    return list(dict.fromkeys(peptides))


def residue_masses(peptide: str) -> np.ndarray:
    """Monoisotopic masses of the residues of a peptide, in Da, in order."""
    return np.array([RESIDUE_MASSES[letter] for letter in peptide])


def fasta(proteins: pd.DataFrame) -> str:
    """The FASTA of the proteins that shall be in it, in the order of their accessions."""
    entries = []
    for row in proteins[proteins["in_fasta"]].sort_values("protein").itertuples():
        name = re.sub(r"[^A-Z0-9]", "", str(row.gene).upper())
        head = f">sp|{row.protein}|{name}_MOUSE Simulated protein OS=Mus musculus OX=10090 GN={row.gene} PE=1 SV=1"
        text = str(row.sequence)
        entries.append("\n".join([head, *(text[i : i + _LINE] for i in range(0, len(text), _LINE))]))
    return "\n".join(entries) + "\n"
