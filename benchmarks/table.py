"""Rates with their ratio to the first one."""


def show(unit: str, rates: dict[str, float]) -> None:
    first = next(iter(rates.values()))
    width = max(map(len, rates))
    for name, rate in rates.items():
        print(f"{name:<{width}}  {rate:>12,.0f} {unit}  {rate / first:>6.2f}")
