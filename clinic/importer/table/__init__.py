"""Patient lists in CSV, TSV and Excel.

`rows` turns a file into rows, `guess` says which column holds what or fits a saved `Mapping` (put
right by staff) to the file, and `reader` turns the rows into entries by it.
"""
