"""The installer, the upgrade and the holder of the address, in folders and processes of their own."""
