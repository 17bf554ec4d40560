"""Everything that decides a simulated study, with its default and the reason for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Scenario = Literal["demo", "global_null", "source_only", "target_only"]
Range = tuple[float, float]


@dataclass(frozen=True)
class Options:
    """How a study is simulated. Effects are log2, old minus young; a pair of numbers is a range drawn from uniformly.

    The noise figures are those of label-free data of inbred mice in general, not fitted to one study: residual standard
    deviations of 0.2 to 0.4 log2 that fall with the level, 5 to 20 % of the protein values missing, a fifth to two fifths
    of the variance shared between genes.

    Attributes
    ----------
    scenario : str
        `demo`: planted mediators, trap and decoys on a background of ageing. `global_null`: nothing differs between the
        groups. `source_only`, `target_only`: many genes change strongly in one organ, nothing in the other or in plasma. The
        nulls have no mediators and no link; blood content varies there, but not with group or animal.
    n_per_group : int
        Animals per group; the same animals in all assays.
    n_genes, n_proteins, n_plasma : int
        Transcripts per organ, proteins per organ, proteins in plasma (fewer if there are not as many secreted ones among
        the drawn genes), before dropout.
    shared_genes : float
        Share of the transcripts of an organ that the other organ has too.
    with_rna, with_plasma, missing, batch : bool
        Whether RNA and plasma are measured, values go missing, and two batches differ.
    paired_link : bool
        Whether the mediators in the target follow the source animal by animal.
    perturbations : bool
        Whether two arms with animals of their own are measured in the target: the leaderless mediator overexpressed in young
        mice, and taken away in old ones.
    arm_animals : int
        Animals per group of an arm.
    arm_fraction : float
        Share of what ageing does to the target that the gain carries, and the loss takes away.
    arm_move : float
        Change of the mediator itself in the arms, log2; 3 is eightfold, as viruses do.
    behaviour : bool
        Whether the animals also ran on a rod and pulled at a grip meter, and some more animals did so without giving organs.
    behaviour_only : int
        Animals per group that did so alone.
    behaviour_link : float
        Correlation within group of the latency on the rod with the level of the leaderless mediator in the source, negative: more
        of it, earlier falls. Nothing else drives latency, and nothing drives grip but weight.
    genes : tuple of str, optional
        Symbols to draw from instead of the package's mouse references.
    correlation : (float, float)
        Share of a gene's residual variance that `n_factors` common factors of the assay explain. Factors are drawn anew
        for each assay: genes within it are correlated, assays are not.
    n_factors : int
        Factors per assay.
    shared_nuisance : float
        Loading, in residual standard deviations, of a nuisance that an animal carries into both organs' proteins (health,
        perfusion, order of dissection); normal over genes, with the same sign for a gene in both organs.
    protein_sd, rna_sd, plasma_sd : (float, float)
        Residual standard deviation of the highest and of the lowest gene.
    sd_spread : float
        Standard deviation of the natural log of a gene's own factor on top of that.
    batch_sd, sex_sd : float
        Standard deviation over genes of the difference of batches, and of sexes where a gene has one.
    sex_share : float
        Share of genes with a difference of sexes.
    sample_sd : float
        Standard deviation of the level of whole samples (loading), which normalisation has to remove.
    dropout_midpoint, dropout_slope, dropout_random : float
        A protein of log2 intensity x is missing with probability `dropout_random` plus a logistic curve that is one half
        at the midpoint and falls with the slope per log2. With the levels as drawn, about a tenth
        is missing.
    changed_share : float
        Background: share of the genes of each organ, and of plasma, that age on their own, independently in each.
    changed_size : (float, float)
        Smallest change of those, and mean of the exponential excess over it; either sign.
    strong_share, strong_size
        The same for the organ that changes in `source_only` and `target_only`.
    protein_follows_rna : (float, float)
        Share of a background change of the transcript that the protein shows.
    mediator_source, mediator_plasma, mediator_target : (float, float)
        Change of a mediator: source protein and transcript alike; plasma; target protein. Its target transcript does not
        change.
    mediator_level : float
        Level of mediators and decoys in both organs, in standard deviations above the mean protein or transcript. Half a
        standard deviation: mediators that no instrument sees cannot be planted with sense.
    link : float
        Correlation of the residuals of a mediator in source and target over animals.
    decoy_change : (float, float)
        Change of the two decoys in their one organ, protein and transcript alike (the source-only decoy falls).
    blood_shift : float
        How much more blood is left in old organs.
    blood_animal_sd, blood_organ_sd : float
        Standard deviation of the log2 blood content: of animals (perfusion; the same in both organs), and of single organs.

    References
    ----------
    Sigmoid dropout: Li and Smyth 2023, doi:10.1093/bioinformatics/btad200.
    """

    scenario: Scenario = "demo"
    n_per_group: int = 6
    n_genes: int = 6000
    n_proteins: int = 2000
    n_plasma: int = 300
    shared_genes: float = 0.75
    with_rna: bool = True
    with_plasma: bool = True
    missing: bool = True
    batch: bool = True
    paired_link: bool = True
    perturbations: bool = False
    arm_animals: int = 5
    arm_fraction: float = 0.6
    arm_move: float = 3.0
    behaviour: bool = False
    behaviour_only: int = 4
    behaviour_link: float = -0.85
    genes: tuple[str, ...] | None = None
    correlation: Range = (0.2, 0.4)
    n_factors: int = 5
    shared_nuisance: float = 0.0
    protein_sd: Range = (0.2, 0.4)
    rna_sd: Range = (0.15, 0.35)
    plasma_sd: Range = (0.2, 0.4)
    sd_spread: float = 0.25
    batch_sd: float = 0.15
    sex_sd: float = 0.4
    sex_share: float = 0.05
    sample_sd: float = 0.2
    dropout_midpoint: float = 15.0
    dropout_slope: float = 1.0
    dropout_random: float = 0.02
    changed_share: float = 0.07
    changed_size: Range = (0.4, 0.4)
    strong_share: float = 0.3
    strong_size: Range = (1.0, 0.5)
    protein_follows_rna: Range = (0.6, 0.8)
    mediator_source: Range = (1.2, 1.6)
    mediator_plasma: Range = (0.8, 1.2)
    mediator_target: Range = (1.0, 1.3)
    mediator_level: float = 0.5
    link: float = 0.9
    decoy_change: Range = (1.2, 1.6)
    blood_shift: float = 0.8
    blood_animal_sd: float = 0.3
    blood_organ_sd: float = 0.2

    def __post_init__(self) -> None:
        if self.scenario not in get_args(Scenario):
            message = f"scenario {self.scenario!r} is not one of {', '.join(get_args(Scenario))}"
            raise ValueError(message)
        if self.n_per_group < 2 or self.n_genes < self.n_proteins:
            message = "a simulated study needs two animals per group and at least as many transcripts as proteins"
            raise ValueError(message)
