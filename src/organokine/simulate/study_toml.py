"""The study file of a simulated study, as a user would write it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from organokine.simulate.arms import ARMS
from organokine.simulate.behaviour import CEILING
from organokine.simulate.genes import LEADERLESS
from organokine.study_file import PLASMA

if TYPE_CHECKING:
    from organokine.simulate.arms import Arm
    from organokine.simulate.options import Options

SOURCE, TARGET = "muscle", "cerebellum"
BEHAVIOUR = f"""
[[phenotype]]
name = "rotarod"
test = "rotarod"
file = "rotarod.tsv"
columns = {{ value = "latency" }}
ceiling = {CEILING:g}  # seconds after which a trial ends

[[phenotype]]
name = "grip"
test = "grip"
file = "grip.tsv"
columns = {{ value = "force" }}
"""


def study_toml(seed: int, options: Options) -> str:
    """Text of the study file, with comments."""
    covariates = '["sex", "batch"]' if options.batch else '["sex"]'
    assays = [
        (f"{organ}_protein", organ, "protein", "linear", "raw intensities; empty is not measured")
        for organ in (SOURCE, TARGET)
    ]
    if options.with_rna:
        assays += [(f"{organ}_rna", organ, "rna", "counts", "counts of reads") for organ in (SOURCE, TARGET)]
    if options.with_plasma:
        assays += [(f"{PLASMA}_protein", PLASMA, "protein", "log2", "log2 values; empty is not measured")]
    arms = ARMS if options.perturbations else ()
    assays += [(arm_assay(arm), TARGET, "protein", "linear", "raw intensities; animals of its own") for arm in arms]
    sections = "".join(_assay_toml(*assay) for assay in assays) + "".join(map(_arm_toml, arms))
    sections += BEHAVIOUR if options.behaviour else ""
    return f"""\
# SIMULATED DATA: no animal was measured. What was planted is listed in truth.tsv.

[study]
name = "simulated_muscle_to_cerebellum"
species = "mouse"
samples = "samples.tsv"  # columns: assay, sample, subject, then the design
seed = {seed}

[contrast]
factor = "age"
case = "old"
control = "young"
covariates = {covariates}

[axis]
source = "{SOURCE}"  # the organ that sends
target = "{TARGET}"  # the organ that receives
{sections}
[declared]
simulated = true
"""


def _assay_toml(name: str, organ: str, modality: str, scale: str, meaning: str) -> str:
    return f"""
[[assay]]
name = "{name}"
organ = "{organ}"
modality = "{modality}"
file = "{name}.tsv.gz"
format = "matrix"
scale = "{scale}"  # {meaning}
"""


def arm_assay(arm: Arm) -> str:
    """Name of the assay of an arm."""
    return f"{TARGET}_protein_{arm.name}"


def _arm_toml(arm: Arm) -> str:
    return f"""
[[perturbation]]
name = "{arm.case}"
gene = "{LEADERLESS}"
kind = "{arm.kind}"
assay = "{arm_assay(arm)}"
factor = "virus"
case = "{arm.case}"
control = "{arm.control}"
background = "{arm.age}"
"""
