"""HTML from the templates in `assets`; everything that was not marked as HTML is escaped."""

from __future__ import annotations

from functools import cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from organokine.report import words


def coded(text: str) -> Markup:
    """Escaped text in which words between backticks are set as code."""
    parts = str(text).split("`")
    if len(parts) % 2 == 0:
        return Markup("{}").format(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 == 1 else part for place, part in enumerate(parts)
    )


def breakable(text: str) -> Markup:
    """Escaped text that a narrow column may break after each underscore, as in names of gene sets."""
    return Markup("_<wbr>").join(str(text).split("_"))


def direction(log2fc: float) -> Markup:
    """An arrow for the sign of a change in the source organ, read aloud as `up` or `down`; nothing for missing or zero."""
    if words.is_missing(log2fc) or float(log2fc) == 0.0:
        return Markup("")
    arrow, word = ("↑", "up") if float(log2fc) > 0 else ("↓", "down")
    return Markup(
        '<span class="way" role="img" aria-label="{word}" title="{word} in the source organ">{arrow}</span>'
    ).format(word=word, arrow=arrow)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("organokine", "report/assets"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "signed": words.signed,
        "probability": words.probability,
        "plain": words.plain,
        "count": words.count,
        "correlation": words.correlation,
        "percent": words.percent,
        "small_share": words.small_share,
        "spaced": words.spaced,
        "listed": words.listed,
        "modality": words.modality,
        "group_sizes": words.group_sizes,
        "sentence": words.sentence,
        "moment": words.moment,
        "coded": coded,
        "breakable": breakable,
        "direction": direction,
        "typeset": words.typeset,
        "doi_link": words.doi_link,
    }
    environment.tests["missing"] = words.is_missing
    return environment


def fill(template: str, **values: object) -> Markup:
    """Fill a template of `assets`.

    Parameters
    ----------
    template : str
        File name in `assets`.
    **values
        What the template may name; text is escaped, `Markup` is not.

    Returns
    -------
    markupsafe.Markup
        HTML.
    """
    return Markup(_environment().get_template(template).render(**values))


def asset(name: str) -> str:
    """Text of a file of `assets`."""
    return resources.files("organokine.report").joinpath("assets", name).read_text(encoding="utf-8")
