"""Rules that a page is held against: one small function and a card each, one line in `RULES`."""

from __future__ import annotations

from organokine.claims.rule import Rule
from organokine.claims.rules import causes, chain, omissions, people, population, tone

RULES: tuple[Rule, ...] = (
    population.HEADER_CONTRADICTED,
    population.HEADER_IS_HALF,
    population.DESIGN_CONTRADICTED,
    causes.CAUSE,
    causes.NEED,
    people.PEOPLE_RULE,
    people.PROMISE,
    people.BIOMARKER,
    chain.TRAVELS,
    omissions.HEADLINE,
    omissions.SPECIES,
    tone.RATING,
    tone.QUOTE,
    tone.HOPE,
    tone.CERTAINTY,
    tone.ACT,
    tone.ADVICE,
    omissions.NUMBER,
    omissions.SEX,
    chain.BEHAVIOUR,
)
"""Every rule that a text alone can be held against, gravest first."""
