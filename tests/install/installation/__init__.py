"""The installer's steps, on a machine that is only said to be one."""
