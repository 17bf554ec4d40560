"""All runs together: what is accepted is right as often as is said, and quantities depend neither on the order of runs nor on empty ones."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from organokine.raw import sage, sage_joint
from organokine.raw.acceptance import Acceptance, accept
from organokine.raw.combine import best_of_precursors
from organokine.raw.fasta import read_fasta
from organokine.raw.folder import open_folder
from organokine.raw.joint_score import joint_score
from organokine.raw.memory import BYTES_PER_ION, MOST_PEAKS, survey_bytes
from organokine.raw.precursor_mobility import without_charge
from organokine.raw.samples import RawRun
from organokine.raw.search import Task, search_file
from organokine.raw.search_cache import SearchStore, search_key
from organokine.raw.settings import SearchSettings
from organokine.simulate.raw_study import simulate_raw
from tests.raw.conftest import Searched
from tests.raw.tiny_folder import block_of, change, some_ions, write_tiny

pytestmark = pytest.mark.usefixtures("sagepy")
SETTINGS = SearchSettings()
RUNS = ("young_1", "young_2", "aged_1", "aged_2")


class Joint(NamedTuple):
    matches: sage_joint.Matches
    accepted: Acceptance
    alignments: list[Any]


@pytest.fixture(scope="module")
def database(searched: Searched) -> Any:
    return sage.build_database(read_fasta(searched.study / "proteome.fasta", "FASTA"), SETTINGS)


@pytest.fixture(scope="module")
def packed(searched: Searched) -> dict[str, bytes]:
    fasta, store = read_fasta(searched.study / "proteome.fasta", "FASTA"), SearchStore(searched.cache)
    return {run: store.load(search_key(searched.study / f"{run}.d", fasta.sha256, SETTINGS)).packed for run in RUNS}


def joined(packed: list[bytes], database: Any) -> Joint:
    matches = sage_joint.join_searches(packed, database)
    rescored = sage_joint.rescore(matches, database, SETTINGS)
    assert rescored.missing == ()
    frame, features = sage_joint.match_frames(matches)
    score = joint_score(features, frame["decoy"], frame["peptide"], use_mobility=True).score
    return Joint(matches, accept(frame.assign(score=score), SETTINGS.fdr), rescored.alignments)


def quantities(joint: Joint, searched: Searched, runs: list[str], database: Any) -> pd.DataFrame:
    surveys = [frame for n, run in enumerate(runs) for frame in sage_joint.read_surveys(searched.study / f"{run}.d", n)]
    chosen = [joint.matches.psms[place] for place in best_of_precursors(joint.accepted.matches)]
    found = sage_joint.quantify(chosen, database, surveys, joint.alignments, SETTINGS, SETTINGS.mobility_percent)
    return found.set_axis(runs, axis="columns")


def test_peptides_are_false_no_more_often_than_the_error_rate_before_proteins_are_asked_for_two(
    searched, packed, database
):
    accepted = joined(list(packed.values()), database).accepted
    forms = accepted.matches[accepted.matches["accepted"]].drop_duplicates("sequence")
    simulated = set(pd.read_csv(searched.study / "truth_ions.tsv", sep="\t")["peptide"])
    n_false = int((~forms["peptide"].isin(simulated)).sum())
    assert len(forms) == accepted.peptides.n_accepted > 1000
    assert n_false <= stats.binom.ppf(0.999, len(forms), SETTINGS.fdr)
    assert not forms["decoy"].any()
    assert n_false > 0  # with foreign peptides in every run some are; none at all means that they were filtered before


def test_quantities_do_not_depend_on_the_order_of_the_runs(searched, packed, database):
    runs = ["young_1", "aged_1"]
    one, other = (
        quantities(joined([packed[run] for run in order], database), searched, order, database)
        for order in (runs, runs[::-1])
    )
    both = one.index.intersection(other.index)
    assert len(both) > 0.99 * max(len(one), len(other))
    change_ = np.log2(other.loc[both, runs].to_numpy() / one.loc[both, runs].to_numpy())
    assert np.mean(np.abs(change_[np.isfinite(change_)]) < 0.01) > 0.95


def test_a_run_without_matches_has_no_quantities_wherever_it_stands(searched, packed, database):
    for runs in (["young_1", "aged_1"], ["aged_1", "young_1"]):
        held = [packed[run] if run == "young_1" else b"" for run in runs]
        found = quantities(joined(held, database), searched, runs, database)
        assert found.columns.tolist() == runs
        assert found["young_1"].notna().mean() > 0.9
        assert found["aged_1"].isna().all()


def test_few_matches_are_scored_without_what_cannot_be_fitted(packed, database):
    whole = sage_joint.join_searches([packed["young_1"]], database)
    few = sage_joint.Matches(whole.psms[:15], whole.file[:15], 1)
    found = sage_joint.rescore(few, database, SETTINGS)
    assert "predicted retention time" in found.missing
    frame, features = sage_joint.match_frames(few)
    assert np.isfinite(joint_score(features, frame["decoy"], frame["peptide"], use_mobility=True).score).all()


def test_the_best_match_of_a_precursor_says_where_it_is_sought():
    matches = pd.DataFrame(
        {
            "sequence": ["A", "B", "A", "A", "B", "A"],
            "charge": [2, 2, 2, 3, 2, 2],
            "score": [1.0, 5.0, 3.0, 1.0, 5.0, 9.0],
            "accepted": [True, True, True, True, True, False],
        }
    )
    assert best_of_precursors(matches).tolist() == [1, 2, 3]


def test_charges_that_were_not_asked_for_are_not_matched(searched, database):
    settings = SearchSettings(maximum_charge=2)
    found, n_spectra = sage.search_folder(database, searched.study / "young_1.d", settings)
    matches = sage_joint.join_searches([found], database)
    assert {int(psm.charge) for psm in matches.psms} == {2}
    assert n_spectra > 3000


def test_precursors_without_a_spectrum_amid_others_are_told(tmp_path):
    folder = write_tiny(tmp_path / "run.d", [some_ions(seed) for seed in range(4)])
    change(
        folder,
        "drop table PasefFrameMsMsInfo",
        "create table PasefFrameMsMsInfo (Frame integer, Precursor integer)",
        "insert into Precursors values (2), (3)",
        "insert into PasefFrameMsMsInfo values (2, 1), (3, 2), (3, 1)",
    )
    assert not any("PasefFrameMsMsInfo" in said for said in _told(folder, tmp_path))
    change(folder, "delete from PasefFrameMsMsInfo where Precursor = 1")
    assert any("1 precursors of the table Precursors have no row" in said for said in _told(folder, tmp_path))


def test_precursors_without_a_charge_are_counted(tmp_path):
    study = simulate_raw(tmp_path / "study", n_proteins=4, gradient=10.0, replicates=1, groups=["young"])
    n, of = without_charge(open_folder(study.runs[0]))
    assert n == 0
    change(study.runs[0], "update Precursors set MonoisotopicMz = null, Charge = null where Id in (2, 5)")
    assert without_charge(open_folder(study.runs[0])) == (2, of)


def _told(folder, tmp_path) -> list[str]:
    (tmp_path / "a.fasta").write_text(">a\nMAGICPEPTIDEK\n", encoding="utf-8")
    fasta = read_fasta(tmp_path / "a.fasta", "FASTA")
    task = Task(RawRun("run", folder), fasta, SETTINGS, SearchStore(tmp_path / "cache"), 1)
    return [problem.what for problem in search_file(task).file.problems]


def test_memory_is_asked_for_as_many_peaks_as_the_engine_keeps_of_a_frame(tmp_path):
    study = simulate_raw(tmp_path / "study", n_proteins=4, gradient=10.0, replicates=1, groups=["young"])
    run = study.runs[0]
    frames = run / "analysis.tdf_bin"
    at, first = frames.stat().st_size, open_folder(run).frames.iloc[0]
    with frames.open("ab") as file:
        file.write(block_of(some_ions(1, 30_000), int(first["n_scans"])))
    change(run, f"update Frames set TimsId = {at}, NumPeaks = 30000 where Id = {first['frame']}")
    dense = sage_joint.read_surveys(run, 0)[0]
    assert MOST_PEAKS <= len(dense.peaks) <= MOST_PEAKS + 1
    survey = open_folder(run).frames.query("msms_type == 0")["n_peaks"]
    assert survey_bytes([open_folder(run)]) == BYTES_PER_ION * (survey.sum() - 30_000 + MOST_PEAKS)
