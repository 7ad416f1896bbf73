"""The problem codes of the program's own files: code -> its meaning in one line."""

from __future__ import annotations

from types import MappingProxyType

CODES = MappingProxyType(
    {
        "S01": "The snapshot of accountability cannot be read; nobody is shown as accountable.",
        "S02": "The snapshot of accountability is damaged, and no journal is there to rebuild it from.",
        "S03": "An entry of the snapshot is not understood and left out.",
        "S04": "The snapshot names a metric that is not defined.",
        "S05": "The snapshot names a team that is not defined.",
        "S06": "The snapshot names a person who is not in the team.",
        "S07": "The snapshot decides a link that is not declared.",
        "S08": "The journal cannot be read; nothing can be changed until it can.",
        "S09": "A line of the journal is not understood; nothing can be changed until it is repaired.",
        "S10": "A line of the journal does not follow from the line before it: history was edited.",
        "S11": "The journal ended in half a line that was never acknowledged; it is set aside.",
        "S12": "The snapshot is older than the journal; the next save writes it anew.",
        "S13": "The snapshot was edited by hand; the edit is offered as an import.",
        "S14": "The snapshot was missing, empty or damaged; it is rebuilt from the journal.",
        "S15": "The snapshot holds merge marks; it is rebuilt from the journal, the old one kept aside.",
        "S16": "The snapshot does not belong to this journal; what differs is offered as an import.",
        "S17": "The state folder cannot be written; everything can be seen and nothing changed.",
        "S18": "A change could not be written (disk full, quota, device); the files are as they were.",
        "S19": "A link, a pipe or another special file stands in place of one of the program's own files.",
        "S20": "The state folder is or lies in a folder that everybody may write.",
        "S21": "The state folder is locked by somebody who is still saving.",
        "S22": "Somebody else changed the same cell first.",
        "S23": "A change is too long for one line of the journal.",
        "S24": "There is no such change to undo, or no such edit to import.",
        "S25": "The state folder is on a network mount; leads on several hosts at once are not kept apart for certain.",
    }
)
