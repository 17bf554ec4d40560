"""The user's own lists from the study file to the ranking: what they change, what is counted, what is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from organokine import cli, tables
from organokine.errors import OrganokineError
from organokine.pipeline import fingerprint, run
from organokine.references import load_references, with_lists
from organokine.result import Result
from organokine.study import read_study
from organokine.study_file_reader import read_study_file
from tests.small_study import write_small_study

SIGNALP = (
    "# SignalP-6.0\tOrganism: Eukarya\tTimestamp: 20250601120000\n# ID\tPrediction\tOTHER\tSP(Sec/SPI)\tCS Position\n"
    "sp|P12660|PCP2_MOUSE Purkinje cell protein 2 OS=Mus musculus OX=10090 GN=Pcp2 PE=1 SV=2\tSP\t0.0002\t0.9997\tCS pos: 24-25. Pr: 0.97\n"
    "sp|P07356|ANXA2_MOUSE Annexin A2 OS=Mus musculus OX=10090 GN=Anxa2 PE=1 SV=2\tOTHER\t1.0000\t0.0000\t\n"
    "sp|P60202|MYPR_MOUSE Myelin proteolipid protein OS=Mus musculus OX=10090 GN=Plp1 PE=1 SV=2\tOTHER\t1.0000\t0.0000\t\n"
    "tr|A0A000|A0A000_MOUSE Uncharacterised OS=Mus musculus OX=10090 PE=4 SV=1\tOTHER\t1.0000\t0.0000\t\n"
)
LIST = '\n[[references.list]]\nname = "{name}"\nfile = "{file}"\nkind = "{kind}"\n{more}'


def listed(study: Path, content: str, kind: str, name: str = "mine", more: str = "") -> Path:
    file = f"{kind}.txt"
    (study.parent / file).write_text(content, encoding="utf-8")
    study.write_text(
        study.read_text("utf-8") + LIST.format(name=name, file=file, kind=kind, more=more), encoding="utf-8"
    )
    return study


def changed(study: Path) -> Path:
    """Pcp2, of which no reference knows a way out, is four times as high in muscle of aged mice."""
    table = pd.read_csv(study.parent / "muscle protein.tsv", sep="\t")
    aged = [f"mu_protein_m{number:02d}" for number in range(7, 13)]
    table.loc[table["gene"] == "Pcp2", aged] += 2.0
    table.to_csv(study.parent / "muscle protein.tsv", sep="\t", index=False)
    return study


def row(result: Result, gene: str) -> pd.Series:
    return result.mediators.set_index("gene").loc[gene]


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return run(read_study(changed(write_small_study(tmp_path_factory.mktemp("without")))))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    study = changed(write_small_study(tmp_path_factory.mktemp("with")))
    listed(study, SIGNALP, "signalp", name="<b>whole</b> proteome", more='route = "predicted"\n')
    listed(
        study,
        "gene\troute\nPlp1\tshed\nAnxa2\tclassical\n",
        "routes",
        name="ours",
        more='reference = "doi:10.1000/ours"\n',
    )
    return listed(study, "ligand\treceptor\nPcp2\tEgfr+Lrp1\n", "receptors", name="pairs").parent


@pytest.fixture(scope="module")
def result(folder: Path) -> Result:
    return run(read_study(folder / "study.toml"), folder / "out")


def test_a_list_makes_a_candidate_of_an_unknown_protein(without: Result, result: Result) -> None:
    assert (row(without, "Pcp2")["route"], row(without, "Pcp2")["tier"]) == ("unknown", 0)
    assert (row(result, "Pcp2")["route"], row(result, "Pcp2")["tier"]) == ("classical", 1)
    assert row(result, "Pcp2")["receptor_state"] == "present"
    notes = result.evidence[result.evidence["gene"] == "Pcp2"].set_index("line")["note"]
    assert notes["release"] == (
        "inferred evidence: signal peptide (1.00) by SignalP-6.0 (list '<b>whole</b> proteome'); not known outside the cell"
    )
    assert notes["receptor"] == "detected: Egfr+Lrp1 (list 'pairs')"


def test_what_no_list_names_stays_bit_for_bit(without: Result, result: Result) -> None:
    same = ["differential", "detection", "sensitivity", "qc"]
    for name in same:
        pd.testing.assert_frame_equal(getattr(without, name), getattr(result, name), check_exact=True)
    lines = ["release", "receptor"]
    for one in lines:
        old, new = (each.evidence[each.evidence["line"] == one] for each in (without, result))
        others = ~old["gene"].isin(["Pcp2", "Plp1", "Anxa2"]).to_numpy()
        pd.testing.assert_frame_equal(old[others], new[others], check_exact=True)


def test_the_hand_written_route_stays_and_the_dispute_is_flagged(result: Result) -> None:
    assert row(result, "Anxa2")["route"] == "unconventional"
    flags = result.flags[(result.flags["name"] == "Anxa2") & (result.flags["flag"] == "route_disputed")]
    assert flags["detail"].tolist() == ["lists: unconventional leads; list 'ours' says classical"]
    assert row(result, "Plp1")["route"] == "shed"


def test_everything_is_counted_in_the_joins(result: Result) -> None:
    joins = result.joins.set_index(["assay", "item"])["n"].to_dict()
    assert joins["list <b>whole</b> proteome", "genes of the list"] == 3
    assert joins["list <b>whole</b> proteome", "rows without a known gene"] == 1
    assert joins["list ours", "genes of the list that are measured"] == 2
    assert joins["all lists", "routes changed by lists"] == 2
    assert joins["all lists", "routes by a prediction alone"] == 1
    assert joins["all lists", "receptors known by lists alone"] == 1
    assert joins["all lists", "routes that lists dispute"] == 1
    pd.testing.assert_frame_equal(tables.JOINS.conform(result.joins), result.joins)


def test_the_manifest_names_the_lists_their_hashes_and_what_to_cite(result: Result, folder: Path) -> None:
    manifest = result.manifest
    assert {"signalp.txt", "routes.txt", "receptors.txt"} <= {each["file"] for each in manifest["inputs"]}
    versions = {each["name"]: each for each in manifest["references"]}
    assert versions["list '<b>whole</b> proteome'"]["version"] == "SignalP-6.0"
    assert versions["list 'ours'"]["citation"] == "doi:10.1000/ours"
    hashes = {each["file"]: each["sha256"] for each in manifest["inputs"]}
    assert versions["list 'ours'"]["sha256"] == hashes["routes.txt"]
    assert "'ours' (routes by gene, doi:10.1000/ours)" in manifest["methods"][-1]
    assert "10.1038/s41587-021-01156-3" in {each["doi"] for each in manifest["citations"]}


def test_names_of_lists_are_text_in_the_report(result: Result, folder: Path) -> None:
    page = (folder / "out" / "report.html").read_text(encoding="utf-8")
    assert "<b>whole</b>" not in page
    assert "&lt;b&gt;whole&lt;/b&gt;" in page
    assert "doi:10.1000/ours" in page


def test_a_run_is_resumed_until_a_list_changes(result: Result, folder: Path) -> None:
    again = run(read_study(folder / "study.toml"), folder / "out")
    assert all(stage["resumed"] for stage in again.manifest["stages"])
    path = folder / "routes.txt"
    text = path.read_text(encoding="utf-8")
    before = read_study(folder / "study.toml")
    path.write_text(text.replace("shed", "ecm"), encoding="utf-8")
    after = read_study(folder / "study.toml")
    path.write_text(text, encoding="utf-8")
    references = load_references("mouse")
    keys = {fingerprint(study, with_lists(references, study.lists)) for study in (before, after)}
    assert len(keys) == 2


def test_check_counts_the_lists_and_warns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = listed(write_small_study(tmp_path), "gene\nANXA2\nIL6\nMB\n", "secretome")
    assert cli.status(["check", str(study)]) == 0
    shown = capsys.readouterr().out
    assert "\nlist mine\n  genes of the list: 3\n" in shown
    assert "write its species, so that orthologs are used" in shown


def test_faults_of_lists_are_told_with_those_of_tables(tmp_path: Path) -> None:
    study = listed(write_small_study(tmp_path), "gene\troute\nAnxa2\tclasical\n", "routes", name="words")
    study = listed(study, "P05067\nP10636\n", "secretome", name="human")
    (tmp_path / "cerebellum_rna.tsv").unlink()
    with pytest.raises(OrganokineError) as caught:
        read_study(study)
    assert [problem.where.split("]")[0] for problem in caught.value.problems] == [
        "[assay cerebellum_rna",
        "[references.list words",
    ]
    write_small_study(tmp_path / "whole")
    (tmp_path / "cerebellum_rna.tsv").write_bytes((tmp_path / "whole" / "cerebellum_rna.tsv").read_bytes())
    with pytest.raises(OrganokineError) as caught:
        read_study(study)
    assert "Write 'classical' for 'clasical'" in str(caught.value)
    assert "none of its 2 rows has a gene that is known in mouse" in str(caught.value)


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ('kind = "signalP5"', "[references.list 1] kind: 'signalP5' is not one of.*Write 'signalp'"),
        ('kind = "routes"\nfiel = "x"', "the key 'fiel' is unknown.*Write 'file'"),
        ('kind = "routes"\ncolumns = { rout = "x" }', "the key 'rout' is unknown.*Write 'route'"),
        ('kind = "secretome"\nroute = "unconventionel"', "Write 'unconventional'"),
        ('kind = "routes"\nroute = "shed"', "route = 'shed' has no meaning for a list of the kind 'routes'.*Leave it out"),
        ('kind = "signalp"\nroute = "shed"', "Write one of predicted, or"),
        ('kind = "receptors"\ngrade = "inferred"', "a list of receptors has no grade"),
        ('kind = "secretome"\ncolumns = { ligand = "x" }', "'ligand' has no meaning.*Its columns are protein, gene, score"),
        ('kind = "signalp"\nthreshold = 2.0', "2 is no probability"),
        ('kind = "secretome"\nthreshold = 2.0', "no column of scores is named"),
        ('kind = "routes"\nspecies = "pig"', "'pig' is not one of human, mouse, rat"),
        ('kind = "routes"\nthreshold = "high"', "'high' does not fit"),
    ],
)  # fmt: skip
def test_a_section_that_cannot_be_followed_is_refused(section: str, said: str, tmp_path: Path) -> None:
    study = write_small_study(tmp_path)
    text = f'\n[[references.list]]\nname = "a"\nfile = "a.tsv"\n{section}\n'
    study.write_text(study.read_text(encoding="utf-8") + text, encoding="utf-8")
    with pytest.raises(OrganokineError) as caught:
        read_study(study)
    message = str(caught.value)
    for part in said.split(".*"):
        assert part in message
    assert message.startswith("study.toml [references.list 1]")


def test_the_example_of_the_docs_is_a_study_file(tmp_path: Path) -> None:
    page = (Path(__file__).resolve().parents[1] / "docs" / "references.md").read_text(encoding="utf-8")
    example = re.search(r"```toml\n(.*?)```", page, re.DOTALL)
    study = write_small_study(tmp_path)
    study.write_text(study.read_text(encoding="utf-8") + example.group(1), encoding="utf-8")
    assert [one.kind for one in read_study_file(study).references.list] == ["signalp", "secretome", "receptors"]


def test_two_lists_of_one_name_are_refused(tmp_path: Path) -> None:
    study = listed(write_small_study(tmp_path), "gene\nAnxa2\n", "secretome")
    study = listed(study, "gene\troute\nAnxa2\tshed\n", "routes")
    with pytest.raises(OrganokineError, match="a second list is called 'mine'"):
        read_study(study)


def test_a_list_needs_brackets_of_a_list(tmp_path: Path) -> None:
    study = write_small_study(tmp_path)
    text = '\n[references.list]\nname = "a"\nfile = "a.tsv"\nkind = "routes"\n'
    study.write_text(study.read_text(encoding="utf-8") + text, encoding="utf-8")
    with pytest.raises(OrganokineError, match=r"\[\[ \]\]"):
        read_study(study)
