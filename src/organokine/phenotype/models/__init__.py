"""Statistical models of behaviour tests: arrays in, frozen results out; the animal is the unit in all of them."""

from organokine.phenotype.models.contrasts import Contrast, contrast_of
from organokine.phenotype.models.linear import LinearFit, ordinary
from organokine.phenotype.models.mixed import MixedFit, Variances, random_intercepts
from organokine.phenotype.models.rates import RateFit, over_dispersed_counts
from organokine.phenotype.models.survival import Curve, HazardFit, cox_clustered, kaplan_meier
from organokine.phenotype.models.tobit import TobitFit, random_intercept_tobit

__all__ = [
    "Contrast",
    "Curve",
    "HazardFit",
    "LinearFit",
    "MixedFit",
    "RateFit",
    "TobitFit",
    "Variances",
    "contrast_of",
    "cox_clustered",
    "kaplan_meier",
    "ordinary",
    "over_dispersed_counts",
    "random_intercept_tobit",
    "random_intercepts",
]
