"""What can be found out about lines before they are sent: codes, how grave, what to do.

Here: judgements of lines, alone or together, as codes and values. Not here: words for people, or
what people decide about them (upload).
"""
