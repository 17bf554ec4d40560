"""What the report of a population says in words: the answer, each pair of organs, each leading candidate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from organokine.report import words
from organokine.report.population_pairs import UNADJUSTED, Pair, Tables, pairs_of, split

FLAGS = {
    "same_gene": ("same gene", "also goes with its own gene in the target: the message itself, one genetic variant, or one tissue in both samples"),
    "like_matched": ("like matched genes", "scores no higher than genes of like level that have no secretion route"),
    "not_within_sex": ("not within a sex", "stands in all individuals and within neither sex alone, where half as many are left"),
    "own_null": ("own null", "has ties or far outliers, and is held against permutations of its own values"),
    "pearson": ("Pearson", "half of its values or more are the same, so that Pearson's correlation stands in for bicor"),
}  # fmt: skip
"""By flag: as a badge says it, and what it means."""
REASONS = {
    "too_few_individuals": "too few individuals with both organs and all covariates",
    "no_degrees_of_freedom": "covariates or hidden factors that leave too few degrees of freedom",
    "no_target_genes": "fewer than two genes in the target",
    "too_few_values": "too few values",
    "constant": "the same value in every individual",
    "too_few_targets": "too few target genes measured in the same individuals",
    "not_scored_at_every_step": "no score at some number of hidden factors",
}
N_STRONGEST = 5
MOST_UNSCORED = 4
CAUTION = (
    "A correlation across individuals has no direction and names no cause: whatever an individual's organs share, such as feeding, "
    "time of death or a batch, looks the same."
)
LIMITS = {
    "Direction": (
        "Source and target are names for the order in which a pair is read. A candidate whose level goes with the target may send, may "
        "answer, or may follow what acts on both."
    ),
    "Cause": (
        "Covariates and hidden factors take out what they know. What two organs of one individual share beyond that (genes, food, hour, "
        "the way samples were taken) stays in, and permuting individuals breaks it together with any message."
    ),
    "Specificity": (
        "Genes without a secretion route cannot be the message. A candidate that scores no higher than such genes of like level tells "
        "about the source organ, not about itself."
    ),
    "Modules": (
        "The module of a candidate is made of the target genes that go with it best. That both go together is chosen, so that dots on a "
        "line are a picture and no evidence; module against trait was not chosen."
    ),
    "Extrapolated p": (
        "Where fewer than ten draws reach a score, a generalised-Pareto tail tells how far out it may lie. That is an extrapolation and "
        "no test: q rests on draws alone."
    ),
    "Score": "The score is a mean of −ln p, and grows with the number of individuals. Compare z or p between pairs of organs, not scores.",
}
"""What this mode does not show, by a word for it."""


def in_words(tables: Tables, fdr: float) -> list[str]:
    """The result in a few sentences, for the terminal.

    Parameters
    ----------
    tables : mapping of str to pandas.DataFrame
        By name of the schema in `population_tables.py`; absent ones are taken as empty.
    fdr : float
        False discovery rate at or below which a candidate counts as significant.

    Returns
    -------
    list of str
        Paragraphs of plain text.
    """
    return answer(pairs_of(tables, fdr), fdr)


def answer(pairs: Sequence[Pair], fdr: float, species: str = "") -> list[str]:
    """The same from pairs, with the individuals called by their species."""
    scored = [pair for pair in pairs if pair.is_scored]
    if len(scored) == 0:
        return [text for text in ("No pair of organs was scored.", not_scored(pairs)) if text != ""]
    found = _found(scored, fdr) if any(len(pair.significant) > 0 for pair in scored) else _nothing(scored, fdr)
    texts = [f"{_scope(scored, species)} {found}", reach(scored, fdr), _left_out(scored), not_scored(pairs), CAUTION]
    return [text for text in texts if text != ""]


def individuals(n: int, species: str) -> str:
    """A count of individuals by the name of the species, or `individuals` without one."""
    return words.counted(n, "individual") if species == "" else words.animals(n, species)


def _scope(scored: Sequence[Pair], species: str) -> str:
    sizes = sorted({int(pair.row["n"]) for pair in scored if not words.is_missing(pair.row["n"])})
    who = individuals(sizes[-1], species) if len(sizes) > 0 else "individuals"
    who = who if len(sizes) < 2 else f"{words.count(sizes[0])} to {who}"
    if len(scored) == 1:
        return f"One pair of organs was scored, {scored[0].label}, over {who}."
    return f"{words.count(len(scored))} ordered pairs of organs were scored, each over {who}."


def _found(scored: Sequence[Pair], fdr: float) -> str:
    n = sum(len(pair.significant) for pair in scored)
    verb = "is" if n == 1 else "are"
    text = f"{words.count(n)} of {_n_candidates(scored)} {verb} significant at q ≤ {fdr:g}{_at_every(scored)}."
    specific = best_of([(pair, pair.specific) for pair in scored])
    if len(specific) == 0:
        return (
            f"{text} None of them stands out from genes of like level that have no secretion route: what is seen is that the organs go "
            f"together, not that a secreted gene does. The strongest: {_named(best_of([(pair, pair.significant) for pair in scored]), scored)}."
        )
    some = f"{words.count(len(specific))} of them {'stands' if len(specific) == 1 else 'stand'}"
    stand = "It stands" if n == 1 else f"{'Both' if n == 2 else 'All'} of them stand" if len(specific) == n else some
    strongest = ": " if len(specific) <= N_STRONGEST else ". The strongest: "
    return f"{text} {stand} out from genes of like level that have no secretion route{strongest}{_named(specific, scored)}."


def _n_candidates(scored: Sequence[Pair]) -> str:
    n = sum(len(pair.scored) for pair in scored)
    each = "" if len(scored) == 1 else ", counting a gene once in every pair,"
    return f"{words.counted(n, 'candidate')}{each}"


def _at_every(scored: Sequence[Pair]) -> str:
    rungs = sorted({rung for pair in scored for rung in pair.rungs}, key=float)
    if len(rungs) < 2:
        return "" if rungs in ([], ["0"]) else f", with {rungs[0]} hidden factors taken out"
    return f" at every number of hidden factors ({words.listed(rungs)})"


def best_of(parts: Iterable[tuple[Pair, pd.DataFrame]]) -> list[tuple[Pair, Mapping[Any, Any]]]:
    """Candidates of several pairs, each with its pair, by q, then p, then height above the null."""
    rows = [(pair, row) for pair, table in parts for row in table.to_dict("records")]
    return sorted(rows, key=lambda each: (each[1]["q"], each[1]["p"], -each[1]["z_score"]))


def _named(rows: Sequence[tuple[Pair, Mapping[Any, Any]]], scored: Sequence[Pair]) -> str:
    told = [
        f"{row['gene']} ({'' if len(scored) == 1 else pair.label + ', '}q\u00a0=\u00a0{words.probability(row['q'])})"
        for pair, row in rows[:N_STRONGEST]
    ]
    return words.listed(told)


def _nothing(scored: Sequence[Pair], fdr: float) -> str:
    text = f"None of {_n_candidates(scored)} is significant at q ≤ {fdr:g}{_at_every(scored)}."
    known = best_of([(pair, pair.scored[pair.scored["q"].notna()].head(1)) for pair in scored])
    if len(known) > 0:
        text += f" The smallest q is that of {_named(known[:1], scored)}."
    return f"{text} That is no proof that no messenger is there: with few individuals only strong ties are seen."


def reach(scored: Sequence[Pair], fdr: float) -> str:
    """What the draws could have shown, where that bears on the answer, and what an extrapolation would add."""
    known = [pair for pair in scored if not words.is_missing(pair.row["smallest_q"])]
    texts = []
    if len(known) > 0:
        worst = max(known, key=lambda pair: float(pair.row["smallest_q"]))
        smallest = float(worst.row["smallest_q"])
        if smallest > fdr:
            need = (
                ""
                if words.is_missing(worst.row["draws_for_one"])
                else f"; {words.count(worst.row['draws_for_one'])} permutations would do"
            )
            texts.append(
                f"With so many draws one candidate alone could not have reached q ≤ {fdr:g} (its smallest possible q is "
                f"{words.probability(smallest)}{need}): several must share the smallest p."
            )  # fmt: skip
        elif not any(len(pair.significant) > 0 for pair in scored):
            texts.append(
                f"It is not for want of draws: one candidate alone could have reached q\u00a0=\u00a0{words.probability(smallest)}."
            )
    n = sum(int(((pair.scored["q"] > fdr) & (pair.scored["q_extrapolated"] <= fdr)).sum()) for pair in scored)
    if n > 0:
        texts.append(f"By extrapolated p, which is no test, {words.counted(n, 'more candidate')} would count.")
    return " ".join(texts)


def _left_out(scored: Sequence[Pair]) -> str:
    """Numbers of hidden factors that the individuals do not allow; there the answer is a weaker one."""
    lacking = [pair for pair in scored if len(split(pair.row["factors_left_out"])) > 0]
    if len(lacking) == 0:
        return ""
    numbers = sorted({part for pair in lacking for part in split(pair.row["factors_left_out"])}, key=float)
    where = (
        "" if len(lacking) == len(scored) else f" in {words.count(len(lacking))} of {words.count(len(scored))} pairs"
    )
    return (
        f"{words.listed(numbers)} hidden factors were not taken out{where}, as too few degrees of freedom would have been left; what more "
        "factors would explain may still be in there."
    )


def reason(state: object) -> str:
    """A state other than `asked` in words."""
    return REASONS.get(str(state), words.spaced(str(state)) or "a reason that was not kept")


def not_scored(pairs: Sequence[Pair]) -> str:
    """Which pairs were not scored, by reason; empty if all were."""
    by_reason: dict[str, list[str]] = {}
    for pair in pairs:
        if not pair.is_scored:
            by_reason.setdefault(why_not(pair), []).append(f"{pair.label} (n\u00a0=\u00a0{words.count(pair.row['n'])})")
    return " ".join(f"Not scored for {why}: {_first_few(names)}." for why, names in by_reason.items())


def _first_few(names: Sequence[str]) -> str:
    n_more = len(names) - MOST_UNSCORED
    return words.listed([*names[:MOST_UNSCORED], *([words.counted(n_more, "more pair")] if n_more > 0 else [])])


def why_not(pair: Pair) -> str:
    """Why a pair has no p-value; empty if it has."""
    if pair.is_scored:
        return ""
    return "want of a candidate that could be scored" if pair.row["state"] == "asked" else reason(pair.row["state"])


def rung_name(rung: str, *, is_adjusted: bool) -> str:
    """What was taken out at one step, as an axis names it."""
    if rung == UNADJUSTED:
        return "nothing"
    if rung == "0":
        return "covariates" if is_adjusted else "0 factors"
    return f"+\u00a0{rung}\u00a0factors" if is_adjusted else f"{rung} factors"


def of_pair(pair: Pair, species: str) -> list[str]:
    """Who is compared, what is taken out, what is found in one pair of organs, and what to know of it."""
    row = pair.row
    return [
        text
        for text in (
            _who(pair, species),
            _taken_out(pair),
            counts(pair) if pair.is_scored else words.sentence(f"not scored for {why_not(pair)}"),
            words.sentence(words.typeset(str(row["note"]))),
        )
        if text != ""
    ]


def _who(pair: Pair, species: str) -> str:
    row = pair.row
    n = 0 if words.is_missing(row["n"]) else int(row["n"])
    strata = "" if row["strata"] == "" else f" ({str(row['strata']).replace(';', ',')})"
    text = f"{individuals(n, species)} {'has' if n == 1 else 'have'} both organs{strata}"
    alone = [
        f"{words.count(row[column])} {organ} alone"
        for column, organ in (("n_source_only", pair.source), ("n_target_only", pair.target))
        if not words.is_missing(row[column]) and row[column] > 0
    ]
    return f"{text}." if len(alone) == 0 else f"{text}; {words.listed(alone)}, not used."


def _taken_out(pair: Pair) -> str:
    covariates = words.listed([words.spaced(name) for name in split(pair.row["adjusted_for"])])
    hidden = [rung for rung in pair.rungs if rung != "0"]
    parts = [
        text for text in (covariates, f"{words.listed(hidden)} hidden factors" if len(hidden) > 0 else "") if text != ""
    ]
    text = "Nothing was taken out." if len(parts) == 0 else f"Taken out of both organs: {', then '.join(parts)}."
    lacking = split(pair.row["factors_left_out"])
    if len(lacking) > 0 and pair.is_scored:
        text += f" {words.listed(lacking)} would have left too few degrees of freedom."
    return text


def counts(pair: Pair) -> str:
    """How many candidates of a pair were scored, are significant, and stand out from matched genes."""
    row, n, n_specific = pair.row, len(pair.significant), len(pair.specific)
    of_genes = (
        ""
        if words.is_missing(row.get("n_targets"))
        else f" against {words.counted(int(row['n_targets']), 'gene')} of {pair.target}"
    )
    text = f"{words.counted(len(pair.scored), 'candidate')} scored{of_genes}; "
    text += f"{words.count(n)} at q ≤ {pair.fdr:g}"
    text += (
        ""
        if n == 0
        else f", of which {words.count(n_specific)} {'stands' if n_specific == 1 else 'stand'} out from matched genes"
    )
    lost = pair.candidates[pair.candidates["p"].isna()]
    if len(lost) > 0:
        why = words.listed(sorted({reason(state) for state in lost["state"]}))
        text += f". Not scored: {words.counted(len(lost), 'candidate')} ({why})"
    return f"{text}."


def same_gene(pair: Pair) -> str:
    """The three p-values of genes against themselves in the target; empty without them."""
    row = pair.row
    if words.is_missing(row["same_gene_secreted"]):
        return ""
    text = (
        f"Secreted genes go with themselves in {pair.target} by r\u00a0=\u00a0{words.signed(row['same_gene_secreted'])} on average "
        f"(p that this is no more than zero: {words.probability(row['same_gene_secreted_p'])})"
    )
    if not words.is_missing(row["same_gene_other"]):
        text += (
            f", genes that stay in the cell by {words.signed(row['same_gene_other'])} "
            f"(p: {words.probability(row['same_gene_other_p'])}). That secreted ones exceed the others has p\u00a0=\u00a0"
            f"{words.probability(row['same_gene_difference_p'])}"
        )
    return f"{text}; by permuting individuals."


def score(value: float) -> str:
    """A secretion score with two decimals; missing as a dash."""
    return words.MISSING if words.is_missing(value) else f"{float(value):.2f}"


def of_candidate(row: Mapping[Any, Any]) -> list[str]:
    """One leading candidate: its scores, how sure they are, and remarks."""
    text = (
        f"Score {score(row['score_unadjusted'])} before adjustment, {score(row['score'])} with covariates taken out, "
        f"{score(row['score_most_adjusted'])} with the most factors; permuted individuals give {score(row['null_mean'])} ± "
        f"{score(row['null_sd'])}. p\u00a0=\u00a0{words.probability(row['p'])}"
    )
    if not words.is_missing(row["p_extrapolated"]):
        text += f" (extrapolated ≈ {words.probability(row['p_extrapolated'])}, no test)"
    text += f", q\u00a0=\u00a0{words.probability(row['q'])}."
    if not words.is_missing(row["p_competitive"]):
        text += f" Against genes of like level without a secretion route p\u00a0=\u00a0{words.probability(row['p_competitive'])}."
    sides = _sides(row)
    remarks = words.listed([FLAGS[flag][1] if flag in FLAGS else words.spaced(flag) for flag in split(row["flags"])])
    return [each for each in (text, sides, "" if remarks == "" else f"{row['gene']} {remarks}.") if each != ""]


def _sides(row: Mapping[Any, Any]) -> str:
    if words.is_missing(row["score_positive"]) or words.is_missing(row["score_negative"]) or not row["score"] > 0:
        return ""
    rising = float(row["score_positive"]) / float(row["score"])
    return (
        f"{words.percent(rising)} of the score comes from target genes that rise with it (p\u00a0=\u00a0{words.probability(row['p_positive'])}), "
        f"the rest from ones that fall (p\u00a0=\u00a0{words.probability(row['p_negative'])})."
    )  # fmt: skip
