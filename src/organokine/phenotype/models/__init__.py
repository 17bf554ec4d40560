"""Statistical models of behaviour tests: arrays in, frozen results out; the animal is the unit in all of them."""

from organokine.phenotype.models.contrasts import Contrast, contrast_of
from organokine.phenotype.models.linear import LinearFit, ordinary
from organokine.phenotype.models.mixed import MixedFit, Variances, random_intercepts
from organokine.phenotype.models.power import Layout, animals_for_power, power_of_layout, smallest_difference
from organokine.phenotype.models.rates import RateFit, over_dispersed_counts
from organokine.phenotype.models.survival import Curve, HazardFit, cox_clustered, kaplan_meier
from organokine.phenotype.models.tobit import TobitFit, random_intercept_tobit
from organokine.phenotype.models.two_groups import MeanDifference, mean_difference

__all__ = [
    "Contrast",
    "Curve",
    "HazardFit",
    "Layout",
    "LinearFit",
    "MeanDifference",
    "MixedFit",
    "RateFit",
    "TobitFit",
    "Variances",
    "animals_for_power",
    "contrast_of",
    "cox_clustered",
    "kaplan_meier",
    "mean_difference",
    "ordinary",
    "over_dispersed_counts",
    "power_of_layout",
    "random_intercept_tobit",
    "random_intercepts",
    "smallest_difference",
]
