"""Reference objects of CDS customer data: accounts to certificates, read into tables.

One object at a time; which version of an object holds is decided elsewhere.
"""
