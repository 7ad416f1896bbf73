"""The problem codes of workspace reading: code -> its meaning in one line."""

from __future__ import annotations

from types import MappingProxyType

CODES = MappingProxyType(
    {
        "C01": "The workspace folder is missing, or is not a folder.",
        "C02": "The workspace has no goals.",
        "C03": "A file of the workspace cannot be read: vanished, no permission, or not a regular file.",
        "C04": "The workspace's files are too large or too many.",
        "C05": "A file of the workspace is not UTF-8.",
        "C06": "A file of the workspace is not valid TOML.",
        "C07": "Brackets or dotted keys are nested deeper than any workspace needs.",
        "C08": "A number has more digits than can be read.",
        "C09": "A name or key is defined twice.",
        "C10": "A table or key is unknown.",
        "C11": "A value has the wrong type.",
        "C12": "A word is not one of those allowed.",
        "C13": "A required key is missing.",
        "C14": "A name is not a valid id.",
        "C15": "A number is not finite.",
        "C16": "A number or date is outside its range.",
        "C17": "Dates are in the wrong order.",
        "C18": "A duration, lag or window cannot be understood.",
        "C19": "A time zone is unknown.",
        "C20": "A reference names something that is not defined.",
        "C21": "Goals or metrics refer to each other in a circle.",
        "C22": "A reference names a metric of another kind.",
        "C23": "A data path leads outside the workspace.",
        "C24": "A data path names a remote place.",
        "C25": "A data path has parts that are not expanded or not allowed.",
        "C26": "Keys of one table do not fit together.",
        "C27": "A text is empty, too long, or has characters that are not allowed.",
        "C28": "There are more problems than are listed.",
        "C29": "A key has no effect here.",
        "C30": "A table of periods cannot be used: it is not CSV, a column is missing, or a cell is not a day.",
        "C31": "Periods of a table are doubled, overlap, end before they start, or are too long.",
        "C32": "A grain by a table of periods has the name of a standard one, or stands where only these can.",
    }
)
