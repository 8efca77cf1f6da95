"""Lists kept in a spreadsheet, a notepad or a mail while nothing else worked.

Here: reading them, telling what each column or line is, making lines of OffCirc.dat of them.
Not here: what becomes of those lines; they are checked and uploaded like any other.
"""
