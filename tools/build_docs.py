"""Write the generated pages of the docs: study file, tables, evidence lines, command line.

python tools/build_docs.py            writes them
python tools/build_docs.py --check    names the stale ones and exits 1
"""

from __future__ import annotations

import argparse
import datetime as dt
import re
import sys
import types
import typing
from collections.abc import Sequence
from pathlib import Path

import typer
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from typer.testing import CliRunner

from organokine.appraisal.answers import Answer
from organokine.appraisal.answers import Note as EntryNote
from organokine.appraisal.crosstests import QUESTIONS
from organokine.appraisal.links import LINKS
from organokine.appraisal.rules import RULES as CARD_RULES
from organokine.appraisal.stage import MAY_SAY, STAGE_WORDS
from organokine.appraisal.thresholds import described
from organokine.claims import RULES
from organokine.claims.card_facts import CardFacts
from organokine.claims.rules.card import card_rules
from organokine.cli import app
from organokine.evidence import LINES
from organokine.population_tables import POPULATION_TABLES
from organokine.raw_tables import RAW_TABLES
from organokine.readers import READERS, Reader
from organokine.readers.plasma import PLASMA_READERS
from organokine.readers.precursors.cards import PRECURSOR_READERS
from organokine.readers.precursors.diann import DIANN
from organokine.readers.precursors.long_engines import ALPHADIA
from organokine.readers.precursors.spectronaut import SPECTRONAUT
from organokine.readers.precursors.wide_engines import SAGE
from organokine.readers.rnaseq import RNA_READERS
from organokine.readers.search_engines import PROTEIN_READERS
from organokine.study_file import StudyFile
from organokine.table_schema import Table
from organokine.tables import JOINT, TABLES

DOCS = Path(__file__).resolve().parents[1] / "docs"
NOTE = "<!-- Written by tools/build_docs.py; change the source, not this page. -->"
STUDY_FILE_INTRO = (
    "`study.toml` holds all the science of a study; paths in it are relative to its folder. Unknown keys are refused. "
    "`organokine new DIR` writes one to fill in, `organokine check STUDY` says everything that is wrong with it at once."
)
TABLES_INTRO = (
    "What a run leaves, column by column. Every table is a Parquet file of that name; `mediators` is a tab-separated file "
    "as well. A missing number means *not measured* or *could not be asked*, never zero and never p = 1."
)
POPULATION_TABLES_INTRO = (
    "What `organokine population` leaves, beside `qc`, `joins` and `flags`: a Parquet file per table, and `population` as a "
    "tab-separated file as well."
)
RAW_TABLES_INTRO = "What [`organokine raw run`](raw-run.md) leaves, beside the matrix `proteins.tsv`: `precursors.parquet`, and both as tab-separated files."
LINES_INTRO = (
    "A line is one independent question, asked of every candidate. `organokine lines` prints the same cards. "
    "[Adding a line](adding-a-line.md) takes one file."
)
CLAIM_RULES_INTRO = (
    "What `organokine claims` asks of a page ([how](claims.md)). `R` and a number are rules that evidence cards know too, `P` those of "
    "pages alone, `C` those that hold a page against a card (`--card`). A contradiction or an over-claim is a finding; a note "
    "alone leaves a page clean. A rule is a small function and a card, and one line in a list."
)
COMMAND_LINE_INTRO = (
    "Flags concern the machine, never the science, which is all in the study file; `differential` alone has no study "
    "file. Exit status: 0 done; 1 the data or a file are at fault (one message); 2 usage; 3 a bug of organokine; 4 "
    "`claims` found something; 130 interrupted."
)
FORMATS_INTRO = (
    "The reader of a file is found by its columns, never by its name; `organokine inspect FILE` says which one and what it "
    "sees, and the key `format` of an assay names one. Text may have tabs, commas or semicolons, decimal commas, and be "
    "gzip; it is UTF-8. A missing value is NaN, and a zero of a search engine is missing. Whatever a reader drops or repairs "
    "is counted in the table `joins`: decoys, contaminants, flagged rows, samples that the sheet does not name."
)
PRECURSORS_INTRO = (
    'Protein intensities come from precursors by directLFQ, or are the engine\'s own with `quantity = "engine"`. Where the '
    "table has these columns of q-values, rows above the limits are left out; `q_values` of the assay sets others. Where DIA-NN made no library of the runs "
    "(its `Lib.*` columns are zero), `Global.Q.Value` and `Global.PG.Q.Value` are asked instead, at the same limits:"
)
CARDS_INTRO = (
    "Every leading candidate of a run gets a card, `cards/GENE.json`: what the run shows of it, and what it does not, from the run's own "
    "tables. The JSON is the product; its schema is `organokine/appraisal/card.schema.json`. `organokine card OUT GENE` prints it as "
    "Markdown, or with `--view html` as one page that needs no script and asks nothing of the outside. Shape and names follow the "
    "Variant Annotation specification of GA4GH (`Statement`, `EvidenceLine`), which knows propositions about variants only. A card has "
    "no clock in it: the same inputs give the same bytes, whatever the number of processes. How often cards are right on simulated "
    "studies says [Figures of cards](cards-figures.md)."
)
CARDS_AXES = (
    "Three axes are kept apart, and no score is made of them: the *translational stage*, from species and design alone; the *chain*, "
    "link by link; and the *certainty* of each link, about the species studied. Nothing that a user types can raise stage or relevance: "
    "error rates, effect sizes and weights of the study file do not enter, and an entry of `[declared]` is shown with its badge, and can "
    "lift the certainty of an arm to what the data allow. Species come from identifiers and sample sheet; if these, or the study file, "
    "disagree, the card is blocked. The card is GRADE-inspired, never GRADE: it rates the links of one study. It is for research, "
    "advises nobody, and names no dose."
)
CARDS_STATES = (
    "A link is `supported` when the 95 % interval excludes no effect on the predicted side and the error rate holds; `contradicted` when it "
    "excludes it on the other side, or shows nothing and lies wholly within what would matter; `inconclusive` otherwise: absence of "
    "significance is never a contradiction. `not_assessable` means fewer than three animals in a group, a batch that is the group, samples that are copies of "
    "others, or an arm that did not move the candidate, and holds for the tests across the chain too; an arrival is open where the target's "
    "own transcript was not measured; `not_tested` means that the study holds nothing that asks it. Links after the "
    "first are corrected over the candidates that changed in the source organ, which is what they were chosen by. Links that are judged "
    "in the direction of the source are inconclusive while the source shows none. The weakest link is the first by: contradicted, not "
    "assessable, inconclusive, not tested, supported; among equals the least certain, or of open ones that with the largest p."
)
CARDS_THRESHOLDS = (
    "They stand in one file, `organokine/appraisal/thresholds.py`, and are conventions that no panel has checked. Each card says which of "
    "its words would change if a threshold were halved or doubled, and the report sums that up."
)
CARDS_CERTAINTY = (
    "Certainty starts from how groups came about: `very_low` without a measurement, `low` for groups that are given (age, disease), "
    "`moderate` for arms that the experimenter assigned, `high` if `[declared] randomised = true` says so besides. Each step down is on "
    "the card with its rule and its fact: few animals, an interval that includes no effect or effects too small to matter, selection among many, a batch that partly "
    "goes with the groups, one sex or none recorded, sexes or layers that disagree, no transcript in the source organ, blood that does "
    "not tell which organ sent it, no tracer, function that was not tested where the candidate was moved, blinding not recorded, order "
    "of events unknown. A dose trend, or two cohorts that agree each by itself, is a step up."
)
CARDS_RULES = (
    "Rules of contradiction and over-claim that a run can show. Those about sentences of a text (R05, R07, R19, R20) are not here. A flag "
    "cannot be hidden; it can be answered, and the answer stands beside it."
)
CARDS_ANSWERS = (
    "`organokine note STUDY GENE TEXT --author NAME` appends a note, with `--question` a question, and with `--rule R13` an answer to a "
    "flag, to `answers.toml` beside the study file. It stands on the card after the next run, for which finished stages are kept. "
    "The file is read strictly, by `organokine check` too."
)
CARDS_LIMITS = (
    "Copies of animals under other names are found if whole samples agree, or if every value of a functional test has a twin in its group; "
    "copies with noise are not. Species is read from identifiers, the case of symbols and the sheet: symbols of mice typed in capitals look "
    "like those of people. Serial data, genetic instruments and trials are not read, so that T4 and T5 cannot be reached by a run, and "
    "binding (L4) and the order of events are always untested. Certainty rules were tested for behaviour, not for truth: nobody has graded "
    "these cards blind."
)
WORDS = {str: "text", int: "whole number", float: "number", bool: "true or false", dt.date: "date"}
CLAIM_ROLES = {
    "arm": "its p-value is a link of the claimed chain",
    "support": "shown beside the claim, not required for it",
    "weight": "a weight declared before the data are seen",
    "gate": "its states can cap the tier",
}


def study_file_page() -> str:
    """Every key of the study file, from the models that read it."""
    parts = [
        "# The study file",
        NOTE,
        STUDY_FILE_INTRO,
    ]
    for name, field in StudyFile.model_fields.items():
        if field.exclude:
            continue
        model = _section_of(field.annotation)
        heading = f"[[{name}]]" if _is_list(field.annotation) else f"[{name}]"
        presence = "Required." if field.is_required() else "May be left out."
        if model is None:
            parts += [f"## `{heading}`", f"{field.description or 'Free keys.'} {presence}"]
            continue
        parts += [
            f"## `{heading}`",
            f"{_meaning(model)} {presence}",
            _keys(model),
            *_inner_sections(name, heading, model),
        ]
    return _page(parts)


def tables_page() -> str:
    """Every table of a run, from its schema."""
    parts = [
        "# Tables",
        NOTE,
        TABLES_INTRO,
    ]
    # A run does not leave `joint`: `organokine differential --any-level` does.
    for table in (*TABLES, JOINT):
        parts += _schema(table, "##")
    parts += ["## Population mode", POPULATION_TABLES_INTRO]
    for table in POPULATION_TABLES:
        parts += _schema(table, "###")
    parts += ["## Raw data", RAW_TABLES_INTRO]
    for table in RAW_TABLES:
        parts += _schema(table, "###")
    return _page(parts)


def _schema(table: Table, heading: str) -> list[str]:
    key = ", ".join(f"`{name}`" for name in table.key)
    rows = [(f"`{column.name}`", column.kind, column.unit, column.meaning) for column in table.columns]
    return [
        f"{heading} {table.name}",
        f"One row is {table.row}. A row is identified by {key}.",
        _grid(("column", "kind", "unit", "meaning"), rows),
    ]


def lines_page() -> str:
    """Every evidence line, from its card."""
    parts = [
        "# Evidence lines",
        NOTE,
        LINES_INTRO,
    ]
    for line in LINES:
        tier = "" if line.tier is None else f"; first required at tier {line.tier}"
        caps = [f"state `{state}` allows tier {highest} at most" for state, highest in line.caps.items()]
        rows = [
            ("needs", ", ".join(line.needs)),
            ("null hypothesis", line.null),
            ("effect", line.unit or "none"),
            ("role", "; ".join([f"{line.role}: {CLAIM_ROLES[line.role]}{tier}", *caps])),
            ("fills in `mediators`", ", ".join(f"`{column}`" for column in line.columns) or "nothing"),
            ("method", f"doi {line.reference}" if line.reference.startswith("10.") else line.reference),
        ]
        parts += [f"## {line.name}", line.question, _grid(("", ""), rows)]
    return _page(parts)


def claim_rules_page() -> str:
    """Every rule that a text is held against, from its card."""
    parts = ["# Rules of claims", NOTE, CLAIM_RULES_INTRO]
    for rule in (*RULES, *card_rules(CardFacts(gene="any"))):
        rows = [("severity", rule.severity), ("why", rule.why), ("source", rule.source)]
        parts += [f"## {rule.id} {rule.name}", rule.question, _grid(("", ""), rows)]
    return _page(parts)


def formats_page() -> str:
    """Every reader, from its card, and the filters of the tables of precursors."""
    others = tuple(reader for reader in READERS.values() if reader.name in ("anndata", "matrix"))
    filters = [
        (layout.engine, ", ".join(f"`{column}` <= {limit:g}" for column, limit in layout.q_values.items()))
        for layout in (DIANN, SPECTRONAUT, ALPHADIA, SAGE)
    ]
    return _page(
        [
            "# Formats",
            NOTE,
            FORMATS_INTRO,
            "## Precursors",
            PRECURSORS_INTRO,
            _grid(("engine", "largest q-values"), filters),
            _cards(PRECURSOR_READERS),
            "## Proteins",
            _cards(PROTEIN_READERS),
            "## RNA",
            _cards(RNA_READERS),
            "## Plasma",
            _cards(PLASMA_READERS),
            "## Any other table",
            _cards(others),
        ]
    )


def cards_page() -> str:
    """What an evidence card says and by which rules: links, thresholds, stages, relevance, rules, answers."""
    relevance = [
        ("background", "anything less than what follows; any card that is blocked"),
        ("watch", "T2, with L1, L5 and L6 supported and an arm that is seen to have moved the candidate behind L5"),
        ("early human signal", "T3, with L1 supported"),
        ("human support", "T4, with L1 supported"),
        ("informs guidelines", "T5; informs them, does not replace them"),
        ("disputed", "T3 and above, with L1, L6 or L7 contradicted"),
    ]
    thresholds = [(f"`{each['name']}`", f"{each['value']:g}", each["unit"], each["reason"]) for each in described()]
    return _page(
        [
            "# Evidence cards",
            NOTE,
            CARDS_INTRO,
            CARDS_AXES,
            "## Stage and relevance",
            _grid(
                ("stage", "what", "may be said"),
                [(code, word, MAY_SAY[code].format(animals="mice, or rats")) for code, word in STAGE_WORDS.items()],
            ),
            _grid(("relevance", "rule"), relevance),
            "## The chain",
            _grid(
                ("link", "name", "claim", "asked by"),
                [(each.id, each.name, each.claim, each.asked_by) for each in LINKS],
            ),
            CARDS_STATES,
            CARDS_CERTAINTY,
            "## Thresholds",
            CARDS_THRESHOLDS,
            _grid(("threshold", "value", "unit", "reason"), thresholds),
            "## Tests across the chain",
            _grid(("test", "question"), [(name.replace("_", " "), question) for name, question in QUESTIONS.items()]),
            "## Rules",
            CARDS_RULES,
            _grid(("rule", "severity", "looks for"), [(each.id, each.severity, each.looks_for) for each in CARD_RULES]),
            "## Answers and notes",
            CARDS_ANSWERS,
            "### `[[answer]]`",
            _keys(Answer),
            "### `[[note]]`",
            _keys(EntryNote),
            "## What it cannot tell",
            CARDS_LIMITS,
        ]
    )


def command_line_page() -> str:
    """Every command, from its own help."""
    parts = [
        "# Command line",
        NOTE,
        COMMAND_LINE_INTRO,
        _help(),
    ]
    for command in _commands(app):
        parts += [f"## {' '.join(command)}", _help(*command)]
    return _page(parts)


PAGES = {
    "study-file.md": study_file_page,
    "tables.md": tables_page,
    "lines.md": lines_page,
    "formats.md": formats_page,
    "command-line.md": command_line_page,
    "claim-rules.md": claim_rules_page,
    "cards.md": cards_page,
}


def _cards(readers: Sequence[Reader]) -> str:
    return _grid(("`format`", "what it reads"), [(f"`{reader.name}`", reader.reads) for reader in readers])


def _commands(group: typer.Typer) -> list[tuple[str, ...]]:
    """Every command of a group as one writes it, those of groups within it last."""
    names = [(command.name or command.callback.__name__,) for command in group.registered_commands]
    for inner in group.registered_groups:
        names += [(inner.name,), *((inner.name, *name) for name in _commands(inner.typer_instance))]
    return names


def _help(*command: str) -> str:
    # A fixed width and no colours, so that the page does not depend on the terminal it was written in.
    fixed = {"COLUMNS": "100", "TERMINAL_WIDTH": "100", "NO_COLOR": "1", "TERM": "dumb"}
    shown = CliRunner().invoke(app, [*command, "--help"], prog_name="organokine", env=fixed)
    if shown.exit_code != 0:
        message = f"organokine {' '.join(command)} --help failed: {shown.output}"
        raise RuntimeError(message)
    return f"```text\n{shown.stdout.rstrip()}\n```"


def _page(parts: Sequence[str]) -> str:
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _grid(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _keys(model: type[BaseModel]) -> str:
    rows = [
        (f"`{name}`", _in_words(field.annotation), _default(field), field.description or "")
        for name, field in model.model_fields.items()
    ]
    return _grid(("key", "value", "default", "meaning"), rows)


def _inner_sections(name: str, heading: str, model: type[BaseModel]) -> list[str]:
    """Sections within a section: a list of them is written `[[outer.inner]]`, a single one as a table of its own."""
    parts = []
    for key, inner in model.model_fields.items():
        section = _section_of(inner.annotation)
        if section is not None:
            full = f"{name}.{key}"
            title = f"`[[{full}]]`" if _is_list(inner.annotation) else f"`{key}` of `{heading}`"
            parts += [f"### {title}", _meaning(section), _keys(section)]
            parts += _inner_sections(full, f"[[{full}]]", section)
    return parts


def _meaning(model: type[BaseModel]) -> str:
    text = " ".join((model.__doc__ or "").split())
    _, found, meaning = text.partition(": ")
    meaning = meaning if found else text
    return meaning[:1].upper() + meaning[1:]


def _section_of(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in typing.get_args(annotation) if (found := _section_of(part)) is not None), None)


def _is_list(annotation: object) -> bool:
    return typing.get_origin(annotation) is tuple


def _in_words(annotation: object) -> str:
    """A type as a user of TOML would say it."""
    origin = typing.get_origin(annotation)
    parts = [part for part in typing.get_args(annotation) if part not in (Ellipsis, type(None))]
    if origin is None:
        return "table, see below" if _section_of(annotation) is not None else WORDS[annotation]
    if origin is tuple and _section_of(annotation) is not None:
        return "list of tables, see below"
    if origin is typing.Literal:
        return ", ".join(f'`"{value}"`' for value in parts)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_in_words(part) for part in parts)
    prefix = {tuple: "list of ", dict: "table of "}.get(origin, "")
    return prefix + _in_words(parts[-1] if origin is dict else parts[0])


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is None or value is PydanticUndefined or isinstance(value, BaseModel):
        return ""
    return f"`{_toml(value)}`"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, dict):
        return (
            "{ " + ", ".join(f"{_toml_key(key)} = {_toml(item)}" for key, item in value.items()) + " }"
            if value
            else "{}"
        )
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return str(value)


def _toml_key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) is not None else f'"{key}"'


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages, or check them; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; name stale pages and exit 1")
    check = parser.parse_args(arguments).check
    pages = {DOCS / name: build() for name, build in PAGES.items()}
    stale = [path for path, text in pages.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        if check:
            print(f"stale: docs/{path.name}; run python tools/build_docs.py", file=sys.stderr)
        else:
            path.write_text(pages[path], encoding="utf-8", newline="\n")
            print(f"wrote docs/{path.name}")
    return 1 if check and len(stale) > 0 else 0


if __name__ == "__main__":
    sys.exit(main())
