"""Numbers and names as a reader meets them: signs, powers of ten, plurals, what missing looks like."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

MISSING = "–"
SPECIES = {"human": ("person", "people"), "mouse": ("mouse", "mice"), "rat": ("rat", "rats")}
ACRONYMS = frozenset({"rna", "ecm", "ev"})
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_NUMBER = re.compile(r"(?<![\w.\-])(-?)(\d+(?:\.\d+)?)(?:e([+-]\d+))?(?![\w\-]|\.\d)")


def is_missing(value: object) -> bool:
    """Whether a cell holds nothing: None, NaN, ``pd.NA`` or the empty string."""
    if value is None or (isinstance(value, str) and value == ""):
        return True
    if isinstance(value, str):
        return False
    return bool(value != value) if isinstance(value, float) else str(value) in {"<NA>", "nan", "NaT"}  # noqa: PLR0124


def signed(value: float) -> str:
    """A change or correlation with its sign and two decimals; missing as a dash."""
    return MISSING if is_missing(value) else f"{float(value):+.2f}".replace("-", "−")


def correlation(value: float) -> str:
    """A correlation with two decimals, and with more near one, where the difference to one is what tells; missing as a dash."""
    if is_missing(value):
        return MISSING
    number = float(value)
    digits = 2 if abs(number) < 0.9 else 3 if abs(number) < 0.99 else 4
    return f"{number:.{digits}f}".replace("-", "−")


def probability(value: float) -> str:
    """A p-value or false discovery rate: two digits, powers of ten below 0.001; missing as a dash."""
    if is_missing(value):
        return MISSING
    number = float(value)
    if number == 0.0:
        return "<1×10⁻³⁰⁰"
    if number >= 0.001:
        return f"{number:#.2g}"
    mantissa, exponent = f"{number:.1e}".split("e")
    return f"{mantissa}×10{str(int(exponent)).translate(_SUPERSCRIPT)}"


def typeset(text: str) -> str:
    """Text whose numbers have a true minus sign and powers of ten: `-3.4e-10` becomes `−3.4×10⁻¹⁰`; names are left alone."""

    def one(found: re.Match[str]) -> str:
        minus, mantissa, exponent = found.groups()
        power = "" if exponent is None else f"×10{str(int(exponent)).translate(_SUPERSCRIPT)}"
        return f"{'−' if minus != '' else ''}{mantissa}{power}"

    return _NUMBER.sub(one, text)


def plain(value: float) -> str:
    """A number with up to three significant digits; missing as a dash."""
    return MISSING if is_missing(value) else f"{float(value):.3g}".replace("-", "−")


def count(value: int) -> str:
    """A whole number with thin spaces between thousands; missing as a dash."""
    return MISSING if is_missing(value) else f"{int(value):,}".replace(",", "\u202f")


def percent(value: float) -> str:
    """A share as a percentage; missing as a dash."""
    return MISSING if is_missing(value) else f"{100.0 * float(value):.0f}\u00a0%"


def small_share(value: float) -> str:
    """A share as a percentage with two digits, for shares of thousandths: `0.12 %`; missing as a dash."""
    if is_missing(value):
        return MISSING
    number = 100.0 * float(value)
    return "<0.01\u00a0%" if 0 < number < 0.01 else f"{number:.2g}\u00a0%"


def spaced(name: str) -> str:
    """A name from a table in words: `not_detected` becomes `not detected`, `ev_cargo` becomes `EV cargo`."""
    return " ".join(word.upper() if word in ACRONYMS else word for word in name.replace("_", " ").split())


def modality(name: str) -> str:
    """A modality as a reader writes it: `RNA`, `protein`."""
    return name.upper() if name == "rna" else name


def listed(names: Sequence[str]) -> str:
    """Names as a sentence lists them: `a, b and c`."""
    if len(names) <= 1:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def counted(n: int, singular: str, plural: str | None = None) -> str:
    """A count with its noun: `1 candidate`, `2 candidates`."""
    return f"{count(n)} {singular if n == 1 else plural if plural is not None else singular + 's'}"


def group_sizes(sizes: Mapping[str, int]) -> str:
    """Groups with their sizes, unmistakable where a group is called by a number: `3: n = 6, 24: n = 6`."""
    return ", ".join(f"{group}: n\u00a0=\u00a0{count(n)}" for group, n in sizes.items() if n > 0)


def animals(n: int, species: str) -> str:
    """A count with the name of the species: `12 mice`."""
    singular, plural = SPECIES.get(species, ("animal", "animals"))
    return counted(n, singular, plural)


def sentence(text: str) -> str:
    """Text that starts with a capital and ends with a full stop; a first word such as `mRNA` is left as it is."""
    text = text.strip()
    if text == "":
        return ""
    if text[1:2].islower():
        text = text[0].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."


def moment(text: str) -> str:
    """An ISO time to the minute: `2026-11-23 06:31 UTC`."""
    day, _, clock = text.partition("T")
    return f"{day} {clock[:5]}{' UTC' if clock.endswith(('+00:00', 'Z')) else ''}".strip()


def doi_link(reference: str) -> str | None:
    """Address of a DOI, or None if the reference is none."""
    doi = reference.strip().removeprefix("https://doi.org/").removeprefix("doi:").strip()
    return f"https://doi.org/{doi}" if doi.startswith("10.") and " " not in doi else None
