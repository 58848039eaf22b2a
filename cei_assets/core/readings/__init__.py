"""Reading back: windows of whole intervals, the value that held at a moment, and answers from both.

DuckDB only on a connection that the caller gives; which views it must have says `held`.
"""
