"""Real paired organs: known changes are found, in time and memory, and the page opens."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd
import pytest

from tests.browsing import Watched, column
from tests.public_studies import write_motrpac, write_tsumagari

if TYPE_CHECKING:
    import resource

    from playwright.sync_api import Browser

# One mark for all, so that one process makes each run and reads it.
pytestmark = [pytest.mark.public, pytest.mark.slow]

IN_A_SHELL = [sys.executable, "-c", "from organokine.cli import main; main()", "run"]


class Ran(NamedTuple):
    """What a run left in its folder, and what its process used."""

    differential: pd.DataFrame
    mediators: pd.DataFrame
    manifest: dict[str, Any]
    out: Path
    usage: resource.struct_rusage


def run_in_a_shell(study: Path, out: Path) -> Ran:
    with subprocess.Popen([*IN_A_SHELL, str(study), "--out", str(out)]) as child:
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0
    differential, mediators = (pd.read_parquet(out / f"{name}.parquet") for name in ("differential", "mediators"))
    return Ran(differential, mediators, json.loads((out / "manifest.json").read_text()), out, usage)


@pytest.fixture(scope="module")
def motrpac(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Ran:
    folder = tmp_path_factory.mktemp("motrpac")
    return run_in_a_shell(write_motrpac(folder, shared_data), folder / "out")


@pytest.fixture(scope="module")
def tsumagari(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Ran:
    folder = tmp_path_factory.mktemp("tsumagari")
    return run_in_a_shell(write_tsumagari(folder, shared_data), folder / "out")


def row(result: Ran, assay: str, gene: str) -> pd.Series:
    table = result.differential
    return table[(table["assay"] == assay) & (table["gene"] == gene) & table["representative"]].iloc[0]


def test_training_changes_muscle_as_known(motrpac: Ran) -> None:
    for gene, expected in (("Hk2", 0.5), ("Cox7a1", 1.8)):
        found = row(motrpac, "muscle_protein", gene)
        assert found["log2fc"] == pytest.approx(expected, abs=0.1), "sex-adjusted, as the authors' data show"
        assert found["q"] < 0.05
    heat_shock = row(motrpac, "fat_protein", "Hspa1b")
    assert heat_shock["log2fc"] > 1
    assert heat_shock["q"] < 0.05


def test_training_study_is_paired_and_asks_every_tier_it_can(motrpac: Ran) -> None:
    assert motrpac.manifest["subjects"]["n_paired"] == 24
    asked = {tier["tier"]: tier["asked"] for tier in motrpac.manifest["tiers"]}
    assert asked == {0: True, 1: True, 2: True, 3: True, 4: False, 5: False}
    assert motrpac.mediators.set_index("gene").loc["Hk2", "tier"] == 0, "an enzyme of the cytosol does not leave"


def test_ageing_changes_both_regions_as_known(tsumagari: Ran) -> None:
    for region in ("cortex_protein", "hippocampus_protein"):
        assert row(tsumagari, region, "C4b")["log2fc"] > 1.5
        assert row(tsumagari, region, "Gfap")["log2fc"] > 0.4
        assert row(tsumagari, region, "C4b")["q"] < 0.05
        assert row(tsumagari, region, "Gfap")["q"] < 0.05


def test_a_study_without_rna_says_so_on_every_claim(tsumagari: Ran) -> None:
    claimed = tsumagari.mediators[tsumagari.mediators["tier"] >= 2]
    assert claimed["flags"].str.contains("target_rna_not_measured").all()


@pytest.mark.browser
def test_the_page_opens_sorts_and_filters_without_a_word_to_the_outside(motrpac: Ran, browser: Browser) -> None:
    watched = Watched(browser, motrpac.out / "report.html", 1300, 900)
    page = watched.page
    watched.draw_all()
    assert watched.complaints == []
    assert watched.requests == [(motrpac.out / "report.html").as_uri()]
    page.locator('th[data-column="source_log2fc"] button').click()
    changes = [float(key) for key in column(page, "source_log2fc") if key != ""]
    assert len(changes) > 100
    assert changes == sorted(changes)
    page.locator("[data-search]").fill("Hsph1")
    assert column(page, "gene") == ["Hsph1"]
    page.close()


@pytest.mark.parametrize("study", ["motrpac", "tsumagari"])
def test_a_real_study_runs_in_a_minute_and_two_gigabytes(study: str, request: pytest.FixtureRequest) -> None:
    ran = request.getfixturevalue(study)
    used = ran.usage.ru_utime + ran.usage.ru_stime
    assert used < 60, "seconds of processor time: other work on the machine does not count"
    assert ran.usage.ru_maxrss < 2 * 1024**2, "kilobytes"
    assert (ran.out / "report.html").is_file()
