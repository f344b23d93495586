"""Reads every NAME.arrows of a folder with pyarrow, hands it through DuckDB if asked to, and writes NAME.json beside it."""

import decimal
import json
import sys
from pathlib import Path

import pyarrow as pa

DIGITS = decimal.Context(prec=100)
FLOATS = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def logical(array):
    """The values of an array, as `test/core/columnar/logical.ts` says."""
    return [value if valid else None for value, valid in zip(present(array), array.is_valid().to_pylist())]


def present(array):
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        return present(array.storage)
    if pa.types.is_dictionary(kind):
        return present(array.dictionary_decode())
    if pa.types.is_list(kind):
        items = logical(array.values)
        offsets = array.offsets.to_pylist()
        return [items[start:end] for start, end in zip(offsets, offsets[1:])]
    if pa.types.is_struct(kind):
        fields = [logical(array.field(index)) for index in range(kind.num_fields)]
        return [[field[row] for field in fields] for row in range(len(array))]
    if pa.types.is_date32(kind):
        array = array.view(pa.int32())
    if pa.types.is_time64(kind) or pa.types.is_timestamp(kind):
        array = array.view(pa.int64())
    return [None if value is None else leaf(kind, value) for value in array.to_pylist()]


def leaf(kind, value):
    if pa.types.is_boolean(kind) or pa.types.is_string(kind):
        return value
    if pa.types.is_floating(kind):
        return FLOATS.get(repr(value), repr(value))
    if pa.types.is_decimal(kind):
        return str(int(value.scaleb(kind.scale, DIGITS)))
    if pa.types.is_interval(kind):
        return [str(value.months), str(value.days), str(value.nanoseconds)]
    return value.hex() if isinstance(value, bytes) else str(value)


def batches(path, through):
    with pa.ipc.open_stream(path) as reader:
        table = reader.read_all()
    table.validate(full=True)
    if through == "duckdb":
        import duckdb

        table = duckdb.from_arrow(table).to_arrow_table()
    return table.to_batches()


def rows(path, through):
    result = []
    for batch in batches(path, through):
        columns = [logical(column) for column in batch.columns]
        result += [[column[row] for column in columns] for row in range(batch.num_rows)]
    return result


through, directory = sys.argv[1:]
for file in sorted(Path(directory).glob("*.arrows")):
    file.with_suffix(".json").write_text(json.dumps(rows(str(file), through)))
