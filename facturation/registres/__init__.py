"""What money says of its own tables: what a person is told of them, what an erasure, a merge, time do to them, what the
page of personal data promises.

A table or a column that is forgotten makes a test fail.
"""
