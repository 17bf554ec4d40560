"""What the engine does, and what is done about it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import opentimspy
import pytest

from organokine.errors import DataError, OrganokineError
from organokine.raw import sage, sage_joint
from organokine.raw.fasta import Fasta, read_fasta
from organokine.raw.folder import open_folder
from organokine.raw.frames import read_frame
from organokine.raw.memory import BYTES_PER_ION, available_bytes, survey_bytes, too_large
from organokine.raw.samples import RawRun
from organokine.raw.search import Task, search_file
from organokine.raw.search_cache import SearchStore, search_key
from organokine.raw.settings import SearchSettings
from tests.raw.conftest import Searched

pytestmark = pytest.mark.usefixtures("sagepy")


def fasta_of(folder: Path, text: str) -> Fasta:
    (folder / "some.fasta").write_text(text, encoding="utf-8")
    return read_fasta(folder / "some.fasta", "FASTA")


def test_every_form_of_a_peptide_is_in_the_database_once(tmp_path):
    held = fasta_of(
        tmp_path, ">sp|P1|A_MOUSE\nMAGICPEPTIDEKLLLSSSSWWWKVVVMVVVGGK\n>sp|P2|B_MOUSE\nLLLSSSSWWWKAGGGGGGGK\n"
    )
    database = sage.build_database(held, SearchSettings(missed_cleavages=0))
    forms = [
        (database[i].sequence, tuple(database[i].modifications), database[i].decoy)
        for i in range(database.num_peptides)
    ]
    assert len(forms) == len(set(forms))
    start = [modifications[0] for name, modifications, decoy in forms if name == "MAGICPEPTIDEK" and not decoy]
    # as it is, oxidised, with an acetyl at the start of the protein, and both
    assert sorted(round(mass, 2) for mass in start)[:3] == [0.0, 15.99, 42.01]
    shared = next(database[i] for i in range(database.num_peptides) if database[i].sequence == "LLLSSSSWWWK")
    assert sorted(shared.proteins) == ["P1", "P2"]


def test_a_name_that_holds_the_usual_mark_of_decoys_is_a_protein_like_any_other(tmp_path):
    database = sage.build_database(fasta_of(tmp_path, ">prev_1\nMAGICPEPTIDEKLLLSSSSWWWK\n"), SearchSettings())
    held = [database[place] for place in range(database.num_peptides)]
    assert {"MAGICPEPTIDEK", "LLLSSSSWWWK"} <= {each.sequence for each in held if not each.decoy}


def test_a_fasta_without_peptides_is_refused(tmp_path):
    with pytest.raises(DataError, match="no peptide of 7 to 30"):
        sage.build_database(fasta_of(tmp_path, ">a\nMKRK\n"), SearchSettings())


def test_an_unknown_modification_is_refused(tmp_path):
    with pytest.raises(DataError, match="Unimod"):
        sage.build_database(fasta_of(tmp_path, ">a\nMAGICPEPTIDEK\n"), SearchSettings(fixed={"C": 9998}))


def test_matches_of_another_database_are_refused(searched: Searched, tmp_path):
    key = search_key(searched.study / "young_1.d", *asked(searched))
    packed = SearchStore(searched.cache).load(key).packed
    other = sage.build_database(fasta_of(tmp_path, ">a\nMAGICPEPTIDEKLLLSSSSWWWK\n"), SearchSettings())
    with pytest.raises(DataError, match="another FASTA"):
        sage_joint.join_searches([packed], other)


def asked(searched: Searched) -> tuple[str, SearchSettings]:
    return read_fasta(searched.study / "proteome.fasta", "FASTA").sha256, SearchSettings()


def test_a_search_is_known_by_what_it_depends_on_and_by_nothing_else(searched: Searched):
    run = searched.study / "young_1.d"
    sha256, settings = asked(searched)
    key = search_key(run, sha256, settings)
    assert search_key(run, sha256, SearchSettings(fdr=0.05, least_unique=1)) == key
    for other in (
        search_key(searched.study / "young_2.d", sha256, settings),
        search_key(run, "0" * 64, settings),
        search_key(run, sha256, SearchSettings(peaks=100)),
        search_key(run, sha256, SearchSettings(variable={"M": (35,)})),
    ):
        assert other != key


def test_a_damaged_search_is_made_again(searched: Searched, tmp_path):
    store = SearchStore(tmp_path)
    key = search_key(searched.study / "young_1.d", *asked(searched))
    whole = SearchStore(searched.cache).load(key)
    store.save(key, whole)
    assert store.load(key) == whole
    content = bytearray(store.path(key).read_bytes())
    content[len(content) // 2] ^= 0xFF
    store.path(key).write_bytes(content)
    assert store.load(key) is None
    head = 30 + len("matches.bin")  # behind it the packed bytes begin, and a block of kind 3 is none
    whole_file = bytearray(content)
    whole_file[len(content) // 2] ^= 0xFF
    whole_file[head] |= 0b110
    store.path(key).write_bytes(whole_file)
    assert store.load(key) is None
    store.path(key).write_bytes(bytes(content[:100]))
    assert store.load(key) is None
    assert store.load("absent") is None


def test_a_folder_of_another_name_is_told_before_the_engine_sees_it(searched: Searched, tmp_path):
    link = tmp_path / "run_without_ending"
    link.symlink_to(searched.study / "young_1.d")
    sha256, settings = asked(searched)
    held = Fasta((), (), sha256)
    found = search_file(Task(RawRun("a", link), held, settings, SearchStore(tmp_path / "cache"), 1))
    assert "does not end in .d" in found.file.problems[0].what


def test_frames_are_those_that_opentims_reads(searched: Searched):
    folder = open_folder(searched.study / "young_1.d")
    theirs = opentimspy.OpenTIMS(str(folder.path))
    for row in folder.frames.iloc[[0, 40, 90]].itertuples():
        ours = read_frame(folder.frames_file, int(row.offset))
        read = theirs.query(frames=[int(row.frame)], columns=("scan", "tof", "intensity"))
        assert len(ours.scan) == len(read["scan"]) > 0
        assert np.array_equal(ours.scan, read["scan"])
        assert np.array_equal(ours.tof, read["tof"])
        assert np.array_equal(ours.intensity, read["intensity"])


def test_memory_is_asked_for_before_it_is_taken(searched: Searched):
    folders = [open_folder(searched.study / "young_1.d")]
    ions = folders[0].frames.query("msms_type == 0")["n_peaks"].sum()
    assert 0 < survey_bytes(folders) <= BYTES_PER_ION * ions
    assert too_large(10**9, 2 * 10**9, 3) == []
    assert too_large(10**9, None, 3) == []
    assert "1.0 GB of memory, and 0.5 GB are free" in too_large(10**9, 5 * 10**8, 3)[0].what
    free = available_bytes()
    assert free is None or free > 10**7


def test_without_the_package_it_is_said_what_to_install(monkeypatch):
    def absent(name: str) -> str:
        raise sage.PackageNotFoundError(name)

    monkeypatch.setattr(sage, "version", absent)
    with pytest.raises(OrganokineError, match=r"pip install 'organokine\[raw\]'"):
        sage.engine_version()
