"""What all sections of the study file share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Species = Literal["human", "mouse", "rat"]
Name = Annotated[str, Field(min_length=1)]


class Section(BaseModel):
    """A section: unknown keys are refused, nothing is changed after reading, numbers are finite."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
