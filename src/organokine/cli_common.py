"""What the commands that read a study share: their options, the log, the bar."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from organokine.study import Study

LOGGER = logging.getLogger("organokine")

StudyPath = Annotated[Path, typer.Argument(metavar="STUDY", help="The study file.", show_default=False)]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Say what is being done.")]
Workers = Annotated[int, typer.Option(min=1, help="Processes to use; never changes a result.")]


def start_logging(*, verbose: bool) -> None:
    """Let the log of the package be seen on the error stream."""
    level = logging.INFO if verbose else logging.WARNING
    logging.basicConfig(level=level, format="%(name)s: %(message)s", stream=sys.stderr)  # noqa: TID251


def read(path: Path, *, search: bool = True, workers: int = 1, scheduler: str | None = None) -> Study:
    """The study as read; what a search of raw runs says goes to the error stream, since it takes long."""
    from organokine.study import read_study
    from organokine.study_raw import Searching

    return read_study(path, Searching(search, workers, scheduler, partial(typer.echo, err=True)))


@contextmanager
def progress() -> Iterator[Callable[[str, float], None]]:
    """A bar on a terminal, and lines in the log: told what is being done, and the share done."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (BarColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False))
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=1.0)

        def show(stage: str, fraction: float) -> None:
            LOGGER.info("%3.0f %% %s", 100 * fraction, stage)
            bar.update(task, description=stage, completed=fraction)

        yield show
