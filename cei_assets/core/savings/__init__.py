"""From flagged hours to energy that counts: attribution, annual figure, verified savings.

Arrow in, Arrow out; prices are applied later, in SQL.
"""
