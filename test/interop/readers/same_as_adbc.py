"""Holds our stream (FILE) against what the ADBC driver gives for QUERY; prints one line for each column that differs."""

import sys

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa

url, query, file = sys.argv[1:]
ours = pa.ipc.open_stream(file).read_all()
with adbc.connect(url) as connection, connection.cursor() as cursor:
    cursor.execute(query)
    theirs = cursor.fetch_arrow_table()

if ours.num_rows != theirs.num_rows:
    print(f"{ours.num_rows} rows, theirs {theirs.num_rows}")
for index, name in enumerate(ours.column_names):
    mine, other = ours.column(index), theirs.column(index)
    if mine.type != other.type and isinstance(mine.type, pa.BaseExtensionType):
        mine = pa.chunked_array([chunk.storage for chunk in mine.chunks])
    if mine.type != other.type and isinstance(other.type, pa.BaseExtensionType):
        other = pa.chunked_array([chunk.storage for chunk in other.chunks])
    if mine.type != other.type:
        print(f"{name}: {mine.type}, theirs {other.type}")
    elif mine.combine_chunks() != other.combine_chunks():
        print(f"{name}: other values")
