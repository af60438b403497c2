"""The claims of a question, its answers and comments, each with a verdict that is computed.

`seed_1`, `seed_2` and `seed_3` hold the claims as data; `checks` works out what is true of
them, `claim` combines that to a verdict, and `page` lays the entries out as a document.
"""
