"""Decimal text <-> integer centavos. Floats never touch an amount."""


def centavos(text: str) -> int:
    """Centavos of plain decimal text in pesos with at most two decimals: "10.5" is 1050."""
    pesos, _, decimals = text.partition(".")
    return int(pesos) * 100 + int(decimals.ljust(2, "0"))


def pesos(amount: int) -> str:
    """Plain decimal text, in pesos, of an amount in centavos: 1050 is "10.50"."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100}.{abs(amount) % 100:02d}"
