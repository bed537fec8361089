"""The tests mirror the code. What two files share is in a module without `test_`, as near to them as may be."""
