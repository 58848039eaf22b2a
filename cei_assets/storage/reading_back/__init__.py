"""Reading back what is accepted: published marts, and files on their way to them.

The gateway reads through here; nothing of it writes.
"""
