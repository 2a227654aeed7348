"""Prints tables for people to read in a terminal."""

from collections.abc import Iterable, Sequence
from typing import Any

__all__ = ["print_table"]


def print_table(headings: Sequence[str], rows: Iterable[Sequence[Any]], *, caption: str | None = None) -> None:
    """Print a table; what the first column says stays on one line.

    Parameters
    ----------
    headings : sequence of str
        One for each column.
    rows : iterable of sequence
        Cells of a row, in the order of the headings; anything that has a text.
    caption : str, optional
        A line below the table.

    Raises
    ------
    ValueError
        If a row has another number of cells than there are headings.

    Examples
    --------
    >>> print_table(["model", "accuracy"], [["MiniROCKET", 0.959], ["nearest neighbour", 0.591]])
    ┏━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━┓
    ┃ model             ┃ accuracy ┃
    ┡━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━┩
    │ MiniROCKET        │ 0.959    │
    │ nearest neighbour │ 0.591    │
    └───────────────────┴──────────┘
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(caption=caption)
    for place, heading in enumerate(headings):
        table.add_column(Text(heading), no_wrap=place == 0, overflow="fold")
    for row in rows:
        if len(row) != len(headings):
            raise ValueError(f"A row has {len(row)} cells, but there are {len(headings)} headings: {list(row)}")
        # Text: brackets in it mean nothing.
        table.add_row(*(Text(str(cell)) for cell in row))
    Console().print(table)
