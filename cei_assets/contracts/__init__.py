"""Floor 0: what the words, columns, tables and rules mean, declared once.

Imports nothing of ours; holds no I/O and no logic beyond rendering a declaration to other forms.
"""
