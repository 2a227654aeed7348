"""Read tables from Parquet files, a batch of rows at a time."""

from pathlib import Path

import numpy as np

from ._columns import Columns, Request, choose_columns
from ._files import Gatherer, is_missing_label, label_array
from ._long import LongTable


def read_parquet(path: Path, request: Request) -> tuple[np.ndarray | list[np.ndarray], np.ndarray | None]:
    """Return the series and labels of a Parquet file, wide or long as a CSV file is."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise ImportError("Reading Parquet needs pyarrow: pip install stac-series-files[parquet]") from None
    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise ValueError(f"{path} is not a complete Parquet file: {str(error).splitlines()[0]}") from None
    with file:
        schema = file.schema_arrow
        try:
            columns = choose_columns(schema.names, request)
            _check_numbers(schema, columns)
            if not file.metadata.num_rows:
                raise ValueError("there are no rows.")
            return _read_long(file, columns) if columns.long else _read_wide(file, columns)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from None


def _check_numbers(schema, columns: Columns) -> None:
    import pyarrow.types as types

    for place in columns.values:
        field = schema.field(place)
        if not (types.is_floating(field.type) or types.is_integer(field.type) or types.is_boolean(field.type)):
            hint = "" if columns.label is not None else f" If it is the label, say label_column={field.name!r}."
            raise ValueError(f"column {field.name!r} holds {field.type}, not numbers.{hint}")


def _read_wide(file, columns: Columns):
    gatherer, labels, seen = Gatherer(), [], 0
    for batch in file.iter_batches(batch_size=1024):
        gatherer.add(_numbers(batch, columns, seen), [(1, len(columns.values))] * batch.num_rows)
        if columns.label is not None:
            labels += _texts(batch, columns, columns.label, seen)
        seen += batch.num_rows
    return gatherer.series(), label_array(labels) if columns.label is not None else None


def _read_long(file, columns: Columns):
    table = LongTable([columns.names[place] for place in columns.values], columns.label is not None)
    seen = 0
    for batch in file.iter_batches(batch_size=1 << 16):
        rows = list(range(seen + 1, seen + 1 + batch.num_rows))
        labels = _texts(batch, columns, columns.label, seen) if columns.label is not None else None
        times = [time.encode() for time in _texts(batch, columns, columns.time, seen)]
        table.add(_texts(batch, columns, columns.id, seen), times, _numbers(batch, columns, seen), labels, rows)
        seen += batch.num_rows
    return table.series()


def _numbers(batch, columns: Columns, seen: int) -> np.ndarray:
    values = np.empty((batch.num_rows, len(columns.values)), np.float32)
    with np.errstate(over="ignore"):
        for place, column in enumerate(columns.values):
            values[:, place] = batch.column(column).to_numpy(zero_copy_only=False).astype(np.float32)
    if np.isinf(values).any():
        row, place = np.unravel_index(np.isinf(values).argmax(), values.shape)
        name = columns.names[columns.values[place]]
        raise ValueError(f"row {seen + row + 1}, column {name!r} is infinite as float32. Correct or empty it.")
    return values


def _texts(batch, columns: Columns, column: int, seen: int) -> list[str]:
    texts = ["" if value is None else str(value) for value in batch.column(column).to_pylist()]
    for row, text in enumerate(texts, start=seen + 1):
        if is_missing_label(text):
            raise ValueError(f"row {row}, column {columns.names[column]!r} is empty. Fill it in, or remove the row.")
    return texts
