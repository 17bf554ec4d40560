"""What the names in a folder of tables suggest: organ, modality, species, animal and group. Every guess is shown as one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from organokine.study_file import PLASMA, Species

_ONLY_RAT = re.compile(r"RGD[0-9]{5,}|RT1-.+")
"""Symbols of the Rat Genome Database, and of the rat's major histocompatibility complex."""
ORGANS = [
    "muscle",
    "gastrocnemius",
    "soleus",
    "quadriceps",
    "tibialis",
    "vastus",
    "diaphragm",
    "liver",
    "fat",
    "scwat",
    "bat",
    "wat",
    "adipose",
    "heart",
    "kidney",
    "lung",
    "spleen",
    "pancreas",
    "intestine",
    "colon",
    "stomach",
    "skin",
    "bone",
    "marrow",
    "brain",
    "cortex",
    "hippocampus",
    "cerebellum",
    "hypothalamus",
    "striatum",
    "brainstem",
    "spinalcord",
    "plasma",
    "serum",
    "aorta",
    "thymus",
    "thyroid",
    "adrenal",
    "ovary",
    "testis",
    "uterus",
    "retina",
    "bladder",
]
RNA_WORDS = ("rna", "rnaseq", "mrna", "counts", "transcriptome", "transcriptomics", "trnscrpt", "tpm", "genes")
PROTEIN_WORDS = ("protein", "proteins", "proteome", "proteomics", "prot", "lfq", "maxlfq", "tmt", "dia", "npx")
CONTROL_WORDS = (
    "control", "controls", "ctrl", "ctl", "con", "young", "wt", "wildtype", "vehicle", "veh", "sham", "sed", "sedentary",
    "untreated", "baseline", "healthy", "normal", "chow", "saline", "gfp", "3mo", "3m",
)  # fmt: skip
SHEET_WORDS = ("samples", "sample", "samplesheet", "sheet", "metadata", "meta", "design", "phenotype", "phenotypes")
FEATURE_WORDS = ("features", "feature", "annotation", "annotations")
TRANSCRIPT_WORDS = ("tx2gene", "t2g", "tx2g", "transcripts", "transcript2gene")
PROGRAM_WORDS = (
    "report", "pg", "pr", "gg", "unique", "matrix", "combined", "groups", "evidence", "ion", "peptide", "precursors", "diann",
    "spectronaut", "maxquant", "fragpipe", "msfragger", "alphadia", "star", "salmon", "kallisto", "htseq", "featurecounts",
    "gene", "sample", "samples", "data", "results", "output", "main", "first", "pass", "lib", "d", "tsv", "csv", "txt", "parquet", "gz",
)  # fmt: skip
"""Words of the names that programs give to their tables; they name no organ."""


class SampleGuess(NamedTuple):
    """What the name of a sample suggests; an empty string where it suggests nothing."""

    sample: str
    subject: str
    group: str


def words(name: str) -> list[str]:
    """Lower-case words of a name, parted at signs and at capital letters: `MuscleProtein_v2` to muscle, protein, v2."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return [word for word in re.split(r"[^a-z0-9]+", parted.lower()) if word != ""]


def guess_modality(name: str) -> str | None:
    """`rna` or `protein` by the words of a file name; None if they do not say, or say both."""
    found = words(name)
    is_rna, is_protein = any(word in RNA_WORDS for word in found), any(word in PROTEIN_WORDS for word in found)
    return None if is_rna == is_protein else "rna" if is_rna else "protein"


def known_organ(name: str) -> str | None:
    """The first known organ among the words of a name, whatever number follows it; None if there is none."""
    found = (re.sub(r"[0-9]+$", "", word) for word in words(name))
    known = next((word for word in found if word in ORGANS), None)
    return PLASMA if known == "serum" else known


def guess_organ(name: str, ignored: Sequence[str] = ()) -> str:
    """The organ by the words of a file name: a known organ, else the first word that is not about the measurement.

    Parameters
    ----------
    name : str
        Name of a file.
    ignored : sequence of str
        Further words that are not about an organ.

    Returns
    -------
    str
        `organ` if no word is left.
    """
    known = known_organ(name)
    if known is not None:
        return known
    about = (*RNA_WORDS, *PROTEIN_WORDS, *ignored)
    rest = [word for word in words(name) if word not in about and not word.isdigit()]
    return rest[0] if len(rest) > 0 else "organ"


def guess_species(identifiers: Iterable[str], symbols: Iterable[str]) -> Species:
    """The species by Ensembl identifiers, else by symbols: those that only rats have, upper case is human, else mouse."""
    prefixes: tuple[tuple[str, Species], ...] = (
        ("ENSRNO", "rat"),
        ("ENSMUS", "mouse"),
        ("ENSG0", "human"),
        ("ENST0", "human"),
        ("ENSP0", "human"),
    )
    for identifier in identifiers:
        for prefix, species in prefixes:
            if identifier.startswith(prefix):
                return species
    spelt = [symbol for symbol in symbols if len(symbol) > 2 and symbol[0].isalpha()]
    if any(_ONLY_RAT.fullmatch(symbol) is not None for symbol in spelt):
        return "rat"
    n_upper = sum(symbol == symbol.upper() for symbol in spelt)
    return "human" if len(spelt) > 0 and n_upper > len(spelt) / 2 else "mouse"


def guess_samples(samples: Sequence[str]) -> list[SampleGuess]:
    """Part the names of one assay's samples into animal and group.

    Parameters
    ----------
    samples : sequence of str
        Names of the columns.

    Returns
    -------
    list of SampleGuess
        The subject is what differs between the names; the group is the part with the fewest levels (at least two, each of at
        least two samples) that holds a letter.
    """
    parts = [re.split(r"[^A-Za-z0-9]+", name) for name in samples]
    if len(samples) < 2 or len({len(part) for part in parts}) > 1:
        return [SampleGuess(name, name, "") for name in samples]
    varying = [j for j in range(len(parts[0])) if len({part[j] for part in parts}) > 1]
    subjects = ["_".join(part[j] for j in varying) for part in parts]
    if len(set(subjects)) < len(subjects):
        subjects = list(samples)
    groupings = [[part[j] for part in parts] for j in varying]
    groupings.extend([re.sub(r"[0-9]+$", "", level) for level in grouping] for grouping in list(groupings))
    possible = [levels for levels in groupings if _may_be_groups(levels)]
    chosen = min(possible, key=lambda levels: len(set(levels)), default=[""] * len(samples))
    return [SampleGuess(*row) for row in zip(samples, subjects, chosen, strict=True)]


def subject_remark(sides: Mapping[str, Sequence[SampleGuess]], sheet: str) -> str:
    """Say what the guessed subjects pair, with one pair to look at.

    Parameters
    ----------
    sides : mapping of str to sequence of SampleGuess
        Guesses by organ (or by assay, where there is one organ); the first two are compared.
    sheet : str
        Name of the sample sheet.

    Returns
    -------
    str
        One remark, without a full stop; control characters in names are escaped.
    """
    if len(sides) < 2:
        return f"subjects are guessed from the sample names, one per sample; correct the column subject of {sheet} where that is wrong"
    names = list(sides)[:2]
    first, second = ({guess.subject: guess.sample for guess in reversed(sides[name])} for name in names)
    shared = [guess.subject for guess in sides[names[0]] if guess.subject in second]
    if len(shared) == 0:
        return (
            f"no animal could be told from the sample names to be in both {names[0]} and {names[1]}: FILL IN the column "
            f"subject of {sheet}, which names the animal, alike in all assays"
        )
    example = f"{shared[0]!r} = {first[shared[0]]!r}, {second[shared[0]]!r}"
    return (
        f"subjects are guessed from the sample names: {len(set(shared))} animals in both {names[0]} and {names[1]}, such as "
        f"{example}; correct the column subject of {sheet} where that is wrong"
    )


def guess_contrast(groups: Iterable[str]) -> tuple[str, str] | None:
    """Case and control among groups: a level whose name says control, else the first in alphabetical order."""
    levels = sorted({group for group in groups if group != ""})
    if len(levels) < 2:
        return None
    control = next((level for level in levels if level.lower() in CONTROL_WORDS), levels[0])
    return next(level for level in reversed(levels) if level != control), control


def _may_be_groups(levels: Sequence[str]) -> bool:
    sizes = [list(levels).count(level) for level in set(levels)]
    return len(sizes) > 1 and min(sizes) > 1 and all(re.search("[A-Za-z]", level) is not None for level in levels)
