"""Reports by mail: the message, and the mail server.

Here: what goes out by SMTP. Not here: mails that Alma sends (alma).
"""
