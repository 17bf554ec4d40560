"""The section of a perturbation arm in a study file."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from organokine.errors import Problem
from organokine.study_file_base import Name, Section

DECLARED = "declared"
"""Engagement that no table shows."""
MOVES = {"gain": 1, "recombinant": 1, "loss": -1, "inhibitor": -1}
"""Where each kind moves the gene product; a compound, and a transfer of blood from either group, say it with `moves`."""


class InteractionSection(Section):
    """`interaction` of a perturbation: a second factor, whose levels the arm's effect is compared between."""

    factor: Name = Field(description="column of the sample sheet, such as genotype or age")
    case: Name = Field(description="its value in which the effect is expected, such as knock-out or old")
    control: Name = Field(description="its value in which it is expected less")


class PerturbationSection(Section):
    """`[[perturbation]]`: an arm in which the candidate was moved."""

    name: Name = Field(description="name of the arm")
    gene: Name = Field(description="candidate that was moved")
    kind: Literal["gain", "loss", "inhibitor", "compound", "recombinant", "transfer"] = Field(
        description="how it was moved: overexpression; knock-out or knock-down; inhibitor or antibody; compound; recombinant "
        "protein; transfer of blood (parabiosis, plasma), which moves all that blood carries"
    )
    assay: Name = Field(
        description="an `[[assay]]` with its own samples; used for arms only, and several arms may share it"
    )
    factor: Name = Field(description="column of the sample sheet that tells its groups apart")
    case: Name = Field(description="value of the perturbed group")
    control: Name = Field(description="value of its control")
    covariates: tuple[Name, ...] = Field(
        default=(), description="columns adjusted for; labels are permuted within the levels of those that are text"
    )
    moves: Literal["up", "down"] | None = Field(
        default=None,
        description="where the gene product goes; known for all kinds but `compound` and `transfer`, which are not directed without",
    )
    background: Name | None = Field(
        default=None,
        description="level of the contrast factor that all animals of the arm have, such as young; read from the sample sheet "
        "where the arm's samples have it there",
    )
    engagement: Name | None = Field(
        default=None,
        description="`[[assay]]` in which to see that the gene product moved, by default `assay`; or `declared` if no table shows it",
    )
    dose: Name | None = Field(default=None, description="column of numbers: the dose each perturbed animal was given")
    rescue: Name | None = Field(default=None, description="value of a third group: perturbed, and rescued")
    interaction: InteractionSection | None = Field(
        default=None, description="second factor: the arm asks whether its effect differs between two levels of it"
    )

    @property
    def levels(self) -> tuple[str, ...]:
        """Levels of its factor: case, control, and the rescued group if there is one."""
        return (self.case, self.control, *(() if self.rescue is None else (self.rescue,)))

    @property
    def assays(self) -> tuple[str, ...]:
        """Assays it uses: that of the signature, and that in which the gene product is seen to move."""
        return (self.assay,) if self.engagement in {None, DECLARED, self.assay} else (self.assay, str(self.engagement))

    @property
    def direction(self) -> int:
        """Where the gene product goes: +1 up, -1 down, 0 not known."""
        return {"up": 1, "down": -1}.get(self.moves or "", MOVES.get(self.kind, 0))


def moves_problem(where: str, arm: PerturbationSection) -> Problem | None:
    """What is wrong where an arm moves its gene the way that its kind cannot; None if nothing is."""
    of_kind = MOVES.get(arm.kind, arm.direction)
    if arm.direction == of_kind:
        return None
    meant = " or ".join(repr(kind) for kind, way in MOVES.items() if way == arm.direction)
    return Problem(
        f"{where} moves",
        f"kind = {arm.kind!r} moves the gene product {'up' if of_kind > 0 else 'down'}, and moves = {arm.moves!r} says the other way",
        "What the arm should do to the contrast follows from where the gene product goes",
        f"Leave moves out, or write kind = {meant}",
    )
