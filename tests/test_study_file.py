from __future__ import annotations

import sys
from pathlib import Path
from subprocess import run

import pytest

from organokine.errors import StudyFileError, nearest
from organokine.study_file import StudyFile
from organokine.study_file_reader import read_study_file
from tests.small_study import STUDY_FILE, write_small_study


def written(folder: Path, text: str) -> Path:
    path = folder / "study.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_read_with_defaults_and_its_folder(tmp_path: Path) -> None:
    file = read_study_file(write_small_study(tmp_path / "s"))
    assert file.folder == (tmp_path / "s").resolve()
    assert file.study.seed == 1
    assert file.contrast is not None
    assert file.contrast.covariates == ("sex",)
    assert [assay.scale for assay in file.assay] == ["auto"] * 4
    assert file.prepare.normalise == "stable"


def test_a_resolved_file_reads_back_to_itself(tmp_path: Path) -> None:
    file = read_study_file(written(tmp_path, STUDY_FILE))
    again = StudyFile.model_validate_json(file.model_dump_json())
    assert again == file.model_copy(update={"folder": again.folder})


def test_naming_one_weight_keeps_the_others(tmp_path: Path) -> None:
    file = read_study_file(written(tmp_path, f"{STUDY_FILE}\n[ranking.route_weights]\necm = 1.0\n"))
    assert file.ranking.route_weights["ecm"] == 1.0
    assert file.ranking.route_weights["classical"] == 1.0
    assert file.ranking.route_weights["ev_cargo"] == 0.25


@pytest.mark.parametrize(
    ("weight", "said"), [("-0.5", "from 0 to"), ("1e300", "from 0 to"), ("inf", "finite"), ("nan", "finite")]
)
def test_weights_are_bounded_and_not_negative(weight: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(StudyFileError, match=said):
        read_study_file(written(tmp_path, f"{STUDY_FILE}\n[ranking.receptor_weights]\npresent = {weight}\n"))


def test_an_arm_may_have_a_second_assay_of_an_organ(tmp_path: Path) -> None:
    arm = (
        '\n[[assay]]\nname = "aav"\norgan = "muscle"\nmodality = "protein"\nfile = "aav.tsv"\n'
        '\n[[perturbation]]\nname = "AAV"\ngene = "Anxa2"\nkind = "gain"\nassay = "aav"\nfactor = "virus"\n'
        'case = "AAV-Anxa2"\ncontrol = "AAV-GFP"\n'
    )
    assert read_study_file(written(tmp_path, STUDY_FILE + arm)).perturbation[0].gene == "Anxa2"


def test_an_arm_is_adjusted_in_its_own_assay_and_not_where_it_looks_for_its_gene(tmp_path: Path) -> None:
    assays = "".join(
        f'\n[[assay]]\nname = "{name}"\norgan = "muscle"\nmodality = "protein"\nfile = "{name}.tsv"\n'
        for name in ("aav", "seen")
    )
    arm = (
        '\n[[perturbation]]\nname = "AAV"\ngene = "Anxa2"\nkind = "gain"\nassay = "aav"\nfactor = "virus"\n'
        'case = "AAV-Anxa2"\ncontrol = "AAV-GFP"\ncovariates = ["sex"]\nengagement = "seen"\n'
    )
    file = read_study_file(written(tmp_path, STUDY_FILE + assays + arm))
    asked = {name: file.contrast_of(name) for name in ("aav", "seen")}
    assert {name: (each.factor, each.covariates) for name, each in asked.items()} == {
        "aav": ("virus", ("sex",)),
        "seen": ("virus", ()),
    }
    assert file.contrast_of("muscle_protein") == file.contrast


def test_plasma_may_be_measured(tmp_path: Path) -> None:
    plasma = '\n[[assay]]\nname = "plasma"\norgan = "plasma"\nmodality = "protein"\nfile = "p.tsv"\n'
    assert read_study_file(written(tmp_path, STUDY_FILE + plasma)).assay[-1].organ == "plasma"


def test_several_contradictions_are_told_at_once(tmp_path: Path) -> None:
    text = STUDY_FILE.replace('case = "aged"', 'case = "young"').replace('source = "muscle"', 'source = "mussel"')
    with pytest.raises(StudyFileError) as caught:
        read_study_file(written(tmp_path, text))
    assert [problem.where for problem in caught.value.problems] == ["study.toml [axis] source", "study.toml [contrast]"]


def test_the_key_folder_cannot_be_set(tmp_path: Path) -> None:
    with pytest.raises(StudyFileError, match="'folder' is unknown"):
        read_study_file(written(tmp_path, f'folder = "elsewhere"\n{STUDY_FILE}'))


def test_nearest_compares_without_case_and_gives_up_when_nothing_is_near() -> None:
    assert nearest("Sed", ["SED", "8W"]) == "SED"
    assert nearest("zzz", ["SED", "8W"]) is None


def test_reading_a_study_file_does_not_load_pandas() -> None:
    code = "import sys, organokine.study_file_reader; sys.exit('pandas' in sys.modules)"
    assert run([sys.executable, "-c", code], check=False).returncode == 0
