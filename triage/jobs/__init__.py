"""What runs on its own: rounds of polling and reading."""
