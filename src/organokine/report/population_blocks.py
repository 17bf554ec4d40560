"""One block of a page per pair of organs: what is said, what is drawn, its candidates, and each leading candidate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from organokine.report import population_figures, population_gene_figures, population_rows, population_words, words
from organokine.report.population_pairs import Pair, detailed, rows_shown
from organokine.report.templates import fill

MOST_OPEN = 2
"""Pairs up to which those with candidates are open from the start: a study of two organs is then read without a click."""

MOST_DOTS, FEWEST_DOTS, DOTS = 250, 20, 3000
"""Genes of one kind drawn against themselves as dots: of one pair at most and at least, and of all pairs together, so that a page of
a hundred pairs opens at once. Boxes are made of all genes."""


def overview(pairs: Sequence[Pair]) -> Markup:
    """The map of organs and a line per pair."""
    drawn = population_figures.organ_map("organ-map", pairs)
    fdr = f"{pairs[0].fdr:g}"
    return fill("population_map.html.jinja", plot=drawn, rows=population_rows.pairs(pairs), fdr=fdr)


def blocks(pairs: Sequence[Pair], species: str = "") -> Markup:
    """HTML of all pairs in their order.

    Parameters
    ----------
    pairs : sequence of Pair
        Every pair, those that were not scored too.
    species : str
        As the study file names it.
    """
    chosen = detailed(pairs)
    shown = [_block(pair, chosen.get(pair.name, []), len(pairs), species) for pair in pairs]
    return fill(
        "population_pairs.html.jinja",
        blocks=shown,
        flags=badges(block["table"] for block in shown if block["is_scored"]),
    )


def badges(tables: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Badges that any candidate of these tables shows, with their meaning."""
    used = {badge[0] for table in tables for row in table["rows"] for cell in row["cells"] for badge in cell["badges"]}
    return [told for told in population_words.FLAGS.values() if told[0] in used]


def _block(pair: Pair, genes: Sequence[str], n_pairs: int, species: str) -> dict[str, Any]:
    said = population_words.of_pair(pair, species)
    block = {
        "name": pair.name,
        "source": pair.source,
        "target": pair.target,
        "line": _line(pair),
        "open": pair.is_scored and n_pairs <= MOST_OPEN,
        "sentences": said,
        "is_scored": pair.is_scored,
    }
    if not pair.is_scored:
        return block
    rows = rows_shown(pair, n_pairs)
    anchors = {gene: f"{pair.name}-gene-{place}" for place, gene in enumerate(genes, start=1)}
    return block | {
        "plots": _plots(pair, n_pairs),
        "same_gene": population_words.same_gene(pair),
        "table": population_rows.candidates(pair, rows, anchors),
        "n_shown": len(rows),
        "n_all": len(pair.scored),
        "steps": population_rows.steps(pair),
        "genes": _genes(pair, anchors, species),
    }


def _line(pair: Pair) -> str:
    if not pair.is_scored:
        return f"not scored for {population_words.why_not(pair)}"
    n = len(pair.significant)
    best = pair.scored.iloc[0]
    text = f"n\u00a0=\u00a0{words.count(pair.row['n'])} · {words.count(n)} significant"
    text += "" if n == 0 else f", {words.count(len(pair.specific))} beyond matched genes"
    return f"{text} · first: {best['gene']}, q\u00a0=\u00a0{words.probability(best['q'])}"


def _plots(pair: Pair, n_pairs: int) -> list[Markup]:
    drawn = [
        population_figures.null_plot(f"{pair.name}-null", pair),
        population_figures.ladder_plot(f"{pair.name}-ladder", pair),
        population_gene_figures.same_gene(f"{pair.name}-same", pair, max(FEWEST_DOTS, min(MOST_DOTS, DOTS // n_pairs))),
    ]
    return [plot for plot in drawn if plot is not None]


def _genes(pair: Pair, anchors: Mapping[str, str], species: str) -> list[dict[str, Any]]:
    tables = {
        name: {str(gene): own for gene, own in pair.tables[f"population_{name}"].groupby("gene", sort=False)}
        for name in ("targets", "pathways", "traits", "individuals")
    }
    known = pair.scored.set_index("gene", drop=False)
    return [
        _gene(pair, known.loc[gene].to_dict(), anchor, {name: own.get(gene) for name, own in tables.items()}, species)
        for gene, anchor in anchors.items()
    ]


def _gene(pair: Pair, row: Mapping[Any, Any], anchor: str, own: Mapping[str, Any], species: str) -> dict[str, Any]:
    gene = str(row["gene"])
    dots = (
        None
        if own["individuals"] is None
        else population_gene_figures.dots(f"{anchor}-dots", gene, pair, own["individuals"], species)
    )
    bars = (
        None
        if own["targets"] is None
        else population_gene_figures.targets(f"{anchor}-targets", gene, pair, own["targets"])
    )
    return {
        "name": anchor,
        "gene": gene,
        "line": f"q\u00a0=\u00a0{words.probability(row['q'])}, {words.spaced(str(row['route']))}",
        "sentences": population_words.of_candidate(row),
        "plots": [plot for plot in (bars, dots) if plot is not None],
        "pathways": None if own["pathways"] is None else population_rows.pathways(own["pathways"]),
        "n_pathways": 0 if own["pathways"] is None else len(own["pathways"]),
        "traits": None if own["traits"] is None else population_rows.traits(own["traits"]),
        "module": "" if own["traits"] is None else _module(own["traits"].iloc[0].to_dict()),
    }  # fmt: skip


def _module(row: Mapping[Any, Any]) -> str:
    if words.is_missing(row["module_genes"]):
        return ""
    return (
        f"The module is what {words.counted(int(row['module_genes']), 'target gene')} have in common; candidate and module go together by "
        f"r\u00a0=\u00a0{words.signed(row['module_r'])}, which was chosen. p of a row is the larger of the candidate's own p and that of module "
        "and trait: both arms have to stand."
    )
