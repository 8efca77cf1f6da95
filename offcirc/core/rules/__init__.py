"""The rules of lending: loan lengths, calendar, due dates, renewals, suspensions.

Here: pure rules, the moment handed in, each with its source. Not here: the practice library's
data, its policy file or its answers (practice).
"""
