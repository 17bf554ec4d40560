"""Some columns of a large table, text as categories and numbers as numbers; the rest of the file is not kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from organokine.errors import DataError, Problem, first_examples, first_line
from organokine.readers.base import Count
from organokine.readers.cells import MISSING_MARKS, to_numbers
from organokine.readers.sniff import Sniffed, sniff
from organokine.readers.strangers import stranger

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_DELIMITERS = "\t;,"
_START = 4096
_NULLS = sorted({spelling for mark in MISSING_MARKS for spelling in (mark, mark.upper(), mark.capitalize())} | {"NaN"})


def header_of(path: Path, where: str) -> tuple[str, ...]:
    """Names of the columns of a text or Parquet table.

    Parameters
    ----------
    path : pathlib.Path
        The file; its kind is known by its content.
    where : str
        What to call it in messages.

    Returns
    -------
    tuple of str
        Names, stripped; they may repeat.

    Raises
    ------
    DataError
        If there is no such file, or it is no table.
    """
    return _sniffed(path, where).header


def read_columns(
    path: Path, text: Collection[str], numbers: Collection[str], where: str
) -> tuple[pd.DataFrame, list[Count]]:
    """Read some columns.

    Parameters
    ----------
    path : pathlib.Path
        Text with tabs, semicolons or commas, gzip or not, or Parquet.
    text, numbers : collection of str
        Columns to read, all of them in the header; text becomes categories (never missing: an empty cell is the empty text),
        numbers become floats or integers, NaN is missing.
    where : str
        What to call the table in messages.

    Returns
    -------
    pandas.DataFrame
        The columns, one row per row of the table.
    list of Count
        Decimal commas.

    Raises
    ------
    DataError
        If a column stands more than once, a number is none, or the file is damaged, cut off or has no rows.
    """
    import pyarrow as pa

    sniffed = _sniffed(path, where)
    _refuse_repeated(sniffed.header, [*text, *numbers], where)
    try:
        is_parquet = sniffed.kind == "parquet"
        table = _parquet(path, text, numbers) if is_parquet else _text(sniffed, text, numbers)
    except (pa.ArrowException, OSError, EOFError, ValueError) as error:
        said = first_line(error)
        if "invalid UTF8" in said:
            remedy = "Save the table as UTF-8, best as the program wrote it"
            _refuse(
                where, "the table is not UTF-8 text", "Names with accents or Greek letters would be a guess", remedy
            )
        remedy = "Export or copy the table again; it may have been cut off, or edited in a spreadsheet"
        _refuse(where, f"the table is damaged ({said})", "It cannot be read whole", remedy)
    if table.num_rows == 0:
        _refuse(where, "the file has a header and no rows", "There is nothing to read", "Export the table again")
    return _frame(table, text, numbers, where)


def _refuse(where: str, what: str, why: str, remedy: str) -> NoReturn:
    raise DataError(Problem(where, what, why, remedy))


def _sniffed(path: Path, where: str) -> Sniffed:
    sniffed = sniff(path)
    if sniffed.kind in ("text", "parquet") and len(sniffed.header) > 0:
        return sniffed
    _refuse(where, *_no_table(sniffed))


def _no_table(sniffed: Sniffed) -> tuple[str, str, str]:
    """Why a file is no table of precursors: what, why, remedy."""
    path, why = sniffed.path, "The table cannot be read"
    if sniffed.kind == "folder":
        return f"{path.name!r} is a folder, not a table", why, "Name the file in it"
    if sniffed.kind == "workbook":
        why = "Such tables do not fit into a sheet, and spreadsheets change names and numbers"
        return "the file is an Excel workbook", why, "Give the table as the program wrote it: text or Parquet"
    try:
        with path.open("rb") as file:
            start = file.read(_START)
    except FileNotFoundError:
        return f"there is no file {path.name!r}", why, "Correct the path"
    except OSError as error:
        return (
            f"the file {path.name!r} cannot be opened ({error.strerror})",
            why,
            "Correct the path, or look at the rights of the file",
        )
    other = stranger(start)
    if other is not None and not start.startswith(b"\x1f\x8b"):
        return other.what, why, "Give the table as the program wrote it: text or Parquet"
    return "the file is no text and no Parquet table", why, "Correct the path, or export the table again"


def _refuse_repeated(header: Sequence[str], wanted: Sequence[str], where: str) -> None:
    times = Counter(header)
    repeated = [name for name in dict.fromkeys(wanted) if times[name] > 1]
    if len(repeated) > 0:
        what = f"{len(repeated)} columns stand more than once: {first_examples(repeated)}"
        _refuse(where, what, "It is not known which of them holds the values", "Leave the copy out")


def _parquet(path: Path, text: Collection[str], numbers: Collection[str]) -> pa.Table:
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

    with ParquetFile(path) as file:
        schema = file.schema_arrow
    as_text = [
        name
        for name in text
        if pa.types.is_string(schema.field(name).type) or pa.types.is_large_string(schema.field(name).type)
    ]
    with ParquetFile(path, read_dictionary=as_text) as file:
        table = file.read(columns=[*text, *numbers])
    for name in [*text, *numbers]:
        kind = table.schema.field(name).type
        is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
        if pa.types.is_dictionary(kind) or (is_number and name not in text):
            continue
        encoded = table[name].cast(pa.string()).dictionary_encode()
        table = table.set_column(table.schema.get_field_index(name), name, encoded)
    return table


def _text(sniffed: Sniffed, text: Collection[str], numbers: Collection[str]) -> pa.Table:
    """Numbers that are none at first sight, such as `1,5`, are read as text; `_frame` looks at each spelling once."""
    import pyarrow as pa

    try:
        return _csv(sniffed, text, numbers, pa.float64())
    except pa.ArrowInvalid as error:
        if "conversion error" not in str(error):
            raise
    return _csv(sniffed, text, numbers, pa.dictionary(pa.int32(), pa.string()))


def _csv(sniffed: Sniffed, text: Collection[str], numbers: Collection[str], number: pa.DataType) -> pa.Table:
    import pyarrow as pa
    from pyarrow import csv

    delimiter = max(_DELIMITERS, key=sniffed.lines[0].count)
    places = {name: str(sniffed.header.index(name)) for name in [*text, *numbers]}
    types = dict.fromkeys((places[name] for name in text), pa.dictionary(pa.int32(), pa.string()))
    types |= dict.fromkeys((places[name] for name in numbers), number)
    with pa.OSFile(str(sniffed.path)) as file:
        is_compressed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        table = csv.read_csv(
            pa.CompressedInputStream(file, "gzip") if is_compressed else file,
            read_options=csv.ReadOptions(column_names=[str(i) for i in range(len(sniffed.header))], skip_rows=1),
            parse_options=csv.ParseOptions(delimiter=delimiter),
            convert_options=csv.ConvertOptions(
                column_types=types, include_columns=list(places.values()), null_values=_NULLS, strings_can_be_null=False
            ),
        )
    return table.rename_columns(list(places))


def _frame(
    table: pa.Table, text: Collection[str], numbers: Collection[str], where: str
) -> tuple[pd.DataFrame, list[Count]]:
    import pandas as pd

    frame = table.to_pandas(split_blocks=True, self_destruct=True, ignore_metadata=True, types_mapper=None)
    del table
    for name in text:
        column = frame[name]
        if column.isna().any():
            if "" not in column.cat.categories:
                column = column.cat.add_categories("")
            frame[name] = column.fillna("")
        frame[name] = frame[name].cat.rename_categories(_stripped(frame[name].cat.categories))
    written = [name for name in numbers if isinstance(frame[name].dtype, pd.CategoricalDtype)]
    counts = _to_numbers(frame, written, where) if len(written) > 0 else []
    return frame, counts


def _stripped(categories: Any) -> list[str]:
    """Categories without blanks around them, if that leaves them unique."""
    stripped = [str(category).strip() for category in categories]
    return stripped if len(set(stripped)) == len(stripped) else [str(category) for category in categories]


def _to_numbers(frame: pd.DataFrame, columns: list[str], where: str) -> list[Count]:
    """Replace columns of spellings by numbers; each spelling is looked at once."""
    import pandas as pd

    spellings = pd.concat([pd.Series(frame[name].cat.categories, dtype=object) for name in columns], ignore_index=True)
    cells = to_numbers(spellings.to_frame())
    if len(cells.refused) > 0:
        words = [spelling for _, _, spelling in cells.refused]
        owner = np.repeat(columns, [len(frame[name].cat.categories) for name in columns])[cells.refused[0][0]]
        what = f"{len(words)} words stand where a number should, first {first_examples(words)} in column {owner}"
        why = "A value that cannot be read must not be taken for a missing one"
        _refuse(where, what, why, "Correct these cells, or leave them empty if nothing was measured")
    start = 0
    for name in columns:
        codes = frame[name].cat.codes.to_numpy()
        n = len(frame[name].cat.categories)
        values = np.append(cells.numbers[start : start + n, 0], np.nan)
        frame[name] = values[codes]
        start += n
    if cells.decimal_commas == 0:
        return []
    note = "spellings with a comma as the decimal sign"
    return [Count("decimal commas", cells.decimal_commas, len(spellings), "", note)]


def numbers_of(column: pd.Series) -> np.ndarray:
    """A column as floats; of a column of categories each spelling is looked at once, and a word is NaN."""
    import pandas as pd

    if not isinstance(column.dtype, pd.CategoricalDtype):
        return column.to_numpy(dtype=float, na_value=np.nan)
    numbers = pd.to_numeric(pd.Series(column.cat.categories, dtype=object), errors="coerce").to_numpy(dtype=float)
    return np.append(numbers, np.nan)[column.cat.codes.to_numpy()]
