"""What a list was understood to say, in words for a referent."""

from __future__ import annotations

from offcirc import words
from offcirc.core.transaction import Problem
from offcirc.i18n import N_, _
from offcirc.upload.alma.almacells import UnreadableContainerError
from offcirc.upload.lists.reading import LINES, OLD_EXCEL, ColumnUse
from offcirc.upload.lists.understanding import ListLine, ListProblem, ListQuestion

_SENTENCES = {
    ListProblem.ROUNDED: N_(
        "“{text}” is a number that a spreadsheet has rounded; its last digits are lost. Read the "
        "barcode again from the item or the card, in a column set to Text."
    ),
    ListProblem.TOO_MANY_DIGITS: N_(
        "“{text}” has more than 15 digits and was kept as a number: a spreadsheet has put zeros in "
        "place of the last ones. Read the barcode again, in a column set to Text."
    ),
    ListProblem.LOST_ZEROS: N_(
        "“{text}” has perhaps lost the zeros at its head in a spreadsheet: is it {detail}? Write "
        "it as it stands on the barcode, in a column set to Text."
    ),
    ListProblem.SWAPPED: N_(
        "“{text}” is a reader’s card in the column of the items, and the other way round: swap the "
        "two cells."
    ),
    ListProblem.CARD_AS_ITEM: N_("“{text}” is a reader’s card, not an item."),
    ListProblem.NO_ITEM: N_("No item stands in this row."),
    ListProblem.NO_PATRON: N_("Nothing tells to whom “{text}” was lent."),
    ListProblem.BAD_MOMENT: N_("“{text}” is no day or time that can be read."),
    ListProblem.NO_MOMENT: N_("Nothing tells when this was."),
    ListProblem.IN_FUTURE: N_("“{text}” is later than now: correct the day or the time."),
    ListProblem.UNKNOWN_OPERATION: N_("“{text}” is neither a loan nor a return."),
    ListProblem.NOT_UNDERSTOOD: N_("“{text}” is no barcode, no day and no heading known here."),
}
_QUESTIONS = {
    ListQuestion.DAY: N_("The list does not say on which day it was."),
    ListQuestion.TIME: N_("The list does not say at what time it was."),
    ListQuestion.OPERATION: N_("The list does not say whether these are loans or returns."),
    ListQuestion.COLUMNS: N_(
        "Nothing tells which column holds the items. Write “item” and “reader” at the head of the "
        "columns, or say what they are."
    ),
}


def problem(line: ListLine) -> str:
    """Why a row is not taken, and what to do."""
    if line.problem is None:
        return ""
    if line.problem is ListProblem.NOT_RECORDABLE:
        return words.problem(Problem(line.detail))
    return _(_SENTENCES[line.problem]).format(text=line.text, detail=line.detail)


def question(asked: ListQuestion) -> str:
    """What the list leaves open."""
    return _(_QUESTIONS[asked])


def use(of: ColumnUse) -> str:
    """What a column holds, in a word or two."""
    return {
        ColumnUse.ITEM: _("Item"),
        ColumnUse.PATRON: _("Borrower"),
        ColumnUse.WHEN: _("Day, time"),
        ColumnUse.OPERATION: _("Operation"),
        ColumnUse.NOTHING: _("Not taken"),
    }[of]


def empty() -> str:
    """What is said of lists without a row."""
    return _("There is nothing in these lists.")


def unreadable(error: UnreadableContainerError) -> str:
    """Why a file is no list that can be read, and what to do."""
    if str(error) == LINES:
        return _("This is an OffCirc.dat already: check and upload it as it is.")
    if str(error) == OLD_EXCEL:
        return _(
            "This is a workbook of an old Excel (.xls). Open it there and save it as .xlsx or "
            "CSV; columns of barcodes set to Text."
        )
    return _("This file is damaged, or no list: a CSV, a text or an .xlsx is needed.")
