"""Reading uploaded documents: plain Python without Django.

A PDF is opened only in a process of its own with limits on time and memory (``sandbox`` starts
``__main__``), because a hostile file may crash or exhaust whoever parses it. ``comparing`` finds
typed fields in the text, ``likeness`` compares what pages look like.
"""
