"""The ratios as a small SVG: no plotting library for ten bars."""

from typing import Any
from xml.sax.saxutils import escape

KEYS = {"cold": ("cold: start to first answer", "#b45309"), "warm": ("warm: each later call", "#1d4ed8"),
        "peak": ("peak memory", "#4d7c0f")}  # fmt: skip
LEFT, BAR, GAP, SCALE = 200, 16, 14, 150  # pixels; SCALE of them for a ratio of 1


def svg(figures: dict[str, Any]) -> str:
    """Bars for the payment function in all choices."""
    rows = [each for each in figures["ratios"] if each["service"] == "payment"]
    widest = max(each["ratios"][key] for each in rows for key in KEYS)
    width, top = LEFT + int(widest * SCALE) + 60, 60
    parts, y = [], top
    for each in rows:
        middle = y + len(KEYS) * BAR / 2 + 4
        title = escape(figures["titles"][each["choice"]])
        parts.append(f'<text x="{LEFT - 8}" y="{middle}" text-anchor="end">{title}</text>')
        for key, (_, colour) in KEYS.items():
            ratio = each["ratios"][key]
            parts.append(f'<rect x="{LEFT}" y="{y}" width="{ratio * SCALE:.0f}" height="{BAR - 2}" fill="{colour}"/>')
            parts.append(f'<text x="{LEFT + ratio * SCALE + 5:.0f}" y="{y + 11}" font-size="11">{ratio:.2f}</text>')
            y += BAR
        y += GAP
    legend = "".join(
        f'<rect x="{LEFT + 190 * place}" y="32" width="10" height="10" fill="{colour}"/>'
        f'<text x="{LEFT + 190 * place + 15}" y="41" font-size="11">{escape(title)}</text>'
        for place, (title, colour) in enumerate(KEYS.values())
    )
    one = f'<path d="M{LEFT + SCALE} {top - 8}V{y}" stroke="#6b7280" stroke-dasharray="3 3"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{max(width, LEFT + 560)}" height="{y}" '
        'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>'
        '<text x="8" y="20" font-size="14">WS pago: CPU and memory, as ratios to a bare boto3 handler</text>'
        f"{legend}{one}{''.join(parts)}</svg>\n"
    )
