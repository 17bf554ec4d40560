"""Statistical models of behaviour tests: arrays in, frozen results out; the animal is the unit in all of them."""

from organokine.phenotype.models.contrasts import Contrast, contrast_of
from organokine.phenotype.models.linear import LinearFit, ordinary
from organokine.phenotype.models.mixed import MixedFit, Variances, random_intercepts
from organokine.phenotype.models.tobit import TobitFit, random_intercept_tobit

__all__ = [
    "Contrast",
    "LinearFit",
    "MixedFit",
    "TobitFit",
    "Variances",
    "contrast_of",
    "ordinary",
    "random_intercept_tobit",
    "random_intercepts",
]
