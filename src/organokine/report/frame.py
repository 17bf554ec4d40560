"""The frame of every page: head, contents, sections, script and style inlined, nothing asked of the outside."""

from __future__ import annotations

import base64
import hashlib

from markupsafe import Markup

from organokine.report.templates import asset, fill


def framed(template: str, **values: object) -> Markup:
    """Fill a template that extends `frame.html.jinja`.

    Parameters
    ----------
    template : str
        File name in `assets`.
    **values
        `title`, `version`, `sections` (pairs of a card with `name`, `title`, `description` and its HTML), and what the
        template names itself.

    Returns
    -------
    markupsafe.Markup
        A whole page without outside requests.
    """
    from plotly.offline import get_plotlyjs

    scripts = [get_plotlyjs().replace("\r\n", "\n"), asset("page.js")]
    return fill(
        template,
        style=Markup(asset("style.css")),
        scripts=[Markup(script) for script in scripts],
        hashes=[_script_hash(script) for script in scripts],
        **values,
    )


def _script_hash(script: str) -> str:
    """Hash by which the page's policy allows a script: any other one, however it came in, does not run."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"
