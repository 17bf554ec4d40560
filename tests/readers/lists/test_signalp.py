"""Results of SignalP, on twins with the layout of the real files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from organokine.errors import DataError
from organokine.readers.lists import ListTable, read_list
from organokine.study_file import ListSection

TWINS = Path(__file__).resolve().parents[1] / "twins" / "lists"


def read(file: str, folder: Path = TWINS, **keys: object) -> ListTable:
    return read_list(ListSection(name="mine", file=file, kind="signalp", **keys), folder)


def spoilt(tmp_path: Path, old: str, new: str) -> Path:
    text = (TWINS / "prediction_results.txt").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "prediction_results.txt").write_text(text.replace(old, new), encoding="utf-8")
    return tmp_path


def signals(table: ListTable) -> list[str]:
    return table.rows["signal"].tolist()


def test_signalp_6_is_read_with_its_own_calls() -> None:
    table = read("prediction_results.txt", route="predicted")
    assert table.version == "SignalP-6.0"
    assert signals(table) == ["none", "peptide", "none", "peptide", "peptide", "peptide"]
    assert table.rows["route"].tolist() == ["", "classical", "", "classical", "classical", "classical"]
    assert table.rows["text"].iloc[0] == "no signal peptide (0.00) by SignalP-6.0"
    assert table.rows["text"].iloc[3] == "signal peptide (0.69) by SignalP-6.0"
    assert table.rows["protein"].iloc[0].startswith("sp|P07355|ANXA2_HUMAN Annexin A2")
    assert table.counts == ()
    assert table.remarks == ()


def test_signalp_5_is_read_and_results_joined_end_to_end_are_one() -> None:
    table = read("proteome_summary.signalp5")
    assert table.version == "SignalP-5.0"
    assert signals(table) == ["none", "peptide", "peptide"]
    assert table.rows["score"].tolist() == [0.001128, 0.998713, 0.981002]
    assert table.counts == ()  # short lines are usual in these files, and no sign of a cut


def test_a_threshold_decides_in_place_of_the_call() -> None:
    assert signals(read("prediction_results.txt", threshold=0.9)) == [
        "none", "peptide", "none", "none", "peptide", "peptide",
    ]  # fmt: skip


def test_a_prediction_alone_gives_no_route_unless_asked_to() -> None:
    table = read("prediction_results.txt")
    assert set(table.rows["route"]) == {""}
    assert signals(table)[1] == "peptide"


def test_types_of_bacteria_count_as_signal_peptides_and_are_remarked(tmp_path: Path) -> None:
    folder = spoilt(tmp_path, "\tSP\t0.000271", "\tTATLIPO\t0.000271")
    table = read("prediction_results.txt", folder)
    assert signals(table)[1] == "peptide"
    assert [remark.flag for remark in table.remarks] == ["signalp_not_for_eukaryotes"]


def test_a_run_for_other_organisms_is_remarked(tmp_path: Path) -> None:
    folder = spoilt(tmp_path, "Organism: Eukarya", "Organism: Other")
    assert "'Other'" in read("prediction_results.txt", folder).remarks[0].detail


def test_the_word_of_the_first_release_is_known(tmp_path: Path) -> None:
    assert signals(read("prediction_results.txt", spoilt(tmp_path, "\tOTHER\t1.", "\tNO_SP\t1.")))[0] == "none"


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_result_saved_by_a_spreadsheet_is_read(ending: str, tmp_path: Path) -> None:
    frame = pd.DataFrame({"ID": ["P07355", "P10147"], "Prediction": ["OTHER", "SP"], "SP(Sec/SPI)": [0.01, 0.99]})
    if ending == "csv":
        frame.to_csv(tmp_path / "saved.csv", index=False)
    else:
        frame.to_excel(tmp_path / "saved.xlsx", index=False)
    table = read(f"saved.{ending}", tmp_path)
    assert signals(table) == ["none", "peptide"]
    assert table.rows["protein"].tolist() == ["P07355", "P10147"]


def test_a_line_that_is_cut_off_is_counted(tmp_path: Path) -> None:
    table = read(
        "prediction_results.txt", spoilt(tmp_path, "\tSP\t0.000189\t0.999764\tCS pos: 24-25. Pr: 0.9415", "\tSP")
    )
    assert [(count.item, count.n, count.example) for count in table.counts] == [
        ("lines shorter than the header", 1, "line 7")
    ]


def test_a_result_pasted_whole_into_a_spreadsheet_is_read(tmp_path: Path) -> None:
    lines = (TWINS / "prediction_results.txt").read_text(encoding="utf-8").splitlines()
    frame = pd.DataFrame([line.split("\t") for line in lines])
    frame.to_excel(tmp_path / "pasted.xlsx", index=False, header=False)
    whole, pasted = read("prediction_results.txt"), read("pasted.xlsx", tmp_path)
    assert pasted.version == "SignalP-6.0"
    assert signals(pasted) == signals(whole)
    assert pasted.rows["label"].tolist() == whole.rows["label"].tolist()


def test_an_empty_prediction_is_counted_and_says_nothing(tmp_path: Path) -> None:
    table = read("prediction_results.txt", spoilt(tmp_path, "\tOTHER\t1.000042", "\t\t"))
    assert len(table.rows) == 5
    assert [(count.item, count.n) for count in table.counts] == [("rows without a prediction", 1)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("# SignalP-4.1 euk predictions\n# name Cmax pos Ymax pos\nP1 0.1 20 0.1 12\n", "result of SignalP-4.1"),
        ("##gff-version 3\nP1\tSignalP-6.0\tsignal_peptide\t1\t20\n", "a header and no rows|no column 'Prediction'"),
        (">P1\nMALWMRLLPLL\n", "only one column"),
        ("# ID\tPrediction\tOTHER\nP1\tMaybe\t0.5\n", "1 predictions are no word of SignalP: 'Maybe'"),
        ("", "empty"),
    ],
)
def test_what_is_no_result_of_signalp_5_or_6_is_refused(content: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "wrong.txt").write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=said) as caught:
        read("wrong.txt", tmp_path)
    assert caught.value.problems[0].where.startswith("[references.list mine] wrong.txt")


def test_a_threshold_without_probabilities_is_refused(tmp_path: Path) -> None:
    (tmp_path / "short.tsv").write_text("ID\tPrediction\nP1\tSP\n", encoding="utf-8")
    with pytest.raises(DataError, match="no column of probabilities"):
        read("short.tsv", tmp_path, threshold=0.5)
