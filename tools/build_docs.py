"""Write the generated pages of the docs: study file, tables, evidence lines, command line.

python tools/build_docs.py            writes them
python tools/build_docs.py --check    names the stale ones and exits 1
"""

from __future__ import annotations

import argparse
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

from organokine.claims import RULES
from organokine.claims.card_facts import CardFacts
from organokine.claims.rules.card import card_rules
from organokine.cli import app
from organokine.evidence import LINES
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
WORDS = {str: "text", int: "whole number", float: "number", bool: "true or false"}
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
        key = ", ".join(f"`{name}`" for name in table.key)
        rows = [(f"`{column.name}`", column.kind, column.unit, column.meaning) for column in table.columns]
        parts += [
            f"## {table.name}",
            f"One row is {table.row}. A row is identified by {key}.",
            _grid(("column", "kind", "unit", "meaning"), rows),
        ]
    return _page(parts)


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
        return "{ " + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + " }" if value else "{}"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return str(value)


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
