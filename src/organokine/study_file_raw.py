"""Section of an assay whose table is made by a search of raw runs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from organokine.raw.settings import SearchSettings
from organokine.study_file_base import Name

RAW = "raw"
SIMULATED_RUNS = "simulated_runs"
"""Flag of an assay whose runs were simulated; the study is marked as simulated then."""
"""Value of `format` of an assay whose file is a sheet of raw runs."""


class RawSection(SearchSettings):
    """`raw` of an assay: how its raw runs are searched; only with `format = "raw"`."""

    fasta: Name = Field(description="FASTA of the proteins that may be there, with contaminants")
    cache: Name = Field(
        default="raw_cache",
        description="folder for finished searches, so that none is made twice; several assays may share it",
    )
    engine: Literal["auto", "sage", "diann", "alphadia"] = Field(
        default="auto",
        description="search engine; `auto` is Sage, for ddaPASEF; diaPASEF needs one that is named and installed",
    )
    engine_path: Name | None = Field(
        default=None, description="program of DIA-NN or AlphaDIA, or the folder that holds it; not shipped"
    )

    @property
    def settings(self) -> SearchSettings:
        """What the search itself is told; what was left out stays left out, since engines have defaults of their own."""
        return SearchSettings(**self.model_dump(include=set(SearchSettings.model_fields), exclude_unset=True))
