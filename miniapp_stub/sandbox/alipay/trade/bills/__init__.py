"""Bills of a day: rows from the sandbox's own truth, discrepancies on request, archives to the byte."""
