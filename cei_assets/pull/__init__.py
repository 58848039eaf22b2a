"""Floor 2: taking data from servers of others: discovery, tokens, pages, pull runs.

Nothing is judged here: what arrives whole is handed to a landing folder as it was sent.
"""
