"""What ageing does in a simulated study: the planted truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from organokine.simulate.genes import BLOOD, LEADERLESS, MEDIATORS, SOURCE_DECOY, TARGET_DECOY

if TYPE_CHECKING:
    from collections.abc import Callable

    from organokine.simulate.options import Options, Range

EFFECTS = ("source_protein", "source_rna", "target_protein", "target_rna", "plasma")


def effect_table(
    genes: pd.DataFrame, options: Options, generator: Callable[[str], np.random.Generator]
) -> pd.DataFrame:
    """Draw the change of every gene.

    Parameters
    ----------
    genes : pandas.DataFrame
        See `organokine.simulate.genes.gene_table`.
    options : Options
        Scenario, shares and sizes.
    generator : callable
        Name to a numpy Generator.

    Returns
    -------
    pandas.DataFrame
        Index gene; columns `EFFECTS`: log2, old minus young; zero where nothing was planted. Blood left in an organ is
        included as its mean effect on the blood proteins.
    """
    table = pd.DataFrame(0.0, index=genes.index, columns=list(EFFECTS))
    if options.scenario == "demo":
        _age(table, genes, "source", (options.changed_share, options.changed_size), options, generator("source"))
        _age(table, genes, "target", (options.changed_share, options.changed_size), options, generator("target"))
        rng = generator("plasma")
        table["plasma"] = _changes(
            (genes["plasma"] & ~genes["blood"]).to_numpy(), (options.changed_share, options.changed_size), rng
        )
        _plant(table, options, generator("planted"))
    if options.scenario in {"source_only", "target_only"}:
        role = options.scenario.removesuffix("_only")
        _age(table, genes, role, (options.strong_share, options.strong_size), options, generator(role))
    return table


def truth_table(genes: pd.DataFrame, effects: pd.DataFrame, options: Options) -> pd.DataFrame:
    """Say what was planted.

    Parameters
    ----------
    genes, effects : pandas.DataFrame
        The drawn genes and their changes.
    options : Options
        Scenario.

    Returns
    -------
    pandas.DataFrame
        Columns gene, role, then the planted log2 changes, and with behaviour `latency`, the correlation within group of the level in
        the source with the latency on the rod; every gene with a change, planted roles first. Roles:
        `mediator`, `blood_leak`, `source_only_decoy`, `target_only_decoy`, and `changed_in_source`, `changed_in_target`,
        `changed_in_both`, `changed_in_plasma` for the background.
    """
    in_source = (effects[["source_protein", "source_rna"]] != 0).any(axis=1)
    in_target = (effects[["target_protein", "target_rna"]] != 0).any(axis=1)
    role = pd.Series("", index=effects.index, dtype=object)
    role[effects["plasma"] != 0] = "changed_in_plasma"
    role[in_source] = "changed_in_source"
    role[in_target] = "changed_in_target"
    role[in_source & in_target] = "changed_in_both"
    if options.scenario == "demo":
        role[list(MEDIATORS)] = "mediator"
        role[SOURCE_DECOY] = "source_only_decoy"
        role[TARGET_DECOY] = "target_only_decoy"
        role[list(BLOOD)] = "blood_leak"
    shown = effects.where(genes[list(EFFECTS)].to_numpy(dtype=bool))
    order = ["mediator", "blood_leak", "source_only_decoy", "target_only_decoy"]
    order += ["changed_in_both", "changed_in_source", "changed_in_target", "changed_in_plasma"]
    truth = shown.assign(role=pd.Categorical(role, order))[role != ""].sort_values("role", kind="stable")
    truth["role"] = truth["role"].astype(object)
    if not options.behaviour:
        return truth.reset_index()[["gene", "role", *EFFECTS]]
    truth["latency"] = np.where(truth.index == LEADERLESS, options.behaviour_link, 0.0)
    return truth.reset_index()[["gene", "role", *EFFECTS, "latency"]]


def _age(
    table: pd.DataFrame,
    genes: pd.DataFrame,
    role: str,
    how: tuple[float, Range],
    options: Options,
    rng: np.random.Generator,
) -> None:
    """Change genes of one organ: the transcript, and the protein behind it."""
    present = (genes[f"{role}_rna"] & ~genes["blood"]).to_numpy()
    changes = _changes(present, how, rng)
    table[f"{role}_rna"] = changes
    table[f"{role}_protein"] = changes * rng.uniform(*options.protein_follows_rna, size=len(table))


def _changes(present: np.ndarray, how: tuple[float, Range], rng: np.random.Generator) -> np.ndarray:
    share, (smallest, excess) = how
    n = len(present)
    is_changed = present & (rng.random(n) < share)
    size = smallest + rng.exponential(excess, size=n)
    return np.where(is_changed, rng.choice([-1.0, 1.0], size=n) * size, 0.0)


def _plant(table: pd.DataFrame, options: Options, rng: np.random.Generator) -> None:
    for gene in MEDIATORS:
        source = rng.uniform(*options.mediator_source)
        target = rng.uniform(*options.mediator_target)
        plasma = rng.uniform(*options.mediator_plasma)
        table.loc[gene, list(EFFECTS)] = [source, source, target, 0.0, plasma]
    falls, rises = -rng.uniform(*options.decoy_change), rng.uniform(*options.decoy_change)
    table.loc[SOURCE_DECOY, list(EFFECTS)] = [falls, falls, 0.0, 0.0, 0.0]
    table.loc[TARGET_DECOY, list(EFFECTS)] = [0.0, 0.0, rises, rises, 0.0]
    table.loc[list(BLOOD), ["source_protein", "target_protein"]] = options.blood_shift
