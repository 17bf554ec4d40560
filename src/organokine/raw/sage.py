"""The search engine Sage, through sagepy: its database, and the search of one file.

A modification of the start of a protein is passed residue by residue, since sagepy adds these to the general form and then holds
every such peptide twice.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from organokine.errors import DataError, OrganokineError, Problem, first_line

if TYPE_CHECKING:
    from organokine.raw.fasta import Fasta
    from organokine.raw.settings import SearchSettings

NAME = "Sage"
LICENCE = "MIT"
DECOY_TAG = "organokine_reversed_"
"""The engine takes a protein for a decoy if this stands anywhere in its name; its own `rev_` is in names such as `prev_1`."""
RESIDUES = "ACDEFGHIKLMNPQRSTVWY"


def engine_version() -> str:
    """Versions of sagepy and of its compiled part; an `OrganokineError` with what to install if it is absent."""
    try:
        return " with connector ".join(dict.fromkeys(version(name) for name in ("sagepy", "sagepy-connector")))
    except PackageNotFoundError as error:
        problem = Problem(
            "raw data",
            "the package sagepy is not installed",
            "ddaPASEF runs are searched with it; it is an extra of organokine, and has wheels for Linux on x86_64 (glibc 2.34 or newer), macOS "
            "on arm64 and Windows",
            "pip install 'organokine[raw]', or search with another engine and name its report as the file of an assay",
        )
        raise OrganokineError(problem) from error


def build_database(fasta: Fasta, settings: SearchSettings) -> Any:
    """Peptides of a FASTA and their reversals, indexed by fragment.

    Parameters
    ----------
    fasta : Fasta
        The proteome, contaminants with it.
    settings : SearchSettings
        Digestion and modifications.

    Returns
    -------
    sagepy.core.database.IndexedDatabase
        The same for the same input, so that matches of one process fit the database of another.

    Raises
    ------
    OrganokineError
        If sagepy is not installed.
    DataError
        If no peptide is left.
    """
    engine_version()
    from sagepy.core.database import EnzymeBuilder, SageSearchConfiguration
    from sagepy.core.ion_series import IonType

    text = "".join(f">{entry.accession}\n{entry.sequence}\n" for entry in fasta.entries)
    enzyme = EnzymeBuilder(
        missed_cleavages=settings.missed_cleavages,
        min_len=settings.minimum_length,
        max_len=settings.maximum_length,
        cleave_at="KR",
        restrict="P",
        c_terminal=True,
        semi_enzymatic=False,
    )
    fixed, variable = _modifications(settings)
    try:
        with panics(text[:60]):
            database = SageSearchConfiguration(
                fasta=text,
                enzyme_builder=enzyme,
                # from the shortest peptide of glycine to the longest of tryptophan: the length decides
                peptide_min_mass=57.0 * settings.minimum_length,
                peptide_max_mass=187.0 * settings.maximum_length,
                ion_kinds=[IonType("b"), IonType("y")],
                static_mods=fixed,
                variable_mods=variable,
                max_variable_mods=settings.maximum_variable,
                decoy_tag=DECOY_TAG,
                generate_decoys=True,
            ).generate_indexed_database()
    except (KeyError, ValueError) as error:
        why = "The engine takes modifications by their number in Unimod"
        raise DataError(Problem("settings", first_line(error).strip("'"), why, "Correct fixed or variable")) from error
    if database.num_peptides == 0:
        what = f"its {len(fasta.entries)} proteins have no peptide of {settings.minimum_length} to {settings.maximum_length} residues"
        raise DataError(Problem("FASTA", what, "There is nothing to search for", "Name the FASTA of a proteome"))
    return database


def search_folder(database: Any, folder: Path, settings: SearchSettings, threads: int = 1) -> tuple[bytes, int]:
    """Match the fragment spectra of one file.

    Parameters
    ----------
    database : sagepy.core.database.IndexedDatabase
        See `build_database`.
    folder : pathlib.Path
        A `.d` folder in ddaPASEF.
    settings : SearchSettings
        Tolerances.
    threads : int
        For the matching; the answer is the same for any number.

    Returns
    -------
    packed : bytes
        Matches, in the order of the spectra.
    n_spectra : int
        Fragment spectra there are.

    Raises
    ------
    DataError
        If the engine cannot read the folder.
    """
    from sagepy.core.scoring import psms_to_json_bin
    from sagepy.core.spectrum import read_processed_spectra

    with panics(str(folder)):
        spectra = read_processed_spectra(str(folder), take_top_n=settings.peaks, num_threads=threads)
        found = (
            _scorer(settings).score_collection_psm(database, spectra, num_threads=threads) if len(spectra) > 0 else {}
        )
    # the engine gives them in any order, and later steps sum over them; it tries the charges it is told only where the file tells none
    psms = [
        psm
        for _, listed in sorted(found.items(), key=lambda item: int(item[0]))
        for psm in listed
        if settings.minimum_charge <= int(psm.charge) <= settings.maximum_charge
    ]
    return (psms_to_json_bin(psms) if len(psms) > 0 else b""), len(spectra)


def _modifications(settings: SearchSettings) -> tuple[dict[str, str], dict[str, list[str]]]:
    variable: dict[str, list[str]] = {}
    for residue, numbers in settings.variable.items():
        names = [f"[UNIMOD:{number}]" for number in numbers]
        for each in [residue + letter for letter in RESIDUES] if residue in ("[", "^") else [residue]:
            variable[each] = [*variable.get(each, []), *(name for name in names if name not in variable.get(each, []))]
    return {residue: f"[UNIMOD:{number}]" for residue, number in settings.fixed.items()}, variable


def _scorer(settings: SearchSettings) -> Any:
    from sagepy.core.mass import Tolerance
    from sagepy.core.scoring import Scorer, ScoreType

    fixed, variable = _modifications(settings)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that there are no modifications is what was asked
        return Scorer(
            precursor_tolerance=Tolerance(ppm=(-settings.precursor_ppm, settings.precursor_ppm)),
            fragment_tolerance=Tolerance(ppm=(-settings.fragment_ppm, settings.fragment_ppm)),
            min_matched_peaks=settings.minimum_peaks,
            min_isotope_err=0,
            max_isotope_err=settings.most_isotopes,
            min_precursor_charge=settings.minimum_charge,
            max_precursor_charge=settings.maximum_charge,
            report_psms=1,
            annotate_matches=False,
            score_type=ScoreType("hyperscore"),
            max_fragment_charge=2,
            variable_mods=variable,
            static_mods=fixed,
        )


@contextlib.contextmanager
def panics(where: str) -> Iterator[None]:
    """What the engine's compiled part throws is no `Exception`; it becomes a message that names the file."""
    try:
        yield
    except BaseException as error:
        if type(error).__name__ != "PanicException" and not isinstance(error, OSError | RuntimeError):
            raise
        why = "The engine stopped there; the files of other samples are not touched by it"
        remedy = (
            "Look at the folder with `organokine raw inspect`, and leave it out of the sheet if it cannot be mended"
        )
        raise DataError(Problem(where, f"Sage cannot read or match it ({_said(error)})", why, remedy)) from error


def _said(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)[:120]
