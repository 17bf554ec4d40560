"""What the manifest says of the inputs."""

from __future__ import annotations

import shutil
from pathlib import Path

from organokine.manifest import input_files
from organokine.output import file_sha256
from organokine.readers.assay import content_sha256
from organokine.study_file import StudyFile

TWINS = Path(__file__).resolve().parent / "readers" / "twins" / "rnaseq"


def test_every_file_and_folder_that_the_study_file_names_is_an_input_with_its_hash(tmp_path: Path) -> None:
    shutil.copytree(TWINS, tmp_path, dirs_exist_ok=True)
    for name in ("samples.tsv", "rotarod.tsv", "genes.tsv"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    assay = {"name": "a", "organ": "muscle", "modality": "rna", "file": "salmon", "transcripts": "tx2gene.tsv"}
    file = StudyFile(
        study={"name": "s", "species": "mouse", "samples": "samples.tsv"},
        assay=[assay, {**assay, "name": "b", "file": "absent", "features": "genes.tsv"}],
        phenotype=[{"name": "rotarod", "test": "rotarod", "file": "rotarod.tsv"}],
        folder=tmp_path,
    )
    inputs = {each["file"]: each for each in input_files(file)}
    assert list(inputs) == ["samples.tsv", "salmon", "tx2gene.tsv", "genes.tsv", "rotarod.tsv"]
    assert inputs["genes.tsv"] == {"file": "genes.tsv", "bytes": 9, "sha256": file_sha256(tmp_path / "genes.tsv")}
    quants = sorted((tmp_path / "salmon").rglob("quant.sf"))
    assert inputs["salmon"]["bytes"] == sum(path.stat().st_size for path in quants)
    before = content_sha256(tmp_path / "salmon")
    assert inputs["salmon"]["sha256"] == before
    quants[0].write_text(quants[0].read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert content_sha256(tmp_path / "salmon") != before
