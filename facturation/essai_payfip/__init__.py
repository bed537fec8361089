"""A PayFiP of our own on the loopback, for the demonstration and the tests: it takes no money and remembers nothing."""
