"""What a schema of a table is: its columns, their kinds, and how a frame is made to conform to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["text", "number", "integer", "flag"]


@dataclass(frozen=True)
class Column:
    """One column: its name, kind, unit (empty if none) and meaning in one sentence."""

    name: str
    kind: Kind
    unit: str
    meaning: str


@dataclass(frozen=True)
class Table:
    """One table: its name, what a row is, the columns that identify a row, and all columns."""

    name: str
    row: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def names(self) -> list[str]:
        """Names of the columns in order."""
        return [column.name for column in self.columns]

    def empty(self) -> pd.DataFrame:
        """A table of this schema without rows."""
        import pandas as pd

        return self.conform(pd.DataFrame())

    def conform(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Order the columns, fill absent ones with missing, set the types, and check the key.

        Parameters
        ----------
        frame : pandas.DataFrame
            Rows of this table; columns the schema does not know are refused.

        Returns
        -------
        pandas.DataFrame
            A new frame with exactly the columns of the schema and a plain row index. Missing is NaN in numbers,
            ``pd.NA`` in integers and flags, and the empty string in text.

        Raises
        ------
        ValueError
            If a column is unknown, or two rows have the same key.
        """
        import pandas as pd

        unknown = [name for name in frame.columns if name not in self.names()]
        if len(unknown) > 0:
            message = f"table {self.name}: unknown columns {unknown}"
            raise ValueError(message)
        data = {
            column.name: _typed(frame[column.name], column.kind)
            if column.name in frame.columns
            else _missing(len(frame), column.kind)
            for column in self.columns
        }
        result = pd.DataFrame({name: values.array for name, values in data.items()})
        duplicated = result.duplicated(subset=list(self.key)) if len(self.key) > 0 else None
        if duplicated is not None and duplicated.any():
            example = result.loc[duplicated, list(self.key)].iloc[0].to_dict()
            message = f"table {self.name}: {int(duplicated.sum())} rows repeat a key, first {example}"
            raise ValueError(message)
        return result


def _typed(values: pd.Series, kind: Kind) -> pd.Series:
    match kind:
        case "text":
            return _text(values)
        case "number":
            return values.astype("float64")
        case "integer":
            return values.astype("Int64")
        case "flag":
            return values.astype("boolean")


def _text(values: pd.Series) -> pd.Series:
    import pandas as pd

    is_missing = values.isna().to_numpy(dtype=bool)
    words = ["" if gone else str(value) for value, gone in zip(values, is_missing, strict=True)]
    return pd.Series(words, dtype=object)


def _missing(n_rows: int, kind: Kind) -> pd.Series:
    import pandas as pd

    dtypes = {"text": "object", "number": "float64", "integer": "Int64", "flag": "boolean"}
    missing = {"text": "", "number": float("nan"), "integer": pd.NA, "flag": pd.NA}
    return pd.Series([missing[kind]] * n_rows, dtype=dtypes[kind])
