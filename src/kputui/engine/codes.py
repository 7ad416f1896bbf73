"""The problem codes of data: what each one means, in one line. Documentation is made from this table."""

from __future__ import annotations

from types import MappingProxyType

CODES = MappingProxyType(
    {
        "D01": "a data path is not allowed: outside the workspace, a URL, or a name that cannot be a file's",
        "D02": "no file is found at a source's path",
        "D03": "a source's path is not a regular file: a folder, a pipe, a device, a loop of links",
        "D04": "a data file may not be read: permission denied, or the disk says no",
        "D05": "a file's content is not what its name says, or its kind is not supported",
        "D06": "a data file is damaged or incomplete",
        "D07": "a data file is too large: more rows or bytes than the engine reads",
        "D08": "a data file keeps changing while it is read",
        "D09": "a data file has no rows",
        "D10": "a CSV file is not UTF-8 text",
        "D11": "a CSV file's rows do not fit its header",
        "D12": "a column is not found in the data",
        "D13": "a column's name appears twice in the header",
        "D14": "a number column has cells that are not numbers",
        "D15": "a time column cannot be read as dates or time stamps",
        "D16": "a column's type cannot be used",
        "D17": "the files of one source do not have the same columns",
        "D18": "a metric is made of others in a way that is not computed, such as accumulating twice",
        "D19": "a metric is not known, or is an input of itself",
        "D20": "an aggregation does not fit what it is given",
        "D21": "a time zone is not known",
        "D22": "the data engine failed on the data",
        "D23": "values or rows of the data were left out, and why",
        "D25": "a data test failed: a column that was promised to be full has empty cells",
        "D26": "a data test failed: rows share a value, or a primary key, that was promised to be unique",
        "D27": "a data test failed: a column has values that are not among those accepted",
        "D28": "a data test failed: numbers lie outside the range promised",
        "D29": "a source is not fresh: its newest row is older than was promised",
        "D30": "a column does not hold what its source declares",
        "D31": "a join would count rows twice: the other source has several rows of one key",
        "D32": "a source takes a library that is not installed: an extra of kputui",
        "D33": "a remote source is not reached: the network, the place, or credentials",
        "D34": "a join finds nothing: no row's key is a key of the other source",
    }
)

DATA_TESTS = frozenset({"D25", "D26", "D27", "D28"})
"""What the tests of a source's rows find."""
