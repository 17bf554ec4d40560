"""The page of `organokine raw run`: warnings first, then what was found, at which error rate, in which run, and by what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from organokine import __version__
from organokine.raw.settings import SearchSettings
from organokine.raw_tables import RUNS
from organokine.report import raw_run_figures, raw_run_words, words
from organokine.report.comparison import Part
from organokine.report.comparison_tables import columns_of
from organokine.report.frame import framed
from organokine.report.templates import fill
from organokine.tables import JOINS

if TYPE_CHECKING:
    import pandas as pd

    from organokine.raw.result import RawResult

_SIGNED = {"mass_error", "mass_drift", "mobility_shift", "minutes_shift"}
_LAST = ("file", "acquired")
_COUNTS = ("item", "n", "of", "example", "note")


def build_raw_run_page(result: RawResult, provenance: Mapping[str, Any], command: str) -> str:
    """The report of searched raw files as a single HTML file without outside requests.

    Parameters
    ----------
    result : RawResult
        What was found. Parts of `result.quality` that the engine cannot give are left out of the page with a sentence.
    provenance : mapping
        Content of `provenance.json`.
    command : str
        Command that makes it again.

    Returns
    -------
    str
        HTML; the same arguments always give the same page.
    """
    quality = result.quality
    parts = [
        (_ANSWER, fill("comparison_answer.html.jinja", sentences=raw_run_words.answer(result))),
        (_FALSE, _false_discovery(quality.get("false_discovery"))),
        (_RUNS, _runs(result.runs)),
        (_TREND, _trend(quality.get("trend"))),
        (_MOBILITY, _mobility(quality.get("mobility"))),
        (_COUNTED, _counted(result)),
        (_METHODS, _methods(quality, provenance, command)),
    ]
    return framed(
        "raw_run.html.jinja",
        title="Raw files, searched",
        version=__version__,
        groups={},
        sections=parts,
        warnings=[(each.where, str(each).removeprefix(f"{each.where}: ")) for each in result.warnings],
        is_simulated=bool(quality.get("simulated", False)),
    )


def _column(heading: str, kind: str = "text", meaning: str = "") -> dict[str, str]:
    return {"heading": heading, "kind": kind, "help": meaning}


def _table(label: str, columns: Sequence[Mapping[str, str]], rows: Sequence[Sequence[str]]) -> Markup:
    return fill("raw_run_table.html.jinja", label=label, columns=columns, rows=rows)


def _flag(text: str) -> Markup:
    return Markup('<span class="flag">{}</span>').format(text)


def _nothing(text: str) -> Markup:
    return Markup('<p class="nothing">{}</p>').format(text)


def _prose(*sentences: str) -> Markup:
    return Markup("").join(Markup('<p class="description">{}</p>').format(each) for each in sentences)


def _false_discovery(counted: Mapping[str, Any] | None) -> Markup:
    if not counted:
        return _nothing(raw_run_words.NO_FALSE_DISCOVERY)
    level = words.small_share(counted["level"])
    columns = [
        _column("of"),
        _column("targets", "integer", "Pairs of a target and its decoy that the target won, down to the last one accepted."),
        _column("decoys", "integer", "Pairs that the decoy won, down to the same score."),
        _column(f"accepted at {level}", "integer", "Targets whose counted false discovery rate is at or below the asked one."),
        _column("wrong ones among targets", "text", "Exact binomial interval, 95 % at either end."),
        _column("verdict", "text", "Whether at most twice the asked rate is wrong with 95 % confidence."),
        _column("engine accepts", "integer", "Accepted by the engine's own q at the same rate."),
        _column("both accept", "integer", "Accepted by the count here and by the engine."),
    ]  # fmt: skip
    rows = [_counted_level(name, counted[name], level) for name in ("peptides", "spectra") if counted.get(name)]
    shown = _table("False discovery", columns, rows) + _protein_groups(counted.get("proteins"))
    return _prose(raw_run_words.FALSE_DISCOVERY) + shown


def _counted_level(name: str, counted: Mapping[str, Any], level: str) -> list[str]:
    said = raw_run_words.verdict(level, counted)
    return [
        name,
        *(words.count(counted[key]) for key in ("n_targets", "n_decoys", "n_accepted")),
        raw_run_words.interval(counted),
        said if counted["enough"] else _flag(said),
        *(
            words.count(counted[key]) if key in counted else words.MISSING
            for key in ("engine_accepted", "both_accepted")
        ),
    ]


def _protein_groups(counted: Mapping[str, Any] | None) -> Markup:
    if not counted:
        return Markup("")
    asked = "no group of decoys was looked for"
    if not words.is_missing(counted.get("n_decoy_groups")):
        asked = f"by the same rule {words.counted(int(counted['n_decoy_groups']), 'group')} of decoys would be reported"
    text = f"{words.counted(int(counted['n_groups']), 'protein group')} reported; {asked}."
    return Markup('<p class="aside">{}</p>').format(text)


def _runs(runs: pd.DataFrame) -> Markup:
    if len(runs) == 0:
        return _nothing("There is no run.")
    names = [name for name in RUNS.names() if name not in _LAST and _has_values(runs, name)] + list(_LAST)
    columns = columns_of(RUNS, names)
    rows = [[_cell(name, row[name]) for name in names] for row in runs.to_dict("records")]
    plots = [raw_run_figures.identifications(runs), *raw_run_figures.calibration(runs)]
    drawn = [plot for plot in plots if plot is not None]
    shown = _table("Runs", columns, rows)
    return shown + fill("plots.html.jinja", plots=drawn, size="wide") if len(drawn) > 0 else shown


def _has_values(runs: pd.DataFrame, name: str) -> bool:
    if name == "state":
        return bool((runs["state"] == "failed").any())
    return bool(runs[name].notna().any())


def _cell(name: str, value: Any) -> str:
    if name == "state":
        return _flag("failed") if value == "failed" else ""
    if words.is_missing(value):
        return words.MISSING
    if name == "acquired":
        return words.moment(str(value))
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return words.count(value)
    # What rounds to zero has no sign that means anything: -0.004 is +0.00.
    return words.signed(round(value, 2) + 0.0) if name in _SIGNED else words.plain(value)


def _trend(points: Mapping[str, Any] | None) -> Markup:
    plots = [] if not points else raw_run_figures.trend(points)
    return _nothing(raw_run_words.NO_TREND) if len(plots) == 0 else fill("plots.html.jinja", plots=plots, size="wide")


def _mobility(found: Mapping[str, Any] | None) -> Markup:
    if not found or words.is_missing(found["peptides"]["without"]):
        return _nothing(raw_run_words.NO_MOBILITY)
    peptides, quantities = found["peptides"], found["quantities"]
    spread: Mapping[str, Any] = found["spread_between_samples"] or dict.fromkeys(("precursors", "with", "without"))
    ratio: Mapping[str, Any] = found["interference"] or dict.fromkeys(("median_log2", "high_log2", "share_twice"))
    in_both = f"{words.count(quantities['cells_both'])} in both"
    overlap = (
        f"{words.count(peptides['both'])} in both, {words.count(peptides['only_with'])} only with, "
        f"{words.count(peptides['only_without'])} only without"
    )
    columns = [_column("of"), _column("with", "number"), _column("without", "number"), _column("", "words")]
    rows = [
        ["peptides accepted", words.count(peptides["with"]), words.count(peptides["without"]), overlap],
        ["precursors with a quantity", *(words.count(quantities[f"precursors_{way}"]) for way in ("with", "without")), ""],
        ["values, of a precursor in a sample", *(words.count(quantities[f"cells_{way}"]) for way in ("with", "without")), in_both],
        ["quantity without over with, log2", "", words.signed(ratio["median_log2"]), f"the median; the 90th percentile is {words.signed(ratio['high_log2'])}"],
        ["more than twice as large without", "", words.small_share(ratio["share_twice"]), "of the values in both"],
        ["spread between samples, log2", *(words.plain(spread[way]) for way in ("with", "without")), f"median of {words.count(spread['precursors'])} precursors, over the same values"],
    ]  # fmt: skip
    table = _table("With and without ion mobility", columns, rows)
    return _prose(*raw_run_words.mobility(found)) + table + Markup('<p class="aside">{}</p>').format(raw_run_words.INTERFERENCE)  # fmt: skip


def _counted(result: RawResult) -> Markup:
    if len(result.counts) == 0:
        return _nothing("Nothing was left out or put together.")
    columns = [
        column | ({"kind": "words"} if column["kind"] == "text" else {}) for column in columns_of(JOINS, _COUNTS)
    ]
    rows = [
        [
            each.item,
            words.count(each.n),
            words.MISSING if each.of is None else words.count(each.of),
            each.example or words.MISSING,
            each.note or words.MISSING,
        ]
        for each in result.counts
    ]
    return _table("What was left out", columns, rows)


def _methods(quality: Mapping[str, Any], provenance: Mapping[str, Any], command: str) -> Markup:
    engine = quality.get("engine") or provenance.get("engine") or {}
    created = provenance.get("created", "")
    facts = {
        "engine": ", ".join(str(engine[key]) for key in ("name", "version", "licence") if engine.get(key)),
        "made": words.moment(str(created)) if created else "",
    }
    shown = fill(
        "comparison_methods.html.jinja",
        facts={name: text for name, text in facts.items() if text != ""},
        versions=provenance.get("versions") or {},
        command=command,
    )
    settings = _settings(quality.get("settings") or provenance.get("settings") or {})
    return shown + _citations(provenance.get("citations") or []) + settings + _inputs(provenance)


def _citations(cited: Sequence[Mapping[str, str]]) -> Markup:
    if len(cited) == 0:
        return Markup("")
    columns = [_column("to be cited", "words"), _column("doi", "words")]
    return Markup("<h3>To be cited</h3>") + _table(
        "To be cited", columns, [[each["text"], each["doi"]] for each in cited]
    )


def _settings(settings: Mapping[str, Any]) -> Markup:
    if len(settings) == 0:
        return Markup("")
    known = SearchSettings.model_fields
    standard = SearchSettings().model_dump(mode="json")
    columns = [_column("setting"), _column("value", "words"), _column("default", "words"), _column("meaning", "words")]
    rows = [
        [
            str(name),
            _in_words(value),
            "" if name not in standard else "as is" if _in_words(standard[name]) == _in_words(value) else _in_words(standard[name]),
            str(known[name].description or "") if name in known else "",
        ]
        for name, value in settings.items()
    ]  # fmt: skip
    return Markup("<h3>Settings</h3>") + _table("Settings", columns, rows)


def _in_words(value: Any) -> str:
    if value is None:
        return words.MISSING
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_in_words(each)}" for key, each in value.items()) or "none"
    if isinstance(value, list | tuple):
        return " ".join(_in_words(each) for each in value) or "none"
    return ("yes" if value else "no") if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)  # fmt: skip


def _inputs(provenance: Mapping[str, Any]) -> Markup:
    shown = Markup("")
    inputs, searches = provenance.get("inputs") or [], provenance.get("searches") or {}
    if len(inputs) > 0:
        columns = [_column("file"), _column("bytes", "integer"), _column("sha256", "code")]
        rows = [[str(each["file"]), words.count(each["bytes"]), str(each["sha256"])] for each in inputs]
        shown += Markup("<h3>Inputs</h3>") + _table("Inputs", columns, rows)
    if len(searches) > 0:
        columns = [_column("sample"), _column("key", "code", "Of the file, the FASTA, the settings and the engine: the name of the stored search.")]  # fmt: skip
        shown += Markup("<h3>Searches</h3>") + _table("Searches", columns, [[str(name), str(key)] for name, key in searches.items()])  # fmt: skip
    return shown


_ANSWER = Part("answer", "Answer", "")
_FALSE = Part("false-discovery", "False discovery", "")
_RUNS = Part(
    "runs",
    "Runs",
    "Rest on a heading to read what a column means. A dash is “not measured”, or too few precursors to say; never zero.",
)
_TREND = Part("trends", "Ion mobility against its trend", "")
_MOBILITY = Part("mobility", "What ion mobility contributes", "")
_COUNTED = Part("counts", "What was left out or put together", "Nothing leaves a table without being counted here.")
_METHODS = Part("methods", "Settings and provenance", "What was done, and what it takes to do it again.")
