"""What all sections of the study file share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Species = Literal["human", "mouse", "rat"]


def _not_blank(name: str) -> str:
    if name != "" and name.strip() == "":
        message = "it is blank"
        raise ValueError(message)
    return name


Name = Annotated[str, Field(min_length=1), AfterValidator(_not_blank)]


class Section(BaseModel):
    """A section: unknown keys are refused, nothing is changed after reading, numbers are finite."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
