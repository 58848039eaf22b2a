"""Turns a matplotlib figure into SVG that can stand inside an HTML page."""

import io
import re
from contextlib import AbstractContextManager
from html import escape
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

_STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "cei",
    "font.family": "sans-serif",
    "font.size": 8,
    "axes.edgecolor": "#8a94a0",
    "axes.labelcolor": "#3a4652",
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 8.5,
    "axes.titleweight": "bold",
    "axes.titlecolor": "#1d2730",
    "xtick.color": "#5b6773",
    "ytick.color": "#5b6773",
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "grid.color": "#e3e7eb",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
}


def styled(style: dict[str, Any] | None = None) -> AbstractContextManager[None]:
    """The context in which figures are drawn and written, so that all look alike."""
    # matplotlib types the keys as a list of literals, which no dictionary built here can be.
    settings: Any = _STYLE | (style or {})
    return mpl.rc_context(settings)


def inline_svg(figure: Figure, *, name: str, alt: str) -> str:
    """The figure as one `<svg>` element with a text for those who do not see it.

    `name` is unique on the page: identifiers inside the drawing are prefixed with it. The text is
    the same for the same figure, holds no time and asks for nothing from outside.
    """
    buffer = io.StringIO()
    FigureCanvasSVG(figure).print_svg(buffer, metadata={"Date": None, "Creator": None})
    drawing = buffer.getvalue()
    drawing = drawing[drawing.index("<svg") :]
    drawing = re.sub(r"<metadata>.*?</metadata>", "", drawing, flags=re.DOTALL)
    drawing = re.sub(r'\b(id="|url\(#|href="#)', rf"\g<1>{name}-", drawing)
    drawing = drawing.replace("xlink:href", "href")
    box = re.search(r'viewBox="([^"]+)"', drawing)
    if box is None:
        raise ValueError("matplotlib wrote an SVG without a viewBox")
    body = drawing[drawing.index(">") + 1 :]
    return (
        f'<svg viewBox="{box[1]}" role="img" aria-label="{escape(alt, quote=True)}">'
        f"<title>{escape(alt)}</title>{body}"
    )
