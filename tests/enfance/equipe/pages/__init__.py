"""The sheet as its pages show it and as its forms are answered."""
